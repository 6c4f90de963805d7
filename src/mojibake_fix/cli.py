"""The command `fixmoji`.

Only what the job needs is imported: on clean files neither the repairer nor anything that it needs.
"""

from __future__ import annotations

import gc
import os
import sys

from . import __version__
from .arguments import USAGE, UsageError, help_text, parse
from .config import ConfigError, Configuration
from .document import (
    LEFT,
    UNWRITTEN,
    BinaryError,
    DecodeError,
    DocumentError,
    Foreign,
    apply_edits,
    byte_edits,
    byte_order_mark,
    decode_damaged,
    is_unmarked_utf_16,
)
from .report import Outcome
from .report.forms import PageError, choose
from .report.places import visible
from .sift import sifted
from .tree import File, find_files, is_left_out, read_file, reason
from .workers import Workers, change
from .writer import Staged, Writer

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import FrameType
    from typing import NoReturn

    from .arguments import Arguments
    from .config import Settings
    from .document import Edit
    from .large import LargeFile
    from .report import Action, Counts, Status
    from .report.forms import Reports
    from .report.steps import StepReport
    from .workers import Change, Job

__all__ = ["main", "run"]

CLEAN, DAMAGED, ERROR = 0, 1, 2
_INTERRUPTED = 130  # as shells say it: 128 and the number of the signal
_PIPE_CLOSED = 141

