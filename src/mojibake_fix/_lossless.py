"""Parts of documents and short ones, repaired by the core alone if one layer lost nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _core
from ._as_written import as_written, may_be_as_written
from ._decide import edit_spans
from ._heard import ALONE, Heard
from ._layer import blanked
from ._layers import UNDECODED
from ._lookalikes import made_by_chance
from ._prior import PRIOR
from ._refuted import BEGINNING
from ._sisters import sisters
from ._undone import undone
from .examples import examples
from .marks import MARK

if TYPE_CHECKING:
    from ._core import Edits


def undo_lossless(text: str) -> str | None:
    """Return a short document less its only layer of damage; None if there may be more to it."""
    if MARK in text or _core.find_escape(text) >= 0 or _core.find_unread(text) >= 0:
        return None
    weights = _core.weigh(text, PRIOR)
    repaired, edits = undone(text, weights)
    if (
        repaired is text
        or edits.is_lossy()
        or edits.breaks_off(text)
        or _core.find_sign(repaired) >= 0
        or UNDECODED.search(repaired)
        or ALONE.fullmatch(repaired)
        or ALONE.fullmatch(text)
        or "\0" in repaired  # what it replaces may not be fit for it
        or "â??" in repaired  # an apostrophe of another layer, maybe
        or sisters(text, weights)
        or _core.find_foreign(blanked(text, edits)) >= 0
    ):
        return None
    spans = edit_spans(text, edits)
    return None if as_written(text, spans) or examples(text, spans) else repaired


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
        or (
            edits
            and outer.knows_all
            and examples(given, edit_spans(given, edits), known is not None)
        )
        or (known is None and made_by_chance(given, edits))
    ):
        return None
    outer.weights = weights
    heard[:1] = [outer]
    if repaired is not given and len(heard) == 1:
        heard.append(Heard())  # the next layer was looked at, and had nothing to tell
    return text if repaired is given else repaired[len(before) :], edits
