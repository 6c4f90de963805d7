"""Marks in comments that keep the repair away: `fixmoji: off`, `fixmoji: on`, `fixmoji: ignore`."""

from __future__ import annotations

import re

__all__ = ["MARK", "Marks", "hidden"]

MARK = "fixmoji:"
"""What every mark holds."""

# What opens a comment: anywhere in a line, or at its beginning only, for elsewhere it is common.
_COMMENT = r"#|//|/\*+|<!--|--|;|%|\(\*|\{-|\{#|\{\{!|\.\.|\b(?:dnl|[Rr][Ee][Mm])\b|^[ \t]*[\"'*!>]"
_DIRECTIVE = re.compile(rf"(?m)(?:{_COMMENT})[ \t]*{MARK}[ \t]*(off|on|ignore)\b")


class Marks:
    """What the marks say, line after line.

    Attributes:
        off: whether a mark has switched the repair off, and none has switched it on again.
    """

    __slots__ = ("off",)

    def __init__(self, off: bool = False) -> None:
        self.off = off

    def hide(self, line: str) -> bool:
        """Take the next line, and return whether it is to stay as it is.

        The lines of the marks themselves stay, too.
        """
        was_off, ignored = self.off, False
        for directive in _DIRECTIVE.findall(line):
            if directive == "ignore":
                ignored = True
            else:
                self.off = directive == "off"
        return was_off or self.off or ignored


def hidden(text: str) -> str:
    """Return a text with the lines that marks keep away blanked, character by character.

    The same object if there is no mark.
    """
    if MARK not in text:
        return text
    marks, lines = Marks(), text.split("\n")
    shown = [" " * len(line) if marks.hide(line) else line for line in lines]
    return text if shown == lines else "\n".join(shown)
