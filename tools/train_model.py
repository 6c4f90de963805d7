"""Write `model/model.bin`: how probable characters are behind others, from training corpora.

    python tools/train_model.py CORPORA [FILE]

CORPORA holds plain UTF-8 text, one `LANG.txt.xz` per language; the words of `lexicons.py`, which
come from packages, are counted behind it. Every 40th block of 50 lines is held back; what the model
costs there is printed. Characters seen twice or more are the vocabulary. N-grams of up to five
characters are estimated by modified Kneser-Ney, pruned by what their removal costs the training
text, more where damage leaves more doubt, estimated again and quantised; `ngrams.c`, which needs a
C compiler, does that. The same corpora give the same file.
"""

from __future__ import annotations

import argparse
import ctypes
import lzma
import math
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import lexicons
from mojibake_fix import channels
from mojibake_fix.model import FILE
from mojibake_fix.model import format as model_format

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "mojibake_fix"
ORDER = 5
BLOCK_LINES = 50
HELD_BLOCK = 40  # of every so many blocks one is held back

# Nats that one unknown character costs among all: as if some 13000 were equally likely.
UNKNOWN_NATS = 9.5

# A kind of character is its name, the code points that it begins at, the weight of n-grams with
# it, and how long an n-gram may be that ends in it or in it and one character more. Scripts
# without many characters need more context, and ASCII never gets lost. The first kind is ASCII;
# what no row claims is "other".
Kind = tuple[str, tuple[tuple[int, int], ...], float, int]
LETTERS = ((0x41, 0x5B), (0x61, 0x7B))
KINDS: tuple[Kind, ...] = (
    ("ascii sign", ((0, 0x80),), 0.1, 5),
    ("ascii letter", LETTERS, 0.1, 5),
    ("latin", ((0xC0, 0x250), (0x1E00, 0x1F00)), 0.5, 5),
    ("han", ((0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x40000)), 2.0, 3),
    ("kana", ((0x3041, 0x3100), (0xFF66, 0xFF9E)), 1.0, 4),
    ("hangul", ((0x1100, 0x1200), (0x3131, 0x318F), (0xAC00, 0xD7A4)), 1.0, 4),
    ("other", (), 1.0, 5),
)
OTHER = len(KINDS) - 1

Ids = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Settings:
    """What may be varied; the defaults are what the model is made with."""

    size: int = 9_540_000  # bytes of the file, at most
    codes: int = 32  # of n-grams, per order
    context_codes: int = 16
    weights: tuple[float, ...] = tuple(kind[2] for kind in KINDS)
    longest: tuple[int, ...] = tuple(kind[3] for kind in KINDS)
    floor: float = 0.25  # weight of what never looks like anything else, of 1
    doubt: float = 0.5  # weight of each nat that tells a character from what looks the same


# Stands between words, which have nothing beside them.
GAP = "\0"


class Section(ctypes.Structure):
    """As in ngrams.c."""

    _fields_ = (("end", ctypes.c_size_t), ("times", ctypes.c_uint32))


class Table(ctypes.Structure):
    """As in ngrams.c."""

    _fields_ = (
        ("seed", ctypes.c_uint64),
        ("reach", ctypes.c_uint32),
        ("segment", ctypes.c_uint32),
        ("ngram_codes", ctypes.c_uint32 * 4),
        ("context_codes", ctypes.c_uint32 * 4),
        ("ngram_cost", (ctypes.c_uint16 * 64) * 4),
        ("context_cost", (ctypes.c_uint16 * 64) * 4),
    )


def read_blocks(path: Path) -> Iterator[tuple[bool, str]]:
    """Yield the blocks of a corpus, each with whether it is held back."""
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
        lines = [line.rstrip("\n") for line in file]
    lines = [line for line in lines if line]
    for number, start in enumerate(range(0, len(lines), BLOCK_LINES)):
        block = "\n".join(lines[start : start + BLOCK_LINES])
        yield number % HELD_BLOCK == HELD_BLOCK // 2, block


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """Return the code points of a text, all digits as 0."""
    found = np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.uint32)
    found[(found >= ord("0")) & (found <= ord("9"))] = ord("0")
    return found


@dataclass(frozen=True)
class Corpora:
    """Training and held-back text as code points, with line ends around each line."""

    training: npt.NDArray[np.uint32]
    held: dict[str, npt.NDArray[np.uint32]]


def read_corpora(folder: Path) -> Corpora:
    """Read all corpora of a folder, in the order of their names."""
    parts = [np.array([ord("\n")], dtype=np.uint32)]
    held = {}
    for path in sorted(folder.glob("*.txt.xz")):
        training: list[str] = []
        tuning: list[str] = []
        for is_held, block in read_blocks(path):
            (tuning if is_held else training).append(block)
        parts.append(code_points("".join(block + "\n" for block in training)))
        held[path.name.removesuffix(".txt.xz")] = code_points(
            "\n" + "".join(block + "\n" for block in tuning)
        )
    if not held:
        raise SystemExit(f"no *.txt.xz in {folder}")
    return Corpora(np.concatenate(parts), held)


