"""Signs that ask for each other: brackets close what was opened, and a text has one full stop.

The language model sees some characters before a place; an opened bracket stands further away.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["SIGNS", "Odds", "agreeing"]

# Brackets that lose bytes, and how likely it is that one closes nothing, is opened within itself,
# or stays open at the end of its line: measured in the Chinese and Japanese training corpora.
_CLOSING = {"「": "」", "『": "』", "【": "】", "“": "”"}
_OPENING = {closing: opening for opening, closing in _CLOSING.items()}
_BRACKETS = frozenset("".join([*_CLOSING, *_OPENING]))
_STRAY = 0.01

# Open brackets that are told apart, readings of a line that are kept, characters of a line.
_DEEPEST, _MOST_OPEN, _LONGEST_LINE = 4, 16, 2000

# Full stops, and the one that a text has instead: of 7,523 Chinese lines with the first 85 have
# the other one as well.
_STOP, _USUAL_STOP = "．", "。"

_FIND = re.compile("[" + "".join(sorted(_BRACKETS)) + "]")

# What may make a place agree with others.
SIGNS = re.compile("[" + "".join(sorted({*_BRACKETS, _STOP})) + "]")

# What may stand at a place, with probabilities.
Odds = dict[str, float]


def agreeing(text: str, unsure: Mapping[int, Odds]) -> dict[int, Odds]:
    """Return what may stand at places where that changes if signs agree with those that are sure.

    Args:
        text: a document.
        unsure: by offset, what may stand at some places of it.
    """
    changed: dict[int, Odds] = {}
    stops = text.count(_USUAL_STOP)
    lines: dict[int, list[int]] = {}
    for at, odds in unsure.items():
        if stops and _STOP in odds:
            rarer = odds | {_STOP: odds[_STOP] / (stops + 1)}
            changed[at] = _scaled(rarer, sum(odds.values()))
        if not _BRACKETS.isdisjoint(odds):
            start = text.rfind("\n", max(at - _LONGEST_LINE, 0), at) + 1
            lines.setdefault(max(start, at - at % _LONGEST_LINE), []).append(at)
    for start, places in lines.items():
        changed.update(_balanced(text, start, places, unsure))
    return changed


def _scaled(odds: Odds, total: float) -> Odds:
    scale = total / sum(odds.values())
    return {character: share * scale for character, share in odds.items()}


def _balanced(
    text: str, start: int, places: list[int], unsure: Mapping[int, Odds]
) -> Iterator[tuple[int, Odds]]:
    """Yield the places of a line where a bracket may stand, and what may be there.

    Forward and backward over what may be open behind each bracket.
    """
    end = text.find("\n", start, start + _LONGEST_LINE)
    end = end if end >= 0 else start + _LONGEST_LINE
    events = sorted({*(found.start() for found in _FIND.finditer(text, start, end)), *places})
    odds = [unsure.get(at, {text[at]: 1.0}) for at in events]
    # What is no bracket leaves open what is.
    others = [sum(share for one, share in each.items() if one not in _BRACKETS) for each in odds]
    passed = [[(one, share) for one, share in each.items() if one in _BRACKETS] for each in odds]
    before = [{"": 1.0}]
    for other, brackets in zip(others, passed, strict=True):
        behind: Odds = {}
        for is_open, share in before[-1].items():
            behind[is_open] = behind.get(is_open, 0.0) + share * other
            for bracket, posterior in brackets:
                then, factor = _passed(is_open, bracket)
                behind[then] = behind.get(then, 0.0) + share * posterior * factor
        best = sorted(behind.items(), key=lambda item: -item[1])[:_MOST_OPEN]
        before.append(dict(best))
    rest = {is_open: _STRAY ** len(is_open) for is_open in before[-1]}
    for i in range(len(events) - 1, -1, -1):
        here: Odds = dict.fromkeys(odds[i], 0.0)
        earlier: Odds = {}
        unchanged = 0.0
        for is_open, share in before[i].items():
            likely = rest.get(is_open, 0.0)
            unchanged += share * likely
            earlier[is_open] = others[i] * likely
            for bracket, posterior in passed[i]:
                then, factor = _passed(is_open, bracket)
                weight = posterior * factor * rest.get(then, 0.0)
                here[bracket] += share * weight
                earlier[is_open] += weight
        rest = earlier
        for one, posterior in odds[i].items():
            if one not in _BRACKETS:
                here[one] = posterior * unchanged
        if len(odds[i]) > 1 and sum(here.values()) > 0:
            yield events[i], _scaled(here, sum(odds[i].values()))


@cache
def _passed(is_open: str, character: str) -> tuple[str, float]:
    """Return what is open behind a bracket, and how likely that is."""
    if character in _CLOSING:
        likely = _STRAY if character in is_open or len(is_open) == _DEEPEST else 1.0
        return (is_open + character)[-_DEEPEST:], likely
    at = is_open.rfind(_OPENING[character])
    if at < 0:
        return is_open, _STRAY
    return is_open[:at], 1.0 if at == len(is_open) - 1 else _STRAY
