"""Damage that is shown beside what it was meant to be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import normalize

from ._masked import LONGEST, LONGEST_LINE, MASK, spellings
from ._mentions import INSTEAD_OF
from ._shown_alone import whole_strings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._masked import Masked

__all__ = ["beside_originals", "linked_to_originals", "near_originals"]

# The string beside another one, and one character as it may be spelt there.
_BESIDE = re.compile(
    r"\s*(?:,|:|=|=>|->|→)\s*(?:return\s)?\s*\w?(?P<quote>[\"'`])(?P<string>[^\n]{1,12}?)(?P=quote)"
)
_ESCAPE = r"\\u[0-9A-Fa-f]{4}|&\#?[0-9A-Za-z]+;|%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\[0-7]{3}"
_CHARACTER = re.compile(rf"(?:{_ESCAPE}|\\[\"'\\]|[^\\0-9A-Za-z])")

# A string; an apostrophe within a word begins none.
_STRING = re.compile(
    rf"(?P<quote>[\"'`])(?:(?<!\w')|(?<=\b[bfru]'))"
    rf"(?P<string>(?:[^\"'`\\\n]|\\.){{1,{LONGEST}}})(?P=quote)"
)
_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\\": ""})

# What stands between a word of damage and what was meant, or the other way round.
# A link begins with a letter or sign in each branch, not with a set: that is found much sooner.
_LINK = re.compile(
    r"→|⇒|->|=>|\||\#|//|--|"
    + "".join(rf"{sign}(?=[^\s/])|" for sign in "/,;:=~\t")
    + "".join(f"{phrase} |" for phrase in INSTEAD_OF)
    + r"becomes? |became |turns into |turned into |should (?:be|read) |not |vs\.? |而不是|变成|變成"
)
_APART = r"\s\"'`/|,;:=~→⇒()\[\]{}<>"
_PARTS = re.compile(rf"[{_APART}]")
_QUOTE_BEFORE = re.compile(r"(?<!\S)(?P<quote>[\"'])\s\Z")
_WORD_BEHIND = re.compile(rf"\s*[\"'`]?(?P<word>[^{_APART}]{{1,{LONGEST}}})")
_ENDS = ".,;:!?)"


def beside_originals(seen: Masked) -> Iterator[tuple[int, int]]:
    """Yield strings of nothing but damage, with what was meant in another one beside it."""
    for start, end in whole_strings(seen):
        beside = _BESIDE.match(seen.observed, end + 1)
        if beside and (
            _CHARACTER.fullmatch(beside["string"])
            or beside["string"] in _typed(seen.repaired(start, end))
        ):
            yield start, end


def near_originals(seen: Masked) -> Iterator[tuple[int, int]]:
    """Yield strings with damage that stand without it nearby, or anywhere in a text on damage."""
    strings: set[str] = set()
    if seen.speaks:
        strings = {_plain(found["string"]) for found in _STRING.finditer(seen.observed)}
    for found in _STRING.finditer(seen.text):
        if MASK not in found["string"]:
            continue
        begin, end = seen.line(found.start())
        original = seen.repaired(*found.span("string"))
        if original is None or end - begin > LONGEST_LINE:
            continue
        before = seen.observed.rfind("\n", max(begin - LONGEST_LINE, 0), max(begin - 1, 0)) + 1
        behind = seen.observed.find("\n", end + 1, end + LONGEST_LINE)
        behind = behind if behind >= 0 else end + LONGEST_LINE
        near = _plain(seen.observed[max(before, begin - LONGEST_LINE) : behind])
        if any(
            meant in strings or any(f"{q}{meant}{q}" in near for q in "\"'`")
            for meant in map(_plain, spellings(original))
        ):
            yield found.span("string")


def linked_to_originals(seen: Masked) -> Iterator[tuple[int, int]]:
    """Yield words with damage that are linked to the same ones without it, and those."""
    for one, other in _linked(seen.text):
        for damaged, meant in ((one, other), (other, one)):
            word = seen.observed[slice(*meant)].rstrip(_ENDS)
            original = seen.repaired(*damaged)
            if original is not None and _plain(original.rstrip(_ENDS)) == _plain(word):
                yield damaged
                yield meant  # it may seem to have lost something


def _linked(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield where two words beyond ASCII are that are linked; the first may be a quote."""
    for link in _LINK.finditer(text):
        behind = _WORD_BEHIND.match(text, link.end())
        if behind is None or behind["word"].isascii():
            continue
        quote = _QUOTE_BEFORE.search(text, max(link.start() - 2, 0), link.start())
        if quote:
            yield quote.span("quote"), behind.span("word")
            continue
        start = max(link.start() - LONGEST, 0)
        head = text[start : link.start()].rstrip().rstrip(",;)")
        if head.endswith(('"', "'", "`")):
            head = head[:-1]
        before = _PARTS.split(head)[-1]
        if not before.isascii():
            end = start + len(head)
            yield (end - len(before), end), behind.span("word")


def _plain(string: str) -> str:
    """Return a string as it may be typed for another one: with straight quotes, not escaped."""
    return string.translate(_STRAIGHT)


def _typed(original: str | None) -> set[str]:
    """Return what may be typed for an original: itself, and in usual characters (`...` for `…`)."""
    return set() if original is None else {original, normalize("NFKC", original)}
