"""Which stretches of a text lost bytes, and what is known around them."""

from __future__ import annotations

import math
import re
from array import array
from dataclasses import dataclass
from itertools import accumulate, compress
from typing import TYPE_CHECKING, NamedTuple

from . import _core
from . import model as language_model
from ._prior import ACCEPT, DAMAGE, FAVOUR, LOSS, MOST_LONE, PRIOR, RARER
from .channels import DECODERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Code points of known text that are looked at before and behind what is to be restored.
CONTEXT = 6

# Evidence, in nats, without which a run that only the document makes suspect stays as it is, and
# one that nothing else does.
NEED_WEAK = 3.5

NEED_LONE = -DAMAGE + ACCEPT + LOSS

# What an original may cost, in nats by code point: beyond, the model does not know its language.
# An apostrophe costs much behind nouns, whatever the language.
MOST, MOST_LEAD = 20.0, 12.0
MOST_APOSTROPHE = 15.0

# Pieces at suspects that are looked at, and suspects of which all runs are judged before, at most.
LONES = 100

# A lead that stands alone within a word, and the one of an apostrophe that became three.
_LONE_LEAD = re.compile(r"(?<=[a-z])(?:Ã(?=[a-z]| [a-z])|â(?=\?\?[a-z]))")

# What is given of each code point, the other way round.
_NOT = bytes(not byte for byte in range(256))

# An edit, as the core gives it: start, end, original, decoder, evidence, odds, rival, flags; see
# `mf_edit`.
CoreEdit = tuple[int, int, "str | None", int, int, int, int, int]


@dataclass(slots=True)
class Piece:
    """A lossy run, as it stands among what is given around it.

    Attributes:
        start, end: in the observed text; `end` includes what may be folded images behind it.
        run_end: where the run itself ends.
        decoder: the wrong decoder that the core found.
        need: evidence, in nats, without which it stays as observed.
        most: what the original may cost by code point, in nats, or its language is not known.
        at: its offset in the joined text of all pieces.
        favour: evidence, in nats, that the document adds.
    """

    start: int
    end: int
    run_end: int
    decoder: int
    need: float
    most: float
    at: int = 0
    favour: float = 0.0


class Line(NamedTuple):
    """A line, as the lattice takes it: its code points, and what is known of each."""

    text: str
    given: bytes

    def marks(self) -> set[str]:
        """Return the code points that are not given, or stand behind one that is not."""
        lossy = self.given.translate(_NOT)
        return {*compress(self.text, lossy), *compress(self.text[1:], lossy)}


class Text:
    """All pieces with their context, joined by line ends, as the lattice takes them.

    Attributes:
        known: what is known around the pieces.
        pieces: the pieces.
        borders: where each begins and ends in what is known.
        text, given: what is joined, and 1 for each code point of it that is known, else 0.
    """

    def __init__(self, known: Known, pieces: Sequence[Piece]) -> None:
        self.known = known
        self.pieces = pieces
        self.text, self.given, joints = known.joined(pieces)
        self.borders = []
        for piece, (begin, stop, at) in zip(pieces, joints, strict=True):
            piece.at = at
            self.borders.append((begin, stop))

    def lines(self) -> list[Line]:
        """Return the lines, each with its line end."""
        lines, end = [], 0
        given = self.given + b"\1"
        for line in self.text.split("\n"):
            start, end = end, end + len(line) + 1
            lines.append(Line(line + "\n", given[start:end]))
        return lines

    def observed(self, behind: int = 0) -> str:
        """Return the pieces alone, each with some code points of what stands behind it."""
        text = self.text + "\n"
        return "".join(text[p.at : p.at + p.end - p.start + behind] for p in self.pieces)


class Known:
    """What is known of a text: what stands in it undamaged, and what lossless spans hide.

    Attributes:
        observed: the text.
        text: the same with what lossless spans hide in their place.
    """

    def __init__(self, observed: str, text: str, lossless: Sequence[CoreEdit]) -> None:
        self.observed, self.text = observed, text
        self._starts = array("q", [edit[0] for edit in lossless])
        self._ends = array("q", [edit[1] for edit in lossless])
        # What is to be added to an offset behind each, in what is observed, for one in the text.
        grown = [len(edit[2] or "") - edit[1] + edit[0] for edit in lossless]
        self._shifts = array("q", accumulate(grown))

    def joined(self, pieces: Sequence[Piece]) -> tuple[str, bytes, list[tuple[int, int, int]]]:
        """Return pieces with what is known around them, and where each is; see `Text`."""
        return _core.join_pieces(
            self.observed,
            self.text,
            self._starts,
            self._ends,
            self._shifts,
            [(piece.start, piece.end) for piece in pieces],
            CONTEXT,
        )


