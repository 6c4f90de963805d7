"""Replacement of repaired files, some at a time, with a journal from the first of them on."""

from __future__ import annotations

from time import monotonic

from .report import Outcome

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Self

    from .journal import Journal, Replacement
    from .replace import ReplaceError

__all__ = ["Staged", "Writer"]

# The disk has to be waited for once for so many files, or so many bytes and one file more; but
# whoever watches is told after so many seconds.
_FILES, _BYTES, _SECONDS = 64, 16 << 20, 0.5


class Staged:
    """A file that is to be replaced, and what tells when it is what became of it."""

    __slots__ = ("outcome", "replacement")

    def __init__(self, outcome: Callable[[], Outcome], replacement: Replacement) -> None:
        self.outcome = outcome
        self.replacement = replacement


class Writer:
    """Replaces files, and writes the journal of that; a context manager that ends it."""

    def __init__(self) -> None:
        self._journal: Journal | None = None
        self._stopped = False

    def outcomes(self, items: Iterable[Outcome | Staged]) -> Iterator[Outcome]:
        """Replace the files that are staged; yield the outcome of each item, in order.

        If the journal cannot be written, nothing is replaced any more, and no item follows.
        """
        waiting: list[Outcome | Staged] = []
        files = size = 0
        since = 0.0
        for item in items:
            if isinstance(item, Staged):
                since = since if files else monotonic()
                files += 1
                size += item.replacement.before.st_size
            elif not waiting:
                yield item
                continue
            waiting.append(item)
            if files == _FILES or size >= _BYTES or monotonic() - since >= _SECONDS:
                yield from self._replaced(waiting)
                if self._stopped:
                    return
                waiting.clear()
                files = size = 0
        yield from self._replaced(waiting)

    def _replaced(self, items: list[Outcome | Staged]) -> Iterator[Outcome]:
        errors = self._errors([item.replacement for item in items if isinstance(item, Staged)])
        for item in items:
            if isinstance(item, Outcome):
                yield item
            elif errors:
                error = errors.pop(0)
                path = item.replacement.file.path
                yield Outcome(path, "error", message=str(error)) if error else item.outcome()

    def _errors(self, replacements: list[Replacement]) -> list[ReplaceError | None]:
        """Replace files; return what kept each from it, or of the first why nothing more can be."""
        if not replacements:
            return []
        from .journal import Journal, JournalError

        self._journal = self._journal or Journal()
        try:
            return self._journal.replace(replacements)
        except JournalError as error:
            self._stopped = True
            return [error]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._journal is not None:
            self._journal.close()
