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
from bisect import bisect_left, bisect_right
from collections import Counter
from functools import cached_property
from heapq import merge
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import category, normalize

from ._spans import masked
from .structure import borders
from .views import look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ._spans import Span

__all__ = ["Example", "examples", "may_hold_examples", "without"]

# Characters of a string with damage, at most; of an argument on each side of it; of a line.
_LONGEST, _AROUND, _LONGEST_LINE = 80, 120, 500

# Code points of one character, with marks and a quote, at most.
_LONGEST_ITEM = 8

# Stands for every character of damage.
_MASK = "\uffff"
_DAMAGE = rf"(?P<damage>{_MASK}{{1,{_LONGEST}}})"
_OTHER = rf"[^\s\"'\\&%{_MASK}]"

# What says that something stands for something else.
_INSTEAD_OF = (
    *("instead of", "rather than", "en lugar de", "en vez de", "em vez de", "au lieu de"),
    *("statt", "anstatt", "вместо"),
)

# One character, with its marks.
_ONE = re.compile(r".[\u0300-\u036f\ufe00-\ufe0f\u200d]*", re.DOTALL)

# Kinds of letters and quotes, of all but ideographs, which are words; guillemets stand alone in
# French.
_ALONE_KINDS, _GUILLEMETS = {"Lu", "Ll", "Pi", "Pf"}, "«»"

# Damage that is listed, character by character: `Ã©, Ã¨`. Some of it may have no evidence. Items
# are taken whole or not at all, for texts are full of such runs.
_ITEMS = re.compile(r"[\x80-\uffff]+")
_ITEM = r"[\"'`]?[\x80-\uffff]{1,40}+[\"'`]?"
_BETWEEN_ITEMS = r"(?:\s?[,;/|]\s?|\s(?:and|or|et|ou|und|oder|y|e|и|или)\s)"
_LISTED = re.compile(rf"(?<![0-9A-Za-z\x80-\uffff]){_ITEM}(?:{_BETWEEN_ITEMS}{_ITEM})+(?![^\W_])")

# A piece of damage in brackets of its own, and one that something else should stand for.
_BRACKETED = re.compile(rf"\((?<!\S\(){_DAMAGE}\)")
_NOT_BUT = re.compile(rf"\s(?:{'|'.join(_INSTEAD_OF)})\s")
_BEFORE_IT = re.compile(rf"(?<![^\W_])(?<!{_MASK}){_DAMAGE}[\"'`]?\Z")

# A string of nothing but damage.
_WHOLE = re.compile(rf"(?P<quote>[\"'`]){_DAMAGE}(?P=quote)")
_IS_ARGUMENT = re.compile(r"\w\(\s*\w?\Z")
_IS_VALUE = re.compile(r"(?P<key>[^\"'\n]*)[\"']\s*:\s*\Z")

# The string beside it.
_BESIDE = re.compile(
    r"\s*(?:,|:|=|=>|->|→)\s*(?:return\s)?\s*\w?(?P<quote>[\"'`])(?P<string>[^\n]{1,12}?)(?P=quote)"
)
_ESCAPE = r"\\u[0-9A-Fa-f]{4}|&\#?[0-9A-Za-z]+;|%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\[0-7]{3}"
_CHARACTER = re.compile(rf"(?:{_ESCAPE}|\\[\"'\\]|[^\\0-9A-Za-z])")

# A pattern, a piece of code, and the only argument of a call; what stands before each is looked at
# behind its first character, which is sooner found.
_PATTERN = re.compile(
    rf"/(?:(?<=\A/)|(?<=[\s(,=:\[!&|?{{;]/))(?P<damage>[\x80-\uffff|]{{1,{_LONGEST}}})"
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
        rf"`(?<![\w`]`)(?<![^\x00-\x7f]`)(?<!:.)(?<!: .){_BEYOND}`(?![\w`])",
        r"/(?:(?<=\A/)|(?<=[\s(,=:\[!&|?{;]/))[^\x00-\x7f|]+/[a-z]*\s*(?:[,).;\]]|$)",
    )
)

# One character that is no ideograph, what an item of a list may have been or have stayed, and what
# damage may have become that stands alone, or is listed.
_LETTER = r"[^\x00-\x7f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff][\u0300-\u036f\ufe00-\ufe0f\u200d]*"
_LEFT = rf"(?:[\x80-\xffРС][^\x00-\x7f]{{1,2}}|{_LETTER})"
_ALONE = tuple(
    re.compile(expression)
    for expression in (
        rf"([\"'`]){_LETTER}\1",
        rf"\((?<!\S\(){_LETTER}\)",
        rf"[^\x00-\x7f][\"'`]?{_NOT_BUT.pattern}",
    )
)
_NEXT_ITEM = re.compile(rf"{_BETWEEN_ITEMS}[\"'`]?{_LEFT}(?!\w)")
_LAST_ITEM = re.compile(rf"(?<!\w){_LEFT}[\"'`]?\Z")

