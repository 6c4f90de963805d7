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
    from collections.abc import Iterable, Mapping, Sequence

    from ._rescore import Unsure
    from ._signs import Odds

__all__ = ["Case", "comparable"]

# Share of words in capitals among those that begin with one, in the training corpora of twelve
# languages, and how many words of a document weigh as much; how many of a line weigh as much as
# its document.
_USUAL, _OF_DOCUMENT, _OF_LINE = 0.1, 10, 4

# Share of capitals behind a capital where all other letters of the name are, two at least.
_IN_NAME = 0.99

# How many times as often a digit stands behind words in capitals as behind others that begin with
# one, in those corpora.
_BEFORE_DIGIT = 8

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
def _runs_of_capitals() -> re.Pattern[str]:
    return re.compile(f"[{_capitals_from(0)}]{{2,}}")


@cache
def _begun_words() -> re.Pattern[str]:
    """Return what finds words that begin with a capital."""
    letter = _LETTER.pattern
    return re.compile(f"[{_capitals_from(0)}](?<!{letter}.){letter}+")


def _capitals_from(first: int) -> str:
    return "".join(filter(str.isupper, map(chr, range(first, 0x2000))))


def _small(text: str) -> str:
    """Return a text in small letters, as long as it is."""
    small = text.lower()
    return small if len(small) == len(text) else text.translate(_SMALL).lower()


def _small_at(text: str, at: int, letter: str) -> str:
    """Return a letter in small, if it stands at a place of a text."""
    is_last = text[at - 1 : at].isalpha() and not text[at + 1 : at + 2].isalpha()
    return "ς" if letter == "Σ" and is_last else _small(letter)


def _small_word(run: re.Match[str]) -> str:
    """Return a run of capitals in small letters, if it is a word."""
    text, start, end = run.string, run.start(), run.end()
    if text[start - 1 : start].isalpha() or text[end : end + 1].isalpha():
        return run[0]
    return _small(run[0])


def _with(text: str, letters: Iterable[tuple[int, str]]) -> str:
    """Return a text with other letters, as many, from some places on, which are in order."""
    parts, done = [], 0
    for at, others in letters:
        parts += [text[done:at], others]
        done = at + len(others)
    return "".join([*parts, text[done:]]) if parts else text


class Case:
    """The case of letters that are in doubt, and what is known of them besides.

    Attributes:
        text: the document with its words in capitals in small letters; what may be one is, if that
            is likely.
        unsure: what may stand at its places: small letters in such words.
    """

    def __init__(self, text: str, unsure: Unsure) -> None:
        """Read a document.

        Args:
            text: the document, the most probable character in each place.
            unsure: what may stand at its places.
        """
        self.text, self.unsure, self._given = text, unsure, unsure
        places = unsure.odds(capitals())
        unclear = [at for at, odds in places.items() if len({one.isupper() for one in odds}) > 1]
        masked = _with(text, ((at, _MASK) for at in unclear))
        beside = [at for at in unclear if _is_beside_capitals(text, at)]
        in_document = _share_in_capitals(masked) if beside else 0.0
        self._shares = {
            at: max(_share_in_line(masked, at, in_document), _share_in_name(masked, at))
            for at in beside
        }
        self._in_small: list[int] = []
        if places:
            self._read_in_small_letters(masked, places, unclear)

    def _read_in_small_letters(
        self, masked: str, places: Mapping[int, Odds], unclear: Sequence[int]
    ) -> None:
        likely = [
            (at, next(filter(str.isupper, places[at])))
            for at, share in self._shares.items()
            if share >= _LIKELY
        ]
        read = _with(masked, likely)
        small = _runs_of_capitals().sub(_small_word, read)
        self._in_small = [at for at in places if small[at] != read[at]]
        text, letters = self.text, {at: self.text[at] for at in unclear}
        characters = list(self.unsure.characters)
        for at in self._in_small:
            here = self.unsure.candidates(at)
            characters[here] = [_small_at(small, at, one) for one in characters[here]]
            letters[at] = _small_at(small, at, text[at])
        self.text = _with(small, sorted(letters.items()))
        if self._in_small:
            self.unsure = self.unsure._replace(characters="".join(characters))

    def given_back(self, weighed: Unsure) -> Unsure:
        """Return what was weighed in small letters in the case in which it was.

        That tells nothing of the case: a capital and its small letter keep their odds.
        """
        changed = {}
        for at in self._in_small:
            here = self._given.candidates(at)
            letters, given = self.unsure.characters[here], self._given.posteriors[here]
            before, behind = dict.fromkeys(letters, 0.0), dict.fromkeys(letters, 0.0)
            for one, share in zip(letters, given, strict=True):
                before[one] += share
            for one, share in zip(weighed.characters[here], weighed.posteriors[here], strict=True):
                behind[one] += share
            shares = [
                behind[one] * (share / before[one] if before[one] else 1.0)
                for one, share in zip(letters, given, strict=True)
            ]
            changed[at] = dict(zip(self._given.characters[here], shares, strict=True))
        return weighed.with_odds(changed)

    def agreeing(self, unsure: Unsure) -> Unsure:
        """Return what may stand at places, given what else is in capitals behind capitals."""
        odds = unsure.odds(capitals())
        changed = {}
        for at, share in self._shares.items():
            gain = _odds(share) / _odds(_USUAL)
            more = {one: p * (gain if one.isupper() else 1.0) for one, p in odds[at].items()}
            changed[at] = scaled(more, sum(odds[at].values()))
        return unsure.with_odds(changed)


