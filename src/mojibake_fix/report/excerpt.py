"""Some findings of a text that is too long to be kept, and what stands around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._repair import Repair
from .places import Part

if TYPE_CHECKING:
    from .._spans import Span

__all__ = ["Excerpt", "Excerpts"]

_AROUND = 64  # code points on each side of a finding: more than any report shows
_MOST_SPANS = 10_000
_MOST_TEXT = 1 << 21  # code points of observed text

_CONTINUATIONS = bytes(range(0x80, 0xC0))


@dataclass(frozen=True, slots=True)
class Excerpt(Repair):
    """A repair of which only what stands around the first spans is known, each on its own line.

    Attributes:
        parts: the stretches of the observed text, in order; spans are in one each.
    """

    parts: tuple[Part, ...] = ()


class Excerpts:
    """Makes an excerpt of a text that passes by once, as text that stays and spans."""

    def __init__(self) -> None:
        self._original: list[str] = []
        self._text: list[str] = []
        self._length = 0  # of the original so far
        self._spans: list[Span] = []
        self._parts: list[Part] = []
        self._line = self._column = self._repaired_column = 1  # of what comes next
        self._code_point = self._byte = 0
        self._head = ""  # what stands behind the last span, in its line
        self._is_near = False  # whether that is all, so far
        self._tail = ""  # what stands before what comes next, in its line and behind the last span

    @property
    def _is_full(self) -> bool:
        return len(self._spans) == _MOST_SPANS or self._length >= _MOST_TEXT

    def skip(self, data: bytes) -> None:
        """Take note of text that stays, in UTF-8."""
        if self._is_near:
            head = self._head + data[: 8 * _AROUND].decode("utf-8", "ignore")
            self._head = head.partition("\n")[0][: 2 * _AROUND]
            self._is_near = len(self._head) == len(head) and len(data) <= 8 * _AROUND
        elif self._is_full:
            return
        tail = self._tail + data[-4 * _AROUND - 3 :].decode("utf-8", "ignore")
        self._tail = tail[tail.rfind("\n") + 1 :][-_AROUND:]
        last = data.rfind(b"\n") + 1
        if last:
            self._line += data.count(b"\n")
            self._column = self._repaired_column = 1
        columns = len(data[last:].translate(None, _CONTINUATIONS))
        self._column += columns
        self._repaired_column += columns
        self._code_point += columns + len(data[:last].translate(None, _CONTINUATIONS))
        self._byte += len(data)

    def add(self, span: Span) -> None:
        """Take a span, which stands behind all that came before."""
        if self._is_full:
            self._is_near = False
            return
        if self._is_near:
            self._append(self._head, self._head)
        else:
            self._begin()
        observed = span.observed
        kept = observed if span.replacement is None else span.replacement
        start = self._length
        self._spans.append(span._replace(start=start, end=start + len(observed)))
        self._append(observed, kept)
        lines = observed.count("\n")
        self._line += lines
        self._column = _column(observed) if lines else self._column + len(observed)
        self._repaired_column = _column(kept) if lines else self._repaired_column + len(kept)
        self._code_point += len(observed)
        self._byte += len(observed.encode())
        self._head = self._tail = ""
        self._is_near = not lines

    def result(self) -> Excerpt | None:
        """Return the excerpt of what passed by; None if it had no spans."""
        if not self._spans:
            return None
        self._end()
        original, text = "".join(self._original), "".join(self._text)
        return Excerpt(original, text, tuple(self._spans), tuple(self._parts))

    def _begin(self) -> None:
        self._end()
        before = len(self._tail)
        self._parts.append(
            Part(
                self._length,
                self._line,
                self._column - before,
                self._repaired_column - before,
                self._code_point - before,
                self._byte - len(self._tail.encode()),
            )
        )
        self._append(self._tail, self._tail)

    def _end(self) -> None:
        if self._parts:
            behind = self._head[:_AROUND] + "\n"
            self._append(behind, behind)

    def _append(self, original: str, text: str) -> None:
        self._original.append(original)
        self._text.append(text)
        self._length += len(original)


def _column(text: str) -> int:
    """Return the column behind a text of several lines."""
    return len(text) - text.rfind("\n")
