"""Write into `model/rescorer.bin` what words are worth, script by script.

    python tools/fit_words.py CORPORA [FILE]

FILE is what `train_rescorer.py` made of CORPORA. There all is learnt at once and by kinds of many
scripts, so that a weight of which few examples tell has hardly left its beginning. Here what words
are worth is fitted alone, given all else that the rescorer says: by Newton's method, to where the
examples are the most probable. They are of the same text, damaged and restored by n-grams of its
other parts: what these leave to the rescorer, in its first look and in its second. So what stands
around a place is as sure, and as wrong, as where the rescorer is used. The same corpora give the
same file on one kind of machine. Takes some minutes.
"""

from __future__ import annotations

import argparse
import ctypes
import itertools
import tempfile
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

import lexicons
from mojibake_fix import _core, damage
from mojibake_fix._inference import UNITS, forms_of
from mojibake_fix._prior import LITERAL
from mojibake_fix._rescore import SURE, Unsure
from mojibake_fix._signs import Odds
from mojibake_fix.channels import Channel
from mojibake_fix.model import FILE, RESCORER_FILE
from mojibake_fix.model import format as model_format
from mojibake_fix.model import rescorer_format as form
from train_model import code_points, make_vocabulary, pointer, with_words
from train_rescorer import (
    DOUBT,
    Teacher,
    ngrams_of_others,
    read_parts,
    text_of,
)

CHANNEL = Channel.parse("utf-8>cp1254+undefined-dropped+soft-hyphen-dropped")
PLACES, CODE_POINTS = 15_000, 1_000_000  # of a language, at most, in each part
UNLISTED = frozenset(("ja", "ko", "th", "zh-Hans", "zh-Hant"))  # without words of letters
STIFFNESS = 2.0  # nats squared that hold a weight where it was
STEPS, SHARE = 200, 0.5  # of Newton's method for each weight by itself, and how far each goes
IS_LITERAL = 1  # flag of a place; see lattice.h

Floats = npt.NDArray[np.float64]
SPELT = form.KINDS * form.SPELLINGS
SPELT_AT = form.WEIGHTS_END - form.ENDING_ROWS * form.ENDING - form.WORDS_SIZE
SPELT_END = SPELT_AT + 2 * SPELT


class Places(NamedTuple):
    """What is known of the candidates of some places.

    Attributes:
        scores: log probability by all but words, in nats; -inf from the last candidate on.
        cells: which weight each gains by the word that it makes; SPELT if by none.
        truths: whether each is what stands there.
    """

    scores: Floats
    cells: npt.NDArray[np.int64]
    truths: npt.NDArray[np.bool_]


def fitted(places: Places, start: Floats) -> Floats:
    """Return the weights that make the truths the most probable, not far from `start`."""
    weights = np.append(start, 0.0)
    wanted = np.bincount(places.cells[places.truths], minlength=SPELT + 1)
    for _ in range(STEPS):
        scores = places.scores + weights[places.cells]
        posteriors = np.exp(scores - scores.max(axis=1, keepdims=True))
        posteriors /= posteriors.sum(axis=1, keepdims=True)

        def sums(of: Floats) -> Floats:
            return np.bincount(places.cells.ravel(), of.ravel(), SPELT + 1)

        slope = sums(posteriors) - wanted + STIFFNESS * (weights - np.append(start, 0.0))
        step = slope / (sums(posteriors * (1 - posteriors)) + STIFFNESS)
        weights -= SHARE * np.clip(step, -1, 1)
        weights[SPELT] = 0.0
    return weights[:SPELT]


