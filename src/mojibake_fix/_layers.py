"""All layers of damage undone, from the outside in, and the spans that come of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import _core
from ._decide import decide
from ._heard import Heard
from ._layer import are_most, layer_spans, transcoded
from ._prior import PRIOR
from ._refuted import is_refuted
from ._spans import Span, Straddles, composed, damaged, replaced
from ._undone import undone

if TYPE_CHECKING:
    from ._foreign import Foreign
    from .options import Options

# Every layer shrinks what it damaged, so a text of n code points has at most log2(n) of them;
# a text that still changes after so many is not mojibake, and is left alone.
MOST_LAYERS = 48

# What a decoder puts in place of bytes that it has no characters for.
UNDECODED = re.compile("[\ufffd\udc80-\udcff]")


def seen_spans(text: str, heard: list[Heard], options: Options) -> tuple[str, list[Span]]:
    """Return the repaired text, and its spans in order, of a text that reads as it is spelt."""
    before = [layer.copy() for layer in heard or [Heard()]]
    repaired, spans = _layered_spans(text, heard, options)
    # What was looked at in vain need not be again.
    if heard[0].foreign or heard[0].vain != before[0].vain or (not spans and heard[0].vain):
        return repaired, spans
    if not any(layer.foreign for layer in heard) and (
        not heard[0].foreign_pair(repaired)
        or (are_most(text, spans) and is_refuted(repaired))  # it is clean, with foreign words
    ):
        return repaired, spans
    # Some of what is foreign may have been taken for a layer of sequences.
    foreign: dict[Foreign, float] = {}
    if not transcoded(text, foreign):
        return repaired, spans
    heard[:] = before
    heard[0].foreign |= foreign
    return _layered_spans(text, heard, options)


def _layered_spans(
    text: str, heard: list[Heard], options: Options, losing: int | None = None
) -> tuple[str, list[Span]]:
    """Return the repaired text, and its spans in order; `losing` is as in `layer_spans`."""
    before = [layer.copy() for layer in heard]
    repaired = text
    spans: list[Span] = []
    try:
        for depth in range(MOST_LAYERS + 1):
            if depth == len(heard):
                heard.append(Heard())
                if depth and is_refuted(repaired):
                    return _legacy_spans(text, repaired, spans, options)
            current, layer = layer_spans(
                repaired, heard[depth], options, losing if depth == 0 else None
            )
            if depth == 0:
                spans = layer
            elif current is not repaired:
                spans = composed(spans, [span for span in layer if span.replacement is not None])
            # An inner layer that is known of the document may also be the only one here.
            if (current is repaired and depth + 1 == len(heard)) or heard[depth].is_hopeless:
                return _legacy_spans(text, current, spans, options)
            repaired = current
    except Straddles as straddles:
        # What no one channel proves may have lost bytes in the outer layer.
        decoder = straddles.channel.layers[0].decoder
        if losing is None and decoder in _core.DECODERS:
            heard[:] = before
            return _layered_spans(text, heard, options, _core.DECODERS.index(decoder))
    return text, [span for span in spans if span.replacement is None]


def _legacy_spans(
    text: str, repaired: str, spans: list[Span], options: Options
) -> tuple[str, list[Span]]:
    """Return the repaired text and spans, with what UTF-8 could not decode where that is sure.

    It is there as surrogate escapes, or as U+FFFD, which in turn may be damaged.

    Raises:
        Straddles: no one channel proves a span.
    """
    hidden = {span.start: _as_markers(span) for span in spans if span.replacement is None}
    if not any(hidden.values()) and not UNDECODED.search(repaired):
        return repaired, spans

    from . import _replaced as markers_of
    from . import _undecoded as bytes_of

    undecoded = [decide(repaired, found, options) for found in bytes_of.restore(repaired)]
    spans = composed(spans, undecoded)
    repaired = replaced(repaired, undecoded)
    markers = [hidden.get(span.start) or span for span in spans]
    current = replaced(text, markers)
    while True:
        decided = [decide(current, found, options) for found in markers_of.restore(current)]
        sure = [span for span in decided if span.replacement is not None]
        if not sure:
            break
        markers = composed(markers, sure)
        current = replaced(current, sure)
    spans = [
        span._replace(replacement=None) if _is_marker(span.replacement) else span
        for span in markers
    ]
    return replaced(text, spans), spans


def _is_marker(text: str | None) -> bool:
    return bool(text) and text == "\ufffd" * len(text or "")


def _as_markers(span: Span) -> Span | None:
    """Return a lossy span with U+FFFD in its place where that is what was damaged."""
    two = damaged("\ufffd\ufffd", span.channel)  # one may be half a character too many
    if not two:
        return None
    markers = "\ufffd" * (2 * len(span.observed) // len(two))
    return (
        span._replace(replacement=markers)
        if damaged(markers, span.channel) == span.observed
        else None
    )


def undo_whole(text: str) -> str:
    """Return the text less all layers of damage, as far as no bytes were lost."""
    for _ in range(MOST_LAYERS):
        repaired, _ = undone(text, _core.weigh(text, PRIOR))
        if repaired is text:
            break
        text = repaired
    return text
