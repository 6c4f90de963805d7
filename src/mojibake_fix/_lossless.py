"""Text whose only layer of damage lost nothing: repaired by the core alone, as is sooner done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _core
from ._as_written import may_be_as_written
from ._heard import ALONE, Heard
from ._layer import blanked, is_foreign, seems_foreign
from ._layers import UNDECODED
from ._lookalikes import made_by_chance
from ._prior import PRIOR
from ._refuted import BEGINNING
from ._sisters import sisters
from ._undone import undone
from .examples import may_hold_examples
from .marks import MARK

if TYPE_CHECKING:
    from ._core import Edits

# How many beginnings long a text is that is asked first whether most of it is foreign.
MANY_BEGINNINGS = 4


def undo_lossless(text: str) -> str | None:
    """Return the text less its only layer of damage; None if there may be more to it."""
    if ALONE.fullmatch(text) or (len(text) > MANY_BEGINNINGS * BEGINNING and seems_foreign(text)):
        return None
    weights = _core.weigh(text, PRIOR)
    repaired, edits = undone(text, weights)
    if edits.is_lossy() or edits.breaks_off(text) or repaired is text or ALONE.fullmatch(repaired):
        return None
    if (
        sisters(text, weights)
        or "â??" in repaired  # an apostrophe of another layer, maybe
        or (len(text) < BEGINNING and _core.find_foreign(blanked(text, edits)) >= 0)
        or made_by_chance(text, edits)
    ):
        return None
    if _core.find_sign(repaired) < 0:
        return repaired
    if not _is_clean(repaired) or (_core.find_foreign(repaired) >= 0 and is_foreign(text)):
        return None
    return repaired


def _is_clean(text: str) -> bool:
    """Return whether nothing of a text is damaged, though pairs in it are odd."""
    inner, edits = undone(text, _core.weigh(text, PRIOR))
    if edits.is_lossy() or inner is not text or UNDECODED.search(text):
        return False
    if _core.find_foreign(text) >= 0 and is_foreign(text):
        return False
    from ._restore import restore

    return not restore(text, text, edits, Heard(), None)


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
    repaired, edits = undone(given, weights)
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
        or (edits and len(given) < BEGINNING and outer.foreign_pair(blanked(given, edits)))
        or UNDECODED.search(repaired)
        or (edits and outer.knows_all and may_hold_examples(given, repaired))
        or (known is None and made_by_chance(given, edits))
    ):
        return None
    outer.weights = weights
    heard[:1] = [outer]
    if repaired is not given and len(heard) == 1:
        heard.append(Heard())  # the next layer was looked at, and had nothing to tell
    return text if repaired is given else repaired[len(before) :], edits
