"""The restoration of lost bytes: the C core against the reference, and laws on longer text."""

from __future__ import annotations

import math
import re
import subprocess
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mojibake_fix import model as language_model
from mojibake_fix._inference import forms_of
from mojibake_fix._prior import LITERAL
from mojibake_fix._rescore import Unsure
from mojibake_fix.channels import Channel, damage, images
from reference.lattice import UNITS_PER_NAT, Observed, Reader, Reading, Restoration, readings
from reference.lattice import restore as restore_by_reference
from reference.model import Model
from strategies import ORIGINALS, WORD_LISTS
from test_c_core import CORE, SANITIZERS, SOURCES, compile_to

IS_LITERAL, IS_GIVEN = 1, 2
LITERAL_UNITS = round(LITERAL * UNITS_PER_NAT)

# What a text may lose in the comparison, and how many originals it may then have.
MOST_LOST, MOST_CHARACTERS, MOST_ORIGINALS = 3, 14, 4000

# The share of originals that the core may leave out where its figures are compared closely.
MOST_LEFT_OUT = 0.1

LOSSY_CHANNELS = (
    "utf-8>cp1254+undefined-dropped+soft-hyphen-dropped",
    "utf-8>cp1252+undefined-replaced",
    "utf-8>cp1252+undefined-question+markers-joined",
    "utf-8>cp1252+nbsp-folded+spaces-trimmed+spaces-squeezed",
    "utf-8>cp1252+quotes-folded+dashes-folded+ellipsis-folded",
    "utf-8>latin-1+c1-dropped",
)

# Words that lose bytes in these channels.
LOSING = (
    "Ángel ríos él Ípsilon Ýmir à là voilà",
    "Это Нет Россия рис снос Рим сад",
    "świąt Ążę ří nějaký Čád ŕ",
    "“so” it’s — ‘no’ … Ōsaka Ēpa Ā",
    "Städte Ökologie Über dès où",
    "Á Í Ý Ï sÍ Áe с р И сн рн",
    "FÁJL KÁR ÁÍÉ MÍG НЕТ ОНА iÁR",
)


class Layer(NamedTuple):
    """What the core knows of a channel."""

    forms: tuple[str, ...]
    flags: int


class Place(NamedTuple):
    """A code point of what was restored."""

    start: int
    end: int
    original: str
    flags: int
    posterior: float
    others: tuple[tuple[str, float], ...]


class Restored(NamedTuple):
    """What the core makes of a text."""

    cost: float
    text: str
    places: list[Place]


@cache
def reader() -> Reader:
    return Reader(Model(Path(language_model.FILE).read_bytes()))


@cache
def layer_of(channel: str) -> Layer:
    (layer,) = Channel.parse(channel).layers
    table = images(layer)
    losses = (("spaces-trimmed", 1), ("spaces-squeezed", 2), ("markers-joined", 4))
    return Layer(
        tuple(table[byte] for byte in range(0x80, 0x100)),
        sum(flag for loss, flag in losses if loss in layer.losses),
    )


def restore(text: str, channel: str, given_bytes: bytes = b"") -> Restored:
    cost, restored, starts, flags, posteriors, unsure = language_model.load().restore(
        text, given_bytes or bytes(len(text)), *layer_of(channel), LITERAL_UNITS
    )
    begin = [*memoryview(starts).cast("I"), len(text)]
    read = Unsure.read(unsure)
    others = {
        at: tuple(zip(read.characters[i + 1 : end], read.posteriors[i + 1 : end], strict=True))
        for at, i, end in read.places()
    }
    places = [
        Place(begin[i], begin[i + 1], restored[i], flags[i], posterior, others.get(i, ()))
        for i, posterior in enumerate(memoryview(posteriors).cast("d"))
    ]
    return Restored(cost, restored, places)


def expected(text: str, channel: str, given_bytes: bytes = b"") -> Restoration:
    observed = Observed(text, given_bytes or bytes(len(text)), *layer_of(channel))
    return restore_by_reference(reader(), observed, LITERAL_UNITS)


def assert_same(restored: Restored, reference: Restoration, cost_too: bool = True) -> None:
    """The core's figures are the reference's, less what the core may leave out."""
    assert restored.cost >= reference.cost - 0.05 or not cost_too
    if reference.left_out > MOST_LEFT_OUT:
        return
    within = 0.01 + 2 * reference.left_out
    assert restored.cost == pytest.approx(reference.cost, abs=within) or not cost_too
    by_start: dict[int, list[tuple[float, Reading]]] = {}
    for reading, posterior in reference.posteriors.items():
        by_start.setdefault(reading.start, []).append((posterior, reading))
    for place in restored.places:
        if place.flags & IS_GIVEN:
            assert place.posterior == 1
            continue
        chosen = Reading(place.start, place.end, place.original, bool(place.flags & IS_LITERAL))
        is_unknown = place.original == "\ufffd" and not chosen.literal
        if not is_unknown:
            assert place.posterior == pytest.approx(reference.posteriors[chosen], abs=within)
        second, first = sorted([(0.0, chosen), (0.0, chosen), *by_start[place.start]])[-2:]
        if first[0] > second[0] + 0.05 + within and first[1].original != "\ufffd":
            assert chosen == first[1]


