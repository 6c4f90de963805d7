"""Write `model/rescorer.bin`: what a document tells of a place that the n-grams leave in doubt.

    python tools/train_rescorer.py CORPORA [FILE]

CORPORA is what `train_model.py` takes, and `model.bin` must be what that made of it. The examples
are places of the training text where a loss leaves more than one character possible; the
network learns what to add to the n-grams' log probability of each. So that it learns what the
n-grams do not know, and not what they remember, each part of the text is read by n-grams of the
other parts. `rescorer.c`, which needs a C compiler, learns; the same corpora give the same file on
one kind of machine. Takes about a quarter of an hour, and 12 GB of memory. `fit_words.py` comes
behind it.
"""

from __future__ import annotations

import argparse
import ctypes
import itertools
import math
import tempfile
import time
import unicodedata
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import lexicons
from mojibake_fix import channels
from mojibake_fix._scripts import is_unspaced
from mojibake_fix.model import FILE, RESCORER_FILE
from mojibake_fix.model import format as model_format
from mojibake_fix.model import rescorer_format as form
from train_model import (
    KINDS,
    PACKAGE,
    Corpora,
    Ids,
    Settings,
    Trainer,
    code_points,
    compile_library,
    kinds_of,
    make_vocabulary,
    pointer,
    read_blocks,
    with_words,
)

PARTS = 4
LONGEST_WORD = 24  # as in lexicon.h

Shown = Callable[[bytes], str]


def shown_by(channel: str) -> Shown:
    """Return what a channel of one layer shows of the bytes of a character."""
    images = channels.images(channels.Channel.parse(channel).layers[0])
    return lambda encoded: "".join(images[byte] for byte in encoded)


def shown_without(lost: Container[int]) -> Shown:
    """Return what is shown of the bytes of a character where some get lost."""
    return lambda encoded: "".join(chr(byte) for byte in encoded if byte not in lost)


def shown_but_last(encoded: bytes) -> str:
    """Return what codecs of several bytes show of a character whose last byte they swallowed."""
    return encoded[:-1].decode("latin-1")


WINDOWS = shown_by("utf-8>cp1254+undefined-dropped+soft-hyphen-dropped")
KEPT = [byte for byte in range(0x80, 0xC0) if WINDOWS(bytes([byte]))]
OTHERS = 7  # losses of as many other bytes

# Losses that leave doubts, and how many places of a language they may give as examples. Those that
# no code page has tell of the same characters and words in other places.
DOUBTED: tuple[tuple[Shown, int], ...] = (
    (WINDOWS, 10_000_000),
    (shown_by("utf-8>latin-1+c1-dropped"), 120_000),
    (shown_but_last, 120_000),
    *((shown_without(KEPT[i::OTHERS]), 70_000) for i in range(OTHERS)),
)

WRONG = 0.04  # share of the places in doubt that the network sees restored wrongly
ROWS = 8_192  # so many of the most usual ids have numbers of their own
PASSES = 1.3  # through all examples
STEP = 512_000  # examples from one report to the next
RATE = 0.002  # at most: it rises through the first step, and falls to nothing
# While the network learns, the n-grams' share of what is judged goes from nothing to all.
ALONE, TOGETHER_FROM = 0.3, 0.5
HELD_PLACES = 6_000  # of a language, to measure with

# Share of what the network says that counts, for people write more than its examples are of: on
# notes that it never saw, all of it gave less.
TRUST = 0.7

Numbers = npt.NDArray[np.uint32]


class Doubt(ctypes.Structure):
    """As in rescore.h."""

    _fields_ = (("at", ctypes.c_uint32), ("candidates", ctypes.c_uint16 * form.CANDIDATES))


class Words(ctypes.Structure):
    """A lexicon, as in lexicon.h."""

    _fields_ = (
        ("cells", ctypes.c_void_p),
        ("flags", ctypes.c_void_p),
        ("folds", ctypes.c_void_p),
        ("variants", ctypes.c_void_p),
        ("seed", ctypes.c_uint64),
        ("reach", ctypes.c_uint32),
        ("segment", ctypes.c_uint32),
    )


DOUBT = np.dtype([("at", "<u4"), ("candidates", "<u2", form.CANDIDATES)], align=True)


