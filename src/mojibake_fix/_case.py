"""Letters behind a capital: whether they are capitals, too, is told by their name and document.

The language model and the classes have seen few words in capitals, and know nothing of how many a
document has.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING

from ._signs import scaled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._signs import Odds

__all__ = ["agreeing_in_case", "capitals", "in_small_letters"]

# Share of words in capitals among those that begin with one, in the training corpora of twelve
# languages, and how many words of a document weigh as much; share among such parts of a name like
# MAX_SIZE of which another part is in capitals.
_USUAL, _WEIGHT, _IN_NAME = 0.1, 10, 0.83

_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(rf"{_LETTER.pattern}{{2,}}")
_LONGEST = 100  # code points of a name that are looked at, on each side


@cache
def capitals() -> re.Pattern[str]:
    """Return what finds capitals that may lose bytes."""
    return re.compile("[" + "".join(filter(str.isupper, map(chr, range(0x80, 0x2000)))) + "]")


def agreeing_in_case(text: str, unsure: Mapping[int, Odds]) -> dict[int, Odds]:
    """Return what may stand behind capitals, given how many words are in capitals there.

    Args:
        text: a document.
        unsure: by offset, what may stand at places where a capital may.
    """
    behind = [
        at
        for at, odds in unsure.items()
        if text[at - 1 : at].isupper()
        and not text[at + 1 : at + 2].islower()
        and any(one.islower() for one in odds)
    ]
    if not behind:
        return {}
    usual, in_name = _odds(_USUAL), _odds(_IN_NAME)
    in_document = _odds(_share_in_capitals(text, behind))
    changed = {}
    for at in behind:
        gain = (in_name if _is_named_in_capitals(text, at) else in_document) / usual
        odds = unsure[at]
        more = {one: share * (gain if one.isupper() else 1.0) for one, share in odds.items()}
        changed[at] = scaled(more, sum(odds.values()))
    return changed


def in_small_letters(text: str, observed: str, starts: Sequence[int]) -> tuple[str, float]:
    """Return a text with words in capitals in small letters, and what that leaves out.

    What is observed in capitals is left so: both can be compared as they stand.

    Args:
        text: the original of a document.
        observed: what is observed of it.
        starts: where each code point of the original begins there.

    Returns:
        The text, as long as before; nats by which words in capitals are rarer in it than all that
        begin with a capital.
    """
    letters: list[str] = []
    done = 0
    for found in capitals().finditer(text):
        at = found.start()
        if at >= done and text[at - 1 : at].isupper() and not observed[starts[at]].isupper():
            letters = letters or list(text)
            rest = _rest_of_word(text, at)
            for i in rest:
                small = text[i].lower()
                letters[i] = small if len(small) == 1 else text[i]
            done = rest.stop
    return ("".join(letters), -math.log(_share_in_capitals(text))) if letters else (text, 0.0)


def _rest_of_word(text: str, at: int) -> range:
    """Return where the letters of a word with a place are, but for its first one."""
    first = end = at
    while first and at - first < _LONGEST and text[first - 1].isalpha():
        first -= 1
    while end < len(text) and end - at < _LONGEST and text[end].isalpha():
        end += 1
    return range(first + 1, end)


def _odds(share: float) -> float:
    return share / (1 - share)


def _share_in_capitals(text: str, but: Sequence[int] = ()) -> float:
    """Return the share of words in capitals of those that begin with one.

    Words at some places, which are in order, are left out.
    """
    count, total = _in_capitals(_WORD.findall(text))
    end, left = 0, []
    for at in but:
        if at >= end and _LETTER.match(text, at):
            start = at
            while start > end and _LETTER.match(text, start - 1):
                start -= 1
            word = _WORD.match(text, start)
            left += [word[0]] if word else []
            end = word.end() if word else at + 1
    count_left, total_left = _in_capitals(left)
    return (_USUAL * _WEIGHT + count - count_left) / (_WEIGHT + total - total_left)


def _in_capitals(words: Sequence[str]) -> tuple[int, int]:
    """Return how many words are in capitals, and how many of them only begin with one besides."""
    rests = [word[1:] for word in words if word[0].isupper()]
    count = sum(map(str.isupper, rests))
    return count, count + sum(map(str.islower, rests))


def _is_named_in_capitals(text: str, at: int) -> bool:
    """Return whether the name at a place has capitals only, and more than the one before it."""
    before = re.split(r"\W", text[max(at - _LONGEST, 0) : at])[-1]
    behind = re.split(r"\W", text[at + 1 : at + 1 + _LONGEST], maxsplit=1)[0]
    letters = [one for one in before + behind if one.isalpha()]
    return len(letters) > 1 and all(one.isupper() for one in letters)
