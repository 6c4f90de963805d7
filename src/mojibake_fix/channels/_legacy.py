"""Legacy codecs of one and two bytes a character, as the core has them."""

from __future__ import annotations

from functools import cache

from .. import _core

# The core's tables are Python's, with what Windows and browsers add to them.
MULTIBYTE = tuple(_core.MARKERS)
"""Names of the codecs of several bytes a character, most usual first."""

ALIASES = {
    "gb2312": "gbk",
    "gb18030": "gbk",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "cp950",
}
"""Codecs to the one of `MULTIBYTE` that holds them, as browsers and Windows take them."""

MARKERS = _core.MARKERS
"""What Windows puts in place of two bytes that mean nothing together, by codec."""


@cache
def codec(name: str, *, is_composed: bool = False, lacking: str = "") -> _core.Codec:
    """Return a legacy codec.

    Args:
        name: the codec.
        is_composed: whether what it reads is to be as it is after NFC.
        lacking: a character that it is not to have.
    """
    return _core.Codec(name, is_composed, lacking)


def encode(name: str, text: str) -> bytes:
    """Return the bytes of a text in a legacy codec.

    Raises:
        UnicodeEncodeError: the codec lacks a character.
    """
    return codec(name).encode(text)


def decode(name: str, data: bytes, undefined: tuple[str, bool] | None) -> str:
    """Return what a codec of `MULTIBYTE` reads in bytes.

    Args:
        name: the codec.
        data: the bytes.
        undefined: what stands for two bytes, or one that leads none, that mean nothing together;
            and whether the second one belongs to them even if it is ASCII. There must be none if
            None.

    Raises:
        UnicodeDecodeError: bytes mean nothing, and `undefined` is None.
    """
    return codec(name).decode(data, *(undefined or (None,)))
