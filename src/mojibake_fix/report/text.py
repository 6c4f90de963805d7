"""The report that people read: what was found, before and after, and a summary."""

from __future__ import annotations

from .places import CONTEXT, LEFT, WIDEST, before_after, doubts, groups, places, visible
from .terminal import BOLD, DIM, GREEN, RED, YELLOW, colored, styled

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from .._repair import Repair
    from . import Action, Counts, Outcome
    from .places import Doubt, Place
    from .terminal import Color

__all__ = ["TextReport"]

_FIRST = 10  # findings shown for each file

_RARE = 0.005  # less is not worth naming: it would read 0.00

_STYLES = {"before": RED, "after": GREEN, "left": YELLOW}


class TextReport:
    """Writes findings to `out` and everything else to `err`.

    In a pipe each line begins with its place, for other programs; on a terminal the findings of a
    file stand below its name, before above after.

    Args:
        out, err: text streams.
        action: what is done with the files; the findings of a diff are another report's.
        quiet: only errors.
        verbose: every finding, and why files are skipped.
        color: whether to use colours.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each way to be told
        self,
        out: TextIO,
        err: TextIO,
        action: Action = "look",
        *,
        quiet: bool = False,
        verbose: bool = False,
        color: Color = "auto",
    ) -> None:
        self._out = out
        self._err = err
        self._action = action
        self._quiet = quiet
        self._verbose = verbose
        self._color = colored(out, color)
        self._color_err = colored(err, color)
        self._layout: _Lines | _Blocks = (_Blocks if out.isatty() else _Lines)(self._color)

    def add(self, outcome: Outcome) -> None:
        """Tell what became of a path, if it is worth telling."""
        status = outcome.status
        if status == "error":
            label = styled("error:", RED, self._color_err)
            self._note(f"{label} {visible(outcome.path)}: {outcome.message}")
        elif self._quiet:
            return
        elif status == "not-utf8":
            self._note(f"{visible(outcome.path)}: {outcome.message}")
        elif status == "skipped":
            if self._verbose:
                self._note(f"{visible(outcome.path)}: skipped: {outcome.message}")
        else:
            if outcome.repair is not None:
                self._damaged(outcome, outcome.repair)
            elif outcome.found is not None:
                found = outcome.found
                self._filtered(outcome.path, found.repaired, found.lossy, found.guessed)
            if outcome.message and self._action in ("look", "write"):
                path = styled(f"{visible(outcome.path)}:", BOLD, self._color)
                print(f"{path} {outcome.message}", file=self._out)

    def finish(self, counts: Counts) -> None:
        """Write the summary."""
        self._out.flush()
        if self._quiet or self._action == "filter":
            return
        print(self._summary(counts), file=self._err)
        found = counts.replaced or counts.paths["unnormalized"]
        if found and self._action != "write":
            print("add --write to repair", file=self._err)

    def _damaged(self, outcome: Outcome, result: Repair) -> None:
        path, (replaced, left) = outcome.path, outcome.numbers
        if self._action == "filter":
            self._filtered(path, replaced, left, sum(1 for _ in doubts(result, outcome.doubt)))
        elif self._action != "diff":
            write = self._action == "write"
            findings = () if write and not self._verbose else self._findings(result, outcome.untold)
            done = _done(replaced, left) if write else ""
            guesses = self._guesses(result, outcome)
            lines = self._layout.file(visible(path), done, findings, guesses)
            self._out.writelines(f"{line}\n" for line in lines)

    def _filtered(self, path: str, replaced: int, left: int, guessed: int) -> None:
        """Tell what the filter left or guessed; a filter that just works is silent."""
        if left or guessed or self._verbose:
            more = f", {_number(guessed, 'character')} guessed" if guessed else ""
            self._note(f"{visible(path)}: {_done(replaced, left)}{more}")

    def _findings(self, result: Repair, untold: int) -> Iterator[_Finding | str]:
        left = len(result.spans) + untold
        for row, group in enumerate(groups(places(result), CONTEXT, WIDEST)):
            if row == _FIRST and not self._verbose:
                yield f"… and {left} more (--verbose shows all)"
                return
            yield self._finding(result, group)
            left -= len(group)
        if untold:
            yield f"… and {untold} more, too many to keep"

    def _finding(self, result: Repair, group: list[Place]) -> _Finding:
        before, after = before_after(result, group, self._style)
        where = f"{group[0].line}:{group[0].column}"
        channel = max((str(place.span.channel) for place in group), key=len)  # with all the losses
        return _Finding(where, before, after, channel)

    def _style(self, text: str, kind: str) -> str:
        return styled(text, _STYLES[kind], self._color)

    def _guesses(self, result: Repair, outcome: Outcome) -> list[tuple[str, str]]:
        """Return the characters that were guessed: nothing is guessed silently."""
        found = list(doubts(result, outcome.doubt))
        number = len(found) if outcome.found is None else outcome.found.guessed
        shown = found if self._verbose else found[:_FIRST]
        rows = [(f"{doubt.line}:{doubt.column}", self._guess(doubt)) for doubt in shown]
        if len(shown) < number:
            rows.append(("", f"… and {number - len(shown)} more guessed"))
        return rows

    def _guess(self, doubt: Doubt) -> str:
        others = "".join(
            f", or {visible(text)} {share:.2f}" for text, share in doubt.others if share >= _RARE
        )
        guess = styled(visible(doubt.guess), YELLOW, self._color)
        return f"guessed {guess} {doubt.confidence:.2f}{others}"

    def _note(self, text: str) -> None:
        self._out.flush()
        print(text, file=self._err)

    def _summary(self, counts: Counts) -> str:
        paths, parts = counts.paths, []
        spans = _number(counts.replaced + counts.left, "span")
        if self._action == "write":
            if paths["repaired"]:
                spans = _number(counts.replaced, "span")
                parts.append(f"{_number(paths['repaired'], 'file')} repaired ({spans})")
            if counts.left:
                left = f"{_number(counts.left, 'span')} left"
                parts.append(f"{left} in {_number(counts.with_left, 'file')}")
        elif paths["damaged"]:
            left = f", {counts.left} of them lossy and left" if counts.left else ""
            parts.append(f"{_number(paths['damaged'], 'file')} damaged ({spans}{left})")
        for status in ("unnormalized", "normalized"):
            if paths[status]:
                parts.append(f"{_number(paths[status], 'file')} {status}")
        if paths["clean"]:
            number = str(paths["clean"]) if parts else _number(paths["clean"], "file")
            parts.append(f"{number} clean")
        if paths["skipped"]:
            parts.append(f"{paths['skipped']} skipped")
        if paths["not-utf8"]:
            parts.append(f"{paths['not-utf8']} not UTF-8")
        if paths["error"]:
            parts.append(_number(paths["error"], "error"))
        return ", ".join(parts) or "no files to look at"


class _Finding:
    """What to show of spans that stand together: place, before, after, and their channel."""

    __slots__ = ("after", "before", "channel", "where")

    def __init__(self, where: str, before: str, after: str, channel: str) -> None:
        self.where = where
        self.before = before
        self.after = after
        self.channel = channel


class _Lines:
    """One line for each finding, which begins with its place."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def file(
        self,
        path: str,
        done: str,
        findings: Iterable[_Finding | str],
        guesses: list[tuple[str, str]],
    ) -> Iterator[str]:
        """Yield the lines about one file."""
        path = styled(f"{path}:", BOLD, self._color)
        for row in findings:
            if isinstance(row, str):
                yield f"{path} {row}"
            else:
                channel = styled(f"({row.channel})", DIM, self._color)
                yield f"{path}{row.where}: {row.before} → {row.after}  {channel}"
        if done:
            yield f"{path} {done}"
        for where, text in guesses:
            yield f"{path}{where}{':' if where else ''} {text}"


