"""Where a text speaks of damage, or of what makes it; and the phrases of those who show it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import _core

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["INSTEAD_OF", "codecs", "mentions", "places", "speaks_of_damage"]

# What damage is called, in small letters.
_NAMES = (
    *("mojibake", "乱码", "亂碼", "文字化け", "글자 깨짐", "한글 깨짐"),
    *("ракозябр", "zeichensalat", "krzaczk", "caracteres extraños", "garbled"),
    *("unicode issues", "unicode errors", "unicode problems"),
    *("encoding issues", "encoding problems", "encoding artifacts", "encoding artefacts"),
    *("double-encod", "double encod", "doubly encod", "doubly-encod", "misencoded", "mis-encoded"),
    *("misdecoded", "mis-decoded", "incorrectly encoded", "wrongly encoded", "misinterpreted as"),
    *("mal encod", "mal codific", "doppia codifica", "falsch kodiert", "falsche kodierung"),
)

# Codecs of one byte, as prose names them, not as programs do; what each of these names has in it,
# which is sooner found; and code points on each side of that which hold the name.
_CODEC = re.compile(
    r"(?<![\w=\"'/.-])(?<!charset )(?:cp-?(?:125\d|437|8\d\d)|windows-?125\d|latin-?[12]|"
    r"iso-?8859-?\d+|mac-?roman|koi8-[ru])(?![\w\"'=/])",
    re.IGNORECASE,
)
_IN_CODECS = ("125", "437", "8859", "p8", "p-8", "latin", "roman", "koi8")
_AROUND = 12

# What says that something stands for something else.
INSTEAD_OF = (
    *("instead of", "rather than", "en lugar de", "en vez de", "em vez de", "au lieu de"),
    *("statt", "anstatt", "вместо"),
)


def speaks_of_damage(text: str) -> bool:
    """Return whether a text calls damage by one of its names."""
    return _core.find_phrase(text, _NAMES, 0) >= 0


def mentions(text: str) -> Iterator[int]:
    """Yield where a text calls damage by one of its names."""
    return places(text, _NAMES)


def codecs(text: str) -> Iterator[int]:
    """Yield where a text names a codec of one byte."""
    for at in places(text, _IN_CODECS):
        near = _CODEC.finditer(text, max(at - _AROUND, 0), at + _AROUND)
        if any(found.start() <= at < found.end() for found in near):
            yield at


def places(text: str, phrases: tuple[str, ...]) -> Iterator[int]:
    """Yield where a text holds one of some phrases, which are in small letters."""
    at = _core.find_phrase(text, phrases, 0)
    while at >= 0:
        yield at
        at = _core.find_phrase(text, phrases, at + 1)
