"""A text in which all damage is masked: what stands around it, and what it becomes."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING

from ._mentions import speaks_of_damage
from ._spans import masked
from .views import look

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._spans import Span

__all__ = ["DAMAGE", "LONGEST", "LONGEST_LINE", "MASK", "Masked", "spellings"]

# Characters of a string with damage, and of a line, at most.
LONGEST, LONGEST_LINE = 80, 500

# Stands for every character of damage.
MASK = "\uffff"
DAMAGE = rf"(?P<damage>{MASK}{{1,{LONGEST}}})"


class Masked:
    """A text, and what of it is damage.

    Attributes:
        observed, spans: what was given.
        text: the text with all damage masked that is not left as it is.
    """

    def __init__(self, observed: str, spans: list[Span]) -> None:
        self.observed, self.spans = observed, spans
        self._line = 0, -1  # the last one that was asked for
        self.text = masked(observed, [span for span in spans if span.replacement is not None], MASK)

    @cached_property
    def starts(self) -> list[int]:
        """Where the spans begin."""
        return [span.start for span in self.spans]

    @cached_property
    def speaks(self) -> bool:
        """Whether the text speaks of damage."""
        return speaks_of_damage(self.observed)

    def between(self, start: int, end: int) -> range:
        """Return which spans begin in a stretch of the text."""
        return range(bisect_left(self.starts, start), bisect_left(self.starts, end))

    def repaired(self, start: int, end: int) -> str | None:
        """Return what a stretch of the text becomes, nothing if that is not known.

        No span goes over its ends.
        """
        pieces = []
        for at in self.between(start, end):
            span = self.spans[at]
            if span.replacement is None:
                return None
            pieces += [self.observed[start : span.start], span.replacement]
            start = span.end
        return "".join([*pieces, self.observed[start:end]])

    def line(self, offset: int) -> tuple[int, int]:
        """Return where the line of an offset begins and ends."""
        begin, end = self._line
        if not begin <= offset <= end:  # most are asked for in order, and some are very long
            end = self.observed.find("\n", offset)
            end = end if end >= 0 else len(self.observed)
            begin = self.observed.rfind("\n", 0, offset) + 1
            self._line = begin, end
        return begin, end

    def lines(self, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield the lines of offsets, which are in order, that are not very long."""
        until = -1
        for offset in offsets:
            if offset > until:
                begin, until = self.line(offset)
                if until - begin <= LONGEST_LINE:
                    yield begin, until


def spellings(original: str) -> set[str]:
    """Return a string as it is spelt, and as it reads."""
    view = look(original)
    return {original} if view is None else {original, view.text}