class Fitter:
    """Damages documents, restores them, and sees what is left open as a rescorer does."""

    def __init__(self, teacher: Teacher, file: bytes, model: bytes) -> None:
        self.ids, self.core, self.model = teacher.ids, teacher.core, model
        self.rescorer = _core.Rescorer(file, _core.Model(model))
        # One that knows no words, and one to which words are worth the numbers of their weights.
        numbers = np.arange(1, SPELT + 1) / model_format.UNITS_PER_NAT
        self.files = [with_weights(file, weights) for weights in (np.zeros(SPELT), numbers)]
        self.wordless, self.numbered = map(self.opened, self.files)

    def opened(self, file: bytes) -> ctypes.Array[ctypes.c_char]:
        """Return a rescorer as C knows it; the file must live as long."""
        self.core.mf_rescorer_open.restype = ctypes.c_char_p
        rescorer = ctypes.create_string_buffer(1024)  # more than an mf_rescorer
        size, model_size = ctypes.c_size_t(len(file)), ctypes.c_size_t(len(self.model))
        wrong = self.core.mf_rescorer_open(rescorer, file, size, self.model, model_size)
        if wrong:
            raise SystemExit(f"the rescorer is of no use: {wrong.decode()}")
        return rescorer

    def places(self, block: str, ngrams: _core.Model) -> Iterator[Places]:
        """Yield the places of a document that n-grams leave open, as each look sees them."""
        text, unsure, meant = restored(block, ngrams)
        if not unsure:
            return
        known = bytes(
            at not in unsure or unsure[at].get(character, 0.0) >= SURE
            for at, character in enumerate(text)
        )
        yield self.seen(text, known, unsure, meant)
        packed = Unsure.of(text, unsure)
        asked, shares = self.rescorer.weighed(text, packed, SURE, 1)
        posteriors = array("d", shares)
        best, is_sure = list(text), bytearray(known)
        for at, first, _ in packed.places():
            best[at], is_sure[at] = asked[first], posteriors[first] >= SURE
        yield self.seen("".join(best), bytes(is_sure), unsure, meant)

    def seen(self, text: str, known: bytes, unsure: dict[int, Odds], meant: str) -> Places:
        """Return what is known of the candidates of places."""
        doubts = np.zeros(len(unsure), dtype=DOUBT)
        doubts["at"] = list(unsure)
        before = np.full((len(unsure), form.CANDIDATES), -np.inf)
        for doubt, log, odds in zip(doubts, before, unsure.values(), strict=True):
            known_ones = {int(self.ids[ord(one)]): share for one, share in odds.items()}
            known_ones.pop(0, None)
            doubt["candidates"][: len(known_ones)] = list(known_ones)
            log[: len(known_ones)] = np.log(np.maximum(list(known_ones.values()), 1e-30))
        gains = self.gains(self.wordless, text, known, doubts)
        numbers = self.gains(self.numbered, text, known, doubts) - gains
        truths = doubts["candidates"] == self.ids[code_points(meant)][:, np.newaxis]
        truths &= np.isfinite(before)
        asked = truths.any(axis=1)
        scores = before + np.maximum(gains, -(1 << 16)) / model_format.UNITS_PER_NAT
        cells = np.where(np.isfinite(before) & (numbers > 0), numbers - 1, SPELT)
        return Places(scores[asked], cells[asked], truths[asked])

    def gains(
        self,
        rescorer: ctypes.Array[ctypes.c_char],
        text: str,
        known: bytes,
        doubts: npt.NDArray[np.void],
    ) -> npt.NDArray[np.int64]:
        """Return what each candidate gains, in units."""
        margin = "\n" * form.FAR
        ids = np.ascontiguousarray(self.ids[code_points(margin + text + margin)])
        around, count = pointer(ids[form.FAR :]), ctypes.c_size_t(len(doubts))
        said = np.zeros((len(doubts), form.OUTPUTS), dtype=np.int16)
        self.core.mf_ask(rescorer, around, pointer(doubts), count, None, pointer(said))
        units = np.zeros((len(doubts), form.CANDIDATES), dtype=np.int32)
        if not self.core.mf_rescore(
            rescorer,
            around,
            known,
            ctypes.c_size_t(len(text)),
            pointer(doubts),
            count,
            pointer(said),
            pointer(units),
        ):
            raise MemoryError
        return units.astype(np.int64)

    def of_language(self, blocks: list[str], ngrams: _core.Model) -> Iterator[Places]:
        """Yield places of documents, drawn by lot."""
        count = length = 0
        for i in np.random.default_rng(0).permutation(len(blocks)):
            if count >= 2 * PLACES or length >= CODE_POINTS:
                return
            length += len(blocks[i])
            for found in self.places(blocks[i], ngrams):
                count += len(found.scores)
                yield found


def restored(block: str, ngrams: _core.Model) -> tuple[str, dict[int, Odds], str]:
    """Return what a lattice makes of a document that was damaged.

    Returns:
        The most probable text; by offset, what may stand where it is not sure; what was meant.
    """
    observed = damage(block, CHANNEL)
    widths = {character: len(damage(character, CHANNEL)) for character in set(block)}
    starts = itertools.accumulate((widths[character] for character in block), initial=0)
    written = dict(zip(starts, block, strict=False))
    given = bytes(character < "\x80" for character in observed)
    _, text, starts, flags, _, packed = ngrams.restore(
        observed, given, *forms_of(CHANNEL), round(LITERAL * UNITS)
    )
    at, places = memoryview(starts).cast("I"), Unsure.read(packed)
    unsure, meant = {}, ""
    for place, first, end in places.places():
        odds = dict(zip(places.characters[first:end], places.posteriors[first:end], strict=True))
        share = odds.pop(text[place])
        odds.pop(observed[at[place]], None)
        if odds and not flags[place] & IS_LITERAL:
            unsure[place] = odds | {text[place]: share}
            meant += written.get(at[place], "\n")
    return text, unsure, meant


def with_weights(file: bytes, weights: Floats) -> bytes:
    """Return a file with other weights for words."""
    units = np.rint(weights * model_format.UNITS_PER_NAT).astype("<i2")
    return form.with_head(file[form.HEAD.size : SPELT_AT] + units.tobytes() + file[SPELT_END:])


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("file", type=Path, nargs="?", default=Path(RESCORER_FILE))
    arguments = parser.parse_args()
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)

    parts, held = read_parts(arguments.corpora)
    texts = [text_of(part) for part in parts]
    text, _ = with_words(np.concatenate(texts), lexicons.read())
    found = []
    with tempfile.TemporaryDirectory() as folder:
        teacher = Teacher(make_vocabulary(text), text, Path(folder), {}, {})
        file = arguments.file.read_bytes()
        fitter = Fitter(teacher, file, Path(FILE).read_bytes())
        for part, ngrams in zip(parts, ngrams_of_others(texts, text_of(held)), strict=True):
            for language, blocks in part.items():
                if language not in UNLISTED:
                    found += list(fitter.of_language(blocks, _core.Model(ngrams)))
            say(f"{sum(len(each.scores) for each in found)} places")
    places = Places(*map(np.concatenate, zip(*found, strict=True)))
    learnt = np.frombuffer(file[SPELT_AT:SPELT_END], dtype="<i2") / model_format.UNITS_PER_NAT
    arguments.file.write_bytes(with_weights(file, fitted(places, learnt)))
    say(f"{arguments.file}: {arguments.file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
