"""The command `fixmoji`.

Only what the job needs is imported: on clean files neither the repairer nor anything that it needs.
"""

from __future__ import annotations

import os
import sys

from . import __version__
from .arguments import USAGE, UsageError, help_text, parse
from .config import ConfigError, Configuration
from .document import BinaryError, DecodeError, byte_order_mark, decode_damaged, encode_like
from .report import Outcome
from .report.forms import PageError, choose
from .report.places import visible
from .tree import File, ReplaceError, find_files, is_left_out, read_file, reason, replace_file

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from ._repair import Repair
    from .arguments import Arguments
    from .config import Settings
    from .report import Action, Counts, Status
    from .report.forms import Reports

__all__ = ["main"]

CLEAN, DAMAGED, ERROR = 0, 1, 2
_INTERRUPTED = 130  # as shells say it: 128 and the number of the signal
_PIPE_CLOSED = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; `argv` is `sys.argv[1:]` if not given.

    Returns:
        The exit status: 0 clean, or repaired with --write; 1 damage was found; 2 an error, or
        wrong usage; 130 interrupted; 141 nobody reads the output any more.
    """
    for stream in (sys.stdout, sys.stderr):
        # A path need not be Unicode, and not every terminal is.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _run(parse(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except ConfigError as error:
        print(f"fixmoji: error: {visible(error.path)}: {error}", file=sys.stderr)
        return ERROR
    except UsageError as error:
        print(f"{USAGE}\nfixmoji: error: {error}", file=sys.stderr)
        return ERROR
    except KeyboardInterrupt:
        print("fixmoji: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        _abandon_output()
        return _PIPE_CLOSED
    except OSError as error:
        # Files are dealt with one by one; what arrives here is the output.
        _abandon_output()
        where = error.filename or "the output"
        print(f"fixmoji: cannot write {where}: {reason(error)}", file=sys.stderr)
        return ERROR
    return status


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
    configuration = Configuration(arguments)
    paths: list[str] = arguments.paths or [os.curdir]
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
            _tree(paths, arguments, configuration, report)
        elif len(paths) == 1:
            report.add(_filter(arguments, configuration))
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
    if action in ("write", "filter"):
        repaired = arguments.exit_nonzero_on_fix and counts.paths["repaired"]
        return DAMAGED if repaired else CLEAN
    return DAMAGED if counts.paths["damaged"] else CLEAN


def _help() -> str:
    from shutil import get_terminal_size

    return help_text(get_terminal_size().columns - 2).rstrip()


def _tree(
    paths: Sequence[str], arguments: Arguments, configuration: Configuration, report: Reports
) -> None:
    """Look at files and folders, one file after the other."""
    if arguments.write:
        _stop_politely()

    def missing(path: str, message: str) -> None:
        report.add(Outcome(path, "error", message=message))

    unusable: set[str] = set()

    def settings_of(folder: str) -> Settings | None:
        try:
            return configuration.settings(folder)
        except ConfigError as error:
            if error.path not in unusable:
                unusable.add(error.path)
                report.add(Outcome(error.path, "error", message=str(error)))
            return None

    for file in find_files(paths, settings_of, missing):
        try:
            outcome = _file(file, configuration.settings(os.path.dirname(file.real)))
        except MemoryError:
            outcome = Outcome(file.path, "error", message="too large for the memory")
        report.add(outcome)


def _file(file: File, settings: Settings) -> Outcome:
    """Look at one file, and do with it what was asked."""
    path = file.path
    try:
        data, before = read_file(file)
        text = decode_damaged(data)
    except BinaryError as error:
        return Outcome(path, "error" if file.named else "skipped", message=str(error))
    except DecodeError as error:
        return _not_utf8(path, error, "error" if file.named else "not-utf8")
    except OSError as error:
        return Outcome(path, "error", message=reason(error))
    result = _repair(text, settings)
    if result is None:
        return Outcome(path, "clean")
    changed = result.text != text
    if changed and settings.write:
        try:
            replace_file(file, before, data, encode_like(result.text, data))
        except ReplaceError as error:
            return Outcome(path, "error", message=str(error))
    status: Status = "repaired" if changed and settings.write else "damaged"
    return _found(path, status, result, data, settings)


def _repair(text: str | None, settings: Settings) -> Repair | None:
    """Return the repair of a text that may be damaged; None if it is not."""
    if text is None:
        return None

    from ._repair import repair

    options = {"uncertain": settings.uncertain, "min_confidence": settings.min_confidence}
    result = repair(text, **options)
    return result if result.spans else None


def _found(path: str, status: Status, result: Repair, data: bytes, settings: Settings) -> Outcome:
    mark, doubt = byte_order_mark(data), settings.min_confidence
    return Outcome(path, status, repair=result, mark=mark, doubt=doubt)


def _not_utf8(path: str, error: DecodeError, status: Status) -> Outcome:
    place = (error.offset, error.line, error.column)
    return Outcome(path, status, message=str(error), place=place)


def _filter(arguments: Arguments, configuration: Configuration) -> Outcome:
    """Repair standard input to standard output, or only look at it for a diff."""
    name = arguments.stdin_filename or "<stdin>"
    real = os.path.realpath(arguments.stdin_filename or os.path.join(os.curdir, "-"))
    try:
        settings = configuration.settings(os.path.dirname(real))
        data = sys.stdin.buffer.read()
        text = decode_damaged(data)
    except ConfigError as error:
        return Outcome(error.path, "error", message=str(error))
    except OSError as error:
        return Outcome(name, "error", message=reason(error))
    except DecodeError as error:
        return _not_utf8(name, error, "error")
    excluded = settings.force_exclude and arguments.stdin_filename and is_left_out(real, settings)
    result = None if excluded else _repair(text, settings)
    if not settings.diff:
        repaired = data if result is None or result.text == text else encode_like(result.text, data)
        sys.stdout.buffer.write(repaired)
        sys.stdout.buffer.flush()
    if result is None:
        return Outcome(name, "clean")
    return _found(name, "damaged" if settings.diff else "repaired", result, data, settings)


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