# What damage is called; without letters that may be capitals.
_WORDS = (
    *("ojibake", "MOJIBAKE", "乱码", "亂碼", "文字化け", "글자 깨짐", "한글 깨짐"),
    *("кракозябр", "ракозябр", "Zeichensalat", "krzaczk", "caracteres extraños"),
    *("arbled", "nicode issues", "nicode errors", "nicode problems"),
    *("ncoding issues", "ncoding problems", "ncoding artifacts", "ncoding artefacts"),
    *("ouble-encod", "ouble encod", "oubly encod", "oubly-encod", "isencoded", "is-encoded"),
    *("isdecoded", "is-decoded", "ncorrectly encoded", "rongly encoded", "isinterpreted as"),
    *("mal encod", "mal codific", "oppia codifica", "alsch kodiert", "alsche Kodierung"),
)

# Codecs of one byte, as prose names them, not as programs do.
_CODEC = re.compile(
    r"(?<![\w=\"'/.-])(?<!charset )(?:cp-?(?:125\d|437|8\d\d)|windows-?125\d|latin-?[12]|"
    r"iso-?8859-?\d+|mac-?roman|koi8-[ru])(?![\w\"'=/])",
    re.IGNORECASE,
)

# What such a name has, which is sooner found.
_OF_CODECS = (
    "125",
    "437",
    "p8",
    "P8",
    "p-8",
    "P-8",
    "8859",
    "atin",
    "ATIN",
    "oman",
    "OMAN",
    "oi8",
    "OI8",
)

# A word in quotes, what introduces it as an example, and what stands between several.
_QUOTED = re.compile(rf"[\"'`](?P<damage>[^\s\"'`%\\]{{1,{_LONGEST}}})[\"'`]")
_SUCH_AS = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(_INSTEAD_OF)}|such as|like|e\.g\.,?|for example,?|shows(?: up as)?|"
    r"displays|turns into|turned into|becomes?|(?:rendered|appears|appear|displayed|shown) as|"
    r"como|comme|z\. ?B\.|比如|例如|如|变成|變成|显示为|顯示為)\s*\Z"
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
    + "".join(f"{phrase} |" for phrase in _INSTEAD_OF)
    + r"becomes? |became |turns into |turned into |should (?:be|read) |not |vs\.? |而不是|变成|變成"
)
_APART = r"\s\"'`/|,;:=~→⇒()\[\]{}<>"
_PARTS = re.compile(rf"[{_APART}]")
_QUOTE_BEFORE = re.compile(r"(?<!\S)(?P<quote>[\"'])\s\Z")
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
    if _speaks_of_damage(text) or _names_codec(text):
        return True
    if any(each.search(text) for each in _MAY_BE_ALONE):
        return True
    if any(each.search(repaired) for each in _ALONE) or _has_list(repaired):
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
        quote = _QUOTE_BEFORE.search(head)
        if word and (
            head.rstrip(_BETWEEN).endswith(word) or (quote and quote["quote"] == _plain(word))
        ):
            return True
    before, after = (
        Counter(_plain(found["string"]) for found in _quoted(_STRING, each))
        for each in (text, repaired)
    )
    return any(0 < count < after[string] for string, count in before.items())


