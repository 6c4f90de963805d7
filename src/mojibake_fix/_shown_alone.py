"""Damage that is shown by itself: in quotes, brackets, code or a list, or introduced as an example.

Letters and curly quotes stand alone hardly ever, but dashes and bullets do in programs, and words
in quotes are what a program says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category

from ._masked import DAMAGE, LONGEST, MASK, spellings
from ._mentions import INSTEAD_OF, places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._masked import Masked

__all__ = ["alone", "arguments", "introduced", "listed", "of_document", "whole_strings"]

# One character, with its marks.
_ONE = re.compile(r".[\u0300-\u036f\ufe00-\ufe0f\u200d]*", re.DOTALL)

# Kinds of letters and quotes, of all but ideographs, which are words; guillemets stand alone in
# French.
_ALONE_KINDS, _GUILLEMETS = {"Lu", "Ll", "Pi", "Pf"}, "«»"

# A string of nothing but damage, and what stands before one that is an argument.
_QUOTES = ('"', "'", "`")
_WHOLE = re.compile(rf"(?P<quote>[\"'`]){DAMAGE}(?P=quote)")
_IS_ARGUMENT = re.compile(r"\w\(\s*\w?\Z")

# Damage in brackets of its own, and one that something else should stand for. What stands before
# each is looked at behind its first character, here and below: that is found sooner.
_BRACKETED = re.compile(rf"\((?<!\S\(){DAMAGE}\)")
_INSTEAD = re.compile(rf"(?:{'|'.join(INSTEAD_OF)})\s")
_BEFORE_IT = re.compile(rf"(?<![^\W_])(?<!{MASK}){DAMAGE}[\"'`]?\s\Z")

# A pattern, a piece of code, and the only argument of a call, with other characters around damage.
_OTHER = rf"[^\s\"'\\&%{MASK}]"
_PATTERN = re.compile(
    rf"/(?:(?<=\A/)|(?<=[\s(,=:\[!&|?{{;]/))(?P<damage>[\x80-\uffff|]{{1,{LONGEST}}})"
    r"/[a-z]*\s*(?:[,).;\]]|$)"
)
_CODE = re.compile(rf"`(?<![\w`]`)(?<![^\x00-\x7f]`){DAMAGE}`(?![\w`])")
_ARGUMENT = re.compile(
    rf"\((?<=\w\()(?P<quote>[\"']){_OTHER}{{1,120}}{DAMAGE}{_OTHER}{{0,120}}(?P=quote)\s*\)"
)

# Damage that is listed, character by character: `Ã©, Ã¨`. Some of it may have no evidence. Items
# are taken whole or not at all, for texts are full of such runs.
_ITEMS = re.compile(r"[\x80-\uffff]+")
_LISTED = re.compile(
    r"[\x80-\uffff](?<![0-9A-Za-z\x80-\uffff].)[\x80-\uffff]{0,39}+[\"'`]?"
    r"(?:(?:\s?[,;/|]\s?|\s(?:and|or|et|ou|und|oder|y|e|и|или)\s)"
    r"[\"'`]?[\x80-\uffff]{1,40}+[\"'`]?)+(?![^\W_])"
)

# A word in quotes, what introduces it as an example, and what stands between several.
_QUOTED = re.compile(rf"[\"'`](?P<damage>[^\s\"'`%\\]{{1,{LONGEST}}})[\"'`]")
_BEFORE = 24
_SUCH_AS = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(INSTEAD_OF)}|such as|like|e\.g\.,?|for example,?|shows(?: up as)?|"
    r"displays|turns into|turned into|becomes?|(?:rendered|appears|appear|displayed|shown) as|"
    r"como|comme|z\. ?B\.|比如|例如|如|变成|變成|显示为|顯示為)\s*\Z"
)
_AND = re.compile(r"(?:,| and| or|和|、) ?")

# Code in a line, and between lines of its own.
_INLINE = re.compile(r"(?<![\w`])`[^`\n]{1,80}`(?![\w`])")
_FENCE = re.compile(r"(?ms)^ {0,3}(```|~~~).*?^ {0,3}\1")


def whole_strings(seen: Masked) -> Iterator[tuple[int, int]]:
    """Yield the damage that is all of a string."""
    if any(MASK + quote in seen.text for quote in _QUOTES):  # that is sooner told
        for found in _WHOLE.finditer(seen.text):
            yield found.span("damage")


def arguments(seen: Masked) -> Iterator[tuple[int, int]]:
    """Yield the damage that is an argument: one character, or a part of one spelt with escapes."""
    for start, end in whole_strings(seen):
        opening = start - 1
        is_first = _IS_ARGUMENT.search(seen.observed, max(opening - 16, 0), opening)
        if is_first and _is_shown(seen, start, end):
            yield start, end
    for found in _ARGUMENT.finditer(seen.text):
        start, end = found.span("damage")
        if seen.observed[start:end].isascii():  # data is hardly spelt so
            yield start, end


def alone(seen: Masked) -> Iterator[tuple[int, int]]:
    """Yield the damage that nothing is beside."""
    for found in _PATTERN.finditer(seen.text):
        yield found.span("damage")
    for start, end in whole_strings(seen):
        if _is_letter(seen, start, end):
            yield start, end
    for found in _BRACKETED.finditer(seen.text):
        if _is_letter(seen, *found.span("damage")):
            yield found.span("damage")
    for found in (*_CODE.finditer(seen.text), *_not_meant(seen.text)):
        if _is_shown(seen, *found.span("damage")):
            yield found.span("damage")


def _not_meant(text: str) -> Iterator[re.Match[str]]:
    """Yield the damage that something else should stand for."""
    for at in places(text, INSTEAD_OF):
        found = _BEFORE_IT.search(text, max(at - LONGEST - 2, 0), at)
        if found and _INSTEAD.match(text, at):
            yield found


def listed(seen: Masked) -> Iterator[tuple[int, int]]:
    """Yield the damage of lists if each of it is one character, and some a letter or quote."""
    for found in _LISTED.finditer(seen.text):
        items = [item.span() for item in _ITEMS.finditer(seen.text, *found.span())]
        damaged = [item for item in items if MASK in seen.text[slice(*item)]]
        if (
            len(items) > 1
            and all(end - start > 1 or seen.observed[start] in "ÃÂâ" for start, end in items)
            and all(_is_shown(seen, *item) for item in damaged)
            and any(_is_letter(seen, *item) for item in damaged)
        ):
            yield from damaged


def introduced(seen: Masked) -> Iterator[tuple[int, int]]:
    """Yield words in quotes that are introduced as examples."""
    last = -1
    for found in _QUOTED.finditer(seen.text):
        start = found.start()
        if _SUCH_AS.search(seen.text[max(start - _BEFORE, 0) : start]) or (
            last >= 0 and _AND.fullmatch(seen.text, last, start)
        ):
            yield found.span("damage")
            last = found.end()


def of_document(seen: Masked) -> Iterator[tuple[int, int]]:
    """Yield words in quotes and code, if the document speaks of damage."""
    if seen.speaks:
        for found in _QUOTED.finditer(seen.text):
            yield found.span("damage")
        for expression in (_FENCE, _INLINE):
            for code in expression.finditer(seen.observed):
                yield code.span()


def _is_letter(seen: Masked, start: int, end: int) -> bool:
    """Return whether damage becomes one letter or curly quote."""
    original = seen.repaired(start, end)
    read = [each for each in spellings(original or "") if _ONE.fullmatch(each)]
    return any(category(each[0]) in _ALONE_KINDS and each[0] not in _GUILLEMETS for each in read)


def _is_shown(seen: Masked, start: int, end: int) -> bool:
    """Return whether damage by itself may be shown: it is one character, or spelt with escapes."""
    original = seen.repaired(start, end)
    is_one = original is None or _ONE.fullmatch(original) is not None
    return is_one or seen.observed[start:end].isascii()
