"""Observed text to spans: what was damaged, how, and how sure that is."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from functools import cache

from . import _core
from ._prior import prior
from .channels import Channel, Layer, damage

# Every layer shrinks what it damaged, so a text of n code points has at most log2(n) of them;
# a text that still changes after so many is not mojibake, and is left alone.
MOST_LAYERS = 48


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of observed text with one repair.

    Attributes:
        start: offset of its first code point in the observed text; of its first byte where bytes
            were given.
        end: offset behind its last.
        observed: the damaged text.
        replacement: what was meant; None where bytes were lost and the span stays as observed.
        channel: the layers that damaged it.
        evidence: log-likelihood ratio, in nats, of damaged by this channel against written so.
        confidence: posterior probability of the replacement, 0 to 1.
    """

    start: int
    end: int
    observed: str
    replacement: str | None
    channel: Channel
    evidence: float
    confidence: float


@cache
def _layer(decoder: int, flags: int) -> Layer:
    source = "utf-8"
    if flags & _core.NULLS:
        source = "java-utf-8"
    elif flags & _core.SURROGATES:
        source = "cesu-8"
    return Layer(source, _core.DECODERS[decoder])


def undo_layer(text: str) -> str:
    """Return the text less its outermost layer of damage; the same object if it has none."""
    if _core.find_suspect(text) < 0:
        return text
    return _core.undo(text, prior(), _core.weigh(text, prior()), False)[0]


def _confidence(odds: int, rival: int) -> float:
    """Return the posterior probability of a reading, given log odds against as written."""
    best, other = min(odds / _core.UNITS_PER_NAT, 500.0), min(rival / _core.UNITS_PER_NAT, 500.0)
    most = max(best, other, 0.0)
    parts = math.exp(-most) + math.exp(best - most) + math.exp(other - most)
    return math.exp(best - most) / parts


def may_hide_damage(weights: list[int]) -> bool:
    """Return whether a document of these weights may hold damage where it has no suspects."""
    return max(weights) > 0


def layer_spans(text: str, weights: list[int]) -> tuple[str, list[Span]]:
    """Return the text less its outermost layer, and the spans of that layer in order.

    `weights` is, by decoder, what came before in the document tells of the layer; what the text
    tells is added to it.
    """
    if _core.find_suspect(text) >= 0:
        for decoder, weight in enumerate(_core.weigh(text, prior())):
            weights[decoder] += weight
    elif not may_hide_damage(weights):
        return text, []
    repaired, edits = _core.undo(text, prior(), weights, True)
    return repaired, [
        Span(
            start,
            end,
            text[start:end],
            original,
            Channel((_layer(decoder, flags),)),
            evidence / _core.UNITS_PER_NAT,
            _confidence(odds, rival),
        )
        for start, end, original, decoder, evidence, odds, rival, flags in edits
    ]


class _Straddles(Exception):
    """An inner span covers what an outer one left as observed: no one channel proves it."""


def _after(spans: list[Span]) -> list[tuple[Span, int, int]]:
    """Return the spans of a text with their offsets in the repaired text."""
    placed, shift = [], 0
    for span in spans:
        kept = span.observed if span.replacement is None else span.replacement
        start = span.start + shift
        placed.append((span, start, start + len(kept)))
        shift += len(kept) - len(span.observed)
    return placed


def _split(span: Span, length: int) -> tuple[Span, Span]:
    """Return the span in two, the first with `length` code points of the replacement."""
    assert span.replacement is not None
    cut = len(damage(span.replacement[:length], span.channel))
    return (
        replace(
            span,
            end=span.start + cut,
            observed=span.observed[:cut],
            replacement=span.replacement[:length],
        ),
        replace(
            span,
            start=span.start + cut,
            observed=span.observed[cut:],
            replacement=span.replacement[length:],
        ),
    )


def _split_at(spans: list[Span], borders: list[int]) -> list[Span]:
    """Return the spans, those of them split that reach over a border in the repaired text."""
    pieces, waiting = [], iter([*borders, sys.maxsize])
    border = next(waiting)
    for span, start, end in _after(spans):
        while border <= start:
            border = next(waiting)
        rest, at = span, start
        while border < end and span.replacement is not None:
            first, rest = _split(rest, border - at)
            pieces.append(first)
            at, border = border, next(waiting)
        pieces.append(rest)
    return pieces