def _has_list(repaired: str) -> bool:
    """Return whether a text may list characters, one by one."""
    return any(
        _LAST_ITEM.search(repaired, max(found.start() - _LONGEST_ITEM, 0), found.start())
        for found in _NEXT_ITEM.finditer(repaired)
    )


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
    """Add the spans, by themselves, that show what another one shows; beyond doubt in its line."""
    shown = {seen.spans[at].observed for at in kept}
    sure = {
        (seen.line(span.start), span.observed)
        for span in (seen.spans[at] for at, is_sure in kept.items() if is_sure)
    }
    for at, span in enumerate(seen.spans):
        if span.observed in shown and _stands_alone(seen.text, span.start, span.end):
            is_sure = (seen.line(span.start), span.observed) in sure
            kept[at] = kept.get(at, False) or is_sure


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Return whether no letter or digit is beside a stretch of a text."""
    return not any(map(str.isalnum, text[max(start - 1, 0) : start] + text[end : end + 1]))


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


def _names_codec(text: str) -> bool:
    return any(part in text for part in _OF_CODECS) and _CODEC.search(text) is not None


class _Seen:
    """A text, and what of it is damage.

    Attributes:
        text, spans: what was given.
        masked: the text with all damage masked that is not left as it is.
    """

    def __init__(self, text: str, spans: list[Span]) -> None:
        self.text, self.spans = text, spans
        changed = [span for span in spans if span.replacement is not None]
        self.masked = masked(text, changed, _MASK)

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
        for span in self.spans[first:last]:
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
    """Return whether an offset is inside a string that is the value of a key of JSON.

    Not if the key says that it is of damage.
    """
    count = bisect_right(strings, offset)
    opening = strings[count - 1] if count % 2 else -1
    found = _IS_VALUE.search(text, max(opening - _LONGEST, 0), max(opening, 0))
    return found is not None and not _speaks_of_damage(found["key"])


def _beside_originals(seen: _Seen) -> Iterator[tuple[int, int]]:
    for whole in seen.wholes:
        beside = _BESIDE.match(seen.text, whole.end())
        if beside and (
            _CHARACTER.fullmatch(beside["string"])
            or beside["string"] in _typed(seen.repaired(*whole.span("damage")))
        ):
            yield whole.span("damage")


def _typed(original: str | None) -> set[str]:
    """Return what may be typed for an original: itself, and in usual characters (`...` for `…`)."""
    return set() if original is None else {original, normalize("NFKC", original)}


def _mentioned(seen: _Seen) -> Iterator[tuple[int, int]]:
    if seen.speaks:
        for line in seen.lines():
            if _speaks_of_damage(seen.text[slice(*line)]):
                yield line


def _of_codecs(seen: _Seen) -> Iterator[tuple[int, int]]:
    if _names_codec(seen.text):
        for line in seen.lines():
            if _CODEC.search(seen.text, *line):
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


def _shown_in_list(seen: _Seen, listed: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Yield the damage of a list if each of it is one character, and some a letter or quote."""
    first = listed.start()
    items = [(first + one.start(), first + one.end()) for one in _ITEMS.finditer(listed[0])]
    masked = [item for item in items if _MASK in seen.masked[slice(*item)]]
    if (
        len(items) > 1
        and all(end - start > 1 or seen.text[start] in "ÃÂâ" for start, end in items)
        and all(_is_shown(seen, *item) for item in masked)
        and any(_is_letter(seen, *item) for item in masked)
    ):
        yield from masked


def _is_letter(seen: _Seen, start: int, end: int) -> bool:
    """Return whether damage becomes one letter or curly quote, which texts have alone hardly ever.

    Dashes, bullets and the like stand alone in programs: `value or "â€”"`.
    """
    original = seen.repaired(start, end)
    read = [each for each in _spellings(original or "") if _ONE.fullmatch(each)]
    return any(category(each[0]) in _ALONE_KINDS and each[0] not in _GUILLEMETS for each in read)


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
    for whole in seen.wholes:
        if _is_letter(seen, *whole.span("damage")):
            yield whole.span("damage")
    for found in _BRACKETED.finditer(seen.masked):
        if _is_letter(seen, *found.span("damage")):
            yield found.span("damage")
    for phrase in _NOT_BUT.finditer(seen.masked):
        before = max(phrase.start() - _LONGEST - 2, 0)
        instead = _BEFORE_IT.search(seen.masked, before, phrase.start())
        if instead and _is_shown(seen, *instead.span("damage")):
            yield instead.span("damage")
    for listed in _LISTED.finditer(seen.masked):
        yield from _shown_in_list(seen, listed)
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
        quote = _QUOTE_BEFORE.search(text, max(link.start() - 2, 0), link.start())
        if quote:
            yield *quote.span("quote"), *behind.span("word")
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
            word = seen.text[slice(*meant)].rstrip(_ENDS)
            original = seen.repaired(*damaged)
            if original is not None and _plain(original.rstrip(_ENDS)) == _plain(word):
                yield damaged
                yield meant  # it may seem to have lost something


def _quoted_words(seen: _Seen) -> Iterator[tuple[int, int]]:
    if seen.speaks:
        for found in _quoted(_QUOTED, seen.masked):
            yield found.span("damage")


def _fenced(seen: _Seen) -> Iterator[tuple[int, int]]:
    if seen.speaks:
        for expression in (_FENCE, _INLINE):
            for code in expression.finditer(seen.text):
                yield code.span()


_SIGNS: tuple[tuple[bool, Callable[[_Seen], Iterator[tuple[int, int]]]], ...] = (
    (True, _beside_originals),
    (True, _mentioned),
    (False, _of_codecs),
    (False, _near_originals),
    (False, _introduced),
    (False, _becoming),
    (False, _arguments),
    (False, _alone),
    (False, _quoted_words),
    (False, _fenced),
)
