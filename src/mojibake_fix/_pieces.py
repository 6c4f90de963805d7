"""Which stretches of a text lost bytes, and what is known around them."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from . import _core
from . import model as language_model
from ._prior import ACCEPT, DAMAGE, LOSS, MOST_LONE, PRIOR, RARER
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

# Pieces at suspects that are looked at, at most.
LONES = 100

# A lead that stands alone within a word, and the one of an apostrophe that became three.
_LONE_LEAD = re.compile(r"(?<=[a-z])(?:Ã(?=[a-z]| [a-z])|â(?=\?\?[a-z]))")


class Edit(NamedTuple):
    """What the core says of a run: see `mf_edit`."""

    start: int
    end: int
    original: str | None
    decoder: int
    evidence: int
    odds: int
    rival: int
    flags: int


# The fields of an edit, as the core gives them.
CoreEdit = tuple[int, int, "str | None", int, int, int, int, int]


@dataclass
class Piece:
    """A lossy run, as it stands among what is given around it.

    Attributes:
        start, end: in the observed text; `end` includes what may be folded images behind it.
        edit: what the core says of it.
        need: evidence, in nats, without which it stays as observed.
        most: what the original may cost by code point, in nats, or its language is not known.
        at: its offset in the joined text of all pieces.
    """

    start: int
    end: int
    edit: Edit
    need: float
    most: float
    at: int = 0


class Line(NamedTuple):
    """A line, as the lattice takes it.

    Attributes:
        text, given: its code points, and what is known of each.
        marks: those that are not given, or stand behind one that is not.
    """

    text: str
    given: bytes
    marks: set[str]


class _Joined:
    """A text that grows, and of each of its code points whether it is given."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._given: list[bytes] = []
        self.length = 0

    def add(self, part: str, given: bool) -> None:
        self._parts.append(part)
        self._given.append((b"\1" if given else b"\0") * len(part))
        self.length += len(part)

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def given(self) -> bytes:
        return b"".join(self._given)


class Text:
    """All pieces with their context, joined by line ends, as the lattice takes them."""

    def __init__(self, known: Known, pieces: Sequence[Piece]) -> None:
        self.known = known
        self.pieces = pieces
        self.borders: list[tuple[int, int]] = []  # of each piece in what is known
        joined = _Joined()
        last = 0
        for piece in pieces:
            start, end = known.offset(piece.start), known.offset(piece.end)
            between = known.text[last:start]
            if not self.borders:
                joined.add(known.before(start), True)
            elif len(between) <= 2 * CONTEXT and "\n" not in between:
                joined.add(between, True)
            else:
                joined.add(f"{known.behind(last)}\n{known.before(start)}", True)
            self.borders.append((start, end))
            piece.at = joined.length
            joined.add(known.observed[piece.start : piece.end], False)
            last = end
        if self.borders:
            joined.add(known.behind(last), True)
        self.text = joined.text
        self.given = joined.given

    def lines(self) -> list[Line]:
        """Return the lines, each with its line end."""
        lines = []
        pieces = iter([*self.pieces, None])
        piece = next(pieces)
        end = 0
        for line in self.text.split("\n"):
            start, end = end, end + len(line) + 1
            marks: set[str] = set()
            while piece and piece.at < end:
                at = piece.at - start
                marks.update((line + "\n")[at : at + piece.end - piece.start + 1])
                piece = next(pieces)
            lines.append(Line(line + "\n", (self.given + b"\1")[start:end], marks))
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

    def __init__(self, observed: str, edits: Sequence[CoreEdit]) -> None:
        self.observed = observed
        self._starts: list[int] = []  # of lossless spans in what is observed, in order
        self._ends: list[tuple[int, int]] = []  # there, and in what is known
        parts, at, length = [], 0, 0
        for start, end, original, _, _, _, _, _ in edits:
            if original is not None:
                parts += [observed[at:start], original]
                length += start - at + len(original)
                at = end
                self._starts.append(start)
                self._ends.append((at, length))
        self.text = "".join([*parts, observed[at:]])

    def offset(self, observed: int) -> int:
        """Return where in the text is what an offset in what is observed stands for."""
        i = bisect_left(self._starts, observed)
        if not i:
            return observed
        end, offset = self._ends[i - 1]
        return offset + max(observed - end, 0)

    def before(self, offset: int) -> str:
        start = max(offset - CONTEXT, 0)
        return self.text[max(start, self.text.rfind("\n", start, offset) + 1) : offset]

    def behind(self, offset: int) -> str:
        end = self.text.find("\n", offset, offset + CONTEXT)
        return self.text[offset : end if end >= 0 else offset + CONTEXT]


def lossy_pieces(text: str, edits: Sequence[CoreEdit]) -> list[Piece]:
    """Return the lossy runs; those that touch are one."""
    lossy: list[tuple[Edit, int]] = []  # and where the next lossless span starts
    limit = len(text)
    for edit in reversed(edits):
        if edit[-1] & _core.LOSSY:
            lossy.append((Edit._make(edit), limit))
        else:
            limit = edit[0]
    pieces: list[Piece] = []
    for edit, limit in reversed(lossy):
        end = _core.broken_rest(text, edit.decoder, edit.end, limit)
        last = pieces[-1] if pieces else None
        if last and last.end >= edit.start and last.edit.decoder == edit.decoder:
            last.end = max(last.end, end)
            last.edit = last.edit._replace(end=edit.end)
        else:
            if last and last.end > edit.start:
                last.end = edit.start
            pieces.append(Piece(edit.start, end, edit, ACCEPT, MOST))
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
            edit = Edit(start, end, None, decoder, 0, 0, 0, _core.LOSSY)
            pieces.append(Piece(start, rest, edit, NEED_WEAK, MOST))
    return apart(pieces)


def _lone_pieces(text: str) -> list[Piece]:
    """Return what breaks off at the suspects of a document without any other damage."""
    pieces: list[Piece] = []
    for at, most in _lone_places(text):
        if len(pieces) >= LONES:
            break
        runs = _core.lone_runs(text, at)
        if runs and most == MOST_LONE:  # most are refuted sooner than read in all ways
            runs = _core.lone_runs(text, at, PRIOR, language_model.load())
        for decoder, start, end, rest in runs:
            edit = Edit(start, end, None, decoder, 0, 0, 0, _core.LOSSY)
            pieces.append(Piece(start, rest, edit, NEED_LONE + RARER[DECODERS[decoder]], most))
    pieces.sort(key=lambda piece: (piece.start, RARER[DECODERS[piece.edit.decoder]]))
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
