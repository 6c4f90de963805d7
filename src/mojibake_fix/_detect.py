"""Observed text to spans: what was damaged, how, and how sure that is."""

from __future__ import annotations

import re
import sys
from collections import Counter
from functools import cache, lru_cache
from itertools import accumulate, pairwise, repeat
from typing import TYPE_CHECKING

from . import _core, views
from ._alphabets import listed, may_list
from ._capitals import may_punctuate, punctuated
from ._heard import Heard
from ._lookalikes import lookalikes, made_by_chance, may_look_alike
from ._prior import PRIOR
from ._sisters import sisters, weights_by_words
from ._spans import Guess, Span, Straddles, composed, damaged, replaced, spans_of
from ._swallowed import may_be_swallowed, swallowed
from .channels import MULTIBYTE, Channel, Layer
from .examples import Example, examples, may_hold_examples, without
from .marks import MARK, hidden
from .options import Options
from .structure import guarded, respected

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._core import Edits
    from ._foreign import Foreign
    from ._restore import Restored
    from .views import View

# Every layer shrinks what it damaged, so a text of n code points has at most log2(n) of them;
# a text that still changes after so many is not mojibake, and is left alone.
MOST_LAYERS = 48

# Code points in a row that the text around them can vouch for where much was lost.
BY_ITSELF = 2

# Times that a document is looked at again, for what is repaired may tell of what is left. Most
# need one to find that nothing is, and some three; one that still changes is left alone.
MOST_LOOKS = 8

# Code points of the beginning of a document, which are judged before all of it, and in how many
# times as long ones also before the sooner way.
BEGINNING, MANY_BEGINNINGS = 1000, 4

# Places that look foreign, and to how many characters beyond ASCII each, from which on a text seems
# to be; any will do where sequences hold less than that share of those characters.
MANY_FOREIGN, FOREIGN = 5, 0.1

# What a decoder puts in place of bytes that it has no characters for.
_UNDECODED = re.compile("[\ufffd\udc80-\udcff]")

# More than any document tells of a decoder, in units.
MOST_HEARD = 1 << 39

# A text of two characters that could be a letter of Latin-1 in UTF-8, and what that tells of
# cp1252, in nats: of 133 million code points of clean text none is such a word. Nor is a sign
# behind an `Â` that belongs to no word: a price (`Â£5`), a fraction, a mark; but operators multiply
# (`Â·Â`).
ALONE = re.compile(r"\s*[ÂÃ](?:[^\s\x00-\x7f]|\xa0)\s*")
SIGN = re.compile(r"Â(?<![^\s\d(]Â)[¢£¤¥¦§©®¶¼½¾](?![^\s\d.,;:!?)])")
BESIDE_NOTHING = 10.0

DEFAULTS = Options()

# Everything is restored, however unsure.
ALL = Options(min_confidence=0.0)


@cache
def _channel(decoder: int, flags: int) -> Channel:
    source = "utf-8"
    if flags & _core.NULLS:
        source = "java-utf-8"
    elif flags & _core.SURROGATES:
        source = "cesu-8"
    return Channel((Layer(source, _core.DECODERS[decoder]),))


def undo_lossless(text: str) -> str | None:
    """Return the text less its only layer of damage; None if there may be more to it."""
    if len(text) > MANY_BEGINNINGS * BEGINNING and _seems_foreign(text):
        return None
    weights = _core.weigh(text, PRIOR)
    repaired, edits = _core.undo(text, PRIOR, weights)
    if edits.is_lossy() or edits.breaks_off(text) or repaired is text or ALONE.fullmatch(repaired):
        return None
    if sisters(text, weights) or "â??" in repaired:  # an apostrophe of another layer, maybe
        return None
    if _core.find_sign(repaired) < 0:
        return repaired
    if not _is_clean(repaired) or (_core.find_foreign(repaired) >= 0 and _is_foreign(text)):
        return None
    return repaired


