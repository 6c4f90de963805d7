"""Which of two decoders damaged a document that differ in few images, and tell alike of it.

`ĂĄ` is `á` through ISO 8859-2, and `å` through Windows-1250: classes of characters do not tell the
one from the other, but the words that they stand in do.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import combinations, islice
from typing import TYPE_CHECKING

from . import _core
from ._prior import MARGIN, PRIOR, RARER, STRANGER
from .channels import DECODERS
from .channels._tables import DECODED

if TYPE_CHECKING:
    from collections.abc import Iterator

# Nats by which a decoder may tell less of a document than the best one, to be asked about, unless
# it is more usual; places at which both are compared, at most, and code points on each side of
# those that are read.
CLOSE, COMPARED, BESIDE = 3.0, 30, 12

_UNITS = _core.UNITS_PER_NAT


@cache
def _told(decoder: int, other: int) -> frozenset[str]:
    """Return the images that stand for other bytes under another decoder."""
    one, two = DECODED[DECODERS[decoder]], DECODED[DECODERS[other]]
    places = {image: byte for byte, image in enumerate(two)}
    return frozenset(image for byte, image in enumerate(one) if places.get(image, byte) != byte)


def sisters(text: str, weights: list[int]) -> list[int]:
    """Return the decoders that may have damaged a text, if some read it otherwise than others.

    Args:
        text: the observed text.
        weights: what its document tells of each decoder, in units of the core.
    """
    most = max(weights)
    least = max(most - round(CLOSE * _UNITS), 1)
    found = [each for each, weight in enumerate(weights) if weight >= least]
    found += [each for each in _more_usual(text, weights) if each not in found] if most > 0 else []
    differ = any(c in text for pair in combinations(found, 2) for c in _told(*pair))
    return found if differ else []


def _more_usual(text: str, weights: list[int]) -> list[int]:
    """Return the more usual decoders that show all images of the one that tells most of a text."""
    best = max(range(len(weights)), key=weights.__getitem__)
    rarer = RARER[DECODERS[best]]
    shown = _images(best).intersection(text) if rarer else frozenset()
    return [
        each for each, name in enumerate(DECODERS) if RARER[name] < rarer and shown <= _images(each)
    ]


@cache
def _images(decoder: int) -> frozenset[str]:
    return frozenset(DECODED[DECODERS[decoder]])


def weights_by_words(text: str, weights: list[int]) -> list[int]:
    """Return the weights, with one of such decoders before the others if words are better so."""
    decoders = sisters(text, weights)
    if not decoders:
        return weights
    from . import model as language_model

    cost = language_model.load().cost
    usual, first = _read(text, weights)
    chosen, ahead = weights, 0.0
    for decoder in decoders:
        favoured = [*weights]
        favoured[decoder] = max(weights) + round(2 * STRANGER * _UNITS)
        _, second = _read(text, favoured)
        if not first or first.keys() != second.keys():
            continue
        places = islice(_different(text, first, second), COMPARED)
        better = sum(cost(one, 0) - cost(two, 0) for one, two in places)
        better += RARER[DECODERS[usual]] - RARER[DECODERS[decoder]]
        if better > max(ahead, MARGIN):
            chosen, ahead = favoured, better
    return chosen


def _read(text: str, weights: list[int]) -> tuple[int, dict[tuple[int, int], str]]:
    """Return which decoder damaged most of a text, and what was meant if no byte was lost."""
    edits = _core.undo(text, PRIOR, weights)[1]
    decoders = Counter(decoder for _, _, _, decoder, *_ in edits)
    decoder = max(decoders, key=decoders.__getitem__, default=0)
    if any(original is None for _, _, original, *_ in edits):
        return decoder, {}
    return decoder, {(start, end): original or "" for start, end, original, *_ in edits}


def _different(
    text: str, first: dict[tuple[int, int], str], second: dict[tuple[int, int], str]
) -> Iterator[tuple[str, str]]:
    """Yield the words around what two readings of the same places take for different letters."""
    for place, original in first.items():
        if second[place] == original:
            continue
        start, end = place
        before = text[max(start - BESIDE, 0) : start].rpartition("\n")[2]
        behind = text[end : end + BESIDE].partition("\n")[0]
        yield before + original + behind, before + second[place] + behind
