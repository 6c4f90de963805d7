"""Whether the core can refute all signs of damage in a document."""

from __future__ import annotations

from functools import lru_cache

from . import _core
from ._prior import PRIOR

# Code points of the beginning of a document, which are judged before all of it.
BEGINNING = 1000


def is_beyond_suspicion(text: str) -> bool:
    """Return whether the core finds a document without a sign of damage, or can refute them."""
    return _core.find_sign(text) < 0 or is_refuted(text)


@lru_cache(maxsize=2)
def is_refuted(text: str) -> bool:
    """Return whether the core can refute the signs of damage in a document.

    If it cannot in the beginning, it is not asked about all of it.
    """
    if len(text) > BEGINNING and _core.refutes(text[:BEGINNING], PRIOR) is False:
        return False
    is_refuted = _core.refutes(text, PRIOR)
    if is_refuted is None:
        from ._ways import load_ways

        is_refuted = _core.refutes(text, PRIOR, load_ways())
    return bool(is_refuted)
