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
    from collections.abc import Callable, Iterable

__all__ = ["LONGEST_ESCAPE", "VIEWS", "View", "look", "name", "read", "whole"]

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

    def escape(self, start: int, end: int) -> tuple[int, str]:
        """Return the notation of the first escape between two offsets of `text`, and its spelling.

        The spelling goes on to the end; the notation is 0 if there is no escape.
        """
        run = bisect_right(self._at, start) - 1
        if run < 0 or self._at[run] + self._counts[run] <= start:
            run += 1
        if run == len(self._at) or self._at[run] >= end:
            return 0, ""
        first = max(start, self._at[run])
        return self._notations[run], self._spelt[self.spelt(first) : self.spelt(end)]

    def respelt(self, start: int, parts: Iterable[tuple[str, int]]) -> tuple[str, list[int]]:
        """Spell originals as what they replace was spelt.

        Args:
            start: where the first part begins in `text`.
            parts: originals, each with how many code points of `text` it replaces.

        Returns:
            The originals as they are to be written, and where each code point begins there.
        """
        pieces: list[str] = []
        begins: list[int] = []
        length = 0
        for original, size in parts:
            notation, sample = self.escape(start, start + size)
            for character in original:
                piece = spell(character, notation, sample) if notation else character
                begins.append(length)
                pieces.append(piece)
                length += len(piece)
            start += size
        return "".join(pieces), begins


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


def name(notation: int) -> str:
    """Return the name of the view that a notation belongs to."""
    return _NAMES[notation]


def read(text: str, view: str | None) -> str:
    """Return a span's text as it reads in a view: the law of proof is stated on it.

    >>> read("&Atilde;&copy;", "html")
    'Ã©'
    """
    if view is None:
        return text
    # What comes before a span tells that it is part of a URL.
    resolved = _core.resolve("/" + text, True)
    return text if resolved is None else resolved[0][1:]


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


def spell(character: str, notation: int, sample: str) -> str:
    """Return an escape of a character in a notation, in the manner of a sample of it."""
    upper = sum(map(sample.count, "ABCDEF")) > sum(map(sample.count, "abcdef"))
    if notation in _BYTEWISE:
        form = _BYTEWISE[notation][upper]
        return "".join([form % octet for octet in character.encode("utf-8", "surrogatepass")])
    if notation == _UNICODE:
        units = memoryview(character.encode("utf-16-le", "surrogatepass")).cast("H")
        return "".join([("\\u%04X" if upper else "\\u%04x") % unit for unit in units])
    code = ord(character)
    if 0x80 <= code < 0xA0:
        return character  # HTML has no escapes of C1 controls: it reads their numbers by cp1252
    if notation == _HEX:
        return f"&#{sample[2]}{code:X};" if upper else f"&#{sample[2]}{code:x};"
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
