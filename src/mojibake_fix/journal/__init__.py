"""What every run that writes does to which file, kept so that it can be undone.

Records are only ever appended, and one that announces a change is on the disk before the file is
touched. So a file either is as its record says that it was before, or as it says that it is after,
whenever a run ends. What a crash leaves half written at the end does not count.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from functools import partial
from itertools import groupby

from .. import __version__
from ..document import inverse_edits, patched
from ..replace import (
    ReplaceError,
    TwoNamesError,
    check_replaceable,
    drop_second_name,
    fingerprint,
    lock,
    rename,
    replace_file,
    sync_folder,
    temporary_beside,
    unflushed,
    write_all,
)
from ..tree import open_file, pieces, reason
from .folder import JournalError, journal_path, make_folder, new_id, run_ids, state_folder
from .records import (
    END,
    MAGIC,
    Change,
    Rename,
    change_record,
    edits_records,
    read_edits,
    read_records,
    record_line,
)

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import BinaryIO

    from ..document import Edit
    from ..tree import File
    from .records import Record

    # Where the record is that announces it, the folder that it changes, and what does it.
    Step = tuple[int, str, Callable[[], None]]

__all__ = [
    "MAX_AGE",
    "MAX_BYTES",
    "MAX_RUNS",
    "Change",
    "Journal",
    "JournalError",
    "Rename",
    "Replacement",
    "tidy",
]

MAX_RUNS = 1000
"""How many runs are kept; beyond any of the three limits the oldest go, but never the newest."""
MAX_BYTES = 256 << 20
"""How many bytes the journals may have together."""
MAX_AGE = 180 * 24 * 3600
"""How many seconds a journal is kept after it was last written to."""

_OPEN = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)
_OPEN |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class Replacement:
    """A file that is to be replaced.

    Attributes:
        file: which file.
        before: its state before it was read.
        edits: what is to be changed in it, gone through once.
    """

    __slots__ = ("before", "edits", "file")

    def __init__(self, file: File, before: os.stat_result, edits: Iterable[Edit]) -> None:
        self.file = file
        self.before = before
        self.edits = edits


class Journal:
    """The journal of one run, held for this process while it is being written.

    A new one has no file before its first record.

    Attributes:
        id: the run's name, greater than those of earlier runs; empty before the first record.
        time: when it began, in seconds since 1970; 0 if that is not known.
        records: what it did, in order; only of journals that were read.
        damaged: offsets of records that cannot be read.
    """

    def __init__(self) -> None:
        self.id = ""
        self.time = 0
        self.records: list[Change | Rename] = []
        self.damaged: list[int] = []
        self._path = ""
        self._descriptor = -1
        self._head = self._end = 0
        self._temporaries: list[str] = []
        self._renames: list[tuple[str, str, str]] = []
        self._failure: JournalError | None = None
        self._stuck = False

    @classmethod
    def read(cls, run: str) -> Journal:
        """Read the journal of a run.

        Raises:
            JournalError: there is no such run, or its journal cannot be read.
        """
        if run not in run_ids():
            raise JournalError(f"there is no run {run}: --undo --list shows all")
        journal = cls._named(run)
        journal._load()
        return journal

    @classmethod
    def _named(cls, run: str) -> Journal:
        journal = cls()
        journal.id = run
        journal._path = journal_path(run)
        return journal

    def reopen(self) -> None:
        """Read it again, and hold it for writing that it is undone.

        Raises:
            JournalError: it cannot be written, or its run or an undo of it goes on.
        """
        try:
            self._hold()
            self._load_to_write()
        except BlockingIOError:
            raise JournalError("the run, or an undo of it, goes on: try again later") from None
        except OSError as error:
            raise _unwritable(error, self._path) from error

    def replace(self, replacements: Sequence[Replacement]) -> list[ReplaceError | None]:
        """Replace files so that it can be undone; return what kept each from it, or None.

        All that can be are announced before the first is touched, so that the disk has to be
        waited for once.

        Raises:
            JournalError: none was replaced, and none can be.
        """
        steps: dict[int, Step] = {}
        errors: dict[int, ReplaceError | None] = {}
        for index, one in enumerate(replacements):
            try:
                if step := self._announced(one):
                    steps[index] = step
            except JournalError:
                raise
            except ReplaceError as error:
                errors[index] = error
        errors |= zip(steps, self._take_steps([*steps.values()]), strict=True)
        return [errors.get(index) for index in range(len(replacements))]

    def rename(self, names: Sequence[tuple[str, str, str]]) -> list[ReplaceError | None]:
        """Rename entries of folders so that it can be undone; return what kept each from it.

        Args:
            names: folder, old name and new name; the deepest folder first.

        Raises:
            JournalError: none was renamed, and none can be.
        """
        self._renames += names
        return self._take_steps(
            [(self._append({"rename": name}), name[0], partial(rename, *name)) for name in names]
        )

    def edits(self, change: Change) -> Iterator[Edit]:
        """Yield what a change made of a file, from the beginning of the file to its end.

        Raises:
            OSError: the journal cannot be read.
            ValueError: it holds something else in their place.
        """
        return self._edits(change.edits, change.offset)

    def restore(self, change: Change, file: File, state: os.stat_result) -> None:
        """Put back the bytes that a file, which is as the change left it, had before.

        Raises:
            JournalError: no other file can be restored.
            ReplaceError: the file is as it was.
        """
        temporary = temporary_beside(file.real)
        self._temporaries.append(temporary)
        # Not flushed, for the file itself tells whether it was restored.
        self._append({"restore": change.offset, "temporary": temporary})
        back = inverse_edits(self.edits(change))
        replace_file(file, state, change.after, change.before, back, temporary)

    def undone(self, record: Change | Rename) -> None:
        """Note that what a record tells of is as it was before.

        Raises:
            JournalError: it cannot be written.
        """
        self._append({"undone": record.offset})
        record.undone = True

    def close(self) -> None:
        """Let other processes have it, without temporary files that its run left.

        One in which nothing stands is removed.
        """
        if self._descriptor < 0:
            return
        with suppress(JournalError, OSError):
            if self._cleared():
                if self._end == self._head:
                    os.unlink(self._path)
                else:
                    self._append({"end": True})
        self._release()

    def _announced(self, one: Replacement) -> Step | None:
        """Announce the replacement of a file, and return the step; None if nothing is to change.

        Raises:
            JournalError: it cannot be announced, and nothing else can.
            ReplaceError: the file cannot be replaced.
        """
        check_replaceable(one.file, one.before)
        noted: list[int] = []
        try:
            source, _ = open_file(one.file)
            with source:
                before = fingerprint(pieces(source))
                source.seek(0)
                after = fingerprint(patched(source, self._noted(one.edits, noted)))
            if not noted:
                return None
            temporary = temporary_beside(one.file.real)
            record = change_record(one.file.real, temporary, before, after, noted[0])
            offset = self._append(record)
        except BaseException as error:
            self._forget(noted)
            if isinstance(error, ValueError):
                raise ReplaceError("changed while it was being repaired: left as it is") from error
            if isinstance(error, OSError):
                raise ReplaceError(
                    f"cannot be read again ({reason(error)}): left as it is"
                ) from error
            raise
        self._temporaries.append(temporary)
        edits = self._edits(noted[0], offset)
        take = partial(replace_file, one.file, one.before, before, after, edits, temporary)
        return offset, os.path.dirname(one.file.real), take

    def _noted(self, edits: Iterable[Edit], offsets: list[int]) -> Iterator[Edit]:
        """Write edits down, and yield each when it is; `offsets` hears where their records are."""
        for record, some in edits_records(edits):
            offsets.append(self._append(record))
            yield from some

    def _forget(self, offsets: Sequence[int]) -> None:
        """Take back the records of edits that no change will follow."""
        with suppress(OSError):
            if offsets and self._descriptor >= 0:
                os.ftruncate(self._descriptor, offsets[0])
                self._end = offsets[0]

    def _edits(self, start: int, end: int) -> Iterator[Edit]:
        with open(self._path, "rb") as file:
            yield from read_edits(file, start, end)

    def _take_steps(self, steps: Sequence[Step]) -> list[ReplaceError | None]:
        """Take steps that were announced, and flush the folders in which they were taken."""
        if not steps:
            return []
        self._flush()
        errors: list[ReplaceError | None] = []
        for folder, group in groupby(steps, key=lambda step: step[1]):
            taken = [self._take_step(offset, take) for offset, _, take in group]
            late = unflushed(folder)
            errors += [error or late for error in taken]
        return errors

    def _take_step(self, offset: int, take: Callable[[], None]) -> ReplaceError | None:
        if self._stuck:
            return ReplaceError("is left as it is, for a name before could not be changed whole")
        try:
            take()
        except TwoNamesError as error:
            # Were a folder above it renamed now, nobody would find the second name any more.
            self._stuck = True
            return error
        except ReplaceError as error:
            with suppress(JournalError):
                self._append({"void": offset})
            return error
        return None

    def _append(self, record: Record) -> int:
        """Write a record whole or not at all, and return its offset; after a failure, no more."""
        with self._failing():
            if self._descriptor < 0:
                self._create()
            return self._write(record_line(record))

    def _flush(self) -> None:
        with self._failing():
            os.fsync(self._descriptor)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        if self._failure:
            raise self._failure
        try:
            yield
        except OSError as error:
            self._failure = _unwritable(error, self._path)
            raise self._failure from error

    def _write(self, line: bytes) -> int:
        try:
            write_all(self._descriptor, line)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._end)
            raise
        offset = self._end
        self._end += len(line)
        return offset

    def _create(self) -> None:
        """Make the file, in a folder without what dead and old runs left."""
        folder = state_folder()
        self._path = folder
        make_folder(folder)
        tidy()
        while True:
            self.id = new_id(next(iter(run_ids()), ""))
            self._path = journal_path(self.id)
            self._descriptor = os.open(self._path, _OPEN | os.O_CREAT | os.O_EXCL, 0o600)
            lock(self._descriptor, wait=True)
            if os.fstat(self._descriptor).st_nlink:
                break
            self._release()  # before it was locked, another run took it for what a dead one left
        head = {"run": self.id, "time": int(time.time()), "version": __version__}
        self._write(MAGIC + record_line(head))
        self._head = self._end
        sync_folder(folder)

    def _hold(self) -> bool:
        """Open the file for writing, and tell whether other processes are kept from it.

        Raises:
            BlockingIOError: another process holds it.
            OSError: it cannot be opened.
        """
        self._descriptor = os.open(self._path, _OPEN)
        try:
            return lock(self._descriptor, wait=False)
        except BlockingIOError:
            self._release()
            raise

    def _cleared(self) -> bool:
        """Remove what is half done and was left; tell whether nothing is left."""
        try:
            for folder, old, new in self._renames:
                drop_second_name(os.path.join(folder, old), os.path.join(folder, new))
            for path in self._temporaries:
                with suppress(FileNotFoundError, NotADirectoryError):
                    os.unlink(path)
        except OSError:
            return False
        return True

    def _release(self) -> None:
        with suppress(OSError):
            os.close(self._descriptor)
        self._descriptor = -1

    def _load_to_write(self) -> None:
        self._load()
        # What a crash left half written goes; behind it, new records could not be read.
        os.ftruncate(self._descriptor, self._end)

    def _load(self) -> None:
        """Read all records that are whole, and where the last of them ends."""
        self.records, self.damaged, self._end = [], [], 0
        self._temporaries, self._renames = [], []
        try:
            with open(self._path, "rb") as file:
                self._load_from(file)
        except OSError as error:
            why = f"{reason(error)}: {self._path}"
            raise JournalError(f"the journal cannot be read ({why})") from error

    def _load_from(self, file: BinaryIO) -> None:
        magic = file.read(len(MAGIC))
        if magic != MAGIC:
            if magic[:-2] == MAGIC[:-2]:
                raise JournalError(f"another version of fixmoji wrote {self._path}: undo with that")
            return  # its run ended before it had done anything
        self._end = len(MAGIC)
        known: dict[int, Change | Rename] = {}
        unread: list[int] = []
        for start, end, record in read_records(file):
            if record is None:
                unread.append(start)
            else:
                self.damaged += unread
                unread.clear()
                self._take(start, record, known)
                self._end = end
        self.records = list(known.values())

    def _take(self, offset: int, record: Record, known: dict[int, Change | Rename]) -> None:
        self.time = record.get("time", self.time)
        if "temporary" in record:
            self._temporaries.append(record["temporary"])
        if "change" in record:
            known[offset] = Change(offset, record)
        elif "rename" in record:
            known[offset] = Rename(offset, record)
            self._renames.append(record["rename"])
        for state in ("void", "undone"):
            if record.get(state) in known:
                setattr(known[record[state]], state, True)


def tidy() -> None:
    """Remove what dead runs left, and the oldest journals beyond the limits, but for the newest."""
    room, limit = MAX_BYTES, time.time() - MAX_AGE
    try:
        runs = run_ids()
    except JournalError:
        return  # whoever needs them says so
    kept = 0
    for run in runs:
        try:
            state = os.stat(journal_path(run))
            is_old = kept > 0 and (
                kept + 1 >= MAX_RUNS or room < state.st_size or state.st_mtime < limit
            )
            if is_old or not _is_ended(journal_path(run)):
                _tidy_run(run, is_old=is_old)
                if not os.path.lexists(journal_path(run)):
                    continue
        except (OSError, JournalError):
            continue  # it is in use, or cannot be read: another run may do better
        if kept:
            room -= state.st_size
        kept += 1


def _is_ended(path: str) -> bool:
    with open(path, "rb", buffering=0) as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - len(END)))
        return file.readall() == END


def _tidy_run(run: str, *, is_old: bool) -> None:
    journal = Journal._named(run)
    if journal._hold():  # else nothing tells whether its run goes on
        journal._load_to_write()
        if (is_old or not (journal.records or journal.damaged)) and journal._cleared():
            os.unlink(journal._path)
        journal.close()
    journal._release()


def _unwritable(error: OSError, path: str) -> JournalError:
    return JournalError(
        f"the journal that undo needs cannot be written ({reason(error)}: {path}): "
        "nothing more is changed; make room there, or name another folder in FIXMOJI_STATE_DIR"
    )
