"""Foreign text to what stood there: codecs of several bytes, legacy codecs read as others."""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, islice, pairwise
from operator import attrgetter, eq
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import is_normalized, normalize

from . import _core
from . import model as language_model
from ._inference import damaged
from ._prior import (
    ACCEPT,
    CAPITALS,
    DOUBT_FOREIGN,
    ENTER,
    HOPELESS_FOREIGN,
    HOPELESS_SHORT,
    LEAVE,
    LOSS,
    MARGIN,
    RARER,
    SHORT,
)
from ._restore import Restored
from ._scripts import is_unspaced, mixtures, script, scripts
from ._ways import AS_SOURCE, DROPS_80, load_ways
from .channels import DECODERS, MULTIBYTE, Channel, Layer, damage
from .channels._legacy import MARKERS, codec
from .channels._tables import DECODED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Layers that are compared by more than words, of sources of one byte and of several, and by how
# many nats they may explain the words less well than the best one.
RIVALS, BEHIND_BEST = 5, 100.0

# What text costs in its context, as a share of what its characters cost by themselves, at most, if
# the model knows its language: for long text, and what is added to that for one letter. Measured
# on lines and words: in known alphabets lines cost up to 0.31 and words of six letters up to 0.6,
# Chinese lines up to 0.83; other languages that seem to be damaged mostly more than 0.38. Words
# with accents of whole notes cost up to 0.44.
KNOWN, KNOWN_ONE = 0.37, 0.55
KNOWN_LONG, LONG = 0.46, 200  # code points
KNOWN_HAN, KNOWN_ONE_HAN = 0.82, 1.3
KNOWN_HANGUL, KNOWN_ONE_HANGUL = 0.6, 0.7

# What a Chinese character costs in its context on average, in nats, at most, and what is added to
# that for one of them: those that nobody uses cost so much by themselves that their share is low.
# Hardly any few characters of real text cost more, and nearly all that chance makes of words do.
MOST_HAN, MOST_ONE_HAN = 7.5, 6.0

# Decoders of one byte that may have read UTF-8: what they explain best is no matter of this module.
USUAL = ("cp1252", "cp1250", "cp1251", "cp437", "mac-roman")

# Ways that one text is searched for.
ROUNDS = 3

# Code points on each side of a character by which codecs are told apart that differ in it, and such
# places that are looked at, at most.
BESIDE, COMPARED = 8, 30

# Code points that are read at once, of words by which their language is judged, and places from all
# over a text that are looked at first.
PART, MOST_JUDGED, MOST_SUSPECTS = 8192, 4000, 500

# Stretches after which a way is given up that restored no line.
MOST_REFUSED = 400

# Code points of a last line without a line end, at least, that is read as if it had one.
LEAST_ENDED = 12

# Share of the characters that a decoder reads from which on a text is damaged throughout, and what
# it costs, in nats, that one of them stands as it was written there.
THROUGHOUT, FAVOUR = 0.8, 10.0

# What a word of an alphabet costs, in nats, and each of its letters, at most, where it is observed
# and would be of another script: the model may not know its language.
WORD, LETTER = 4.0, 4.5

# One of how many characters beyond ASCII has to be damaged, at least, if no stretch tells by itself
# that there is damage; and how many letters one that does has, and what tells of later text.
RARE, WORD_LETTERS = 100, 3

# Posterior below which a code point is a guess.
SURE = 0.99

# Code points before a stretch and behind it with which it is priced, as in pieces.h.
BEFORE, BEHIND = 4, 4

# What a question mark costs behind a question, in nats, at most; and how much of that is looked at.
ASKED, CONTEXT = 4.0, 8

# Dashes and how often one stands between spaces in program text: measured in packages from PyPI.
DASHES = {"—": 147.0, "–": 1.0}


# Characters of blocks.
_HANGUL = re.compile("[\uac00-\ud7a3]+")
_HAN = re.compile("[\uac00-\ud7a3\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")

