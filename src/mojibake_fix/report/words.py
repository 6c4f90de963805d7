"""Channels in words that a person understands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..channels import Channel

__all__ = ["channel_words", "codec_words", "loss_words"]

# Names that people know better than Python's.
_NAMES = (
    (r"utf-8", "UTF-8"),
    (r"cesu-8", "CESU-8"),
    (r"java-utf-8", "Java's UTF-8"),
    (r"latin-1", "Latin-1"),
    (r"cp(125\d|874)", r"Windows-\1"),
    (r"cp(4\d\d|7\d\d|8[56]\d)", r"DOS \1"),
    (r"iso8859-(\d+)", r"ISO 8859-\1"),
    (r"mac-(\w)(\w*)", lambda match: f"Mac {match[1].upper()}{match[2]}"),
    (r"koi8-\w|gbk|ucs-2", lambda match: match[0].upper()),
    (r"cp932", "Shift-JIS (Windows-932)"),
    (r"cp949", "EUC-KR (Windows-949)"),
    (r"cp950", "Big5 (Windows-950)"),
    (r"euc_jp", "EUC-JP"),
    (r"iso2022_jp", "ISO-2022-JP"),
    (r"utf-16-(\w\w)", lambda match: f"UTF-16{match[1].upper()}"),
    (r"utf-16-(\w\w)-sig", lambda match: f"UTF-16{match[1].upper()} with a byte order mark"),
)


def codec_words(name: str) -> str:
    """Return the name of a codec as people know it.

    >>> codec_words("cp1252"), codec_words("iso8859-2"), codec_words("mac-roman")
    ('Windows-1252', 'ISO 8859-2', 'Mac Roman')
    """
    for pattern, words in _NAMES:
        if re.fullmatch(pattern, name):
            return re.sub(pattern, words, name)
    return name


def channel_words(channel: Channel) -> str:
    """Return what happened, without what was lost.

    >>> from mojibake_fix import Channel
    >>> channel_words(Channel.parse("utf-8>cp1252>utf-8>cp1252+undefined-dropped"))
    'UTF-8 read as Windows-1252, then UTF-8 read as Windows-1252'
    """
    return ", then ".join(
        f"{codec_words(layer.source)} read as {codec_words(layer.decoder)}"
        for layer in channel.layers
    )


def loss_words(loss: str) -> str:
    """Return what was lost.

    >>> loss_words("undefined-dropped"), loss_words("nbsp-folded")
    ('undefined bytes dropped', 'NBSP folded')
    """
    if loss == "nfc":
        return "put into NFC"
    words = re.sub(r"^(undefined|c1)-", r"\1 bytes ", loss).replace("-", " ")
    return re.sub(r"\b(c1|nbsp|esc)\b", lambda match: match[0].upper(), words)
