"""What was restored, as spans: repaired, marked or left, as the options say."""

from __future__ import annotations

from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING

from . import _core
from ._spans import Guess, Span, spans_of
from .channels import MULTIBYTE, Channel, Layer
from .options import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._core import Edits
    from ._restore import Restored

# Code points in a row that the text around them can vouch for where much was lost.
BY_ITSELF = 2

# Everything is restored, however unsure.
ALL = Options(min_confidence=0.0)


@cache
def channel_of(decoder: int, flags: int) -> Channel:
    """Return the channel of an edit of the core, by the number of its decoder and its flags."""
    source = "utf-8"
    if flags & _core.NULLS:
        source = "java-utf-8"
    elif flags & _core.SURROGATES:
        source = "cesu-8"
    return Channel((Layer(source, _core.DECODERS[decoder]),))


def edit_spans(text: str, edits: Edits, before: int = 0, others: Sequence[Span] = ()) -> list[Span]:
    """Return edits of the core as spans of a text, and others in place of lossy ones, in order.

    The edits count from `before` code points earlier.
    """
    return edits.spans(text, before, Span, channel_of, list(others))


def edit_channels(edits: Edits) -> list[tuple[Channel, int]]:
    """Return the channels of edits of the core, with their numbers."""
    return [(channel_of(*kind), count) for kind, count in edits.kinds().items()]


def decide_all(text: str, restored: list[Restored], options: Options) -> list[Span]:
    """Return the spans of what was restored, or is left, as the options say."""
    if not restored:
        return []
    starts, ends, originals, channels, guesses, confidences, evidences, hopeless = zip(
        *restored, strict=True
    )
    observed = map(text.__getitem__, map(slice, starts, ends))
    columns = (starts, ends, observed, originals, channels, evidences, confidences)
    spans = spans_of(zip(*columns, repeat(()), repeat(None), strict=False))
    told = zip(guesses, hopeless, confidences, strict=True)
    for i, (doubts, is_hopeless, confidence) in enumerate(told):
        if doubts or is_hopeless or confidence < options.min_confidence:
            spans[i] = decide(text, restored[i], options)
    return spans


def decide(text: str, found: Restored, options: Options) -> Span:
    """Return the span of what was restored, or is left, as the options say."""
    replacement: str | None = found.original
    doubts = [guess for guess in found.guesses if guess[1] < options.min_confidence]
    is_doubted = bool(doubts) or found.confidence < options.min_confidence
    is_hopeless = found.is_hopeless and options.min_confidence > 0
    keep = options.uncertain == "keep" or is_hopeless
    # Text that a decoder of several bytes read is as it was, or is not: nothing vouches for parts.
    most = 0 if found.channel.layers[-1].decoder in MULTIBYTE else BY_ITSELF
    if (is_doubted and keep) or (is_hopeless and len(found.original) > most):
        replacement = None
    elif doubts and options.uncertain == "mark":
        characters = list(found.original)
        for offset, _, _ in doubts:
            characters[offset] = "\ufffd"
        replacement = "".join(characters)
    return Span(
        found.start,
        found.end,
        text[found.start : found.end],
        replacement,
        found.channel,
        found.evidence,
        found.confidence,
        tuple(map(Guess._make, found.guesses)) if replacement is not None else (),
    )
