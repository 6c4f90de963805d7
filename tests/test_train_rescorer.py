"""The training of the rescorer on a small corpus."""

from __future__ import annotations

import ctypes
import random
import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("numpy")
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tools"), str(ROOT / "tests")]

if sys.platform == "win32" or shutil.which("cc") is None:
    pytest.skip("no C compiler that is called as cc is", allow_module_level=True)

import numpy as np  # noqa: E402

import fit_words  # noqa: E402
import train_model  # noqa: E402
import train_rescorer  # noqa: E402
from mojibake_fix import _core  # noqa: E402
from mojibake_fix.model import format as model_format  # noqa: E402
from mojibake_fix.model import rescorer_format as form  # noqa: E402
from odds import weighed  # noqa: E402

# What the last word of a line is told by stands at its beginning, where no n-gram sees it.
WORDS = {"от": "мая", "до": "мас"}


def blocks() -> list[str]:
    chooser = random.Random(5)
    found = []
    for _ in range(60):
        lines = []
        for _ in range(50):
            first = chooser.choice(sorted(WORDS))
            between = "".join(chooser.choices("нвкнвк", k=6))
            lines.append(f"{first} {between} {WORDS[first]}")
        found.append("\n".join(lines))
    return found


@pytest.fixture(scope="module")
def ngrams(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, np.ndarray]:
    folder = tmp_path_factory.mktemp("ngrams")
    text = train_model.code_points("\n" + "".join(block + "\n" for block in blocks()))
    trainer = train_model.Trainer(train_model.Corpora(text, {"ru": text}), folder, lambda _: None)
    model, _ = trainer.train(train_model.Settings(size=300_000))
    return model_format.to_bytes(model), text


