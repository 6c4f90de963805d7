"""Where does a text first look as if it were damaged?"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .escape import characters
from .tables import BYTE_OF, is_odd


def sequence_length(byte: int) -> int:
    """Return how many bytes a lead byte announces, 0 if it is none; C0 is Java's lead of NUL."""
    if byte == 0xC0 or 0xC2 <= byte <= 0xDF:
        return 2
    if 0xE0 <= byte <= 0xEF:
        return 3
    return 4 if 0xF0 <= byte <= 0xF4 else 0


def is_continuation(byte: int) -> bool:
    """Tell whether a byte continues a sequence."""
    return 0x80 <= byte <= 0xBF


def announced(character: str, decoder: int) -> int:
    """Return how many bytes the byte that a character stands for announces, as a lead."""
    return sequence_length(BYTE_OF[decoder].get(character, 0))


def continues(character: str, decoder: int) -> bool:
    """Tell whether a character stands for a continuation byte."""
    return is_continuation(BYTE_OF[decoder].get(character, 0))


def begins(text: str, i: int, decoders: Iterable[int]) -> bool:
    """Tell whether a lead and a continuation of one of these decoders stand at `i`."""
    return any(announced(text[i], d) and continues(text[i + 1], d) for d in decoders)


def lead_before(text: str, i: int, back: int) -> bool:
    """Tell whether the pair at `i` continues a sequence that begins `back` places before it."""
    return i >= back and any(
        announced(text[i - back], d) >= back + 2
        and all(continues(character, d) for character in text[i - back + 1 : i + 2])
        for d in range(len(BYTE_OF))
    )


def suspect_of_pair(text: str, i: int) -> int:
    """Return where the sequence begins that the pair at `i` may belong to, -1 if to none."""
    if not is_odd(text[i], text[i + 1]):
        return -1
    if begins(text, i, range(len(BYTE_OF))):
        return i
    return next((i - back for back in (1, 2) if lead_before(text, i, back)), -1)


def find_plain_suspect(text: str, start: int = 0) -> int:
    """Return the suspect at or after `start` of the first pair that has one, -1 if none has."""
    for i in range(start, len(text) - 1):
        suspect = suspect_of_pair(text, i)
        if suspect >= start:
            return suspect
    return -1


def find_escaped_suspect(text: str, start: int = 0) -> int:
    """Return the suspect of the first pair that has one at or after `start`, with an escape."""
    found = characters(text)
    seen = "".join(here.character for here in found)
    for i in range(len(seen) - 1):
        suspect = suspect_of_pair(seen, i)
        escaped = any(here.notation for here in found[suspect : i + 2])
        if suspect >= 0 and escaped and found[suspect].start >= start:
            return found[suspect].start
    return -1


def is_undecoded(character: str) -> bool:
    """Tell what a decoder puts in place of bytes that it has no characters for."""
    return character == "\ufffd" or "\udc80" <= character <= "\udcff"


_UNREAD = re.compile(
    r"(?s)\A(?:ÿþ|þÿ)|\0[^\0]\0"
    r"|\$B(?:(?!\(B)[!-~]{2}){1,256}\x1b?\(B"
    r"|[\ud800-\udbff][\udc00-\udfff]"
)


def find_unread(text: str, start: int = 0) -> int:
    """Return the first text at or after `start` of which nobody read the encoding, -1 if none."""
    found = _UNREAD.search(text, start)
    return found.start() if found else -1


def find_suspect(text: str, start: int = 0) -> int:
    """Return the first suspect at or after `start`, escaped or not, -1 if there is none."""
    markers = (
        i for i in range(start, len(text)) if "\udc80" <= text[i] <= "\udcff" or text[i] == "\ufffd"
    )
    marker = next(markers, -1)
    unread = find_unread(text, start)
    found = find_plain_suspect(text, start), find_escaped_suspect(text, start), marker, unread
    return min((offset for offset in found if offset >= 0), default=-1)


def find_pair(text: str, start: int, decoders: Iterable[int]) -> int:
    """Return the first lead and continuation under one of these decoders, -1 if there is none."""
    return next((i for i in range(start, len(text) - 1) if begins(text, i, decoders)), -1)


def find_lead(text: str, start: int, decoders: Iterable[int]) -> int:
    """Return the first lead under one of these decoders, -1 if there is none."""
    leads = (i for i in range(start, len(text)) if any(announced(text[i], d) for d in decoders))
    return next(leads, -1)


def find_invalid_utf8(data: bytes) -> int:
    """Return the offset of the first byte that is not UTF-8, -1 if all are."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return -1
