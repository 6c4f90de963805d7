"""Spans of what a text reads as, as spans of the text as it is spelt."""

from __future__ import annotations

import sys
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from ._spans import Span, damaged

if TYPE_CHECKING:
    from .channels import Channel
    from .views import View


def respelt(span: Span, view: View, text: str) -> Span:
    """Return a span of what a text reads as a span of the text as it is spelt."""
    start, end = view.spelt(span.start), view.spelt(span.end)
    replacement, guesses = span.replacement, span.guesses
    name = view.name(span.start, span.end)
    if replacement is not None and name is not None:
        if view.uniform(span.start, span.end) and not guesses:
            replacement = view.respelt(replacement, span.start, span.end)
        else:
            pieces = _respelt_pieces(span, view)
            begins = list(accumulate(map(len, pieces), initial=0))
            guesses = tuple(guess._replace(offset=begins[guess.offset]) for guess in guesses)
            replacement = "".join(pieces)
    return Span(
        start,
        end,
        text[start:end],
        replacement,
        span.channel,
        span.evidence,
        span.confidence,
        guesses,
        name,
    )


def _respelt_pieces(span: Span, view: View) -> list[str]:
    """Return the code points of a span's replacement, each spelt as what it replaces."""
    assert span.replacement is not None
    lengths = [_damaged_length(character, span.channel) for character in span.replacement]
    if sum(lengths) != len(span.observed):  # characters have a loss or a damaged one in common
        return [view.respelt(c, span.start, span.end) for c in span.replacement]
    borders = accumulate(lengths, initial=span.start)
    return [
        view.respelt(character, start, end)
        for character, (start, end) in zip(span.replacement, pairwise(borders), strict=True)
    ]


@lru_cache(maxsize=4096)
def _damaged_length(character: str, channel: Channel) -> int:
    """Return how long a character is after a channel; beyond all if it cannot go through alone."""
    shown = damaged(character, channel)
    return sys.maxsize if shown is None else len(shown)
