"""Which stretches of a text lost bytes, and what is known around them."""

from __future__ import annotations

import math
import re
from array import array
from itertools import accumulate, compress, count, islice
from operator import add, itemgetter
from typing import TYPE_CHECKING, NamedTuple

from . import _core
from . import model as language_model
from ._prior import ACCEPT, DAMAGE, FAVOUR, LOSS, MOST_LONE, PRIOR, RARER
from ._scripts import beyond_ascii
from .channels import DECODERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Code points of known text that are looked at before and behind what is to be restored.
CONTEXT = 6

# Evidence, in nats, without which a run that only the document makes suspect stays as it is, and
# one that nothing else does.
NEED_WEAK = 3.5

NEED_LONE = -DAMAGE + ACCEPT + LOSS

# What an original may cost, in nats by letter: beyond, the model does not know its language.
# An apostrophe costs much behind nouns, whatever the language.
MOST, MOST_LEAD = 20.0, 12.0
MOST_APOSTROPHE = 15.0

# Pieces at suspects that are looked at, and suspects of which all runs are judged before, at most.
LONES = 100

# A lead that stands alone within a word, or of which question marks are left, as of an apostrophe.
_LONE_LEAD = re.compile(
    r"(?<=[a-z])(?:Ã(?=[a-z]| [a-z])|â(?=\?\?[a-z]))|(?<![A-Z/=\x80-\U0010ffff])Ã(?=\?[a-z])"
)

# What is given of each code point, the other way round.
_NOT = bytes(not byte for byte in range(256))


# What undoes a layer of a text, which pieces were understood, and what was restored of them; see
# `_core`.
Edits = _core.Edits
judge_pieces = _core.judge_pieces
restored_stretches = _core.restored_stretches


class Piece(NamedTuple):
    """A lossy run, as it stands among what is given around it.

    Attributes:
        start, end: in the observed text; `end` includes what may be folded images behind it.
        run_end: where the run itself ends.
        decoder: the wrong decoder that the core found.
        need: evidence, in nats, without which it stays as observed.
        most: what the original may cost by letter, in nats, or its language is not known.
        favour: evidence, in nats, that the document adds.
    """

    start: int
    end: int
    run_end: int
    decoder: int
    need: float
    most: float
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
        text, given: what is joined, and 1 for each code point of it that is known, else 0.
        begins, stops: where each piece begins and ends in what is known.
        bounds: of each five figures: where it begins and ends in `text`, and its run ends; and
            where its original does, once that is known; see `placed`.
    """

    def __init__(self, known: Known, pieces: list[Piece]) -> None:
        self.known = known
        self.pieces = pieces
        self.text, self.given, self.begins, self.stops, self.bounds = _core.join_pieces(
            known.observed, known.text, known.edits, pieces, CONTEXT
        )

    def placed(self, starts: array[int]) -> array[int]:
        """Return the bounds with where the original of each piece begins and ends.

        `starts` are the offsets in `text` of the code points of the originals.
        """
        return array("q", _core.place_pieces(starts, self.bounds))

    def document(self, original: str, bounds: array[int]) -> tuple[str, array[int]]:
        """Return the document with originals in it, and where those of the pieces begin there."""
        document, begins = _core.put_pieces(
            self.known.text, self.begins, self.stops, original, bounds
        )
        return document, array("q", begins)

    def lines(self, first: int = 0, step: int = 1) -> list[Line]:
        """Return the lines, or every so many of them, each with its line end."""
        lines, given = self.text.split("\n"), self.given + b"\1"
        ends = map(add, accumulate(map(len, lines)), count(1))
        return [
            Line(line + "\n", given[end - len(line) - 1 : end])
            for line, end in islice(zip(lines, ends, strict=False), first, None, step)
        ]

    def observed(self, behind: int = 0, between: str = "") -> str:
        """Return the pieces alone, each with some code points of what stands behind it."""
        text, bounds = self.text + "\n", array("q", self.bounds)
        return between.join(
            [text[at : end + behind] for at, end in zip(bounds[::5], bounds[1::5], strict=True)]
        )


class Known(NamedTuple):
    """What is known of a text: what stands in it undamaged, and what lossless spans hide.

    Attributes:
        observed: the text.
        text: the same with what lossless spans hide in their place.
        edits: the edits that make the one of the other, lossy ones among them.
    """

    observed: str
    text: str
    edits: Edits


def lossy_pieces(text: str, edits: Edits) -> list[Piece]:
    """Return the lossy runs; those that touch are one."""
    return edits.pieces(text, Piece, ACCEPT, MOST, 0.0)


def _sample(pieces: list[Piece], most: int) -> list[Piece]:
    """Return pieces from all over the document, of some `most` code points in all."""
    length = sum(map(itemgetter(1), pieces)) - sum(map(itemgetter(0), pieces))
    if length <= most:
        return pieces
    return pieces[:: length // most + 1]


def sampled(known: Known, pieces: list[Piece], most: int) -> Text:
    return Text(known, _sample(pieces, most))


def weak_pieces(text: str, edits: Edits, decoders: set[int]) -> list[Piece]:
    """Return what breaks off, in a document that other spans show to be damaged if any do."""
    if not decoders:
        return _lone_pieces(text)
    pieces = apart(
        [
            Piece(start, rest, end, decoder, NEED_WEAK, MOST)
            for decoder in sorted(decoders)
            for start, end, rest in _core.broken_runs(text, decoder, edits)
        ]
    )
    favour = _favour(text, edits, pieces) if pieces else 0.0
    return [piece._replace(favour=favour) for piece in pieces] if favour else pieces


def _favour(text: str, edits: Edits, weak: Sequence[Piece]) -> float:
    """Return what speaks for damage, in nats, because all that is sure in a document is damaged."""
    broken = beyond_ascii("".join([text[piece.start : piece.end] for piece in weak]))
    written = beyond_ascii(text) - edits.beyond_ascii(text) - broken
    return min(max(math.log((1 + len(edits)) / (1 + max(written, 0))), 0.0), FAVOUR)


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
    for piece in sorted(pieces, key=itemgetter(0)):
        if not kept or piece.start >= kept[-1].end:
            kept.append(piece)
    return kept
