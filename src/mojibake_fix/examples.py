r"""Damage that a text shows on purpose: tables of what to replace, tests, tutorials.

Whoever writes about damage writes both forms: what is observed, and what was meant. Two signs are
sure: a string of nothing but damage with what was meant beside it, and the word mojibake, or what
else it is called, in the same line. Others tell only where nothing else of the document is damaged,
or where it speaks of mojibake somewhere: the string without its damage nearby, a word that becomes
the one without its damage, a word in quotes that is introduced as an example, a codec of one byte
that is named in the same line, letters and curly quotes that stand alone in quotes or are listed, a
string of nothing but one damaged character that is an argument, a pattern of nothing else, one such
character between backticks, a lone piece of damage that is spelt with escapes in a word which is
the only argument of a call, and words in quotes and code in a document that speaks of mojibake. In
the values of JSON all is data.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from ._masked import LONGEST, Masked
from ._mentions import codecs, mentions, speaks_of_damage
from ._shown_alone import alone, arguments, introduced, listed, of_document
from ._shown_beside import beside_originals, linked_to_originals, near_originals
from ._spans import masked
from .structure import borders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ._spans import Span

__all__ = ["Example", "examples", "stands_alone", "without"]

# What stands before the value of a key.
_IS_VALUE = re.compile(r"(?P<key>[^\"'\n]*)[\"']\s*:\s*\Z")


class Example(NamedTuple):
    """Damage that is shown on purpose.

    Attributes:
        start, end: where it is, in code points.
        is_sure: whether it is an example also where other text of the document is damaged.
    """

    start: int
    end: int
    is_sure: bool


def examples(text: str, spans: list[Span], is_damaged: bool = False) -> list[Example]:
    """Return the spans of a text that are examples, in order.

    Args:
        text: the text as it is spelt.
        spans: its damaged spans, in order.
        is_damaged: whether other text of the document is: then only those that are sure.
    """
    if not spans:
        return []
    seen = Masked(text, spans)
    found: dict[tuple[int, int], bool] = {}
    for is_sure, sign in _SIGNS:
        if is_sure or seen.speaks or not is_damaged:
            for place in sign(seen):
                found.setdefault(place, is_sure or seen.speaks)
    values = borders(text, '"') if found else []
    kept: dict[int, bool] = {}
    for place, is_sure in found.items():
        for at in seen.between(*place):
            if not _is_in_value(text, seen.starts[at], values):
                kept[at] = kept.get(at, False) or is_sure
    if kept:
        _spread(seen, kept)
    return [
        Example(spans[at].start, spans[at].end, is_sure)
        for at, is_sure in sorted(kept.items())
        if is_sure or not is_damaged
    ]


def _mentioned(seen: Masked) -> Iterator[tuple[int, int]]:
    return seen.lines(mentions(seen.observed) if seen.speaks else ())


def _of_codecs(seen: Masked) -> Iterator[tuple[int, int]]:
    return seen.lines(codecs(seen.observed))


# What tells that damage is an example, and whether that is sure; stretches of a text.
_SIGNS: tuple[tuple[bool, Callable[[Masked], Iterator[tuple[int, int]]]], ...] = (
    (True, beside_originals),
    (True, _mentioned),
    (False, _of_codecs),
    (False, near_originals),
    (False, linked_to_originals),
    (False, introduced),
    (False, arguments),
    (False, alone),
    (False, listed),
    (False, of_document),
)


def _is_in_value(text: str, offset: int, strings: list[int]) -> bool:
    """Return whether an offset is inside a string that is the value of a key of JSON.

    Not if the key says that it is of damage.
    """
    count = bisect_right(strings, offset)
    opening = strings[count - 1] if count % 2 else -1
    found = _IS_VALUE.search(text, max(opening - LONGEST, 0), max(opening, 0))
    return found is not None and not speaks_of_damage(found["key"])


def _spread(seen: Masked, kept: dict[int, bool]) -> None:
    """Add the spans, by themselves, that show what another one shows; beyond doubt in its line."""
    shown = {seen.spans[at].observed for at in kept}
    sure = {
        (seen.line(span.start), span.observed)
        for span in (seen.spans[at] for at, is_sure in kept.items() if is_sure)
    }
    for at, span in enumerate(seen.spans):
        if span.observed in shown and stands_alone(seen.observed, span.start, span.end):
            is_sure = (seen.line(span.start), span.observed) in sure
            kept[at] = kept.get(at, False) or is_sure


def stands_alone(text: str, start: int, end: int) -> bool:
    """Return whether no letter or digit is beside a stretch of a text."""
    return not any(map(str.isalnum, text[max(start - 1, 0) : start] + text[end : end + 1]))


def without(text: str, shown: list[Example]) -> str:
    """Return a text with some examples, in order, blanked, character by character."""
    apart: list[Example] = []
    for example in shown:
        if not apart or apart[-1].end <= example.start:  # not shown in more than one way
            apart.append(example)
    return masked(text, apart, " ")
