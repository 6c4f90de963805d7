"""The language model: its format, its training on a small corpus, and its look-ups in C."""

from __future__ import annotations

import ctypes
import lzma
import math
import random
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numpy")
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tools"), str(ROOT / "tests")]

if sys.platform == "win32" or shutil.which("cc") is None:
    pytest.skip("no C compiler that is called as cc is", allow_module_level=True)

import numpy as np  # noqa: E402

import measure_model  # noqa: E402
import train_model  # noqa: E402
from mojibake_fix.model import format as model_format  # noqa: E402
from mojibake_fix.model import open_file  # noqa: E402
from reference.model import Model  # noqa: E402

CORE = ROOT / "src" / "mojibake_fix" / "_core"
SANITIZERS = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wshadow")
COMPILE = ("cc", *WARNINGS, *SANITIZERS, f"-I{CORE}")


def write_corpora(folder: Path) -> None:
    """Write sentences of random words, half of them in Cyrillic, some in Han and kana."""
    chooser = random.Random(7)
    alphabets = {"en": "etaoinshrdlu", "ru": "оеаинтсрвлкм", "ja": "のにはをたがで日本語文字化"}
    for language, alphabet in alphabets.items():
        words = [
            "".join(chooser.choices(alphabet, range(len(alphabet), 0, -1), k=chooser.randint(1, 6)))
            for _ in range(150)
        ]
        lines = [
            " ".join(chooser.choices(words, range(150, 0, -1), k=8)) + f" {chooser.randint(0, 99)}."
            for _ in range(4000)
        ]
        if language == "en":
            lines[5] += "\N{SNOWMAN}"  # seen once: unknown
        with lzma.open(folder / f"{language}.txt.xz", "wt", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


def train(folder: Path) -> bytes:
    corpora = train_model.read_corpora(folder)
    trainer = train_model.Trainer(corpora, folder, lambda _: None)
    model, _ = trainer.train(train_model.Settings(size=300_000))
    return model_format.to_bytes(model)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("model")
    write_corpora(found)
    (found / "model.bin").write_bytes(train(found))
    return found


@pytest.fixture(scope="module")
def reader(folder: Path) -> measure_model.Reader:
    return measure_model.Reader(folder / "model.bin", folder)


@pytest.fixture(scope="module")
def reference(folder: Path) -> Model:
    return Model((folder / "model.bin").read_bytes())


def random_texts(count: int) -> list[str]:
    chooser = random.Random(3)
    alphabet = "etaoin оеаинт のには日本字 .\n059\N{SNOWMAN}\U0001f600"
    return ["".join(chooser.choices(alphabet, k=30)) for _ in range(count)]


def array_of(text: str) -> measure_model.Text:
    return np.array([ord(character) for character in text], dtype=np.uint32)


def test_training_twice_gives_the_same_bytes(folder: Path) -> None:
    assert train(folder) == (folder / "model.bin").read_bytes()


def test_the_file_is_no_longer_than_asked_for(folder: Path) -> None:
    assert (folder / "model.bin").stat().st_size <= 300_000


def test_core_equals_reference(reader: measure_model.Reader, reference: Model) -> None:
    for text in random_texts(200):
        state = reader.start()
        costs = [reader.cost(state, array_of(character)) for character in text]
        assert costs == reference.text_costs(text)
        assert reader.cost(reader.start(), array_of(text)) == sum(costs)


@pytest.mark.parametrize("before", ["", "e", "the", "о", "тен", "日本", "のに", "0."])
def test_all_characters_together_are_certain(reference: Model, before: str) -> None:
    costs = [reference.text_costs(before, id_)[-1] for id_ in range(reference.ids)]
    costs[0] -= reference.unknown
    # Quantised costs are right to a few hundredths.
    assert sum(math.exp(-cost / 64) for cost in costs) == pytest.approx(1, abs=0.1)


def test_digits_are_one_and_what_was_seen_once_is_unknown(reference: Model) -> None:
    assert len({reference.id(ord(digit)) for digit in "0123456789"}) == 1
    assert reference.id(ord("\N{SNOWMAN}")) == model_format.UNKNOWN
    assert reference.id(ord("\n")) == model_format.LINE
    assert reference.id(ord("日")) > model_format.LINE


def test_words_of_the_corpus_are_cheaper_than_their_letters_in_disorder(
    folder: Path, reader: measure_model.Reader
) -> None:
    with lzma.open(folder / "ru.txt.xz", "rt", encoding="utf-8") as file:
        line = file.readline().rstrip("\n")
    shuffled = "".join(random.Random(1).sample(line, len(line)))
    assert reader.cost(reader.start(), array_of(line)) * 1.5 < reader.cost(
        reader.start(), array_of(shuffled)
    )


def test_the_digest_names_the_file_and_tells_damage(folder: Path, tmp_path: Path) -> None:
    file = (folder / "model.bin").read_bytes()
    model_format.verify(file)
    assert len(model_format.digest(file)) == 64
    for at in (56, 200, len(file) - 1):
        with pytest.raises(model_format.ModelError, match="damaged"):
            model_format.verify(file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :])
    with pytest.raises(model_format.ModelError, match="too short"):
        model_format.verify(file[:40])
    with open_file(folder / "model.bin") as mapped:
        model_format.verify(mapped)


def test_a_missing_or_empty_model_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name in ("missing", "empty"):
        with pytest.raises(model_format.ModelError, match=f"no part of .* in .*{name}"):
            open_file(tmp_path / name)


@pytest.mark.parametrize(
    ("at", "number", "message"),
    [
        (0, b"x", "not a language model"),
        (8, b"\2", "another version"),
        (12, b"\x63", "another unit"),
        (16, b"\0\0\0\0", "not as long as it says"),
        (64, b"\1\0\0\0", "vocabulary"),
        (68, b"\0\0\0\0", "pages"),
        (72, b"\1", "table"),
        (76, b"\3", "table"),
        (80, b"\xff\xff\xff\xff", "unknown"),
        (88, b"\x41", "codebook"),
        (1144, b"\xff\xff", "leaves the file"),
    ],
)
def test_the_core_says_what_is_wrong(folder: Path, at: int, number: bytes, message: str) -> None:
    file = bytearray((folder / "model.bin").read_bytes())
    file[at : at + len(number)] = number
    wrong = folder / f"wrong{at}.bin"
    wrong.write_bytes(file)
    with pytest.raises(model_format.ModelError, match=message):
        measure_model.Reader(wrong, folder)


def test_no_file_makes_the_core_crash(folder: Path) -> None:
    program = folder / "test_model"
    sources = [CORE / "model.c", Path(__file__).with_name("c") / "test_model.c"]
    probe = folder / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    if subprocess.run(["cc", *SANITIZERS, probe, "-o", folder / "probe"], check=False).returncode:
        pytest.skip("the compiler has no address and undefined behaviour sanitizers")
    subprocess.run([*COMPILE, *sources, "-o", program], check=True)
    subprocess.run([program, folder / "model.bin", "300"], check=True, timeout=300)


def test_the_layout_is_as_documented(folder: Path) -> None:
    file = (folder / "model.bin").read_bytes()
    magic, version, units, size = struct.unpack_from("<8sIIQ", file)
    assert (magic, version, units, size) == (b"mf-model", 1, 64, len(file))
    assert ctypes.sizeof(measure_model.State) == 20
