"""Lossy spans to originals: which layers lost what, and what stood there."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache, partial
from itertools import accumulate, chain, islice
from operator import eq, or_
from typing import TYPE_CHECKING, NamedTuple

from . import _core
from . import model as language_model
from ._prior import (
    ACCEPT,
    BESIDES,
    DAMAGE,
    DOUBT,
    HOPELESS,
    HOPELESS_TWICE,
    LITERAL,
    LOSS,
    MANY_BYTES,
    MISMATCH,
    RARER,
    TWICE,
)
from ._scripts import scripts
from ._signs import agreeing
from .channels import DECODERS, Channel, Layer, damage, images
from .channels._tables import DECODED, UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ._detect import Heard

# Code points of known text that are looked at before and behind what is to be restored.
CONTEXT = 6

# Code points of a document's lossy runs after which their layer is not searched for any more.
SETTLED = 3000

# Code points of damaged text that are enough to tell one layer from another.
SAMPLE = 1200

# Where these do not tell, within so many nats, whether soft hyphens were dropped, so many more code
# points are looked at: in some languages they hide in one letter only, or in none.
UNDECIDED, MORE = 4.0, 24_000

# Nats by which a layer may fall behind the best one, and still be tried on more lines.
NEAR = 30.0

# Every so many lines are tried first.
STRIDE = 8

# Channels that one document is searched for.
ROUNDS = 3

# Decoders that are tried at most.
RIVALS = 4

# Decoders that are tried as the inner one of two, beside the outer one's.
INNER = ("cp1252", "latin-1")

LONGEST_FORM = 3  # code points; see lattice.h

# Posterior from which a restored code point counts as known to the rest of the document.
SURE = 0.97

# Posterior below which a restored code point is reported as a guess.
SAID = 0.99

# Code points of a document that are remembered, at most.
MOST_SEEN = 1_000_000

# Evidence, in nats, without which a run that only the document makes suspect stays as it is, and
# one that nothing else does.
NEED_WEAK = 3.5
NEED_LONE = -DAMAGE + ACCEPT + LOSS

# What an original may cost, in nats by code point: beyond, the model does not know its language.
MOST, MOST_LEAD, MOST_LONE = 20.0, 12.0, 6.0

# Code points around a suspect that are looked at, and suspects that are, at most.
LONE, LONES = 24, 100

# How sure a restored letter must be where the text costs less than a share of what its characters
# cost alone. Measured on pages: known languages up to 0.39, unknown ones from 0.36, most beyond
# 0.5; program text and lists of names of known languages up to 0.52.
KNOWN = ((0.45, 0.0), (0.56, 0.95), (math.inf, 0.9995))
LEAST_JUDGED, MOST_JUDGED = 300, 20_000  # code points

# Of so many restored code points of a run, one may be outside the model's vocabulary or stay as it
# is; with more of them the run is not understood, and stays as observed.
STRANGE = 8

# Restored code points of a hopeless layer beyond which nothing else is looked for behind it.
MANY_LOST = 50

# A flag of a layer, and flags of a place; see lattice.h.
_BLIND = 8
_LITERAL, _GIVEN, _UNKNOWN = 1, 2, 4

# Scripts whose characters are words or syllables: rare ones do not make a language unknown.
_CJK = (
    ("\u2e80", "\u9fff"),
    ("\uac00", "\ud7a3"),
    ("\uf900", "\ufaff"),
    ("\uff00", "\uffef"),
    ("\U0001f000", "\U0003ffff"),
)

_LONE_LEAD = re.compile("(?<=[a-z])Ã(?=[a-z]| [a-z])")

_UNITS = 64  # of the language model to the nat


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


class Restored(NamedTuple):
    """A stretch of observed text and what stood there.

    It is hopeless where so much was lost around it that a guess is worth little.
    """

    start: int
    end: int
    original: str
    channel: Channel
    guesses: tuple[tuple[int, float, tuple[tuple[str, float], ...]], ...]
    confidence: float
    evidence: float
    is_hopeless: bool = False


class _Line(NamedTuple):
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


class _Text:
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

    def lines(self) -> list[_Line]:
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
            lines.append(_Line(line + "\n", (self.given + b"\1")[start:end], marks))
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

    def __init__(self, observed: str, edits: Sequence[Edit]) -> None:
        self.observed = observed
        self._starts: list[int] = []  # of lossless spans in what is observed, in order
        self._ends: list[tuple[int, int]] = []  # there, and in what is known
        parts, at, length = [], 0, 0
        for edit in edits:
            if edit.original is not None:
                parts += [observed[at : edit.start], edit.original]
                length += edit.start - at + len(edit.original)
                at = edit.end
                self._starts.append(edit.start)
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


@lru_cache(maxsize=256)
def _forms(channel: Channel) -> tuple[tuple[str, ...], int]:
    """Return what each byte of 80 to FF becomes in the innermost layer and all around it."""
    inner, outer = channel.layers[0], channel.layers[-1]
    if inner.decoder == "utf-8":
        return tuple(DECODED[inner.source]), _BLIND
    flags = sum(
        bit
        for bit, loss in ((1, "spaces-trimmed"), (2, "spaces-squeezed"), (4, "markers-joined"))
        if loss in outer.losses
    )
    table = images(inner)
    forms = [table[byte] for byte in range(0x80, 0x100)]
    for layer in channel.layers[1:]:
        table = images(layer)
        forms = [form.encode().decode("latin-1").translate(table) for form in forms]
    return tuple(forms), flags


@dataclass
class _Decoded:
    """What the lattice makes of a text under a channel.

    Attributes:
        channel: the channel.
        observed: the text that was decoded.
        text: the most probable original.
        starts: offset in `observed` of each code point of `text`.
        flags: of each.
        posteriors: of each.
        others: by offset in `text`, what else it may be.
    """

    channel: Channel
    observed: str
    text: str
    starts: Sequence[int]
    flags: bytes
    posteriors: Sequence[float]
    others: dict[int, tuple[tuple[str, float], ...]]

    @cached_property
    def literal(self) -> bytes:
        """Of each code point: 1 if it stays as observed."""
        return self.flags.translate(bytes(flags & _LITERAL for flags in range(256)))

    def between(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in `text` of what stands from one offset in `observed` to another."""
        return bisect_left(self.starts, start), bisect_left(self.starts, end)


