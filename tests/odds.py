"""What may stand at the places of a text, as the core takes it and as a dict."""

from __future__ import annotations

from array import array

from mojibake_fix import _core
from mojibake_fix._rescore import SURE, Unsure

Odds = dict[int, dict[str, float]]


def unpacked(unsure: Unsure) -> Odds:
    return {
        at: dict(zip(unsure.characters[first:end], unsure.posteriors[first:end], strict=True))
        for at, first, end in unsure.places()
    }


def known(text: str, odds: Odds) -> bytes:
    """Return 1 for each code point that is sure enough to tell of others, else 0."""
    return bytes(
        at not in odds or odds[at].get(character, 0.0) >= SURE for at, character in enumerate(text)
    )


def weighed(rescorer: _core.Rescorer, text: str, odds: Odds, looks: int = 1) -> Odds:
    """Return what a rescorer makes of odds."""
    unsure = Unsure.of(text, odds)
    characters, posteriors = rescorer.weighed(text, unsure, SURE, looks)
    return unpacked(unsure._replace(characters=characters, posteriors=array("d", posteriors)))