def _is_clean(text: str) -> bool:
    """Return whether nothing of a text is damaged, though pairs in it are odd."""
    inner, edits = _core.undo(text, PRIOR, _core.weigh(text, PRIOR))
    if edits.is_lossy() or inner is not text or _UNDECODED.search(text):
        return False
    if _core.find_foreign(text) >= 0 and _is_foreign(text):
        return False
    from ._restore import restore

    return not restore(text, text, edits, Heard(), None)


def _is_foreign(text: str) -> bool:
    """Return whether some of a text became foreign."""
    return bool(_transcoded(text, {}))


@cache
def _markers() -> re.Pattern[str]:
    """Return what matches U+FFFD as decoders read it in UTF-8, by itself: `ï¿½` and its like."""
    layers = [_channel(decoder, 0) for decoder in range(len(_core.DECODERS))]
    shown = {damaged("\ufffd", layer) for layer in layers}
    images = "|".join(sorted(filter(None, shown)))
    return re.compile(rf"(?<![^\x00-\x7f])(?:{images})+(?![^\x00-\x7f])")


def _transcoded(text: str, known: dict[Foreign, float]) -> list[Restored]:
    """Return what is foreign in a text, as `transcode` does, but U+FFFD that was damaged is not."""
    from ._transcode import transcode

    seen = _markers().sub(lambda found: " " * len(found[0]), text)
    found = transcode(seen, known)
    return [one for one in found if seen[one.start : one.end] == text[one.start : one.end]]


def undo_whole(text: str) -> str:
    """Return the text less all layers of damage, as far as no bytes were lost."""
    for _ in range(MOST_LAYERS):
        repaired, _ = _core.undo(text, PRIOR, _core.weigh(text, PRIOR))
        if repaired is text:
            break
        text = repaired
    return text


def layer_spans(
    text: str, heard: Heard, options: Options, losing: int | None = None
) -> tuple[str, list[Span]]:
    """Return the text less its outermost layer, and the spans of that layer in order.

    Args:
        text: the observed text.
        heard: what came before in the document; what the text tells is added to it.
        options: what to do where bytes were lost.
        losing: the decoder under which sequences that break off are undone, and nothing else, if
            the layer is known to have lost bytes.
    """
    if losing is not None:
        return _lossy_sequences(text, heard, losing, options)
    foreign = dict(heard.foreign)
    is_first = bool(foreign) or (bool(heard.foreign_pair(text)) and _seems_foreign(text))
    found = _transcoded(text, foreign) if is_first else None
    if found and _is_explained(text, found):
        spans = _spans_beside(text, found, heard)
    else:
        repaired, spans = _sequences(text, heard, options)
        # What another layer of sequences may explain is not foreign.
        is_inner = repaired is not text and _core.find_suspect(repaired) >= 0
        pair = "" if is_inner else heard.foreign_pair(repaired)
        # A few characters may be sequences by chance, and the foreign ones beside them tell.
        left = heard.foreign_pair(_blanked(text, spans)) if spans and len(text) < BEGINNING else ""
        if not heard.foreign and not pair and not left:
            return repaired, spans

        # What came of sequences, if they were most of the text, may be clean with foreign words.
        if not heard.foreign and not left and _are_most(text, spans) and _is_refuted(repaired):
            heard.note_vain(pair)
            return repaired, spans

        if found is None:
            found = _transcoded(text, foreign)
        if not found:
            if (pair or left) and not heard.foreign:
                heard.note_vain(pair or left)
            return repaired, spans

    heard.foreign = foreign
    heard.vain.clear()
    spans = _with_foreign(text, spans, found, options)
    return replaced(text, spans), spans


