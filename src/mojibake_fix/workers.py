"""Repair of many texts, in this process or in several others.

The others are started only when they are worth it: where little is damaged, all is done before they
would be ready. They do nothing but compute: files are read and written by the process that was
started, which may end them at any time, and loses nothing if one of them is ended.
"""

from __future__ import annotations

import os
from time import monotonic

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.process import BaseProcess
    from typing import Self

    from ._repair import Repair
    from .config import Settings
    from .options import Uncertain

    # Text, and what `change` is told to do with it.
    Task = tuple[str, Uncertain, float, tuple[str, ...]]

__all__ = ["Change", "Job", "Workers", "change"]

_PATIENCE = 0.3  # seconds of repair in this process before others are started


class Change:
    """What becomes of a text.

    Attributes:
        repair: the repair, with its text before normal forms; it may have no spans.
        text: the text in the end.
        forms: the normal forms that it was not in.
    """

    __slots__ = ("forms", "repair", "text")

    def __init__(self, repair: Repair, text: str, forms: tuple[str, ...]) -> None:
        self.repair = repair
        self.text = text
        self.forms = forms


def change(
    text: str, uncertain: Uncertain, min_confidence: float, forms: tuple[str, ...]
) -> Change:
    """Repair a text, and then put it into normal forms."""
    from ._repair import repair

    result = repair(text, uncertain=uncertain, min_confidence=min_confidence)
    if not forms:
        return Change(result, result.text, ())

    from ._normalize import FORMS

    text, changed = result.text, []
    for name in forms:
        normal = FORMS[name](text)
        if normal is not text:
            changed.append(name)
            text = normal
    return Change(result, text, tuple(changed))


class Job:
    """A text whose change is being computed.

    Attributes:
        size: how long the text is, in code points.
    """

    def __init__(self, compute: Callable[[], Change], size: int, future: Future[Change] | None):
        self._compute = compute
        self._future = future
        self.size = size

    @property
    def done(self) -> bool:
        """Whether waiting is of no use: it is computed, or will be when it is asked for."""
        return self._future is None or self._future.done()

    def result(self) -> Change:
        """Return the change, when it is there.

        Raises:
            MemoryError: the text is too large.
        """
        if self._future is None:
            return self._compute()
        from concurrent.futures.process import BrokenProcessPool

        try:
            return self._future.result()
        except BrokenProcessPool:
            return self._compute()  # something ended the process, perhaps for want of memory


class Workers:
    """Processes that compute changes; a context manager that ends them.

    Args:
        jobs: how many; None for as many as there are processors, if this one takes long.

    Attributes:
        threads: how many of this process may read files meanwhile.
    """

    def __init__(self, jobs: int | None = None) -> None:
        self._jobs = jobs or _processors()
        self.threads = self._jobs if self._jobs > 1 else 0
        self._patience = _PATIENCE if jobs is None else 0.0
        self._pool: ProcessPoolExecutor | None = None
        self._others: set[BaseProcess] = set()  # processes that are not ours

    def start(self, text: str, settings: Settings) -> Job:
        """Begin to compute the change of a text."""
        arguments: Task = (text, settings.uncertain, settings.min_confidence, settings.normalize)

        def compute() -> Change:
            start = monotonic()
            result = change(*arguments)
            self._patience -= monotonic() - start
            return result

        return Job(compute, len(text), self._submit(arguments))

    def _submit(self, arguments: Task) -> Future[Change] | None:
        if self._jobs == 1 or self._patience > 0:
            return None
        try:
            self._pool = self._pool or self._started()
            return self._pool.submit(change, *arguments)
        except (ImportError, NotImplementedError, OSError, RuntimeError):
            # The system has no semaphores, or no more processes, or has ended one of ours.
            self._jobs = 1
            return None

    def _started(self) -> ProcessPoolExecutor:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import active_children

        self._others = set(active_children())
        return ProcessPoolExecutor(self._jobs, initializer=_prepare)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool is None:
            return
        if kind is not None:
            from multiprocessing import active_children

            for process in set(active_children()) - self._others:
                process.kill()
        self._pool.shutdown(cancel_futures=True)


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _prepare() -> None:
    """Make a new process leave interrupts to the one that started it, and end with it."""
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    Thread(target=follow, daemon=True).start()
