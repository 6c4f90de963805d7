"""Lossy stretches to what stood there, as far as that is sure."""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from itertools import repeat
from operator import add, eq, or_, sub
from typing import TYPE_CHECKING, NamedTuple

from . import model as language_model
from ._case import Case, comparable
from ._inference import UNITS, Inference, damaged, forms_of, losing_most, lost_bytes
from ._pieces import (
    NEED_WEAK,
    Edits,
    Known,
    Piece,
    Text,
    apart,
    judge_pieces,
    lossy_pieces,
    restored_stretches,
    sampled,
    weak_pieces,
)
from ._prior import ACCEPT, DOUBT, HOPELESS, HOPELESS_TWICE, LITERAL, MANY_BYTES, WRONG_UNSPACED
from ._rescore import Unsure, weighed
from ._scripts import is_unspaced, scripts
from ._signs import SIGNS, agreeing
from .channels import DECODERS, Channel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._heard import Heard

# Code points of a document's lossy runs after which their layer is not searched for any more.
SETTLED = 3000

# Channels that one document is searched for.
ROUNDS = 3

# Posterior below which a restored code point is reported as a guess, and from which on what else
# it may be is told, of so many at most.
SAID, TOLD, MOST_TOLD = 0.99, 0.005, 3

# How sure a restored letter must be where the text costs less than a share of what its characters
# cost alone. Measured on pages: known languages up to 0.39, unknown ones from 0.36, most beyond
# 0.5; program text and lists of names of known languages up to 0.52.
KNOWN = ((0.45, 0.0), (0.56, 0.95), (math.inf, 0.9995))
LEAST_JUDGED, MOST_JUDGED = 300, 20_000  # code points

# Emoji, of which the model knows those only that are usual, with their selector; and how sure one
# must be where nothing tells what damaged the document.
SURE_EMOJI = 0.95
_SELECTOR = "\ufe0f"
_EMOJI = re.compile(
    r"([\u203c\u2049\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23fa\u25aa"
    r"\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
    rf"\U0001f300-\U0001faff])({_SELECTOR}?)"
)

# Code points of lines from all over the text that are judged first, and the share up to which they
# are enough: theirs differs from that of all lines by 0.03 at most.
FIRST_JUDGED, FAR = 2000, 0.35

# Of so many restored code points of a run, one may be outside the model's vocabulary or stay as it
# is; with more of them the run is not understood, and stays as observed.
STRANGE = 8

# Restored code points of a hopeless layer beyond which nothing else is looked for behind it.
MANY_LOST = 50

# A flag of a place; see lattice.h.
_LITERAL = 1
_IS_LITERAL = bytes(flags & _LITERAL for flags in range(256))

# Scripts whose characters are words or syllables: rare ones do not make a language unknown.
_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U0001f000-\U0003ffff]")


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


@dataclass
class _Decoded:
    """What the lattice makes of a text under a channel.

    Attributes:
        channel: the channel.
        observed: the text that was decoded.
        text: the most probable original.
        starts: offset in `observed` of each code point of `text`.
        bounds: where the pieces and their originals are; see `Text`.
        flags: of each.
        posteriors: of each.
        unsure: what may stand where that is not sure; where a place comes again, that counts.
    """

    channel: Channel
    observed: str
    text: str
    starts: array[int]
    bounds: array[int]
    flags: bytes
    posteriors: array[float]
    unsure: tuple[Unsure, ...]

    @cached_property
    def literal(self) -> bytes:
        """Of each code point: 1 if it stays as observed."""
        return self.flags.translate(_IS_LITERAL)


def _decoded(joined: Text, channel: Channel) -> _Decoded:
    forms, flags = forms_of(channel)
    _, original, packed, kinds, posteriors, unsure = language_model.load().restore(
        joined.text, joined.given, forms, flags, round(LITERAL * UNITS)
    )
    starts = array("I", packed)
    return _Decoded(
        channel,
        joined.text,
        original,
        starts,
        joined.placed(starts),
        kinds,
        array("d", posteriors),
        (Unsure.read(unsure),),
    )


