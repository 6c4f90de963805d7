"""Where a stream may be divided: units that depend on its text only, never on how it comes.

A unit ends behind a word or with the line, as the caller says. One of `LONGEST_UNIT` code points is
divided: behind the last word, else behind the last ASCII character that is not part of an escape,
else inside a run of non-ASCII characters and escapes, where a damaged character may end.
"""

from __future__ import annotations

from ._core import find_escape, find_foreign, find_lead, find_pair, find_suspect

__all__ = [
    "LINE_END",
    "LONGEST_UNIT",
    "WORD_ENDS",
    "Doubts",
    "divide_run",
    "last_end",
    "plain_until",
    "unit_end",
]

LONGEST_UNIT = 16_384
"""How many code points are dealt with at once at most."""

LINE_END = "\n"
WORD_ENDS = " \n\t\u3000。，、！？；："
"""What a line and a word end with. None of it is an image, so that no damage reaches across."""

# What an escape begins with.
_MARKS = "\\&%="

# To end a run of non-ASCII without a damaged character in two: the places to try, and how much of
# the run to look at. A character of four bytes that was damaged three times is some 30 long.
_PLACES = 48
_LOOK = 512


def last_end(text: str, start: int, stop: int, ends: str) -> int:
    """Return where the last unit between `start` and `stop` ends, `start` if none does."""
    end = start
    for mark in ends:
        end = max(end, text.rfind(mark, end, stop) + 1)
    return end


def unit_end(text: str, start: int, least: int, ends: str) -> tuple[int, bool]:
    """Return where the unit that begins at `start` ends, and whether it cannot go on.

    A unit shorter than `least` code points ends with the line only. The end is -1 if it is still to
    come.
    """
    stop = start + LONGEST_UNIT
    line_end = text.find(LINE_END, start, min(start + least, stop)) + 1
    if line_end:
        return line_end, True
    end = -1
    for mark in ends:
        found = text.find(mark, start + max(least - 1, 0), stop)
        if found >= 0:
            end = stop = found + 1
    if end >= 0:
        return end, text[end - 1] == LINE_END
    if len(text) - start < LONGEST_UNIT:
        return -1, False
    return start + _divide(text[start : start + LONGEST_UNIT]), True


def _divide(line: str) -> int:
    """Return where to divide what is too long for one unit."""
    end = last_end(line, 0, len(line), WORD_ENDS)
    if end:
        return end

    from .views import whole

    seen, spelt = whole(line)
    for end in range(len(seen), 0, -1):
        if seen[end - 1] < "\x80":
            return spelt(end)
    return spelt(divide_run(seen)) if seen else len(line)


def divide_run(run: str) -> int:
    """Return where to divide a run of non-ASCII: where most of what comes before is repaired.

    A damaged character in two would look as if bytes were lost, and all the run would be left.
    """
    look = run[-_LOOK:]
    if find_suspect(look) < 0:
        return len(run)

    from ._layers import undo_whole

    def left(short: int) -> int:
        return len(undo_whole(look[: len(look) - short])) + short

    return len(run) - min(range(min(_PLACES, len(run))), key=left)


class Doubts:
    """Where a text may be damaged; what is before passes unread."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._suspect = self._foreign = self._lead = self._pair = self._escape = -1
        self._decoders = 0, 0

    def next(self, start: int, leads: int, pairs: int, *, foreign: bool = False) -> int:
        """Return the first such place from `start` on, or the length of the text.

        In a document that was damaged, images of two bytes that may stand side by side need not be
        suspects, and an escape may stand for one; where it may have lost bytes, an image of a lead
        byte is enough, and where it is foreign, anything but ASCII.

        Args:
            start: where to begin.
            leads: the decoders that may have damaged a document and lost bytes, a bit for each.
            pairs: those that may have damaged it, but lost none.
            foreign: whether the document is foreign.
        """
        if self._suspect < start:
            self._suspect = self._found(find_suspect(self._text, start))
        if self._foreign < start:
            self._foreign = self._found(find_foreign(self._text, start))
        sign = min(self._suspect, self._foreign)
        if foreign:
            import re

            other = re.compile("[^\0-\x7f]").search(self._text, start, sign)
            return other.start() if other else sign
        if not leads and not pairs:
            return sign
        if (leads, pairs) != self._decoders:
            self._lead = self._pair = -1
            self._decoders = leads, pairs
        if self._lead < start:
            self._lead = self._found(find_lead(self._text, start, leads))
        if self._pair < start:
            self._pair = self._found(find_pair(self._text, start, pairs))
        if self._escape < start:
            self._escape = self._found(find_escape(self._text, start))
        return min(sign, self._lead, self._pair, self._escape)

    def _found(self, offset: int) -> int:
        return len(self._text) if offset < 0 else offset


def plain_until(text: str, start: int) -> int:
    """Return where ASCII that stands at `start` and begins no escape ends: it can never change."""
    end = start
    while end < len(text) and text[end] < "\x80" and text[end] not in _MARKS:
        end += 1
    return end