@dataclass
class Examples:
    """Places in doubt of a text of ids, and all that is known of their candidates.

    Attributes:
        ids: the text, some of its places restored wrongly.
        doubts: places and candidates.
        truths: what stands there.
        before: log probability of each candidate, by the n-grams.
        sights: how often each stands elsewhere.
        variants: which variant of Han the document of each is written in.
    """

    ids: Ids
    doubts: npt.NDArray[np.void]
    truths: Ids
    before: npt.NDArray[np.float32]
    sights: npt.NDArray[np.uint8]
    variants: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.truths)

    def some(self, which: npt.NDArray[np.intp]) -> Examples:
        """Return some of the examples."""
        return Examples(
            self.ids,
            np.ascontiguousarray(self.doubts[which]),
            np.ascontiguousarray(self.truths[which]),
            np.ascontiguousarray(self.before[which]),
            np.ascontiguousarray(self.sights[which]),
            np.ascontiguousarray(self.variants[which]),
        )


def joined(parts: Sequence[Examples]) -> Examples:
    """Return the examples of several texts as those of one."""
    doubts = []
    start = 0
    for part in parts:
        moved = part.doubts.copy()
        moved["at"] += start
        doubts.append(moved)
        start += len(part.ids)
    return Examples(
        np.concatenate([part.ids for part in parts]),
        np.concatenate(doubts),
        np.concatenate([part.truths for part in parts]),
        np.concatenate([part.before for part in parts]),
        np.concatenate([part.sights for part in parts]),
        np.concatenate([part.variants for part in parts]),
    )


