"""Findings as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .places import LEFT, VISIBLE, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._repair import Repair
    from .._spans import Guess
    from .places import Place

__all__ = ["LEVELS", "attribute", "element", "finding", "level_of"]

LEVELS = ("left", "doubtful", "likely", "sure")
"""How sure a finding may be; the ones that need eyes first."""

SURE = 0.99
"""From which confidence on a finding is sure."""

_CONTEXT = 48  # code points shown on each side of a finding
_LONGEST = 800  # code points shown of one span

_SURROGATES = range(0xD800, 0xE000)


def _shape(code: int) -> str:
    """Return what to show of a code point that has no shape."""
    if code == 0xA0:
        return '<i class="u nb">&#160;</i>'
    return f'<i class="u">{code:02X}</i>'


_ESCAPES = {ord(character): f"&#{ord(character)};" for character in "&<>\"'"}
_IN_ELEMENT = _ESCAPES | {code: _shape(code) for code in (*VISIBLE, *_SURROGATES)}
_IN_ATTRIBUTE = _ESCAPES | VISIBLE | {code: f"‹U+{code:04X}›" for code in _SURROGATES}


def element(text: str) -> str:
    """Return text for the inside of an element; what has no shape is shown by its number."""
    return text.translate(_IN_ELEMENT)


def attribute(text: str) -> str:
    """Return text for the value of an attribute."""
    return text.translate(_IN_ATTRIBUTE)


def level_of(confidence: float, doubt: float) -> str:
    """Return how sure a confidence is, if what is below `doubt` is doubtful."""
    if confidence < doubt:
        return "doubtful"
    return "sure" if confidence >= SURE else "likely"


def finding(result: Repair, group: list[Place], level: str, channel: int, doubt: float) -> str:
    """Return the HTML of spans that stand together.

    Args:
        result: the repair of the file.
        group: the places of the spans.
        level: how sure the least sure of them is.
        channel: the number that the page has for their channel.
        doubt: restored characters of a confidence below this are doubtful.
    """
    spans = [place.span for place in group]
    before, pieces, behind = excerpt(
        result.original, [(span.start, span.end) for span in spans], _CONTEXT
    )
    observed = element(before)
    for between, piece in pieces:
        observed += f"{element(between)}<del>{_cut(piece)}</del>"
    observed += element(behind)
    left = f'<span class="kept">{LEFT}</span>'
    after = left if level == "left" else _after(result, group, doubt)
    confidence = min(span.confidence for span in spans)
    share = f"<small>{int(100 * confidence)}%</small>" if level in ("doubtful", "likely") else ""
    channels = ", ".join(dict.fromkeys(attribute(str(span.channel)) for span in spans))
    evidence = sum(span.evidence for span in spans)
    return (
        f'<li class="row {level}" tabindex="-1" data-level="{level}" data-channel="{channel}">'
        f'<div class="where" title="{channels}; evidence {evidence:.0f} nats">'
        f"{group[0].line}:{group[0].column}{share}</div>"
        f"{_cell('before', observed)}{_cell('after', after)}"
        "</li>\n"
    )


def _cell(name: str, text: str) -> str:
    # The label has a direction of its own, so that it does not decide that of the text.
    label = f'<span class="sr" dir="ltr">{name}: </span>'
    return f'<div class="text {name}" dir="auto">{label}{text}</div>'


def _after(result: Repair, group: list[Place], doubt: float) -> str:
    around = [(place.repaired_start, place.repaired_end) for place in group]
    before, pieces, behind = excerpt(result.text, around, _CONTEXT)
    shown = element(before)
    for place, (between, piece) in zip(group, pieces, strict=True):
        level = "sure" if place.span.guesses else level_of(place.span.confidence, doubt)
        marked = "".join(_restored(piece, place.span.guesses, doubt))
        shown += f'{element(between)}<ins class="{level}">{marked}</ins>'
    return shown + element(behind)


def _restored(text: str, guesses: tuple[Guess, ...], doubt: float) -> Iterator[str]:
    """Yield the parts of a replacement, the characters marked that are not sure."""
    text, rest = text[:_LONGEST], len(text) - _LONGEST
    at = 0
    for guess in guesses:
        if guess.offset >= len(text) or guess.confidence >= SURE:
            continue
        yield element(text[at : guess.offset])
        at = guess.offset + 1
        yield _guess(text[guess.offset], guess, doubt)
    yield element(text[at:])
    if rest > 0:
        yield _rest(rest)


def _guess(character: str, guess: Guess, doubt: float) -> str:
    # U+FFFD stands for a guess that nobody wanted.
    known = () if character == "\ufffd" else ((character, guess.confidence),)
    may = [(text, share) for text, share in (*known, *guess.others) if share >= 0.005]
    title = ", or ".join(f"{attribute(text)} {share:.0%}" for text, share in may)
    pairs = "\t".join(f"{attribute(text)} {share:.2f}" for text, share in may)
    level = level_of(guess.confidence, doubt)
    return (
        f'<span class="guess {level}" tabindex="{0 if level == "doubtful" else -1}" '
        f'title="{title}" data-may="{pairs}">{element(character)}</span>'
    )


def _cut(text: str) -> str:
    rest = len(text) - _LONGEST
    return element(text[:_LONGEST]) + (_rest(rest) if rest > 0 else "")


def _rest(count: int) -> str:
    return f"… <small>{count:,} characters more</small>"
