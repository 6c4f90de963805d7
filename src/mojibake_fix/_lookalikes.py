"""What looks damaged by its characters alone: drawings, Urdu, Greek signs, pairs of cases, formats.

Through cp437 and its sisters `а` is `╨░`, and what frames and blocks draw could be sequences, too.
Through cp1256 the continuations of sequences may be letters that Urdu, Punjabi and others have
beside those of Arabic. Where such a stretch stands by itself, what it becomes has to be a word that
the language model knows. `Β΄` and `Γ’` are numbers in Greek, and may have been `´` and `â`;
`Γ–` is a symbol before a dash, and may have been `Ö`. `Àà` begins words of Yoruba, `Ĺĺ` stands in
alphabets, and `¤` behind a no-break space in formats of currencies: these are sequences of some
decoder, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .examples import Example

if TYPE_CHECKING:
    from ._spans import Span

__all__ = ["lookalikes", "may_look_alike"]

# A drawing has few characters many times: at most so many, each at least so often in the mean.
FEW, MANY = 12, 3

# What an original may cost by code point, in nats, at most, if the model knows its language; and
# beyond what one in a line without letters is a drawing also where other text is damaged.
MOST, NO_WORD = 6.0, 9.0

CONTEXT, AROUND = 4, 100  # code points before an original that are read, and of its line

_DRAWN = "\u2500-\u259f"
_ARABIC = "\u0621-\u064a\u066e-\u06d3"
_CAPITALS = "".join(chr(c) for c in range(0xC0, 0x180) if chr(c).isupper())
# What it may begin with comes first, so that the rest of a text is passed over quickly.
_MAY_BE = re.compile(
    rf"([{_DRAWN}{_ARABIC}{_CAPITALS}Α-Ω\xa0])(?:(?<=[{_DRAWN}])[{_DRAWN}]"
    rf"|(?<=[{_ARABIC}])[پٹچژڈگکڑںھ]|(?<=[Α-Ω])[΄’–—…]|(?<=\xa0)¤|(?!\1)(?i:\1))"
)
_IS_DRAWN = re.compile(f"[{_DRAWN}]+")
_KIND = re.compile(
    rf"(?P<drawing>[{_DRAWN}]+)|(?P<word>[{_ARABIC}]+)|(?P<numeral>[Α-Ω][΄’])"
    rf"|(?P<symbol>[Α-Ω][–—…])|(?P<cases>(?:([{_CAPITALS}])(?!\6)(?i:\6))+)|(?P<format>.*\xa0¤)"
)


def may_look_alike(text: str) -> bool:
    """Return whether what looks damaged in a text may be one of these."""
    return not text.isascii() and _MAY_BE.search(text) is not None


def lookalikes(text: str, spans: list[Span]) -> list[Example]:
    """Return the damaged spans of a text that are one of these.

    Args:
        text: the text as it is spelt.
        spans: its damaged spans, in order.
    """
    if not may_look_alike(text):
        return []
    is_drawing = _is_drawing("".join(span.observed for span in spans if _is_legacy(span)))
    found = []
    for span in spans:
        kind = _KIND.fullmatch(span.observed)
        if _is_legacy(span):
            is_found = is_sure = is_drawing
        elif kind is not None:
            is_found, is_sure = _judged(text, span, kind.lastgroup)
        else:
            continue
        if is_found:
            found.append(Example(span.start, span.end, is_sure))
    return found


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


def _is_legacy(span: Span) -> bool:
    return span.channel.layers[-1].source != "utf-8"


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