_MOST = 1 << 22  # code points that may wait for their repair, except if it is one file
# Bytes of a pipe that are read before any is written. What is shorter is judged as a whole.
_AHEAD = 1 << 20
_NO_DIFF = "look without --diff, or take back with --undo what --write does"
_TOO_LARGE = "too large for the memory"
# Objects after which rubbish is looked for: what a walk finds is none, and there is much of it.
_ALLOCATED = 20_000
_MOST_CONVERTED = 1 << 28  # bytes of a file that are in memory at once, in any encoding


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; `argv` is `sys.argv[1:]` if not given.

    Returns:
        The exit status: 0 clean, or repaired with --write; 1 damage was found; 2 an error, or
        wrong usage; 130 interrupted; 141 nobody reads the output any more.
    """
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # A path need not be Unicode, and not every terminal is.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _run(parse(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except ConfigError as error:
        print(f"fixmoji: error: {visible(error.path)}: {error}", file=sys.stderr)
    except UsageError as error:
        print(f"{USAGE}\nfixmoji: error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("fixmoji: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        _abandon_output()
        return _PIPE_CLOSED
    except _model_error() as error:
        print(f"fixmoji: error: {error}: install mojibake-fix again", file=sys.stderr)
    except OSError as error:
        # Files are dealt with one by one; what arrives here is the output.
        _abandon_output()
        where = error.filename or "the output"
        print(f"fixmoji: cannot write {where}: {reason(error)}", file=sys.stderr)
    else:
        return status
    return ERROR


def run() -> NoReturn:
    """Run the command as all that a process does."""
    gc.set_threshold(_ALLOCATED)
    status = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        pass  # nobody is there any more to be told
    # To take the interpreter apart first would take as long as some hundred files do.
    os._exit(status)


def _model_error() -> type[Exception]:
    """Return what a language model that is of no use raises; hardly any run asks for it."""
    from .model import ModelError

    return ModelError


def _open_closed_streams() -> None:
    """Open what is closed of the standard streams, or the next file would take its place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _abandon_output() -> None:
    """Keep the interpreter from flushing to where nothing can be written, and complaining."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
    except (OSError, ValueError):
        return


def _run(arguments: Arguments) -> int:
    if arguments.help or arguments.version:
        print(_help() if arguments.help else f"fixmoji {__version__}")
        return CLEAN
    if arguments.explain is not None:
        return _explain(arguments)
    if arguments.undo or arguments.list:
        return _undo(arguments)
    if arguments.names:
        return _names(arguments)
    paths = _paths(arguments)
    action: Action = "write" if arguments.write else "diff" if arguments.diff else "look"
    if "-" in paths and not arguments.diff:
        action = "filter"
    try:
        reports = choose(
            sys.stdout,
            sys.stderr,
            action,
            form=arguments.format,
            page=arguments.report,
            quiet=arguments.quiet,
            verbose=arguments.verbose,
            color=arguments.color,
        )
    except PageError as error:
        raise UsageError(f"--report {visible(arguments.report)}: {error}") from None
    with reports as report:
        if "-" not in paths:
            _tree(paths, arguments, report)
        elif len(paths) == 1:
            report.add(_filter(arguments))
        else:
            message = "standard input cannot be mixed with other paths"
            report.add(Outcome("-", "error", message=message))
        report.finish()
    return _status(report.counts, arguments, action)


def _status(counts: Counts, arguments: Arguments, action: Action) -> int:
    if counts.paths["error"]:
        return ERROR
    if arguments.exit_zero:
        return CLEAN
    paths = counts.paths
    if action in ("write", "filter"):
        changed = paths["repaired"] + paths["normalized"]
        return DAMAGED if arguments.exit_nonzero_on_fix and changed else CLEAN
    return DAMAGED if paths["damaged"] + paths["unnormalized"] else CLEAN


def _explain(arguments: Arguments) -> int:
    """Tell of a text that is an argument itself what is the matter with it."""
    if arguments.paths:
        raise UsageError("--explain takes one text, in quotes, and no paths")

    from ._repair import repair
    from .report.explain import explain

    result = repair(
        arguments.explain, uncertain=arguments.uncertain, min_confidence=arguments.min_confidence
    )
    print(explain(result))
    return DAMAGED if result.spans and not arguments.exit_zero else CLEAN


def _undo(arguments: Arguments) -> int:
    """Put back what a run changed, or list the runs."""
    if not arguments.undo:
        raise UsageError("--list goes with --undo")
    if len(arguments.paths) > (not arguments.list):
        raise UsageError("--undo takes one ID, --undo --list none")

    from .undo import list_runs, undo

    report = _step_report(arguments)
    if arguments.list:
        list_runs(report, paths=arguments.verbose)
    else:
        _stop_politely()
        undo("".join(arguments.paths), report)
    return ERROR if report.errors else CLEAN


def _paths(arguments: Arguments) -> list[str]:
    """Return the paths that were given, this folder if there was none."""
    if "" in arguments.paths:
        raise UsageError("a path is empty: is a variable of the shell not set?")
    return arguments.paths or [os.curdir]


def _names(arguments: Arguments) -> int:
    """Look at names, or repair them."""
    if "-" in arguments.paths:
        raise UsageError("standard input has no name")

    from .names import plan_names, rename_all, show_names
    from .tree import find_names

    report = _step_report(arguments)
    if arguments.write:
        from .journal import tidy

        _stop_politely()
        tidy()
    configuration = Configuration(arguments, report.error)
    found = find_names(_paths(arguments), configuration, report.error)
    namings = plan_names(found)
    changed = (rename_all if arguments.write else show_names)(namings, report)
    if report.errors:
        return ERROR
    fails = arguments.exit_nonzero_on_fix if arguments.write else not arguments.exit_zero
    return DAMAGED if changed and fails else CLEAN


def _step_report(arguments: Arguments) -> StepReport:
    from .report.steps import StepReport

    return StepReport(sys.stdout, sys.stderr, quiet=arguments.quiet, color=arguments.color)


def _help() -> str:
    from shutil import get_terminal_size

    return help_text(get_terminal_size().columns - 2).rstrip()


def _tree(paths: Sequence[str], arguments: Arguments, report: Reports) -> None:
    """Look at files and folders, and report in the order of the files."""
    if arguments.write:
        _stop_politely()
    with Workers(arguments.jobs) as workers, Writer() as writer:
        for outcome in writer.outcomes(_in_order(_begun(paths, arguments, workers))):
            report.add(outcome)


def _in_order(items: Iterable[Outcome | _Pending | _Large]) -> Iterator[Outcome | Staged]:
    """Yield the outcome of each item, while later ones are being computed."""
    waiting: list[Outcome | _Pending | _Large] = []
    size = 0
    for item in items:
        if not waiting and isinstance(item, Outcome):
            yield item
            continue
        waiting.append(item)
        size += _size(item)
        while waiting and (size > _MOST or _is_settled(waiting[0])):
            first = waiting.pop(0)
            size -= _size(first)
            yield _settled(first)
    yield from map(_settled, waiting)


def _size(item: Outcome | _Pending | _Large) -> int:
    return item.job.size if isinstance(item, _Pending) else 0


def _is_settled(item: Outcome | _Pending | _Large) -> bool:
    return not isinstance(item, _Pending) or item.job.done


def _settled(item: Outcome | _Pending | _Large) -> Outcome | Staged:
    return item if isinstance(item, Outcome) else item.outcome()


def _begun(
    paths: Sequence[str], arguments: Arguments, workers: Workers
) -> Iterator[Outcome | _Pending | _Large]:
    """Yield for each file, and for what is wrong with paths, what becomes of it."""
    for items, are_clean in sifted(_found(paths, arguments), _to_sift, workers.threads):
        if are_clean:
            *others, path = map(_path, items)
            yield Outcome(path, "clean", others=others)
            continue
        for item in items:
            yield item if isinstance(item, Outcome) else _begin(*item, workers)


def _found(paths: Sequence[str], arguments: Arguments) -> Iterator[Outcome | tuple[File, Settings]]:
    """Yield each file with the settings that hold for it, and what is wrong with paths."""
    complaints: list[Outcome] = []

    def complain(path: str, message: str) -> None:
        complaints.append(Outcome(path, "error", message=message))

    configuration = Configuration(arguments, complain)
    for found in find_files(paths, configuration, complain):
        yield from complaints
        complaints.clear()
        yield found
    yield from complaints


def _path(item: Outcome | tuple[File, Settings]) -> str:
    return item.path if isinstance(item, Outcome) else item[0].path


def _to_sift(item: Outcome | tuple[File, Settings]) -> str | None:
    """Return the path of a file of which nothing is asked if it is clean."""
    if isinstance(item, Outcome) or item[1].normalize:
        return None
    return item[0].real


def _begin(  # noqa: PLR0911 - one for each way to go wrong
    file: File, settings: Settings, workers: Workers
) -> Outcome | _Pending | _Large:
    """Read a file, and begin to repair it if it may be damaged."""
    path = file.path
    try:
        data, before = _read(file, settings)
        if data is None:
            return _Large(file, before, settings)
        text, foreign = _decoded(data, settings)
    except BinaryError as error:
        return Outcome(path, "error" if file.named else "skipped", message=str(error))
    except DecodeError as error:
        return _not_utf8(path, error, "error" if file.named else "not-utf8")
    except (OSError, DocumentError) as error:
        return Outcome(path, "error", message=reason(error))
    except MemoryError:
        return Outcome(path, "error", message=_TOO_LARGE)
    if text is None:
        return Outcome(path, "clean")
    return _Pending(file, before, data, settings, workers.start(text, settings), foreign)


def _read(file: File, settings: Settings) -> tuple[bytes | None, os.stat_result]:
    """Return what `read_file` returns, and all of a large file that may be in another encoding.

    Raises:
        DocumentError: then it is too large.
    """
    wide = settings.to_utf_8 or settings.encoding is not None
    data, before = read_file(file, wide=wide, whole=bool(settings.normalize))
    if data is not None or not wide:
        return data, before
    if before.st_size > _MOST_CONVERTED:
        size = f"{before.st_size >> 20} MiB"
        raise DocumentError(f"too large for --encoding and --to-utf-8 ({size}): leave them out")
    return read_file(file, wide=wide)


def _decoded(data: bytes, settings: Settings) -> tuple[str | None, Foreign | None]:
    """Return the text of a document, None if it is clean, and what is not UTF-8 as such.

    Raises:
        DecodeError: it is not UTF-8, and is to be left, or is in no encoding that is known.
    """
    may_be_other = settings.to_utf_8 or settings.encoding is not None
    if may_be_other and is_unmarked_utf_16(data):
        foreign = Foreign(data, None)
        return foreign.text, foreign
    try:
        return decode_damaged(data, even_clean=bool(settings.normalize)), None
    except DecodeError:
        if not may_be_other:
            raise
    foreign = Foreign(data, settings.encoding)
    return foreign.text, foreign


class _Pending:
    """A file that was read and is being repaired.

    Attributes:
        job: its repair.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - as many as a file has sides
        self,
        file: File,
        before: os.stat_result,
        data: bytes,
        settings: Settings,
        job: Job,
        foreign: Foreign | None,
    ) -> None:
        self._file = file
        self._before = before
        self._data = data
        self._settings = settings
        self._foreign = foreign
        self.job = job

    def outcome(self) -> Outcome | Staged:
        """Wait for the repair, and do with it what was asked."""
        path, data, settings = self._file.path, self._data, self._settings
        try:
            change = self.job.result()
            edits = _edits(change, data, settings, self._foreign)
            outcome = _outcome(path, change, data, settings, self._foreign, done=settings.write)
            if settings.write and edits:
                from .journal import Replacement

                return Staged(lambda: outcome, Replacement(self._file, self._before, edits))
        except MemoryError:
            return Outcome(path, "error", message=_TOO_LARGE)
        except DecodeError as error:
            return _not_utf8(path, error, "error")
        except DocumentError as error:
            return Outcome(path, "error", message=str(error))
        return outcome


