"""One layer of whole sequences undone; where that is in doubt, a language model is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _core
from ._prior import MISFIT, PRIOR

if TYPE_CHECKING:
    from collections.abc import Sequence


def undone(text: str, weights: Sequence[int]) -> tuple[str, _core.Edits]:
    """Return the text less one layer, the same object if there is none, and the edits of it.

    Args:
        text: the observed text.
        weights: what its document tells of each decoder, in units.
    """
    repaired, edits = _core.undo(text, PRIOR, weights)
    if edits.is_untold():
        from .model import load

        repaired, edits = _core.undo(text, PRIOR, weights, load())
    alone = edits.alone()
    if not alone:
        return repaired, edits
    # What one run tells, others that are like it need not tell again.
    told = round((MISFIT + 1) * _core.UNITS_PER_NAT)
    return _core.undo(text, PRIOR, [w + told * (alone >> i & 1) for i, w in enumerate(weights)])
