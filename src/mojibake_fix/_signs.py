"""Signs that ask for each other: brackets close what was opened, and a text has one full stop.

The language model sees some characters before a place; an opened bracket stands further away.
"""

from __future__ import annotations

import math
import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SIGNS", "Odds", "agreeing", "scaled"]

# Brackets that lose bytes, with what closes each, in three styles: “this”, „this” or „this“, and
# ”this” as in Swedish and Finnish; and how many documents of the training corpora have each.
_BOTH = {"「": "」", "『": "』", "【": "】"}
_STYLES = {**_BOTH, "“": "”"}, {**_BOTH, "„": "”“"}, {**_BOTH, "”": "”"}
_USUAL = 5309, 1796, 335
_BRACKETS = frozenset("".join(chain(*(style.keys() | style.values() for style in _STYLES))))

_QUOTES = frozenset("“”„")

# How likely it is that one closes nothing, is opened within itself, or stays open at the end of its
# line: measured in the training corpora of Chinese, Japanese, German, Hungarian and Romanian.
_STRAY = 0.01

# Open brackets that are told apart, readings of a line that are kept, characters of a line.
_DEEPEST, _MOST_OPEN, _LONGEST_LINE = 4, 16, 2000

# Nats by which a style is behind another one, if it adds nothing to a sum of both.
_BEHIND = 40.0

# Full stops, and the one that a text has instead: of 7,523 Chinese lines with the first 85 have
# the other one as well.
_STOP, _USUAL_STOP = "．", "。"

_FIND = re.compile("[" + "".join(sorted(_BRACKETS)) + "]")

# The beginning of a line that tells of the style.
_TELLING = re.compile("^(?:[^“”\n]*„|[^“\n]*”)", re.MULTILINE)

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
            changed[at] = scaled(rarer, sum(odds.values()))
        if not _BRACKETS.isdisjoint(odds):
            start = text.rfind("\n", max(at - _LONGEST_LINE, 0), at) + 1
            lines.setdefault(max(start, at - at % _LONGEST_LINE), []).append(at)
    quoted = {}
    for start, places in lines.items():
        if _has_quotes(text, start, places, unsure):
            quoted[start] = places
        else:
            changed.update(_balanced_line(text, start, places, unsure, 0)[1])
    changed.update(_in_one_style(text, quoted, unsure))
    return changed


def _has_quotes(text: str, start: int, places: list[int], unsure: Mapping[int, Odds]) -> bool:
    """Return whether a line has quotes, or may have some."""
    line = text[start : start + _LONGEST_LINE].partition("\n")[0]
    if any(quote in line for quote in _QUOTES):
        return True
    return any(not _QUOTES.isdisjoint(unsure[at]) for at in places)


def _in_one_style(
    text: str, lines: dict[int, list[int]], unsure: Mapping[int, Odds]
) -> dict[int, Odds]:
    """Return what may stand at places of lines with quotes, which are all of one style."""
    if any("„" in unsure[at] and "”" in unsure[at] for places in lines.values() for at in places):
        for line in _TELLING.finditer(text):
            lines.setdefault(line.start(), [])
    styles: list[tuple[float, dict[int, Odds]]] = []
    most = -math.inf
    for style in range(len(_STYLES)):
        balanced = _balanced(text, lines, unsure, style, most - _BEHIND)
        if balanced:
            styles.append(balanced)
            most = max(most, balanced[0])
    changed = {}
    for at in styles[0][1]:
        odds = dict.fromkeys(unsure[at], 0.0)
        for log, found in styles:
            for character, share in found[at].items():
                odds[character] += math.exp(log - most) * share
        changed[at] = scaled(odds, sum(unsure[at].values()))
    return changed


def scaled(odds: Odds, total: float) -> Odds:
    """Return odds with another sum."""
    scale = total / sum(odds.values())
    return {character: share * scale for character, share in odds.items()}


