r"""Damage that a text shows on purpose, spelt with escapes: tables, tests and tutorials.

Who writes `\u00c3\u00a9` by hand means these very characters, and in source most escapes of damage
are written by hand. Two signs are sure: a string of nothing but damage with what was meant beside
it, and the word mojibake in the same line. Others tell only where nothing else of the document is
damaged under escapes: a string of nothing but damage that is an argument; a pattern, or code
between backticks, of nothing else; a lone piece of damage in the only argument of a call. In the
values of JSON all is data.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from .structure import borders

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["without_examples"]

# Characters of a piece of damage, at most; of an argument on each side of one; of a line.
_LONGEST, _AROUND, _LONGEST_LINE = 24, 120, 500

_ESCAPE = r"(?:\\u[0-9A-Fa-f]{4}|&\#?[0-9A-Za-z]+;|%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\[0-7]{3})"
_DAMAGE = rf"(?P<damage>(?:{_ESCAPE}|[^\x00-\x7f]){{2,{_LONGEST}}})"
_OTHER = r"[^\"'\\&%\n\x80-\U0010ffff]"

_ESCAPES = re.compile(_ESCAPE + "+")

# A string of nothing but damage.
_WHOLE = re.compile(rf"(?P<quote>[\"']){_DAMAGE}(?P=quote)")
_IS_ARGUMENT = re.compile(r"\w\(\s*\w?\Z")
_IS_VALUE = re.compile(r"[\"']\s*:\s*\Z")

# A string of one character, which is what was meant.
_ORIGINAL = re.compile(
    r"\s*(?:,|:|=|=>|->)\s*\w?(?P<quote>[\"'])"
    rf"(?:{_ESCAPE}|\\[\"'\\]|[^\\0-9A-Za-z])(?P=quote)"
)

# A pattern, a piece of code, and the only argument of a call.
_PATTERN = re.compile(rf"(?:\A|(?<=[\s(,=:\[!&|?{{;]))/{_DAMAGE}/[a-z]*\s*(?:[,).;\]]|$)")
_CODE = re.compile(rf"(?<![\w`\x80-\U0010ffff])`{_DAMAGE}`(?![\w`])")
_ARGUMENT = re.compile(
    rf"\w\((?P<quote>[\"']){_OTHER}{{1,{_AROUND}}}{_DAMAGE}{_OTHER}{{0,{_AROUND}}}(?P=quote)\s*\)"
)

_WORD = "ojibake"
_MENTION = re.compile(rf"(?m)^.*{_WORD}.*$")


def without_examples(text: str, *, doubtful: bool) -> str:
    """Return a text with the escapes of its examples blanked, character by character.

    The same object if there is none.

    Args:
        text: the text as it is spelt.
        doubtful: blank also what may be an example.
    """
    signs = (
        (_beside_originals, _mentions, _doubtful) if doubtful else (_beside_originals, _mentions)
    )
    found = sorted({span for sign in signs for span in sign(text)})
    if not found:
        return text
    strings = borders(text, '"')
    pieces, at = [], 0
    for start, end in found:
        if start >= at and not _is_in_value(text, start, strings):
            pieces += [text[at:start], " " * (end - start)]
            at = end
    return "".join([*pieces, text[at:]]) if pieces else text


def _is_in_value(text: str, offset: int, strings: list[int]) -> bool:
    """Return whether an offset is inside a string that is the value of a key of JSON."""
    count = bisect_right(strings, offset)
    opening = strings[count - 1] if count % 2 else -1
    return opening >= 0 and _IS_VALUE.search(text[max(opening - 16, 0) : opening]) is not None


def _beside_originals(text: str) -> Iterator[tuple[int, int]]:
    for whole in _WHOLE.finditer(text):
        if _ORIGINAL.match(text, whole.end()):
            yield whole.span("damage")


def _mentions(text: str) -> Iterator[tuple[int, int]]:
    if _WORD not in text:
        return
    for line in _MENTION.finditer(text):
        if line.end() - line.start() <= _LONGEST_LINE:
            for escapes in _ESCAPES.finditer(text, *line.span()):
                yield escapes.span()


def _doubtful(text: str) -> Iterator[tuple[int, int]]:
    for whole in _WHOLE.finditer(text):
        if _IS_ARGUMENT.search(text, max(whole.start() - 16, 0), whole.start()):
            yield whole.span("damage")
    for expression in (_PATTERN, _CODE, _ARGUMENT):
        for found in expression.finditer(text):
            yield found.span("damage")