def _seems_foreign(text: str) -> bool:
    """Return whether much of a text looks foreign that sequences do not explain.

    Then what makes it so is sooner asked about than which bytes were lost.
    """
    first = _core.find_foreign(text)
    if first < 0:
        return False
    first = max(text.rfind("\n", 0, first) + 1, first - BEGINNING // 2)
    part = text[first : first + BEGINNING]
    edits = _core.undo(part, PRIOR, _core.weigh(part, PRIOR))[1]
    beyond, held = _beyond(part), sum(end - start for start, end, *_ in edits)
    most = 1.0 if held < FOREIGN * beyond else max(MANY_FOREIGN, FOREIGN * beyond)
    left, at, places = _blanked(part, edits), 0, 0
    while places < most:
        at = _core.find_foreign(left, at) + 1
        if not at:
            return False
        places += 1
    return True


def _blanked(text: str, found: Iterable[tuple[int, int, *tuple[object, ...]]]) -> str:
    """Return a text with white space in the place of what begins and ends somewhere in it."""
    ends = [0, *(each[1] for each in found)]
    starts = [*(each[0] for each in found), len(text)]
    return " ".join(map(text.__getitem__, map(slice, ends, starts)))


def _is_explained(text: str, found: list[Restored]) -> bool:
    """Return whether what is foreign is nearly all of a text that may be damaged."""
    from ._transcode import explains

    return explains(text, found)


def _spans_beside(text: str, found: list[Restored], heard: Heard) -> list[Span]:
    """Return the spans of sequences in a text of which foreign text is the most."""
    if not heard.decoders() and _core.find_suspect(_blanked(text, found)) < 0:
        return []
    undone = _lossless_sequences(text, heard)
    return edit_spans(text, undone[1]) if undone else []


def _with_foreign(
    text: str, spans: list[Span], restored: list[Restored], options: Options
) -> list[Span]:
    """Return the spans of sequences, and of what is foreign where that explains a line better."""
    # That is told by what was meant there, also where it stays as observed.
    meant = [_decided(text, found, ALL) for found in restored]
    spans = _with_transcoded(text, _not_legacy(spans, meant), meant)
    decided = {
        id(span): _decided(text, found, options)
        for span, found in zip(meant, restored, strict=True)
        if found.guesses or found.is_hopeless or found.confidence < options.min_confidence
    }
    return [decided.get(id(span), span) for span in spans] if decided else spans


def _beyond(text: str) -> int:
    """Return how many code points beyond ASCII a text has."""
    return len(text) - len(text.encode("ascii", "ignore"))


def _are_most(text: str, spans: list[Span]) -> bool:
    """Return whether spans hold most of what a text has beyond ASCII."""
    return 2 * sum(len(span.observed) for span in spans) > _beyond(text)


def _not_legacy(spans: list[Span], foreign: list[Span]) -> list[Span]:
    """Return the spans that cannot be more of the legacy text that most of the text is."""
    if not spans:
        return spans
    from ._foreign import is_read_by

    sizes: Counter[str] = Counter()
    for span in foreign:
        layer = span.channel.layers[-1]
        if layer.source != "utf-8":
            sizes[layer.decoder] += len(span.observed)
    if sizes.total() <= sum(len(span.observed) for span in spans):
        return spans
    decoder = max(sizes, key=sizes.__getitem__)
    return [span for span in spans if not is_read_by(span.observed, decoder)]


def _with_transcoded(text: str, spans: list[Span], foreign: list[Span]) -> list[Span]:
    """Return both kinds of spans, of those that overlap what explains its line better."""
    if not spans:
        return foreign
    kept: list[Span] = []
    lines = _by_line(text, spans), _by_line(text, foreign)
    for line in sorted(lines[0].keys() | lines[1].keys()):
        here, others = lines[0].get(line, []), lines[1].get(line, [])
        if not others or not _overlap(here, others):
            kept += here + others
            continue
        end = text.find("\n", line)
        costs = [_line_cost(text, line, end, each) for each in (here, others)]
        best, rest = (here, others) if costs[0] <= costs[1] else (others, here)
        kept += best + [span for span in rest if not _overlap([span], best)]
    return sorted(kept, key=lambda span: span.start)


def _by_line(text: str, spans: list[Span]) -> dict[int, list[Span]]:
    """Return spans by the offset where their line begins."""
    lines: dict[int, list[Span]] = {}
    begin, end = 0, -1  # of the last line
    for span in spans:
        if span.start > end:
            begin = text.rfind("\n", max(end, 0), span.start) + 1 or begin
            end = text.find("\n", span.start)
            end = end if end >= 0 else len(text)
        lines.setdefault(begin, []).append(span)
    return lines


def _overlap(some: list[Span], others: list[Span]) -> bool:
    return any(one.start < other.end and other.start < one.end for one in some for other in others)


def _line_cost(text: str, start: int, end: int, spans: list[Span]) -> float:
    from .model import load

    placed = [span._replace(start=span.start - start, end=span.end - start) for span in spans]
    return load().cost(replaced(text[start : end if end >= 0 else len(text)], placed), 0)


def _lossless_sequences(text: str, heard: Heard) -> tuple[str, Edits] | None:
    """Return a text less what decoders of one byte made of UTF-8, and the edits, lossy runs too.

    None if nothing of it looks so.
    """
    if _core.find_suspect(text) >= 0:
        weights = heard.weights_with(_core.weigh(text, PRIOR))
        heard.weights = weights_by_words(text, weights)
    elif not heard.decoders() and not _has_lone_lead(text):
        return None
    return _core.undo(text, PRIOR, heard.weights)


def _sequences(text: str, heard: Heard, options: Options) -> tuple[str, list[Span]]:
    """Return the text and the spans less what decoders of one byte made of UTF-8."""
    known = heard.decoder()
    undone = _lossless_sequences(text, heard)
    if undone is None:
        return text, []
    repaired, edits = undone

    from ._restore import restore

    restored = restore(text, repaired, edits, heard, known)
    if not restored:
        return repaired, edit_spans(text, edits)
    spans = edit_spans(text, edits, 0, _all_decided(text, restored, options))
    return replaced(text, spans), spans


def edit_spans(text: str, edits: Edits, before: int = 0, others: Sequence[Span] = ()) -> list[Span]:
    """Return edits of the core as spans of a text, and others in place of lossy ones, in order.

    The edits count from `before` code points earlier.
    """
    return edits.spans(text, before, Span, _channel, list(others))


def edit_channels(edits: Edits) -> list[tuple[Channel, int]]:
    """Return the channels of edits of the core, with their numbers."""
    return [(_channel(*kind), count) for kind, count in edits.kinds().items()]


def _has_lone_lead(text: str) -> bool:
    from ._pieces import has_lone_lead

    return has_lone_lead(text)


def _lossy_sequences(
    text: str, heard: Heard, decoder: int, options: Options
) -> tuple[str, list[Span]]:
    """Return the text and the spans less what a decoder made of UTF-8 and then lost some of."""
    from ._restore import restore

    restored = restore(text, text, _core.Edits(text), heard, decoder)
    spans = _all_decided(text, restored, options)
    return replaced(text, spans), spans


def _all_decided(text: str, restored: list[Restored], options: Options) -> list[Span]:
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
            spans[i] = _decided(text, restored[i], options)
    return spans


def _decided(text: str, found: Restored, options: Options) -> Span:
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


def _beside_nothing(text: str, read: str) -> Heard:
    """Return what is known of a whole text, as spelt and as it reads, before it is looked at."""
    heard = Heard()
    if ALONE.fullmatch(text) or SIGN.search(read):
        cp1252 = _core.DECODERS.index("cp1252")
        heard.weights[cp1252] = round(BESIDE_NOTHING * _core.UNITS_PER_NAT)
    return heard


def _seen_spans(text: str, heard: list[Heard], options: Options) -> tuple[str, list[Span]]:
    """Return the repaired text, and its spans in order, of a text that reads as it is spelt."""
    before = [layer.copy() for layer in heard or [Heard()]]
    repaired, spans = _layered_spans(text, heard, options)
    # What was looked at in vain need not be again.
    if heard[0].foreign or heard[0].vain != before[0].vain or (not spans and heard[0].vain):
        return repaired, spans
    if not any(layer.foreign for layer in heard) and (
        not heard[0].foreign_pair(repaired)
        or (_are_most(text, spans) and _is_refuted(repaired))  # it is clean, with foreign words
    ):
        return repaired, spans
    # Some of what is foreign may have been taken for a layer of sequences.
    foreign: dict[Foreign, float] = {}
    if not _transcoded(text, foreign):
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
                if depth and _is_refuted(repaired):
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
    if not any(hidden.values()) and not _UNDECODED.search(repaired):
        return repaired, spans

    from . import _replaced as markers_of
    from . import _undecoded as bytes_of

    undecoded = [_decided(repaired, found, options) for found in bytes_of.restore(repaired)]
    spans = composed(spans, undecoded)
    repaired = replaced(repaired, undecoded)
    markers = [hidden.get(span.start) or span for span in spans]
    current = replaced(text, markers)
    while True:
        decided = [_decided(current, found, options) for found in markers_of.restore(current)]
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


def _respelt(span: Span, view: View, text: str) -> Span:
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


def _shown_spans(
    text: str, shown: str, heard: list[Heard] | None, options: Options
) -> tuple[str, list[Span]]:
    """Return the repaired text, and its spans in order, by what is shown of it."""
    view = views.look(shown)
    read = shown if view is None else view.text
    seen = guarded(read, is_fragment=heard is not None)
    if heard is None:
        heard = [_beside_nothing(text, read)]
    repaired, found = _seen_spans(seen, heard, options)
    spans = respected(text, found if view is None else [_respelt(s, view, text) for s in found])
    if seen is text and spans is found:
        return repaired, spans
    return replaced(text, spans), spans


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
        _is_refuted.cache_clear()  # no text is kept


def _document_spans(text: str, options: Options) -> tuple[str, list[Span]]:
    """Return the repaired text, and its spans in order, of a whole document."""
    if _is_beyond_suspicion(text):
        return text, []
    repaired, spans = _looked_at(text, options)
    for _ in range(MOST_LOOKS):
        if repaired is text or _is_beyond_suspicion(repaired):
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


def _is_beyond_suspicion(text: str) -> bool:
    """Return whether the core finds a document without a sign of damage, or can refute them."""
    return _core.find_sign(text) < 0 or _is_refuted(text)


@lru_cache(maxsize=2)
def _is_refuted(text: str) -> bool:
    """Return whether the core can refute the signs of damage in a document.

    If it cannot in the beginning, it is not asked about all of it.
    """
    if len(text) > BEGINNING and _core.refutes(text[:BEGINNING], PRIOR) is False:
        return False
    is_refuted = _core.refutes(text, PRIOR)
    if is_refuted is None:
        from ._ways import load_ways

        is_refuted = _core.refutes(text, PRIOR, load_ways())
    return bool(is_refuted)


def _heard_spans(text: str, heard: list[Heard], options: Options) -> tuple[str, list[Span]]:
    """Return the repaired text, and its spans in order, of a part of a document."""
    shown = hidden(text)
    before = [layer.copy() for layer in heard]
    result = _shown_spans(text, shown, heard, options)
    changed = [span for span in result[1] if span.replacement != span.observed]
    found = sorted(_as_written(shown, changed))
    if any(layer.knows_all for layer in before):
        found = sorted({*found, *examples(shown, changed)})
    if any(layer.decoder() is not None for layer in before):
        found = [example for example in found if example.is_sure]
    if not found:
        return result
    heard[:] = before  # what is no damage tells nothing of it
    return _shown_spans(text, without(shown, found), heard, options)


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
    found = {*examples(shown, changed), *_as_written(shown, changed)}
    if not found:
        return result
    beside = without(shown, sorted(found))
    sure = sorted(example for example in found if example.is_sure)
    is_damaged = len(sure) < len(found) and _is_plainly_damaged(beside)
    if not is_damaged:
        left = _shown_spans(text, beside, None, options)
        is_damaged = len(sure) < len(found) and any(span.replacement for span in left[1])
        if not is_damaged:
            return left
    return _shown_spans(text, without(shown, sure), None, options) if sure else result


def _as_written(text: str, spans: list[Span]) -> set[Example]:
    """Return the spans of a text that only look like damage."""
    return {
        *listed(text, spans),
        *punctuated(text, spans),
        *lookalikes(text, spans),
        *swallowed(text, spans),
    }


def may_be_as_written(text: str) -> bool:
    """Return whether what looks damaged in a text may only look so."""
    return may_list(text) or may_punctuate(text) or may_look_alike(text) or may_be_swallowed(text)


def _is_plainly_damaged(text: str) -> bool:
    """Return whether some of a text, as it is spelt, is damage that lost nothing."""
    if views.look(text) is not None:
        return False
    seen = guarded(text)
    return _core.undo(seen, PRIOR, _core.weigh(seen, PRIOR))[0] is not seen


def _unread_spans(text: str) -> list[Span]:
    """Return the spans in which units of an encoding were taken for characters, less examples."""
    if _core.find_unread(text) < 0:
        return []
    from ._unread import restore

    spans = [_decided(text, found, DEFAULTS) for found in restore(text)]
    shown = {(example.start, example.end) for example in examples(text, spans)}
    return [span for span in spans if (span.start, span.end) not in shown]


def _looked_behind(text: str, outer: list[Span], options: Options) -> tuple[str, list[Span]]:
    """Return the repaired text and its spans, more layers behind the outer ones included."""
    outer = [span for span in outer if span.replacement is not None]
    repaired, inner = text_spans(replaced(text, outer), None, options)
    try:
        return repaired, composed(outer, [span for span in inner if span.replacement is not None])
    except Straddles:  # no one channel proves it
        return text, []


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


def lossless_behind(before: str, text: str, heard: list[Heard]) -> tuple[str, Edits] | None:
    """Return a text repaired as `spans_behind` does, and the edits, which count from `before` on.

    That is much sooner done where one layer lost nothing and is all. None, and nothing is heard, if
    there may be more to it.
    """
    outer = heard[0] if heard else Heard()
    given = before + text
    if (
        MARK in given
        or may_be_as_written(given)
        or _core.find_escape(given) >= 0
        or any(layer.foreign for layer in heard)
        or any(layer.decoders() for layer in heard[1:])
    ):
        return None
    weights = outer.weights_with(_core.weigh(given, PRIOR))
    repaired, edits = _core.undo(given, PRIOR, weights)
    decoders = {decoder for decoder, _ in edits.kinds()}
    known = outer.decoder()
    if known is not None:
        decoders.add(known)
    if (
        sisters(given, weights)
        or (edits and edits[0][0] < len(before))
        or any(flags & (_core.LOSSY | _core.NULLS) for _, flags in edits.kinds())
        or (not outer.is_whole and any(_core.broken_runs(given, each, edits) for each in decoders))
        or _core.find_suspect(repaired) >= 0
        or "â??" in repaired
        or outer.foreign_pair(repaired)
        or _UNDECODED.search(repaired)
        or (edits and outer.knows_all and may_hold_examples(given, repaired))
        or (known is None and made_by_chance(given, edits))
    ):
        return None
    outer.weights = weights
    heard[:1] = [outer]
    if repaired is not given and len(heard) == 1:
        heard.append(Heard())  # the next layer was looked at, and had nothing to tell
    return text if repaired is given else repaired[len(before) :], edits


def may_be_damaged(text: str) -> bool:
    """Return whether a text that was repaired would be repaired further if more were known of it.

    That is so where some reading is better than the text as it stands, and only the evidence of a
    document is missing, or its language.
    """
    if _core.find_foreign(text) >= 0:
        return True
    if _core.find_suspect(text) < 0:
        return False
    if _UNDECODED.search(text):
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