def _balanced(
    text: str, lines: Mapping[int, list[int]], unsure: Mapping[int, Odds], style: int, least: float
) -> tuple[float, dict[int, Odds]] | None:
    """Return what may stand where a bracket may be in a document of a style.

    Args:
        text: a document.
        lines: by where lines begin, the places in them.
        unsure: by offset, what may stand at some places.
        style: number of the style.
        least: how probable the style must be, as a logarithm.

    Returns:
        The logarithm of how probable the style and all lines are; by offset, what may stand there.
        None if the style is less probable than it must be.
    """
    log, found = math.log(_USUAL[style]), {}
    for start, places in lines.items():
        likely, odds = _balanced_line(text, start, places, unsure, style)
        log += likely
        found.update(odds)
        if log < least:
            return None
    return log, found


def _balanced_line(
    text: str, start: int, places: list[int], unsure: Mapping[int, Odds], style: int
) -> tuple[float, dict[int, Odds]]:
    """Return how likely a line is, as a logarithm, and what may stand where a bracket may be.

    Forward and backward over what may be open behind each bracket.
    """
    end = text.find("\n", start, start + _LONGEST_LINE)
    end = end if end >= 0 else start + _LONGEST_LINE
    sure = (found.start() for found in _FIND.finditer(text, start, end))
    events = sorted({*sure, *places})
    odds = [unsure.get(at, {text[at]: 1.0}) for at in events]
    brackets = [[one for one in here.items() if one[0] in _BRACKETS] for here in odds]
    others = [sum(p for c, p in here.items() if c not in _BRACKETS) for here in odds]
    log, before = 0.0, [{"": 1.0}]
    for event, other in zip(brackets, others, strict=True):
        behind: Odds = {}
        for is_open, share in before[-1].items():
            if other:
                behind[is_open] = behind.get(is_open, 0.0) + share * other
            passed = _passed(is_open, style)
            for character, posterior in event:
                then, factor = passed[character]
                behind[then] = behind.get(then, 0.0) + share * posterior * factor
        if len(behind) > _MOST_OPEN:
            behind = dict(sorted(behind.items(), key=lambda item: -item[1])[:_MOST_OPEN])
        total = sum(behind.values())
        log += math.log(total)
        before.append({is_open: share / total for is_open, share in behind.items()})
    rest = {is_open: _STRAY ** len(is_open) for is_open in before[-1]}
    log += math.log(sum(share * rest[is_open] for is_open, share in before[-1].items()))
    found = {}
    for i in range(len(events) - 1, -1, -1):
        shares = dict.fromkeys(odds[i], 0.0)
        earlier: Odds = {}
        as_before = 0.0  # if no bracket stands there
        for is_open, share in before[i].items():
            weight = rest.get(is_open, 0.0)
            as_before += share * weight
            weight *= others[i]
            passed = _passed(is_open, style)
            for character, posterior in brackets[i]:
                then, factor = passed[character]
                here = posterior * factor * rest.get(then, 0.0)
                shares[character] += share * here
                weight += here
            earlier[is_open] = weight
        most = max(earlier.values())
        rest = {is_open: weight / most for is_open, weight in earlier.items()}
        if len(odds[i]) > 1:
            for character, posterior in odds[i].items():
                if character not in _BRACKETS:
                    shares[character] = posterior * as_before
            found[events[i]] = scaled(shares, sum(odds[i].values()))
    return log, found


@cache
def _passed(is_open: str, style: int) -> dict[str, tuple[str, float]]:
    """Return by bracket what is open behind it, and how likely that is."""
    return {bracket: _passed_one(is_open, bracket, _STYLES[style]) for bracket in _BRACKETS}


def _passed_one(is_open: str, bracket: str, closing: Mapping[str, str]) -> tuple[str, float]:
    closed = [at for at, opening in enumerate(is_open) if bracket in closing[opening]]
    if closed:
        return is_open[: closed[-1]], 1.0 if closed[-1] == len(is_open) - 1 else _STRAY
    if bracket not in closing:
        return is_open, _STRAY
    likely = _STRAY if bracket in is_open or len(is_open) == _DEEPEST else 1.0
    return (is_open + bracket)[-_DEEPEST:], likely
