"""The command `fixmoji`.

Only what the job needs is imported: on clean files neither the repairer nor anything that it needs.
"""

from __future__ import annotations

import argparse
import os
import sys

from . import __version__
from .document import BinaryError, DecodeError, byte_order_mark, decode_damaged, encode_like
from .report import Outcome
from .report.forms import FORMATS, choose
from .tree import File, ReplaceError, find_files, read_file, reason, replace_file

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from ._repair import Repair
    from .report import Status
    from .report.forms import Reports
    from .report.text import Action

__all__ = ["main"]

CLEAN, DAMAGED, ERROR = 0, 1, 2
_INTERRUPTED = 130  # as shells say it: 128 and the number of the signal
_PIPE_CLOSED = 141

_EPILOG = """\
exit status: 0 clean, or --write went well; 1 damage was found; 2 an error

examples:
  fixmoji notes/            show what is damaged, and what it would become
  fixmoji --write notes/    repair it
  fixmoji - <old >new       as a filter
"""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Asks the system itself for the width, for argparse would import `shutil` at every start."""

    def __init__(self, prog: str) -> None:
        try:
            width = os.get_terminal_size().columns
        except (OSError, ValueError):
            width = 80
        super().__init__(prog, width=max(width, 40) - 2)


def _probability(text: str) -> float:
    """Read a number from 0 to 1; argparse turns the error into one that names the option."""
    number = float(text)
    if not 0 <= number <= 1:
        raise ValueError(text)
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fixmoji",
        description="Find and repair text damaged by wrong encodings.",
        epilog=_EPILOG,
        formatter_class=_Help,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files, and folders to walk (default: this folder); - filters standard input",
    )
    action = parser.add_mutually_exclusive_group().add_argument
    action("--write", action="store_true", help="repair the files in place")
    action("--diff", action="store_true", help="show what --write would do, as a unified diff")
    add(
        "--uncertain",
        choices=("guess", "mark", "keep"),
        default="guess",
        help="where bytes were lost: take the best guess and list it (default), put U+FFFD, or "
        "leave what is there",
    )
    add(
        "--min-confidence",
        type=_probability,
        default=0.9,
        metavar="P",
        help="a character is uncertain below this probability (default: 0.9)",
    )
    add(
        "--format",
        choices=FORMATS,
        default="text",
        help="how to report: for people (default), as JSON Lines, as annotations of GitHub "
        "Actions, or as SARIF",
    )
    loudness = parser.add_mutually_exclusive_group().add_argument
    loudness("-q", "--quiet", action="store_true", help="show errors only (and the diff)")
    loudness("-v", "--verbose", action="store_true", help="show all findings and skipped files")
    add("--version", action="version", version=f"fixmoji {__version__}")
    return parser


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.diff and arguments.format != "text":
        parser.error("argument --diff: not allowed with argument --format")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; `argv` is `sys.argv[1:]` if not given.

    Returns:
        The exit status: 0 clean, or repaired with --write; 1 damage was found; 2 an error;
        130 interrupted; 141 nobody reads the output any more.

    Raises:
        SystemExit: after --help and --version, and after wrong usage.
    """
    for stream in (sys.stdout, sys.stderr):
        # A path need not be Unicode, and not every terminal is.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _run(_arguments(argv))
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("fixmoji: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        _abandon_output()
        return _PIPE_CLOSED
    except OSError as error:
        # Files are dealt with one by one; what arrives here is the output.
        _abandon_output()
        print(f"fixmoji: cannot write the output: {reason(error)}", file=sys.stderr)
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


def _run(arguments: argparse.Namespace) -> int:
    paths: list[str] = arguments.paths or [os.curdir]
    action: Action = "write" if arguments.write else "diff" if arguments.diff else "look"
    if "-" in paths and not arguments.diff:
        action = "filter"
    with choose(
        sys.stdout,
        sys.stderr,
        action,
        form=arguments.format,
        quiet=arguments.quiet,
        verbose=arguments.verbose,
        doubt=arguments.min_confidence,
    ) as report:
        if "-" not in paths:
            _tree(paths, arguments, report)
        elif len(paths) == 1:
            report.add(_filter(arguments))
        else:
            message = "standard input cannot be mixed with other paths"
            report.add(Outcome("-", "error", message=message))
        report.finish()
    found = report.counts.paths
    if found["error"]:
        return ERROR
    return DAMAGED if found["damaged"] and not arguments.write else CLEAN


def _tree(paths: Sequence[str], arguments: argparse.Namespace, report: Reports) -> None:
    """Look at files and folders, one file after the other."""
    if arguments.write:
        _stop_politely()

    def missing(path: str, message: str) -> None:
        report.add(Outcome(path, "error", message=message))

    for file in find_files(paths, missing):
        try:
            outcome = _file(file, arguments)
        except MemoryError:
            outcome = Outcome(file.path, "error", message="too large for the memory")
        report.add(outcome)


def _file(file: File, arguments: argparse.Namespace) -> Outcome:
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
    result = _repair(text, arguments)
    if result is None:
        return Outcome(path, "clean")
    changed = result.text != text
    if changed and arguments.write:
        try:
            replace_file(file, before, data, encode_like(result.text, data))
        except ReplaceError as error:
            return Outcome(path, "error", message=str(error))
    status: Status = "repaired" if changed and arguments.write else "damaged"
    return Outcome(path, status, repair=result, mark=byte_order_mark(data))


def _repair(text: str | None, arguments: argparse.Namespace) -> Repair | None:
    """Return the repair of a text that may be damaged; None if it is not."""
    if text is None:
        return None

    from ._repair import repair

    options = {"uncertain": arguments.uncertain, "min_confidence": arguments.min_confidence}
    result = repair(text, **options)
    return result if result.spans else None


def _not_utf8(path: str, error: DecodeError, status: Status) -> Outcome:
    place = (error.offset, error.line, error.column)
    return Outcome(path, status, message=str(error), place=place)


def _filter(arguments: argparse.Namespace) -> Outcome:
    """Repair standard input to standard output, or only look at it for a diff."""
    name = "<stdin>"
    try:
        data = sys.stdin.buffer.read()
        text = decode_damaged(data)
    except OSError as error:
        return Outcome(name, "error", message=reason(error))
    except DecodeError as error:
        return _not_utf8(name, error, "error")
    result = _repair(text, arguments)
    if not arguments.diff:
        repaired = data if result is None or result.text == text else encode_like(result.text, data)
        sys.stdout.buffer.write(repaired)
        sys.stdout.buffer.flush()
    if result is None:
        return Outcome(name, "clean")
    status: Status = "damaged" if arguments.diff else "repaired"
    return Outcome(name, status, repair=result, mark=byte_order_mark(data))


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
