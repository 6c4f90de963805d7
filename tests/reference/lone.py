"""A sequence that breaks off in a text where nothing else is damaged, one code point at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Protocol

from . import broken, tables
from .tables import BYTE_OF

_KNOWN = tables.constants("tables.h", "model.h", "lone.c")
AROUND, BEHIND, CONTEXT = _KNOWN["AROUND"], _KNOWN["BEHIND"], 8


class Model(Protocol):
    """What is asked of the language model."""

    def costs(self, passages: list[tuple[str, int, int]], /) -> list[tuple[float, float]]: ...


def _length(byte: int) -> int:
    return 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4


def _is_letter(character: str) -> bool:
    return character > "\x7f" and tables.is_letter(character)


def sequences(run: str, decoder: int) -> tuple[int, int]:
    """Return how many sequences of a run are whole, and how many break off."""
    whole = 0
    leads = [i for i, c in enumerate(run) if BYTE_OF[decoder].get(c, 0) >= 0xC2]
    for lead, behind in zip(leads, [*leads[1:], len(run)], strict=True):
        bytes_of = [BYTE_OF[decoder].get(c, 0) for c in run[lead:behind]]
        length = _length(bytes_of[0])
        rest = bytes_of[1:length]
        whole += len(rest) == length - 1 and all(0x80 <= byte < 0xC0 for byte in rest)
    return whole, len(leads) - whole


def lone_run(text: str, at: int, decoder: int) -> tuple[int, int, int] | None:
    """Return the run of a decoder that holds an offset, unless it is probably chance."""
    first, last = max(at - AROUND, 0), min(at + AROUND, len(text))
    for start, end, rest in broken.broken_runs(text, decoder, first, last):
        if not start <= at < end:
            continue
        whole, off = sequences(text[start:end], decoder)
        if off > 1 and off > whole:
            return None
        around = text[max(start - 1, 0) : start] + text[rest : rest + 1]
        return None if any(map(_is_letter, around)) else (start, end, rest)
    return None


def originals(lead: int, continuation: int | None) -> Iterator[str]:
    """Yield what UTF-8 writes with a lead, and with a continuation if that is known."""
    for rest in product(range(0x80, 0xC0), repeat=_length(lead) - 1):
        if continuation is None or continuation in rest:
            try:
                yield bytes([lead, *rest]).decode("utf-8")
            except UnicodeDecodeError:
                continue


def evidence(
    text: str, run: tuple[int, int, int], decoder: int, model: Model, most: float
) -> float:
    """Return the greatest evidence, in nats, of an original of a run of one sequence.

    `most` is what it may cost, in nats by code point.
    """
    start, end, rest = run
    observed, behind = text[start:rest], text[rest : rest + BEHIND]
    before = text[max(start - CONTEXT, 0) : start]
    kept = 1 + max(i for i, c in enumerate(text[start:end]) if i == 0 or c > "\x7f")
    continuations = [
        byte for c in text[start + 1 : end] if 0x80 <= (byte := BYTE_OF[decoder].get(c, 0)) < 0xC0
    ]
    candidates = originals(BYTE_OF[decoder][text[start]], next(iter(continuations), None))
    tails = [observed[i:] for i in range(kept, len(observed) + 1)]
    passages = [
        (before + original + tail + behind, len(before), len(before) + 1 + len(tail))
        for original in candidates
        for tail in tails
    ]
    written = sum(model.costs([(before + observed + behind, len(before), 10_000)])[0])
    return max(
        (
            written - inside - after
            for (inside, after), (_, begin, stop) in zip(
                model.costs(passages), passages, strict=True
            )
            if inside <= most * (stop - begin)
        ),
        default=-1e9,
    )
