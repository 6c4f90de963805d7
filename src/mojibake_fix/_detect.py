"""Text to spans: what of a document was damaged, how, and how sure that is."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter

from . import _core, views
from ._as_written import as_written
from ._decide import decide
from ._heard import ALONE, Heard, heard_of_whole
from ._layer import forget
from ._layers import UNDECODED, seen_spans
from ._prior import PRIOR
from ._refuted import is_beyond_suspicion
from ._respelt import respelt
from ._spans import Span, Straddles, composed, replaced
from ._undone import undone
from .examples import Example, examples, stands_alone, without
from .marks import hidden
from .options import DEFAULTS, Options
from .structure import guarded, respected

# Times that a document is looked at again, for what is repaired may tell of what is left. Most
# need one to find that nothing is, and some three; one that still changes is left alone.
MOST_LOOKS = 8

# How many spans of a document with more are looked at first, and code points behind those.
FIRST, BESIDE = 10, 500

# Code points of which a look tells whether they are damaged, and how many times as long a document
# is for that to be worth it.
ENOUGH, MANY = 3000, 4

# More than any document tells of a decoder, in units.
MOST_HEARD = 1 << 39


def text_spans(
    text: str, heard: list[Heard] | None = None, options: Options = DEFAULTS
) -> tuple[str, list[Span]]:
    """Return the repaired text, and its spans in order; the same object if nothing changes.

    Layers are undone from the outside in until none has evidence, and what comes of that is looked
    at again until nothing changes. A lossy span is what the outermost layer shows of it. Escapes
    are looked under. What a whole document shows on purpose stays, and what marks hide is not
    looked at.

    Args:
        text: the observed text.
        heard: what came before in the same document tells of each layer, the outermost first; what
            the text tells is added. Nothing came before if None.
        options: what to do where bytes were lost.
    """
    try:
        if heard is not None:
            return _heard_spans(text, heard, options)
        return _document_spans(text, options)
    finally:
        forget()


def _document_spans(text: str, options: Options) -> tuple[str, list[Span]]:
    """Return the repaired text, and its spans in order, of a whole document."""
    if is_beyond_suspicion(text):
        return text, []
    repaired, spans = _looked_at(text, options)
    for _ in range(MOST_LOOKS):
        if repaired is text or is_beyond_suspicion(repaired):
            return repaired, spans
        again, inner = _looked_at(repaired, options)
        if again == repaired:
            return repaired, spans
        try:
            spans = composed(spans, [span for span in inner if span.replacement is not None])
        except Straddles:  # no one channel proves it
            break
        spans = [span for span in spans if span.replacement != span.observed]
        repaired = again
    return text, [span for span in spans if span.replacement is None]


def _looked_at(text: str, options: Options) -> tuple[str, list[Span]]:
    """Return the repaired text, and its spans in order, of a whole document looked at once."""
    shown = hidden(text)
    unread = _unread_spans(shown)
    if unread:
        return _looked_behind(text, unread, options)
    result = _shown_spans(text, shown, None, options)
    if result[0] is not text and ALONE.fullmatch(result[0]):
        return _looked_behind(text, result[1], options)
    changed = [span for span in result[1] if span.replacement != span.observed]
    found = _staying(shown, changed, options)
    if not found:
        return result
    left = _shown_spans(text, without(shown, found), None, options)
    sure = [example for example in found if example.is_sure]
    if len(sure) == len(found) or not any(span.replacement for span in left[1]):
        return left
    return _shown_spans(text, without(shown, sure), None, options) if sure else result


def _staying(text: str, spans: list[Span], options: Options) -> list[Example]:
    """Return the spans of a document that are no damage or are shown on purpose, in order.

    Those that are not sure count where nothing else is damaged.
    """
    written = as_written(text, spans)
    is_damaged = _begins_damaged(text, spans, written)
    found = sorted({*examples(text, spans, is_damaged), *written})
    sure = [example for example in found if example.is_sure]
    if len(sure) < len(found) and (is_damaged or _is_damaged_beside(text, found, spans, options)):
        return sure
    return found


def _is_damaged_beside(
    text: str, found: list[Example], spans: list[Span], options: Options
) -> bool:
    """Return whether more of a text than some spans is damaged, as far as that is soon told."""
    rest = without(text, found)
    if _is_plainly_damaged(rest):
        return True
    shown = {(example.start, example.end) for example in found}
    left = (span.start for span in spans if (span.start, span.end) not in shown)
    start = max(next(left, len(text)) - BESIDE, 0)
    if start + MANY * ENOUGH > len(text):
        return False
    part = rest[start : start + ENOUGH]
    return any(span.replacement for span in _shown_spans(part, part, None, options)[1])


def _begins_damaged(text: str, spans: list[Span], written: set[Example]) -> bool:
    """Return whether the first spans of a document are damage, whatever the rest of it shows.

    Most often they are, and that is sooner told than what the whole document shows.

    Args:
        text: the text as it is spelt.
        spans: its damaged spans, in order.
        written: those that only look like damage.
    """
    if len(spans) <= FIRST:
        return False
    first, end = spans[:FIRST], spans[FIRST - 1].end
    beside = bisect_right(spans, end + BESIDE, key=attrgetter("end"))
    shown = examples(text[: end + BESIDE], spans[:beside])
    # What is one character by itself may be shown somewhere else.
    lone = [
        Example(span.start, span.end, False)
        for span in first
        if len(span.replacement or "") < 2 and stands_alone(text, span.start, span.end)
    ]
    found = [example for example in {*shown, *lone, *written} if example.end <= end]
    return _is_plainly_damaged(without(text[:end], sorted(found)))


def _looked_behind(text: str, outer: list[Span], options: Options) -> tuple[str, list[Span]]:
    """Return the repaired text and its spans, more layers behind the outer ones included."""
    outer = [span for span in outer if span.replacement is not None]
    repaired, inner = text_spans(replaced(text, outer), None, options)
    try:
        return repaired, composed(outer, [span for span in inner if span.replacement is not None])
    except Straddles:  # no one channel proves it
        return text, []


def _heard_spans(text: str, heard: list[Heard], options: Options) -> tuple[str, list[Span]]:
    """Return the repaired text, and its spans in order, of a part of a document."""
    shown = hidden(text)
    before = [layer.copy() for layer in heard]
    result = _shown_spans(text, shown, heard, options)
    changed = [span for span in result[1] if span.replacement != span.observed]
    found = sorted(as_written(shown, changed))
    is_damaged = any(layer.decoder() is not None for layer in before)
    if any(layer.knows_all for layer in before):
        found = sorted({*found, *examples(shown, changed, is_damaged)})
    if is_damaged:
        found = [example for example in found if example.is_sure]
    if not found:
        return result
    heard[:] = before  # what is no damage tells nothing of it
    return _shown_spans(text, without(shown, found), heard, options)


def _shown_spans(
    text: str, shown: str, heard: list[Heard] | None, options: Options
) -> tuple[str, list[Span]]:
    """Return the repaired text, and its spans in order, by what is shown of it."""
    view = views.look(shown)
    read = shown if view is None else view.text
    seen = guarded(read, is_fragment=heard is not None)
    if heard is None:
        heard = [heard_of_whole(text)]
    repaired, found = seen_spans(seen, heard, options)
    spans = respected(text, found if view is None else [respelt(s, view, text) for s in found])
    if seen is text and spans is found:
        return repaired, spans
    return replaced(text, spans), spans


def _unread_spans(text: str) -> list[Span]:
    """Return the spans in which units of an encoding were taken for characters, less examples."""
    if _core.find_unread(text) < 0:
        return []
    from ._unread import restore

    spans = [decide(text, found, DEFAULTS) for found in restore(text)]
    shown = {(example.start, example.end) for example in examples(text, spans)}
    return [span for span in spans if (span.start, span.end) not in shown]


def _is_plainly_damaged(text: str) -> bool:
    """Return whether some of a text, as it is spelt, is damage that lost nothing."""
    if views.look(text) is not None:
        return False
    seen = guarded(text)
    return undone(seen, _core.weigh(seen, PRIOR))[0] is not seen


def spans_behind(
    before: str, text: str, heard: list[Heard], options: Options
) -> tuple[str, list[Span]]:
    """Return a text repaired, and its spans in order, as it stands behind others.

    Args:
        before: what stands there, and is repaired already.
        text: the observed text.
        heard: see `text_spans`.
        options: see `text_spans`.
    """
    given = before + text
    repaired, found = text_spans(given, heard, options)
    spans = [
        span._replace(start=span.start - len(before), end=span.end - len(before))
        for span in found
        if span.start >= len(before)
    ]
    if len(spans) < len(found):
        return replaced(text, spans), spans
    return text if repaired is given else repaired[len(before) :], spans


def may_be_damaged(text: str) -> bool:
    """Return whether a text that was repaired would be repaired further if more were known of it.

    That is so where some reading is better than the text as it stands, and only the evidence of a
    document is missing, or its language.
    """
    if _core.find_foreign(text) >= 0:
        return True
    if _core.find_suspect(text) < 0:
        return False
    if UNDECODED.search(text):
        return True
    view = views.look(text)
    seen = text if view is None else view.text
    if _core.find_suspect(seen) < 0:
        return True  # under escapes that only more of the text shows to be such
    certain = [MOST_HEARD] * len(_core.DECODERS)
    repaired, edits = _core.undo(seen, PRIOR, certain)
    return repaired is not seen or edits.is_lossy()


def detect(data: str | bytes) -> list[Span]:
    """Return the damaged spans of a text, in order; nothing is changed.

    Args:
        data: the observed text, or its UTF-8 bytes; spans count in what was given.

    Raises:
        TypeError: `data` is neither a `str` nor `bytes`.
        UnicodeDecodeError: the bytes are not UTF-8.

    >>> [(s.start, s.observed, s.replacement) for s in detect("Das CafÃ© in KÃ¶ln")]
    [(7, 'Ã©', 'é'), (14, 'Ã¶', 'ö')]
    """
    if isinstance(data, str):
        return text_spans(data)[1]
    if not isinstance(data, (bytes, bytearray)):
        raise TypeError(f"data must be a str or bytes, not {type(data).__name__}")
    text = data.decode("utf-8")
    # One pass over the text turns offsets in code points into offsets in bytes.
    placed, at, offset = [], 0, 0
    for span in text_spans(text)[1]:
        offset += len(text[at : span.start].encode("utf-8"))
        end = offset + len(span.observed.encode("utf-8"))
        placed.append(span._replace(start=offset, end=end))
        offset, at = end, span.end
    return placed
