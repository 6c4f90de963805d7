"""The ways in which text may have become foreign: a codec that wrote it, and one that read it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

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
from .channels import MULTIBYTE, Layer
from .channels._legacy import MARKERS, codec
from .model import load

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTROLS = re.compile("[\x80-\x9f]+")
"""C1 controls, which Latin-1 and its sisters show of bytes that mean something elsewhere."""

DROPS_80 = ("cp949", "cp950")
"""Codecs of several bytes that read a byte 80 of UTF-8 as a control, which gets lost."""

AS_SOURCE = {"utf-8": TRANSCODED} | {name: LEGACY + RARER_SOURCE[name] for name in RARER_SOURCE}
"""-log of how likely it is, in nats, that foreign text was written in a codec."""


class Foreign(NamedTuple):
    """A way in which text may have become foreign.

    Attributes:
        source, decoder: the codecs.
        marker: what stands for bytes that mean nothing to the decoder; nothing if empty.
    """

    source: str
    decoder: str
    marker: str = ""

    def prior(self) -> float:
        """Return -log of how likely it is before a text is seen."""
        cost = AS_SOURCE[self.source] + RARER[self.decoder] + (LOSS if self.marker else 0.0)
        return cost - CALLED_LATIN_1 if self[:2] == ("cp1252", "latin-1") else cost

    def layers(self) -> Iterator[Layer]:
        """Yield the layers that it can be, those that lose less first."""
        undefined: tuple[str, ...] = ()
        if self.marker:
            windows = self.marker == MARKERS[self.decoder]
            undefined = ("undefined-question" if windows else "undefined-replaced",)
        pairs = self.decoder in MULTIBYTE
        for losses in ((), undefined) if undefined else ((),):
            yield Layer(self.source, self.decoder, losses)
            if pairs:
                yield Layer(self.source, self.decoder, (*losses, "nfc"))
                yield Layer(self.source, self.decoder, (*losses, "c1-dropped"))
                yield Layer(self.source, self.decoder, (*losses, "c1-dropped", "nfc"))


@cache
def load_ways() -> _core.Ways:
    """Return all ways as the core takes them, with the model that tells of them; made once.

    Raises:
        ModelError: the model is missing, or is none.
    """
    costs = {name: (AS_SOURCE[name], RARER[name]) for name in RARER}
    figures = TRANSCODED, LOSS, CALLED_LATIN_1, CAPITALS, ENTER, LEAVE, max(ACCEPT, MARGIN)
    return _core.Ways(load(), costs, DROPS_80, figures)


def read_otherwise(text: str, foreign: Foreign) -> bytes:
    """Return of each character 1 if a decoder reads it, and its source reads otherwise, else 0."""
    return codec(foreign.decoder).otherwise(codec(foreign.source), text)


def bytes_of(word: str, decoder: str) -> bytes | None:
    """Return the bytes of a word that a decoder can have read."""
    try:
        return codec(decoder).encode(word)
    except UnicodeEncodeError:
        return None


def is_read_by(text: str, decoder: str) -> bool:
    """Return whether a decoder can have read a text."""
    return bytes_of(text, decoder) is not None
