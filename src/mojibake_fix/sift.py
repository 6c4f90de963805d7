"""Which of many files are clean, found out by threads before anyone asks.

The core reads and judges files without the interpreter, while more of them are being found. What it
does not call clean is to be read again, by those who tell what is wrong with it.
"""

from __future__ import annotations

from ._core import Sieve
from ._prior import PRIOR
from .document import HEAD, PAGE

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    Item = TypeVar("Item")

__all__ = ["sifted"]

_CLEAN, _UNSETTLED = 1, 2  # verdicts, as `verdict.h` has them
_FILES, _AHEAD = 32, 16  # of a batch, and batches that are begun before the first is waited for


def sifted(
    items: Iterable[Item], path_of: Callable[[Item], str | None], threads: int
) -> Iterator[tuple[list[Item], bool]]:
    """Yield the items in order, some at a time, and whether all stand for files that are clean.

    What is not clean beyond doubt comes alone.

    Args:
        items: what stands for files, and anything else.
        path_of: tells the path of the file that an item stands for, or None if it is not to be
            looked at; symbolic links are not followed.
        threads: how many look at files beside this one.
    """
    sieve = Sieve(PAGE, HEAD, PRIOR, threads)
    batches: list[list[Item]] = []
    batch: list[Item] = []

    def oldest() -> Iterator[tuple[list[Item], bool]]:
        judged, verdicts = batches.pop(0), sieve.verdicts()
        if judged and verdicts.count(_CLEAN) == len(judged):
            yield judged, True
            return
        for item, verdict in zip(judged, verdicts, strict=True):
            settled = _settled(sieve, path_of(item)) if verdict == _UNSETTLED else verdict
            yield [item], settled == _CLEAN

    try:
        for item in items:
            batch.append(item)
            if len(batch) == _FILES:
                sieve.add(list(map(path_of, batch)))
                batches.append(batch)
                batch = []
                if len(batches) > _AHEAD:
                    yield from oldest()
        sieve.add(list(map(path_of, batch)))
        batches.append(batch)
        while batches:
            yield from oldest()
    finally:
        sieve.close()


def _settled(sieve: Sieve, path: str | None) -> int:
    """Return the verdict on a file that the language model can tell of."""
    from ._ways import load_ways
    from .model import ModelError

    try:
        return sieve.judge(path, load_ways()) if path is not None else 0
    except ModelError:
        return 0  # those will say so who need it for the file
