"""One layer of damage undone: sequences, foreign text, or both where each explains more."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

from . import _core
from ._decide import ALL, channel_of, decide, decide_all, edit_spans
from ._prior import PRIOR
from ._refuted import BEGINNING, is_refuted
from ._scripts import beyond_ascii
from ._sisters import weights_by_words
from ._spans import Span, beside, damaged, replaced
from ._undone import undone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._core import Edits
    from ._foreign import Foreign
    from ._heard import Heard
    from ._restore import Restored
    from .options import Options

# Places that look foreign, and to how many characters beyond ASCII each, from which on a text seems
# to be; any will do where sequences hold less than that share of those characters, and none where
# they hold most: what they leave may be sequences that lost bytes.
MANY_FOREIGN, FOREIGN, MOST = 5, 0.1, 0.5


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
    is_first = bool(foreign) or (bool(heard.foreign_pair(text)) and seems_foreign(text))
    found = transcoded(text, foreign) if is_first else None
    if found and _are_all(text, found):
        spans = _spans_beside(text, found, heard)
    else:
        repaired, spans = _sequences(text, heard, options)
        # What another layer of sequences may explain is not foreign.
        is_inner = repaired is not text and _core.find_suspect(repaired) >= 0
        pair = "" if is_inner else heard.foreign_pair(repaired)
        # A few characters may be sequences by chance, and the foreign ones beside them tell.
        left = heard.foreign_pair(blanked(text, spans)) if spans and len(text) < BEGINNING else ""
        if not heard.foreign and not pair and not left:
            return repaired, spans

        # What came of sequences, if they were most of the text, may be clean with foreign words.
        if not heard.foreign and not left and are_most(text, spans) and is_refuted(repaired):
            heard.note_vain(pair)
            return repaired, spans

        if found is None:
            found = transcoded(text, foreign)
        if not found:
            if (pair or left) and not heard.foreign:
                heard.note_vain(pair or left)
            return repaired, spans

    heard.foreign = foreign
    heard.vain.clear()
    spans = _with_foreign(text, spans, found, options)
    return replaced(text, spans), spans


def seems_foreign(text: str) -> bool:
    """Return whether much of a text looks foreign that sequences do not explain.

    Then what makes it so is sooner asked about than which bytes were lost.
    """
    first = _core.find_foreign(text)
    if first < 0:
        return False
    first = max(text.rfind("\n", 0, first) + 1, first - BEGINNING // 2)
    part = text[first : first + BEGINNING]
    edits = [*undone(part, _core.weigh(part, PRIOR))[1]]
    beyond, held = beyond_ascii(part), sum(end - start for start, end, *_ in edits)
    if held > MOST * beyond:
        return False
    most = 1.0 if held < FOREIGN * beyond else max(MANY_FOREIGN, FOREIGN * beyond)
    left, at, places = blanked(part, edits), 0, 0
    while places < most:
        at = _core.find_foreign(left, at) + 1
        if not at:
            return False
        places += 1
    return True


def blanked(text: str, found: Iterable[tuple[int, int, *tuple[object, ...]]]) -> str:
    """Return a text with white space in the place of what begins and ends somewhere in it."""
    pieces, at = [], 0
    for each in found:
        pieces.append(text[at : each[0]])
        at = each[1]
    return " ".join([*pieces, text[at:]])


def transcoded(text: str, known: dict[Foreign, float]) -> list[Restored]:
    """Return what is foreign in a text, as `transcode` does, but U+FFFD that was damaged is not."""
    found, told = _transcoded(text, tuple(known.items()))
    known.update(told)
    return list(found)


@lru_cache(maxsize=1)
def _transcoded(
    text: str, known: tuple[tuple[Foreign, float], ...]
) -> tuple[list[Restored], dict[Foreign, float]]:
    """Return what is foreign in a text, and what is known of its document behind it."""
    from ._transcode import transcode

    told = dict(known)
    seen = _markers().sub(lambda found: " " * len(found[0]), text)
    found = transcode(seen, told)
    return [one for one in found if seen[one.start : one.end] == text[one.start : one.end]], told


def forget() -> None:
    """Keep no text any longer."""
    is_refuted.cache_clear()
    _transcoded.cache_clear()


@cache
def _markers() -> re.Pattern[str]:
    """Return what matches U+FFFD as decoders read it in UTF-8, by itself: `ï¿½` and its like."""
    layers = [channel_of(decoder, 0) for decoder in range(len(_core.DECODERS))]
    shown = {damaged("\ufffd", layer) for layer in layers}
    images = "|".join(sorted(filter(None, shown)))
    return re.compile(rf"(?<![^\x00-\x7f])(?:{images})+(?![^\x00-\x7f])")


def _are_all(text: str, found: list[Restored]) -> bool:
    """Return whether what is foreign is nearly all of a text that may be damaged."""
    from ._transcode import explains

    return explains(text, found)


def _spans_beside(text: str, found: list[Restored], heard: Heard) -> list[Span]:
    """Return the spans of sequences in a text of which foreign text is the most."""
    if not heard.decoders() and _core.find_suspect(blanked(text, found)) < 0:
        return []
    lossless = _lossless_sequences(text, heard)
    return edit_spans(text, lossless[1]) if lossless else []


def _with_foreign(
    text: str, spans: list[Span], restored: list[Restored], options: Options
) -> list[Span]:
    """Return the spans of sequences, and of what is foreign where that explains a line better."""
    # That is told by what was meant there, also where it stays as observed.
    meant = [decide(text, found, ALL) for found in restored]
    spans = _with_transcoded(text, _not_legacy(spans, meant), meant)
    decided = {
        id(span): decide(text, found, options)
        for span, found in zip(meant, restored, strict=True)
        if found.guesses or found.is_hopeless or found.confidence < options.min_confidence
    }
    return [decided.get(id(span), span) for span in spans] if decided else spans


def are_most(text: str, spans: list[Span]) -> bool:
    """Return whether spans hold most of what a text has beyond ASCII."""
    return 2 * sum(map(len, map(attrgetter("observed"), spans))) > beyond_ascii(text)


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
        if len(beside(here, others)) == len(here):
            kept += here + others
            continue
        end = text.find("\n", line)
        costs = [_line_cost(text, line, end, each) for each in (here, others)]
        best, rest = (here, others) if costs[0] <= costs[1] else (others, here)
        kept += best + beside(rest, best)
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


def _line_cost(text: str, start: int, end: int, spans: list[Span]) -> float:
    from .model import load

    placed = [span._replace(start=span.start - start, end=span.end - start) for span in spans]
    return load().cost(replaced(text[start : end if end >= 0 else len(text)], placed), 0)


def _sequences(text: str, heard: Heard, options: Options) -> tuple[str, list[Span]]:
    """Return the text and the spans less what decoders of one byte made of UTF-8."""
    known = heard.decoder()
    found = _lossless_sequences(text, heard)
    if found is None:
        return text, []
    repaired, edits = found

    from ._restore import restore

    restored = restore(text, repaired, edits, heard, known)
    if not restored:
        return repaired, edit_spans(text, edits)
    spans = edit_spans(text, edits, 0, decide_all(text, restored, options))
    return replaced(text, spans), spans


def _lossless_sequences(text: str, heard: Heard) -> tuple[str, Edits] | None:
    """Return a text less what decoders of one byte made of UTF-8, and the edits, lossy runs too.

    None if nothing of it looks so.
    """
    from ._pieces import has_lone_lead

    if _core.find_suspect(text) >= 0:
        weights = heard.weights_with(_core.weigh(text, PRIOR))
        heard.weights = weights_by_words(text, weights)
    elif not heard.decoders() and not has_lone_lead(text):
        return None
    return undone(text, heard.weights)


def _lossy_sequences(
    text: str, heard: Heard, decoder: int, options: Options
) -> tuple[str, list[Span]]:
    """Return the text and the spans less what a decoder made of UTF-8 and then lost some of."""
    from ._restore import restore

    restored = restore(text, text, _core.Edits(text), heard, decoder)
    spans = decide_all(text, restored, options)
    return replaced(text, spans), spans
