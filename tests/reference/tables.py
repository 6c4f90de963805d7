"""The figures of the core, read from the text of its C sources."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from mojibake_fix.channels._tables import DECODED

CORE = Path(__file__).resolve().parents[2] / "src" / "mojibake_fix" / "_core"


@cache
def source(name: str) -> str:
    """Return a C source without its comments."""
    return re.sub(r"/\*.*?\*/", "", (CORE / name).read_text(encoding="utf-8"), flags=re.S)


def constants(*names: str) -> dict[str, int]:
    """Return what the enumerations of these sources define, in order."""
    known: dict[str, int] = {}
    for name in names:
        for body in re.findall(r"\benum \{(.*?)\}", source(name), flags=re.S):
            for constant, formula in re.findall(r"(\w+) = ([^,]+)", body):
                known[constant] = eval(formula.replace("/", "//"), {}, known)
    return known


def numbers(name: str, array: str) -> list[int]:
    """Return the numbers of an array that a source defines, rows joined."""
    body = re.search(rf"\b{array}(?:\[\w+\])+ = \{{(.*?)\}};", source(name), flags=re.S)
    assert body, f"{name} has no {array}"
    return [int(number, 0) for number in re.findall(r"\b(?:0x[0-9a-f]+|\d+)\b", body[1])]


LIMITS = constants("tables.h", "run.c", "layer.c")

DECODERS = list(DECODED)
"""Names of the wrong decoders; a decoder's number is its place in this list."""

BYTE_OF = [{image: 0x80 + i for i, image in enumerate(images)} for images in DECODED.values()]
"""By decoder: image to the byte of 80 to FF that it stands for."""

IMAGES = sorted({image for images in DECODED.values() for image in images})
"""Every image of every decoder; its id in the C tables is its place in this list, from 1."""

ID_OF = {image: i for i, image in enumerate(IMAGES, start=1)}


_CLASSES = LIMITS["MF_CLASSES"]
_LETTERS = numbers("statistics.c", "mf_class_is_letter")
_ENTRY_PAGES = numbers("statistics.c", "mf_entry_page")
_ENTRIES = numbers("statistics.c", "mf_entry_of")
_TRIGRAM = numbers("statistics.c", "mf_trigram")
_ODD = numbers("statistics.c", "mf_odd")


def _entry(character: str) -> int:
    code_point = ord(character)
    if code_point >= LIMITS["MF_TABLE_END"]:
        return LIMITS["MF_BEYOND_ENTRY"]
    page, place = divmod(code_point, 64)
    return _ENTRIES[_ENTRY_PAGES[page] * 64 + place]


def kind(character: str) -> int:
    """Return the class of a character."""
    return _entry(character) >> 8


def emission(character: str) -> int:
    """Return the cost, -log p in units, of a character within its class."""
    return _entry(character) & 0xFF


def transition(before: int, last: int, this: int) -> int:
    """Return the cost of a class behind two others."""
    return _TRIGRAM[(before * _CLASSES + last) * _CLASSES + this]


def is_letter(character: str) -> bool:
    """Tell whether a character's class is one of letters."""
    return bool(_LETTERS[kind(character)])


def is_odd(left: str, right: str) -> bool:
    """Tell whether these two in a row are images that clean text hardly shows."""
    if left not in ID_OF or right not in ID_OF:
        return False
    word, bit = divmod(ID_OF[right], 32)
    return bool(_ODD[ID_OF[left] * LIMITS["MF_ODD_WORDS"] + word] >> bit & 1)
