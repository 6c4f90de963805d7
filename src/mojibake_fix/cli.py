"""The command `fixmoji`.

Only what the job needs is imported: on clean files neither the repairer nor anything that it needs.
"""

from __future__ import annotations

import argparse
import os
import sys

from . import __version__
from .document import BinaryError, DecodeError, byte_order_mark, decode_damaged, encode_like
from .report.text import TextReport
from .tree import File, ReplaceError, find_files, read_file, reason, replace_file

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

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
    loudness = parser.add_mutually_exclusive_group().add_argument
    loudness("-q", "--quiet", action="store_true", help="show errors only (and the diff)")
    loudness("-v", "--verbose", action="store_true", help="show all findings and skipped files")
    add("--version", action="version", version=f"fixmoji {__version__}")
    return parser


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
        status = _run(_parser().parse_args(argv))
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
    report = TextReport(
        sys.stdout,
        sys.stderr,
        write=arguments.write,
        quiet=arguments.quiet,
        verbose=arguments.verbose,
        doubt=arguments.min_confidence,
    )
    if "-" in paths:
        if len(paths) > 1:
            report.error("-", "standard input cannot be mixed with other paths")
            return ERROR
        return _filter(arguments, report)
    if arguments.write:
        _stop_politely()
    for file in find_files(paths, report.error):
        try:
            _handle(file, arguments, report)
        except MemoryError:
            report.error(file.path, "too large for the memory")
    report.finish()
    if report.counts.errors:
        return ERROR
    return DAMAGED if report.counts.damaged and not arguments.write else CLEAN


def _options(arguments: argparse.Namespace) -> dict[str, object]:
    return {"uncertain": arguments.uncertain, "min_confidence": arguments.min_confidence}


def _handle(file: File, arguments: argparse.Namespace, report: TextReport) -> None:
    """Look at one file, and do with it what was asked."""
    try:
        data, before = read_file(file)
        text = decode_damaged(data)
    except BinaryError as error:
        (report.error if file.named else report.skipped)(file.path, error)
        return
    except DecodeError as error:
        (report.error if file.named else report.not_utf8)(file.path, error)
        return
    except OSError as error:
        report.error(file.path, reason(error))
        return
    if text is None:
        report.clean()
        return

    from ._repair import repair

    result = repair(text, **_options(arguments))
    if not result.spans:
        report.clean()
    elif arguments.diff:
        report.diff(file.path, result, byte_order_mark(data))
    elif not arguments.write:
        report.damaged(file.path, result)
    else:
        try:
            if result.text != text:
                replace_file(file, before, data, encode_like(result.text, data))
        except ReplaceError as error:
            report.error(file.path, error)
        else:
            report.repaired(file.path, result)


def _filter(arguments: argparse.Namespace, report: TextReport) -> int:
    """Repair standard input to standard output."""
    name = "<stdin>"
    try:
        data = sys.stdin.buffer.read()
    except OSError as error:
        report.error(name, reason(error))
        return ERROR
    try:
        text = decode_damaged(data)
    except DecodeError as error:
        report.error(name, error)
        return ERROR
    result = None
    if text is not None:
        from ._repair import repair

        result = repair(text, **_options(arguments))
    if arguments.diff:
        if result is None or not result.spans:
            return CLEAN
        report.diff(name, result, byte_order_mark(data))
        return DAMAGED
    if result is not None and result.text != text:
        data = encode_like(result.text, data)
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    if result is not None and result.spans:
        report.filtered(name, result)
    return CLEAN


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