def make_vocabulary(training: npt.NDArray[np.uint32]) -> Ids:
    """Return the id of each code point: by falling frequency, behind the unknown and the line."""
    counts = np.bincount(training, minlength=0x110000)
    ids = np.zeros(0x110000, dtype=np.uint16)
    seen = np.flatnonzero(counts >= 2)
    seen = seen[(seen != ord("\n")) & (seen != ord(GAP))]
    seen = seen[np.argsort(-counts[seen], kind="stable")][: 0x10000 - 3]
    ids[ord("\n")] = model_format.LINE
    ids[seen] = np.arange(len(seen), dtype=np.uint16) + model_format.LINE + 1
    ids[ord("0") : ord("9") + 1] = ids[ord("0")]
    return ids


def with_words(
    training: npt.NDArray[np.uint32], words: Sequence[tuple[str, int]]
) -> tuple[npt.NDArray[np.uint32], ctypes.Array[Section]]:
    """Return the training text with words behind it, and how often each part of it counts."""
    by_times: dict[int, list[str]] = {}
    for word, times in words:
        by_times.setdefault(times, []).append(word)
    parts = [training]
    sections = [(len(training), 1)]
    for times, group in sorted(by_times.items()):
        text = GAP + GAP.join(sorted(group))
        parts.append(code_points(text))
        sections.append((sections[-1][0] + len(text), times))
    return np.concatenate(parts), (Section * len(sections))(*sections)


def tokens_of(ids: Ids, text: npt.NDArray[np.uint32]) -> Ids:
    """Return the ids of a text."""
    tokens = ids[text]
    tokens[text == ord(GAP)] = 0xFFFF
    return tokens


def kinds_of(ids: Ids) -> npt.NDArray[np.uint8]:
    """Return the kind of each id; the unknown character is of the last one."""
    kinds = np.full(0x110000, OTHER, dtype=np.uint8)
    for number, (_, ranges, _, _) in enumerate(KINDS):
        for start, end in ranges:
            kinds[start:end] = number
    of_id = np.full(int(ids.max()) + 1, OTHER, dtype=np.uint8)
    known = np.flatnonzero(ids)
    of_id[ids[known]] = kinds[known]
    return of_id


# Channels whose doubts count, and how much.
DOUBTED = (
    ("utf-8>cp1252+undefined-dropped", 0.35),
    ("utf-8>cp1254+undefined-dropped+soft-hyphen-dropped", 0.35),
    ("utf-8>latin-1+c1-dropped", 0.3),
)


def doubts(ids: Ids, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return by id how many nats tell it from what looks the same when damaged, at most 6."""
    found = np.zeros(int(ids.max()) + 1)
    known = [int(i) for i in np.flatnonzero(ids) if i >= 0x80 and not 0xD800 <= i < 0xE000]
    for channel, weight in DOUBTED:
        images = channels.images(channels.Channel.parse(channel).layers[0])
        sums: dict[str, int] = {}
        seen = {}
        for i in known:
            image = seen[i] = "".join(images[byte] for byte in chr(i).encode())
            sums[image] = sums.get(image, 0) + max(int(counts[i]), 1)
        for i, image in seen.items():
            nats = math.log(sums[image] / max(int(counts[i]), 1))
            found[ids[i]] += weight * min(nats, 6.0)
    return found


def compile_library(sources: list[Path], folder: Path, *more: str) -> ctypes.CDLL:
    """Compile C sources into a library and load it."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        raise SystemExit("needs a C compiler")
    target = folder / f"{sources[0].stem}.so"
    flags = ["-std=c11", "-O3", "-ffp-contract=off", "-fPIC", "-shared", f"-I{PACKAGE / '_core'}"]
    subprocess.run([compiler, *flags, *more, *sources, "-o", target, "-lm"], check=True)
    return ctypes.CDLL(str(target))


def pointer(array: npt.NDArray[Any]) -> ctypes.c_void_p:
    """Return where an array's items are."""
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)