# What EUC-KR holds, and NFC turns into other characters.
_COMPATIBILITY = re.compile("[\uf900-\ufaff]")

_ASCII = re.compile("[\0-\x7f]+")

# A marker that no white space parts from what is behind it; `・` stands so in clean text.
_MARKED = re.compile("[?\ufffd][^\0-\x7f]")

# A word of an alphabet, with the marks of its script.
_WORD = re.compile("[A-Za-z\u00c0-\u024f]{2,}|[\u0250-\u10ff]{2,}")

# Planes of Unicode that hold nothing.
_NOBODYS = re.compile("[\U00040000-\U000dffff]")

# Lines that are drawn tell nothing by their length.
_DRAWN = re.compile(r"(.)\1{3,}")

# Flag of a place; see lattice.h.
_LITERAL = 1

_UNITS = 64  # of the language model to the nat


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
        return AS_SOURCE[self.source] + RARER[self.decoder] + (LOSS if self.marker else 0.0)

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


@dataclass
class _Reading:
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


def _read(text: str, foreign: Foreign, *, throughout: bool = False) -> _Reading:
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
    return _Reading(
        cost,
        original[:length],
        array("I", starts)[:length],
        flags[:length],
        array("d", posteriors)[:length],
        dict(others),
    )


def _costs(texts: Iterable[str]) -> dict[str, float]:
    """Return what each of some texts costs, in nats, in the spelling that costs least."""
    unique = list(dict.fromkeys(texts))
    costs = language_model.load().least_costs(unique, CAPITALS)
    return dict(zip(unique, costs, strict=True))


def _observed_cost(text: str, cost: float) -> float:
    """Return what a text costs as it is observed, at most, if the model knows no word of it."""
    words = [word.span() for word in _WORD.finditer(text) if _is_plausible(word[0])]
    befores = [max(start - BEFORE, 0) for start, _ in words]
    costs = language_model.load().costs(
        [
            (text[before:end], start - before, end - before)
            for before, (start, end) in zip(befores, words, strict=True)
        ]
    )
    for (start, end), (each, _) in zip(words, costs, strict=True):
        cost -= max(each - WORD - LETTER * (end - start), 0.0)
    return cost


def _is_plausible(word: str) -> bool:
    """Return whether some language may write a word so: in one alphabet, capitals first.

    Of Latin letters some are ASCII in any language.
    """
    if word[0] <= "\u024f" and 3 * sum(map(str.isascii, word)) < len(word):
        return False
    is_one = len(scripts(word)) <= 1 and not is_unspaced(word[0])
    return is_one and word in (word.lower(), word.upper(), word.capitalize())


def _other(text: str, foreign: Foreign) -> bytes:
    """Return of each character 1 if a decoder reads it, and its source reads otherwise, else 0."""
    return codec(foreign.decoder).otherwise(codec(foreign.source), text)


def _bytes(word: str, decoder: str) -> bytes | None:
    """Return the bytes of a word that a decoder can have read."""
    try:
        return codec(decoder).encode(word)
    except UnicodeEncodeError:
        return None


def is_read_by(text: str, decoder: str) -> bool:
    """Return whether a decoder can have read a text."""
    return _bytes(text, decoder) is not None


def _legacy(words: list[str]) -> list[Foreign]:
    """Return the legacy ways that explain words best, read one by one."""
    explained = load_ways().explain(words)
    least = max((gain for *_, gain in explained), default=0.0) - BEHIND_BEST
    best = [Foreign(source, decoder) for source, decoder, gain in explained if gain >= least]
    several = [foreign for foreign in best if foreign.source in MULTIBYTE]
    return several[:RIVALS] + [way for way in best if way.source not in MULTIBYTE][:RIVALS]


@lru_cache(maxsize=256)
def _decoded(data: tuple[bytes, ...], source: str) -> list[str]:
    """Return what bytes are in a legacy codec; nothing if most mean nothing in it."""
    read = [codec(source).decode(each, "\ufffd", False) for each in data]
    read = [original.removesuffix("\ufffd") for original in read]  # cut in the middle
    whole = sum("\ufffd" not in original for original in read)
    return read if 2 * whole >= len(read) else []


