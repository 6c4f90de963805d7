"""The borders of strings, as in JSON, CSV, SQL and HTML, which no repair may move.

A loss can fold a curly quote into a straight one, so a straight quote may be a piece of damage;
that which ends a string is none, and is kept out of sight. Nor may a repair put into a string what
ends it or cannot stand there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._spans import Span

__all__ = ["borders", "guarded", "respected"]

# What stands for a border: of the same class of characters, and no loss makes it of anything.
_GUARD = "`"

# What may stand between a quote and the delimiter before it, at most.
_REACH = 64

# An escaped character, a doubled quote, and a quote.
_PIECES = {quote: re.compile(rf"\\.|{quote}{quote}|{quote}", re.DOTALL) for quote in "\"'"}
# Quotes that may be pieces of the damage before them: a lead has three continuations at most.
_TOUCHED = [re.compile(rf"{quote}(?<=[^\x00-\x7f].)[\"']{{0,2}}") for quote in "\"'"]
_DOUBLED = {quote: re.compile(quote * 2) for quote in "\"'"}
_OPENS = re.compile(r"(?:\A|[\n,;:|=\t(\[{])[ ]*\Z")
_CLOSES = re.compile(r" *(?:\Z|[\r\n\t,;:|)\]}>/]|[\w:-]+=)")
# The same, where it is not known that there is a string to close.
_ENDS = re.compile(r"[\t,;:|)\]}]")

# What a string cannot hold as it is.
_UNFIT = re.compile(r"[\x00-\x1f\"\\]")


def guarded(text: str, is_fragment: bool = False) -> str:
    """Return a text with its borders that touch what may be damaged out of sight.

    The same object if there is none. Every offset stays. A fragment of a document may begin inside
    a string.
    """
    touched = {
        at for each in _TOUCHED for found in each.finditer(text) for at in range(*found.span())
    }
    if not touched:
        return text
    pieces, at = [], 0
    quotes = {text[at] for at in touched}
    for border in sorted(touched.intersection(_kept(text, quotes, is_fragment))):
        pieces += [text[at:border], _GUARD]
        at = border + 1
    return "".join([*pieces, text[at:]]) if pieces else text


def _kept(text: str, quotes: set[str], is_fragment: bool) -> Iterator[int]:
    """Yield the offsets of quotes that are borders, or one quote of CSV, which has two for it."""
    for quote in quotes:
        yield from borders(text, quote, is_fragment)
        for pair in _DOUBLED[quote].finditer(text):
            yield from range(*pair.span())


def respected(text: str, spans: list[Span]) -> list[Span]:
    """Return the spans, those left as observed that would put into a string what is unfit for it.

    The same object if there is none.
    """
    if not _UNFIT.search("".join([span.replacement or "" for span in spans])):
        return spans
    unfit = [span for span in spans if _puts_unfit(span)]
    if not unfit:
        return spans
    strings = borders(text, '"')
    left = {span.start for span in unfit if bisect_right(strings, span.start) % 2}
    return [
        span._replace(replacement=None, guesses=()) if span.start in left else span
        for span in spans
    ]


def _puts_unfit(span: Span) -> bool:
    observed, replacement = span.observed, span.replacement
    if replacement is None or span.view is not None or not _UNFIT.search(replacement):
        return False
    return sorted(_UNFIT.findall(replacement)) != sorted(_UNFIT.findall(observed))


def borders(text: str, quote: str, is_fragment: bool = False) -> list[int]:
    """Return the offsets of the quotes that open and close strings, by turns.

    A quote opens a string behind a delimiter, and closes it before one; others are characters. A
    text may begin inside a string: its first border is then -1.
    """
    borders: list[int] = []
    ends = _CLOSES if is_fragment else _ENDS
    for piece in _PIECES[quote].finditer(text):
        at, is_open = piece.start(), len(borders) % 2 == 1
        if piece[0][0] == "\\":
            continue
        if not is_open and _OPENS.search(text[max(at - _REACH, 0) : at]):
            borders += range(at, piece.end())  # two of them are an empty string
        elif is_open and len(piece[0]) == 1 and _CLOSES.match(text, at + 1):
            borders.append(at)
        elif not borders and len(piece[0]) == 1 and ends.match(text, at + 1):
            borders += (-1, at)
    return borders