def _doubted(decoded: _Decoded) -> _Decoded:
    """Return what was decoded, with the odds of every place taken to the power of DOUBT."""
    posteriors = array("d")
    for posterior in decoded.posteriors:
        right, wrong = posterior**DOUBT, max(1 - posterior, 0.0) ** DOUBT
        posteriors.append(right / (right + wrong))
    doubted = []
    for unsure in decoded.unsure:
        shares = array("d")
        for at, first, end in unsure.places():
            share = (1 - posteriors[at]) / max(1 - decoded.posteriors[at], 1e-9)
            shares.append(posteriors[at])
            shares.extend(share * posterior for posterior in unsure.posteriors[first + 1 : end])
        doubted.append(unsure._replace(posteriors=shares))
    return replace(decoded, posteriors=posteriors, unsure=tuple(doubted))


def _is_hopeless(restored: Sequence[Restored], channel: Channel) -> bool:
    """Return whether what one layer lost can hardly be told."""
    gone = lost_bytes(channel)
    if len(gone) < MANY_BYTES:
        return False
    lost, twice, wrong = 0, 0, 0.0
    for found in restored:
        losses = [sum(byte in gone for byte in c.encode()) for c in found.original]
        lost += len(losses) - losses.count(0)
        twice += len(losses) - losses.count(0) - losses.count(1)
        weight = WRONG_UNSPACED if any(map(is_unspaced, found.original)) else 1
        wrong += weight * sum(1 - guess[1] for guess in found.guesses)
    return wrong > HOPELESS * lost or twice > HOPELESS_TWICE * lost


def restore(
    text: str, repaired: str, edits: Edits, heard: Heard, known: int | None
) -> list[Restored]:
    """Return what stood where bytes were lost, as far as that can be told.

    Args:
        text: the observed text.
        repaired: the same with its lossless spans undone.
        edits: what the core says of its runs, in order.
        heard: what the document tells of this layer; what the text tells is added.
        known: the decoder that what came before in the document was damaged by, if it was.
    """
    found: list[Restored] = []
    decoders = {decoder for decoder, _ in edits.kinds()}
    if known is not None:
        decoders.add(known)
    weak = [] if heard.is_whole else weak_pieces(text, edits, decoders)
    pieces, missed = lossy_pieces(text, edits), 0
    if weak:
        pieces = apart(pieces + weak)
        missed = sum(piece.end - piece.start for piece in pieces if piece.need == NEED_WEAK)
    if not pieces:
        return found
    before = heard.copy()
    inference = Inference(text, edits, heard)
    context = Known(text, repaired, edits)
    settled = None
    if heard.tried >= SETTLED:
        settled = max(heard.losses, key=heard.losses.__getitem__)
    for _ in range(ROUNDS):
        if not pieces:
            break

        channel = settled or inference.best(partial(sampled, context, pieces))
        here, left = decode_pieces(context, pieces, channel)
        if _is_hopeless(here, channel):
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
        return restore(text, repaired, edits, heard, DECODERS.index(twice.layers[-1].decoder))
    heard.missed = 0 if found else heard.missed + missed
    return sorted(found)


def decode_pieces(
    known: Known, pieces: list[Piece], channel: Channel
) -> tuple[list[Restored], list[Piece]]:
    """Return what stood in pieces, in order, and the pieces of which that is not known."""
    joined = Text(known, pieces)
    first = _decoded(joined, channel)
    # Pieces that are not suspect by themselves are damaged so seldom that only a first look which
    # says so is worth a second one.
    is_likely = any(piece.need == ACCEPT for piece in pieces) or _understood(pieces, first)
    least, decoded = 0.0, first
    if is_likely and first.unsure[0].at:
        document, begins = joined.document(first.text, first.bounds)
        least = _least_posterior(document[:MOST_JUDGED])
        # Nothing was learnt of languages that the model does not know.
        decoded = first if least else _in_document(document, begins, first)
    if len(lost_bytes(channel)) >= MANY_BYTES:
        decoded = _doubted(decoded)
    readings = _understood(pieces, decoded) if is_likely else []
    if least:
        readings = [each for each in readings if not _is_doubted(each, decoded, least)]
    if known.text is known.observed:
        readings = [each for each in readings if not _is_one_of_many(each, decoded)]
    readings = _familiar(joined, decoded, readings)
    restored, numbers = _restored(readings, decoded)
    proofs = _proofs(known.observed, channel, restored)
    if not all(proofs):
        # Nothing of a piece is restored unless all of it is proved.
        unproved = {number for number, proof in zip(numbers, proofs, strict=True) if not proof}
        restored = [
            each for each, number in zip(restored, numbers, strict=True) if number not in unproved
        ]
        numbers = [number for number in numbers if number not in unproved]
    done = {readings[number].piece.start for number in numbers}
    return restored, [piece for piece in pieces if piece.start not in done]


