"""A way in which text may have become foreign: a codec that wrote it, and one that read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ._prior import CALLED_LATIN_1, LOSS, RARER
from ._ways import AS_SOURCE
from .channels import MULTIBYTE, Layer
from .channels._legacy import MARKERS, codec

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTROLS = re.compile("[\x80-\x9f]+")
"""C1 controls, which Latin-1 and its sisters show of bytes that mean something elsewhere."""


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
