"""Bytes that are not UTF-8 to the text that they are: which legacy codec makes sense of them.

Nothing is lost, only the codec is to be found, one for the whole document: the one that makes the
most probable text of the bytes and what is around them. Among UTF-8 such bytes are kept as
surrogate escapes, one of U+DC80 to U+DCFF each (PEP 383: file names, and bytes that `fix_bytes` is
given).
"""

from __future__ import annotations

import codecs
import math
import re
from typing import TYPE_CHECKING

from . import model as language_model
from ._prior import OFTEN, RARER
from ._restore import Restored
from .channels import DECODERS, MULTIBYTE, Channel, Layer, damage, decode

if TYPE_CHECKING:
    from collections.abc import Iterator

# Code points around a run that are read with it, and runs that are enough to tell the codec.
CONTEXT, SAMPLE = 12, 200

# Nats by which another reading must be worse.
NEED = 6.0

# What a byte costs that is no text in a codec, in nats, beside what an unknown character does.
UNREADABLE = 15.0

# What the text around and in the runs may cost of what its characters cost alone.
KNOWN = 0.75

# The same for a whole document in an alphabet. A language that the model knows costs 0.15 to 0.35;
# what a sister codec makes of one that it does not know costs 0.42 and more.
KNOWN_ALPHABET = 0.5

# Bytes of a document, and of a line, that are enough to tell its codec.
SAMPLE_BYTES, LINE_BYTES = 20_000, 2_000

_BYTES = re.compile("[\udc80-\udcff]+")

# What codecs of one byte, and of pairs, read. The second byte of a pair may be ASCII. Any two bytes
# may be a sequence of UTF-8 by chance: in a document that is mostly legacy none is meant as such.
_MAYBE_PAIR = "(?:[^\x00-\x7f][\x40-\x7e]?)"
_IN_MIXED = _BYTES, re.compile(f"{_MAYBE_PAIR}*[\udc80-\udcff][\x40-\x7e]?{_MAYBE_PAIR}*")
_IN_LEGACY = re.compile("[^\x00-\x7f]+"), re.compile(f"{_MAYBE_PAIR}+")

_Patterns = tuple[re.Pattern[str], re.Pattern[str]]

_CODECS = (*DECODERS, *MULTIBYTE)

# What no text holds: controls other than those for lines, pages and columns.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_IDEOGRAPHS = "\u2e80"


def restore(text: str) -> list[Restored]:
    """Return what the bytes of a text are that were not decoded, nothing if that is not sure."""
    count = sum(map(len, _BYTES.findall(text)))
    if not count:
        return []
    beyond_ascii = sum(map(len, _IN_LEGACY[0].findall(text)))
    patterns = _IN_MIXED if 2 * count <= beyond_ascii else _IN_LEGACY
    windows = _windows(text, patterns[1])
    read = {codec: [_read(window, codec, patterns) for window in windows] for codec in _CODECS}
    costs = {codec: _cost(read[codec]) + RARER.get(codec, OFTEN) for codec in _CODECS}
    best = min(costs, key=costs.__getitem__)
    rivals = [costs[codec] - costs[best] for codec in _CODECS if read[codec] != read[best]]
    margin = min(rivals, default=math.inf)
    if margin < NEED or not _is_known(read[best]):
        return []
    channel = Channel((Layer(best, "utf-8", ("undefined-escaped",)),))
    confidence = 1 / (1 + math.exp(-margin))
    return [
        Restored(start, end, original, channel, (), confidence, min(margin, 1e3))
        for start, end, original in _stretches(text, best, patterns)
        if damage(original, channel) == text[start:end]
    ]


def encoding_of(data: bytes) -> tuple[str, bool]:
    """Return the encoding that a document is most probably in, and whether that is beyond doubt.

    Args:
        data: a document that is not UTF-8.

    Returns:
        A codec that decodes all of it, as Python names it, and whether the model knows what it
        makes of the document, and finds it likelier by far than what any other does.
    """
    sample = _sample(data)
    read = {
        codec: text
        for codec in (*_CODECS, "gb18030")
        if (text := _decoded(sample, codec, breaks_off=True)) is not None
    }
    model = language_model.load()
    costs = {
        codec: model.cost(text, 0)
        + UNREADABLE * len(_CONTROLS.findall(text))
        + RARER.get(codec, OFTEN)
        for codec, text in read.items()
    }
    best = ""
    for codec in sorted(costs, key=costs.__getitem__):
        if best and (costs[codec] - costs[best] >= NEED or read[codec] == read[best]):
            continue
        if _decoded(data, codec) is None:
            continue
        if best:
            return best, False
        best = codec  # there is one: latin-1 decodes everything
    return best, _is_text(read[best])


def _sample(data: bytes) -> bytes:
    """Return lines of a document that are not ASCII, from all over it."""
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    step = max(sum(min(len(line), LINE_BYTES) for line in lines) // SAMPLE_BYTES, 1)
    return b"\n".join(line[:LINE_BYTES] for line in lines[::step])


def _decoded(data: bytes, codec: str, *, breaks_off: bool = False) -> str | None:
    """Return what bytes are in a codec, if they are; they may break off inside a character."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(data, not breaks_off)
    except UnicodeDecodeError:
        return None


def _is_text(text: str) -> bool:
    """Tell whether a text is in a language that the model knows."""
    model = language_model.load()
    beyond_ascii = [character for character in text if character > "\x7f"]
    ideographs = sum(character >= _IDEOGRAPHS for character in beyond_ascii)
    limit = KNOWN if 2 * ideographs > len(beyond_ascii) else KNOWN_ALPHABET
    return not _CONTROLS.search(text) and model.cost(text, 0) < limit * model.alone(text)


def _windows(text: str, pattern: re.Pattern[str]) -> list[str]:
    """Return the runs of bytes, each with what is around it in its line, or some of them."""
    runs = [run.span() for run in pattern.finditer(text)]
    windows = []
    for start, end in runs[:: len(runs) // SAMPLE + 1]:
        before = text[max(start - CONTEXT, 0) : start].rpartition("\n")[2]
        behind = text[end : end + CONTEXT].partition("\n")[0]
        windows.append(before + text[start:end] + behind)
    return windows


def _stretches(text: str, codec: str, patterns: _Patterns) -> Iterator[tuple[int, int, str]]:
    """Yield the stretches of a text that read as text in a codec, and their originals."""
    for run in patterns[codec in MULTIBYTE].finditer(text):
        try:
            original = decode(run[0].encode("utf-8", "surrogateescape"), codec)
        except UnicodeError:  # no text in this codec, or surrogates that are no bytes
            continue
        yield *run.span(), original


def _read(text: str, codec: str, patterns: _Patterns) -> str:
    parts, at = [], 0
    for start, end, original in _stretches(text, codec, patterns):
        parts += [text[at:start], original]
        at = end
    return "".join([*parts, text[at:]])


def _cost(texts: list[str]) -> float:
    model = language_model.load()
    unread = sum(len(run) for text in texts for run in _BYTES.findall(text))
    return sum(model.cost(text, 0) for text in texts) + UNREADABLE * unread


def _is_known(texts: list[str]) -> bool:
    model = language_model.load()
    alone = sum(model.alone(text) for text in texts)
    return sum(model.cost(text, 0) for text in texts) < KNOWN * alone
