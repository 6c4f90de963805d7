"""The report that people read: one line for each finding, and a summary."""

from __future__ import annotations

import os

from . import Counts, doubts, places

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from .._repair import Repair
    from . import Place

__all__ = ["TextReport", "colored", "unified_diff", "visible"]

_FIRST = 10  # findings shown for each file
_CONTEXT = 16  # code points shown on each side of a span
_WIDEST = 60  # code points shown of one span
_DIFF_CONTEXT = 3  # unchanged lines around a change

_BOLD, _DIM, _RED, _GREEN, _CYAN, _YELLOW = "1", "2", "31", "32", "36", "33"

# What a terminal would obey, or a reader could not see: controls, NBSP, soft hyphen, marks of
# direction and invisible operators. The joiners of Persian and of emoji stay (U+200C, U+200D).
_INVISIBLE = (
    *range(0x20),
    *range(0x7F, 0xA1),
    *(0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0xFEFF),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFFF9, 0xFFFC),
)
_VISIBLE = {code: f"‹U+{code:04X}›" for code in _INVISIBLE}
_VISIBLE_DIFF = {code: _VISIBLE[code] for code in _VISIBLE if code not in (0x09, 0x0A, 0x0D)}


def visible(text: str) -> str:
    r"""Return `text` with characters that cannot be seen written as ‹U+0081›.

    >>> visible("Ã\xa0 la")
    'Ã‹U+00A0› la'
    """
    return text.translate(_VISIBLE)