def _familiar(joined: Text, decoded: _Decoded, readings: list[_Reading]) -> list[_Reading]:
    """Return the readings less those that bring a script into the document, but are weak."""
    weak = [reading for reading in readings if reading.piece.need != ACCEPT]
    brought = scripts("".join([decoded.text[each.begin : each.end] for each in weak]))
    if not brought:
        return readings
    known: set[str] = set()
    for reading in readings:
        if reading.piece.need == ACCEPT:
            known |= scripts(decoded.text[reading.begin : reading.end])
            if brought <= known:  # some tell it, mostly
                return readings
    known |= scripts(joined.document("\n" * len(decoded.text), decoded.bounds)[0])
    if brought <= known:
        return readings
    return [each for each in readings if scripts(decoded.text[each.begin : each.end]) <= known]


def _in_document(text: str, begins: array[int], decoded: _Decoded) -> _Decoded:
    """Return what was decoded, with what is not sure weighed by the rest of the document.

    Args:
        text: the document with what was decoded in it.
        begins: where each piece begins in it.
        decoded: what was decoded.
    """
    unsure = _weighable(decoded)
    firsts = decoded.bounds[3::5]
    shifts = [0, *map(sub, begins, firsts)]
    pieces = map(bisect_right, repeat(firsts), unsure.at)
    offsets = array("I", map(add, unsure.at, map(shifts.__getitem__, pieces)))
    case = Case(text, unsure._replace(at=offsets))
    there = case.given_back(weighed(case.text, case.unsure))
    there = there.with_odds(agreeing(text, there.odds(SIGNS)))
    there = case.agreeing(there)
    unsure = there._replace(at=unsure.at)
    parts: list[str] = []
    posteriors, done = decoded.posteriors[:], 0
    chosen, shares, before = unsure.characters, unsure.posteriors, decoded.text
    for at, first, _ in unsure.places():
        posteriors[at] = min(shares[first], 1.0)
        if before[at] != chosen[first]:
            parts += [before[done:at], chosen[first]]
            done = at + 1
    return replace(
        decoded,
        text="".join([*parts, before[done:]]),
        posteriors=posteriors,
        unsure=(*decoded.unsure, unsure),
    )


def _weighable(decoded: _Decoded) -> Unsure:
    """Return what may stand at the places that are not sure, less what stays as observed.

    Of that nothing was learnt.
    """
    found, literal = decoded.unsure[0], decoded.literal
    observed, starts, characters = decoded.observed, decoded.starts, found.characters
    at, ends, posteriors = array("I"), array("I"), array("d")
    parts: list[str] = []
    done = 0  # of the places that are kept as they are

    def keep(until: int) -> None:
        """Keep the places before one as they are."""
        begin, end = (found.ends[i - 1] if i else 0 for i in (done, until))
        at.extend(found.at[done:until])
        shift = len(posteriors) - begin
        ends.extend([each + shift for each in found.ends[done:until]])
        parts.append(characters[begin:end])
        posteriors.extend(found.posteriors[begin:end])

    for i, (place, first, end) in enumerate(found.places()):
        written = observed[starts[place]]
        if not literal[place] and characters.find(written, first + 1, end) < 0:
            continue
        keep(i)
        done = i + 1
        if literal[place]:
            continue
        left = [j for j in range(first, end) if j == first or characters[j] != written]
        if len(left) > 1:
            at.append(place)
            parts += [characters[j] for j in left]
            posteriors.extend([found.posteriors[j] for j in left])
            ends.append(len(posteriors))
    keep(len(found.at))
    return Unsure(at, ends, "".join(parts), posteriors)


