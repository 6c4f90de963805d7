r"""What looks damaged by its characters alone: drawings, ranges, Urdu, Greek signs, cases, formats.

Through cp437 and its sisters `а` is `╨░`, and what frames and blocks draw could be sequences, too.
Through cp1256 the continuations of sequences may be letters that Urdu, Punjabi and others have
beside those of Arabic. Where such a stretch stands by itself, what it becomes has to be a word that
the language model knows. `Β΄` and `Γ’` are numbers in Greek, and may have been `´` and `â`;
`Γ–` is a symbol before a dash, and may have been `Ö`. `Àà` begins words of Yoruba, `Ĺĺ` stands in
alphabets, and `¤` behind a no-break space in formats of currencies: these are sequences of some
decoder, too. And patterns have C1 controls as ends of ranges: `[a-z\x80-\uffff]`. What lost bytes
may seem to be a selector of emoji, behind no sign that has one: then the sign is lost as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category

from ._scripts import beyond_ascii, mixtures, scripts
from ._spans import channels_of
from .examples import Example

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._spans import Span
    from .channels import Channel

__all__ = ["lookalikes", "made_by_chance", "may_look_alike"]

# A drawing has few characters many times: at most so many, each at least so often in the mean.
FEW, MANY = 12, 3

# What an original may cost by code point, in nats, at most, if the model knows its language; and
# beyond what one in a line without letters is a drawing also where other text is damaged.
MOST, NO_WORD = 6.0, 9.0

CONTEXT, AROUND = 4, 100  # code points before an original that are read, and of its line

# Edits of a text that chance may have made, at most; code points on each side of one that are
# looked at, and how many signs, scripts, or characters of which none comes again, tell of a table.
MOST_BY_CHANCE, BESIDE, MANY_SIGNS, MANY_SCRIPTS, MANY_ONCE = 64, 20, 10, 3, 30

UNASSIGNED = "\U0010ffff"  # stands for all that the model has never seen

_EMOJI_LEAD = "ð"

_DRAWN = "\u2500-\u259f"
_ARABIC = "\u0621-\u064a\u066e-\u06d3"
_CAPITALS = "".join(chr(c) for c in range(0xC0, 0x180) if chr(c).isupper())
# What it may begin with comes first, so that the rest of a text is passed over quickly.
_MAY_BE = re.compile(
    rf"([{_DRAWN}{_ARABIC}{_CAPITALS}Α-Ω\xa0])(?:(?<=[{_DRAWN}])[{_DRAWN}]"
    rf"|(?<=[{_ARABIC}])[پٹچژڈگکڑںھ]|(?<=[Α-Ω])[΄’–—…]|(?<=\xa0)¤|(?!\1)(?i:\1))"
)
_IS_DRAWN = re.compile(f"[{_DRAWN}]+")
# Selectors and joiners of emoji, and kinds of characters that have them: symbols, digits on keys.
_SELECTORS = "\ufe0e\ufe0f\u200d"
_WITH_SELECTORS = {"So", "Sm", "Po", "Nd", "Mn", "Cf"}

# C1 controls at the ends of ranges, in patterns.
_RANGE = re.compile("[\x80-\x9f]-|-[\x80-\x9f]")
# Letters in both cases, one pair beside the other, as on keys: `иИйЙ`.
_KEYS = re.compile(r"(?:([^\x00-\x7f])(?!\1)(?i:\1)){2,}")
_KIND = re.compile(
    rf"(?P<drawing>[{_DRAWN}]+)|(?P<word>[{_ARABIC}]+)|(?P<numeral>[Α-Ω][΄’])"
    rf"|(?P<symbol>[Α-Ω][–—…])|(?P<cases>(?:([{_CAPITALS}])(?!\6)(?i:\6))+)|(?P<format>.*\xa0¤)"
)
# What each of these begins with, but for formats, and what those end with.
_HEAD = re.compile(rf"[{_DRAWN}{_ARABIC}]|[Α-Ω][΄’–—…]|([{_CAPITALS}])(?!\1)(?i:\1)")
_CURRENCY = "\xa0¤"


def may_look_alike(text: str) -> bool:
    """Return whether what looks damaged in a text may be one of these."""
    return not text.isascii() and bool(_MAY_BE.search(text) or _RANGE.search(text))


def lookalikes(text: str, spans: list[Span]) -> list[Example]:
    """Return the damaged spans of a text that are one of these.

    Args:
        text: the text as it is spelt.
        spans: its damaged spans, in order.
    """
    # Keys are asked about several layers only: one never made such pairs seem damaged.
    channels = channels_of(spans)
    few = spans if len(spans) <= MOST_BY_CHANCE else ()
    edits = [(span.start, span.end, span.replacement) for span in few]
    found = [Example(start, end, False) for start, end in made_by_chance(text, edits)]
    if any(len(channel.layers) > 1 for channel in channels):
        found += [
            Example(span.start, span.end, True)
            for span in spans
            if len(span.channel.layers) > 1 and _KEYS.fullmatch(span.observed)
        ]
    if any(channel.layers[-1].losses for channel in channels):
        found += _selectors_alone(text, spans)
    # That is sooner told than whether the text may hold one of the others.
    heads = {span.observed[:2] for span in spans}
    telling = heads if _CURRENCY in text else set(filter(_HEAD.match, heads))
    kinds = {
        span.observed: kind
        for span in (spans if telling else ())
        if span.observed[:2] in telling and (kind := _KIND.fullmatch(span.observed))
    }
    if not kinds and not any(map(_is_legacy, channels)):
        return found
    if not may_look_alike(text):
        return found
    is_drawing = _is_drawing("".join(span.observed for span in spans if _is_legacy(span.channel)))
    for span in spans:
        kind = kinds.get(span.observed)
        if _is_legacy(span.channel):
            is_found = is_sure = is_drawing or _is_range(text, span)
        elif kind is not None:
            is_found, is_sure = _judged(text, span, kind.lastgroup)
        else:
            continue
        if is_found:
            found.append(Example(span.start, span.end, is_sure))
    return found


def _selectors_alone(text: str, spans: list[Span]) -> list[Example]:
    """Return the spans that lost bytes and become selectors of emoji behind no sign."""
    found, end = [], -1
    for span in spans:
        original = span.replacement or ""
        if original and span.channel.layers[-1].losses and not original.strip(_SELECTORS):
            before = text[span.start - 1 : span.start] if end != span.start else ""
            if before == "\ufffd" or (before and category(before) not in _WITH_SELECTORS):
                found.append(Example(span.start, span.end, True))
        end = span.end if original else -1
    return found


def made_by_chance(
    text: str, edits: Sequence[tuple[int, int, str | None, *tuple[object, ...]]]
) -> list[tuple[int, int]]:
    """Return the places of edits that chance makes damaged, in order: if there are many, none.

    Among signs and letters of all scripts, as in tables of entities and codecs, some neighbours are
    a sequence. So are a few letters elsewhere that become what nobody writes.

    Args:
        text: a text.
        edits: what is changed: where it begins and ends, what it becomes, None if that is not told,
            and more that does not matter.
    """
    if not edits or len(edits) > MOST_BY_CHANCE:
        return []
    rest, places, last = "", [], 0
    for start, end, *_ in edits:
        rest += text[last:start]
        places.append(len(rest))
        last = end
    rest += text[last:]
    # That is sooner told of all than of each.
    may_be_signs = beyond_ascii(rest) >= MANY_SIGNS
    may_be_once = beyond_ascii(text) >= MANY_ONCE
    may_be_mixed = len(scripts("".join([original or "" for _, _, original, *_ in edits]))) > 1
    return [
        (start, end)
        for at, (start, end, original, *_) in zip(places, edits, strict=True)
        if (may_be_signs and _is_among_signs(rest[max(at - BESIDE, 0) : at + BESIDE]))
        or (may_be_once and _are_all_once(text, start, end))
        or (may_be_mixed and mixtures(original or "") > mixtures(text[start:end]))
        or _is_of_emoji(text, start, original)
        or (
            original and len(original) == 1 and _is_nobodys(rest[max(at - 1, 0) : at + 1], original)
        )
    ]


def _is_among_signs(around: str) -> bool:
    """Return whether signs, or letters of many scripts, stand around a place."""
    if beyond_ascii(around) < MANY_SIGNS:
        return False
    beyond = [character for character in around if character > "\x7f"]
    letters = sum(map(str.isalpha, beyond))
    return 2 * letters < len(beyond) or len(scripts(around)) >= MANY_SCRIPTS


def _are_all_once(text: str, start: int, end: int) -> bool:
    """Return whether many characters stand in and around a place, each once: damage repeats."""
    first, last = max(start - BESIDE, 0), end + BESIDE
    if "\x7f" < text[start] != "\ufffd" and text.count(text[start], first, last) > 1:
        return False
    around = text[first:last].replace("\ufffd", "")
    beyond = beyond_ascii(around)
    return beyond >= MANY_ONCE and beyond == beyond_ascii("".join(set(around)))


def _is_of_emoji(text: str, start: int, original: str | None) -> bool:
    """Return whether what becomes one letter or digit begins with what is left of an emoji.

    In Latin-1 emoji begin with `ð` and a control that gets lost: `ð¥` was `🔥`, and is no `о`.
    """
    if not original or len(original) > 1 or not original.isalnum():
        return False
    return _EMOJI_LEAD in text[max(start - 1, 0) : start + 1]


def _is_nobodys(beside: str, original: str) -> bool:
    """Return whether one character is a letter, none beside it, that the model has never seen."""
    if not original.isalpha() or any(map(str.isalpha, beside)):
        return False
    from . import model as language_model

    model = language_model.load()
    return model.alone(original) >= model.alone(UNASSIGNED)


def _judged(text: str, span: Span, kind: str | None) -> tuple[bool, bool]:
    """Return whether a span of a kind is no damage, and whether that is sure."""
    beside = text[max(span.start - 1, 0) : span.start] + text[span.end : span.end + 1]
    is_alone = not any(map(str.isalnum, beside))
    if kind == "drawing" and is_alone:
        cost = _cost(text, span)
        return cost > MOST, cost > NO_WORD and not _has_letters(text, span.start)
    if kind == "word":
        return _cost(text, span) > MOST, False
    return kind in {"cases", "format", "symbol"} or (kind == "numeral" and is_alone), False


def _is_legacy(channel: Channel) -> bool:
    return channel.layers[-1].source != "utf-8"


def _is_range(text: str, span: Span) -> bool:
    """Return whether a span is a C1 control at one end of a range."""
    return _RANGE.search(text, max(span.start - 1, 0), span.end + 1) is not None


def _is_drawing(observed: str) -> bool:
    """Return whether few characters that draw are observed, each more often than in a language."""
    few = len(set(observed))
    return _IS_DRAWN.fullmatch(observed) is not None and few <= FEW and MANY * few <= len(observed)


def _has_letters(text: str, at: int) -> bool:
    """Return whether letters or digits stand in the line around an offset."""
    before = text[max(at - AROUND, 0) : at].rpartition("\n")[2]
    behind = text[at : at + AROUND].partition("\n")[0]
    return any(map(str.isalnum, before + behind))


def _cost(text: str, span: Span) -> float:
    """Return what the original of a span costs by code point, in nats; digits make no word."""
    from . import model as language_model

    is_inside = text[max(span.start - 1, 0) : span.start].isalnum()
    before = text[max(span.start - CONTEXT, 0) : span.start] if is_inside else " "
    original = span.replacement or ""
    if not original or any(map(str.isdigit, original)):
        return NO_WORD
    return language_model.load().cost(before + original, len(before)) / len(original)
