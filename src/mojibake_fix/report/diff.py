"""The report that `git apply` and `patch` understand: a unified diff of what `--write` would do."""

from __future__ import annotations

import os

from .places import VISIBLE
from .terminal import CYAN, GREEN, RED, colored, styled

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from . import Counts, Outcome
    from .terminal import Color

__all__ = ["DiffReport", "unified_diff"]

_CONTEXT = 3  # unchanged lines around a change

_VISIBLE = {code: VISIBLE[code] for code in VISIBLE if code not in (0x09, 0x0A, 0x0D)}


class DiffReport:
    """Writes the differences to a text stream with a buffer of bytes."""

    def __init__(self, out: TextIO, color: Color = "auto") -> None:
        self._out = out
        self._color = colored(out, color)
        self._for_people = out.isatty() or color == "always"

    def add(self, outcome: Outcome) -> None:
        """Write what would change in a file."""
        if outcome.texts is None:
            return
        old, new = (outcome.mark + text for text in outcome.texts)
        lines = unified_diff(outcome.path, old, new)
        if self._for_people:
            # A terminal would obey the controls in the text, and nobody applies what it shows.
            self._out.writelines(map(self._terminal_line, lines))
            return
        self._out.flush()
        self._out.buffer.writelines(line.encode("utf-8", "surrogateescape") for line in lines)

    def finish(self, counts: Counts) -> None:
        """Have everything written."""
        self._out.flush()

    def _terminal_line(self, line: str) -> str:
        line = line.translate(_VISIBLE)
        color = {"-": RED, "+": GREEN, "@": CYAN}.get(line[0])
        return styled(line[:-1], color, self._color) + "\n" if color else line


def unified_diff(path: str, old: str, new: str) -> Iterator[str]:
    """Yield the lines of a unified diff that `git apply` and `patch -p1` understand.

    Lines end at U+000A only; a byte order mark and carriage returns belong to their lines.
    """
    if old == new:
        return
    before, after = _lines(old), _lines(new)
    name = os.path.normpath(path).lstrip("/")
    yield f"--- {_quoted('a/' + name)}\n"
    yield f"+++ {_quoted('b/' + name)}\n"
    if len(before) == len(after):
        yield from _hunks(before, after)
        return
    from difflib import unified_diff as general_diff

    hunks = general_diff(before, after, n=_CONTEXT)
    next(hunks), next(hunks)
    for line in hunks:
        yield _ended(line)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    last = lines.pop()
    lines = [line + "\n" for line in lines]
    return [*lines, last] if last else lines


def _ended(line: str) -> str:
    return line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


def _quoted(name: str) -> str:
    """Quote a file name as git does, if it needs it."""
    if not any(character in '"\\\x7f' or character < " " for character in name):
        # The tab ends a name with spaces, for `patch` would end it at the first one.
        return name + "\t" if " " in name else name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if " " <= c != "\x7f" else f"\\{ord(c):03o}" for c in escaped) + '"'


def _hunks(before: list[str], after: list[str]) -> Iterator[str]:
    """Yield the hunks between texts whose lines stand one against one."""
    changed = [i for i, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
    first = 0
    for index, line in enumerate(changed):
        is_last = index + 1 == len(changed)
        if not is_last and changed[index + 1] - line <= 2 * _CONTEXT + 1:
            continue
        group = changed[first : index + 1]
        start = max(0, group[0] - _CONTEXT)
        end = min(len(before), line + 1 + _CONTEXT)
        first = index + 1
        yield f"@@ -{start + 1},{end - start} +{start + 1},{end - start} @@\n"
        yield from _hunk_lines(before, after, start, end)


def _hunk_lines(before: list[str], after: list[str], start: int, end: int) -> Iterator[str]:
    removed: list[str] = []
    added: list[str] = []
    for old, new in zip(before[start:end], after[start:end], strict=True):
        if old != new:
            removed.append(_ended("-" + old))
            added.append(_ended("+" + new))
            continue
        yield from removed
        yield from added
        removed.clear()
        added.clear()
        yield _ended(" " + old)
    yield from removed
    yield from added