@pytest.fixture(autouse=True)
def many_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learn fast, and often of few examples; Russian has no simplified form."""
    monkeypatch.setattr(train_rescorer, "PASSES", 40)
    monkeypatch.setattr(train_rescorer, "RATE", 0.02)
    monkeypatch.setattr(train_rescorer, "STEP", 10_000)
    monkeypatch.setattr(train_rescorer.lexicons, "simplified", str)


def taught(
    ngrams: tuple[bytes, np.ndarray], folder: Path
) -> tuple[train_rescorer.Teacher, train_rescorer.Examples]:
    file, text = ngrams
    vocabulary = train_model.make_vocabulary(text)
    teacher = train_rescorer.Teacher(vocabulary, text, folder, {"мая": 1e-5, "мас": 1e-6}, {})
    examples = teacher.examples(blocks(), file, [10_000], 0.0)
    for _ in teacher.teach(examples, lambda _: None):
        pass
    return teacher, examples


def test_what_ngrams_cannot_see_is_learnt(ngrams: tuple[bytes, np.ndarray], tmp_path: Path) -> None:
    teacher, examples = taught(ngrams, tmp_path)
    best = examples.before.argmax(axis=1)
    chosen = examples.doubts["candidates"][np.arange(len(examples)), best]
    by_ngrams = float((chosen == examples.truths).mean())
    right, cost = teacher.go_through(examples)
    assert by_ngrams < 0.9 < right
    assert cost < 0.3


def test_every_byte_that_goes_on_gets_lost_somewhere() -> None:
    losses = [shown for shown, _ in train_rescorer.DOUBTED]
    losses.remove(train_rescorer.shown_but_last)
    for byte in range(0x80, 0xC0):
        dropped = [shown for shown in losses if not shown(bytes([byte]))]
        # One loss has it and its like; all C1 controls get lost in another.
        assert len(dropped) == 1 + (byte < 0xA0)


def test_scripts_are_told_apart_but_not_their_letters() -> None:
    alike = "–“", "éő", "ạơ", "λά", "яї", "אם", "من", "नि", "กา", "中夏", "のカ", "한국", "🌏🏽"
    code_points = np.array([[ord(character) for character in two] for two in alike], np.uint32)
    found = train_rescorer.scripts_of(code_points.ravel()).reshape(-1, 2)
    assert found.tolist() == [[i, i] for i in range(form.KINDS)]


def rows_of(
    teacher: train_rescorer.Teacher, word: str, candidates: str, other: int = 0, others: str = ""
) -> list[int]:
    """Return the rows of the words that candidates make at the question mark of one."""
    margin = "\n" * form.FAR
    text = f"{margin}{word.replace('?', candidates[0])}{margin}"
    around = teacher.ids[train_model.code_points(text)].astype(np.uint16)
    asked, beside = (
        np.append(teacher.ids[train_model.code_points(letters)], 0).astype(np.uint16)
        for letters in (candidates, others)
    )
    rows = np.zeros(len(candidates), dtype=np.uint8)
    teacher.core.mf_spellings(
        ctypes.byref(teacher.words),
        train_model.pointer(around[form.FAR + word.index("?") :]),
        train_model.pointer(asked),
        len(candidates),
        other,
        train_model.pointer(beside),
        train_model.pointer(rows),
    )
    return rows.tolist()


def reader(
    text: np.ndarray, folder: Path, listed: str, words: dict[str, float]
) -> train_rescorer.Teacher:
    """Return who knows words, all of those with some letters."""
    ids = train_model.make_vocabulary(text)
    teacher = train_rescorer.Teacher(ids, text, folder, {}, {})
    teacher.flags &= form.LETTER | form.HAN
    teacher.flags[ids[train_model.code_points(listed)]] |= form.LISTED
    teacher.cells = teacher.cells_of(words)
    teacher.words.cells = teacher.cells.ctypes.data
    return teacher


def test_words_are_found_again_and_others_are_not(
    ngrams: tuple[bytes, np.ndarray], tmp_path: Path
) -> None:
    teacher = reader(ngrams[1], tmp_path, "яс", {"мая": 1e-5})
    assert rows_of(teacher, "ма?", "яс") == [form.CODES + 7, form.CODES]  # three letters


def test_of_another_place_in_doubt_the_most_usual_word_counts(
    ngrams: tuple[bytes, np.ndarray], tmp_path: Path
) -> None:
    teacher = reader(ngrams[1], tmp_path, "яс", {"мая": 1e-5, "дос": 1e-6})
    assert rows_of(teacher, "до?", "яс") == [form.CODES, form.CODES + 4]
    assert rows_of(teacher, "мо?", "яс") == [form.CODES, form.CODES]
    assert rows_of(teacher, "мо?", "яс", -1, "оа") == [form.CODES + 7, form.CODES]
    assert rows_of(teacher, "мо?", "яс", -2, "мд") == [form.CODES, form.CODES + 4]
    assert rows_of(teacher, "мо?", "яс", -3, "мд") == [form.CODES, form.CODES]


def test_of_capitals_only_words_that_begin_with_them_are_told(
    ngrams: tuple[bytes, np.ndarray], tmp_path: Path
) -> None:
    text = np.concatenate((ngrams[1], train_model.code_points("АОМ\n" * 100)))
    teacher = reader(text, tmp_path, "АО", {"от": 1e-5, "до": 1e-5})
    assert rows_of(teacher, "?т", "ОА") == [7, 0]
    assert rows_of(teacher, "?т", "ОМ") == [form.SPELLINGS] * 2
    assert rows_of(teacher, "д?", "ОА") == [form.SPELLINGS] * 2


def test_emoji_go_along_with_words_of_their_line(tmp_path: Path) -> None:
    code_points = train_model.code_points("🔍🐛📝 abcdefghijklmnopqrstuvwxyzBS-\n" * 100)
    words = dict.fromkeys(("🔍search", "🐛bug", "📝documentation"), 1e-5)
    vocabulary = train_model.make_vocabulary(code_points)
    teacher = train_rescorer.Teacher(vocabulary, code_points, tmp_path, words, {})

    def told_by(line: str) -> str:
        """Return the emoji that may stand at the question mark of a line by its words."""
        margin, emoji = "\n" * form.FAR, "🔍🐛📝"
        text = train_model.code_points(f"{margin}{line.replace('?', emoji[0])}{margin}")
        around = teacher.ids[text].astype(np.uint16)
        asked = teacher.ids[train_model.code_points(emoji)].astype(np.uint16)
        rows = np.full(len(emoji), form.SPELLINGS, dtype=np.uint8)
        teacher.core.mf_associate(
            ctypes.byref(teacher.words),
            train_model.pointer(around[form.FAR + line.index("?") :]),
            train_model.pointer(asked),
            len(emoji),
            train_model.pointer(rows),
        )
        assert set(rows.tolist()) <= {form.ASSOCIATED, form.SPELLINGS}
        return "".join(e for e, row in zip(emoji, rows, strict=True) if row == form.ASSOCIATED)

    assert told_by("? Search") == told_by("search?") == told_by("in search of a ? here") == "🔍"
    assert told_by("? Bug search") == "🔍🐛"
    # What a word begins with tells if it has four letters, and is whole if it has fewer.
    assert told_by("? searching") == told_by("? Searchable") == "🔍"
    assert told_by("? sea") == told_by("? research") == told_by("? bugs") == ""
    # Eight letters are enough.
    assert told_by("? documentation") == told_by("? documentary") == "📝"
    assert told_by("? document") == "📝"
    assert told_by("? documents") == "📝"
    assert told_by("? docu") == ""
    # Only the line counts, as far as it is looked at.
    assert told_by("bug\n? no\nbug") == ""
    for dashes, found in ((form.FAR - 3, "🐛"), (form.FAR - 2, "")):
        between = "-" * dashes
        assert told_by(f"?{between}bug") == told_by(f"bug{between}?") == found


def made(ngrams: tuple[bytes, np.ndarray], folder: Path) -> tuple[train_rescorer.Teacher, bytes]:
    """Return a teacher that has taught, and the file of what was learnt."""
    teacher, examples = taught(ngrams, folder)
    used = np.unique(examples.doubts["candidates"])
    digest = model_format.digest(ngrams[0])
    found = train_rescorer.quantised(
        teacher.weights(), teacher.scripts, teacher.lexicon(), used, digest
    )
    return teacher, form.to_bytes(found)


def test_who_fits_words_sees_what_a_rescorer_says(
    ngrams: tuple[bytes, np.ndarray], tmp_path: Path
) -> None:
    teacher, file = made(ngrams, tmp_path)
    model = _core.Model(ngrams[0])
    text, unsure, meant = fit_words.restored(blocks()[0], model)
    assert len(unsure) == 50
    learnt = np.frombuffer(file[fit_words.SPELT_AT : fit_words.SPELT_END], dtype="<i2")
    weights = np.append(learnt / model_format.UNITS_PER_NAT, 0.0)
    looks = list(fit_words.Fitter(teacher, file, ngrams[0]).places(blocks()[0], model))
    assert len(looks) == 2
    scores = looks[0].scores + weights[looks[0].cells]
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    said = weighed(_core.Rescorer(file, model), text, unsure)
    expected = [odds[one] for odds, one in zip(said.values(), meant, strict=True)]
    assert shares[looks[0].truths] == pytest.approx(expected, abs=0.02)


def test_only_the_most_usual_ids_have_numbers_of_their_own(
    ngrams: tuple[bytes, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_rescorer, "ROWS", 5)
    teacher, file = made(ngrams, tmp_path)
    embeddings, outputs, biases = teacher.weights()[:3]
    assert len(embeddings) == 5 * form.EMBEDDING
    assert len(outputs) == 5 * form.OUTPUTS
    assert len(biases) == len(teacher.kinds) > 5
    _core.Rescorer(file, _core.Model(ngrams[0]))


def test_training_twice_gives_the_same_file_and_the_core_reads_it(
    ngrams: tuple[bytes, np.ndarray], tmp_path: Path
) -> None:
    files = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        files.append(made(ngrams, folder)[1])
    assert files[0] == files[1]
    rescorer = _core.Rescorer(files[0], _core.Model(ngrams[0]))
    odds = {"я": 0.5, "с": 0.5}
    for first, last in WORDS.items():
        text = f"{first} нвкнвк ма?\n"
        found_odds = weighed(rescorer, text, {text.index("?"): odds})[text.index("?")]
        assert max(found_odds, key=found_odds.__getitem__) == last[-1]
