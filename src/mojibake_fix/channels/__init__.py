"""How text gets damaged: the known channels and their forward simulation.

A channel is data: layers in order, each a source codec, a wrong decoder and losses. Adding a
codec or a loss is adding a row.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from . import _legacy
from ._legacy import ALIASES, MARKERS, MULTIBYTE
from ._tables import DECODED, UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["DECODERS", "LOSSES", "MULTIBYTE", "SOURCES", "Channel", "Layer", "damage"]

DECODERS: tuple[str, ...] = tuple(DECODED)
"""Names of the known wrong decoders of one byte a character, most usual first; those of several
are in `MULTIBYTE`."""


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


UNICODE: Mapping[str, Callable[[str], bytes]] = {
    "utf-8": _encode_utf8,
    "cesu-8": _encode_cesu8,
    "java-utf-8": _encode_java,
}
"""Source codecs of every character: name to encoder."""

# Source codecs that change what is ASCII, or are no codec of it; `-sig` is with a byte order mark.
_UNITS: Mapping[str, Callable[[str], bytes]] = {
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-16-le-sig": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be-sig": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "iso2022_jp": lambda text: text.encode("iso2022_jp"),
}

SOURCES: Mapping[str, Callable[[str], bytes]] = {
    **UNICODE,
    **_UNITS,
    **{name: partial(_legacy.encode, name) for name in (*MULTIBYTE, *DECODERS)},
}
"""Source codecs: name to encoder."""

# Decoders of one byte a character, of several, and those that take all for Unicode.
_WRONG = (*DECODERS, *MULTIBYTE, "utf-8", "ucs-2")

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
    "undefined-escaped": lambda image, defined: image,
    "nfc": lambda image, defined: image,
    "spaces-trimmed": lambda image, defined: image,
    "spaces-squeezed": lambda image, defined: image,
    "markers-joined": lambda image, defined: image,
    "esc-dropped": lambda image, defined: image,
}
"""Losses after the wrong decoding: name to what becomes of one image."""

# What some losses do to whole texts, after what they do to images.
_TEXT_LOSSES: Mapping[str, Callable[[str], str]] = {
    "nfc": lambda text: unicodedata.normalize("NFC", text),
    "spaces-trimmed": lambda text: re.sub(r"(?m)[ \xa0]+$", "", text),
    "esc-dropped": lambda text: text.replace("\x1b", ""),
    "spaces-squeezed": lambda text: re.sub(" {2,}", " ", text),
    "markers-joined": lambda text: re.sub("\ufffd{2,}", "\ufffd", re.sub(r"\?{2,}", "?", text)),
}


def _codec_name(name: str) -> str:
    """Return the name that a codec has here; the name as it is if Python knows none of it."""
    name = name.strip()
    try:
        canonical = codecs.lookup(name).name
    except LookupError:
        return name
    return "latin-1" if canonical == "iso8859-1" else ALIASES.get(canonical, canonical)


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
            (self.decoder, _WRONG, "wrong decoder"),
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
        """Return the channel with this written form; any of Python's names of a codec will do.

        Raises:
            ValueError: the form is wrong, or a name in it is unknown.
        """
        parts = name.split(">")
        if len(parts) % 2:
            raise ValueError(f"channel {name!r} is not of the form source>decoder[>source>decoder]")
        layers = []
        for source, rest in zip(parts[::2], parts[1::2], strict=True):
            decoder, *losses = rest.split("+")
            layers.append(Layer(_codec_name(source), _codec_name(decoder), tuple(losses)))
        return cls(tuple(layers))

    def __str__(self) -> str:
        return ">".join(map(str, self.layers))


def decode(data: bytes, codec: str) -> str:
    """Return what bytes are in a codec of `DECODERS` or `MULTIBYTE`.

    Raises:
        UnicodeDecodeError: bytes mean nothing in it.
    """
    if codec in MULTIBYTE:
        return _legacy.decode(codec, data, None)
    return _misread_bytes(data, Layer("utf-8", codec))


def _lost(image: str, defined: bool, losses: tuple[str, ...]) -> str:
    """Return what becomes of one image."""
    observed = image
    for loss in losses:
        # A loss meets characters, and there is none left after one that dropped it.
        observed = LOSSES[loss](observed, defined) if observed == image else observed
    return observed


@lru_cache(maxsize=256)
def images(layer: Layer) -> dict[int, str]:
    """Return what each byte of 80 to FF becomes in this layer, as `str.translate` takes it.

    The layer's decoder is one of one byte a character.
    """
    undefined = UNDEFINED[layer.decoder]
    return {
        byte: _lost(image, byte not in undefined, layer.losses)
        for byte, image in enumerate(DECODED[layer.decoder], start=0x80)
    }


@lru_cache(maxsize=256)
def _table(layer: Layer) -> tuple[str, bytes] | None:
    """Return what each byte becomes in this layer, and the bytes that it drops.

    None if one becomes several code points.
    """
    forms = [*map(chr, range(0x80)), *images(layer).values()]
    dropped = bytes(byte for byte, form in enumerate(forms) if not form)
    if max(map(len, forms)) > 1:
        return None
    return "".join(form or "\0" for form in forms), dropped


def _misread_bytes(data: bytes, layer: Layer) -> str:
    """Return what becomes of bytes in a layer whose decoder is one of one byte a character."""
    table = _table(layer)
    if table is None:
        return data.decode("latin-1").translate(images(layer))
    return codecs.charmap_decode(data.translate(None, table[1]), "strict", table[0])[0]


def _misread_pairs(data: bytes, layer: Layer) -> str:
    """Return what becomes of bytes in a layer whose decoder is one of several bytes."""
    undefined = None
    for loss in layer.losses:
        if loss.startswith("undefined-") and undefined is None:
            # Windows takes the second byte whatever it is, browsers leave it if it is ASCII.
            windows = loss == "undefined-question"
            undefined = MARKERS[layer.decoder] if windows else LOSSES[loss]("", False), windows
    text = _legacy.decode(layer.decoder, data, undefined)
    lost = {ord(image): _lost(image, True, layer.losses) for image in set(text)}
    return text.translate(lost) if layer.losses else text


# What Python's decoder of UTF-8 does with bytes that it has no place for.
_UNDEFINED = {
    "undefined-replaced": "replace",
    "undefined-dropped": "ignore",
    "undefined-escaped": "surrogateescape",
}


def _misread_utf8(data: bytes, layer: Layer) -> str:
    """Return what UTF-8 reads in bytes that are something else."""
    errors = (_UNDEFINED[loss] for loss in layer.losses if loss in _UNDEFINED)
    return data.decode("utf-8", next(errors, "strict"))


def damage(text: str, channel: Channel | str) -> str:
    """Return what `text` looks like after the channel: the forward simulation.

    What a decoder of several bytes a character puts in place of bytes that mean nothing to it is a
    loss: `undefined-replaced` is what browsers do, U+FFFD; `undefined-question` is what Windows
    does, `?` (in cp932 `・`) for both bytes, even where the second is a space or line end.

    Args:
        text: the original.
        channel: a `Channel` or its written form.

    Raises:
        ValueError: the channel's written form is wrong.
        UnicodeEncodeError: a source codec lacks a character of `text`.
        UnicodeDecodeError: bytes mean nothing to a wrong decoder of several bytes a character, and
            its layer loses nothing.

    >>> damage("Köln", "utf-8>cp1252")
    'KÃ¶ln'
    >>> damage("工作空间", "utf-8>gbk")
    '宸ヤ綔绌洪棿'
    """
    if isinstance(channel, str):
        channel = Channel.parse(channel)
    for layer in channel.layers:
        data = SOURCES[layer.source](text)
        if layer.decoder in MULTIBYTE:
            text = _misread_pairs(data, layer)
        elif layer.decoder == "utf-8":
            text = _misread_utf8(data, layer)
        elif layer.decoder == "ucs-2":
            text = "".join(map(chr, memoryview(data).cast("H")))
        else:
            text = _misread_bytes(data, layer)
        for loss in layer.losses:
            if loss in _TEXT_LOSSES:
                text = _TEXT_LOSSES[loss](text)
    return text
