"""The report that GitHub shows beside the lines of a pull request: workflow commands.

Escapes are those of GitHub's own `@actions/core`: https://github.com/actions/toolkit
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .places import CONTEXT, WIDEST, before_after, groups, places, visible
from .words import channel_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal, TextIO

    from . import Counts, Outcome

    Level = Literal["error", "warning"]

__all__ = ["GithubReport"]

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


class GithubReport:
    """Writes a warning for each finding that still stands, and an error for each error.

    After a repair that is what was left, with its place in the repaired file.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def add(self, outcome: Outcome) -> None:
        """Write the annotations of one path."""
        if outcome.repair is not None:
            self._findings(outcome)
            if outcome.untold:
                message = f"{outcome.untold} more spans are not told"
                self._write("warning", outcome.path, {}, "fixmoji", message)
        elif outcome.message and outcome.status not in ("skipped", "normalized"):
            level: Level = "error" if outcome.status == "error" else "warning"
            where = {}
            if outcome.place:
                where = {"line": outcome.place[1], "col": outcome.place[2]}
            self._write(level, outcome.path, where, "fixmoji", outcome.message)

    def finish(self, counts: Counts) -> None:
        """Have everything written."""
        self._out.flush()

    def _findings(self, outcome: Outcome) -> None:
        result = outcome.repair
        assert result is not None
        is_done = outcome.status == "repaired"
        for group in groups(places(result, repaired=is_done), CONTEXT, WIDEST):
            span = group[0].span
            if is_done and span.replacement is not None:
                continue
            before, after = before_after(result, group, lambda text, _: text)
            line, column = group[-1].end
            where = {"line": group[0].line, "endLine": line}
            where |= {"col": group[0].column, "endColumn": column}
            self._write(
                "warning", outcome.path, where, channel_words(span.channel), f"{before} → {after}"
            )

    def _write(
        self, level: Level, path: str, where: Mapping[str, int], title: str, message: str
    ) -> None:
        properties = {"file": _in_workspace(path), **where, "title": title}
        shown = ",".join(
            f"{name}={visible(str(value)).translate(_PROPERTY)}"
            for name, value in properties.items()
        )
        print(f"::{level} {shown}::{message.translate(_DATA)}", file=self._out)


def _in_workspace(path: str) -> str:
    """Return a path as GitHub knows it: from the root of the repository, with slashes."""
    root = os.environ.get("GITHUB_WORKSPACE")
    if root:
        try:
            relative = os.path.relpath(path, root)
        except ValueError:
            relative = os.pardir  # another drive
        if relative.split(os.sep)[0] != os.pardir:
            path = relative
    return os.path.normpath(path).replace(os.sep, "/")
