r"""Damage that a text shows on purpose: tables of what to replace, tests, tutorials.

Whoever writes about damage writes both forms: what is observed, and what was meant. Two signs are
sure: a string of nothing but damage with what was meant beside it, and the word mojibake, or what
else it is called, in the same line. Others tell only where nothing else of the document is damaged,
or where it speaks of mojibake somewhere: the string without its damage nearby, a word that becomes
the one without its damage, a word in quotes that is introduced as an example, a string of nothing
but one damaged character that is an argument, a pattern of nothing else, one such character between
backticks, a lone piece of damage that is spelt with escapes in a word which is the only argument of
a call, and code in a document that speaks of mojibake. In the values of JSON all is data.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from functools import cached_property
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from ._spans import masked
from .structure import borders
from .views import look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ._spans import Span

__all__ = ["Example", "examples", "may_hold_examples", "without"]

# Characters of a string with damage, at most; of an argument on each side of it; of a line.
_LONGEST, _AROUND, _LONGEST_LINE = 80, 120, 500

# Stands for every character of damage.
_MASK = "\uffff"
_DAMAGE = rf"(?P<damage>{_MASK}{{1,{_LONGEST}}})"
_OTHER = rf"[^\s\"'\\&%{_MASK}]"

# One character, with its marks.
_ONE = re.compile(r".[\u0300-\u036f\ufe00-\ufe0f\u200d]*", re.DOTALL)

# A string of nothing but damage.
_WHOLE = re.compile(rf"(?P<quote>[\"'`]){_DAMAGE}(?P=quote)")
_IS_ARGUMENT = re.compile(r"\w\(\s*\w?\Z")
_IS_VALUE = re.compile(r"[\"']\s*:\s*\Z")

# The string beside it.
_BESIDE = re.compile(
    r"\s*(?:,|:|=|=>|->|→)\s*(?:return\s)?\s*\w?(?P<quote>[\"'`])(?P<string>[^\n]{1,12}?)(?P=quote)"
)
_ESCAPE = r"\\u[0-9A-Fa-f]{4}|&\#?[0-9A-Za-z]+;|%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\[0-7]{3}"
_CHARACTER = re.compile(rf"(?:{_ESCAPE}|\\[\"'\\]|[^\\0-9A-Za-z])")

# A pattern, a piece of code, and the only argument of a call; what stands before each is looked at
# behind its first character, which is sooner found.
_PATTERN = re.compile(
    rf"/(?:(?<=\A/)|(?<=[\s(,=:\[!&|?{{;]/))(?P<damage>[{_MASK}|]{{1,{_LONGEST}}})"
    r"/[a-z]*\s*(?:[,).;\]]|$)"
)
_CODE = re.compile(rf"`(?<![\w`]`)(?<![^\x00-\x7f]`){_DAMAGE}`(?![\w`])")
_ARGUMENT = re.compile(
    rf"\((?<=\w\()(?P<quote>[\"']){_OTHER}{{1,{_AROUND}}}{_DAMAGE}{_OTHER}{{0,{_AROUND}}}"
    r"(?P=quote)\s*\)"
)

_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\\": ""})

# A string; an apostrophe within a word begins none.
_STRING = re.compile(
    rf"(?P<quote>[\"'`])(?:(?<!\w')|(?<=\b[bfru]'))"
    rf"(?P<string>(?:[^\"'`\\\n]|\\.){{1,{_LONGEST}}})(?P=quote)"
)

_BEYOND = rf"[^\x00-\x7f]{{1,{_LONGEST}}}"

# What may match one of these if the characters beyond ASCII are damage.
_MAY_BE_ALONE = tuple(
    re.compile(expression)
    for expression in (
        rf"([\"'`])(?<!:.)(?<!: .){_BEYOND}\1{_BESIDE.pattern}",
        rf"\((?<=\w\()\s*\w?([\"'`]){_BEYOND}\1",
        rf"`(?<![\w`]`)(?<![^\x00-\x7f]`)(?<!:.)(?<!: .){_BEYOND}`(?![\w`])",
        r"/(?:(?<=\A/)|(?<=[\s(,=:\[!&|?{;]/))[^\x00-\x7f|]+/[a-z]*\s*(?:[,).;\]]|$)",
    )
)

# What damage is called; without letters that may be capitals.
_WORDS = (
    *("ojibake", "MOJIBAKE", "乱码", "亂碼", "文字化け", "글자 깨짐", "한글 깨짐"),
    *("кракозябр", "ракозябр", "Zeichensalat", "krzaczk", "caracteres extraños"),
    *("arbled", "nicode issues", "nicode errors", "nicode problems"),
    *("ncoding issues", "ncoding problems", "ncoding artifacts", "ncoding artefacts"),
    *("ouble-encod", "ouble encod", "oubly encod", "oubly-encod", "isencoded", "is-encoded"),
    *("isdecoded", "is-decoded"),
)

# A word in quotes, what introduces it as an example, and what stands between several.
_QUOTED = re.compile(rf"[\"'`](?P<damage>[^\s\"'`%\\]{{1,{_LONGEST}}})[\"'`]")
_SUCH_AS = re.compile(
    r"(?<![^\W_])(?:such as|like|e\.g\.,?|for example,?|instead of|rather than|shows(?: up as)?|"
    r"displays|turns into|turned into|becomes?|(?:rendered|appears|appear|displayed|shown) as|"
    r"como|en lugar de|en vez de|em vez de|comme|au lieu de|statt|anstatt|z\. ?B\.|вместо|"
    r"比如|例如|如|变成|變成|显示为|顯示為)\s*\Z"
)
_AND = re.compile(r"(?:,| and| or|和|、) ?")
_QUOTES = ('"', "'", "`")
_BEFORE, _ENDS = 24, ".,;:!?)"
_BETWEEN = "\"'`,;) \t\n" + _ENDS

# What stands between a word of damage and what was meant, or the other way round.
# A link begins with a letter or sign in each branch, not with a set: that is found much sooner.
_LINK = re.compile(
    r"→|⇒|->|=>|\||\#|//|--|"
    + "".join(rf"{sign}(?=[^\s/])|" for sign in "/,;:=~\t")
    + r"instead of |rather than |becomes? |became |"
    r"turns into |turned into |should (?:be|read) |not |vs\.? |en lugar de |en vez de |em vez de |"
    r"au lieu de |statt |anstatt |вместо |而不是|变成|變成"
)
_APART = r"\s\"'`/|,;:=~→⇒()\[\]{}<>"
_PARTS = re.compile(rf"[{_APART}]")
_WORD_BEHIND = re.compile(rf"\s*[\"'`]?(?P<word>[^{_APART}]{{1,{_LONGEST}}})")

_INLINE = re.compile(r"(?<![\w`])`[^`\n]{1,80}`(?![\w`])")
_FENCE = re.compile(r"(?ms)^ {0,3}(```|~~~).*?^ {0,3}\1")


class Example(NamedTuple):
    """Damage that is shown on purpose.

    Attributes:
        start, end: where it is, in code points.
        is_sure: whether it is an example also where other text of the document is damaged.
    """

    start: int
    end: int
    is_sure: bool


def may_hold_examples(text: str, repaired: str) -> bool:
    """Return whether some of the damage of a text may be an example; the spans say whether it is.

    Args:
        text: the text, without damage under escapes.
        repaired: the text less all damage.
    """
    if _speaks_of_damage(text) or any(each.search(text) for each in _MAY_BE_ALONE):
        return True
    shown, meant = (
        {each[start:end] for start, end in _introduced_in(each)} for each in (text, repaired)
    )
    if shown - meant:
        return True
    for link in _LINK.finditer(repaired):
        behind = _WORD_BEHIND.match(repaired, link.end())
        word = "" if behind is None or behind["word"].isascii() else behind["word"].rstrip(_ENDS)
        head = repaired[max(link.start() - _LONGEST, 0) : link.start()]
        if word and head.rstrip(_BETWEEN).endswith(word):
            return True
    before, after = (
        Counter(_plain(found["string"]) for found in _quoted(_STRING, each))
        for each in (text, repaired)
    )
    return any(0 < count < after[string] for string, count in before.items())


def examples(text: str, spans: list[Span]) -> list[Example]:
    """Return the spans of a text that are examples, in order.

    Args:
        text: the text as it is spelt.
        spans: its damaged spans, in order.
    """
    if not spans:
        return []
    seen = _Seen(text, spans)
    found: dict[tuple[int, int], bool] = {}
    for is_sure, sign in _SIGNS:
        for start, end in sign(seen):
            found.setdefault((start, end), is_sure)
    if not found:
        return []
    values, starts = borders(text, '"'), seen.starts
    kept: dict[int, bool] = {}
    for (start, end), is_sure in found.items():
        for at in range(bisect_left(starts, start), bisect_left(starts, end)):
            if not _is_in_value(text, starts[at], values):
                kept[at] = kept.get(at, False) or is_sure or seen.speaks
    _spread(seen, kept)
    return [Example(spans[at].start, spans[at].end, kept[at]) for at in sorted(kept)]


def _spread(seen: _Seen, kept: dict[int, bool]) -> None:
    """Add the spans of a line, by themselves, that show what another one shows beyond doubt."""
    sure = {
        (seen.line(span.start), span.observed)
        for span in (seen.spans[at] for at, is_sure in kept.items() if is_sure)
    }
    if sure:
        for at, span in enumerate(seen.spans):
            around = (
                seen.text[max(span.start - 1, 0) : span.start] + seen.text[span.end : span.end + 1]
            )
            is_alone = not any(map(str.isalnum, around))
            if is_alone and (seen.line(span.start), span.observed) in sure:
                kept[at] = True


def without(text: str, shown: list[Example]) -> str:
    """Return a text with some examples, in order, blanked, character by character."""
    pieces, at = [], 0
    for start, end, _ in shown:
        if start < at:  # shown in more than one way
            continue
        pieces += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])


def _quoted(expression: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Find what begins with a quote, as `finditer` does, but sooner where there are few quotes."""
    end = 0
    for at in merge(*(_places(quote, text) for quote in _QUOTES)):
        found = expression.match(text, at) if at >= end else None
        if found:
            yield found
            end = found.end()


