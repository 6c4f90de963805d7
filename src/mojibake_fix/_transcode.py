"""Foreign text to what stood there: what is accepted of it, in lines and as a whole."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import eq
from typing import TYPE_CHECKING

from . import _core
from . import model as language_model
from ._foreign import CONTROLS, Foreign, read_otherwise
from ._inference import damaged
from ._naming import best_way, suspects_in
from ._prior import (
    DOUBT_FOREIGN,
    ENTER,
    HOPELESS_FOREIGN,
    HOPELESS_SHORT,
    SHORT,
)
from ._readings import (
    BEFORE,
    BEHIND,
    FAVOUR,
    Reading,
    Stretch,
    read,
    stretches_of,
    with_usual_dashes,
    with_usual_scripts,
)
from ._restore import Restored
from ._scripts import is_unspaced, mixtures, script, scripts
from ._spans import beside
from .channels import MULTIBYTE, Channel, damage
from .channels._legacy import MARKERS
from .channels._tables import DECODED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# What text costs in its context, as a share of what its characters cost by themselves, at most, if
# the model knows its language: for long text, and what is added to that for one letter. Measured
# on lines and words: in known alphabets lines cost up to 0.31 and words of six letters up to 0.6,
# Chinese lines up to 0.83; other languages that seem to be damaged mostly more than 0.38. Words
# with accents of whole notes, each once, cost up to 0.42.
KNOWN, KNOWN_ONE = 0.37, 0.55
KNOWN_LONG, LONG = 0.44, 200  # code points
KNOWN_HAN, KNOWN_ONE_HAN = 0.82, 1.3
KNOWN_HANGUL, KNOWN_ONE_HANGUL = 0.6, 0.7

# What a Chinese character costs in its context on average, in nats, at most, and what is added to
# that for one of them: those that nobody uses cost so much by themselves that their share is low.
# Hardly any few characters of real text cost more, and nearly all that chance makes of words do.
MOST_HAN, MOST_ONE_HAN = 7.5, 6.0

# Ways that one text is searched for.
ROUNDS = 3

# Code points that are read at once, at first and then, and of words by which their language is
# judged.
FIRST_PART, PART, MOST_JUDGED = 1024, 8192, 4000

# Share of the characters that a decoder reads, and its source reads otherwise, from which on a text
# is damaged throughout, and stretches by which it is told how.
THROUGHOUT, SOME = 0.8, 5

# Stretches after which a way is given up that restored no line, and by which no line of those that
# it restored is probably right.
MOST_REFUSED, MOST_HOPELESS = 400, 30

# Characters that a legacy way reads otherwise, at least: one may be of a language that the model
# does not know (`Ќе` is Macedonian, and would be `Не`).
LEAST_OTHER = 2

# One of how many characters beyond ASCII has to be damaged, at least, if no stretch tells by itself
# that there is damage; and how many letters one that does has, and what tells of later text.
RARE, WORD_LETTERS = 100, 3

# Posterior below which a code point is a guess.
SURE = 0.99

# What a question mark costs behind a question, in nats, at most; and how much of that is looked at.
ASKED, CONTEXT = 4.0, 8


# Characters of blocks.
_HANGUL = re.compile("[\uac00-\ud7a3]+")
_HAN = re.compile("[\uac00-\ud7a3\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")

# A space between characters beyond ASCII.
_UNSPACED = re.compile("(?<=[^\0-\x7f]) (?=[^\0-\x7f])")

_ASCII = re.compile("[\0-\x7f]+")

# What no word goes on with, before a stretch or behind it. Code has no spaces where words end.
_NO_LETTER = re.compile(r"[\s\0-@\[-`{-\x7f]")

# A marker that no white space parts from what is behind it; `・` stands so in clean text.
_MARKED = re.compile("[?\ufffd][^\0-\x7f]")

# Signs that words have: apostrophes, hyphens, the dot of `N·m` and `col·legi`.
_JOINING = frozenset("\u2018\u2019\u2010\u2011\u00ad\u00b7")

# Romanian has these letters with a cedilla and with a comma below: neither is damage of the other.
_ONE_LETTER = str.maketrans("ŞşŢţ", "ȘșȚț")

# Planes of Unicode that hold nothing.
_NOBODYS = re.compile("[\U00040000-\U000dffff]")

# Lines that are drawn tell nothing by their length.
_DRAWN = re.compile(r"(.)\1{3,}")


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
        words = _UNSPACED.sub("", words)  # spaces between words are not theirs
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
        words: all stretches, with what stands around them up to the ends of their words.
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


def _is_plain(text: str) -> bool:
    """Return whether a text is of one script, has no ideographs, and nothing that no text has."""
    characters = "".join(set(text))
    if "\ufffd" in characters or _NOBODYS.search(characters) or len(scripts(characters)) > 1:
        return False
    return "CJK" not in map(script, characters)


def _may_stand(text: str, stretch: Stretch) -> bool:
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
    reading: Reading, foreign: Foreign, stretches: Iterable[Stretch], need: float
) -> Iterator[tuple[Stretch, Channel]]:
    """Yield those stretches that are sure, with their channels."""
    is_plain = _is_plain(reading.text)
    likely = []
    for stretch in stretches:
        _, _, _, _, there, original, written, meant, _ = stretch
        if written - meant < need or original == there:
            continue
        if original.translate(_ONE_LETTER) == there.translate(_ONE_LETTER):
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
    reading: Reading, begin: int, end: int
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


# ASCII that no decoder puts in place of bytes, and none takes for the second of two.
_CLEAN = frozenset(" \n\t!\"#$%&'()*+,-./0123456789:;<=>")


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Yield parts of a text, of whole lines unless they are very long, that are not ASCII.

    Those of very long lines end behind ASCII if they can, which no damage reaches over.
    """
    at, most = 0, FIRST_PART
    while at < len(text):
        end = text.rfind("\n", at, at + most) + 1 or at + most
        if end < len(text) and text[end - 1] != "\n":
            clean = (i for i in range(end, at + most // 2, -1) if text[i - 1] in _CLEAN)
            end = next(clean, end)
        if not text[at:end].isascii():
            yield at, min(end, len(text))
            most = PART
        at = end


def _undone(text: str, foreign: Foreign) -> list[Restored]:
    """Return what stood where text became foreign in this way."""
    restored: list[Restored] = []
    words: list[str] = []
    unsure: list[tuple[int, int]] = []
    is_judged = foreign.source == "utf-8"
    tried = hopes = covered = beyond = 0
    for start, end in _parts(text):
        part = _read_part(text, start, end, foreign)
        restored += part.restored
        tried += part.tried
        if not restored and tried >= MOST_REFUSED:
            return []  # before the rest is read
        if foreign.source == "utf-8":
            hopes += sum(
                not _is_hopeless(each, HOPELESS_FOREIGN) for each in _by_line(text, part.restored)
            )
            if not hopes and tried >= MOST_HOPELESS:
                break
            continue
        if not is_judged:
            words += part.words
            if sum(map(len, words)) >= MOST_JUDGED:
                if not _is_language(words) and not _are_controls(text, restored):
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
    is_sure = is_judged or _is_language(words)
    is_sure = (is_sure and covered >= LEAST_OTHER) or _are_controls(text, restored)
    if not is_sure or _are_signs(text, restored, foreign):
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
    """Return whether words would come of signs alone, of a quote and a currency sign, say.

    Signs within words, and many in a row, were letters of an alphabet, but for those that words
    have.
    """

    def is_sign(found: Restored) -> bool:
        observed = text[found.start : found.end]
        if any(map(str.isalpha, observed)):
            return False
        if foreign.source in MULTIBYTE:
            return True
        if len(observed) >= WORD_LETTERS:
            return False
        is_joining = _JOINING.issuperset(observed) or not _is_in_word(text, found)
        return is_joining and not CONTROLS.fullmatch(observed)

    return all(map(is_sign, restored))


def _are_controls(text: str, restored: list[Restored]) -> bool:
    """Return whether only C1 controls were damaged, and most that are letters stand beside others.

    No language has controls, so none needs to be known.
    """
    changed = [text[each.start : each.end] for each in restored]
    if not changed or not all(map(CONTROLS.fullmatch, changed)):
        return False
    beside = sum(map(_letters, (each for each in restored if _is_in_word(text, each))))
    return 2 * beside >= sum(map(_letters, restored))


def _is_in_word(text: str, found: Restored) -> bool:
    """Return whether a letter stands beside what was restored."""
    beside = text[max(found.start - 1, 0) : found.start] + text[found.end : found.end + 1]
    return any(map(str.isalpha, beside))


def _with_hope(line: list[Restored], share: float) -> list[Restored]:
    """Return what was restored in a line, marked if more than a share is probably wrong."""
    is_hopeless = _is_hopeless(line, share)
    return [each._replace(is_hopeless=is_hopeless) for each in line]


def _is_hopeless(line: list[Restored], share: float) -> bool:
    """Return whether more than a share of a line, or of a short text, is probably wrong.

    The same guess is wrong in all places or in none.
    """
    length = sum(len(each.original) for each in line)
    wrong: dict[str, float] = {}
    for each in line:
        wrong[each.original] = max(wrong.get(each.original, 0.0), _wrong(each))
    return sum(wrong.values()) > max(share * length, HOPELESS_SHORT)


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
    """Return whether the model knows the language of the first of some words that were read.

    A word that comes again tells no more, and a letter by itself tells nothing.
    """
    told = [each for each in dict.fromkeys(words) if len(each) > 1 or _HAN.match(each)]
    return is_known(_DRAWN.sub(r"\1", " ".join(told)[:MOST_JUDGED]))


def _read_part(
    text: str, start: int, end: int, foreign: Foreign, *, throughout: bool = False
) -> _Part:
    """Return what stood in a part of a text that is read in this way."""
    observed = text[start:end]
    reading = read(observed, foreign, throughout=throughout)
    if foreign.source == "utf-8":
        reading = with_usual_scripts(reading)
    reading = with_usual_dashes(reading, text)
    stretches = stretches_of(observed, reading)
    need = -FAVOUR if throughout else ENTER
    restored: list[Restored] = []
    places: list[tuple[int, int]] = []
    for stretch, channel in _accepted(reading, foreign, stretches, need):
        first, last, begin, stop, _, original, written, meant, least = stretch
        guesses = _guesses(reading, begin, stop) if least < SURE else ()
        confidence = min(guess[1] for guess in guesses) if guesses else least
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
    other = b"" if foreign.source == "utf-8" else read_otherwise(observed, foreign)
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
    starts = [each.start for each in restored]
    found: list[Restored] = []
    at = 0
    for start, end in lines:
        found += restored[at : bisect_left(starts, start)]
        found += _read_part(text, start, end, foreign, throughout=True).restored
        at = bisect_left(starts, end)
    return found + restored[at:]


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
    """Return a stretch with what stands near it up to the ends of its words."""
    before, behind = text[max(start - around, 0) : start], text[end : end + around]
    head, tail = _NO_LETTER.split(before)[-1], _NO_LETTER.split(behind, 1)[0]
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
        suspects = _uncovered(suspects_in(text), found)
        best = best_way(text, suspects) if suspects else None
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
    some = Counter(each.channel for each in found[:: len(found) // SOME + 1])
    ((channel, _),) = some.most_common(1)
    layer = channel.layers[-1]
    if layer.source == "utf-8":
        beyond = len(text) - len(text.encode("ascii", "ignore"))
        return sum(each.end - each.start for each in found) >= THROUGHOUT * beyond
    other = read_otherwise(text, Foreign(layer.source, layer.decoder))
    held = sum([other.count(1, each.start, each.end) for each in found])
    return held >= THROUGHOUT * other.count(1)


def _merged(found: list[Restored], more: list[Restored]) -> list[Restored]:
    """Return both, in order, less those of the second that overlap one of the first."""
    return sorted([*found, *beside(more, found)], key=lambda each: each.start) if found else more


def _uncovered(offsets: list[int], found: list[Restored]) -> list[int]:
    """Return the offsets at which nothing was found."""
    starts = [each.start for each in found]
    places = ((offset, bisect_right(starts, offset)) for offset in offsets)
    return [offset for offset, at in places if at == 0 or found[at - 1].end <= offset]
