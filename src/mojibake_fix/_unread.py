r"""Text whose encoding nobody read, to what it says: its units were taken for characters.

UTF-16 read one byte a character shows a NUL beside every ASCII character, ISO-2022-JP read as ASCII
shows `$B%a%C%;!<%8(B` (with ESC before both marks, unless that was stripped), and UTF-16 read as
UCS-2 shows pairs of surrogates. All of that has a structure of its own, so it is looked for before
anything else; in whole documents only, for its units do not end where lines and words do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category

from . import _core
from . import model as language_model
from ._prior import PRIOR, RARER
from ._restore import Restored
from ._transcode import is_known
from ._undone import undone
from .channels import DECODERS, SOURCES, Channel, Layer, damage

if TYPE_CHECKING:
    from collections.abc import Iterator

# Evidence, in nats, of what has a structure that text cannot have by chance.
EVIDENCE = 30.0

# Units of UTF-16 that are enough where only a part of a text is such.
FEWEST = 5

# How much rarer yet than for UTF-8 a decoder other than cp1252 and Latin-1 is.
UNUSUAL = 3.0

# Code points by which the language of a text is judged, at most.
MOST_JUDGED = 4000

_MARKS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
_PART = re.compile(rf"(?s)(?:[^\0]\0){{{FEWEST},}}")
# What a text may hold of which no more than its zero bytes tells that it is UTF-16.
_LATIN = re.compile("[\t\n\f\r\x20-\u02ff\u2000-\u20cf\ufeff]*")

_PAIRS = re.compile("(?:[\ud800-\udbff][\udc00-\udfff])+")
_UCS_2 = Channel((Layer("utf-16-le", "ucs-2"),))

_JIS = re.compile(r"(?P<escape>\x1b?)\$B(?P<pairs>(?:(?!\(B)[!-~]{2})+)(?P=escape)\(B")

# Pairs that spell kana, in punctuation: names of variables look like `$B$C` at most.
_IS_KANA = re.compile(r"(?:..)*[$%].")
_IS_NO_NAME = re.compile(r"[^\w$%]")


def restore(text: str) -> list[Restored]:
    """Return what stood where units of an encoding stand as characters, of its outermost layer."""
    if _core.find_unread(text) < 0:
        return []
    return list(_utf_16(text) or _iso_2022_jp(text) or _surrogates(text))


def _restored(start: int, end: int, original: str, channel: Channel) -> Restored:
    return Restored(start, end, original, channel, (), 1.0, EVIDENCE)


def _surrogates(text: str) -> Iterator[Restored]:
    for pairs in _PAIRS.finditer(text):
        original = pairs[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        yield _restored(*pairs.span(), original, _UCS_2)


def _iso_2022_jp(text: str) -> list[Restored]:
    """Return the stretches of ISO-2022-JP; those without ESC if some of them are beyond doubt."""
    found, is_sure = [], []
    for part in _JIS.finditer(text):
        losses = () if part["escape"] else ("esc-dropped",)
        channel = Channel((Layer("iso2022_jp", "latin-1", losses),))
        try:
            original = f"\x1b$B{part['pairs']}\x1b(B".encode().decode("iso2022_jp")
        except UnicodeDecodeError:
            continue
        if damage(original, channel) != part[0]:
            continue
        found.append(_restored(*part.span(), original, channel))
        is_sure.append(bool(part["escape"]) or _is_japanese(part["pairs"], original))
    escaped = [one for one in found if not one.channel.layers[0].losses]
    return found if any(is_sure) else escaped


def _is_japanese(pairs: str, original: str) -> bool:
    return bool(_IS_KANA.match(pairs) and _IS_NO_NAME.search(pairs)) and is_known(original)


def _utf_16(text: str) -> list[Restored]:
    """Return a text that is UTF-16 throughout, or else the parts that are."""
    whole = [found for decoder in DECODERS if (found := _whole(text, decoder))]
    if whole:
        return min(whole, key=_cost)
    found = []
    for part in _PART.finditer(text):
        original = part[0][::2]
        # Characters with NULs between them are no UTF-16.
        is_ended = part.end() == len(text) or original.endswith("\n")
        if is_ended and original.isascii() and _is_text(original):
            channel = Channel((Layer("utf-16-le", "latin-1"),))
            found.append(_restored(*part.span(), original, channel))
    return found


def _cost(found: list[Restored]) -> float:
    """Return -log of how likely it is, in nats, that a text was read so and damaged before."""
    original, channel = found[-1].original[:MOST_JUDGED], found[-1].channel
    meant = undone(original, _core.weigh(original, PRIOR))[0]
    known = 0.0 if meant.isascii() else language_model.load().cost(meant, 0)
    return known + UNUSUAL * RARER[channel.layers[0].decoder]


def _whole(text: str, decoder: str) -> list[Restored]:
    """Return a text as UTF-16 that a decoder read, its byte order mark apart; nothing if unsure."""
    try:
        data = SOURCES[decoder](text)
    except UnicodeEncodeError:
        return []
    # What was split into lines ends in the middle of a character.
    read = read_utf_16(data.removesuffix(b"\n") if len(data) % 2 else data)
    if read is None:
        return []
    source, begin, original = read
    end = begin + len(original.encode(source))
    found = [_restored(begin, end, original, Channel((Layer(source, decoder),)))]
    if begin:
        channel = Channel((Layer(f"{source}-sig", decoder),))
        found.insert(0, _restored(0, begin, "", channel))
    return found


def read_utf_16(data: bytes) -> tuple[str, int, str] | None:
    """Return UTF-16 as its codec, the length of its byte order mark, and what it says.

    None if the bytes are no UTF-16 beyond doubt.
    """
    source = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
    source = next((each for each, mark in _MARKS.items() if data.startswith(mark)), source)
    begin = len(_MARKS[source]) if data.startswith(_MARKS[source]) else 0
    if len(data) % 2 or len(data) - begin < 2 * (1 if begin else FEWEST):
        return None
    try:
        original = data[begin:].decode(source)
    except UnicodeDecodeError:
        return None
    if not _is_text(original):
        return None
    if not _LATIN.fullmatch(original) and not is_known(original[:MOST_JUDGED]):
        return None
    return source, begin, original


def _is_text(original: str) -> bool:
    """Return whether a text holds nothing but characters that are written."""
    return all(
        c in "\t\n\r\f\x1b" or category(c)[0] not in "C" or c == "\u200d" for c in set(original)
    )
