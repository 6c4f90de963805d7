"""Spans: stretches of observed text with one repair, and those of several layers as one."""

from __future__ import annotations

import sys
from bisect import bisect_left
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from . import _core
from .channels import Channel, damage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class _Stretch(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


_S = TypeVar("_S", bound=_Stretch)
_T = TypeVar("_T", bound=tuple[object, ...])


class Guess(NamedTuple):
    """A restored code point that may be another.

    Attributes:
        offset: where it is in the replacement, in code points.
        confidence: its posterior probability, 0 to 1.
        others: what else it may be, with the posteriors, the most probable first.
    """

    offset: int
    confidence: float
    others: tuple[tuple[str, float], ...]


class Span(NamedTuple):
    """A stretch of observed text with one repair.

    Attributes:
        start: offset of its first code point in the observed text; of its first byte where bytes
            were given.
        end: offset behind its last.
        observed: the damaged text.
        replacement: what was meant; None where bytes were lost and the span stays as observed.
        channel: the layers that damaged it.
        evidence: log-likelihood ratio, in nats, of damaged by this channel against written so.
        confidence: posterior probability of the replacement, 0 to 1; of its least sure code point
            where bytes were lost.
        guesses: the restored code points that are not beyond doubt, in order.
        view: the name of the view (see `views`) in which the damage shows, where `observed` and
            `replacement` are spelt with escapes; else None.
    """

    start: int
    end: int
    observed: str
    replacement: str | None
    channel: Channel
    evidence: float
    confidence: float
    guesses: tuple[Guess, ...] = ()
    view: str | None = None


def spans_of(rows: Iterable[tuple[Any, ...]]) -> list[Span]:
    """Return spans, each given by its fields: as by `Span._make`, but much sooner."""
    make: Callable[[tuple[Any, ...]], Span] = partial(tuple.__new__, Span)
    return list(map(make, rows))


def beside(some: Iterable[_S], others: Sequence[_Stretch]) -> list[_S]:
    """Return those stretches that overlap none of others, which are in order and apart."""
    starts = [each.start for each in others]
    placed = ((each, bisect_left(starts, each.end)) for each in some)
    return [each for each, at in placed if at == 0 or others[at - 1].end <= each.start]


def replaced(text: str, spans: list[Span]) -> str:
    """Return the text with the replacements made; the same object if there is none."""
    return _core.replace_spans(text, spans)


def masked(text: str, found: list[_T], mask: str) -> str:
    """Return the text with every code point of what begins and ends in it masked."""
    return _core.replace_spans(text, found, mask)


def channels_of(spans: Sequence[Span]) -> list[Channel]:
    """Return the channels of spans; one that many share only once."""
    channels = list(map(attrgetter("channel"), spans))
    return list(dict(zip(map(id, channels), channels, strict=True)).values())


class Straddles(Exception):
    """An inner span covers what an outer one left as observed: no one channel proves it.

    Attributes:
        channel: that of the inner span.
    """

    def __init__(self, channel: Channel) -> None:
        super().__init__(str(channel))
        self.channel = channel


def _after(spans: list[Span]) -> list[tuple[Span, int, int]]:
    """Return the spans of a text with their offsets in the repaired text."""
    placed, shift = [], 0
    for span in spans:
        kept = span.observed if span.replacement is None else span.replacement
        start = span.start + shift
        placed.append((span, start, start + len(kept)))
        shift += len(kept) - len(span.observed)
    return placed


def damaged(text: str, channel: Channel) -> str | None:
    """Return what a text looks like after a channel, None if it cannot go through it."""
    try:
        return damage(text, channel)
    except UnicodeError:  # its bytes mean nothing to a decoder of several bytes
        return None


def _split(span: Span, length: int) -> tuple[Span, Span]:
    """Return the span in two, the first with `length` code points of the replacement.

    Raises:
        Straddles: a character of the observed text is of both.
    """
    assert span.replacement is not None
    first = damaged(span.replacement[:length], span.channel)
    rest = damaged(span.replacement[length:], span.channel)
    if first is None or rest is None or first + rest != span.observed:
        raise Straddles(span.channel)
    cut = len(first)
    return (
        span._replace(
            end=span.start + cut,
            observed=span.observed[:cut],
            replacement=span.replacement[:length],
            guesses=tuple(guess for guess in span.guesses if guess.offset < length),
        ),
        span._replace(
            start=span.start + cut,
            observed=span.observed[cut:],
            replacement=span.replacement[length:],
            guesses=tuple(
                guess._replace(offset=guess.offset - length)
                for guess in span.guesses
                if guess.offset >= length
            ),
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
    covered = sum(until - at for _, at, until in outer)
    if covered < sum(c > "\x7f" for c in inner.observed):
        raise Straddles(inner.channel)
    pieces, at = [], inner.start
    for span, begin, until in outer:
        pieces += [inner.observed[at - inner.start : begin - inner.start], span.observed]
        at = until
    observed = "".join(pieces) + inner.observed[at - inner.start :]
    for outermost in dict.fromkeys(span.channel for span, _, _ in outer):
        channel = Channel(inner.channel.layers + outermost.layers)
        if inner.replacement is not None and damaged(inner.replacement, channel) == observed:
            break
    else:
        raise Straddles(inner.channel)
    evidence = inner.evidence + sum(span.evidence for span, _, _ in outer)
    confidence = min(inner.confidence, *(span.confidence for span, _, _ in outer))
    return Span(
        start, end, observed, inner.replacement, channel, evidence, confidence, inner.guesses
    )


def composed(outer: list[Span], inner: list[Span]) -> list[Span]:
    """Return spans of the observed text from those of one layer and of the next one in.

    `outer` counts in the observed text and `inner` in the text after `outer` was repaired.

    Raises:
        Straddles: an inner span covers what an outer one left as observed, or ends within a
            character of it.
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
            spans.append(span._replace(start=start, end=end))
    return spans + [span for span, _, _ in placed[i:]]