def _least_posterior(text: str) -> float:
    """Return how sure a restored letter must be, by how well the model knows a text's language.

    What is known is far less surprising in its context than by itself.
    """
    lines = [
        line + "\n" for line in text.split("\n") if not line.isascii() and not _CJK.search(line)
    ]
    length = sum(map(len, lines))
    if length < LEAST_JUDGED:
        return 0.0
    share = _share(lines[:: length // FIRST_JUDGED + 1])
    if share > FAR:
        share = _share(lines)
    return next(least for most, least in KNOWN if share < most)


def _share(lines: Sequence[str]) -> float:
    """Return what lines cost, as a share of what their characters cost alone."""
    model = language_model.load()
    costs = model.costs([(line, 0, len(line)) for line in lines])
    return sum(cost for cost, _ in costs) / model.alone("".join(lines))


def _proofs(text: str, channel: Channel, stretches: Sequence[Restored]) -> list[bool]:
    """Return of each stretch whether damaging its original again gives what was observed."""
    observed = [text[stretch.start : stretch.end] for stretch in stretches]
    proofs = list(map(eq, damaged([stretch.original for stretch in stretches], channel), observed))
    if "spaces-squeezed" in channel.layers[-1].losses:
        # A space that was squeezed is the one behind.
        spaced = damaged([stretch.original + " " for stretch in stretches], channel)
        proofs = list(map(or_, proofs, map(eq, spaced, [each + " " for each in observed])))
    return proofs


class _Reading(NamedTuple):
    """A piece that was understood.

    Attributes:
        piece: the piece.
        shift: what is to be added to an offset in what was decoded for one in what is observed.
        begin, end: where its original is in what was decoded.
        evidence: by how many nats the original is more probable than what is observed.
    """

    piece: Piece
    shift: int
    begin: int
    end: int
    evidence: float


def _understood(pieces: Sequence[Piece], decoded: _Decoded) -> list[_Reading]:
    """Return the pieces that were restored as a whole, and with enough evidence."""
    compared = comparable(decoded.text, decoded.observed, decoded.starts)
    return judge_pieces(
        language_model.load(),
        *compared,
        decoded.starts,
        decoded.flags,
        decoded.bounds,
        pieces,
        _Reading,
        STRANGE,
    )


def _restored(readings: Sequence[_Reading], decoded: _Decoded) -> tuple[list[Restored], list[int]]:
    """Return the stretches that were restored, and of each the number of its reading."""
    restored, places = restored_stretches(
        decoded.text,
        decoded.starts,
        decoded.flags,
        decoded.posteriors,
        readings,
        Restored,
        decoded.channel,
    )
    told = _told(decoded)
    for i, found in enumerate(restored):
        if found.confidence < SAID:
            _, start, stop = places[i]
            guesses = [
                (at - start, posterior, told.get(at, ()))
                for at, posterior in enumerate(decoded.posteriors[start:stop], start)
                if posterior < SAID
            ]
            restored[i] = found._replace(guesses=tuple(guesses))
    return restored, [number for number, _, _ in places]


def _told(decoded: _Decoded) -> dict[int, tuple[tuple[str, float], ...]]:
    """Return what else may stand at places that are not sure, as far as it is worth telling."""
    told: dict[int, tuple[tuple[str, float], ...]] = {}
    chosen = decoded.posteriors
    for unsure in reversed(decoded.unsure):
        characters, posteriors = unsure.characters, unsure.posteriors
        for at, first, end in unsure.places():
            if chosen[at] < SAID and at not in told:
                others = range(first + 1, min(first + 1 + MOST_TOLD, end))
                shares = [(characters[i], posteriors[i]) for i in others if posteriors[i] >= TOLD]
                told[at] = tuple(shares)
    return told


def _is_doubted(reading: _Reading, decoded: _Decoded, least: float) -> bool:
    """Return whether some letter of a piece is not as sure as it must be."""
    begin, end = reading.begin, reading.end
    return any(
        posterior < least and not _CJK.match(character)
        for posterior, character in zip(
            decoded.posteriors[begin:end], decoded.text[begin:end], strict=True
        )
    )


def _is_one_of_many(reading: _Reading, decoded: _Decoded) -> bool:
    """Return whether a piece holds an emoji that may, as it looks damaged, be another character."""
    found = list(_EMOJI.finditer(decoded.text, reading.begin, reading.end))
    if any(not each[2] or decoded.posteriors[each.start()] < SURE_EMOJI for each in found):
        return True
    if not found:
        return False
    channel = losing_most(decoded.channel)
    unknown = _unknown_emoji(channel)
    return any(form in unknown for form in damaged([each[0] for each in found], channel))


@lru_cache(maxsize=4)
def _unknown_emoji(channel: Channel) -> frozenset[str]:
    """Return how emoji that the model does not know look after a channel, with their selector."""
    alone = language_model.load().alone
    unknown = alone("\U0010ffff")
    return frozenset(
        damaged(
            [
                character + _SELECTOR
                for character in map(chr, range(0x203C, 0x1FB00))
                if _EMOJI.match(character) and alone(character) >= unknown
            ],
            channel,
        )
    )
