"""Foreign text to what stood there: codecs of several bytes, legacy codecs read as others."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from . import _core
from . import model as language_model
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

# Layers that are compared by more than words, of sources of one byte and of several.
RIVALS = 5

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

# Characters that a legacy way reads otherwise, at least: one may be of a language that the model
# does not know (`Ќе` is Macedonian, and would be `Не`).
LEAST_OTHER = 2

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

# What a question mark costs behind a question, in nats, at most; and how much of that is looked at.
ASKED, CONTEXT = 4.0, 8

# Dashes and how often one stands between spaces in program text: measured in packages from PyPI.
DASHES = {"—": 147.0, "–": 1.0}


# First and last characters of blocks.
_HANGUL = (("\uac00", "\ud7a3"),)
_HAN = (*_HANGUL, ("\u2e80", "\u9fff"), ("\uf900", "\ufaff"), ("\uff00", "\uffef"))

# A space between characters beyond ASCII.
_UNSPACED = re.compile("(?<=[^\0-\x7f]) (?=[^\0-\x7f])")

# What EUC-KR holds, and NFC turns into other characters.
_COMPATIBILITY = re.compile("[\uf900-\ufaff]")

_ASCII = re.compile("[\0-\x7f]+")

# A marker that no white space parts from what is behind it; `・` stands so in clean text.
_MARKED = re.compile("[?\ufffd][^\0-\x7f]")

# Romanian has these letters with a cedilla and with a comma below: neither is damage of the other.
_ONE_LETTER = str.maketrans("ŞşŢţ", "ȘșȚț")

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
        starts: offset in what is observed of each code point of `text`, and its end.
        flags: of each: see `lattice.h`.
        posteriors: of each.
        others: by offset in `text`, what else may stand there.
    """

    cost: float
    text: str
    starts: Sequence[int]
    flags: bytes
    posteriors: Sequence[float]
    others: dict[int, tuple[tuple[str, float], ...]]