def _places(sign: str, text: str) -> Iterator[int]:
    at = text.find(sign)
    while at >= 0:
        yield at
        at = text.find(sign, at + 1)


def _speaks_of_damage(text: str) -> bool:
    return any(word in text for word in _WORDS)


class _Seen:
    """A text, and what of it is damage.

    Attributes:
        text, spans: what was given.
        masked: the text with all damage masked.
    """

    def __init__(self, text: str, spans: list[Span]) -> None:
        self.text, self.spans = text, spans
        self.masked = masked(text, spans, _MASK)

    @cached_property
    def starts(self) -> list[int]:
        """Where the spans begin."""
        return [span.start for span in self.spans]

    @cached_property
    def wholes(self) -> list[re.Match[str]]:
        """The strings of nothing but damage."""
        if not any(quote + _MASK in self.masked for quote in _QUOTES):  # that is sooner told
            return []
        return list(_quoted(_WHOLE, self.masked))

    @cached_property
    def speaks(self) -> bool:
        """Whether the text speaks of damage."""
        return _speaks_of_damage(self.text)

    def repaired(self, start: int, end: int) -> str | None:
        """Return what a stretch of the text becomes, nothing if that is not known.

        No span goes over its ends.
        """
        pieces = []
        first, last = bisect_left(self.starts, start), bisect_left(self.starts, end)
        for span in islice(self.spans, first, last):
            if span.replacement is None:
                return None
            pieces += [self.text[start : span.start], span.replacement]
            start = span.end
        return "".join([*pieces, self.text[start:end]])

    def line(self, offset: int) -> tuple[int, int]:
        """Return where the line of an offset begins and ends."""
        end = self.text.find("\n", offset)
        return self.text.rfind("\n", 0, offset) + 1, end if end >= 0 else len(self.text)

    def lines(self) -> Iterator[tuple[int, int]]:
        """Yield the lines with damage that are not very long."""
        until = 0
        for start in self.starts:
            if start < until:
                continue
            begin, until = self.line(start)
            if until - begin <= _LONGEST_LINE:
                yield begin, until


