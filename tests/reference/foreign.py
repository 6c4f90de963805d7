"""Where does a text first look as if a wrong codec had made it foreign?"""

from __future__ import annotations

import re

from . import tables
from .tables import ID_OF

SIZE = tables.LIMITS["MF_IMAGES"]
_KNOWN = tables.constants("tables.h", "foreign_tables.h", "evidence.h", "foreign.c")
_CODECS = _KNOWN["MF_FOREIGN_CODECS"]
_TELLING = tables.numbers("foreign_tables.c", "mf_foreign_telling")
_LATIN = tables.numbers("foreign_tables.c", "mf_latin_letter")
_PAGES = tables.numbers("foreign_tables.c", "mf_foreign_page")
_ENTRIES = tables.numbers("foreign_tables.c", "mf_foreign_of")
_CHAIN = tables.numbers("foreign_tables.c", "mf_foreign_chain")
_STRANGE = tables.numbers("foreign_tables.c", "mf_strange")
_INSIDE = tables.numbers("foreign_tables.c", "mf_strange_inside")

LONE_LEAD = re.compile("Ã(?:[a-z]| [a-z])")
QUESTIONED_LEAD = re.compile(r"(?<![A-Z/=])Ã\?[a-z]|(?<=[a-z])â\?\?")

NEXT_LINE = "\x85"

MARKERS = "?\ufffd・"


def _in_bits(words: list[int], character: str) -> bool:
    word, bit = divmod(ord(character), 32)
    return word < len(words) and bool(words[word] >> bit & 1)


def _entry(character: str) -> int:
    page, place = divmod(ord(character), 64)
    return _ENTRIES[_PAGES[page] * 64 + place] if page < len(_PAGES) else 0


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def tells(window: str) -> bool:
    """Tell whether a stretch of the window tells enough, in a chain of roles or by itself."""
    chained, alone = [0] * _CODECS, 0
    follow: list[int | None] = [0] * _CODECS  # roles that may come next, None for any
    for character in window:
        entry = _entry(character)
        if character in MARKERS or not entry:
            follow, alone = [None] * _CODECS, 0
            continue
        for codec in range(_CODECS):
            role, next_roles = entry >> 4 * codec & 15, follow[codec]
            goes_on = next_roles is None or next_roles >> role & 1
            before = max(chained[codec], 0) if goes_on else 0
            chained[codec] = before + _signed(entry >> 16 & 255) if role else 0
            follow[codec] = _CHAIN[role] if role else 0
        alone = max(alone, 0) + _signed(entry >> 24)
        if max(chained) >= _KNOWN["CHAINED"] or alone >= _KNOWN["ALONE"]:
            return True
    return False


def is_strange(left: str, right: str) -> bool:
    """Tell whether these two in a row are images that clean text hardly ever shows."""
    word, bit = divmod(ID_OF.get(right, 0), 32)
    return bool(_STRANGE[ID_OF.get(left, 0) * _KNOWN["MF_STRANGE_WORDS"] + word] >> bit & 1)


def _case(character: str) -> int:
    """Return 1 for a small ASCII letter, 2 for a capital, else 0."""
    return character.isascii() * (character.islower() + 2 * character.isupper())


def is_strange_inside(left: str, character: str, right: str) -> bool:
    """Tell whether clean text hardly ever shows a character behind an ASCII letter."""
    if not _case(left) or not right.isascii():
        return False
    if character in ID_OF:
        context = 3 * (_case(left) - 1) + _case(right)
        return bool(_INSIDE[ID_OF[character]] >> context & 1)
    return _case(left) == 1 and _in_bits(_LATIN, character)


def _window(text: str, start: int, at: int) -> str:
    def belongs(character: str) -> bool:
        return character in MARKERS or bool(_entry(character))

    first, last = at, at + 1
    while first > max(start, at - _KNOWN["WINDOW"]) and belongs(text[first - 1]):
        first -= 1
    while last < min(len(text), at + _KNOWN["WINDOW"] + 1) and belongs(text[last]):
        last += 1
    return text[first:last]


def is_lone_lead(text: str, at: int, before: str) -> bool:
    """Tell whether a lead stands alone in a word, or question marks are left of its sequence.

    `before` is what stands before it, as far as it is looked at.
    """
    if "a" <= before <= "z" and LONE_LEAD.match(text, at):
        return True
    seen = before + text[at : at + 3]
    return before.isascii() and QUESTIONED_LEAD.match(seen, len(before)) is not None


def find_foreign(text: str, start: int = 0) -> int:
    """Return where the first foreign place at or after `start` ends, -1 if there is none."""
    for i in range(start, len(text)):
        if text[i].isascii() or text[i] == NEXT_LINE:
            continue
        if "\x80" <= text[i] <= "\x9f":
            return i
        if _in_bits(_TELLING, text[i]) and tells(_window(text, start, i)):
            return i
        before = text[i - 1] if i > start else "\0"
        if is_lone_lead(text, i, before):
            return i
        if is_strange(before, text[i]):
            return i
        if is_strange_inside(before, text[i], text[i + 1 : i + 2] or " "):
            return i
    return -1
