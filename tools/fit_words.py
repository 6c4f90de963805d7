"""Write into `model/rescorer.bin` what words are worth, script by script.

    python tools/fit_words.py CORPORA [FILE]

FILE is what `train_rescorer.py` made of CORPORA. There all is learnt at once and by kinds of many
scripts, so that a weight of which few examples tell has hardly left its beginning. Here what words
are worth is fitted alone, given all else that the rescorer says: by Newton's method, to where the
examples are the most probable. They are of the same text, read by n-grams of its other parts, as
far as these leave them to the rescorer. The same corpora give the same file on one kind of machine.
Takes some minutes.
"""

from __future__ import annotations

import argparse
import ctypes
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

import lexicons
from mojibake_fix.model import FILE, RESCORER_FILE
from mojibake_fix.model import format as model_format
from mojibake_fix.model import rescorer_format as form
from train_model import make_vocabulary, pointer, with_words
from train_rescorer import (
    PARTS,
    WRONG,
    Examples,
    Teacher,
    ngrams_of_others,
    read_parts,
    text_of,
    texts_of_han,
)

PLACES = 100_000  # of a language, at most
UNLISTED = frozenset(("ja", "ko", "th", "zh-Hans", "zh-Hant"))  # without words of letters
SURE = 0.999  # posterior from which the n-grams alone decide, as in lattice.c
STIFFNESS = 2.0  # nats squared that hold a weight where it was
STEPS, SHARE = 200, 0.5  # of Newton's method for each weight by itself, and how far each goes

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
    """Sees places with the eyes of a rescorer that knows no words."""

    def __init__(self, teacher: Teacher, file: bytes, model: bytes) -> None:
        self.teacher, self.model = teacher, model
        self.wordless = with_weights(file, np.zeros(SPELT))
        self.core = teacher.core
        self.core.mf_rescorer_open.restype = ctypes.c_char_p
        self.rescorer = ctypes.create_string_buffer(1024)  # more than an mf_rescorer
        wrong = self.core.mf_rescorer_open(
            self.rescorer,
            self.wordless,
            ctypes.c_size_t(len(file)),
            model,
            ctypes.c_size_t(len(model)),
        )
        if wrong:
            raise SystemExit(f"the rescorer is of no use: {wrong.decode()}")

    def places(self, block: str, ngrams: bytes) -> Places | None:
        """Return the places of a document that n-grams leave open; None if there is none."""
        examples = self.teacher.examples([block], ngrams, (len(block), 0, 0), WRONG)
        is_one = examples.doubts["candidates"] > 0
        before = np.where(is_one, examples.before.astype(np.float64), -np.inf)
        before -= before.max(axis=1, keepdims=True, initial=-100.0)
        surest = 1 / np.exp(before).sum(axis=1)
        examples = examples.some(np.flatnonzero(surest < SURE))
        if not len(examples):
            return None
        is_one = examples.doubts["candidates"] > 0
        scores = examples.before + self.gains(examples)
        kinds = self.teacher.scripts[examples.doubts["candidates"]].astype(np.int64)
        rows = self.rows(examples)
        cells = np.where(rows < form.SPELLINGS, kinds * form.SPELLINGS + rows, SPELT)
        truths = examples.doubts["candidates"] == examples.truths[:, np.newaxis]
        return Places(np.where(is_one, scores, -np.inf), np.where(is_one, cells, SPELT), truths)

    def gains(self, examples: Examples) -> Floats:
        """Return what each candidate gains by all but words, in nats."""
        inside = examples.ids[form.FAR :]
        doubts = examples.doubts.copy()
        doubts["at"] -= form.FAR
        length = len(inside) - form.FAR
        units = np.zeros((len(examples), form.CANDIDATES), dtype=np.int32)
        if not self.core.mf_rescore(
            self.rescorer,
            pointer(inside),
            b"\1" * length,
            ctypes.c_size_t(length),
            pointer(doubts),
            ctypes.c_size_t(len(doubts)),
            pointer(units),
        ):
            raise MemoryError
        return np.maximum(units, -(1 << 16)) / model_format.UNITS_PER_NAT

    def rows(self, examples: Examples) -> npt.NDArray[np.int64]:
        """Return the row of the word that each candidate makes."""
        rows = np.full((len(examples), form.CANDIDATES), form.SPELLINGS, dtype=np.uint8)
        for doubt, into in zip(examples.doubts, rows, strict=True):
            candidates = np.ascontiguousarray(doubt["candidates"])
            self.core.mf_spellings(
                ctypes.byref(self.teacher.words),
                pointer(examples.ids[doubt["at"] :]),
                pointer(candidates),
                int(np.count_nonzero(candidates)),
                pointer(into),
            )
        return rows.astype(np.int64)

    def of_language(self, blocks: list[str], ngrams: bytes, most: int) -> Iterator[Places]:
        """Yield places of documents, drawn by lot."""
        count = 0
        for i in np.random.default_rng(0).permutation(len(blocks)):
            if count >= most:
                return
            if found := self.places(blocks[i], ngrams):
                count += len(found.scores)
                yield found


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
        vocabulary, han = make_vocabulary(text), texts_of_han(parts)
        teacher = Teacher(vocabulary, text, Path(folder), lexicons.listed(), han)
        file = arguments.file.read_bytes()
        fitter = Fitter(teacher, file, Path(FILE).read_bytes())
        for part, ngrams in zip(parts, ngrams_of_others(texts, text_of(held)), strict=True):
            for language, blocks in part.items():
                if language not in UNLISTED:
                    found += list(fitter.of_language(blocks, ngrams, PLACES // PARTS))
            say(f"{sum(len(each.scores) for each in found)} places")
    places = Places(*map(np.concatenate, zip(*found, strict=True)))
    learnt = np.frombuffer(file[SPELT_AT:SPELT_END], dtype="<i2") / model_format.UNITS_PER_NAT
    arguments.file.write_bytes(with_weights(file, fitted(places, learnt)))
    say(f"{arguments.file}: {arguments.file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