def colored(stream: TextIO) -> bool:
    """Tell whether to write colour to `stream`: to a terminal that can, if NO_COLOR is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _plain(text: str) -> str:
    return visible(text.replace("\t", " "))


def _cut(text: str) -> str:
    return visible(text if len(text) <= _WIDEST else f"{text[: _WIDEST - 12]}…{text[-11:]}")


def _groups(result: Repair) -> Iterator[list[Place]]:
    """Yield the places, those together that one line of the report can show."""
    group: list[Place] = []
    for place in places(result):
        if group and not _go_together(group[0], group[-1], place):
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def _go_together(first: Place, last: Place, place: Place) -> bool:
    return (
        place.line == last.line
        and place.span.start - last.span.end <= _CONTEXT
        and place.span.end - first.span.start <= _WIDEST
        and place.span.channel == last.span.channel
        and (place.span.replacement is None) == (last.span.replacement is None)
    )


def _done(repairable: int, lossy: int) -> str:
    parts = [f"{_number(repairable, 'span')} repaired"] if repairable else []
    if lossy:
        parts.append(f"{_number(lossy, 'span')} left: bytes were lost")
    return ", ".join(parts)


class TextReport:
    """Writes findings to `out`, everything else to `err`, and counts.

    Args:
        out, err: text streams.
        write: whether files are being repaired.
        quiet: only errors.
        verbose: every finding, and why files are skipped.
        doubt: restored characters of a confidence below this are listed.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each way to be told
        self,
        out: TextIO,
        err: TextIO,
        *,
        write: bool = False,
        quiet: bool = False,
        verbose: bool = False,
        doubt: float = 0.9,
    ) -> None:
        self._doubt = doubt
        self.counts = Counts()
        self._out = out
        self._err = err
        self._write = write
        self._quiet = quiet
        self._verbose = verbose
        self._color = colored(out)
        self._color_err = colored(err)

    def damaged(self, path: str, result: Repair) -> None:
        """Report the findings of one file that is only looked at."""
        self.counts.add(result)
        if not self._quiet:
            self._findings(path, result)
            self._doubts(path, result)

    def repaired(self, path: str, result: Repair) -> None:
        """Report a file after its repairable spans were repaired in place."""
        repairable, lossy = self.counts.add(result)
        self.counts.written += repairable > 0
        if self._quiet:
            return
        if self._verbose:
            self._findings(path, result)
        print(f"{self._path(path)} {_done(repairable, lossy)}", file=self._out)
        self._doubts(path, result)

    def filtered(self, path: str, result: Repair) -> None:
        """Report what the repair of a stream left, on `err`, for the stream itself is on `out`."""
        repairable, lossy = self.counts.add(result)
        count = sum(1 for _ in doubts(result, self._doubt))
        if not self._quiet and (lossy or count or self._verbose):
            guessed = f", {_number(count, 'character')} guessed" if count else ""
            self._note(path, _done(repairable, lossy) + guessed)

    def diff(self, path: str, result: Repair, mark: str) -> None:
        """Write what repairing a file that begins with the byte order mark `mark` changes."""
        self.counts.add(result)
        lines = unified_diff(path, mark + result.original, mark + result.text)
        if self._out.isatty():
            # A terminal would obey the controls in the text, and nobody applies what it shows.
            self._out.writelines(map(self._terminal_line, lines))
            return
        self._out.flush()
        self._out.buffer.writelines(line.encode("utf-8", "surrogateescape") for line in lines)

    def clean(self) -> None:
        """Count a file without damage."""
        self.counts.clean += 1

    def skipped(self, path: str, reason: object) -> None:
        """Report a binary file that was met in a folder."""
        self.counts.skipped += 1
        if self._verbose and not self._quiet:
            self._note(path, f"skipped: {reason}")

    def not_utf8(self, path: str, reason: object) -> None:
        """Report a file that was met in a folder and is not UTF-8."""
        self.counts.not_utf8 += 1
        if not self._quiet:
            self._note(path, reason)

    def error(self, path: str, message: object) -> None:
        """Report what went wrong with a path, even when quiet."""
        self.counts.errors += 1
        self._out.flush()
        label = self._style("error:", _RED, self._color_err)
        print(f"{label} {visible(path)}: {message}", file=self._err)

    def finish(self) -> None:
        """Write the summary."""
        self._out.flush()
        if self._quiet:
            return
        print(self._summary(), file=self._err)
        if self.counts.repairable and not self._write:
            print("repair with: fixmoji --write", file=self._err)

    def _summary(self) -> str:
        counts = self.counts
        parts = []
        if self._write:
            if counts.written:
                spans = _number(counts.repairable, "span")
                parts.append(f"{_number(counts.written, 'file')} repaired ({spans})")
            if counts.lossy:
                left = f"{_number(counts.lossy, 'lossy span')} left"
                parts.append(f"{left} in {_number(counts.lossy_files, 'file')}")
        elif counts.damaged:
            spans = _number(counts.repairable + counts.lossy, "span")
            kinds = f"{counts.repairable} repairable, {counts.lossy} lossy"
            parts.append(f"{_number(counts.damaged, 'file')} damaged ({spans}: {kinds})")
        if counts.clean:
            number = str(counts.clean) if parts else _number(counts.clean, "file")
            parts.append(f"{number} clean")
        if counts.skipped:
            parts.append(f"{counts.skipped} skipped")
        if counts.not_utf8:
            parts.append(f"{counts.not_utf8} not UTF-8")
        if counts.errors:
            parts.append(_number(counts.errors, "error"))
        return ", ".join(parts) or "no files to look at"

    def _findings(self, path: str, result: Repair) -> None:
        left = len(result.spans)
        for row, group in enumerate(_groups(result)):
            if row == _FIRST and not self._verbose:
                print(f"{self._path(path)} … and {left} more (--verbose shows all)", file=self._out)
                return
            print(self._finding(path, result, group), file=self._out)
            left -= len(group)

    def _doubts(self, path: str, result: Repair) -> None:
        """List the characters that were guessed: nothing is guessed silently."""
        for row, doubt in enumerate(doubts(result, self._doubt)):
            if row == _FIRST and not self._verbose:
                count = sum(1 for _ in doubts(result, self._doubt)) - row
                print(f"{self._path(path)} … and {count} guesses more", file=self._out)
                return
            others = ", ".join(f"{visible(text)} {share:.2f}" for text, share in doubt.others)
            guess = self._style(visible(doubt.guess), _YELLOW, self._color)
            print(
                f"{self._path(path)}{doubt.line}:{doubt.column}: guessed {guess} "
                f"{doubt.confidence:.2f}{f', or {others}' if others else ''}",
                file=self._out,
            )

    def _finding(self, path: str, result: Repair, group: list[Place]) -> str:
        pieces = [(place.span.start, place.span.end) for place in group]
        before = self._snippet(result.original, pieces, _RED)
        if group[0].span.replacement is None:
            after = self._style("left: bytes were lost", _YELLOW, self._color)
        else:
            pieces = [(place.repaired_start, place.repaired_end) for place in group]
            after = self._snippet(result.text, pieces, _GREEN)
        where = f"{self._path(path)}{group[0].line}:{group[0].column}:"
        channel = self._style(f"({group[0].span.channel})", _DIM, self._color)
        return f"{where} {before} → {after}  {channel}"

    def _snippet(self, text: str, pieces: list[tuple[int, int]], color: str) -> str:
        """Return pieces of one line with a little of what is around, cut and made visible."""
        start, end = pieces[0][0], pieces[-1][1]
        first = max(0, start - _CONTEXT)
        newline = text.rfind("\n", first, start)
        left = text[first if newline < 0 else newline + 1 : start]
        if newline < 0 and first > 0:
            left = "…" + left[left.find(" ") + 1 :]
        newline = text.find("\n", end, end + _CONTEXT)
        right = text[end : end + _CONTEXT if newline < 0 else newline]
        if newline < 0 and end + _CONTEXT < len(text):
            right = right[: right.rfind(" ") if " " in right else None] + "…"
        parts = [_plain(left.lstrip())]
        for piece_start, piece_end in pieces:
            parts.append(_plain(text[start:piece_start]))
            parts.append(self._style(_cut(text[piece_start:piece_end]), color, self._color))
            start = piece_end
        return "".join(parts) + _plain(right.rstrip())

    def _terminal_line(self, line: str) -> str:
        line = line.translate(_VISIBLE_DIFF)
        color = {"-": _RED, "+": _GREEN, "@": _CYAN}.get(line[0])
        return self._style(line[:-1], color, self._color) + "\n" if color else line

    def _path(self, path: str) -> str:
        return self._style(f"{visible(path)}:", _BOLD, self._color)

    def _note(self, path: str, message: object) -> None:
        self._out.flush()
        print(f"{visible(path)}: {message}", file=self._err)

    @staticmethod
    def _style(text: str, code: str, on: bool) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if on else text


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

    hunks = general_diff(before, after, n=_DIFF_CONTEXT)
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
        if not is_last and changed[index + 1] - line <= 2 * _DIFF_CONTEXT + 1:
            continue
        group = changed[first : index + 1]
        start = max(0, group[0] - _DIFF_CONTEXT)
        end = min(len(before), line + 1 + _DIFF_CONTEXT)
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
