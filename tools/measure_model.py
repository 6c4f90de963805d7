"""Measure a language model on the held-back part of the corpora: the figures of its card.

    python tools/measure_model.py CORPORA [FILE]

Prints bits per character by language; how often a character that cp1254 damages is told from all
others that look the same when damaged, by the cost of itself and two characters behind it, with
the true text around it; look-ups per second and the time to open the file.
"""

from __future__ import annotations

import argparse
import ctypes
import math
import random
import tempfile
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import FILE, open_file
from mojibake_fix.model import format as model_format
from train_model import PACKAGE, Corpora, compile_library, pointer, read_corpora

# Bytes that cp1254 does not define, and the soft hyphen.
LOST = frozenset(b"\x81\x8d\x8e\x8f\x90\x9d\x9e\xad")
RESTORED = (
    *("zh-Hans", "zh-Hant", "ja", "ko", "ru", "uk", "el", "ar", "he", "hi", "th", "vi"),
    *("cs", "hu", "es", "is"),
)
LEFT, RIGHT = 4, 2
MOST_PLACES = 12_000  # per language

Text = npt.NDArray[np.uint32]


class State(ctypes.Structure):
    """As in model.h."""

    _fields_ = (
        ("ids", ctypes.c_uint16 * 4),
        ("leave", ctypes.c_uint16 * 4),
        ("length", ctypes.c_uint32),
    )


class Reader:
    """A model file, read by the C core."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.core = compile_library([PACKAGE / "_core" / "model.c"], folder)
        self.core.mf_model_open.restype = ctypes.c_char_p
        self.core.mf_model_text_cost.restype = ctypes.c_uint64
        self.bytes = np.memmap(path, dtype=np.uint8, mode="r")
        self.model = ctypes.create_string_buffer(4096)
        wrong = self.core.mf_model_open(
            self.model, pointer(self.bytes), ctypes.c_size_t(len(self.bytes))
        )
        if wrong:
            raise model_format.ModelError(wrong.decode())

    def start(self) -> State:
        """Return the state at the start of a text."""
        state = State()
        self.core.mf_model_start(self.model, ctypes.byref(state))
        return state

    def cost(self, state: State, text: Text) -> int:
        """Return the cost of a text in units, and move the state to its end."""
        return int(
            self.core.mf_model_text_cost(
                self.model, ctypes.byref(state), pointer(text), ctypes.c_size_t(len(text))
            )
        )


def bits_per_character(reader: Reader, corpora: Corpora) -> dict[str, float]:
    """Return the cost of the held-back text of each language."""
    units = math.log(2) * model_format.UNITS_PER_NAT
    return {
        language: reader.cost(reader.start(), text[1:]) / units / (len(text) - 1)
        for language, text in corpora.held.items()
    }


def alike() -> dict[int, list[int]]:
    """Return all assigned characters that look the same as each one that loses bytes."""
    by_rest: dict[bytes, list[int]] = defaultdict(list)
    for code_point in range(0x80, 0x110000):
        character = chr(code_point)
        if unicodedata.category(character) in {"Cn", "Cs", "Co"}:
            continue
        whole = character.encode()
        rest = bytes(byte for byte in whole if byte not in LOST)
        if len(rest) < len(whole):
            by_rest[rest].append(code_point)
    return {code_point: group for group in by_rest.values() for code_point in group}


def places(text: Text, groups: dict[int, list[int]]) -> Iterator[int]:
    """Yield where a text loses bytes: some places chosen by lot, the same every time."""
    damaged = np.isin(text, np.array(sorted(groups), dtype=np.uint32))
    found = np.flatnonzero(damaged).tolist()
    random.Random(1).shuffle(found)
    yield from sorted(found[:MOST_PLACES])


def line_part(text: Text, start: int, end: int, at: int) -> tuple[Text, Text]:
    """Return what stands before and behind a place, as far as its line goes."""
    before, behind = text[max(start, 0) : at], text[at + 1 : end]
    ends = np.flatnonzero(before == ord("\n"))
    if len(ends):
        before = before[ends[-1] :]
    ends = np.flatnonzero(behind == ord("\n"))
    if len(ends):
        behind = behind[: ends[0] + 1]
    return before, behind


def restored(reader: Reader, text: Text, groups: dict[int, list[int]]) -> tuple[int, int]:
    """Return how many places were looked at, and at how many the truth is the cheapest."""
    tried = right = 0
    for at in places(text, groups):
        before, behind = line_part(text, at - LEFT, at + 1 + RIGHT, at)
        state = State()
        reader.cost(state, before.copy())
        left = bytes(state)
        costs = {}
        for candidate in groups[int(text[at])]:
            window = np.concatenate(([candidate], behind)).astype(np.uint32)
            costs[candidate] = reader.cost(State.from_buffer_copy(left), window)
        tried += 1
        truth = int(text[at])
        right += all(costs[truth] < cost for other, cost in costs.items() if other != truth)
    return tried, right


def speed(reader: Reader, corpora: Corpora, languages: tuple[str, ...]) -> dict[str, float]:
    """Return characters per second of processor time, in millions, for some languages."""
    found = {}
    for language in languages:
        text = corpora.held[language]
        text = np.tile(text, max(1, 2_000_000 // len(text)))
        start = time.process_time()
        reader.cost(reader.start(), text)
        found[language] = len(text) / (time.process_time() - start) / 1e6
    return found


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("file", type=Path, nargs="*", default=[Path(FILE)])
    arguments = parser.parse_args()
    corpora = read_corpora(arguments.corpora)
    groups = alike()
    for path in arguments.file:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            open_file(path).close()
            mapped = time.perf_counter() - start
            reader = Reader(path, Path(folder))
            start = time.perf_counter()
            reader.core.mf_model_open(
                reader.model, pointer(reader.bytes), ctypes.c_size_t(len(reader.bytes))
            )
            opened = time.perf_counter() - start
            print(f"{path}: {path.stat().st_size} bytes")
            print(f"map {mapped * 1e3:.3f} ms, open {opened * 1e3:.3f} ms")
            for language, rate in speed(reader, corpora, ("zh-Hans", "ru", "en")).items():
                print(f"{language}: {rate:.1f} M characters/s")
            bits = bits_per_character(reader, corpora)
            print("bits per character:", end=" ")
            print(", ".join(f"{language} {value:.3f}" for language, value in bits.items()))
            for language in RESTORED:
                tried, right = restored(reader, corpora.held[language], groups)
                print(f"{language}: {right} of {tried}, {100 * right / max(tried, 1):.2f} %")


if __name__ == "__main__":
    main()