def _is_in_value(text: str, offset: int, strings: list[int]) -> bool:
    """Return whether an offset is inside a string that is the value of a key of JSON."""
    count = bisect_right(strings, offset)
    opening = strings[count - 1] if count % 2 else -1
    return opening >= 0 and _IS_VALUE.search(text[max(opening - 16, 0) : opening]) is not None


def _beside_originals(seen: _Seen) -> Iterator[tuple[int, int]]:
    for whole in seen.wholes:
        beside = _BESIDE.match(seen.text, whole.end())
        if beside and (
            _CHARACTER.fullmatch(beside["string"])
            or beside["string"] == seen.repaired(*whole.span("damage"))
        ):
            yield whole.span("damage")


def _mentioned(seen: _Seen) -> Iterator[tuple[int, int]]:
    if seen.speaks:
        for line in seen.lines():
            if _speaks_of_damage(seen.text[slice(*line)]):
                yield line


def _plain(string: str) -> str:
    """Return a string as it may be typed for another one: with straight quotes, not escaped."""
    return string.translate(_STRAIGHT)


def _near_originals(seen: _Seen) -> Iterator[tuple[int, int]]:
    strings: set[str] = set()
    if seen.speaks:
        strings = {_plain(found["string"]) for found in _quoted(_STRING, seen.text)}
    for found in _quoted(_STRING, seen.masked):
        if _MASK not in found["string"]:
            continue
        begin, end = seen.line(found.start())
        original = seen.repaired(*found.span("string"))
        if original is None or end - begin > _LONGEST_LINE:
            continue
        before = seen.text.rfind("\n", max(begin - _LONGEST_LINE, 0), max(begin - 1, 0)) + 1
        behind = seen.text.find("\n", end + 1, end + _LONGEST_LINE)
        behind = behind if behind >= 0 else end + _LONGEST_LINE
        near = _plain(seen.text[max(before, begin - _LONGEST_LINE) : behind])
        if any(
            meant in strings or any(f"{q}{meant}{q}" in near for q in "\"'`")
            for meant in map(_plain, _spellings(original))
        ):
            yield found.span("string")