def _unicode(sample: str) -> list[Foreign]:
    """Return the ways in which codecs of several bytes may have read UTF-8 as what is observed."""
    found = []
    for decoder in MULTIBYTE:
        marker = MARKERS[decoder]
        found.append(Foreign("utf-8", decoder))
        if "\ufffd" in sample:
            found.append(Foreign("utf-8", decoder, "\ufffd"))
        if marker in sample:
            found.append(Foreign("utf-8", decoder, marker))
    return found


def _scored(sample: str, ways: Iterable[Foreign]) -> list[tuple[float, Foreign, str]]:
    """Return the log odds of ways that change a sample, with what each reads in it."""
    model = language_model.load()
    readings = [(way, _read(sample, way)) for way in ways]
    readings = [(way, reading) for way, reading in readings if reading.text != sample]
    texts = [reading.text for _, reading in readings]
    costs, as_read = _costs((sample, *texts)), model.costs([(each, 0, len(each)) for each in texts])
    are_other = [bool(scripts(each) - scripts(sample)) for each in texts]
    least = _observed_cost(sample, costs[sample]) if any(are_other) else 0.0
    scored = []
    for (foreign, reading), (written, _), is_other in zip(
        readings, as_read, are_other, strict=True
    ):
        observed = least if is_other else costs[sample]
        cost = reading.cost - written + costs[reading.text]
        scored.append((observed - cost - foreign.prior(), foreign, reading.text))
    return scored


def _best(text: str, suspects: list[int]) -> tuple[Foreign, float] | None:
    """Return the way that explains lines with suspects best, and its log odds; None if unsure."""
    bounds, sample, words = _core.sample(text, suspects)
    scored = _scored(sample, (*_unicode(sample), *_legacy(words)))
    if max((odds for odds, *_ in scored), default=-math.inf) < max(ACCEPT, MARGIN):
        return None
    usual = _scored(sample, (Foreign("utf-8", decoder) for decoder in USUAL))
    scored = sorted([*usual, *scored], key=lambda each: -each[0])
    odds, best, original = scored[0]
    rival = next((other for other, _, others in scored if others != original), -math.inf)
    if odds - max(rival, 0.0) < MARGIN:
        return None
    if best.source == "utf-8" and best.decoder in DECODED:
        return None
    if best.source != "utf-8":
        lines = "\n".join(text[start:end] for start, end in bounds)
        best = _closest(lines, words, best)
    return best, odds


def _alike(words: list[str], found: Foreign) -> list[Foreign]:
    """Return the ways that read words as the one that was found does, itself included."""
    decoders, sources = [found.decoder], [found.source]
    codes = [_bytes(word, found.decoder) for word in words]
    if found.decoder in DECODED:
        decoders = [name for name in DECODERS if [_bytes(word, name) for word in words] == codes]
    if found.source in DECODED:
        data = tuple(code for code in codes if code is not None)
        originals = _decoded(data, found.source)
        sources = [name for name in DECODERS if _decoded(data, name) == originals]
    return [Foreign(source, decoder) for source in sources for decoder in decoders]


