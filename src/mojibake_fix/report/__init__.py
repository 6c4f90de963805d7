"""What becomes of each path, as every form of report hears it."""

from __future__ import annotations

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal, Protocol

    from .._repair import Repair
    from ..repairer import Report

    Action = Literal["look", "write", "diff", "filter"]
    Status = Literal[
        "clean",
        "damaged",
        "repaired",
        "unnormalized",
        "normalized",
        "skipped",
        "not-utf8",
        "error",
    ]

    class Form(Protocol):
        """A form of report. It may write at once, or at the end."""

        def add(self, outcome: Outcome) -> None:
            """Hear what became of a path."""

        def finish(self, counts: Counts) -> None:
            """Hear that no path follows, and what there was in all."""


__all__ = ["Counts", "Outcome", "PageError"]


class Outcome:
    """What became of one path, or of several that are clean.

    Attributes:
        path: as it was given, or below the folder that was given; the last of several.
        others: the paths before it, if it is of several.
        status: `clean`; `damaged`, and as it was; `repaired`, in place or on its way through the
            filter; not damaged, but `unnormalized`, and as it was, or `normalized`; `skipped`, for
            it is binary; `not-utf8`, and left for that; or `error`.
        repair: what was found, if it is damaged or repaired.
        found: how much was found, where it may be too much to keep: `repair` is then missing, or
            an excerpt that begins with the first of it.
        texts: the text as it was, and what becomes of it, if that is another; by default as the
            repair says.
        mark: the byte order mark that the file begins with, or nothing.
        doubt: restored characters of a confidence below this are uncertain.
        message: what is the matter, if it is skipped, not UTF-8 or an error, or was not in the
            normal forms asked for.
        place: byte offset from 0, line and column from 1 that `message` is about, if there is one.
    """

    __slots__ = (
        *("doubt", "found", "mark", "message", "others", "path", "place"),
        *("repair", "status", "texts"),
    )

    def __init__(  # noqa: PLR0913 - one for each attribute
        self,
        path: str,
        status: Status,
        *,
        repair: Repair | None = None,
        found: Report | None = None,
        texts: tuple[str, str] | None = None,
        mark: str = "",
        doubt: float = 0.9,
        message: str = "",
        place: tuple[int, int, int] | None = None,
        others: Sequence[str] = (),
    ) -> None:
        self.path = path
        self.others = others
        self.status = status
        self.repair = repair
        self.found = found
        if texts is None and found is None and repair is not None:
            texts = (repair.original, repair.text) if repair.text != repair.original else None
        self.texts = texts
        self.mark = mark
        self.doubt = doubt
        self.message = message
        self.place = place

    @property
    def numbers(self) -> tuple[int, int]:
        """How many spans have a replacement, and how many stay as observed."""
        if self.found is not None:
            return self.found.repaired, self.found.lossy
        spans = self.repair.spans if self.repair is not None else ()
        left = sum(span.replacement is None for span in spans)
        return len(spans) - left, left

    @property
    def untold(self) -> int:
        """How many spans are not in `repair`."""
        return sum(self.numbers) - (len(self.repair.spans) if self.repair is not None else 0)


class Counts:
    """How many there were of each kind.

    Attributes:
        paths: paths by their status.
        replaced, left: spans with a replacement, and spans that stay as observed.
        with_left: files with spans that stay as observed.
    """

    __slots__ = ("left", "paths", "replaced", "with_left")

    def __init__(self) -> None:
        self.paths: dict[Status, int] = {
            "clean": 0,
            "damaged": 0,
            "repaired": 0,
            "unnormalized": 0,
            "normalized": 0,
            "skipped": 0,
            "not-utf8": 0,
            "error": 0,
        }
        self.replaced = self.left = self.with_left = 0

    def add(self, outcome: Outcome) -> None:
        """Count what an outcome is of."""
        self.paths[outcome.status] += 1 + len(outcome.others)
        replaced, left = outcome.numbers
        self.replaced += replaced
        self.left += left
        self.with_left += left > 0


class PageError(Exception):
    """A page cannot be written where it should be; says why."""