def _decoded(text: str, given: bytes, channel: Channel, seen: str = "") -> _Decoded:
    forms, flags = _forms(channel)
    _, original, starts, kinds, posteriors, others = language_model.load().restore(
        text, given, forms, flags, round(LITERAL * _UNITS), seen
    )
    decoded = _Decoded(
        channel,
        text,
        original,
        memoryview(starts).cast("I"),
        kinds,
        memoryview(posteriors).cast("f"),
        dict(others),
    )
    return _doubted(decoded) if len(_lost(channel)) >= MANY_BYTES else decoded


def _doubted(decoded: _Decoded) -> _Decoded:
    """Return what was decoded, with the odds of every place taken to the power of DOUBT."""
    posteriors = []
    for posterior in decoded.posteriors:
        right, wrong = posterior**DOUBT, (1 - posterior) ** DOUBT
        posteriors.append(right / (right + wrong))
    others = {}
    for i, alternatives in decoded.others.items():
        share = (1 - posteriors[i]) / (1 - decoded.posteriors[i])
        others[i] = tuple((other, share * posterior) for other, posterior in alternatives)
    return replace(decoded, posteriors=posteriors, others=others)


@cache
def _lost(channel: Channel) -> bytes:
    """Return the bytes that a channel of one-byte decoders loses: those that nothing shows."""
    if channel.layers[0].decoder == "utf-8":
        return b""
    lossless = Channel(tuple(replace(layer, losses=()) for layer in channel.layers))
    forms, whole = _forms(channel)[0], _forms(lossless)[0]
    many = len(channel.layers) > 1
    return bytes(
        byte
        for byte, (form, lossless_form) in enumerate(zip(forms, whole, strict=True), start=0x80)
        if form != lossless_form and not (many and not form.isascii() and forms.count(form) == 1)
    )


def _is_hopeless(restored: Sequence[Restored]) -> bool:
    """Return whether what one layer lost can hardly be told."""
    lost, twice, wrong = 0, 0, 0.0
    for found in restored:
        gone = _lost(found.channel)
        if len(gone) >= MANY_BYTES:
            losses = [sum(byte in gone for byte in c.encode()) for c in found.original]
            lost += len(losses) - losses.count(0)
            twice += len(losses) - losses.count(0) - losses.count(1)
            wrong += sum(1 - guess[1] for guess in found.guesses)
    return wrong > HOPELESS * lost or twice > HOPELESS_TWICE * lost


def _losses(decoder: str, observed: str) -> list[tuple[str, ...]]:
    """Return what a decoder's layer may have lost, by what is observed of it."""
    kinds: list[tuple[str, ...]] = []
    prefix = "undefined" if UNDEFINED[decoder] else "c1"
    has_c1 = any("\x80" <= image <= "\x9f" for image in DECODED[decoder])
    if not has_c1:
        return [(), ("soft-hyphen-dropped",)]
    if "\ufffd" in observed:
        kinds.append((f"{prefix}-replaced",))
    if "?" in observed:
        kinds.append((f"{prefix}-question",))
    kinds.append((f"{prefix}-dropped",))
    kinds.append(())
    return [(*kind, *more) for kind in kinds for more in ((), ("soft-hyphen-dropped",))]