def read_parts(folder: Path) -> tuple[list[dict[str, list[str]]], dict[str, list[str]]]:
    """Return the blocks of each part by language, and those that are held back."""
    parts: list[dict[str, list[str]]] = [{} for _ in range(PARTS)]
    held: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.txt.xz")):
        language = path.name.removesuffix(".txt.xz")
        blocks: list[str] = []
        held[language] = []
        for is_held, block in read_blocks(path):
            (held[language] if is_held else blocks).append(block)
        for i, part in enumerate(parts):
            start, end = (len(blocks) * border // PARTS for border in (i, i + 1))
            part[language] = blocks[start:end]
    return parts, held


def text_of(part: dict[str, list[str]]) -> Numbers:
    """Return the blocks of all languages as code points, line ends around each line."""
    blocks = ["\n", *(block + "\n" for blocks in part.values() for block in blocks)]
    return code_points("".join(blocks))


def write_ngrams(texts: Sequence[Numbers], held: Numbers, path: Path) -> None:
    """Train n-grams on some texts, in a process of its own, as `ngrams.c` trains once."""
    with tempfile.TemporaryDirectory() as folder:
        corpora = Corpora(np.concatenate(list(texts)), {"held": held})
        trainer = Trainer(corpora, Path(folder), lambda _: None, lexicons.read())
        model, _ = trainer.train(Settings())
        path.write_bytes(model_format.to_bytes(model))


def ngrams_of_others(texts: Sequence[Numbers], held: Numbers) -> Iterator[bytes]:
    """Yield, for each of some texts, n-grams of the other ones."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.bin")
        for i in range(len(texts)):
            others = [text for j, text in enumerate(texts) if j != i]
            with ProcessPoolExecutor(1) as process:
                process.submit(write_ngrams, others, held, path).result()
            yield path.read_bytes()


def texts_of_han(parts: Sequence[dict[str, list[str]]]) -> dict[str, Numbers]:
    """Return the text in each variant of Han."""
    return {
        name: code_points("".join(block for part in parts for block in part.get(name, [])))
        for name in VARIANTS
    }


def candidates(ids: Ids, counts: npt.NDArray[np.int64], shown: Shown) -> Ids:
    """Return by id what else looks like it once damaged, itself included, the most usual first.

    A row without candidates is of an id that is in no doubt.
    """
    alike: dict[str, list[int]] = {}
    for i in np.flatnonzero(ids):
        if i >= 0x80 and not 0xD800 <= i < 0xE000:
            encoded = chr(i).encode()
            image = shown(encoded)
            if len(image) < len(encoded):
                alike.setdefault(image, []).append(int(ids[i]))
    found = np.zeros((int(ids.max()) + 1, form.CANDIDATES), dtype=np.uint16)
    for group in alike.values():
        usual = sorted(group, key=lambda i: (-counts[i], i))[: form.CANDIDATES]
        if len(usual) > 1:
            found[usual, : len(usual)] = usual
    return found


def is_letter(character: str) -> bool:
    """Return whether words that stand between spaces are made of a character."""
    return not is_unspaced(character) and unicodedata.category(character)[0] in "LMN"


def is_han(character: str) -> bool:
    """Return whether a character is one of those that words in Han are made of."""
    return "\u3400" <= character <= "\u9fff" or character == "々" or character >= "\U00020000"


def is_cjk(character: str) -> bool:
    """Return whether a character stands in text in Han only."""
    is_sign = "\u3000" <= character <= "\u30ff" or "\uff00" <= character <= "\uffef"
    return is_sign or (is_han(character) and character <= "\U0003ffff")


# Scripts, of which words tell differently much: the code points that each begins and ends at, and
# the kind of its characters. What none claims is of the first, the signs.
SCRIPTS: tuple[tuple[str, tuple[tuple[int, int], ...], str], ...] = (
    ("sign", (), "other"),
    ("latin", ((0xC0, 0x250), (0x1E00, 0x1F00)), "latin"),
    ("vietnamese", ((0x1A0, 0x1A2), (0x1AF, 0x1B1), (0x1EA0, 0x1EFA)), "latin"),
    ("greek", ((0x370, 0x400), (0x1F00, 0x2000)), "other"),
    ("cyrillic", ((0x400, 0x530),), "other"),
    ("hebrew", ((0x590, 0x600),), "other"),
    ("arabic", ((0x600, 0x780), (0xFB50, 0xFE00), (0xFE70, 0xFF00)), "other"),
    ("indic", ((0x900, 0xE00),), "other"),
    ("thai", ((0xE00, 0xE80),), "other"),
    ("han", ((0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x40000)), "han"),
    ("kana", ((0x3041, 0x3100), (0xFF66, 0xFF9E)), "kana"),
    ("hangul", ((0x1100, 0x1200), (0x3131, 0x318F), (0xAC00, 0xD7A4)), "hangul"),
    ("emoji", ((0x2600, 0x27C0), (0x1F000, 0x20000)), "other"),
)

OF_EMOJI = [name for name, *_ in SCRIPTS].index("emoji")


def scripts_of(characters: Numbers) -> npt.NDArray[np.uint8]:
    """Return the script of each of some code points."""
    found = np.zeros(len(characters), dtype=np.uint8)
    for number, (_, ranges, _) in enumerate(SCRIPTS):
        for start, end in ranges:
            found[(characters >= start) & (characters < end)] = number
    return found


# Corpora of the variants of Han.
VARIANTS = "zh-Hans", "zh-Hant", "ja"

# Frequency of the least usual words that are told apart.
RAREST = 1e-7


def variants_of(ids: Ids, texts: dict[str, Numbers]) -> npt.NDArray[np.int8]:
    """Return by id how much more probable a character is in each variant than in all of them."""
    counts = np.stack(
        [
            np.bincount(ids[texts.get(name, code_points(""))], minlength=int(ids.max()) + 1)
            for name in VARIANTS
        ],
        axis=1,
    ).astype(np.float64)
    asked = np.zeros(len(counts), dtype=bool)
    known = np.flatnonzero(ids)
    asked[ids[known]] = [is_cjk(chr(i)) for i in known]
    counts = (counts + 0.5) * asked[:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.log(counts / counts.sum(axis=0))
        ratios -= np.log(counts.sum(axis=1) / counts.sum())[:, np.newaxis]
    return narrow(np.where(asked[:, np.newaxis], ratios, 0.0), 1 / form.VARIANT_UNIT)


class Teacher:
    """Makes examples, and lets the network learn from them."""

    def __init__(
        self,
        ids: Ids,
        training: Numbers,
        folder: Path,
        words: dict[str, float],
        han: dict[str, Numbers],
    ) -> None:
        sources = [Path(__file__).with_name("rescorer.c")]
        names = ("rescore.c", "lexicon.c", "model.c", "vectors.c")
        sources += [PACKAGE / "_core" / name for name in names]
        self.core = compile_library(
            sources, folder, "-march=native", "-ffp-contract=fast", "-fno-math-errno"
        )
        self.core.rescorer_learn.restype = ctypes.c_size_t
        self.core.rescorer_weights.restype = ctypes.POINTER(ctypes.c_float)
        self.core.rescorer_cells.restype = ctypes.POINTER(ctypes.c_uint16)
        self.lot = np.random.default_rng(0)
        self.ids = ids
        self.kinds = kinds_of(ids)
        counts = np.bincount(ids[training], minlength=len(self.kinds))
        self.groups = [candidates(ids, counts, shown) for shown, _ in DOUBTED]
        self.code_points = np.zeros(len(self.kinds), dtype=np.uint32)
        known = np.flatnonzero(ids)[::-1]
        self.code_points[ids[known]] = known
        characters = [chr(i) for i in self.code_points]
        self.scripts = scripts_of(self.code_points)
        self.flags = np.array([is_letter(each) * form.LETTER for each in characters], np.uint8)
        self.flags |= (self.groups[0][:, 0] > 0) * np.uint8(form.LISTED)
        self.flags |= np.array([is_han(each) * form.HAN for each in characters], np.uint8)
        self.flags |= (self.scripts == OF_EMOJI) * np.uint8(form.EMOJI)
        self.folds = np.array([self.fold(each) for each in characters], np.uint16)
        self.variants = variants_of(ids, han)
        self.words = Words(
            flags=self.flags.ctypes.data,
            folds=self.folds.ctypes.data,
            variants=self.variants.ctypes.data,
        )
        self.cells = self.cells_of(words)
        self.words.cells = self.cells.ctypes.data

    def fold(self, character: str) -> int:
        """Return the id that stands for a character in words."""
        folded = lexicons.simplified(character.lower())
        found = int(self.ids[ord(folded)]) if len(folded) == 1 else 0
        return found or int(self.ids[ord(character)])

    def cells_of(self, words: dict[str, float]) -> npt.NDArray[np.uint16]:
        """Return the cells of a lexicon; its shape and seed become those of `words`."""
        known = np.flatnonzero(self.ids).tolist()
        ids = {chr(i): int(self.ids[i]) for i in known}
        flags, folds = self.flags.tolist(), self.folds.tolist()
        lost = form.LETTER | form.LISTED
        opening = {fold for fold, flag in zip(folds, flags, strict=True) if flag & lost == lost}
        codes: dict[tuple[int, ...], int] = {}
        for word, frequency in words.items():
            letters = [ids.get(character, 0) for character in word]
            if not 1 < len(letters) <= LONGEST_WORD or not all(letters):
                continue
            if flags[letters[0]] & form.EMOJI and word[1:].isalpha():
                codes[tuple(folds[letter] for letter in letters[: 1 + form.STEM])] = form.ASSOCIATED
                continue
            shared, some = form.HAN | form.LETTER, 0
            for letter in letters:
                shared &= flags[letter]
                some |= flags[letter]
            is_compound = shared & form.HAN and len(letters) <= form.COMPOUND
            is_told = some & form.LISTED or folds[letters[0]] in opening
            if is_compound or (shared & form.LETTER and is_told):
                code = 1 + min(max(int(math.log2(frequency / RAREST)), 0), form.CODES - 2)
                folded = tuple(folds[letter] for letter in letters)
                codes[folded] = max(codes.get(folded, 0), code)
        flat = np.array([id_ for word in codes for id_ in word], np.uint16)
        lengths = np.array([len(word) for word in codes], np.uint8)
        values = np.array(list(codes.values()), np.uint8)
        cells = self.core.rescorer_cells(
            pointer(flat),
            pointer(lengths),
            pointer(values),
            ctypes.c_uint32(len(codes)),
            ctypes.byref(self.words),
        )
        if not cells:
            raise SystemExit("no seed gives a lexicon")
        count = self.words.reach + 2 * self.words.segment
        found = np.ctypeslib.as_array(cells, (count,)).astype("<u2")
        self.core.rescorer_free(cells)
        return found

    def lexicon(self) -> form.Lexicon:
        """Return what the file has of words."""
        return form.Lexicon(
            self.words.seed,
            self.words.reach,
            self.words.segment,
            self.cells.tobytes(),
            self.flags.tobytes(),
            self.folds.astype("<u2").tobytes(),
            self.variants.tobytes(),
        )

    def places(self, text: Ids, group: Ids, most: int) -> npt.NDArray[np.uint32]:
        """Return where a text is in doubt: some of these places, drawn by lot."""
        found = np.flatnonzero((group[:, 0] > 0)[text]).astype(np.uint32)
        if len(found) > most:
            found = np.sort(self.lot.choice(found, most, replace=False))
        return found

    def examples(
        self, blocks: Sequence[str], ngrams: bytes, mosts: Sequence[int], wrong: float
    ) -> Examples:
        """Return the examples of the blocks of a language, each of which is a document.

        Args:
            blocks: the text.
            ngrams: what reads it.
            mosts: how many places the first losses that leave doubts may give.
            wrong: share of the places in doubt that hold another candidate.
        """
        margin = np.full(form.FAR, ord("\n"), dtype=np.uint32)
        texts = [margin, *(code_points(block + "\n") for block in blocks), margin]
        text = np.concatenate(texts)
        ends = np.cumsum([len(each) for each in texts])[:-1]
        ids = self.ids[text]
        found = []
        for group, most in zip(self.groups, mosts, strict=False):
            at = self.places(ids, group, most)
            doubts = np.zeros(len(at), dtype=DOUBT)
            doubts["at"] = at
            doubts["candidates"] = group[ids[at]]
            found.append(doubts)
        doubts = np.concatenate(found)
        doubts = np.ascontiguousarray(doubts[np.argsort(doubts["at"], kind="stable")])
        shape = (len(doubts), form.CANDIDATES)
        before = np.full(shape, -100, dtype=np.float32)
        self.core.rescorer_ngrams(
            ngrams,
            ctypes.c_size_t(len(ngrams)),
            pointer(text),
            pointer(self.code_points),
            pointer(doubts),
            ctypes.c_size_t(len(doubts)),
            pointer(before),
        )
        mistaken = self.with_mistakes(ids, wrong)
        return Examples(
            mistaken,
            doubts,
            ids[doubts["at"]],
            before,
            self.sights(ids, ends, doubts),
            self.variants_at(mistaken, ends, doubts),
        )

    def variants_at(
        self, ids: Ids, ends: npt.NDArray[np.intp], doubts: npt.NDArray[np.void]
    ) -> npt.NDArray[np.uint8]:
        """Return the variant of the document of each doubt."""
        of_document = [
            self.core.mf_variant(
                ctypes.byref(self.words),
                pointer(ids),
                ctypes.c_size_t(int(start)),
                ctypes.c_size_t(int(end)),
            )
            for start, end in itertools.pairwise(ends)
        ]
        counts = np.diff(np.searchsorted(doubts["at"], ends))
        return np.repeat(np.array(of_document, np.uint8), counts)

    def sights(
        self, ids: Ids, ends: npt.NDArray[np.intp], doubts: npt.NDArray[np.void]
    ) -> npt.NDArray[np.uint8]:
        """Return how often the candidates stand elsewhere in their documents."""
        seen = np.zeros((len(doubts), form.CANDIDATES, form.SIGHTS), dtype=np.uint8)
        known = np.ones(len(ids), dtype=np.uint8)
        borders = np.searchsorted(doubts["at"], ends)
        for i in range(len(ends) - 1):
            first, last = int(borders[i]), int(borders[i + 1])
            if first < last and not self.core.mf_sights(
                pointer(ids),
                pointer(known),
                ctypes.c_size_t(int(ends[i])),
                ctypes.c_size_t(int(ends[i + 1])),
                pointer(doubts[first:last]),
                ctypes.c_size_t(last - first),
                pointer(seen[first:last]),
            ):
                raise MemoryError
        return seen

    def with_mistakes(self, ids: Ids, share: float) -> Ids:
        """Return a text in which some of the places in doubt hold another candidate."""
        group = self.groups[0]
        mistaken = ids.copy()
        at = np.flatnonzero((group[:, 0] > 0)[ids])
        at = at[self.lot.random(len(at)) < share]
        choices = np.count_nonzero(group[ids[at]], axis=1)
        mistaken[at] = group[ids[at], (self.lot.random(len(at)) * choices).astype(np.intp)]
        return mistaken

    def go_through(
        self,
        examples: Examples,
        rates: tuple[float, float] = (0, 0),
        shares: tuple[float, float] = (1, 1),
    ) -> tuple[float, float]:
        """Learn from examples, but not at a rate of 0.

        Returns:
            Share of them whose truth is the most probable candidate, and what truths cost, in nats.
        """
        total = (ctypes.c_double * 2)()
        count = self.core.rescorer_learn(
            pointer(examples.ids),
            pointer(examples.doubts),
            pointer(examples.truths),
            pointer(examples.before),
            pointer(examples.sights),
            pointer(examples.variants),
            ctypes.c_size_t(len(examples)),
            pointer(self.kinds),
            ctypes.byref(self.words),
            (ctypes.c_float * 2)(*rates),
            (ctypes.c_float * 2)(*shares),
            total,
        )
        return total[1] / max(count, 1), -total[0] / max(count, 1)

    def teach(self, examples: Examples, say: Callable[[str], None]) -> Iterator[float]:
        """Let the network learn; yield how much of it is done."""
        ids = len(self.kinds)
        self.core.rescorer_start(ctypes.c_uint32(ids), ctypes.c_uint32(min(ROWS, ids)))
        total = int(PASSES * len(examples))
        passes = [self.lot.permutation(len(examples)) for _ in range(-(-total // len(examples)))]
        order = np.concatenate(passes)[:total]

        def between(part: float, first: float, last: float) -> float:
            return first + (last - first) * min(max(part, 0.0), 1.0)

        for start in range(0, total, STEP):
            parts = start / total, min(start + STEP, total) / total
            rates = [RATE * min(part * total / STEP, 1 - part) for part in parts]
            shares = [between((part - ALONE) / (TOGETHER_FROM - ALONE), 0.0, 1.0) for part in parts]
            right, cost = self.go_through(
                examples.some(order[start : start + STEP]),
                (rates[0], rates[1]),
                (shares[0], shares[1]),
            )
            say(f"{start + STEP} examples: {100 * right:.2f} % right, {cost:.4f} nats")
            yield parts[1]

    def weights(self) -> list[npt.NDArray[np.float32]]:
        """Return what was learnt."""
        found = []
        for which in range(12):
            count = ctypes.c_size_t()
            numbers = self.core.rescorer_weights(which, ctypes.byref(count))
            found.append(np.ctypeslib.as_array(numbers, (count.value,)).copy())
        return found


def narrow(numbers: npt.NDArray[np.floating[Any]], scale: float) -> npt.NDArray[np.int8]:
    """Return numbers as multiples of a scale, cut to 8 bits."""
    return np.clip(np.rint(numbers / scale), -127, 127).astype(np.int8)


def widest(numbers: npt.NDArray[np.floating[Any]]) -> float:
    """Return the scale at which hardly any of some numbers is cut."""
    return float(np.quantile(np.abs(numbers), 0.9999)) / 127


def quantised(
    weights: Sequence[npt.NDArray[np.float32]],
    scripts: npt.NDArray[np.uint8],
    lexicon: form.Lexicon,
    used: npt.NDArray[np.uint16],
    model: str,
) -> form.Rescorer:
    """Return weights in integers, for the ids of a model of which some were candidates."""
    embeddings, outputs, biases, hidden, hidden_bias, output, output_bias, seen, endings = weights[
        :9
    ]
    spelt, covered, written = weights[9:]
    # The network told kinds apart; from here on each script has what its kind has.
    names = [name for name, *_ in KINDS]
    of_script = [names.index(kind) for *_, kind in SCRIPTS]
    seen, spelt = (of.reshape(len(KINDS), -1)[of_script].ravel() for of in (seen, spelt))
    # Emoji make no words, and what goes along with them is worth what `fit_words.py` says.
    spelt[OF_EMOJI * form.SPELLINGS : (OF_EMOJI + 1) * form.SPELLINGS] = 0
    written = written[of_script]
    hidden = hidden.reshape(form.INPUTS, form.HIDDEN).T
    output = output.reshape(form.HIDDEN, form.OUTPUTS).T
    near, far = hidden[:, : form.NEAR_INPUTS], hidden[:, form.NEAR_INPUTS :]
    far = far / (form.FAR - form.NEAR)
    outputs, biases = TRUST * outputs, TRUST * biases
    input_scale = max(widest(embeddings), widest(endings))
    near_scale, output_scale = widest(near), widest(output)
    far_shift = max(math.floor(math.log2(near_scale / widest(far))), 0)
    # A hidden number or output of 1 becomes some 512, so that 64 can be told.
    hidden_unit = input_scale * near_scale
    hidden_shift = max(round(-math.log2(512 * hidden_unit)), 0)
    output_unit = hidden_unit * 2**hidden_shift * output_scale
    output_shift = max(round(-math.log2(512 * output_unit)), 0)
    score_unit = model_format.UNITS_PER_NAT * output_unit * 2**output_shift
    score_shift = max(math.floor(-math.log2(score_unit * widest(outputs))), 0)
    known = np.full(len(scripts), form.NO_KIND, dtype=np.uint8)
    known[used] = scripts[used]
    known[0] = form.NO_KIND
    times = np.log1p(np.arange(form.MOST_SEEN + 1))
    gains = seen[:, np.newaxis] * times * model_format.UNITS_PER_NAT

    def numbers(of: npt.NDArray[np.floating[Any]]) -> list[int]:
        return [int(number) for number in np.rint(of).ravel()]

    return form.Rescorer(
        model,
        len(scripts),
        len(embeddings) // form.EMBEDDING,
        (far_shift, hidden_shift, output_shift, score_shift),
        numbers(hidden_bias / hidden_unit),
        numbers(output_bias / output_unit),
        np.hstack((narrow(near, near_scale), narrow(far, near_scale / 2**far_shift))).tobytes(),
        narrow(output, output_scale).tobytes(),
        numbers(gains),
        numbers(spelt * model_format.UNITS_PER_NAT),
        numbers(covered * model_format.UNITS_PER_NAT * form.SMALL / form.LETTER_WORTH),
        numbers(written * model_format.UNITS_PER_NAT * form.SMALL / form.VARIANT_UNIT),
        narrow(endings, input_scale).tobytes(),
        numbers(biases * model_format.UNITS_PER_NAT),
        known.tobytes(),
        lexicon,
        narrow(embeddings, input_scale).tobytes(),
        narrow(outputs, 2**-score_shift / score_unit).tobytes(),
    )


def main() -> None:
    """Train and write."""
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
    ids = make_vocabulary(text)
    say(f"corpora read: {len(text)} code points")
    ngrams = []
    for i, known in enumerate(ngrams_of_others(texts, text_of(held))):
        ngrams.append(known)
        say(f"n-grams without part {i}")
    with tempfile.TemporaryDirectory() as folder:
        teacher = Teacher(ids, text, Path(folder), lexicons.listed(), texts_of_han(parts))
        say(f"lexicon of {len(teacher.cells)} cells")
        found = []
        for part, known in zip(parts, ngrams, strict=True):
            mosts = [most // PARTS for _, most in DOUBTED]
            found += [teacher.examples(blocks, known, mosts, WRONG) for blocks in part.values()]
        examples = joined(found)
        del found
        whole = Path(FILE).read_bytes()
        tests = {
            language: teacher.examples(blocks, whole, [HELD_PLACES], 0.0)
            for language, blocks in held.items()
        }
        say(f"{len(examples)} examples")
        for part in teacher.teach(examples, say):
            if int(part * 10) > int((part - STEP / (PASSES * len(examples))) * 10):
                measured = {name: teacher.go_through(test) for name, test in tests.items()}
                say(
                    ", ".join(
                        f"{name} {100 * right:.2f}/{cost:.3f}"
                        for name, (right, cost) in measured.items()
                        if len(tests[name]) >= 1000
                    )
                )
        used = np.unique(examples.doubts["candidates"])
        model = quantised(
            teacher.weights(),
            teacher.scripts,
            teacher.lexicon(),
            used,
            model_format.digest(whole),
        )
    arguments.file.write_bytes(form.to_bytes(model))
    say(f"{arguments.file}: {arguments.file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