def _spellings(original: str) -> set[str]:
    """Return a string as it is spelt, and as it reads."""
    view = look(original)
    return {original} if view is None else {original, view.text}


def _arguments(seen: _Seen) -> Iterator[tuple[int, int]]:
    for whole in seen.wholes:
        start, end = whole.span("damage")
        is_argument = _IS_ARGUMENT.search(seen.text, max(whole.start() - 16, 0), whole.start())
        if is_argument and _is_shown(seen, start, end):
            yield start, end


def _is_shown(seen: _Seen, start: int, end: int) -> bool:
    """Return whether damage by itself may be shown: it is one character, or spelt with escapes.

    A word in an argument or in code is what a program says: `alert("ÐžÑˆÐ¸Ð±ÐºÐ°")`.
    """
    original = seen.repaired(start, end)
    is_one = original is None or _ONE.fullmatch(original) is not None
    return is_one or seen.text[start:end].isascii()


def _alone(seen: _Seen) -> Iterator[tuple[int, int]]:
    for found in _PATTERN.finditer(seen.masked):
        yield found.span("damage")
    for found in _CODE.finditer(seen.masked):
        if _is_shown(seen, *found.span("damage")):
            yield found.span("damage")
    for found in _ARGUMENT.finditer(seen.masked):
        if seen.text[slice(*found.span("damage"))].isascii():  # data is hardly spelt so
            yield found.span("damage")


def _introduced_in(text: str) -> Iterator[tuple[int, int]]:
    last = -1
    for found in _quoted(_QUOTED, text):
        start = found.start()
        if _SUCH_AS.search(text[max(start - _BEFORE, 0) : start]) or (
            last >= 0 and _AND.fullmatch(text, last, start)
        ):
            yield found.span("damage")
            last = found.end()


def _introduced(seen: _Seen) -> Iterator[tuple[int, int]]:
    yield from _introduced_in(seen.masked)


def _linked(text: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield where two words beyond ASCII are that are linked: the first, and the second."""
    for link in _LINK.finditer(text):
        behind = _WORD_BEHIND.match(text, link.end())
        if behind is None or behind["word"].isascii():
            continue
        start = max(link.start() - _LONGEST, 0)
        head = text[start : link.start()].rstrip().rstrip(",;)")
        if head.endswith(_QUOTES):
            head = head[:-1]
        before = _PARTS.split(head)[-1]
        if not before.isascii():
            end = start + len(head)
            yield end - len(before), end, *behind.span("word")


def _becoming(seen: _Seen) -> Iterator[tuple[int, int]]:
    for first, end, second, last in _linked(seen.masked):
        one, other = (first, end), (second, last)
        for damaged, meant in ((one, other), (other, one)):
            word = seen.masked[slice(*meant)].rstrip(_ENDS)
            original = seen.repaired(*damaged) if _MASK not in word else None
            if original is not None and original.rstrip(_ENDS) == word:
                yield damaged


def _fenced(seen: _Seen) -> Iterator[tuple[int, int]]:
    if seen.speaks:
        for expression in (_FENCE, _INLINE):
            for code in expression.finditer(seen.text):
                yield code.span()


_SIGNS: tuple[tuple[bool, Callable[[_Seen], Iterator[tuple[int, int]]]], ...] = (
    (True, _beside_originals),
    (True, _mentioned),
    (False, _near_originals),
    (False, _introduced),
    (False, _becoming),
    (False, _arguments),
    (False, _alone),
    (False, _fenced),
)