# What else may be lost, where one of these marks of it stands in the lossy runs.
_MORE_LOSSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (" ", ("nbsp-folded",)),
    (" ", ("nbsp-folded", "spaces-trimmed", "spaces-squeezed")),
    ("\n", ("nbsp-folded", "spaces-trimmed")),
    ("\n", ("spaces-trimmed",)),
    ("'\"", ("quotes-folded",)),
    ("'\"-.", ("quotes-folded", "dashes-folded", "ellipsis-folded")),
    ("-", ("soft-hyphen-folded",)),
    ("\ufffd?", ("markers-joined",)),
)


# Losses that soft hyphens mostly go with, and what that is called.
_DROPPED = frozenset(("undefined-dropped", "c1-dropped"))
_BESIDES = "soft-hyphen-dropped"


def _cost(losses: tuple[str, ...]) -> float:
    """Return -log of how likely it is, in nats, that a layer lost this."""
    is_besides = _BESIDES in losses and not _DROPPED.isdisjoint(losses)
    return LOSS * len(losses) - (LOSS - BESIDES) * is_besides


def _other_besides(channel: Channel) -> list[Channel]:
    """Return a channel with soft hyphens dropped besides, or without, where that may be."""
    losses = channel.layers[-1].losses
    if _DROPPED.isdisjoint(losses):
        return []
    without = _without(losses, _BESIDES)
    return _with_outer(channel, losses=(*losses, _BESIDES) if without == losses else without)


def _without(losses: tuple[str, ...], loss: str) -> tuple[str, ...]:
    return tuple(kept for kept in losses if kept != loss)


def _explains(decoder: str, observed: Iterable[str]) -> bool:
    """Whether all these characters may come from a decoder, markers apart."""
    known = set(DECODED[decoder])
    return all(c < "\x80" or c == "\ufffd" or c in known for c in observed)


class _Race:
    """Compares channels by what the lines of a text cost, each for as long as it may win.

    Attributes:
        best: the channel with the greatest score.
        scores: log posterior of each channel that was tried, but for a constant.
        likelihoods: of each, in nats; on lines before which it fell behind, that of the best.
    """

    best: Channel

    def __init__(self, text: _Text, prior: Callable[[Channel], float]) -> None:
        lines = text.lines()
        # Some lines from all over the document come first.
        self._lines = [line for first in range(STRIDE) for line in lines[first::STRIDE]]
        self._costs = [0.0] * len(lines)  # of the best
        self._prior = prior
        self.scores: dict[Channel, float] = {}
        self.likelihoods: dict[Channel, float] = {}

    def run(self, channels: Iterable[Channel]) -> Channel:
        """Return the best channel, after these have been tried."""
        for channel in channels:
            if channel not in self.scores:
                self._try(channel)
        return self.best

    def _try(self, channel: Channel) -> None:
        prior, tried = self._prior(channel), list(range(len(self._lines)))
        margin = math.inf
        if self.scores:
            margin = NEAR + max(prior - self._prior(self.best), 0.0)
            marks = _differences(channel, self.best)
            if marks is not None:
                # On other lines the two cannot differ.
                tried = [i for i in tried if not marks.isdisjoint(self._lines[i].marks)]
        costs = language_model.load().line_costs(
            "".join(self._lines[i].text for i in tried),
            b"".join(self._lines[i].given for i in tried),
            *_forms(channel),
            round(LITERAL * _UNITS),
            [cost + margin for cost in accumulate(self._costs[i] for i in tried)],
        )
        all_costs = list(self._costs)
        for i, cost in zip(tried, costs, strict=False):
            all_costs[i] = cost
        self.likelihoods[channel] = -sum(all_costs)
        self.scores[channel] = prior + self.likelihoods[channel]
        if len(self.scores) == 1 or self.scores[channel] > self.scores[self.best]:
            self.best, self._costs = channel, all_costs


def _differences(one: Channel, other: Channel) -> set[str] | None:
    """Return code points without which a line looks alike under two channels; None for none."""
    (forms, flags), (other_forms, other_flags) = _forms(one), _forms(other)
    marks: set[str] = set()
    for form, other_form in zip(forms, other_forms, strict=True):
        if form != other_form:
            if not form or not other_form:
                return None
            marks |= {form[0], other_form[0]}
    for bit, where in ((1, "\n"), (2, " "), (4, "?\ufffd")):
        if (flags ^ other_flags) & bit:
            marks.update(where)
    return marks