def lossy_pieces(text: str, edits: Sequence[CoreEdit]) -> list[Piece]:
    """Return the lossy runs; those that touch are one."""
    lossy: list[tuple[CoreEdit, int]] = []  # and where the next lossless span starts
    limit = len(text)
    for edit in reversed(edits):
        if edit[-1] & _core.LOSSY:
            lossy.append((edit, limit))
        else:
            limit = edit[0]
    pieces: list[Piece] = []
    last = None
    for (start, run_end, _, decoder, *_), limit in reversed(lossy):
        end = _core.broken_rest(text, decoder, run_end, limit)
        if last and last.end >= start and last.decoder == decoder:
            last.end, last.run_end = max(last.end, end), run_end
        else:
            if last and last.end > start:
                last.end = start
            last = Piece(start, end, run_end, decoder, ACCEPT, MOST)
            pieces.append(last)
    return pieces


def _sample(pieces: Sequence[Piece], most: int) -> list[Piece]:
    """Return pieces from all over the document, of some `most` code points in all."""
    length = sum(piece.end - piece.start for piece in pieces)
    if length <= most:
        return list(pieces)
    step = length // most + 1
    return list(pieces[::step]) or list(pieces[:1])


def sampled(known: Known, pieces: Sequence[Piece], most: int) -> Text:
    return Text(known, _sample(pieces, most))


def weak_pieces(text: str, edits: Sequence[CoreEdit], decoders: set[int]) -> list[Piece]:
    """Return what breaks off, in a document that other spans show to be damaged if any do."""
    if not decoders:
        return _lone_pieces(text)
    pieces: list[Piece] = []
    for decoder in sorted(decoders):
        for start, end, rest in _core.broken_runs(text, decoder, 0, len(text), edits):
            pieces.append(Piece(start, rest, end, decoder, NEED_WEAK, MOST))
    if not pieces:
        return []
    pieces = apart(pieces)
    favour = _favour(text, edits, pieces)
    for piece in pieces:
        piece.favour = favour
    return pieces


def _favour(text: str, edits: Sequence[CoreEdit], weak: Sequence[Piece]) -> float:
    """Return what speaks for damage, in nats, because all that is sure in a document is damaged."""
    damaged = [
        text[edit[0] : edit[1]] for edit in edits if edit[2] is not None or edit[-1] & _core.LOSSY
    ]
    sure = len(damaged)
    damaged += [text[piece.start : piece.end] for piece in weak]
    written = _beyond_ascii(text) - _beyond_ascii("".join(damaged))
    return min(max(math.log((1 + sure) / (1 + max(written, 0))), 0.0), FAVOUR)


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _lone_pieces(text: str) -> list[Piece]:
    """Return what breaks off at the suspects of a document without any other damage."""
    pieces: list[Piece] = []
    judged = 0
    for at, most in _lone_places(text):
        if len(pieces) >= LONES:
            break
        runs = _core.lone_runs(text, at)
        # Most are refuted sooner than read in all ways.
        if runs and most == MOST_LONE and judged < LONES:
            runs = _core.lone_runs(text, at, PRIOR, language_model.load())
            judged += 1
        for decoder, start, end, rest in runs:
            need = NEED_LONE + RARER[DECODERS[decoder]]
            pieces.append(Piece(start, rest, end, decoder, need, most))
    pieces.sort(key=lambda piece: (piece.start, RARER[DECODERS[piece.decoder]]))
    return apart(pieces)


def _lone_places(text: str) -> Iterator[tuple[int, float]]:
    """Yield the suspects, then leads that stand alone in words, and what originals may cost."""
    at = _core.find_suspect(text)
    while at >= 0:
        yield at, MOST_LONE
        at = _core.find_suspect(text, at + 1)
    if has_lone_lead(text):
        for lead in _LONE_LEAD.finditer(text):
            yield lead.start(), MOST_LEAD if lead[0] == "Ã" else MOST_APOSTROPHE


def has_lone_lead(text: str) -> bool:
    """Return whether a lead stands alone within a word of small ASCII letters.

    The scan sees those of letters, see `foreign.c`; those of apostrophes show behind another layer.
    """
    return ("Ã" in text or "â??" in text) and _LONE_LEAD.search(text) is not None


def apart(pieces: list[Piece]) -> list[Piece]:
    """Return pieces in order, less those that overlap one that begins before them."""
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if not kept or piece.start >= kept[-1].end:
            kept.append(piece)
    return kept


def judged(
    observed: str,
    original: str,
    starts: array[int],
    flags: bytes,
    pieces: list[tuple[int, int, int, int, int]],
) -> list[tuple[int, int, float, float, float]]:
    """Return what the lattice made of pieces, and what that costs; see `mf_piece`.

    Args:
        observed: what was decoded.
        original: what was made of it.
        starts: offset in `observed` of each code point of `original`.
        flags: of each.
        pieces: where each begins and ends and its run ends in `observed`, and where it begins and
            ends in `original`.
    """
    return _core.judge_pieces(language_model.load(), observed, original, starts, flags, pieces)


def restored_stretches(
    flags: bytes, posteriors: array[float], pieces: list[tuple[int, int]]
) -> list[tuple[int, int, int, float]]:
    """Return the stretches of pieces that were restored.

    Of each the number of its piece, where it starts and stops, and the least posterior.
    """
    return _core.restored_stretches(flags, posteriors, pieces)
