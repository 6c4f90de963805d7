"""Undoing what a run did, file by file, and only where nothing has changed since."""

from __future__ import annotations

import os
import time

from .journal import Change, Journal, JournalError, Rename, tidy
from .journal.folder import run_ids
from .replace import ReplaceError, drop_second_name, fingerprint, rename, unflushed
from .report.places import visible
from .tree import File, open_file, pieces, reason

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .report.steps import StepReport

__all__ = ["list_runs", "undo"]


def undo(run: str, report: StepReport) -> None:
    """Put back what a run changed, the last change first.

    A file that has changed since is left, and reported as an error; the others are restored. What
    is as it was before already is passed over, so undoing twice does nothing more.

    Args:
        run: its ID; the latest that is not undone yet if empty.
        report: hears of every file, and of what went wrong.
    """
    try:
        tidy()
        journal = Journal.read(run) if run else _latest(report)
        if journal is None:
            report.conclude("nothing to undo")
            return
        journal.reopen()
    except JournalError as error:
        report.error(run or "--undo", error)
        return
    undoing = _Undoing(journal, report)
    try:
        for record in reversed(journal.records):
            undoing.undo(record)
        undoing.flush()
    except JournalError as error:
        report.error(journal.id, error)
    finally:
        journal.close()
    for offset in journal.damaged:
        report.error(journal.id, f"cannot be undone whole: no record can be read at byte {offset}")
    report.conclude(undoing.summary())


def list_runs(report: StepReport, *, paths: bool) -> None:
    """Report the runs that wrote, newest first; with `paths`, also which files."""
    runs = 0
    for journal in _journals(run_ids(), report):
        done = [record for record in journal.records if not record.void]
        if not done:
            continue
        runs += 1
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(journal.time))
        undone = sum(record.undone for record in done)
        state = (
            ", undone" if undone == len(done) else f", {undone} of them undone" if undone else ""
        )
        report.done(journal.id, f"{when}, {_number(done)}{state}")
        for record in done if paths else ():
            report.done(f"  {_shown(record.path)}", _told(record))
    if not runs:
        report.conclude("nothing was written yet")


def _latest(report: StepReport) -> Journal | None:
    """Return the latest run of which something is not undone."""
    for journal in _journals(run_ids(), report):
        if any(map(_stands, journal.records)):
            return journal
    return None


def _journals(runs: Iterable[str], report: StepReport) -> Iterator[Journal]:
    for run in runs:
        try:
            yield Journal.read(run)
        except JournalError as error:
            report.error(run, error)


def _stands(record: Change | Rename) -> bool:
    return not record.void and not record.undone


def _number(records: Sequence[Change | Rename]) -> str:
    noun = "name" if isinstance(records[0], Rename) else "file"
    return f"{len(records)} {noun}{'s' * (len(records) != 1)}"


def _told(record: Change | Rename) -> str:
    what = f"renamed to {visible(record.new)}" if isinstance(record, Rename) else "repaired"
    return f"{what}, undone" if record.undone else what


def _shown(path: str) -> str:
    """Return a path as seen from the current folder, if it is below that."""
    try:
        here = os.path.join(os.getcwd(), "")
    except OSError:
        return path
    return path.removeprefix(here)


class _Undoing:
    """The undoing of one run, record by record from its end.

    Attributes:
        restored: what was put back.
    """

    def __init__(self, journal: Journal, report: StepReport) -> None:
        self.restored: list[Change | Rename] = []
        self._journal = journal
        self._report = report
        self._folders: list[str] = []
        self._read: list[Journal] | None = None

    def undo(self, record: Change | Rename) -> None:
        """Put back what one record tells of, or report why not.

        Raises:
            JournalError: nothing else can be put back either.
        """
        if record.undone:
            return
        path = self._now(record)
        try:
            if isinstance(record, Change):
                self._restore(record, File(_shown(path), path, named=True))
            else:
                self._rename_back(record, path)
            self._journal.undone(record)
        except JournalError:
            raise
        except ReplaceError as error:
            self._report.error(_shown(path), error)
        except OSError as error:
            self._report.error(_shown(path), reason(error))

    def flush(self) -> None:
        """Flush to disk which names the folders hold in which something was put back."""
        for folder in dict.fromkeys(self._folders):
            if error := unflushed(folder):
                self._report.error(_shown(folder), error)

    def summary(self) -> str:
        """Say how much was put back."""
        if not self.restored:
            return f"nothing to restore from run {self._journal.id}"
        return f"{_number(self.restored)} restored from run {self._journal.id}"

    def _restore(self, change: Change, file: File) -> None:
        try:
            source, state = open_file(file)
            with source:
                now = fingerprint(pieces(source))
        except OSError as error:
            if change.void:
                return
            raise ReplaceError(f"cannot be restored: {reason(error)}") from error
        if now == change.after:
            self._journal.restore(change, file, state)
            self._is_restored(change, file.real, "restored")
        elif now != change.before and not change.void:
            raise ReplaceError(f"changed since then{self._changed_by(change)}: left as it is")

    def _is_restored(self, record: Change | Rename, path: str, message: str) -> None:
        self.restored.append(record)
        self._folders.append(os.path.dirname(path))
        self._report.done(_shown(path), message)

    def _rename_back(self, record: Rename, path: str) -> None:
        folder = os.path.dirname(path)
        new = os.path.join(folder, record.new)
        has_old, has_new = os.path.lexists(path), os.path.lexists(new)
        if has_new and not has_old:
            rename(folder, record.new, record.old)
            self._is_restored(record, new, f"renamed back to {visible(record.old)}")
        elif has_new == has_old and not drop_second_name(path, new) and not record.void:
            why = "that name is taken" if has_old else "it is gone"
            raise ReplaceError(f"cannot be renamed back to {visible(record.old)}: {why}")

    def _now(self, record: Change | Rename) -> str:
        """Return the path of what a record tells of, through what was renamed since."""
        path = record.path
        if os.path.lexists(path):
            return path
        for other in self._since(record):
            if isinstance(other, Rename) and (path + os.sep).startswith(other.path + os.sep):
                path = os.path.join(other.folder, other.new) + path[len(other.path) :]
        return path if os.path.lexists(path) else record.path

    def _changed_by(self, change: Change) -> str:
        for journal in self._later():
            for other in journal.records:
                if isinstance(other, Change) and other.path == change.path and _stands(other):
                    return f" by run {journal.id}, which is to be undone first"
        return ""

    def _since(self, record: Change | Rename) -> Iterator[Change | Rename]:
        """Yield what was done after a record and still stands, in order."""
        records = [*self._journal.records]
        yield from filter(_stands, records[records.index(record) + 1 :])
        for journal in reversed(self._later()):
            yield from filter(_stands, journal.records)

    def _later(self) -> list[Journal]:
        """Return the journals of later runs, newest first."""
        if self._read is None:
            runs = [run for run in run_ids() if run > self._journal.id]
            self._read = list(_journals(runs, self._report))
        return self._read