class _Large:
    """A file that is too large to be in memory, and is damaged or not UTF-8."""

    def __init__(self, file: File, before: os.stat_result, settings: Settings) -> None:
        self._file = file
        self._before = before
        self._settings = settings

    def outcome(self) -> Outcome | Staged:
        """Read it piece by piece, and do with it what was asked."""
        from .large import LargeFile

        file, settings = self._file, self._settings
        if settings.diff:
            size = f"{self._before.st_size >> 20} MiB"
            return Outcome(file.path, "error", message=f"too large for a diff ({size}): {_NO_DIFF}")
        large = LargeFile(
            file, uncertain=settings.uncertain, min_confidence=settings.min_confidence
        )
        try:
            large.listen()
            if settings.write:
                from .journal import Replacement

                replacement = Replacement(file, self._before, large.edits())
                return Staged(lambda: self._told(large), replacement)
            for _ in large.edits():
                pass
        except DecodeError as error:
            return _not_utf8(file.path, error, "error" if file.named else "not-utf8")
        except OSError as error:
            return Outcome(file.path, "error", message=reason(error))
        return self._told(large)

    def _told(self, large: LargeFile) -> Outcome:
        """Return the outcome when all edits have been gone through."""
        found, settings = large.found, self._settings
        is_repaired = settings.write and found.repaired
        status: Status = "repaired" if is_repaired else "damaged" if found.channels else "clean"
        return Outcome(
            self._file.path,
            status,
            repair=large.excerpt,
            found=found if found.channels else None,
            mark=large.mark,
            doubt=settings.min_confidence,
        )


