"""Which of many files are clean, found out by threads before anyone asks.

The core reads and judges files without the interpreter's lock, while more of them are being found.
What it does not call clean is to be read again, by those who tell what is wrong with it.
"""

from __future__ import annotations

import os
from _thread import allocate_lock, start_new_thread  # to import `threading` takes too long

from ._core import clean_files
from .document import HEAD, PAGE

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeVar

    Item = TypeVar("Item")

__all__ = ["sifted"]

_FILES = 64  # of a batch, for each of which the interpreter's lock has to be waited for


def sifted(
    items: Iterable[Item], path_of: Callable[[Item], str | None], threads: int
) -> Iterator[tuple[Item, bool]]:
    """Yield each item, and whether it stands for a file that is clean beyond doubt.

    Args:
        items: what stands for files, and anything else.
        path_of: tells the path of the file that an item stands for, or None if it is not to be
            looked at; symbolic links are not followed.
        threads: how many look at files at the same time; none if 0.
    """
    waiting: list[_Batch] = []
    batch: list[Item] = []
    batches: list[list[Item]] = []
    for item in items:
        batch.append(item)
        if len(batch) == _FILES:
            waiting.append(_Batch(list(map(path_of, batch)), threads > 0))
            batches.append(batch)
            batch = []
            if len(waiting) > threads:
                yield from zip(batches.pop(0), waiting.pop(0).verdicts(), strict=True)
    waiting.append(_Batch(list(map(path_of, batch)), False))
    batches.append(batch)
    for each, looked_at in zip(batches, waiting, strict=True):
        yield from zip(each, looked_at.verdicts(), strict=True)


class _Batch:
    """Some files that are being looked at.

    Args:
        paths: where they are; None where there is nothing to look at.
        aside: whether a thread of its own looks at them.
    """

    def __init__(self, paths: Sequence[str | None], aside: bool) -> None:
        self._paths = paths
        self._verdicts: Sequence[bool] = ()
        self._done = allocate_lock()
        self._done.acquire()
        if not aside or not self._started():
            self._look()

    def _started(self) -> bool:
        try:
            start_new_thread(self._look, ())
        except RuntimeError:  # there are too many
            return False
        return True

    def _look(self) -> None:
        """Find out which files are clean; of none it is known if memory runs out."""
        try:
            paths = [os.fsencode(path) for path in self._paths if path is not None]
            clean = map(bool, clean_files(paths, PAGE, HEAD))
            self._verdicts = [path is not None and next(clean) for path in self._paths]
        except MemoryError:
            self._verdicts = [False] * len(self._paths)
        finally:
            self._done.release()

    def verdicts(self) -> Sequence[bool]:
        """Wait until it is known of each file whether it is clean, and tell."""
        self._done.acquire()
        return self._verdicts
