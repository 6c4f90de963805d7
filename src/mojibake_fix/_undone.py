"""One layer of whole sequences undone; where that is in doubt, a language model is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _core
from ._prior import PRIOR

if TYPE_CHECKING:
    from collections.abc import Sequence


def undone(text: str, weights: Sequence[int]) -> tuple[str, _core.Edits]:
    """Return the text less one layer, the same object if there is none, and the edits of it.

    Args:
        text: the observed text.
        weights: what its document tells of each decoder, in units.
    """
    repaired, edits = _core.undo(text, PRIOR, weights)
    if not edits.is_untold():
        return repaired, edits
    from .model import load

    return _core.undo(text, PRIOR, weights, load())