def _closest(text: str, words: list[str], found: Foreign) -> Foreign:
    """Return the way that reads words as the one that was found does, and all the text best.

    Codecs that differ in few characters may differ in none of those words.
    """
    beyond = Counter(_ASCII.sub("", text))

    def unread(decoder: str) -> int:
        return sum(number for c, number in beyond.items() if not is_read_by(c, decoder))

    ways = _alike(words, found)
    counts = {decoder: unread(decoder) for decoder in {way.decoder for way in ways}}
    least = min(counts.values())
    ways = sorted((way for way in ways if counts[way.decoder] == least), key=Foreign.prior)
    if found.source in MULTIBYTE or found.decoder in MULTIBYTE:
        return ways[0]
    tables = [
        {ord(c): _decoded((_bytes(c, way.decoder) or b"",), way.source)[0] or c for c in beyond}
        for way in ways
    ]
    told = [c for c in beyond if len({table[ord(c)] for table in tables}) > 1]
    if not told:
        return ways[0]
    places = re.compile("[" + re.escape("".join(told)) + "]").finditer(text)
    around = [
        text[max(at.start() - BESIDE, 0) : at.end() + BESIDE] for at in islice(places, COMPARED)
    ]
    passages = "\n".join(around)
    read = [passages.translate(table) for table in tables]
    cost_of = _costs(read)
    costs = [cost_of[text] + way.prior() for way, text in zip(ways, read, strict=True)]
    return ways[costs.index(min(costs))]


def is_known(words: str) -> bool:
    """Return whether the model knows the language of some words, each in capitals or not."""
    model = language_model.load()
    length = sum(map(len, words.split()))
    if not length:
        return False

    def is_usual(most: float) -> bool:
        """Return whether words cost at most such a share of what their characters cost alone."""
        spellings = (words, words.lower())
        return any(model.cost(each, 0) < most * model.alone(each) for each in spellings)

    letters = len(words) - len(words.encode("ascii", "ignore"))
    if 2 * _count(words, _HANGUL) > letters:
        return is_usual(KNOWN_HANGUL + KNOWN_ONE_HANGUL / length)
    if 2 * _count(words, _HAN) > letters:
        each = model.cost(words, 0) / length
        is_likely = each < MOST_HAN + MOST_ONE_HAN / length
        return is_likely and is_usual(KNOWN_HAN + KNOWN_ONE_HAN / length)
    return is_usual(KNOWN_LONG if length >= LONG else KNOWN + KNOWN_ONE / length)


def _count(words: str, blocks: re.Pattern[str]) -> int:
    """Return how many characters are of some blocks."""
    return len(words) - len(blocks.sub("", words))


def _proved(
    foreign: Foreign, originals: Sequence[str], observed: Sequence[str]
) -> list[Channel | None]:
    """Return of each original the channel of this way that makes of it what is observed."""
    channels = [Channel((layer,)) for layer in foreign.layers()]
    if foreign.decoder in MULTIBYTE:
        # What ends in half a character shows by itself only.
        return [
            next((each for each in channels if _damaged(original, each) == one), None)
            for original, one in zip(originals, observed, strict=True)
        ]
    (channel,) = channels
    are_proved = map(eq, damaged(originals, channel), observed)
    return [channel if is_proved else None for is_proved in are_proved]


def _damaged(original: str, channel: Channel) -> str | None:
    """Return what an original looks like after a channel, None if it cannot go through it."""
    try:
        return damage(original, channel)
    except UnicodeError:
        return None


def _with_usual_dashes(reading: _Reading, text: str) -> _Reading:
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


def _with_usual_scripts(reading: _Reading) -> _Reading:
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


def _capitals_inside(text: str) -> int:
    """Return how many capitals follow a small letter: words are not written that way."""
    if text[1:] == text[1:].lower():
        return 0
    return sum(one.islower() and other.isupper() for one, other in pairwise(text))


def _doubted(
    posterior: float, others: tuple[tuple[str, float], ...]
) -> tuple[float, tuple[tuple[str, float], ...]]:
    """Return what is not sure with its odds taken to the power of DOUBT_FOREIGN."""
    right, wrong = posterior**DOUBT_FOREIGN, (1 - posterior) ** DOUBT_FOREIGN
    share = wrong / (right + wrong) / max(1 - posterior, 1e-9)
    return right / (right + wrong), tuple((other, share * odds) for other, odds in others)