class _Inference:
    """Finds the channel that explains pieces best."""

    def __init__(self, text: str, edits: Sequence[Edit], heard: Heard) -> None:
        self.heard = heard
        lossless = [edit for edit in edits if edit.original is not None]
        lossless = lossless[:: len(lossless) // 200 + 1]
        self.lossless = [text[edit.start : edit.end] for edit in lossless]
        self.originals = [edit.original or "" for edit in lossless]

    def prior(self, channel: Channel) -> float:
        """Return the log prior, and what lossless spans tell: they must not show what is lost."""
        outer = Channel(channel.layers[-1:])
        damaged = _damaged(self.originals, outer)
        misfits = sum(map(str.__ne__, damaged, self.lossless))
        layers = sum(RARER[layer.decoder] + _cost(layer.losses) for layer in channel.layers)
        return -layers - MISMATCH * misfits - TWICE * (len(channel.layers) - 1)

    def best(self, sample: Callable[[int], _Text]) -> Channel:
        """Return the most probable channel of a sample, and of what was heard before.

        `sample` takes of how many code points it should be.
        """
        text = sample(SAMPLE)
        before = self.heard.losses
        observed = text.observed()

        def prior(channel: Channel) -> float:
            return self.prior(channel) + before.get(channel, 0.0)

        race = _Race(text, prior)
        decoders = self._decoders(text, observed)
        best = race.run(
            Channel((Layer("utf-8", decoder, losses),))
            for decoder in decoders
            for losses in _losses(decoder, observed)
        )
        best = race.run(_twice(decoders, observed))
        marked = text.observed(1)
        for marks, more in _MORE_LOSSES:
            if any(mark in marked for mark in marks):
                losses = best.layers[-1].losses
                losses += tuple(loss for loss in more if loss not in losses)
                best = race.run(_with_outer(best, losses=losses))
        # What seemed lost before the rest was found may not be: go back as far as that is better.
        better = None
        while better != best:
            better = best
            losses = best.layers[-1].losses
            for loss in losses:
                race.run(_with_outer(better, losses=_without(losses, loss)))
            for decoder in decoders:
                race.run(_with_outer(better, decoder=decoder))
            best = race.best
        others = _other_besides(best)
        race.run(others)
        if any(abs(race.scores[best] - race.scores[other]) < UNDECIDED for other in others):
            best = _Race(sample(MORE), prior).run([best, *others])
        most = max(race.likelihoods.values())
        for channel, likelihood in race.likelihoods.items():
            before[channel] = before.get(channel, 0.0) + max(likelihood - most, -NEAR)
        self.heard.tried += len(observed)
        return best

    def _decoders(self, text: _Text, observed: str) -> list[str]:
        """Return the decoders to try, the most probable first."""
        first = {piece.edit.decoder for piece in text.pieces}
        decoders = [
            d for d, name in enumerate(DECODERS) if d in first or _explains(name, set(observed))
        ]
        decoders.sort(
            key=lambda d: (d in first, self.heard.weights[d] - RARER[DECODERS[d]]), reverse=True
        )
        latin = DECODERS.index("latin-1")
        # Without its C1 controls Latin-1 shows less than any other decoder, and is last by weight.
        last = [latin] if latin in decoders[RIVALS:] else []
        return [DECODERS[d] for d in decoders[:RIVALS] + last]


def _twice(decoders: Iterable[str], observed: str) -> Iterator[Channel]:
    """Return the channels of two layers that what is observed may come from."""
    for decoder in decoders:
        for losses in _losses(decoder, observed):
            outer = Layer("utf-8", decoder, losses)
            inner = [Layer("utf-8", name) for name in dict.fromkeys((decoder, *INNER))]
            for first in [*inner, outer]:
                channel = Channel((first, outer))
                if (losses or first is not outer) and _shows_sequence(observed, channel):
                    yield channel


@lru_cache(maxsize=256)
def _sequence(channel: Channel) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a channel makes of the bytes that begin a sequence, and of those that go on."""
    forms = _forms(channel)[0]
    return tuple({*forms[0x42:0x75]} - {""}), tuple({*forms[:0x40]} - {""})


def _shows_sequence(text: str, channel: Channel) -> bool:
    """Return whether the first two bytes of a sequence stand in a text, after a channel."""
    leads, continuations = _sequence(channel)
    for lead in leads:
        at = text.find(lead)
        while at >= 0:
            if text.startswith(continuations, at + len(lead)):
                return True
            at = text.find(lead, at + 1)
    return False


def _with_outer(channel: Channel, **changes: object) -> list[Channel]:
    """Return a channel with its outermost layer changed, if the lattice can take it."""
    outer = replace(channel.layers[-1], **changes)  # type: ignore[arg-type]
    changed = Channel((*channel.layers[:-1], outer))
    return [changed] if max(map(len, _forms(changed)[0])) <= LONGEST_FORM else []


def _pieces(text: str, edits: Sequence[Edit]) -> list[Piece]:
    """Return the lossy runs; those that touch are one."""
    if not any(edit.flags & _core.LOSSY for edit in edits):
        return []
    limits, limit = [], len(text)  # starts of the lossless spans behind each edit
    for edit in reversed(edits):
        limits.append(limit)
        if not edit.flags & _core.LOSSY:
            limit = edit.start
    pieces: list[Piece] = []
    for edit, limit in zip(edits, reversed(limits), strict=True):
        if not edit.flags & _core.LOSSY:
            continue
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


def _sampled(known: Known, pieces: Sequence[Piece], most: int) -> _Text:
    return _Text(known, _sample(pieces, most))


def restore(text: str, edits: Sequence[Edit], heard: Heard, known: int | None) -> list[Restored]:
    """Return what stood where bytes were lost, as far as that can be told.

    Args:
        text: the observed text.
        edits: what the core says of its runs, in order.
        heard: what the document tells of this layer; what the text tells is added.
        known: the decoder that what came before in the document was damaged by, if it was.
    """
    found: list[Restored] = []
    decoders = {edit.decoder for edit in edits}
    if known is not None:
        decoders.add(known)
    weak = [] if heard.is_whole else _weak_pieces(text, edits, decoders)
    pieces = sorted(_pieces(text, edits) + weak, key=lambda piece: piece.start)
    if not pieces:
        return found
    missed = sum(piece.end - piece.start for piece in pieces if piece.need == NEED_WEAK)
    before = heard.copy()
    inference = _Inference(text, edits, heard)
    context = Known(text, edits)
    settled = None
    if heard.tried >= SETTLED:
        settled = max(heard.losses, key=heard.losses.__getitem__)
    for _ in range(ROUNDS):
        if not pieces:
            break

        channel = settled or inference.best(partial(_sampled, context, pieces))
        left, here = [], []
        for piece, restored in decode_pieces(context, pieces, channel):
            if restored:
                here += restored
            else:
                left.append(piece)
        if _is_hopeless(here):
            heard.is_hopeless = sum(len(each.original) for each in here) >= MANY_LOST
            return sorted(found + [each._replace(is_hopeless=True) for each in here])
        found += here
        if settled:
            # Only what is damaged for itself is worth another search.
            left = [piece for piece in left if piece.need == ACCEPT]
        elif len(left) == len(pieces):
            break
        pieces, settled = left, None
    twice = next((each.channel for each in found if len(each.channel.layers) > 1), None)
    if twice and not decoders:
        # Only some suspects were looked at, and all of the document is damaged.
        heard.losses, heard.tried = before.losses, before.tried
        return restore(text, edits, heard, DECODERS.index(twice.layers[-1].decoder))
    heard.missed = 0 if found else heard.missed + missed
    return sorted(found)


def _weak_pieces(text: str, edits: Sequence[Edit], decoders: set[int]) -> list[Piece]:
    """Return what breaks off, in a document that other spans show to be damaged if any do."""
    if not decoders:
        return _lone_pieces(text)
    pieces: list[Piece] = []
    for decoder in sorted(decoders):
        for start, end, rest in _core.broken_runs(text, decoder, 0, len(text), edits):
            edit = Edit(start, end, None, decoder, 0, 0, 0, _core.LOSSY)
            pieces.append(Piece(start, rest, edit, NEED_WEAK, MOST))
    return _apart(pieces)


def _lone_pieces(text: str) -> list[Piece]:
    """Return what breaks off at the suspects of a document without any other damage."""
    pieces: list[Piece] = []
    for at, most in _lone_places(text):
        if len(pieces) >= LONES:
            break
        first, last = max(at - LONE, 0), min(at + LONE, len(text))
        for decoder, name in enumerate(DECODERS):
            for start, end, rest in _core.broken_runs(text, decoder, first, last, []):
                if not start <= at < end or _is_chance(text, start, end, rest, decoder):
                    continue
                edit = Edit(start, end, None, decoder, 0, 0, 0, _core.LOSSY)
                pieces.append(Piece(start, rest, edit, NEED_LONE + RARER[name], most))
    pieces.sort(key=lambda piece: (piece.start, RARER[DECODERS[piece.edit.decoder]]))
    return _apart(pieces)


def _lone_places(text: str) -> Iterator[tuple[int, float]]:
    """Yield the suspects, then leads that stand alone in words, and what originals may cost."""
    at = _core.find_suspect(text)
    while at >= 0:
        yield at, MOST_LONE
        at = _core.find_suspect(text, at + 1)
    if has_lone_lead(text):
        yield from ((lead.start(), MOST_LEAD) for lead in _LONE_LEAD.finditer(text))


def has_lone_lead(text: str) -> bool:
    """Return whether a lead stands alone within a word of small ASCII letters; see `foreign.c`."""
    return "Ã" in text and _LONE_LEAD.search(text) is not None


def _is_chance(text: str, start: int, end: int, rest: int, decoder: int) -> bool:
    """Return whether a broken run looks as if its letters were images by chance only.

    Words are damaged whole, so no letter beyond ASCII is beside them; and most sequences are whole.
    """
    from unicodedata import category

    around = text[max(start - 1, 0) : start] + text[rest : rest + 1]
    if any(c > "\x7f" and category(c)[0] in "LM" for c in around):
        return True
    byte_of = {image: byte for byte, image in enumerate(DECODED[DECODERS[decoder]], start=0x80)}
    run = bytes(byte_of.get(c, 0x3F) for c in text[start:end])
    read = run.decode("utf-8", "replace")
    broken = read.count("\ufffd")
    return broken > 1 and 2 * broken > len(read) - read.count("?")


def _apart(pieces: list[Piece]) -> list[Piece]:
    """Return pieces that do not overlap, in order."""
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if not kept or piece.start >= kept[-1].end:
            kept.append(piece)
    return kept


def decode_pieces(
    known: Known, pieces: Sequence[Piece], channel: Channel
) -> Iterator[tuple[Piece, list[Restored]]]:
    joined = _Text(known, pieces)
    first = _decoded(joined.text, joined.given, channel)
    # Pieces that are not suspect by themselves are damaged so seldom that only a first look which
    # says so is worth a second one.
    is_likely = any(piece.need == ACCEPT for piece in pieces) or _understood(pieces, first)
    decoded = _agreeing(joined, _second_pass(joined, first)) if is_likely else first
    readings = _understood(pieces, decoded) if is_likely else []
    if any(reading.least_sure(decoded) < KNOWN[-1][1] for reading in readings):
        least = _least_posterior(_whole(joined, first, [])[:MOST_JUDGED])
        readings = [each for each in readings if not _is_doubted(each, decoded, least)]
    readings = _familiar(joined, decoded, readings)
    stretches = [_restored(reading, decoded) for reading in readings]
    proofs = iter(_proofs(known.observed, channel, list(chain(*stretches))))
    found = {
        # Nothing of a piece is restored unless all of it is proved.
        reading.piece.start: restored if all(list(islice(proofs, len(restored)))) else []
        for reading, restored in zip(readings, stretches, strict=True)
    }
    for piece in pieces:
        yield piece, found.get(piece.start, [])


def _familiar(joined: _Text, decoded: _Decoded, readings: list[_Reading]) -> list[_Reading]:
    """Return the readings less those that bring a script into the document, but are weak."""
    brought = [scripts(decoded.text[reading.begin : reading.end]) for reading in readings]
    if not any(brought):
        return readings
    known = scripts(_document(joined, decoded, "\n" * len(decoded.text))[0])
    for reading, found in zip(readings, brought, strict=True):
        if reading.piece.need == ACCEPT:
            known |= found
    return [reading for reading, found in zip(readings, brought, strict=True) if found <= known]


def _agreeing(joined: _Text, decoded: _Decoded) -> _Decoded:
    """Return what was decoded, with signs that agree throughout the document."""
    text, begins = _document(joined, decoded, decoded.text)
    unsure, places = {}, {}
    for at, others in decoded.others.items():
        i = bisect_right(begins, (at, len(text))) - 1
        if i >= 0:
            offset = begins[i][1] + at - begins[i][0]
            places[offset] = at
            unsure[offset] = {decoded.text[at]: decoded.posteriors[at], **dict(others)}
    changed = agreeing(text, unsure)
    if not changed:
        return decoded
    characters, posteriors = list(decoded.text), list(decoded.posteriors)
    alternatives = dict(decoded.others)
    for offset, odds in changed.items():
        at = places[offset]
        best, *rest = sorted(odds.items(), key=lambda item: -item[1])
        characters[at], posteriors[at] = best
        alternatives[at] = tuple(rest)
    return replace(decoded, text="".join(characters), posteriors=posteriors, others=alternatives)


def _second_pass(joined: _Text, first: _Decoded) -> _Decoded:
    """Decode what is not sure once more, with the rest of the document in view.

    What is sure is given now, and a cache of all that is known of the document weighs in.
    """
    unsure = [i for i, posterior in enumerate(first.posteriors) if posterior < SURE]
    if not unsure:
        return first
    stretches = _stretches(unsure)
    begins = [*first.starts, len(first.observed)]
    again = _Joined()
    offsets = []  # of the stretches in the text that is decoded now
    for i, (start, end) in enumerate(stretches):
        before = stretches[i - 1][1] if i else 0
        gap = first.text[before:start]
        if i and len(gap) > 2 * CONTEXT:
            gap = gap[:CONTEXT] + "\n" + gap[-CONTEXT:]
        again.add(gap if i else gap[-CONTEXT:], True)
        offsets.append(again.length)
        again.add(first.observed[begins[start] : begins[end]], False)
    again.add(first.text[stretches[-1][1] :][:CONTEXT], True)
    seen = _whole(joined, first, unsure)[:MOST_SEEN]
    second = _decoded(again.text, again.given, first.channel, seen)
    return _merged(first, second, stretches, offsets)


def _stretches(places: Sequence[int]) -> list[tuple[int, int]]:
    """Return the stretches that some places, in order, make up."""
    stretches: list[tuple[int, int]] = []
    for place in places:
        if stretches and stretches[-1][1] == place:
            stretches[-1] = stretches[-1][0], place + 1
        else:
            stretches.append((place, place + 1))
    return stretches


def _merged(
    first: _Decoded, second: _Decoded, stretches: Sequence[tuple[int, int]], offsets: Sequence[int]
) -> _Decoded:
    """Return what was decoded first, with stretches of it as they were decoded then.

    `offsets` are those of the stretches in the text that was decoded then.
    """
    begins = [*first.starts, len(first.observed)]
    text: list[str] = []
    flags: list[bytes] = []
    starts: list[int] = []
    posteriors: list[float] = []
    others: dict[int, tuple[tuple[str, float], ...]] = {}

    def take(source: _Decoded, places: Sequence[int], start: int, end: int, shift: int) -> None:
        for i in range(bisect_left(places, start), bisect_left(places, end)):
            others[len(starts) + places[i] - start] = source.others[places[i]]
        text.append(source.text[start:end])
        flags.append(source.flags[start:end])
        starts.extend(offset + shift for offset in source.starts[start:end])
        posteriors.extend(source.posteriors[start:end])

    in_first, in_second = list(first.others), list(second.others)
    at = 0
    for (start, end), offset in zip(stretches, offsets, strict=True):
        take(first, in_first, at, start, 0)
        then = second.between(offset, offset + begins[end] - begins[start])
        take(second, in_second, *then, begins[start] - offset)
        at = end
    take(first, in_first, at, len(first.text), 0)
    return _Decoded(
        first.channel, first.observed, "".join(text), starts, b"".join(flags), posteriors, others
    )


def _is_cjk(character: str) -> bool:
    return any(first <= character <= last for first, last in _CJK)


def _least_posterior(text: str) -> float:
    """Return how sure a restored letter must be, by how well the model knows a text's language.

    What is known is far less surprising in its context than by itself.
    """
    lines = [line + "\n" for line in text.split("\n") if not line.isascii() and not _has_cjk(line)]
    if sum(map(len, lines)) < LEAST_JUDGED:
        return 0.0
    model = language_model.load()
    costs = model.costs([(line, 0, len(line)) for line in lines])
    share = sum(cost for cost, _ in costs) / model.alone("".join(lines))
    return next(least for most, least in KNOWN if share < most)


def _has_cjk(text: str) -> bool:
    return max(text) >= _CJK[0][0] and any(map(_is_cjk, set(text)))


def _whole(joined: _Text, first: _Decoded, unsure: Sequence[int]) -> str:
    """Return the document as it is restored so far, a line end in place of what is unsure."""
    characters = list(first.text)
    for i in unsure:
        characters[i] = "\n"
    return _document(joined, first, "".join(characters))[0]


def _document(joined: _Text, decoded: _Decoded, text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the document with a reading in it, and where each piece begins in both."""
    parts: list[str] = []
    begins: list[tuple[int, int]] = []
    at = length = 0
    for piece, (start, end) in zip(joined.pieces, joined.borders, strict=True):
        begin, stop = decoded.between(piece.at, piece.at + piece.end - piece.start)
        begins.append((begin, length + start - at))
        parts += [joined.known.text[at:start], text[begin:stop]]
        length += start - at + stop - begin
        at = end
    return "".join([*parts, joined.known.text[at:]]), begins


def _proofs(text: str, channel: Channel, stretches: Sequence[Restored]) -> list[bool]:
    """Return of each stretch whether damaging its original again gives what was observed."""
    observed = [text[stretch.start : stretch.end] for stretch in stretches]
    proofs = list(map(eq, _damaged([stretch.original for stretch in stretches], channel), observed))
    if "spaces-squeezed" in channel.layers[-1].losses:
        # A space that was squeezed is the one behind.
        spaced = _damaged([stretch.original + " " for stretch in stretches], channel)
        proofs = list(map(or_, proofs, map(eq, spaced, [each + " " for each in observed])))
    return proofs


def _damaged(originals: Sequence[str], channel: Channel) -> list[str]:
    """Return what texts without line ends look like after a channel; nothing if it cannot be."""
    if not originals:
        return []
    try:
        return damage("\n".join(originals), channel).split("\n")
    except UnicodeEncodeError:  # the source codec lacks a character
        half = len(originals) // 2
        if not half:
            return [""]
        return _damaged(originals[:half], channel) + _damaged(originals[half:], channel)


class _Reading(NamedTuple):
    """A piece that was understood.

    Attributes:
        piece: the piece.
        begin, end: where its original is in what was decoded.
        evidence: by how many nats the original is more probable than what is observed.
    """

    piece: Piece
    begin: int
    end: int
    evidence: float

    def least_sure(self, decoded: _Decoded) -> float:
        return min(decoded.posteriors[self.begin : self.end])


def _understood(pieces: Sequence[Piece], decoded: _Decoded) -> list[_Reading]:
    """Return the pieces that were restored as a whole, and with enough evidence."""
    found: list[tuple[Piece, int, int]] = []
    passages = []
    for piece in pieces:
        end_at = piece.at + piece.end - piece.start
        begin, end = decoded.between(piece.at, end_at)
        restored = decoded.literal.count(0, begin, end)
        strange = _strange(decoded, begin, end, piece.at + piece.edit.end - piece.start)
        if not restored or strange * STRANGE > restored:
            continue
        found.append((piece, begin, end))
        before, after = decoded.text[max(begin - 8, 0) : begin], decoded.text[end : end + 4]
        for text in (decoded.observed[piece.at : end_at], decoded.text[begin:end]):
            passages.append((before + text + after, len(before), len(before) + len(text)))
    costs = language_model.load().costs(passages)
    readings = []
    for (piece, begin, end), written, meant in zip(found, costs[::2], costs[1::2], strict=True):
        evidence = sum(written) - sum(meant)
        if evidence >= piece.need and meant[0] <= piece.most * (end - begin):
            readings.append(_Reading(piece, begin, end, evidence))
    return readings


def _restored(reading: _Reading, decoded: _Decoded) -> list[Restored]:
    """Return the stretches of a piece that were restored."""
    piece, begin, end, evidence = reading
    stretches: list[Restored] = []
    shift = piece.start - piece.at
    end_at = piece.end - shift
    start = decoded.literal.find(0, begin, end)
    while start >= 0:
        stop = decoded.literal.find(1, start, end)
        if stop < 0:
            stop = end
        posteriors = decoded.posteriors[start:stop]
        confidence = min(posteriors)
        guesses: list[tuple[int, float, tuple[tuple[str, float], ...]]] = []
        if confidence < SAID:
            guesses = [
                (i, posterior, decoded.others.get(start + i, ()))
                for i, posterior in enumerate(posteriors)
                if posterior < SAID
            ]
        stretches.append(
            Restored(
                decoded.starts[start] + shift,
                (decoded.starts[stop] if stop < end else end_at) + shift,
                decoded.text[start:stop],
                decoded.channel,
                tuple(guesses),
                confidence,
                evidence,
            )
        )
        start = decoded.literal.find(0, stop, end)
    return stretches


def _is_doubted(reading: _Reading, decoded: _Decoded, least: float) -> bool:
    """Return whether some letter of a piece is not as sure as it must be."""
    begin, end = reading.begin, reading.end
    return any(
        posterior < least and not _is_cjk(character)
        for posterior, character in zip(
            decoded.posteriors[begin:end], decoded.text[begin:end], strict=True
        )
    )


def _strange(decoded: _Decoded, begin: int, end: int, run_end: int) -> int:
    """Return how many code points are outside the vocabulary, or stay as observed in the run."""
    text, flags = decoded.text[begin:end], decoded.flags[begin:end]
    if not flags.strip(b"\0") and "\ufffd" not in text:
        return 0
    starts = decoded.starts[begin:end]
    return sum(
        flag & _UNKNOWN > 0
        or character == "\ufffd"
        or (flag & _LITERAL > 0 and start < run_end and character >= "\x80")
        for flag, character, start in zip(flags, text, starts, strict=True)
    )
