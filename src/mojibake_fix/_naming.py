"""Which way made a text foreign: the two codecs that explain it best."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from . import _core
from . import model as language_model
from ._foreign import CONTROLS, Foreign, bytes_of, is_read_by
from ._prior import ACCEPT, CAPITALS, MARGIN
from ._readings import BEFORE, read
from ._scripts import is_unspaced, scripts
from ._ways import load_ways
from .channels import DECODERS, MULTIBYTE
from .channels._legacy import MARKERS, codec
from .channels._tables import DECODED

if TYPE_CHECKING:
    from collections.abc import Iterable

# Ways that are compared by more than words, of sources of one byte and of several, at most; and by
# how many nats one has to explain the lines, too, so that those which explain the words by as much
# less need not be.
RIVALS, TELLING = 5, 100.0

# Decoders of one byte that may have read UTF-8: what they explain best is no matter of this module.
USUAL = ("cp1252", "cp1250", "cp1251", "cp437", "mac-roman")

# Places from all over a text that are looked at first.
MOST_SUSPECTS = 500

# Code points on each side of a character by which codecs are told apart that differ in it, and such
# places that are looked at, at most.
BESIDE, COMPARED = 8, 30

# What a word of an alphabet costs, in nats, and each of its letters, at most, where it is observed
# and would be of another script: the model may not know its language.
WORD, LETTER = 4.0, 4.5

_ASCII = re.compile("[\0-\x7f]+")

# A word of an alphabet, with the marks of its script.
_WORD = re.compile("[A-Za-z\u00c0-\u024f]{2,}|[\u0250-\u10ff]{2,}")


def suspects_in(text: str) -> list[int]:
    """Return the offsets of foreign places from all over a text."""
    step = max(_core.NEAR // 2, len(text) // MOST_SUSPECTS)
    found = []
    at = _core.find_foreign(text)
    while at >= 0:
        found.append(at)
        at = _core.find_foreign(text, at + step)
    return found


def best_way(text: str, suspects: list[int]) -> tuple[Foreign, float] | None:
    """Return the way that explains lines with suspects best, and its log odds; None if unsure."""
    bounds, sample, words = _core.sample(text, suspects)
    best_ways, others = _legacy(words)
    scored = _scored(sample, (*_unicode(sample), *best_ways, *_of_sisters(words, best_ways)))
    if _most(scored) < TELLING:
        scored += _scored(sample, others)
    if _most(scored) < max(ACCEPT, MARGIN):
        return None
    usual = _scored(sample, (Foreign("utf-8", decoder) for decoder in USUAL))
    scored = sorted([*usual, *scored], key=lambda each: -each[0])
    odds, best, original = scored[0]
    rival = next((other for other, _, others in scored if others != original), -math.inf)
    if odds - max(rival, 0.0) < MARGIN:
        return None
    if best.source == "utf-8" and best.decoder in DECODED:
        return None
    # Controls by themselves tell nothing of what other characters were read with, unless they are
    # halves of characters.
    is_told = best.source in MULTIBYTE or not all(map(CONTROLS.fullmatch, words))
    if best.source != "utf-8" and is_told:
        lines = "\n".join(text[start:end] for start, end in bounds)
        best = _closest(lines, words, best)
    return best, odds


def _most(scored: list[tuple[float, Foreign, str]]) -> float:
    """Return the greatest log odds of ways."""
    return max((odds for odds, *_ in scored), default=-math.inf)


def _scored(sample: str, ways: Iterable[Foreign]) -> list[tuple[float, Foreign, str]]:
    """Return the log odds of ways that change a sample, with what each reads in it."""
    model = language_model.load()
    readings = [(way, read(sample, way)) for way in ways]
    readings = [(way, reading) for way, reading in readings if reading.text != sample]
    texts = [reading.text for _, reading in readings]
    costs, as_read = _costs((sample, *texts)), model.costs([(each, 0, len(each)) for each in texts])
    are_other = [bool(scripts(each) - scripts(sample)) for each in texts]
    least = _observed_cost(sample, costs[sample]) if any(are_other) else 0.0
    scored = []
    for (foreign, reading), (written, _), is_other in zip(
        readings, as_read, are_other, strict=True
    ):
        observed = least if is_other else costs[sample]
        cost = reading.cost - written + costs[reading.text]
        scored.append((observed - cost - foreign.prior(), foreign, reading.text))
    return scored


def _costs(texts: Iterable[str]) -> dict[str, float]:
    """Return what each of some texts costs, in nats, in the spelling that costs least."""
    unique = list(dict.fromkeys(texts))
    costs = language_model.load().least_costs(unique, CAPITALS)
    return dict(zip(unique, costs, strict=True))


def _observed_cost(text: str, cost: float) -> float:
    """Return what a text costs as it is observed, at most, if the model knows no word of it."""
    words = [word.span() for word in _WORD.finditer(text) if _is_plausible(word[0])]
    befores = [max(start - BEFORE, 0) for start, _ in words]
    costs = language_model.load().costs(
        [
            (text[before:end], start - before, end - before)
            for before, (start, end) in zip(befores, words, strict=True)
        ]
    )
    for (start, end), (each, _) in zip(words, costs, strict=True):
        cost -= max(each - WORD - LETTER * (end - start), 0.0)
    return cost


def _is_plausible(word: str) -> bool:
    """Return whether some language may write a word so: in one alphabet, capitals first.

    Of Latin letters some are ASCII in any language.
    """
    if word[0] <= "\u024f" and 3 * sum(map(str.isascii, word)) < len(word):
        return False
    is_one = len(scripts(word)) <= 1 and not is_unspaced(word[0])
    return is_one and word in (word.lower(), word.upper(), word.capitalize())


def _unicode(sample: str) -> list[Foreign]:
    """Return the ways in which codecs of several bytes may have read UTF-8 as what is observed."""
    found = []
    for decoder in MULTIBYTE:
        marker = MARKERS[decoder]
        found.append(Foreign("utf-8", decoder))
        if "\ufffd" in sample:
            found.append(Foreign("utf-8", decoder, "\ufffd"))
        if marker in sample:
            found.append(Foreign("utf-8", decoder, marker))
    return found


def _legacy(words: list[str]) -> tuple[list[Foreign], list[Foreign]]:
    """Return the legacy ways that explain words best, read one by one, and those far behind."""
    gains = {Foreign(source, way): gain for source, way, gain in load_ways().explain(words)}
    several = [way for way in gains if way.source in MULTIBYTE][:RIVALS]
    best = [way for way in gains if way.source not in MULTIBYTE][:RIVALS] + several
    least = max(gains.values(), default=0.0) - TELLING
    return [w for w in best if gains[w] >= least], [w for w in best if gains[w] < least]


def _of_sisters(words: list[str], ways: list[Foreign]) -> list[Foreign]:
    """Return more ways that read words as one of these does, with a source that has the same there.

    GBK has kana where EUC-JP has them, and other ideographs; halves of characters tell none apart.
    """
    found = dict.fromkeys(ways)
    for way in ways:
        if way.source not in MULTIBYTE:
            continue
        data = tuple(code for word in words if (code := bytes_of(word, way.decoder)) is not None)
        originals = _decoded(data, way.source)
        found |= {
            Foreign(source, way.decoder): None
            for source in MULTIBYTE
            if _decoded(data, source) == originals
        }
    return list(found)[len(ways) :]


def _alike(words: list[str], found: Foreign) -> list[Foreign]:
    """Return the ways that read words as the one that was found does, itself included."""
    decoders, sources = [found.decoder], [found.source]
    codes = [bytes_of(word, found.decoder) for word in words]
    if found.decoder in DECODED:
        decoders = [name for name in DECODERS if [bytes_of(word, name) for word in words] == codes]
    if found.source in DECODED:
        data = tuple(code for code in codes if code is not None)
        originals = _decoded(data, found.source)
        sources = [name for name in DECODERS if _decoded(data, name) == originals]
    return [Foreign(source, decoder) for source in sources for decoder in decoders]


def _closest(text: str, words: list[str], found: Foreign) -> Foreign:
    """Return the way that reads words as the one that was found does, and all the text best.

    Codecs that differ in few characters may differ in none of those words.
    """
    beyond = Counter(_ASCII.sub("", text))

    def unread(decoder: str) -> int:
        return sum(number for c, number in beyond.items() if not is_read_by(c, decoder))

    ways = _alike(words, found)
    counts = {decoder: unread(decoder) for decoder in {way.decoder for way in ways}}
    least = min(counts.values())
    ways = sorted((way for way in ways if counts[way.decoder] == least), key=Foreign.prior)
    if found.source in MULTIBYTE or found.decoder in MULTIBYTE:
        return ways[0]
    tables = [
        {ord(c): _decoded((bytes_of(c, way.decoder) or b"",), way.source)[0] or c for c in beyond}
        for way in ways
    ]
    told = [c for c in beyond if len({table[ord(c)] for table in tables}) > 1]
    if not told:
        return ways[0]
    places = re.compile("[" + re.escape("".join(told)) + "]").finditer(text)
    around = [
        text[max(at.start() - BESIDE, 0) : at.end() + BESIDE] for at in islice(places, COMPARED)
    ]
    passages = "\n".join(around)
    read = [passages.translate(table) for table in tables]
    cost_of = _costs(read)
    costs = [cost_of[text] + way.prior() for way, text in zip(ways, read, strict=True)]
    return ways[costs.index(min(costs))]


@lru_cache(maxsize=256)
def _decoded(data: tuple[bytes, ...], source: str) -> list[str]:
    """Return what bytes are in a legacy codec; nothing if most mean nothing in it."""
    read = [codec(source).decode(each, "\ufffd", False) for each in data]
    read = [original.removesuffix("\ufffd") for original in read]  # cut in the middle
    whole = sum("\ufffd" not in original for original in read)
    return read if 2 * whole >= len(read) else []