def _is_beside_capitals(text: str, at: int) -> bool:
    """Return whether a place is in no small letters, and beside a capital."""
    before, behind = text[at - 1 : at], text[at + 1 : at + 2]
    if before.islower() or behind.islower():
        return False
    return before.isupper() or behind.isupper()


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
    in_both: list[tuple[int, str]] = []
    as_observed: list[tuple[int, str]] = []
    in_small: list[tuple[int, str]] = []
    done, price = 0, 0.0
    for found in capitals().finditer(text):
        if found.start() < done:
            continue
        word = _word_at(text, found.start(), done, len(text))
        done, first, small = word.stop, starts[word.start], _small(text[word])
        there = _word_at(observed, first, first, len(observed))
        is_begun = observed[first - 1 : first].isalpha()
        if not is_begun and _are_in_capitals(text[word], observed[there]):
            in_both.append((word.start, small))
            as_observed.append((first, _small(observed[there])))
            in_small.append((word.start, small))
        elif _has_new_capital(text, word, observed, starts):
            in_small.append((word.start + 1, small[1:]))
            price = price or -math.log(_share_in_capitals(text))
    return Comparable(
        _with(observed, as_observed), _with(text, in_both), _with(text, in_small), price
    )


def _are_in_capitals(word: str, observed: str) -> bool:
    """Return whether a word is in capitals, and what is observed of it, letter by letter."""
    return len(word) == len(observed) > 1 and word.isupper() and observed.isupper()


def _has_new_capital(text: str, word: slice, observed: str, starts: Sequence[int]) -> bool:
    """Return whether a word has a capital beside another one where none is observed."""
    return any(
        (text[at - 1 : at] + text[at + 1 : at + 2]).isupper() and not observed[starts[at]].isupper()
        for at in (each.start() for each in capitals().finditer(text, word.start + 1, word.stop))
    )


def _word_at(text: str, at: int, first: int, last: int) -> slice:
    """Return where the word with a place is, as far as it is between two others."""
    start, end = at, at + 1
    while start > first and text[start - 1].isalpha():
        start -= 1
    while end < last and text[end].isalpha():
        end += 1
    return slice(start, end)


def _odds(share: float) -> float:
    return share / (1 - share)


def _share_in_capitals(text: str) -> float:
    """Return the share of words in capitals of those that begin with one."""
    rests = [word[1:] for word in _begun_words().findall(text)]
    count = sum(map(str.isupper, rests))
    total = count + sum(map(str.islower, rests))
    return (_USUAL * _OF_DOCUMENT + count) / (_OF_DOCUMENT + total)


def _share_in_line(text: str, at: int, in_document: float) -> float:
    """Return the share of words in capitals where other words of the line with a place are so."""
    first, last = max(at - _LONGEST, 0), min(at + _LONGEST, len(text))
    start = max(text.rfind("\n", first, at) + 1, first)
    end = text.find("\n", at, last)
    end = end if end >= 0 else last
    word = _word_at(text, at, start, end)
    words = _WORD.findall(text, start, word.start)
    words += _WORD.findall(text, word.stop, end)
    count = sum(map(str.isupper, words))
    share = (in_document * _OF_LINE + count) / (_OF_LINE + len(words))
    times = _BEFORE_DIGIT if text[at + 1 : at + 2].isdigit() else 1
    return share * times / (1 + share * (times - 1))


def _share_in_name(text: str, at: int) -> float:
    """Return the share of capitals in names as that with a place, as far as it is a name."""
    before = re.split(r"\W", text[max(at - _LONGEST, 0) : at])[-1]
    behind = re.split(r"\W", text[at + 1 : at + 1 + _LONGEST], maxsplit=1)[0]
    letters = [one for one in before + behind if one.isalpha()]
    return _IN_NAME if len(letters) > 1 and all(map(str.isupper, letters)) else 0.0
