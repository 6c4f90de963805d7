"""Corners and tees of drawn boxes, which may look like damage.

`┌┐` is `ڿ` in UTF-8 as cp437 reads it. What is drawn is closed, and its lines meet; a letter that
was damaged stands among others, and its signs hardly ever fit together.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from .examples import Example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._spans import Span

__all__ = ["drawn", "may_draw"]

# How many lines reach the right border of a sign, and its left one; of others none do.
_TO_RIGHT = dict.fromkeys("─┌└├┬┴┼╓╙╟╥╨╫", 1) | dict.fromkeys("═╔╚╠╦╩╬╒╘╞╤╧╪", 2)
_TO_LEFT = dict.fromkeys("─┐┘┤┬┴┼╖╜╢╥╨╫", 1) | dict.fromkeys("═╗╝╣╦╩╬╕╛╡╤╧╪", 2)

_PAIR = re.compile("[─-╬]{2}")  # sooner looked for than words
_WORD = re.compile(r"(?<!\S)[─-╬]{2,}(?!\S)")


def may_draw(text: str) -> bool:
    """Return whether what looks damaged in a text may be drawn."""
    return next(_drawings(text), None) is not None


def drawn(text: str, spans: list[Span]) -> list[Example]:
    """Return the damaged spans of a text that are drawn, in order.

    Args:
        text: the text as it is spelt.
        spans: its damaged spans, in order.
    """
    found: list[Example] = []
    drawings = _drawings(text)
    start, end = next(drawings, (0, 0))  # neither spans nor drawings overlap
    for span in spans if end else ():
        while end <= span.start and (following := next(drawings, None)):
            start, end = following
        if start <= span.start and span.end <= end:
            found.append(Example(span.start, span.end, False))
    return found


def _drawings(text: str) -> Iterator[tuple[int, int]]:
    if _PAIR.search(text) is None:
        return
    for word in _WORD.finditer(text):
        signs = word[0]
        is_closed = signs[0] not in _TO_LEFT and signs[-1] not in _TO_RIGHT
        if is_closed and all(
            _TO_RIGHT.get(one) == _TO_LEFT.get(next_one) for one, next_one in pairwise(signs)
        ):
            yield word.span()
