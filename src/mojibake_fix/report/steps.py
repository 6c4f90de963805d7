"""The report of what is not about text: names, and what is undone."""

from __future__ import annotations

from .places import visible
from .terminal import BOLD, RED, colored, styled

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from typing import TextIO

    from .terminal import Color

__all__ = ["StepReport"]


class StepReport:
    """Writes what was done to `out` and everything else to `err`.

    Args:
        out, err: text streams.
        quiet: only errors.
        color: whether to use colours.

    Attributes:
        errors: how many there were.
    """

    def __init__(
        self, out: TextIO, err: TextIO, *, quiet: bool = False, color: Color = "auto"
    ) -> None:
        self.errors = 0
        self._out = out
        self._err = err
        self._quiet = quiet
        self._color = colored(out, color)
        self._color_err = colored(err, color)

    def done(self, path: str, message: str) -> None:
        """Tell what was done with a path, or would be."""
        if not self._quiet:
            print(f"{styled(f'{visible(path)}:', BOLD, self._color)} {message}", file=self._out)

    def error(self, path: str, message: object) -> None:
        """Tell what went wrong with a path, even when quiet."""
        self.errors += 1
        self._out.flush()
        label = styled("error:", RED, self._color_err)
        print(f"{label} {visible(path)}: {message}", file=self._err)

    def conclude(self, summary: str) -> None:
        """Tell what it was in all."""
        self._out.flush()
        if not self._quiet:
            print(summary, file=self._err)
