"""Outcomes to show to reports."""

from __future__ import annotations

import io

from mojibake_fix import Channel, Repair, Span
from mojibake_fix.report import Outcome


def span(start: int, observed: str, replacement: str | None, channel: str = "utf-8>cp1252") -> Span:
    end = start + len(observed)
    return Span(start, end, observed, replacement, Channel.parse(channel), 20.0, 0.999)


def repaired(text: str, *pairs: tuple[str, str | None]) -> Repair:
    """Return a repair that replaces each first part found by the second."""
    spans, position, pieces = [], 0, []
    for observed, replacement in pairs:
        start = text.index(observed, position)
        spans.append(span(start, observed, replacement))
        pieces += [text[position:start], observed if replacement is None else replacement]
        position = start + len(observed)
    return Repair(text, "".join([*pieces, text[position:]]), tuple(spans))


def damaged(text: str, *pairs: tuple[str, str | None], path: str = "a.md") -> Outcome:
    return Outcome(path, "damaged", repair=repaired(text, *pairs))


class Screen(io.StringIO):
    """A stream that takes itself for a terminal."""

    def isatty(self) -> bool:
        return True
