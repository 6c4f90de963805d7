"""How text gets damaged: the known channels and their forward simulation.

A channel is data: layers in order, each a source codec, a wrong decoder and losses. Adding a
decoder or a loss is adding a row.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ._tables import DECODED, UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["DECODERS", "LOSSES", "SOURCES", "Channel", "Layer", "damage"]

DECODERS: tuple[str, ...] = tuple(DECODED)
"""Names of the known wrong decoders, most usual first."""


def _encode_utf8(text: str) -> bytes:
    return text.encode("utf-8")


def _surrogate_pair(character: str) -> str:
    offset = ord(character) - 0x10000
    if offset < 0:
        return character
    return chr(0xD800 + (offset >> 10)) + chr(0xDC00 + (offset & 0x3FF))


def _encode_cesu8(text: str) -> bytes:
    # CESU-8 (Unicode Technical Report 26): every UTF-16 code unit by itself in UTF-8.
    return "".join(map(_surrogate_pair, text)).encode("utf-8", "surrogatepass")


def _encode_java(text: str) -> bytes:
    # Modified UTF-8 of java.io.DataInput: CESU-8 in which U+0000 is C0 80.
    return _encode_cesu8(text).replace(b"\0", b"\xc0\x80")


SOURCES: Mapping[str, Callable[[str], bytes]] = {
    "utf-8": _encode_utf8,
    "cesu-8": _encode_cesu8,
    "java-utf-8": _encode_java,
}
"""Source codecs: name to encoder."""

_STRAIGHT: Mapping[str, str] = dict(zip("‘’‚‹›“”„", "'''''\"\"\"", strict=True))

# A loss says what one wrongly decoded character becomes; `defined` tells whether the decoder's
# own table has the byte at all.
LOSSES: Mapping[str, Callable[[str, bool], str]] = {
    "undefined-dropped": lambda image, defined: image if defined else "",
    "undefined-replaced": lambda image, defined: image if defined else "\ufffd",
    "undefined-question": lambda image, defined: image if defined else "?",
    "c1-dropped": lambda image, defined: "" if "\x80" <= image <= "\x9f" else image,
    "soft-hyphen-dropped": lambda image, defined: "" if image == "\xad" else image,
    "soft-hyphen-folded": lambda image, defined: "-" if image == "\xad" else image,
    "nbsp-folded": lambda image, defined: " " if image == "\xa0" else image,
    "quotes-folded": lambda image, defined: _STRAIGHT.get(image, image),
    "dashes-folded": lambda image, defined: "-" if image in "–—" else image,
    "ellipsis-folded": lambda image, defined: "..." if image == "…" else image,
    "c1-replaced": lambda image, defined: "\ufffd" if "\x80" <= image <= "\x9f" else image,
    "c1-question": lambda image, defined: "?" if "\x80" <= image <= "\x9f" else image,
    "spaces-trimmed": lambda image, defined: image,
    "spaces-squeezed": lambda image, defined: image,
    "markers-joined": lambda image, defined: image,
}
"""Losses after the wrong decoding: name to what becomes of one image."""

# What some losses do to whole texts, after what they do to images.
_TEXT_LOSSES: Mapping[str, Callable[[str], str]] = {
    "spaces-trimmed": lambda text: re.sub(r"(?m)[ \xa0]+$", "", text),
    "spaces-squeezed": lambda text: re.sub(" {2,}", " ", text),
    "markers-joined": lambda text: re.sub("\ufffd{2,}", "\ufffd", re.sub(r"\?{2,}", "?", text)),
}


def _decoder_name(name: str) -> str:
    canonical = codecs.lookup(name.strip()).name
    return "latin-1" if canonical == "iso8859-1" else canonical


@dataclass(frozen=True, slots=True)
class Layer:
    """One mis-decoding: text encoded by `source`, decoded by `decoder`, then `losses` in order.

    Raises:
        ValueError: a name that is not in `SOURCES`, `DECODERS` or `LOSSES`.
    """

    source: str
    decoder: str
    losses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, known, what in (
            (self.source, SOURCES, "source codec"),
            (self.decoder, DECODED, "wrong decoder"),
            *((loss, LOSSES, "loss") for loss in self.losses),
        ):
            if name not in known:
                raise ValueError(f"unknown {what} {name!r}; known are {', '.join(known)}")

    def __str__(self) -> str:
        return "+".join((f"{self.source}>{self.decoder}", *self.losses))


@dataclass(frozen=True, slots=True)
class Channel:
    """The layers that damaged a text, the first applied first.

    The written form joins them: `utf-8>cp1252`, `utf-8>cp1252>utf-8>latin-1`, and with losses
    `utf-8>cp1254+undefined-dropped+soft-hyphen-dropped`.

    >>> str(Channel.parse("utf-8>windows-1252"))
    'utf-8>cp1252'
    """

    layers: tuple[Layer, ...]

    @classmethod
    def parse(cls, name: str) -> Channel:
        """Return the channel with this written form; any of Python's codec aliases will do.

        Raises:
            ValueError: the form is wrong, or a name in it is unknown.
        """
        parts = name.split(">")
        if len(parts) % 2:
            raise ValueError(f"channel {name!r} is not of the form source>decoder[>source>decoder]")
        layers = []
        for source, rest in zip(parts[::2], parts[1::2], strict=True):
            decoder, *losses = rest.split("+")
            try:
                decoder = _decoder_name(decoder)
            except LookupError:
                raise ValueError(f"unknown wrong decoder {decoder!r} in {name!r}") from None
            layers.append(Layer(source.strip(), decoder, tuple(losses)))
        return cls(tuple(layers))

    def __str__(self) -> str:
        return ">".join(map(str, self.layers))


@lru_cache(maxsize=256)
def images(layer: Layer) -> dict[int, str]:
    """Return what each byte of 80 to FF becomes in this layer, as `str.translate` takes it."""
    table = {}
    for byte, image in enumerate(DECODED[layer.decoder], start=0x80):
        defined = byte not in UNDEFINED[layer.decoder]
        observed = image
        for loss in layer.losses:
            # A loss meets characters, and there is none left after one that dropped it.
            observed = LOSSES[loss](observed, defined) if observed == image else observed
        table[byte] = observed
    return table


def damage(text: str, channel: Channel | str) -> str:
    """Return what `text` looks like after the channel: the forward simulation.

    Args:
        text: the original.
        channel: a `Channel` or its written form.

    Raises:
        ValueError: the channel's written form is wrong.
        UnicodeEncodeError: `text` holds a lone surrogate and the source codec is UTF-8.

    >>> damage("Köln", "utf-8>cp1252")
    'KÃ¶ln'
    """
    if isinstance(channel, str):
        channel = Channel.parse(channel)
    for layer in channel.layers:
        encoded = SOURCES[layer.source](text)
        text = encoded.decode("latin-1").translate(images(layer))
        for loss in layer.losses:
            if loss in _TEXT_LOSSES:
                text = _TEXT_LOSSES[loss](text)
    return text
