"""Where spans are, and what to show of the text around them."""

from __future__ import annotations

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .._repair import Repair
    from .._spans import Guess, Span

__all__ = [
    "CONTEXT",
    "LEFT",
    "VISIBLE",
    "WIDEST",
    "Doubt",
    "Part",
    "Place",
    "before_after",
    "doubts",
    "excerpt",
    "groups",
    "places",
    "visible",
]

CONTEXT = 16
"""How many code points are shown on each side of a finding."""

WIDEST = 60
"""How many code points of one finding are shown."""

LEFT = "left: bytes were lost"
"""What to show in place of a replacement where there is none."""


# What a terminal would obey, or a reader could not see: controls, NBSP, soft hyphen, marks of
# direction and invisible operators. The joiners of Persian and of emoji stay (U+200C, U+200D).
_INVISIBLE = (
    *range(0x20),
    *range(0x7F, 0xA1),
    *(0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0xFEFF),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFFF9, 0xFFFC),
)
VISIBLE = {code: f"‹U+{code:04X}›" for code in _INVISIBLE}
"""What to show of each code point that cannot be seen."""


def visible(text: str) -> str:
    r"""Return `text` with characters that cannot be seen written as ‹U+0081›.

    >>> visible("Ã\xa0 la")
    'Ã‹U+00A0› la'
    """
    return text.translate(VISIBLE)


class Part:
    """Where a stretch of the observed text was, of which a repair holds some stretches only.

    Attributes:
        start: where it begins in the observed text of the repair, in code points.
        line, column, code_point: where it began in the whole text; lines and columns from 1.
        byte: likewise, in UTF-8 and without a byte order mark.
        repaired_column: where it begins in the whole text that is repaired.
    """

    __slots__ = ("byte", "code_point", "column", "line", "repaired_column", "start")

    def __init__(  # noqa: PLR0913, PLR0917 - as many as there are ways to count
        self,
        start: int,
        line: int,
        column: int,
        repaired_column: int,
        code_point: int,
        byte: int,
    ) -> None:
        self.start = start
        self.line = line
        self.column = column
        self.repaired_column = repaired_column
        self.code_point = code_point
        self.byte = byte


_WHOLE = (Part(0, 1, 1, 1, 0, 0),)


class Place:
    """Where a span is.

    Attributes:
        span: the span.
        part: the part of the text that it is in.
        line, column: from 1, the column in code points; lines end at U+000A only.
        repaired_start, repaired_end: where its replacement is in the repaired text.
    """

    __slots__ = ("column", "line", "part", "repaired_end", "repaired_start", "span")

    def __init__(self, span: Span, part: Part, line: int, column: int, repaired_start: int) -> None:
        self.span = span
        self.part = part
        self.line = line
        self.column = column
        self.repaired_start = repaired_start
        length = span.end - span.start if span.replacement is None else len(span.replacement)
        self.repaired_end = repaired_start + length

    @property
    def end(self) -> tuple[int, int]:
        """Line and column of what follows the span."""
        observed = self.span.observed
        lines = observed.count("\n")
        column = len(observed) - observed.rfind("\n") if lines else self.column + len(observed)
        return self.line + lines, column


class Doubt:
    """A restored character that may be another.

    Attributes:
        line, column: where it is in the repaired text, from 1.
        guess: what was written there.
        confidence: its posterior probability, 0 to 1.
        others: what else it may be, with the posteriors.
    """

    __slots__ = ("column", "confidence", "guess", "line", "others")

    def __init__(self, line: int, column: int, text: str, guess: Guess) -> None:
        self.line = line
        self.column = column
        self.guess = text
        self.confidence = guess.confidence
        self.others = guess.others


def places(result: Repair, *, repaired: bool = False) -> Iterator[Place]:
    """Find the place of each span, in one pass; its line and column in the repaired text if asked.

    The observed text is where lines and columns count otherwise.
    """
    text = result.text if repaired else result.original
    parts: tuple[Part, ...] = getattr(result, "parts", _WHOLE)  # which only excerpts have
    number, seen, line, line_start, shift = -1, 0, 1, 0, 0
    for span in result.spans:
        at = span.start + shift if repaired else span.start
        while number + 1 < len(parts) and parts[number + 1].start <= span.start:
            number += 1
            part = parts[number]
            seen, line = part.start + shift if repaired else part.start, part.line
            line_start = seen + 1 - (part.repaired_column if repaired else part.column)
        line += text.count("\n", seen, at)
        newline = text.rfind("\n", seen, at)
        if newline >= 0:
            line_start = newline + 1
        place = Place(span, part, line, at - line_start + 1, span.start + shift)
        yield place
        seen = at
        shift = place.repaired_end - span.end


