"""What was found and done: counts and places, shared by all forms of report."""

from __future__ import annotations

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._detect import Guess, Span
    from .._repair import Repair

__all__ = ["Counts", "Doubt", "Place", "doubts", "places"]


class Counts:
    """How many files and spans there were of each kind; all begin at 0.

    Attributes:
        clean, damaged: files with no span, and with at least one.
        written: files repaired in place.
        repairable, lossy: spans with a replacement, and spans left because bytes were lost.
        lossy_files: files with at least one lossy span.
        skipped: binary files.
        not_utf8: files left because they are not UTF-8.
        errors: paths that could not be read, walked, or written.
    """

    __slots__ = (
        "clean",
        "damaged",
        "errors",
        "lossy",
        "lossy_files",
        "not_utf8",
        "repairable",
        "skipped",
        "written",
    )

    def __init__(self) -> None:
        self.clean = self.damaged = self.written = 0
        self.repairable = self.lossy = self.lossy_files = 0
        self.skipped = self.not_utf8 = self.errors = 0

    @property
    def files(self) -> int:
        """How many files were looked at."""
        return self.clean + self.damaged + self.skipped + self.not_utf8

    def add(self, result: Repair) -> tuple[int, int]:
        """Count a damaged file; return how many of its spans are repairable, and lossy."""
        lossy = sum(span.replacement is None for span in result.spans)
        repairable = len(result.spans) - lossy
        self.damaged += 1
        self.repairable += repairable
        self.lossy += lossy
        self.lossy_files += lossy > 0
        return repairable, lossy


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


class Place:
    """Where a span is.

    Attributes:
        span: the span.
        line, column: from 1, the column in code points; lines end at U+000A only.
        repaired_start, repaired_end: where its replacement is in the repaired text.
    """

    __slots__ = ("column", "line", "repaired_end", "repaired_start", "span")

    def __init__(self, span: Span, line: int, column: int, repaired_start: int) -> None:
        self.span = span
        self.line = line
        self.column = column
        self.repaired_start = repaired_start
        length = span.end - span.start if span.replacement is None else len(span.replacement)
        self.repaired_end = repaired_start + length


def places(result: Repair) -> Iterator[Place]:
    """Find the place of each span, in one pass over the text."""
    text = result.original
    seen, line, line_start, shift = 0, 1, 0, 0
    for span in result.spans:
        line += text.count("\n", seen, span.start)
        newline = text.rfind("\n", seen, span.start)
        if newline >= 0:
            line_start = newline + 1
        place = Place(span, line, span.start - line_start + 1, span.start + shift)
        yield place
        seen = span.start
        shift = place.repaired_end - span.end


def doubts(result: Repair, below: float) -> Iterator[Doubt]:
    """Find the restored characters of a confidence below a limit, in one pass."""
    text = result.text
    seen, line, line_start = 0, 1, 0
    for place in places(result):
        for guess in place.span.guesses:
            if guess.confidence >= below:
                continue
            at = place.repaired_start + guess.offset
            line += text.count("\n", seen, at)
            newline = text.rfind("\n", seen, at)
            if newline >= 0:
                line_start = newline + 1
            seen = at
            yield Doubt(line, at - line_start + 1, text[at], guess)