def lost_count(original: str, channel: str) -> int:
    """Return how many characters a channel takes something from, as far as can be seen."""
    forms = layer_of(channel).forms
    return sum(
        any(not (form := forms[byte - 0x80]) or form[0] < "\x80" or form == "\ufffd" for byte in c)
        for c in (character.encode("utf-8") for character in original if character >= "\x80")
    )


def originals_count(text: str, channel: str, given_bytes: bytes) -> int:
    """Return how many originals there are of what is ambiguous in a text, at most."""
    model, observed = reader().model, Observed(text, given_bytes, *layer_of(channel))
    counts = (len(readings(model, observed, i)) for i in range(len(text)))
    return math.prod(count for count in counts if count > 2)


@st.composite
def losing_lines(draw: st.DrawFn) -> tuple[str, str]:
    """A channel, and a short line after it that has lost bytes of a few characters."""
    channel = draw(st.sampled_from(LOSSY_CHANNELS))
    lists = tuple(tuple(words.split(" ")) for words in LOSING)
    words = st.sampled_from(draw(st.sampled_from((*lists, *lists, *WORD_LISTS))))
    original = " ".join(draw(st.lists(words, min_size=1, max_size=3)))
    start = draw(st.integers(0, max(len(original) - MOST_CHARACTERS, 0)))
    original = original[start : start + MOST_CHARACTERS]
    if "c1-dropped" in channel:
        original = re.sub("[\u0800-\U0010ffff]", "", original)
    while lost_count(original, channel) > MOST_LOST:
        original = original[:-1]
    return channel, damage(original + "\n", channel)


@given(losing_lines(), st.data())
@example((LOSSY_CHANNELS[3], "voilÃ une Ã lÃ\n"), None)
@example((LOSSY_CHANNELS[4], "Ä'â€¦\n"), None)
@example((LOSSY_CHANNELS[0], "sÃla\n"), None)
def test_core_equals_reference(line: tuple[str, str], data: st.DataObject | None) -> None:
    channel, text = line
    given_bytes = bytes(len(text))
    if data and data.draw(st.booleans(), label="some are given"):
        most = len(text)
        given_bytes = data.draw(st.binary(min_size=most, max_size=most), label="given")
        given_bytes = bytes(byte < 40 for byte in given_bytes)
    assume(originals_count(text, channel, given_bytes) <= MOST_ORIGINALS)
    assert_same(restore(text, channel, given_bytes), expected(text, channel, given_bytes))


@given(losing_lines())
def test_posteriors_are_the_references_between_given_text(line: tuple[str, str]) -> None:
    channel, text = line
    given_bytes = bytes(character < "\x80" for character in text)
    assume(originals_count(text, channel, given_bytes) <= MOST_ORIGINALS)
    assert_same(restore(text, channel, given_bytes), expected(text, channel, given_bytes))


@pytest.mark.parametrize(
    ("channel", "text"),
    [(LOSSY_CHANNELS[1], "Ð\xadÑ‚Ð° Ð\ufffdÐ¾Ñ\ufffd"), (LOSSY_CHANNELS[0], "sÃla v Ã")],
)
def test_a_loss_at_the_very_end_of_a_text_is_as_unsure_as_it_is(channel: str, text: str) -> None:
    assert_same(restore(text, channel), expected(text, channel))


def test_each_letter_that_a_marker_may_stand_for_counts_once() -> None:
    text = "Le caf\ufffd est ferm\ufffd.\n"
    given_bytes = bytes(character != "\ufffd" for character in text)
    forms = forms_of(Channel.parse("cp1252>utf-8+undefined-replaced"))
    costs = [
        language_model.load().restore(text, given_bytes, *forms, literal)[0]
        for literal in (LITERAL_UNITS, 60_000)  # the marker may have been written, or not
    ]
    assert costs[0] == pytest.approx(costs[1], abs=0.01)


def test_a_rare_letter_is_not_left_out_for_an_usual_one_that_lost_a_byte() -> None:
    text = "itâ€™s ÅŒsaka\n"
    assert restore(text, LOSSY_CHANNELS[0]).text == "it’s Ōsaka\n"
    assert_same(restore(text, LOSSY_CHANNELS[0]), expected(text, LOSSY_CHANNELS[0]))


