"""The rescorer: it equals the reference, and helps; its file; its core under sanitizers."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from array import array
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix import model
from mojibake_fix.model import format as model_format
from odds import Odds, known, weighed
from reference.model import Model
from reference.rescorer import SECTION, Rescorer
from strategies import ORIGINALS
from vectors import plain_loops

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "src" / "mojibake_fix" / "_core"
SANITIZERS = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wshadow")
RARE = "镌🧍"  # without numbers of their own
ALPHABET = f"的一是不 了在人国國。abc9домя は\nßЯם😀{RARE}\ue000"


@cache
def reference() -> Rescorer:
    ngrams = Model(Path(model.FILE).read_bytes())
    return Rescorer(Path(model.RESCORER_FILE).read_bytes(), ngrams)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, Odds]:
    """Text, and what may stand at some of its places."""
    text = draw(st.text(st.sampled_from(ALPHABET), min_size=1, max_size=60))
    places = sorted(draw(st.sets(st.integers(0, len(text) - 1), max_size=4)))
    shares = st.floats(0.001, 1)
    odds = st.dictionaries(st.sampled_from(ALPHABET), shares, min_size=1, max_size=5)
    return text, {at: draw(odds) | {text[at]: draw(shares)} for at in places}


def assert_equal(text: str, unsure: Odds) -> None:
    found = weighed(model.load_rescorer(), text, unsure)
    with plain_loops():
        assert weighed(model.load_rescorer(), text, unsure) == found
    expected = reference().weighed(text, known(text, unsure), unsure)
    assert list(found) == list(expected)
    for at, odds in expected.items():
        assert found[at] == pytest.approx(odds, rel=1e-9)
        assert list(found[at].values()) == sorted(found[at].values(), reverse=True)


@given(documents())
def test_guesses_do_not_make_each_other_sure(document: tuple[str, Odds]) -> None:
    text, weights = document
    unsure = {
        at: {one: weight / sum(odds.values()) for one, weight in odds.items()}
        for at, odds in weights.items()
    }
    first = weighed(model.load_rescorer(), text, unsure)
    for at, odds in weighed(model.load_rescorer(), text, unsure, looks=2).items():
        best = max(odds, key=odds.__getitem__)
        assert odds[best] <= (1 + first[at][best]) / 2 + 1e-9
        assert odds.keys() == first[at].keys()
        assert sum(odds.values()) == pytest.approx(1)


@given(documents())
def test_second_look_is_a_first_one_of_what_the_first_made_sure(document: tuple[str, Odds]) -> None:
    text, unsure = document
    first = weighed(model.load_rescorer(), text, unsure)
    best = "".join(next(iter(first[at]), "") if at in first else c for at, c in enumerate(text))
    # Places keep the odds that they had; what is known is what the first look made sure.
    again = reference().weighed(best, known(best, first), unsure)
    for at, odds in weighed(model.load_rescorer(), text, unsure, looks=2).items():
        one = max(again[at], key=again[at].__getitem__)
        least = (1 + first[at][one]) / 2
        if again[at][one] < least - 1e-9:
            assert odds == pytest.approx(again[at], rel=1e-9)
        elif again[at][one] > least + 1e-9:
            halves = {other: share / 2 for other, share in first[at].items()} | {one: least}
            assert odds == pytest.approx(halves, rel=1e-9)


@given(documents())
def test_core_equals_reference(document: tuple[str, Odds]) -> None:
    assert_equal(*document)


@pytest.mark.parametrize("name", sorted(ORIGINALS)[:6])
def test_core_equals_reference_on_notes(name: str) -> None:
    text = ORIGINALS[name][:2000]
    chooser = random.Random(name)
    others = sorted(set(text))
    unsure = {
        at: {text[at]: 0.5, **{other: 0.1 for other in chooser.sample(others, 4)}}
        for at in sorted(chooser.sample(range(len(text)), 12))
    }
    assert_equal(text, unsure)


def test_what_stands_far_away_counts_for_nothing() -> None:
    here = "去大连玩。\n"
    odds = {"连": 0.5, "运": 0.5}
    near = here + "啊" * (2 * SECTION - len(here))
    far = "啊" * SECTION + near
    at = SECTION - 1
    text = near[: at - 1] + "大?" + near[at + 1 :]
    text_far = far[: at - 1] + "大?" + far[at + 1 : 2 * SECTION]
    with_it = weighed(model.load_rescorer(), text, {at: odds})[at]["连"]
    without = weighed(model.load_rescorer(), text_far, {at: odds})[at]["连"]
    assert with_it > without


def test_a_word_that_stands_elsewhere_is_more_probable() -> None:
    text = "周末去大连玩了三天。\n从大?回来之后。"
    at, odds = text.index("?"), {"运": 0.6, "连": 0.4}
    alone = "周末去海边玩了三天。\n从大?回来之后。"
    rescorer = model.load_rescorer()
    assert (
        weighed(rescorer, text, {at: odds})[at]["连"]
        > weighed(rescorer, alone, {at: odds})[at]["连"]
    )


def test_places_of_a_word_in_doubt_are_weighed_together() -> None:
    text = "זה צמצם שלו"
    first, second = text.index("מ"), text.index("ם")
    unsure = {first: {"א": 0.5, "מ": 0.5}, second: {"א": 0.5, "ם": 0.5}}
    together = weighed(model.load_rescorer(), text, unsure)
    alone = weighed(model.load_rescorer(), text, {first: unsure[first]})
    assert together[first]["א"] > alone[first]["א"] + 0.1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("?rta", "Írta Árta"),
        ("תו?ר", "תואר תומר"),
        ("?נשים", "אנשים מנשים"),
        ("д?кую", "дякую дюкую"),
        ("他反?问我是不是真的", "复 夏"),
    ],
)
def test_what_makes_a_usual_word_is_more_probable(text: str, words: str) -> None:
    at = text.index("?")
    odds = {word[at] if len(word) > 1 else word: 0.5 for word in words.split()}
    found = weighed(model.load_rescorer(), text, {at: odds})[at]
    assert max(found, key=found.__getitem__) == next(iter(odds))


@pytest.mark.parametrize(
    ("line", "emoji"),
    [
        ("## ? Search", "🔍🔐"),
        ("- ? Security", "🔐🔍"),
        ("- ? Bugs are found", "🐛🚀"),
        ("Report a bug ?", "🐛🚀"),
        ("* ? Recording a video", "🎥🏥"),
    ],
)
def test_an_emoji_that_a_word_of_the_line_goes_along_with_is_more_probable(
    line: str, emoji: str
) -> None:
    at = line.index("?")
    odds = dict.fromkeys(emoji, 0.5)
    others = "".join("x" if one.isalpha() else one for one in line)
    with_words = weighed(model.load_rescorer(), line, {at: odds})[at]
    without = weighed(model.load_rescorer(), others, {at: odds})[at]
    assert with_words[emoji[0]] > without[emoji[0]]
    # What else stands on the line, and on others, is as far away as what is looked at.
    for before, behind in (("", ""), ("bug search\n", "\nbug"), ("-" * 36, "-" * 36 + " search")):
        text = before + line + behind
        assert_equal(text, {len(before) + at: odds})


def test_characters_are_of_the_variant_that_the_document_is_written_in() -> None:
    odds = {"売": 0.5, "声": 0.5}

    def japanese(text: str) -> float:
        at = text.index("?")
        return weighed(model.load_rescorer(), text, {at: odds})[at]["売"]

    in_chinese = japanese("这个软件还没有发布，我们" * 20 + "\n？?？")
    assert in_chinese < 0.1
    assert in_chinese < japanese("このソフトはまだ発表されていない、" * 20 + "\n？?？")


@pytest.mark.parametrize(("before", "expected"), [("выбрал целевую", "ю"), ("вот целевая", "я")])
def test_how_the_word_before_ends_is_heard(before: str, expected: str) -> None:
    text = f"{before} конфигураци?\n"
    at = text.index("?")
    found = weighed(model.load_rescorer(), text, {at: {"я": 0.5, "ю": 0.5}})[at]
    assert found[expected] > 0.8


def test_the_sum_of_what_may_stand_at_a_place_stays() -> None:
    odds = {"я": 0.5, "ю": 0.2, "\ue000": 0.1}
    found = weighed(model.load_rescorer(), "к закрыти? всех", {9: odds})[9]
    assert sum(found.values()) == pytest.approx(0.8)
    assert found != odds


def test_what_nothing_was_learnt_of_stays_as_probable_as_it_was() -> None:
    odds = {"\ue000": 0.25, "\ue001": 0.75}
    assert weighed(model.load_rescorer(), "a?b", {1: odds}) == {1: odds}


@pytest.mark.parametrize("side", [-1, 1])
def test_what_stands_on_both_sides_counts_up_to_forty_characters_away(side: int) -> None:
    at, odds = 100, {"я": 0.5, "ю": 0.5}
    words = "абвгдежзиклмнпрст.,:"  # of few of them, what is far may tell less than a unit

    def with_word(distance: int, word: str) -> float:
        text = list("о" * 201)
        text[at + side * distance] = word
        return weighed(model.load_rescorer(), "".join(text), {at: odds})[at]["ю"]

    for distance in (1, 5, 10, 11, 40):
        assert len({with_word(distance, word) for word in words}) > 1, distance
    assert len({with_word(41, word) for word in words}) == 1


def numbers(*values: int) -> bytes:
    return array("I", values).tobytes()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("a", (b"", b"", "", b""), 0.9),
        (b"a", (b"", b"", "", b""), 0.9, 1),
        ("a", (b"", b"", ""), 0.9, 1),
        ("a", [b"", b"", "", b""], 0.9, 1),
        ("a", (b"", b"", b"", b""), 0.9, 1),
        ("a", (numbers(1), numbers(1), "b", bytes(8)), 0.9, 1),
        ("ab", (numbers(1, 0), numbers(1, 2), "bb", bytes(16)), 0.9, 1),
        ("ab", (numbers(0, 1), numbers(1), "bb", bytes(16)), 0.9, 1),
        ("ab", (numbers(0, 1), numbers(2, 1), "bb", bytes(16)), 0.9, 1),
        ("a", (numbers(0), numbers(0), "", b""), 0.9, 1),
        ("a", (numbers(0), numbers(2), "b", bytes(8)), 0.9, 1),
        ("a", (numbers(0), numbers(1), "b", bytes(4)), 0.9, 1),
        ("a", (numbers(0), numbers(17), "b" * 17, bytes(8 * 17)), 0.9, 1),
    ],
)
def test_wrong_arguments_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        model.load_rescorer().weighed(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "number", "message"),
    [
        (0, b"x", "not a rescorer"),
        (8, b"\2", "another version"),
        (12, b"\x63", "another unit"),
        (16, b"\0\0\0\0", "not as long as it says"),
        (56, b"\0\0\0\0", "another language model"),
        (88, b"\1\0\0\0", "not as long as its parts"),
        (92, b"\1\0\0\0", "not as long as its parts"),
        (96, b"\x63", "shift"),
        (124, b"\3\0\0\0", "lexicon of a wrong shape"),
        (128, b"\xff\xff\xff\x7f", "bias"),
    ],
)
def test_a_wrong_file_is_a_clear_error(
    at: int, number: bytes, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = bytearray(Path(model.RESCORER_FILE).read_bytes())
    file[at : at + len(number)] = number
    (tmp_path / "rescorer.bin").write_bytes(file)
    monkeypatch.setattr(model, "RESCORER_FILE", str(tmp_path / "rescorer.bin"))
    monkeypatch.setattr(model, "_rescorers", [])
    with pytest.raises(model.ModelError, match=message):
        model.load_rescorer()


def test_the_files_are_those_of_the_card_and_fit_together() -> None:
    card = Path(model.FILE).with_name("CARD.md").read_text(encoding="utf-8")
    total = 0
    for path in (model.FILE, model.RESCORER_FILE):
        file = Path(path).read_bytes()
        model_format.verify(file)
        assert model_format.digest(file) in card
        total += len(file)
    assert total <= 12_000_000


@pytest.mark.skipif(
    sys.platform == "win32" or shutil.which("cc") is None, reason="no C compiler called cc"
)
def test_no_file_makes_the_core_crash(tmp_path: Path) -> None:
    probe = tmp_path / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    if subprocess.run(["cc", *SANITIZERS, probe, "-o", tmp_path / "probe"], check=False).returncode:
        pytest.skip("the compiler has no address and undefined behaviour sanitizers")
    sources = [
        CORE / "rescore.c",
        CORE / "lexicon.c",
        CORE / "model.c",
        CORE / "unsure.c",
        CORE / "vectors.c",
        Path(__file__).with_name("c") / "test_rescore.c",
    ]
    program = tmp_path / "test_rescore"
    flags = [*WARNINGS, *SANITIZERS, f"-I{CORE}"]
    subprocess.run(["cc", *flags, *sources, "-o", program, "-lm"], check=True)
    subprocess.run([program, model.RESCORER_FILE, model.FILE, "300"], check=True, timeout=300)
