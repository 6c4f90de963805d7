"""What terminals can do: colour, and a line that shows how far long work is."""

from __future__ import annotations

import os
from time import monotonic

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from typing import Literal, TextIO

    from . import Counts

    Color = Literal["auto", "always", "never"]

__all__ = ["BOLD", "CYAN", "DIM", "GREEN", "RED", "YELLOW", "Progress", "colored", "styled"]

BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"

_PATIENCE = 1.0  # seconds before the line is shown at all
_PAUSE = 0.1  # seconds from one line to the next


def colored(stream: TextIO, color: Color = "auto") -> bool:
    """Tell whether to write colour to `stream`.

    What `auto` is, is as in Python itself: NO_COLOR forbids it, else FORCE_COLOR asks for it, else
    it is for terminals that are not dumb.
    """
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or _is_able(stream)


def _is_able(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def styled(text: str, style: str, on: bool) -> str:
    """Return `text` in a style of ECMA-48 (the number of a graphic rendition), if that is on."""
    return f"\x1b[{style}m{text}\x1b[0m" if on else text


def _columns(stream: TextIO) -> int:
    """Return how wide the terminal is; 80 if it does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


class Progress:
    """A line on a terminal that tells how far long work is, and leaves no trace."""

    def __init__(self, stream: TextIO, color: Color = "auto") -> None:
        self._stream = stream
        self._color = colored(stream, color)
        self._next = monotonic() + _PATIENCE
        self._shown = False

    @staticmethod
    def suits(out: TextIO, err: TextIO) -> bool:
        """Tell whether somebody watches, and nothing else reads."""
        return _is_able(err) and out.isatty()

    def show(self, counts: Counts, path: str) -> None:
        """Show the line, unless it was shown just now or the work has only begun."""
        now = monotonic()
        if now < self._next:
            return
        self._next = now + _PAUSE
        paths = counts.paths
        found = paths["damaged"] + paths["repaired"]
        line = f"{sum(paths.values())} files, {found} damaged: "
        room = max(_columns(self._stream) - len(line) - 1, 0)
        if not path.isascii() or not path.isprintable():
            path = ascii(path)[1:-1]  # so that every character takes one column
        if len(path) > room:
            path = "..." + path[len(path) - room + 3 :] if room > 3 else ""
        self._stream.write(f"\r{styled(line + path, DIM, self._color)}\x1b[K")
        self._stream.flush()
        self._shown = True

    def hide(self) -> None:
        """Erase the line, so that something else can be written."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False