def _joined(inner: Span, outer: list[tuple[Span, int, int]], start: int, end: int) -> Span:
    """Return one span for an inner layer's and the outer spans, with offsets, that it covers."""
    channels = {span.channel for span, _, _ in outer}
    covered = sum(until - at for _, at, until in outer)
    if len(channels) != 1 or covered < sum(c > "\x7f" for c in inner.observed):
        raise _Straddles
    channel = Channel(inner.channel.layers + channels.pop().layers)
    pieces, at = [], inner.start
    for span, begin, until in outer:
        pieces += [inner.observed[at - inner.start : begin - inner.start], span.observed]
        at = until
    observed = "".join(pieces) + inner.observed[at - inner.start :]
    if inner.replacement is None or damage(inner.replacement, channel) != observed:
        raise _Straddles
    evidence = inner.evidence + sum(span.evidence for span, _, _ in outer)
    confidence = min(inner.confidence, *(span.confidence for span, _, _ in outer))
    return Span(start, end, observed, inner.replacement, channel, evidence, confidence)


def _composed(outer: list[Span], inner: list[Span]) -> list[Span]:
    """Return spans of the observed text from those of one layer and of the next one in.

    `outer` counts in the observed text and `inner` in the text after `outer` was repaired.

    Raises:
        _Straddles: an inner span covers what an outer one left as observed.
    """
    outer = _split_at(outer, [offset for span in inner for offset in (span.start, span.end)])
    placed = _after(outer)
    spans, i, shift = [], 0, 0  # shift: observed offset less current offset
    for span in inner:
        while i < len(placed) and placed[i][2] <= span.start:
            spans.append(placed[i][0])
            shift = placed[i][0].end - placed[i][2]
            i += 1
        start, first = span.start + shift, i
        while i < len(placed) and placed[i][1] < span.end:
            shift = placed[i][0].end - placed[i][2]
            i += 1
        inside = [entry for entry in placed[first:i] if entry[0].replacement is not None]
        end = span.end + shift
        if inside:
            spans.append(_joined(span, inside, start, end))
        else:
            spans.append(replace(span, start=start, end=end))
    return spans + [span for span, _, _ in placed[i:]]


def text_spans(text: str, heard: list[list[int]] | None = None) -> tuple[str, list[Span]]:
    """Return the repaired text, and its spans in order; the same object if nothing changes.

    Layers are undone from the outside in until none has evidence. A lossy span is what the
    outermost layer shows of it.

    Args:
        text: the observed text.
        heard: what came before in the same document tells: weights by decoder for each layer, the
            outermost first; what the text tells is added. Nothing came before if None.
    """
    if heard is None:
        if _core.find_suspect(text) < 0:
            return text, []
        heard = []
    repaired = text
    spans: list[Span] = []
    try:
        for depth in range(MOST_LAYERS + 1):
            if depth == len(heard):
                heard.append([0] * len(_core.DECODERS))
            current, layer = layer_spans(repaired, heard[depth])
            if depth == 0:
                spans = layer
            elif current is not repaired:
                spans = _composed(spans, [span for span in layer if span.replacement is not None])
            # An inner layer that is known of the document may also be the only one here.
            if current is repaired and depth + 1 == len(heard):
                return repaired, spans
            repaired = current
    except _Straddles:
        pass
    return text, [span for span in spans if span.replacement is None]


def detect(data: str | bytes) -> list[Span]:
    """Return the damaged spans of a text, in order; nothing is changed.

    Args:
        data: the observed text, or its UTF-8 bytes; spans count in what was given.

    Raises:
        UnicodeDecodeError: the bytes are not UTF-8.

    >>> [(s.start, s.observed, s.replacement) for s in detect("Das CafÃ© in KÃ¶ln")]
    [(7, 'Ã©', 'é'), (14, 'Ã¶', 'ö')]
    """
    if isinstance(data, str):
        return text_spans(data)[1]
    text = data.decode("utf-8")
    # One pass over the text turns offsets in code points into offsets in bytes.
    placed, at, offset = [], 0, 0
    for span in text_spans(text)[1]:
        offset += len(text[at : span.start].encode("utf-8"))
        end = offset + len(span.observed.encode("utf-8"))
        placed.append(replace(span, start=offset, end=end))
        offset, at = end, span.end
    return placed