@pytest.mark.parametrize("channel", LOSSY_CHANNELS)
@pytest.mark.parametrize("name", sorted(ORIGINALS))
def test_places_of_a_real_note_are_in_order_and_damage_to_what_was_observed(
    name: str, channel: str
) -> None:
    observed = damage(ORIGINALS[name], channel)
    restored = restore(observed, channel)
    assert len(restored.places) == len(restored.text)
    assert not observed or restored.places[0].start == 0
    for place in restored.places:
        assert place.start < place.end
        assert 0 <= place.posterior <= 1
        assert all(0 <= posterior <= 1.001 for _, posterior in place.others)
        assert place.posterior + sum(posterior for _, posterior in place.others) <= 1.001
        assert place.original not in [o for o, _ in place.others] or place.original >= "\x80"
        if place.flags & IS_LITERAL:
            assert observed[place.start : place.end] == place.original
    lines: list[list[Place]] = [[]]
    for place in restored.places:
        lines[-1].append(place)
        if place.original == "\n":
            lines.append([])
    whole = 0
    for line in filter(None, lines):
        if any(p.original == "\ufffd" or (p.flags & 1 and p.original >= "\x80") for p in line):
            continue
        whole += 1
        original = "".join(place.original for place in line)
        assert damage(original, channel) == observed[line[0].start : line[-1].end]
    assert whole


@pytest.mark.parametrize("channel", LOSSY_CHANNELS)
def test_all_lines_together_are_what_each_is_alone(channel: str) -> None:
    for name in ("ru.md", "fr.md", "cs.md", "ja.md", "typography.md", "adresy.csv"):
        observed = damage(ORIGINALS[name], channel)
        together = restore(observed, channel)
        alone = [restore(line, channel) for line in re.findall(r".*\n|.+$", observed)]
        assert together.text == "".join(restored.text for restored in alone)
        assert together.cost == pytest.approx(sum(restored.cost for restored in alone), abs=0.01)
        posteriors = [place.posterior for restored in alone for place in restored.places]
        assert [place.posterior for place in together.places] == pytest.approx(posteriors, abs=1e-4)


def line_costs(text: str, channel: str, most: list[float]) -> list[float]:
    return language_model.load().line_costs(
        text, bytes(len(text)), *layer_of(channel), LITERAL_UNITS, (), most
    )[0]


@pytest.mark.parametrize("channel", LOSSY_CHANNELS)
def test_costs_of_lines_are_those_of_the_lines_restored(channel: str) -> None:
    observed = damage(ORIGINALS["ru.md"] + ORIGINALS["typography.md"], channel)
    lines = re.findall(r".*\n|.+$", observed)
    costs = [restore(line, channel).cost for line in lines]
    assert line_costs(observed, channel, [math.inf] * len(lines)) == pytest.approx(costs)
    assert line_costs(observed, channel, [math.inf] * 3) == pytest.approx(costs[:3])
    assert line_costs(observed, channel, [math.inf] * (len(lines) + 1)) == pytest.approx(costs)
    assert line_costs(observed, channel, []) == line_costs("", channel, [1.0]) == []


def test_costs_of_lines_end_where_they_are_more_than_asked_for() -> None:
    observed = damage(ORIGINALS["ru.md"], LOSSY_CHANNELS[0])
    lines = observed.count("\n")
    costs = line_costs(observed, LOSSY_CHANNELS[0], [math.inf] * lines)
    most = [math.inf, math.inf, costs[0] + costs[1] + costs[2] - 0.01] + [math.inf] * (lines - 3)
    assert line_costs(observed, LOSSY_CHANNELS[0], most) == costs[:3]
    most[2] += 0.02
    assert line_costs(observed, LOSSY_CHANNELS[0], most) == costs


def test_nothing_and_what_is_given_whole_stay_as_they_are() -> None:
    for channel in LOSSY_CHANNELS:
        assert restore("", channel) == Restored(0.0, "", [])
        text = damage(ORIGINALS["fr.md"], channel)
        restored = restore(text, channel, b"\1" * len(text))
        assert restored.text == text
        assert {place.flags for place in restored.places} == {IS_LITERAL | IS_GIVEN}


@pytest.mark.slow
@pytest.mark.parametrize("channel", LOSSY_CHANNELS)
def test_time_grows_as_the_text_does(channel: str) -> None:
    text = damage(ORIGINALS["ru.md"] + ORIGINALS["fr.md"], channel)

    def seconds(observed: str) -> float:
        begin = time.process_time()
        restore(observed, channel)
        return time.process_time() - begin

    for joined in (text * 4, text.replace("\n", " ") * 4):
        assert seconds(joined * 4) < 8 * min(seconds(joined) for _ in range(3)) + 0.2


