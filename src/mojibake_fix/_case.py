"""Words in capitals: which letters are in doubt about it, and what they are in small letters.

The language model, the network and the classes have seen few words in capitals, and know nothing of
how many a document has. So which case a letter has is told by its name, line and document, and
which letter it is by words in small letters.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from ._signs import scaled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._rescore import Unsure
    from ._signs import Odds

__all__ = ["agreeing_in_case", "as_given", "capitals", "comparable", "in_small_letters"]

# Share of words in capitals among those that begin with one, in the training corpora of twelve
# languages, and how many words of a document weigh as much; how many of a line weigh as much as
# its document.
_USUAL, _OF_DOCUMENT, _OF_LINE = 0.1, 10, 4

# Share of capitals behind a capital where all other letters of the name are, two at least, and
# where nothing but digits is besides.
_IN_NAME, _BESIDE_DIGITS = 0.99, 0.95

_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(rf"{_LETTER.pattern}{{2,}}")
_MASK = "_"  # a letter that is not clear: as what joins the parts of a name
_LIKELY = 0.5  # share of capitals from which a place is read in small letters
_LONGEST = 100  # code points of a name, a word or a line that are looked at, on each side

# Small letters of one code point, where `str.lower` has two.
_SMALL = {ord("İ"): "i"}


@cache
def capitals() -> re.Pattern[str]:
    """Return what finds capitals that may lose bytes."""
    return re.compile(f"[{_capitals_from(0x80)}]")


@cache
def _words_in_capitals() -> re.Pattern[str]:
    letter = _LETTER.pattern
    return re.compile(rf"(?<!{letter})[{_capitals_from(0)}]{{2,}}(?!{letter})")


def _capitals_from(first: int) -> str:
    return "".join(filter(str.isupper, map(chr, range(first, 0x2000))))


def _small(text: str) -> str:
    """Return a text in small letters, as long as it is."""
    small = text.lower()
    return small if len(small) == len(text) else text.translate(_SMALL).lower()


def in_small_letters(text: str, unsure: Unsure) -> tuple[str, Unsure]:
    """Return a document with its words in capitals in small letters, and so what may stand there.

    A place that may hold a small letter is read so if it is likely that its word is in capitals.
    Both are as they were where no place may be in such a word.

    Args:
        text: a document, the most probable character in each place.
        unsure: what may stand at its places.
    """
    places = unsure.odds(capitals())
    masked, unclear = _masked(text, places)
    letters = list(masked)
    in_document = _share_in_capitals(masked) if unclear else 0.0
    for at in unclear:
        if _share_at(masked, at, in_document) >= _LIKELY:
            letters[at] = next(filter(str.isupper, places[at]))
    read = "".join(letters)
    small = _words_in_capitals().sub(lambda found: _small(found[0]), read) if places else read
    characters, letters = list(unsure.characters), list(small)
    for at in places:
        letters[at] = text[at]
        if small[at] != read[at]:
            letters[at] = _small(text[at])
            here = unsure.candidates(at)
            characters[here] = map(_small, characters[here])
    asked = "".join(characters)
    if asked == unsure.characters:
        return text, unsure
    return "".join(letters), unsure._replace(characters=asked)


def as_given(unsure: Unsure, small: Unsure, weighed: Unsure) -> Unsure:
    """Return what may stand at places, as it was before it was in small letters.

    Nothing is told of the case: a capital and its small letter keep their odds.

    Args:
        unsure: what may stand there.
        small: the same in small letters.
        weighed: that with other odds.
    """
    changed = {}
    if small is unsure:
        return weighed
    for at in unsure.odds(capitals()):
        here = unsure.candidates(at)
        letters, given = small.characters[here], unsure.posteriors[here]
        before, behind = dict.fromkeys(letters, 0.0), dict.fromkeys(letters, 0.0)
        for one, share in zip(letters, given, strict=True):
            before[one] += share
        for one, share in zip(weighed.characters[here], weighed.posteriors[here], strict=True):
            behind[one] += share
        shares = [
            behind[one] * (share / before[one] if before[one] else 1.0)
            for one, share in zip(letters, given, strict=True)
        ]
        changed[at] = dict(zip(unsure.characters[here], shares, strict=True))
    return weighed.with_odds(changed)


def agreeing_in_case(text: str, unsure: Mapping[int, Odds]) -> dict[int, Odds]:
    """Return what may stand behind capitals, given what else is in capitals there.

    Args:
        text: a document.
        unsure: by offset, what may stand at places where a capital may.
    """
    masked, unclear = _masked(text, unsure)
    behind = [
        at for at in unclear if text[at - 1 : at].isupper() and not text[at + 1 : at + 2].islower()
    ]
    in_document = _share_in_capitals(masked) if behind else 0.0
    changed = {}
    for at in behind:
        gain = _odds(_share_at(masked, at, in_document)) / _odds(_USUAL)
        odds = unsure[at]
        more = {one: share * (gain if one.isupper() else 1.0) for one, share in odds.items()}
        changed[at] = scaled(more, sum(odds.values()))
    return changed


class Comparable(NamedTuple):
    """What is observed and its original, as models that have seen few capitals compare them.

    Attributes:
        observed: what is observed, with words in small letters that are in capitals in both.
        text: the original, with the same words in small letters.
        small: ... and with other words in capitals in small letters, but for their first ones.
        price: nats by which such words are rarer in it than all that begin with a capital.
    """

    observed: str
    text: str
    small: str
    price: float


def comparable(text: str, observed: str, starts: Sequence[int]) -> Comparable:
    """Return the original of a document and what is observed, to be compared.

    Args:
        text: the original.
        observed: what is observed of it.
        starts: where each code point of the original begins there.
    """
    written, meant, small = list(observed), list(text), list(text)
    done, price = 0, 0.0
    for found in capitals().finditer(text):
        at = found.start()
        if at < done:
            continue
        word = _word_at(text, at)
        rest = slice(word.start + 1, word.stop)
        there = _word_at(observed, starts[word.start])
        if _are_both_in_capitals(text[word], observed[there]) and there.start == starts[word.start]:
            written[there] = _small(observed[there])
            meant[word] = small[word] = _small(text[word])
            done = word.stop
        elif at > word.start and text[at - 1].isupper() and not observed[starts[at]].isupper():
            small[rest] = _small(text[rest])
            price = price or -math.log(_share_in_capitals(text))
            done = word.stop
    if not done:
        return Comparable(observed, text, text, 0.0)
    return Comparable("".join(written), "".join(meant), "".join(small), price)


def _are_both_in_capitals(word: str, observed: str) -> bool:
    return len(word) == len(observed) > 1 and word.isupper() and observed.isupper()


def _word_at(text: str, at: int) -> slice:
    """Return where the word with a place is."""
    first, end = at, at + 1
    while first and at - first < _LONGEST and text[first - 1].isalpha():
        first -= 1
    while end < len(text) and end - at < _LONGEST and text[end].isalpha():
        end += 1
    return slice(first, end)


def _odds(share: float) -> float:
    return share / (1 - share)


def _masked(text: str, unsure: Mapping[int, Odds]) -> tuple[str, list[int]]:
    """Return a text without the letters whose case is not clear, and where these are."""
    unclear = [at for at, odds in unsure.items() if len({one.isupper() for one in odds}) > 1]
    letters = list(text)
    for at in unclear:
        letters[at] = _MASK
    return "".join(letters), unclear


def _share_at(text: str, at: int, in_document: float) -> float:
    """Return the share of capitals in places such as a masked one."""
    return max(_share_in_line(text, at, in_document), _share_in_name(text, at))


def _share_in_capitals(text: str) -> float:
    """Return the share of words in capitals of those that begin with one."""
    rests = [word[1:] for word in _WORD.findall(text) if word[0].isupper()]
    count = sum(map(str.isupper, rests))
    total = count + sum(map(str.islower, rests))
    return (_USUAL * _OF_DOCUMENT + count) / (_OF_DOCUMENT + total)


def _share_in_line(text: str, at: int, in_document: float) -> float:
    """Return the share of words in capitals where other words of the line with a place are so."""
    start = max(text.rfind("\n", max(at - _LONGEST, 0), at) + 1, at - _LONGEST)
    end = text.find("\n", at, at + _LONGEST)
    word = _word_at(text, at)
    words = _WORD.findall(text, start, word.start)
    words += _WORD.findall(text, word.stop, end if end >= 0 else at + _LONGEST)
    count = sum(map(str.isupper, words))
    return (in_document * _OF_LINE + count) / (_OF_LINE + len(words))


def _share_in_name(text: str, at: int) -> float:
    """Return the share of capitals in names as that with a place, as far as it is a name."""
    before = re.split(r"\W", text[max(at - _LONGEST, 0) : at])[-1]
    behind = re.split(r"\W", text[at + 1 : at + 1 + _LONGEST], maxsplit=1)[0]
    others = before + behind
    letters = [one for one in others if one.isalpha()]
    if not all(map(str.isupper, letters)):
        return 0.0
    if len(letters) > 1:
        return _IN_NAME
    return _BESIDE_DIGITS if any(map(str.isdigit, others)) else 0.0