class Trainer:
    """The n-grams of some corpora, counted once, to be pruned as often as wanted."""

    def __init__(
        self,
        corpora: Corpora,
        folder: Path,
        say: Callable[[str], None],
        words: Sequence[tuple[str, int]] = (),
    ) -> None:
        self.say = say
        self.core = compile_library([Path(__file__).with_name("ngrams.c")], folder)
        self.core.ngrams_table.restype = ctypes.c_void_p
        self.core.ngrams_prune.restype = ctypes.c_uint32
        text, sections = with_words(corpora.training, words)
        self.ids = make_vocabulary(text)
        self.kinds = kinds_of(self.ids)
        self.doubts = doubts(self.ids, np.bincount(text, minlength=0x110000))
        self.languages = [(name, len(text)) for name, text in corpora.held.items()]
        self.tokens = tokens_of(self.ids, text)
        self.held = self.ids[np.concatenate(list(corpora.held.values()))]
        say(f"{len(self.tokens)} tokens, {len(self.held)} held back, {len(self.kinds)} ids")
        self.core.ngrams_count(
            pointer(self.tokens),
            sections,
            ctypes.c_size_t(len(self.tokens)),
            pointer(self.held),
            ctypes.c_size_t(len(self.held)),
            ctypes.c_uint32(len(self.kinds)),
            pointer(self.kinds),
        )
        say(f"n-grams by order: {self.numbers()[0].tolist()}")

    def numbers(self) -> npt.NDArray[np.uint32]:
        """Return the numbers of all n-grams, those kept, and contexts, by order."""
        found = np.zeros((3, ORDER), dtype=np.uint32)
        self.core.ngrams_numbers(pointer(found))
        return found

    def held_bits(self) -> dict[str, float]:
        """Return bits per held-back character under the last estimate, by language."""
        costs = np.zeros(len(self.held), dtype=np.float32)
        self.core.ngrams_held_costs(pointer(costs))
        nats = costs.astype(np.float64) + (self.held == model_format.UNKNOWN) * UNKNOWN_NATS
        bits = {}
        start = 0
        for name, length in self.languages:
            bits[name] = float(nats[start + 1 : start + length].mean()) / math.log(2)
            start += length
        return bits

    def estimate_all(self) -> dict[str, float]:
        """Estimate with all n-grams; return bits per held-back character."""
        self.core.ngrams_keep_all()
        self.core.ngrams_estimate()
        return self.held_bits()

    def train(self, settings: Settings) -> tuple[model_format.Model, dict[str, float]]:
        """Prune and quantise; return the model, and bits per character before quantisation."""
        self.core.ngrams_keep_all()
        self.core.ngrams_estimate()
        weights = np.array(settings.weights, dtype=np.float32)[self.kinds]
        weights *= (settings.floor + settings.doubt * self.doubts).astype(np.float32)
        longest = np.array(settings.longest, dtype=np.uint8)[self.kinds]
        self.core.ngrams_weigh(pointer(weights), pointer(longest))
        most = self.most_keys(settings.size)
        keys = int(self.core.ngrams_prune(ctypes.c_uint32(most)))
        self.core.ngrams_estimate()
        numbers = self.numbers()
        self.say(f"{keys} keys: n-grams {numbers[1].tolist()}, contexts {numbers[2].tolist()}")
        bits = self.held_bits()
        return self.quantise(settings, keys), bits

    def most_keys(self, size: int) -> int:
        """Return for how many keys a file of `size` bytes has cells."""
        pages = len({page.tobytes() for page in self.ids.reshape(-1, model_format.PAGE)})
        numbers = model_format.PAGES + pages * model_format.PAGE + 2 * len(self.kinds)
        # 9 cells for 8 keys, and at most one segment of 2^16 more.
        cells: int = (size - model_format.FIXED) // 2 - numbers - 0x10000
        return cells * 8 // 9

    def quantise(self, settings: Settings, keys: int) -> model_format.Model:
        """Return the model of what is kept."""
        alone = np.zeros(len(self.kinds), dtype=np.uint16)
        leave = np.zeros(len(self.kinds), dtype=np.uint16)
        table = Table()
        table.ngram_codes[:] = [settings.codes] * 4
        table.context_codes[:] = [0, *[settings.context_codes] * 3]
        cells = self.core.ngrams_table(
            ctypes.byref(table), ctypes.c_uint32(keys), pointer(alone), pointer(leave)
        )
        if not cells:
            raise SystemExit("no seed gives a table")
        known = np.flatnonzero(self.ids)
        model = model_format.Model(
            ids=dict(zip(known.tolist(), self.ids[known].tolist(), strict=True)),
            alone=alone.tolist(),
            leave=leave.tolist(),
            seed=table.seed,
            reach=table.reach,
            segment=table.segment,
            unknown=round(UNKNOWN_NATS * model_format.UNITS_PER_NAT),
            ngrams=int(self.numbers()[1][1:].sum()),
            ngram_costs=codebooks(table.ngram_codes, table.ngram_cost),
            context_costs=codebooks(table.context_codes, table.context_cost),
            cells=np.ctypeslib.as_array(
                ctypes.cast(cells, ctypes.POINTER(ctypes.c_uint16)),
                (table.reach + 2 * table.segment,),
            )
            .astype("<u2")
            .tobytes(),
        )
        self.core.ngrams_free(ctypes.c_void_p(cells))
        return model


def codebooks(sizes: Any, costs: Any) -> list[list[int]]:
    """Return the codebooks of a table as lists."""
    return [list(costs[i])[: sizes[i]] for i in range(4)]


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("file", type=Path, nargs="?", default=Path(FILE))
    arguments = parser.parse_args()
    start = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - start:6.1f} s  {text}", flush=True)

    corpora = read_corpora(arguments.corpora)
    say("corpora read")
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(corpora, Path(folder), say, lexicons.read())
        full = trainer.estimate_all()
        say("estimated")
        model, pruned = trainer.train(Settings())
    file = model_format.to_bytes(model)
    arguments.file.write_bytes(file)
    say(f"{len(file)} bytes, digest {model_format.digest(file)}")
    print("bits per character held back: all n-grams, pruned")
    for language, bits in full.items():
        print(f"{language:8} {bits:.3f} {pruned[language]:.3f}")


if __name__ == "__main__":
    main()