def _read(text: str, foreign: Foreign, *, throughout: bool = False) -> _Reading:
    """Return the most probable reading of a text, which may be known to be damaged throughout."""
    enter, leave, literal = (0.0, 0.0, FAVOUR) if throughout else (ENTER, LEAVE, 0.0)
    # In legacy text a marker stands for bytes that are gone, not for its own.
    marker = "" if foreign.source == "utf-8" else MARKERS.get(foreign.decoder, "")
    # What a line ends with is told by its end; words alone need not end like sentences.
    last = text[-LEAST_ENDED:]
    ended = text + "\n" if len(last) == LEAST_ENDED and "\n" not in last else text
    cost, original, starts, flags, posteriors, others = language_model.load().transcode(
        ended,
        codec(foreign.decoder, is_composed=not _COMPATIBILITY.search(text), lacking=marker),
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
        [*memoryview(starts).cast("I")[:length], len(text)],
        flags[:length],
        memoryview(posteriors).cast("f")[:length],
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
    costs = language_model.load().costs([(text, start, end) for start, end in words])
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


def _plain(text: str) -> str:
    """Return a text with usual characters in place of half-width kana, circled digits and so on."""
    from unicodedata import normalize

    return text if text.isascii() else normalize("NFKC", text)


def _count_other(text: str, foreign: Foreign, start: int = 0, end: int | None = None) -> int:
    """Return how many characters a decoder reads, and its source reads otherwise."""
    wrong, source = codec(foreign.decoder), codec(foreign.source)
    return wrong.count_otherwise(source, text, start, len(text) if end is None else end)


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
    best = [Foreign(source, decoder) for source, decoder, _ in load_ways().explain(words)]
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
    least = _observed_cost(sample, costs[sample])
    scored = []
    for (foreign, reading), (written, _) in zip(readings, as_read, strict=True):
        is_other_script = scripts(reading.text) - scripts(sample)
        observed = least if is_other_script else costs[sample]
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

    def unread(way: Foreign) -> int:
        return sum(number for c, number in beyond.items() if not is_read_by(c, way.decoder))

    ways = _alike(words, found)
    least = min(map(unread, ways))
    ways = sorted((way for way in ways if unread(way) == least), key=Foreign.prior)
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
    length = sum(not character.isspace() for character in words)
    if not length:
        return False
    share = min(model.cost(each, 0) / model.alone(each) for each in (words, words.lower()))
    letters = sum(not character.isascii() for character in words)
    if 2 * _count(words, _HANGUL) > letters:
        return share < KNOWN_HANGUL + KNOWN_ONE_HANGUL / length
    if 2 * _count(words, _HAN) > letters:
        words = _UNSPACED.sub("", words)  # spaces between words are not theirs
        each = model.cost(words, 0) / length
        share = model.cost(words, 0) / model.alone(words)
        return (
            share < KNOWN_HAN + KNOWN_ONE_HAN / length and each < MOST_HAN + MOST_ONE_HAN / length
        )
    return share < (KNOWN_LONG if length >= LONG else KNOWN + KNOWN_ONE / length)


def _count(words: str, blocks: tuple[tuple[str, str], ...]) -> int:
    """Return how many characters are of some blocks."""
    return sum(any(first <= c <= last for first, last in blocks) for c in words)


def _proved(foreign: Foreign, original: str, observed: str) -> Channel | None:
    """Return the channel of this way that makes of an original what is observed."""
    for channel in (Channel((layer,)) for layer in foreign.layers()):
        try:
            if damage(original, channel) == observed:
                return channel
        except UnicodeError:
            continue
    return None


def _with_usual_dashes(reading: _Reading, text: str) -> _Reading:
    """Return a reading in which dashes that lost a byte are those that the text has elsewhere.

    The model knows prose; what codecs of several bytes damage is program text for the most part.
    """
    dashes = [i for i, other in reading.others.items() if reading.text[i] in DASHES]
    if not dashes:
        return reading
    seen = {dash: usual + text.count(dash) for dash, usual in DASHES.items()}
    characters, posteriors = list(reading.text), list(reading.posteriors)
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
    characters, posteriors = list(reading.text), list(reading.posteriors)
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


def _stretches(reading: _Reading) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a reading, as offsets in it, that do not stand as written."""
    kinds = groupby(range(len(reading.text)), lambda i: bool(reading.flags[i] & _LITERAL))
    for is_literal, places in kinds:
        if not is_literal:
            stretch = list(places)
            yield stretch[0], stretch[-1] + 1


def _capitals_inside(text: str) -> int:
    """Return how many capitals follow a small letter: words are not written that way."""
    if not any(map(str.isupper, text)):
        return 0
    return sum(one.islower() and other.isupper() for one, other in pairwise(text))


def _doubted(
    posterior: float, others: tuple[tuple[str, float], ...]
) -> tuple[float, tuple[tuple[str, float], ...]]:
    """Return what is not sure with its odds taken to the power of DOUBT_FOREIGN."""
    right, wrong = posterior**DOUBT_FOREIGN, (1 - posterior) ** DOUBT_FOREIGN
    share = wrong / (right + wrong) / max(1 - posterior, 1e-9)
    return right / (right + wrong), tuple((other, share * odds) for other, odds in others)


def _restored(  # noqa: PLR0913, PLR0917 - as many as a stretch has parts
    text: str, shift: int, reading: _Reading, foreign: Foreign, begin: int, end: int, need: float
) -> Restored | None:
    """Return a stretch of a reading as it was restored; `shift` is where the reading begins.

    None if it is not sure: `need` is the evidence, in nats, without which it stays as observed.
    """
    start, stop = reading.starts[begin], reading.starts[end]
    original, observed = reading.text[begin:end], text[shift + start : shift + stop]
    is_same = original.translate(_ONE_LETTER) == observed.translate(_ONE_LETTER)
    if is_same or "\ufffd" in original or _NOBODYS.search(original):
        return None
    before, behind = reading.text[max(begin - 8, 0) : begin], reading.text[end : end + 4]
    if _is_beside_ideograph(before[-1:], original[0]) or _is_beside_ideograph(
        behind[:1], original[-1]
    ):
        return None
    cost = language_model.load().cost
    written = min(cost(before + one + behind, len(before)) for one in (observed, _plain(observed)))
    evidence = written - cost(before + original + behind, len(before))
    if evidence < need or _capitals_inside(original) > _capitals_inside(observed):
        return None
    channel = _proved(foreign, original, observed)
    if channel is None:
        return None
    if mixtures(before + original + behind) > mixtures(before + observed + behind):
        return None
    guesses = tuple(
        (i - begin, *_doubted(reading.posteriors[i], reading.others.get(i, ())))
        for i in range(begin, end)
        if reading.posteriors[i] < SURE
    )
    confidence = min([guess[1] for guess in guesses] or reading.posteriors[begin:end])
    return Restored(shift + start, shift + stop, original, channel, guesses, confidence, evidence)


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
    is_judged, tried = foreign.source == "utf-8", 0
    for here, around, stretches in _readings(text, foreign):
        restored += here
        words += around
        tried += stretches
        if not restored and tried >= MOST_REFUSED:
            return []  # before the rest is read
        if not is_judged and sum(map(len, words)) >= MOST_JUDGED:
            if not _is_language(words):
                return []  # before the rest is read
            is_judged = True
    if foreign.source == "utf-8" or not restored:
        is_short = len(text) < SHORT
        lines = [restored] if is_short else _told_lines(text, restored)
        share = 0.0 if is_short else HOPELESS_FOREIGN
        return [each for line in lines for each in _with_hope(line, share)]
    covered = sum(_count_other(text, foreign, each.start, each.end) for each in restored)
    is_language = is_judged or _is_language(words)
    if covered < LEAST_OTHER or not is_language or _are_signs(text, restored, foreign):
        return []
    if covered < THROUGHOUT * _count_other(text, foreign):
        return restored
    return [each for here, *_ in _readings(text, foreign, throughout=True) for each in here]


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


def _readings(
    text: str, foreign: Foreign, *, throughout: bool = False
) -> Iterator[tuple[list[Restored], list[str], int]]:
    """Yield what stood where text is read in this way, and the words around it, part by part.

    How many stretches were tried is told besides.
    """
    around = _core.NEAR if foreign.source in DECODED else 0
    need = -FAVOUR if throughout else ENTER
    for start, end in _parts(text):
        reading = _read(text[start:end], foreign, throughout=throughout)
        if foreign.source == "utf-8":
            reading = _with_usual_scripts(reading)
        reading = _with_usual_dashes(reading, text)
        here: list[Restored] = []
        words: list[str] = []
        stretches = list(_stretches(reading))
        for begin, stop in stretches:
            found = _restored(text, start, reading, foreign, begin, stop, need)
            if found is not None:
                here.append(found)
                words.append(_word(reading.text, begin, stop, around))
        yield _whole_lines(text, start, end, here, foreign), words, len(stretches)


def _whole_lines(
    text: str, start: int, stop: int, found: list[Restored], foreign: Foreign
) -> list[Restored]:
    """Return what was restored in those lines of a part of a text that were restored whole."""
    lines = _by_line(text, found)
    return [each for line in lines if _is_whole(text, start, stop, line, foreign) for each in line]


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


def _is_whole(text: str, start: int, stop: int, found: list[Restored], foreign: Foreign) -> bool:
    """Return whether a line, or what a part has of it, was restored whole: how little is left.

    Of UTF-8, nothing foreign; of legacy text, less than was restored.
    """
    at = max(text.rfind("\n", start, found[0].start) + 1, start)
    end = text.find("\n", found[-1].end, stop)
    left = []
    for each in found:
        left.append(text[at : each.start])
        at = each.end
    left.append(text[at : end if end >= 0 else stop])
    if foreign.source == "utf-8":
        return not any(_core.find_foreign(part) >= 0 or _MARKED.search(part) for part in left)
    if _has_lost(found, left, foreign):
        return False
    restored = sum(_count_other(text, foreign, each.start, each.end) for each in found)
    return sum(_count_other(part, foreign) for part in left) <= restored


def _has_lost(found: list[Restored], left: list[str], foreign: Foreign) -> bool:
    """Return whether a marker in what is `left` of a line stands for bytes that were lost."""
    marker = MARKERS.get(foreign.decoder)
    if marker != "?":
        return marker is not None and any(marker in part for part in left)
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
        if sum(map(_letters, here)) >= WORD_LETTERS:  # else they may be chance
            known[best[0]] = best[1]
        found = _merged(found, here)
    return found


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
