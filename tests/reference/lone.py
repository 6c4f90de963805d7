"""A sequence that breaks off in a text where nothing else is damaged, one code point at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, product
from math import prod
from typing import Protocol

from . import broken, tables
from .tables import BYTE_OF

_KNOWN = tables.constants("tables.h", "model.h", "lone.c")
AROUND, BEHIND, CONTEXT = _KNOWN["AROUND"], _KNOWN["MF_BEHIND"], 8


class Model(Protocol):
    """What is asked of the language model."""

    def costs(self, passages: list[tuple[str, int, int]], /) -> list[tuple[float, float]]: ...


def _length(byte: int) -> int:
    return 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4


def _is_letter(character: str) -> bool:
    return character > "\x7f" and tables.is_letter(character)


def sequences(run: str, decoder: int) -> tuple[int, int, int]:
    """Return how many sequences of a run are whole, break off, and have no continuation."""
    whole = bare = 0
    leads = [i for i, c in enumerate(run) if BYTE_OF[decoder].get(c, 0) >= 0xC2]
    for lead, behind in zip(leads, [*leads[1:], len(run)], strict=True):
        bytes_of = [BYTE_OF[decoder].get(c, 0) for c in run[lead:behind]]
        length = _length(bytes_of[0])
        rest = bytes_of[1:length]
        bare += not 0x80 <= (rest or [0])[0] < 0xC0
        whole += len(rest) == length - 1 and all(0x80 <= byte < 0xC0 for byte in rest)
    return whole, len(leads) - whole, bare


def lone_run(text: str, at: int, decoder: int) -> tuple[int, int, int] | None:
    """Return the run of a decoder that holds an offset, unless it is probably chance."""
    first, last = max(at - AROUND, 0), min(at + AROUND, len(text))
    for start, end, rest in broken.broken_runs(text, decoder, first, last):
        if not start <= at < end:
            continue
        whole, off, bare = sequences(text[start:end], decoder)
        if bare and off > 1 and off > whole:
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


def pieces(text: str, run: tuple[int, int, int], decoder: int) -> list[str]:
    """Return the sequences of a run."""
    start, end, _ = run
    leads = [i for i in range(start, end) if BYTE_OF[decoder].get(text[i], 0) >= 0xC2]
    return [text[at:to] for at, to in zip(leads, [*leads[1:], end], strict=True)]


def whole(piece: str, decoder: int) -> str | None:
    """Return what a whole sequence is; None if it breaks off or is not valid."""
    if sequences(piece, decoder)[:2] != (1, 0):
        return None
    try:
        return bytes(BYTE_OF[decoder][c] for c in piece).decode("utf-8")
    except UnicodeDecodeError:
        return None


def may_be_image(piece: str, decoder: int, other: int, among: range) -> bool:
    """Return whether a sequence may stand for an image of some bytes in another decoder."""
    images = [image for image, byte in BYTE_OF[other].items() if byte in among]
    if sequences(piece, decoder)[0]:
        return whole(piece, decoder) in images
    return any(image.encode()[0] == BYTE_OF[decoder][piece[0]] for image in images)


def may_be_twice(text: str, run: tuple[int, int, int], decoder: int) -> bool:
    """Return whether neighbours in a run may be the start of a sequence that was read twice.

    The second time a usual decoder may have read them.
    """
    leads, continuations = range(0xC2, 0xF5), range(0x80, 0xC0)
    return any(
        may_be_image(one, decoder, other, leads)
        and may_be_image(two, decoder, other, continuations)
        for one, two in pairwise(pieces(text, run, decoder))
        for other in (decoder, 0, 1)
    )


def readings(piece: str, decoder: int, behind: str, literal: float) -> Iterator[tuple[str, float]]:
    """Yield what a sequence may be, with what that costs besides; it may take what is behind it."""
    yield piece + behind, literal * sum(c > "\x7f" for c in piece)
    bytes_of = [BYTE_OF[decoder].get(c, 0) for c in piece]
    if sequences(piece, decoder)[:2] == (1, 0):
        original = whole(piece, decoder)
        if original:
            yield from ((original + behind[i:], 0.0) for i in range(len(behind) + 1))
        return
    kept = 1 + max(i for i, c in enumerate(piece) if i == 0 or c > "\x7f")
    continuations = (byte for byte in bytes_of[1:] if 0x80 <= byte < 0xC0)
    for original in originals(bytes_of[0], next(continuations, None)):
        for i in range(kept, len(piece + behind) + 1):
            yield original + (piece + behind)[i:], 0.0


def all_readings(
    text: str, run: tuple[int, int, int], decoder: int, literal: float
) -> list[list[tuple[str, float]]]:
    """Return what each sequence of a run may be; the last one may take what is behind it."""
    parts = pieces(text, run, decoder)
    tails = [""] * (len(parts) - 1) + [text[run[1] : run[2]]]
    return [
        list(readings(part, decoder, tail, literal))
        for part, tail in zip(parts, tails, strict=True)
    ]


def count_readings(text: str, run: tuple[int, int, int], decoder: int) -> int:
    """Return how many readings a run has."""
    return prod(map(len, all_readings(text, run, decoder, 0.0)))


def worth(original: str) -> int:
    """Return as much as how many letters an original may cost: an emoji as much as three."""
    return sum(3 if re.match("[\u2600-\u27bf\U0001f000-\U0001faff]", c) else 1 for c in original)


def evidence(  # noqa: PLR0917 - as many as the core takes
    text: str, run: tuple[int, int, int], decoder: int, model: Model, most: float, literal: float
) -> float:
    """Return the greatest evidence, in nats, of an original of a run.

    `most` is what it may cost, in nats by letter, and `literal` what it costs that a code point
    beyond ASCII stands as written.
    """
    start, _, rest = run
    observed, behind = text[start:rest], text[rest : rest + BEHIND]
    before = text[max(start - CONTEXT, 0) : start]
    read = all_readings(text, run, decoder, literal)
    whole_readings = [
        ("".join(part for part, _ in each), sum(more for _, more in each))
        for each in product(*read)
    ]
    passages = [
        (before + original + behind, len(before), len(before) + len(original))
        for original, _ in whole_readings
    ]
    written = sum(model.costs([(before + observed + behind, len(before), 10_000)])[0])
    return max(
        (
            written - inside - after - more
            for (inside, after), (original, more) in zip(
                model.costs(passages), whole_readings, strict=True
            )
            if inside <= most * worth(original)
        ),
        default=-1e9,
    )
