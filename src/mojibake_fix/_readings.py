"""What foreign text reads as in one way, and which stretches of it do not stand as written."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import is_normalized, normalize

from . import _core
from . import model as language_model
from ._prior import ENTER, LEAVE
from ._scripts import script
from ._ways import DROPS_80
from .channels import MULTIBYTE
from .channels._legacy import MARKERS, codec

if TYPE_CHECKING:
    from ._foreign import Foreign

# Code points of a last line without a line end, at least, that is read as if it had one.
LEAST_ENDED = 12

# What it costs, in nats, that a character which the decoder reads stands as it was written, in a
# text that is damaged throughout.
FAVOUR = 10.0

# Code points before a stretch and behind it with which it is priced, as in pieces.h.
BEFORE, BEHIND = 4, 4

# Dashes and how often one stands between spaces in program text: measured in packages from PyPI.
DASHES = {"—": 147.0, "–": 1.0}

# What EUC-KR holds, and NFC turns into other characters.
_COMPATIBILITY = re.compile("[\uf900-\ufaff]")

# Flag of a place; see lattice.h.
_LITERAL = 1

_UNITS = 64  # of the language model to the nat


@dataclass
class Reading:
    """The most probable reading of a text.

    Attributes:
        cost: -log of the probability of all readings, in nats.
        text: the reading.
        starts: offset in what is observed of each code point of `text`.
        flags: of each: see `lattice.h`.
        posteriors: of each.
        others: by offset in `text`, what else may stand there.
    """

    cost: float
    text: str
    starts: array[int]
    flags: bytes
    posteriors: array[float]
    others: dict[int, tuple[tuple[str, float], ...]]


def read(text: str, foreign: Foreign, *, throughout: bool = False) -> Reading:
    """Return the most probable reading of a text, which may be known to be damaged throughout."""
    enter, leave, literal = (0.0, 0.0, FAVOUR) if throughout else (ENTER, LEAVE, 0.0)
    # In legacy text a marker stands for bytes that are gone, not for its own.
    marker = "" if foreign.source == "utf-8" else MARKERS.get(foreign.decoder, "")
    # What a line ends with is told by its end; words alone need not end like sentences.
    last = text[-LEAST_ENDED:]
    ended = text + "\n" if len(last) == LEAST_ENDED and "\n" not in last else text
    is_composed = foreign.decoder not in MULTIBYTE or not _COMPATIBILITY.search(text)
    cost, original, starts, flags, posteriors, others = language_model.load().transcode(
        ended,
        codec(foreign.decoder, is_composed=is_composed, lacking=marker),
        None if foreign.source == "utf-8" else codec(foreign.source),
        ord(foreign.marker) if foreign.marker else 0,
        bool(foreign.marker) and foreign.marker == MARKERS[foreign.decoder],
        "\r\n" in text,
        foreign.decoder in DROPS_80 and foreign.source == "utf-8",
        round(enter * _UNITS),
        round(leave * _UNITS),
        round(literal * _UNITS),
    )
    length = len(original) - (ended is not text)
    return Reading(
        cost,
        original[:length],
        array("I", starts)[:length],
        flags[:length],
        array("d", posteriors)[:length],
        dict(others),
    )


def with_usual_dashes(reading: Reading, text: str) -> Reading:
    """Return a reading in which dashes that lost a byte are those that the text has elsewhere.

    The model knows prose; what codecs of several bytes damage is program text for the most part.
    """
    dashes = [i for i, other in reading.others.items() if reading.text[i] in DASHES]
    if not dashes:
        return reading
    seen = {dash: usual + text.count(dash) for dash, usual in DASHES.items()}
    characters, posteriors = list(reading.text), reading.posteriors[:]
    for i in dashes:
        odds = {reading.text[i]: posteriors[i], **dict(reading.others[i])}
        total = sum(odds.values())
        odds = {one: share * seen.get(one, 1.0) for one, share in odds.items()}
        best = max(odds, key=odds.__getitem__)
        scale = total / sum(odds.values())
        posteriors[i] = odds.pop(best) * scale
        reading.others[i] = tuple(
            (one, share * scale) for one, share in sorted(odds.items(), key=lambda item: -item[1])
        )
        characters[i] = best
    return replace(reading, text="".join(characters), posteriors=posteriors)


def with_usual_scripts(reading: Reading) -> Reading:
    """Return a reading in which a script that nothing sure shows is rare among what is not sure.

    Where two bytes of three are gone any script may stand there.
    """
    unsure = {at for at in reading.others if not reading.flags[at] & _LITERAL}
    if not unsure:
        return reading
    seen = Counter(map(script, (c for at, c in enumerate(reading.text) if at not in unsure)))
    letters = 1 + seen.total() - seen[None]
    characters, posteriors = list(reading.text), reading.posteriors[:]
    alternatives = dict(reading.others)
    for at in unsure:
        odds = {characters[at]: posteriors[at], **dict(alternatives[at])}
        brought = {c for c in odds if script(c) and not seen[script(c)]}
        if brought and len(brought) < len(odds):
            scaled = {c: share / letters if c in brought else share for c, share in odds.items()}
            scale = sum(odds.values()) / sum(scaled.values())
            best, *rest = sorted(scaled.items(), key=lambda item: -item[1])
            characters[at], posteriors[at] = best[0], scale * best[1]
            alternatives[at] = tuple((other, scale * share) for other, share in rest)
    return replace(reading, text="".join(characters), posteriors=posteriors, others=alternatives)


class Stretch(NamedTuple):
    """A stretch of a reading that does not stand as written.

    Attributes:
        start, end: where it is in what is observed.
        begin, stop: where it is in the reading.
        observed, original: both.
        written, meant: what they cost with what stands behind them, in nats.
        least: the least posterior of its code points.
    """

    start: int
    end: int
    begin: int
    stop: int
    observed: str
    original: str
    written: float
    meant: float
    least: float


def stretches_of(observed: str, reading: Reading) -> list[Stretch]:
    """Return the stretches of a reading that do not stand as written."""
    found = _core.judge_stretches(
        language_model.load(),
        observed,
        reading.text,
        reading.starts,
        reading.flags,
        reading.posteriors,
    )
    stretches = list(map(Stretch._make, found))
    if is_normalized("NFKC", observed):
        return stretches
    # What is observed may cost less in usual characters: those of half-width kana, say.
    unusual = [i for i, each in enumerate(stretches) if not is_normalized("NFKC", each.observed)]
    passages = []
    for each in map(stretches.__getitem__, unusual):
        before = reading.text[max(each.begin - BEFORE, 0) : each.begin]
        behind = reading.text[each.stop : each.stop + BEHIND]
        passage = before + normalize("NFKC", each.observed) + behind
        passages.append((passage, len(before), len(passage)))
    for i, (cost, _) in zip(unusual, language_model.load().costs(passages), strict=True):
        if cost < stretches[i].written:
            stretches[i] = stretches[i]._replace(written=cost)
    return stretches