@dataclass
class _Part:
    """What was restored of a part of a text.

    Attributes:
        start, end: the part.
        restored: the stretches, in lines that were restored whole.
        words: all stretches, with what stands around them up to white space.
        tried: how many stretches were tried.
        other: of each character 1 if the decoder reads it and the source reads otherwise; nothing
            of UTF-8.
    """

    start: int
    end: int
    restored: list[Restored]
    words: Iterable[str]
    tried: int
    other: bytes


class _Stretch(NamedTuple):
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


def _stretches(observed: str, reading: _Reading) -> list[_Stretch]:
    """Return the stretches of a reading that do not stand as written."""
    found = _core.judge_stretches(
        language_model.load(),
        observed,
        reading.text,
        reading.starts,
        reading.flags,
        reading.posteriors,
    )
    stretches = list(map(_Stretch._make, found))
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


def _is_plain(text: str) -> bool:
    """Return whether a text is of one script, has no ideographs, and nothing that no text has."""
    characters = "".join(set(text))
    if "\ufffd" in characters or _NOBODYS.search(characters) or len(scripts(characters)) > 1:
        return False
    return "CJK" not in map(script, characters)


def _may_stand(text: str, stretch: _Stretch) -> bool:
    """Return whether a stretch of a text is written as text is."""
    _, _, begin, end, observed, original, *_ = stretch
    if "\ufffd" in original or _NOBODYS.search(original):
        return False
    before, behind = text[max(begin - BEFORE, 0) : begin], text[end : end + BEHIND]
    if _is_beside_ideograph(before[-1:], original[0]) or _is_beside_ideograph(
        behind[:1], original[-1]
    ):
        return False
    mixed = mixtures(before + original + behind)
    return not mixed or mixed <= mixtures(before + observed + behind)


def _accepted(
    reading: _Reading, foreign: Foreign, stretches: Iterable[_Stretch], need: float
) -> Iterator[tuple[_Stretch, Channel]]:
    """Yield those stretches that are sure, with their channels."""
    is_plain = _is_plain(reading.text)
    likely = []
    for stretch in stretches:
        _, _, _, _, there, original, written, meant, _ = stretch
        if written - meant < need or original == there:
            continue
        inside = _capitals_inside(original)
        if inside and inside > _capitals_inside(there):
            continue
        if is_plain or _may_stand(reading.text, stretch):
            likely.append(stretch)
    originals, shown = [each.original for each in likely], [each.observed for each in likely]
    for stretch, channel in zip(likely, _proved(foreign, originals, shown), strict=True):
        if channel is not None:
            yield stretch, channel


def _guesses(
    reading: _Reading, begin: int, end: int
) -> tuple[tuple[int, float, tuple[tuple[str, float], ...]], ...]:
    """Return what is not sure in a stretch."""
    return tuple(
        (i - begin, *_doubted(reading.posteriors[i], reading.others.get(i, ())))
        for i in range(begin, end)
        if reading.posteriors[i] < SURE
    )


def _is_beside_ideograph(stands: str, letter: str) -> bool:
    """Return whether an ideograph that stands as it is has a letter of an alphabet beside it."""
    is_ideograph = bool(stands) and script(stands) == "CJK"
    return is_ideograph and letter > "\x7f" and letter.isalpha() and not is_unspaced(letter)


