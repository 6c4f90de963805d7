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

    Args:
        text: a document, the most probable character in each place.
        unsure: by offset, in order, what may stand at the places that are not sure.
    """
    if not unsure:
        return {}
    known = bytearray(b"\1") * len(text)
    for at, odds in unsure.items():
        known[at] = odds.get(text[at], 0.0) >= SURE
    return language_model.load_rescorer().weighed(text, bytes(known), unsure)