FORMS = layer_of(LOSSY_CHANNELS[0]).forms


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("a",),
        ("a", b"\0", FORMS, 0),
        (b"a", b"\0", FORMS, 0, 512),
        ("a", b"", FORMS, 0, 512),
        ("a", b"\0\0", FORMS, 0, 512),
        ("a", "\0", FORMS, 0, 512),
        ("a", b"\0", FORMS[:5], 0, 512),
        ("a", b"\0", list(FORMS), 0, 512),
        ("a", b"\0", ("abcd",) * 128, 0, 512),
        ("a", b"\0", (1,) * 128, 0, 512),
        ("a", b"\0", FORMS, "0", 512),
        ("a", b"\0", FORMS, 0, 1.5),
        ("a", b"\0", FORMS, 0, 512, ""),
    ],
)
def test_wrong_arguments_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises((TypeError, ValueError)):
        language_model.load().restore(*arguments)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.text(max_size=12), st.integers(0, 14), st.integers(0, 14))))
def test_costs_of_passages_are_those_of_each_by_itself(
    passages: list[tuple[str, int, int]],
) -> None:
    model = language_model.load()
    passages = [(text, start, start + length) for text, start, length in passages]
    rests = [model.cost(text, stop) for text, _, stop in passages]
    costs = [model.cost(text, start) for text, start, _ in passages]
    assert model.costs(passages) == [
        (cost - rest, rest) for cost, rest in zip(costs, rests, strict=True)
    ]


@pytest.mark.parametrize(
    "passages", [None, ("a", 0, 1), [("a", 0)], [("a", 0, "1")], [(b"", 0, 0)]]
)
def test_wrong_passages_are_refused(passages: object) -> None:
    with pytest.raises(TypeError):
        language_model.load().costs(passages)  # type: ignore[arg-type]


@pytest.mark.parametrize("most", [None, (1.0,), [None], ["1"], [b""]])
def test_what_lines_may_cost_is_a_list_of_figures(most: object) -> None:
    with pytest.raises(TypeError):
        language_model.load().line_costs("é\n", bytes(2), FORMS, 0, 512, most)  # type: ignore[arg-type]


@pytest.mark.parametrize(("flags", "literal"), [(-1, 512), (256, 512), (0, -1), (0, 2**40)])
def test_numbers_out_of_range_are_refused(flags: int, literal: int) -> None:
    with pytest.raises((ValueError, OverflowError)):
        language_model.load().restore("é\n", bytes(2), FORMS, flags, literal)
    with pytest.raises((ValueError, OverflowError)):
        language_model.load().line_costs("é\n", bytes(2), FORMS, flags, literal, (), [1.0])


@pytest.mark.parametrize(
    ("cut", "message"),
    [(0, "no part of the language model"), (40, "too short"), (5000, "not as long as it says")],
)
def test_a_model_that_is_cut_short_is_a_clear_error(
    cut: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_load_fails(Path(language_model.FILE).read_bytes()[:cut], message, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("at", "message"),
    [(0, "not a language model"), (8, "another version"), (12, "another unit"), (72, "table")],
)
def test_a_model_with_a_wrong_head_is_a_clear_error(
    at: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = bytearray(Path(language_model.FILE).read_bytes())
    file[at] ^= 0xFF
    assert_load_fails(bytes(file), message, tmp_path, monkeypatch)


def assert_load_fails(
    file: bytes, message: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "model.bin"
    path.write_bytes(file)
    open_file = language_model.open_file
    monkeypatch.setattr(language_model, "open_file", lambda _: open_file(path))
    monkeypatch.setattr(language_model, "_models", [])
    with pytest.raises(language_model.ModelError, match=message):
        language_model.load()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lattice")
    probe = folder / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    try:
        compile_to(folder / "probe", *SANITIZERS, probe)
        subprocess.run([folder / "probe"], check=True, capture_output=True)
    except (AssertionError, OSError, subprocess.CalledProcessError):
        pytest.skip("the compiler has no address and undefined behaviour sanitizers")
    source = Path(__file__).with_name("c") / "test_lattice.c"
    needed = [path for path in SOURCES if path.stem in NEEDED]
    compile_to(folder / "test_lattice", *SANITIZERS, f"-I{CORE}", *needed, source, "-lm")
    return folder / "test_lattice"


# Sources of the core that the lattice and its test are made of.
NEEDED = (
    "images",
    "lattice",
    "listing",
    "model",
    "pieces",
    "scan",
    "statistics",
    "utf8",
    "vectors",
)


def run_rounds(program: Path, rounds: int) -> None:
    run = subprocess.run(
        [program, language_model.FILE, str(rounds)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=900,
    )
    assert run.returncode == 0, run.stderr[-4000:]


def test_lattice_holds_on_random_texts(program: Path) -> None:
    run_rounds(program, 2_000)


@pytest.mark.slow
def test_lattice_holds_on_many_random_texts(program: Path) -> None:
    run_rounds(program, 50_000)
