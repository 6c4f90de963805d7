"""Codecs of two bytes a character: Python's, with what Windows and browsers add to them."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, cached_property

MULTIBYTE = ("gbk", "cp949", "cp932", "cp950", "euc_jp")
"""Names of the codecs of several bytes a character, most usual first."""

ALIASES = {
    "gb2312": "gbk",
    "gb18030": "gbk",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "cp950",
}
"""Codecs to the one of `MULTIBYTE` that holds them, as browsers and Windows take them."""

MARKERS = dict.fromkeys(MULTIBYTE, "?") | {"cp932": "・"}
"""What Windows puts in place of two bytes that mean nothing together, by codec."""

# Bytes that Windows takes for the first of two, whether or not the two mean anything.
_LEADS = {
    "gbk": range(0x81, 0xFF),
    "cp949": range(0x81, 0xFF),
    "cp932": (*range(0x81, 0xA0), *range(0xE0, 0xFD)),
    "cp950": range(0x81, 0xFF),
    "euc_jp": (0x8E, *range(0xA1, 0xFF)),
}

_LOW = (*range(0x40, 0x7F), *range(0x80, 0xA1))
_HIGH = range(0xA1, 0xFF)
_BIG5 = (*range(0x40, 0x7F), *_HIGH)

# Rows of end-user-defined characters, which Windows and browsers map to private use, in order from
# U+E000 on: first and last lead, and trails. Python knows them in cp932 only.
_PRIVATE: dict[str, tuple[tuple[int, int, tuple[int, ...] | range], ...]] = {
    "gbk": ((0xAA, 0xAF, _HIGH), (0xF8, 0xFE, _HIGH), (0xA1, 0xA7, _LOW)),
    "cp949": ((0xC9, 0xC9, _HIGH), (0xFE, 0xFE, _HIGH)),
    "cp950": (
        (0xFA, 0xFE, _BIG5),
        (0x8E, 0xA0, _BIG5),
        (0x81, 0x8D, _BIG5),
        (0xC6, 0xC6, _HIGH),
        (0xC7, 0xC8, _BIG5),
    ),
}

# Single bytes that Windows reads and Python's codecs do not.
_SINGLES = {
    "gbk": {0x80: "€", 0xFF: "\uf8f5"},
    "cp949": {0x80: "\x80", 0xFF: "\uf8f7"},
    "cp950": {0x80: "\x80", 0xFF: "\uf8f8"},
}


# Bytes that may be the second of two, and a sign for two that mean nothing.
TRAILS, NOTHING = range(0x40, 0x100), "\0"

# What Python reads in two bytes that mean nothing together, or only one by one.
_MEANINGLESS = re.compile("[^\n]{2,}|\ufffd")

# What Windows reads and Python does not, in any codec.
_ADDED = re.compile("[\ue000-\uf8ff€\x80]")

# In EUC-JP begins three bytes, which are no matter of this module, and is in no pair.
_THREE = b"\x8f"


class Table:
    """What bytes mean in a codec of `MULTIBYTE`.

    Attributes:
        rows: a byte that begins a pair, to what it means with each of `TRAILS`, or `NOTHING`.
        singles: a byte of 80 to FF that begins none, to its character.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.rows = _rows(name)
        read = ((byte, bytes([byte]).decode(name, "replace")) for byte in range(0x80, 0x100))
        self.singles = {byte: single for byte, single in read if single != "\ufffd"}
        self.singles |= _SINGLES.get(name, {})

    @cached_property
    def characters(self) -> dict[bytes, str]:
        """One byte of 80 to FF, or two bytes, to their character."""
        characters: dict[bytes, str] = {}
        for lead, row in self.rows.items():
            characters |= zip(_lines(lead).split(b"\n"), row, strict=False)
        characters = {pair: image for pair, image in characters.items() if image != NOTHING}
        return characters | {bytes([byte]): image for byte, image in self.singles.items()}

    @cached_property
    def encoded(self) -> dict[str, bytes]:
        """A character to its bytes; to those that Python chooses if there are several."""
        encoded = {character: code for code, character in self.characters.items()}
        if len(encoded) < len(self.characters):
            counts = Counter(self.characters.values())
            several = "".join(character for character, n in counts.items() if n > 1)
            chosen = several.encode(self._name, "ignore").decode(self._name)
            encoded |= {character: character.encode(self._name) for character in chosen}
        return encoded


def _lines(lead: int) -> bytes:
    """Return all pairs that begin with a byte, those that mean nothing too, a line each."""
    lines = bytearray(b"\n" * (3 * len(TRAILS)))
    lines[0::3] = bytes([lead]) * len(TRAILS)
    lines[1::3] = bytes(TRAILS)
    return bytes(lines)


def _rows(name: str) -> dict[int, str]:
    """Return the rows of a codec."""
    rows = {}
    for lead in _LEADS[name]:
        # No codec reads a line end as the second byte, so each pair stays by itself.
        read = _lines(lead).decode(name, "replace")
        rows[lead] = list(_MEANINGLESS.sub(NOTHING, read)[::2])
    private = 0xE000
    for first, last, trails in _PRIVATE.get(name, ()):
        for lead in range(first, last + 1):
            row = rows[lead]
            for trail in trails:
                if row[trail - TRAILS[0]] == NOTHING:
                    row[trail - TRAILS[0]] = chr(private)
                private += 1
    return {lead: "".join(row) for lead, row in rows.items()}


@cache
def table(name: str) -> Table:
    """Return the table of a codec of `MULTIBYTE`."""
    return Table(name)


def encode(name: str, text: str) -> bytes:
    """Return the bytes of a text in a codec of `MULTIBYTE`.

    Raises:
        UnicodeEncodeError: the codec lacks a character.
    """
    if not _ADDED.search(text):
        data = text.encode(name)
        # Some characters Python only writes, or writes in three bytes.
        if data.decode(name) == text and not (name == "euc_jp" and _THREE in data):
            return data
    encoded = table(name).encoded
    try:
        return b"".join(
            [
                encoded[character] if character >= "\x80" else character.encode()
                for character in text
            ]
        )
    except KeyError as error:
        at = text.index(error.args[0])
        raise UnicodeEncodeError(name, text, at, at + 1, "no such character") from None


def decode(name: str, data: bytes, undefined: tuple[str, bool] | None) -> str:
    """Return what a codec of `MULTIBYTE` reads in bytes.

    Args:
        name: the codec.
        data: the bytes.
        undefined: what stands for two bytes, or one that leads none, that mean nothing together;
            and whether the second one belongs to them even if it is ASCII. There must be none if
            None.

    Raises:
        UnicodeDecodeError: bytes mean nothing, and `undefined` is None.
    """
    try:
        if name != "euc_jp" or _THREE not in data:
            return data.decode(name)
    except UnicodeDecodeError:
        pass
    rows, singles = table(name).rows, table(name).singles
    pieces: list[str] = []
    at = 0
    while at < len(data):
        byte = data[at]
        if byte < 0x80:
            pieces.append(chr(byte))
            at += 1
            continue
        if byte in rows:
            code = data[at : at + 2]
            is_pair = code[-1] in TRAILS and len(code) == 2
            image = rows[byte][code[1] - TRAILS[0]] if is_pair else NOTHING
        else:
            code = data[at : at + 1]
            image = singles.get(byte, NOTHING)
        if image == NOTHING:
            if undefined is None:
                raise UnicodeDecodeError(name, data, at, at + len(code), "they mean nothing")
            image, takes_ascii = undefined
            if code[-1] < 0x80 and not takes_ascii:
                code = code[:1]
        pieces.append(image)
        at += len(code)
    return "".join(pieces)
