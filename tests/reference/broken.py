"""Runs of sequences that break off, slowly and obviously: by regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from mojibake_fix.channels import DECODERS
from mojibake_fix.channels._tables import DECODED

Edit = tuple[int, int, str | None, int, int, int, int, int]

FOLDED = "-\"'. "  # what images are folded to


class Shape:
    """How sequences of a decoder look, whole, and with bytes lost."""

    def __init__(self, decoder: int) -> None:
        images = DECODED[DECODERS[decoder]]

        def some(first: int, last: int) -> str:
            return re.escape("".join(images[first - 0x80 : last - 0x7F]))

        two, three, four = some(0xC2, 0xDF), some(0xE0, 0xEF), some(0xF0, 0xF4)
        go_on = some(0x80, 0xBF)
        self.whole = re.compile(f"[{two}][{go_on}]|[{three}][{go_on}]{{2}}|[{four}][{go_on}]{{3}}")
        stands = f"(?:[{go_on}\ufffd?]|[{FOLDED}]{{1,3}})"
        sequence = f"[{two}]{stands}?|[{three}]{stands}{{0,2}}|[{four}]{stands}{{0,3}}"
        self.run = re.compile(f"(?:{sequence})+")
        self.rest = re.compile(f"[{FOLDED}?]{{1,3}}[{go_on}\ufffd?]{{0,2}}|")


@cache
def shape(decoder: int) -> Shape:
    """Return what sequences of a decoder look like."""
    return Shape(decoder)


def rest(text: str, decoder: int, end: int, limit: int) -> int:
    """Return the end of what may be folded images behind a run."""
    match = shape(decoder).rest.match(text, end, limit)
    assert match
    return match.end()


def lossy_pieces(text: str, edits: Sequence[Edit]) -> list[tuple[int, int, int, int]]:
    """Return the lossy runs, those that touch as one: start, end of the rest, end and decoder."""
    pieces: list[list[int]] = []
    for i, (start, run_end, original, decoder, *_) in enumerate(edits):
        if original is not None:
            continue
        behind = [edit[0] for edit in list(edits)[i:] if edit[2] is not None]
        end = rest(text, decoder, run_end, min([*behind, len(text)]))
        if pieces and pieces[-1][1] >= start and pieces[-1][3] == decoder:
            pieces[-1][1:3] = max(pieces[-1][1], end), run_end
        else:
            if pieces:
                pieces[-1][1] = min(pieces[-1][1], start)
            pieces.append([start, end, run_end, decoder])
    return [(start, end, run_end, decoder) for start, end, run_end, decoder in pieces]


def broken_runs(text: str, decoder: int, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the runs of sequences in which at least one breaks off, and the end of their rest."""
    for match in shape(decoder).run.finditer(text, start, end):
        at: int | None = match.start()
        while at is not None and at < match.end():
            whole = shape(decoder).whole.match(text, at, match.end())
            at = whole.end() if whole else None
        if at is None:
            yield *match.span(), rest(text, decoder, match.end(), end)