def _edits(change: Change, data: bytes, settings: Settings, foreign: Foreign | None) -> list[Edit]:
    """Return what makes of a document what it becomes. Raises DocumentError if it cannot."""
    if foreign is not None:
        return foreign.edits(change.text, to_utf_8=settings.to_utf_8)
    changed = change.text != change.repair.original
    return byte_edits(change.repair, data, change.text) if changed else []


def _outcome(  # noqa: PLR0913 - as many as an outcome has reasons
    path: str,
    change: Change,
    data: bytes,
    settings: Settings,
    foreign: Foreign | None,
    *,
    done: bool,
) -> Outcome:
    """Return the outcome for a text that may have changed, and was written if `done`."""
    repair, original, names = change.repair, change.repair.original, change.forms
    if foreign is not None and settings.to_utf_8:
        original, names = foreign.undecoded, (*names, f"UTF-8 (read as {foreign.encoding})")
    forms = ", ".join(names)
    changed = change.text != original
    status: Status = "clean"
    if repair.spans:
        status = "repaired" if done and changed else "damaged"
    elif changed:
        status = "normalized" if done else "unnormalized"
    return Outcome(
        path,
        status,
        repair=repair if repair.spans else None,
        texts=(original, change.text) if changed else None,
        mark=byte_order_mark(data),
        doubt=settings.min_confidence,
        message=f"{'put into' if done else 'not in'} {forms}" if forms else "",
    )


