"""The ways in which text may have become foreign, as the core takes them."""

from __future__ import annotations

from . import _core
from ._prior import (
    ACCEPT,
    CALLED_LATIN_1,
    CAPITALS,
    ENTER,
    LEAVE,
    LEGACY,
    LOSS,
    MARGIN,
    RARER,
    RARER_SOURCE,
    TRANSCODED,
)
from .model import load

DROPS_80 = ("cp949", "cp950")
"""Codecs of several bytes that read a byte 80 of UTF-8 as a control, which gets lost."""

AS_SOURCE = {"utf-8": TRANSCODED} | {name: LEGACY + RARER_SOURCE[name] for name in RARER_SOURCE}
"""-log of how likely it is, in nats, that foreign text was written in a codec."""


_loaded: list[_core.Ways] = []  # one at most: `functools` takes longer to import than they to make


def load_ways() -> _core.Ways:
    """Return all ways as the core takes them, with the model that tells of them; made once.

    Raises:
        ModelError: the model is missing, or is none.
    """
    if _loaded:
        return _loaded[0]
    costs = {name: (AS_SOURCE[name], RARER[name]) for name in RARER}
    figures = TRANSCODED, LOSS, CALLED_LATIN_1, CAPITALS, ENTER, LEAVE, max(ACCEPT, MARGIN)
    _loaded.append(_core.Ways(load(), costs, DROPS_80, figures))
    return _loaded[0]