def doubts(result: Repair, below: float) -> Iterator[Doubt]:
    """Find the restored characters of a confidence below a limit, in one pass."""
    for place in places(result, repaired=True):
        for guess in place.span.guesses:
            if guess.confidence >= below:
                continue
            text = result.text[place.repaired_start : place.repaired_start + guess.offset + 1]
            lines = text.count("\n", 0, guess.offset)
            column = guess.offset - text.rfind("\n", 0, guess.offset) if lines else 0
            yield Doubt(place.line + lines, column or place.column + guess.offset, text[-1], guess)


def groups(found: Iterable[Place], gap: int, widest: int) -> Iterator[list[Place]]:
    """Yield places, those together that can be shown together.

    They are on one line, of the same codecs and one fate, at most `gap` code points from each
    other, and reach over at most `widest`.
    """
    group: list[Place] = []
    for place in found:
        if group and not (
            _alike(group[0], place)
            and place.span.start - group[-1].span.end <= gap
            and place.span.end - group[0].span.start <= widest
        ):
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def _alike(one: Place, other: Place) -> bool:
    return (
        one.line == other.line
        and _codecs(one.span) == _codecs(other.span)
        and (one.span.replacement is None) == (other.span.replacement is None)
    )


def _codecs(span: Span) -> list[tuple[str, str]]:
    return [(layer.source, layer.decoder) for layer in span.channel.layers]


def excerpt(
    text: str, pieces: list[tuple[int, int]], context: int
) -> tuple[str, list[tuple[str, str]], str]:
    """Return what to show of pieces of a line: what is before, the pieces, what is behind.

    Each piece comes with what is between it and the one before. At most `context` code points are
    shown on each side, cut at words; an ellipsis says that the line goes on.
    """
    start, end = pieces[0][0], pieces[-1][1]
    first = max(0, start - context)
    newline = text.rfind("\n", first, start)
    left = text[first if newline < 0 else newline + 1 : start]
    if newline < 0 and first > 0 and text[first - 1] != "\n":
        left = "…" + left[left.find(" ") + 1 :]
    newline = text.find("\n", end, end + context)
    right = text[end : end + context if newline < 0 else newline]
    if newline < 0 and end + context < len(text) and text[end + context] != "\n":
        right = right[: right.rfind(" ") if " " in right else None] + "…"
    shown = []
    for piece_start, piece_end in pieces:
        shown.append((text[start:piece_start], text[piece_start:piece_end]))
        start = piece_end
    return left.lstrip(" \t"), shown, right.rstrip(" \t\r")


def before_after(
    result: Repair, group: list[Place], style: Callable[[str, str], str]
) -> tuple[str, str]:
    """Return what to show of a group: the text before, and after or that it is left.

    `style(text, kind)` returns how to show what is changed: `kind` is `before`, `after` or `left`.
    """
    pieces = [(place.span.start, place.span.end) for place in group]
    before = _shown(result.original, pieces, lambda piece: style(piece, "before"))
    if group[0].span.replacement is None:
        return before, style(LEFT, "left")
    pieces = [(place.repaired_start, place.repaired_end) for place in group]
    return before, _shown(result.text, pieces, lambda piece: style(piece, "after"))


def _shown(text: str, pieces: list[tuple[int, int]], style: Callable[[str], str]) -> str:
    before, shown, behind = excerpt(text, pieces, CONTEXT)
    parts = [_plain(before)]
    for between, piece in shown:
        parts += [_plain(between), style(_cut(piece))]
    return "".join(parts) + _plain(behind)


def _plain(text: str) -> str:
    return visible(text.replace("\t", " "))


def _cut(text: str) -> str:
    return visible(text if len(text) <= WIDEST else f"{text[: WIDEST - 12]}…{text[-11:]}")
