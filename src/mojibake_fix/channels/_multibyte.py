"""Codecs of two bytes a character: Python's, with what Windows and browsers add to them."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import NamedTuple

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


class Table(NamedTuple):
    """What bytes mean in a codec.

    Attributes:
        rows: a byte that begins a pair, to what it means with each of `TRAILS`, or `NOTHING`.
        characters: one byte of 80 to FF, or two bytes, to their character.
        leads: the bytes that begin a pair.
        encoded: a character to its bytes; to those that Python chooses if there are several.
    """

    rows: dict[int, str]
    characters: dict[bytes, str]
    leads: frozenset[int]
    encoded: dict[str, bytes]


def _rows(name: str, pairs: list[bytes]) -> dict[int, str]:
    """Return the rows of a codec, of which these are all pairs, in order."""
    # No codec reads a line end as the second byte, so each pair stays by itself.
    read = b"\n".join(pairs).decode(name, "replace").split("\n")
    cells = [c if len(c) == 1 and c != "\ufffd" else NOTHING for c in read]
    rows = {
        lead: cells[i * len(TRAILS) : (i + 1) * len(TRAILS)] for i, lead in enumerate(_LEADS[name])
    }
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
    leads, trails = ([bytes((byte,)) for byte in each] for each in (_LEADS[name], TRAILS))
    pairs = [lead + trail for lead in leads for trail in trails]
    rows = _rows(name, pairs)
    read = zip(pairs, "".join(rows.values()), strict=True)
    characters = {pair: character for pair, character in read if character != NOTHING}
    for byte in range(0x80, 0x100):
        single = bytes([byte]).decode(name, "replace")
        if single != "\ufffd":
            characters[bytes([byte])] = single
    characters |= {bytes([byte]): image for byte, image in _SINGLES.get(name, {}).items()}
    encoded = {character: code for code, character in characters.items()}
    if len(encoded) < len(characters):
        several = [character for character, n in Counter(characters.values()).items() if n > 1]
        chosen = "".join(several).encode(name, "ignore").decode(name)
        encoded |= {character: character.encode(name) for character in chosen}
    return Table(rows, characters, frozenset(_LEADS[name]), encoded)


def encode(name: str, text: str) -> bytes:
    """Return the bytes of a text in a codec of `MULTIBYTE`.

    Raises:
        UnicodeEncodeError: the codec lacks a character.
    """
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
    _, characters, leads, _ = table(name)
    pieces: list[str] = []
    at = 0
    while at < len(data):
        byte = data[at]
        if byte < 0x80:
            pieces.append(chr(byte))
            at += 1
            continue
        code = data[at : at + 2] if byte in leads else data[at : at + 1]
        image = characters.get(code)
        if image is None:
            if undefined is None:
                raise UnicodeDecodeError(name, data, at, at + len(code), "they mean nothing")
            image, takes_ascii = undefined
            if code[-1] < 0x80 and not takes_ascii:
                code = code[:1]
        pieces.append(image)
        at += len(code)
    return "".join(pieces)
