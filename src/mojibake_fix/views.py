r"""What a text reads as behind its escapes, with an exact map back to how it is spelt.

Damage hides under escapes: a JSON file that says `\u00c3\u00a9` holds no character beyond ASCII. A
view is the text with its escapes resolved, so that the detector reads plain and escaped characters
of one word, and of one document, together. What it repairs is spelt again as it was.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING

from . import _core

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LONGEST_ESCAPE", "VIEWS", "View", "look", "read", "whole"]

LONGEST_ESCAPE = 24
"""Code points of an escape, at most."""

# By the core's number of a notation.
_UNICODE, _NAMED, _DECIMAL, _HEX, _PERCENT, _BYTES, _OCTAL, _PRINTABLE = range(1, 9)

_NAMES = {
    _UNICODE: "json",
    _NAMED: "html",
    _DECIMAL: "html",
    _HEX: "html",
    _PERCENT: "url",
    _BYTES: "bytes",
    _OCTAL: "bytes",
    _PRINTABLE: "quoted-printable",
}

# How a byte is spelt, in small digits and in capital ones.
_BYTEWISE = {
    _PERCENT: ("%%%02x", "%%%02X"),
    _BYTES: ("\\x%02x", "\\x%02X"),
    _OCTAL: ("\\%03o", "\\%03o"),
    _PRINTABLE: ("=%02x", "=%02X"),
}

_SMALL_DIGIT, _CAPITAL_DIGIT = re.compile("[a-f]"), re.compile("[A-F]")

VIEWS = tuple(dict.fromkeys(_NAMES.values()))
"""Names of the views."""

# Two bytes of UTF-8 in quoted-printable, and what says that a text is written in it.
_ENCODED = re.compile("=[C-F][0-9A-F]=[89AB][0-9A-F]")
_DECLARED = re.compile("(?i)encoding[:=] ?quoted-printable")
_SOFT_BREAK = re.compile("(?m)=\r?$")
_TRIPLET = re.compile("=[0-9A-F]{2}")


# What an escape begins with.
_MARK = re.compile(r"[\\&%=]")


class View:
    """A text as it reads.

    Attributes:
        text: the text with its escapes resolved.
    """

    __slots__ = ("_at", "_counts", "_notations", "_sizes", "_spelt", "_starts", "text")

    def __init__(
        self, spelt: str, text: str, runs: tuple[bytes, bytes, bytes, bytes], notations: bytes
    ) -> None:
        self._spelt = spelt
        self.text = text
        self._at, self._starts, self._sizes, self._counts = (
            memoryview(figures).cast("q") for figures in runs
        )
        self._notations = notations

    def spelt(self, offset: int) -> int:
        """Return where the character at an offset of `text` begins in the text as it is spelt."""
        run = bisect_right(self._at, offset) - 1
        if run < 0:
            return offset
        inside = offset - self._at[run]
        escapes = min(inside, self._counts[run])
        return self._starts[run] + escapes * self._sizes[run] + inside - escapes

    def _first(self, start: int, end: int) -> int:
        """Return the run of the first escape between two offsets of `text`, -1 if none."""
        run = bisect_right(self._at, start) - 1
        if run < 0 or self._at[run] + self._counts[run] <= start:
            run += 1
        return run if run < len(self._at) and self._at[run] < end else -1

    def name(self, start: int, end: int) -> str | None:
        """Return the name of the view between two offsets of `text`; None without escapes."""
        run = self._first(start, end)
        return None if run < 0 else _NAMES[self._notations[run]]

    def uniform(self, start: int, end: int) -> bool:
        """Return whether all between two offsets of `text` is spelt with escapes of one kind."""
        run = self._first(start, end)
        return run >= 0 and self._at[run] <= start and end <= self._at[run] + self._counts[run]

    def respelt(self, original: str, start: int, end: int) -> str:
        """Return an original spelt as the first escape between two offsets of `text`, if any is."""
        run = self._first(start, end)
        if run < 0:
            return original
        first = self.spelt(max(start, self._at[run]))
        return spell(original, self._notations[run], self._spelt[first : self.spelt(end)])


def look(text: str) -> View | None:
    """Return the view of a text; None if it has no escapes, and reads as it is spelt."""
    resolved = _core.resolve(text, _is_printable(text))
    if resolved is None:
        return None
    seen, *runs, notations = resolved
    at, starts, sizes, counts = runs
    return View(text, seen, (at, starts, sizes, counts), notations)


def whole(text: str) -> tuple[str, Callable[[int], int]]:
    """Return what a text reads as, as far as its last escape is not cut off.

    With it comes a function from offsets in it to offsets in the text as it is spelt.
    """
    tail = _MARK.search(text, max(len(text) - LONGEST_ESCAPE, 0))
    if tail:
        text = text[: tail.start()]
    view = look(text)
    return (view.text, view.spelt) if view else (text, int)


def read(text: str, view: str | None) -> str:
    """Return a span's text as it reads in a view: the law of proof is stated on it.

    >>> read("&Atilde;&copy;", "html")
    'Ã©'
    """
    if view is None:
        return text
    # What comes before a span tells that it is part of a URL, and not one control by itself.
    resolved = _core.resolve("/é" + text, True)
    return text if resolved is None else resolved[0][2:]


def _is_printable(text: str) -> bool:
    """Return whether a text is evidently written in quoted-printable, as far as that matters."""
    if not _ENCODED.search(text):
        return False
    if _DECLARED.search(text):
        return True
    for soft_break in _SOFT_BREAK.finditer(text):
        start = text.rfind("\n", 0, soft_break.start()) + 1
        if _TRIPLET.search(text, start, soft_break.start()):
            return True
    return False


def spell(text: str, notation: int, sample: str) -> str:
    """Return a text spelt in a notation, in the manner of a sample of it."""
    capital = not _SMALL_DIGIT.search(sample) and (
        notation in (_PERCENT, _PRINTABLE) or _CAPITAL_DIGIT.search(sample) is not None
    )
    if notation == _UNICODE:
        units = memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")
        form = "\\u%04X" if capital else "\\u%04x"
        return "".join([form % unit for unit in units])
    if notation in _BYTEWISE:
        form = _BYTEWISE[notation][capital]
        return "".join([form % octet for octet in text.encode("utf-8", "surrogatepass")])
    return "".join([_reference(character, notation, sample, capital) for character in text])


def _reference(character: str, notation: int, sample: str, capital: bool) -> str:
    """Return a character reference of HTML."""
    code = ord(character)
    if 0x80 <= code < 0xA0:
        return character  # there is none of C1 controls: browsers read their numbers by cp1252
    if notation == _HEX:
        return f"&#{sample[2]}{code:X};" if capital else f"&#{sample[2]}{code:x};"
    return f"&{(notation == _NAMED and _entity(character, sample)) or f'#{code}'};"


@cache
def _entities(old: bool) -> dict[str, str]:
    """Return the names of HTML 4, or those that only HTML 5 has, by character."""
    from html.entities import html5, name2codepoint

    names = [entity[:-1] for entity in html5 if entity.endswith(";")]
    names.sort(key=lambda entity: (-len(entity), entity))
    return {html5[entity + ";"]: entity for entity in names if (entity in name2codepoint) == old}


def _entity(character: str, sample: str) -> str | None:
    """Return the name of a character; one of HTML 5 only where the sample has such a name."""
    from html.entities import name2codepoint

    found = _entities(True).get(character)
    if found is None and sample[1 : sample.find(";")] not in name2codepoint:
        found = _entities(False).get(character)
    return found