class _Blocks:
    """The findings of a file below its name, their places in a column."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def file(
        self,
        path: str,
        done: str,
        findings: Iterable[_Finding | str],
        guesses: list[tuple[str, str]],
    ) -> Iterator[str]:
        """Yield the lines about one file."""
        findings = list(findings)
        rows = [row for row in findings if isinstance(row, _Finding)]
        width = max([len(row.where) for row in rows] + [len(row[0]) for row in guesses], default=0)
        channels = {row.channel for row in rows}
        common = self._dim(f"  {next(iter(channels))}") if len(channels) == 1 else ""
        yield f"{styled(path, BOLD, self._color)}{f': {done}' if done else ''}{common}"
        for row in findings:
            if isinstance(row, str):
                yield f"  {'':{width}}  {self._dim(row)}"
                continue
            channel = "" if common else self._dim(f"  {row.channel}")
            yield f"  {self._dim(f'{row.where:>{width}}')}  {row.before}"
            yield f"  {self._dim('→'.rjust(width))}  {row.after}{channel}"
        for where, text in guesses:
            yield f"  {self._dim(f'{where:>{width}}')}  {text if where else self._dim(text)}"
        if width:
            yield ""

    def _dim(self, text: str) -> str:
        return styled(text, DIM, self._color)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _done(replaced: int, left: int) -> str:
    parts = [f"{_number(replaced, 'span')} repaired"] if replaced else []
    if left:
        parts.append(f"{_number(left, 'span')} {LEFT}")
    return ", ".join(parts)