def _suspects(text: str) -> list[int]:
    """Return the offsets of foreign places from all over a text."""
    step = max(_core.NEAR // 2, len(text) // MOST_SUSPECTS)
    found = []
    at = _core.find_foreign(text)
    while at >= 0:
        found.append(at)
        at = _core.find_foreign(text, at + step)
    return found


# ASCII that no decoder puts in place of bytes, and none takes for the second of two.
_CLEAN = frozenset(" \n\t!\"#$%&'()*+,-./0123456789:;<=>")


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Yield parts of a text, of whole lines unless they are very long, that are not ASCII.

    Those of very long lines end behind ASCII if they can, which no damage reaches over.
    """
    at = 0
    while at < len(text):
        end = text.rfind("\n", at, at + PART) + 1 or at + PART
        if end < len(text) and text[end - 1] != "\n":
            clean = (i for i in range(end, at + PART // 2, -1) if text[i - 1] in _CLEAN)
            end = next(clean, end)
        if not text[at:end].isascii():
            yield at, min(end, len(text))
        at = end


def _undone(text: str, foreign: Foreign) -> list[Restored]:
    """Return what stood where text became foreign in this way."""
    restored: list[Restored] = []
    words: list[str] = []
    unsure: list[tuple[int, int]] = []
    is_judged = foreign.source == "utf-8"
    tried = covered = beyond = 0
    for start, end in _parts(text):
        part = _read_part(text, start, end, foreign)
        restored += part.restored
        tried += part.tried
        if not restored and tried >= MOST_REFUSED:
            return []  # before the rest is read
        if foreign.source == "utf-8":
            continue
        if not is_judged:
            words += part.words
            if sum(map(len, words)) >= MOST_JUDGED:
                if not _is_language(words):
                    return []  # before the rest is read
                is_judged = True
        left = _left(part)
        beyond += part.other.count(1)
        covered += part.other.count(1) - left.count(1)
        for each in part.restored:
            left[each.start - start] |= bool(each.guesses)
        unsure += _lines_of(text, start, end, left)
    if foreign.source == "utf-8" or not restored:
        is_short = len(text) < SHORT
        lines = [restored] if is_short else _told_lines(text, restored)
        share = 0.0 if is_short else HOPELESS_FOREIGN
        return [each for line in lines for each in _with_hope(line, share)]
    if (not is_judged and not _is_language(words)) or _are_signs(text, restored, foreign):
        return []
    if covered < THROUGHOUT * beyond or not unsure:
        return restored
    return _again(text, restored, unsure, foreign)


def _told_lines(text: str, restored: list[Restored]) -> list[list[Restored]]:
    """Return what was restored line by line, less what may be chance.

    Among all characters that stand as they are, as in a dictionary, some are sequences. A line has
    to tell as much as damage is rare in the text, and some line more than single characters.
    """
    if not restored:
        return []
    changed = sum(each.end - each.start for each in restored)
    beyond = len(_ASCII.sub("", text))
    if RARE * changed < beyond and max(map(_letters, restored)) < WORD_LETTERS:
        return []
    need, lines = math.log(beyond / changed), _by_line(text, restored)
    return [line for line in lines if sum(each.evidence for each in line) >= need]


def _letters(found: Restored) -> int:
    return sum(map(str.isalpha, found.original))


def _has_letters(found: list[Restored], least: int) -> bool:
    """Return whether there are so many letters in what was restored."""
    return any(letters >= least for letters in accumulate(map(_letters, found)))


def _are_signs(text: str, restored: list[Restored], foreign: Foreign) -> bool:
    """Return whether ideographs would come of signs alone, of a quote and a currency sign, say."""
    return foreign.source in MULTIBYTE and not any(
        text[i].isalpha() for each in restored for i in range(each.start, each.end)
    )


def _with_hope(line: list[Restored], share: float) -> list[Restored]:
    """Return what was restored in a line, marked if more than a share is probably wrong."""
    is_hopeless = _is_hopeless(line, share)
    return [each._replace(is_hopeless=is_hopeless) for each in line]


def _is_hopeless(line: list[Restored], share: float) -> bool:
    """Return whether more than a share of a line, or of a short text, is probably wrong."""
    length = sum(len(each.original) for each in line)
    return sum(map(_wrong, line)) > max(share * length, HOPELESS_SHORT)


def _wrong(found: Restored) -> float:
    """Return how many guesses of a stretch are probably wrong; neighbours are wrong together."""
    wrong, last = [0.0], -2
    for at, posterior, _ in found.guesses:
        if at == last + 1:
            wrong[-1] = max(wrong[-1], 1 - posterior)
        else:
            wrong.append(1 - posterior)
        last = at
    return sum(wrong)


def _is_language(words: list[str]) -> bool:
    """Return whether the model knows the language of the first of some words that were read."""
    return is_known(_DRAWN.sub(r"\1", " ".join(words)[:MOST_JUDGED]))


def _read_part(
    text: str, start: int, end: int, foreign: Foreign, *, throughout: bool = False
) -> _Part:
    """Return what stood in a part of a text that is read in this way."""
    observed = text[start:end]
    reading = _read(observed, foreign, throughout=throughout)
    if foreign.source == "utf-8":
        reading = _with_usual_scripts(reading)
    reading = _with_usual_dashes(reading, text)
    stretches = _stretches(observed, reading)
    need = -FAVOUR if throughout else ENTER
    restored: list[Restored] = []
    places: list[tuple[int, int]] = []
    for stretch, channel in _accepted(reading, foreign, stretches, need):
        first, last, begin, stop, _, original, written, meant, least = stretch
        guesses = _guesses(reading, begin, stop) if least < SURE else ()
        confidence = min([guess[1] for guess in guesses], default=least)
        restored.append(
            Restored(
                start + first,
                start + last,
                original,
                channel,
                guesses,
                confidence,
                written - meant,
            )
        )
        places.append((begin, stop))
    around = _core.NEAR if foreign.source in DECODED else 0
    words = (_word(reading.text, begin, stop, around) for begin, stop in places)
    other = b"" if foreign.source == "utf-8" else _other(observed, foreign)
    part = _Part(start, end, restored, words, len(stretches), other)
    part.restored = _whole_lines(text, part, foreign)
    return part


def _left(part: _Part) -> bytearray:
    """Return what was not restored of the characters of a part that the source reads otherwise."""
    left = bytearray(part.other)
    for each in part.restored:
        length = each.end - each.start
        left[each.start - part.start : each.end - part.start] = bytes(length)
    return left


def _lines_of(text: str, start: int, end: int, marks: bytearray) -> Iterator[tuple[int, int]]:
    """Yield the lines of a part of a text that have a mark, those in a row as one."""
    first = last = start
    at = marks.find(1)
    while at >= 0:
        begin = max(text.rfind("\n", start, start + at) + 1, start)
        if begin > last:
            if first < last:
                yield first, last
            first = begin
        last = text.find("\n", start + at, end) + 1 or end
        at = marks.find(1, last - start)
    if first < last:
        yield first, last


def _again(
    text: str, restored: list[Restored], lines: list[tuple[int, int]], foreign: Foreign
) -> list[Restored]:
    """Return what was restored, with some lines read again as those of a text damaged throughout.

    In others that would change nothing: all of them was restored for sure.
    """
    starts = [start for start, _ in lines]

    def is_kept(found: Restored) -> bool:
        at = bisect_right(starts, found.start)
        return at == 0 or lines[at - 1][1] <= found.start

    found = list(filter(is_kept, restored))
    for start, end in lines:
        found += _read_part(text, start, end, foreign, throughout=True).restored
    return sorted(found, key=attrgetter("start"))


def _whole_lines(text: str, part: _Part, foreign: Foreign) -> list[Restored]:
    """Return what was restored in those lines of a part of a text that were restored whole.

    How little is left: of UTF-8, nothing foreign; of legacy text, less than was restored.
    """
    start, stop = part.start, part.end
    sums = [0, *accumulate(part.other)]  # up to each offset in the part
    whole: list[Restored] = []
    for line in _by_line(text, part.restored):
        at = max(text.rfind("\n", start, line[0].start) + 1, start)
        end = text.find("\n", line[-1].end, stop)
        end = end if end >= 0 else stop
        if foreign.source == "utf-8":
            left = _between(text, at, end, line)
            if any(_core.find_foreign(part) >= 0 or _MARKED.search(part) for part in left):
                continue
        else:
            restored = sum([sums[each.end - start] - sums[each.start - start] for each in line])
            if sums[end - start] - sums[at - start] > 2 * restored:
                continue
            if foreign.decoder in MARKERS and _has_lost(
                line, _between(text, at, end, line), foreign
            ):
                continue
        whole += line
    return whole


def _between(text: str, start: int, end: int, found: list[Restored]) -> list[str]:
    """Return what stands before, between and behind what was restored in a line."""
    ends = [start, *(each.end for each in found)]
    starts = [*(each.start for each in found), end]
    return [text[one:other] for one, other in zip(ends, starts, strict=True)]


def _by_line(text: str, found: list[Restored]) -> list[list[Restored]]:
    """Return what was restored line by line."""
    lines: list[list[Restored]] = []
    end = -1  # of the last line
    for each in found:
        if each.start > end:
            end = text.find("\n", each.start)
            end = end if end >= 0 else len(text)
            lines.append([])
        lines[-1].append(each)
    return lines


def _has_lost(found: list[Restored], left: list[str], foreign: Foreign) -> bool:
    """Return whether a marker in what is `left` of a line stands for bytes that were lost."""
    marker = MARKERS[foreign.decoder]
    if marker != "?":
        return any(marker in part for part in left)
    model = language_model.load()
    befores = [each.original[-CONTEXT:] for each in found]
    return any(
        part.startswith("?") and model.cost(before + "?", len(before)) > ASKED
        for before, part in zip(befores, left[1:], strict=True)
    )


def _word(text: str, start: int, end: int, around: int) -> str:
    """Return a stretch with what stands near it up to white space."""
    before, behind = text[max(start - around, 0) : start], text[end : end + around]
    head = before.split()[-1] if before and not before[-1].isspace() else ""
    tail = behind.split()[0] if behind and not behind[0].isspace() else ""
    return head + text[start:end] + tail


def transcode(text: str, known: dict[Foreign, float]) -> list[Restored]:
    """Return what stood where text is foreign, as far as that can be told.

    Args:
        text: the observed text.
        known: the ways in which the document's text became foreign, with the evidence of each in
            nats; what the text tells is added.
    """
    found: list[Restored] = []
    for foreign in known:
        found = _merged(found, _undone(text, foreign))
    seen = set(known)
    for _ in range(ROUNDS):
        suspects = _uncovered(_suspects(text), found)
        best = _best(text, suspects) if suspects else None
        if best is None or best[0] in seen:
            break
        here = _undone(text, best[0])
        if not here:
            break
        seen.add(best[0])
        if _has_letters(here, WORD_LETTERS):  # else they may be chance
            known[best[0]] = best[1]
        found = _merged(found, here)
    return found


def explains(text: str, found: list[Restored]) -> bool:
    """Return whether what was found is nearly all of a text that can be damaged in that way."""
    found = [each for each in found if not each.is_hopeless]
    if not found:
        return False
    some = Counter(each.channel for each in found[:: len(found) // RIVALS + 1])
    ((channel, _),) = some.most_common(1)
    layer = channel.layers[-1]
    if layer.source == "utf-8":
        beyond = len(text) - len(text.encode("ascii", "ignore"))
        return sum(each.end - each.start for each in found) >= THROUGHOUT * beyond
    other = _other(text, Foreign(layer.source, layer.decoder))
    held = sum([other.count(1, each.start, each.end) for each in found])
    return held >= THROUGHOUT * other.count(1)


def _merged(found: list[Restored], more: list[Restored]) -> list[Restored]:
    """Return both, in order, less those of the second that overlap one of the first."""
    starts = [each.start for each in found]
    free = []
    for each in more:
        at = bisect_left(starts, each.end)
        if at == 0 or found[at - 1].end <= each.start:
            free.append(each)
    return sorted([*found, *free], key=lambda each: each.start)


def _uncovered(offsets: list[int], found: list[Restored]) -> list[int]:
    """Return the offsets at which nothing was found."""
    starts = [each.start for each in found]
    places = ((offset, bisect_right(starts, offset)) for offset in offsets)
    return [offset for offset, at in places if at == 0 or found[at - 1].end <= offset]
