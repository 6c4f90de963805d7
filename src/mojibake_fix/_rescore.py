"""What may stand at the places of a document that are not sure, weighed by the rest of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import model as language_model

if TYPE_CHECKING:
    from ._signs import Odds

# Posterior from which a restored code point counts as known to the rest of the document.
SURE = 0.9


def weighed(text: str, unsure: dict[int, Odds]) -> dict[int, Odds]:
    """Return what may stand at places, with posteriors that heed both sides and other places.

    What a first look makes sure counts in a second one.

    Args:
        text: a document, the most probable character in each place.
        unsure: by offset, in order, what may stand at the places that are not sure.
    """
    if not unsure:
        return {}
    rescorer = language_model.load_rescorer()
    first = rescorer.weighed(text, sure(text, unsure), unsure)
    characters = list(text)
    for at, odds in first.items():
        characters[at] = max(odds, key=odds.__getitem__)
    best = "".join(characters)
    second = rescorer.weighed(best, sure(best, first), unsure)
    return {at: _doubted(odds, first[at]) for at, odds in second.items()}


def _doubted(odds: Odds, before: Odds) -> Odds:
    """Return odds of the second look, with at least half the doubt that the first one had.

    Else guesses that are alike would make each other sure.
    """
    best = max(odds, key=odds.__getitem__)
    least = (1 + before[best]) / 2
    if odds[best] <= least:
        return odds
    return {one: posterior / 2 for one, posterior in before.items()} | {best: least}


def sure(text: str, unsure: dict[int, Odds]) -> bytes:
    """Return 1 for each code point of a text that is sure enough to tell of others, else 0."""
    known = bytearray(b"\1") * len(text)
    for at, odds in unsure.items():
        known[at] = odds.get(text[at], 0.0) >= SURE
    return bytes(known)
