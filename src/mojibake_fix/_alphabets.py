"""Letters that a text lists: alphabets, and sets of patterns, which may look like damage.

Damage repeats the bytes that sequences begin with, and those of usual letters; a list has each
letter once. So has a short word, but what becomes of one is a usual word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .examples import Example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._spans import Span

__all__ = ["listed", "may_list"]

# Letters beyond ASCII that a list has at most: more than any alphabet, small and capital.
MOST = 200

FIRST_IDEOGRAPH, LAST_LATIN = "\u2e80", "\u024f"

# Nats for each code point that is observed, and less for all, from which on what a list becomes is
# no word: parts of alphabets cost more, most single words that are lists by their looks less.
NO_WORD, LESS = 4.2, 2.0

_BEYOND = re.compile(r"[^\x00-\x7f]")

# A set of a pattern: with a range of ASCII or a class in it, negated, or repeated.
_INSIDE = r"(?:\\.|[^\[\]\\\n])"
_SET = re.compile(
    rf"\[(?=\^|[^\[\]\n]{{0,80}}(?:[a-zA-Z0-9]-[a-zA-Z0-9]|\\[wdsWDSp]))\^?{_INSIDE}{{1,160}}\]"
    rf"|\[{_INSIDE}{{1,160}}\](?:[+*?]|\{{\d)"
)


def may_list(text: str) -> bool:
    """Return whether what looks damaged in a text may be letters that it lists."""
    return _is_list(text) or next(_sets(text), None) is not None


def listed(text: str, spans: list[Span]) -> list[Example]:
    """Return the damaged spans of a text that are letters which it lists, in order.

    Args:
        text: the text as it is spelt.
        spans: its damaged spans, in order.
    """
    if spans and _is_list(text) and _are_no_words(spans):
        return [Example(span.start, span.end, True) for span in spans]
    found = []
    sets = _sets(text)
    start, end = next(sets, (0, 0))  # of a set: neither spans nor sets overlap
    for span in spans if end else ():
        while end <= span.start and (following := next(sets, None)):
            start, end = following
        if start <= span.start and span.end <= end:
            found.append(Example(span.start, span.end, False))
    return found


def _is_list(text: str) -> bool:
    """Return whether what a text has beyond ASCII are letters, each of them once."""
    letters: set[str] = set()
    for found in _BEYOND.finditer(text):
        letter = found[0]
        is_letter = letter.isalpha() and letter < FIRST_IDEOGRAPH
        if not is_letter or letter in letters or len(letters) == MOST:
            return False
        letters.add(letter)
    return len(letters) > 1


def _sets(text: str) -> Iterator[tuple[int, int]]:
    for found in _SET.finditer(text):
        if _is_list(found[0]):
            yield found.span()


def _are_no_words(spans: list[Span]) -> bool:
    """Return whether spans become letters of other scripts that make no usual word."""
    from . import model as language_model

    originals = [span.replacement or "" for span in spans]
    beyond = [c for original in originals for c in original if c > "\x7f"]
    if (
        any(not c.isalpha() and c.isprintable() for c in beyond)
        or max(beyond, default="") <= LAST_LATIN
    ):
        return False
    model = language_model.load()
    cost = sum(min(model.cost(one, 0), model.cost(one.lower(), 0)) for one in originals)
    letters = sum(c > "\x7f" for span in spans for c in span.observed)
    return cost >= NO_WORD * letters - LESS