def _not_utf8(path: str, error: DecodeError, status: Status) -> Outcome:
    place = (error.offset, error.line, error.column)
    return Outcome(path, status, message=str(error), place=place)


def _filter(arguments: Arguments) -> Outcome:  # noqa: PLR0911 - one for each way to go wrong
    """Repair standard input to standard output, or only look at it for a diff."""
    path = arguments.stdin_filename
    name = path or "<stdin>"
    real = os.path.realpath(path or os.path.join(os.curdir, "-"))
    complaints: list[Outcome] = []

    def complain(path: str, message: str) -> None:
        complaints.append(Outcome(path, "error", message=message))

    settings = Configuration(arguments, complain).settings(os.path.dirname(real))
    if settings is None:
        return complaints[0]
    # What is looked at as a whole is in memory as a whole.
    converts = settings.encoding or settings.to_utf_8
    most = -1 if path or settings.diff or settings.normalize or converts else _AHEAD
    is_watched = most > 0 and sys.stdout.isatty()
    try:
        data = b"" if is_watched else sys.stdin.buffer.read(most)
    except OSError as error:
        return Outcome(name, "error", message=reason(error))
    if is_watched or len(data) == most:
        return _filter_stream(data, settings)
    try:
        text, foreign = _decoded(data, settings)
    except DecodeError as error:
        shown = error.advised(UNWRITTEN) if error.advice == LEFT else error
        return _not_utf8(name, shown, "error")
    edits: list[Edit] = []
    if text is None or (path and settings.force_exclude and is_left_out(real, settings)):
        outcome = Outcome(name, "clean")
    else:
        changed = change(text, settings.uncertain, settings.min_confidence, settings.normalize)
        try:
            edits = _edits(changed, data, settings, foreign)
        except DecodeError as error:
            return _not_utf8(name, error, "error")
        except DocumentError as error:
            return Outcome(name, "error", message=str(error))
        outcome = _outcome(name, changed, data, settings, foreign, done=not settings.diff)
    if not settings.diff:
        sys.stdout.buffer.write(apply_edits(data, edits))
        sys.stdout.buffer.flush()
    return outcome


def _filter_stream(head: bytes, settings: Settings) -> Outcome:
    """Repair standard input, of which `head` was read already, line by line."""
    from .stream import Ahead, fix_stream

    name = "<stdin>"
    try:
        found = fix_stream(
            Ahead(head, sys.stdin.buffer),
            sys.stdout.buffer,
            uncertain=settings.uncertain,
            min_confidence=settings.min_confidence,
        )
    except DecodeError as error:
        return _not_utf8(name, error, "error")
    status: Status = "repaired" if found.repaired else "damaged" if found.lossy else "clean"
    return Outcome(name, status, found=found if found.channels else None)


def _stop_politely() -> None:
    """Have a request to end unwind the stack, which removes the temporary file."""
    import signal

    def stop(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        try:
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, stop)
        except ValueError:
            return  # not in the main thread, where signals do not arrive
