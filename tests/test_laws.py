"""The laws of repair, for any text: what must hold whatever the statistics say."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise, product

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import mojibake_fix
from mojibake_fix import Span, damage, detect, fix_bytes, fix_text, repair
from mojibake_fix._core import find_sign
from mojibake_fix.channels import DECODERS, Channel, Layer
from mojibake_fix.views import read
from strategies import (
    CLEAN,
    ORIGINALS,
    WORD_LISTS,
    any_text,
    clean_text,
    consistent_documents,
    damaged_text,
    documents,
    mixed_losses,
    options,
    texts,
)

# Notes with scripts far apart, for what cannot be tried on all of them.
FEW_NOTES = {
    name: ORIGINALS[name]
    for name in ("zh.md", "ja.md", "ru.md", "el.md", "de.md", "fr.md", "emoji.md", "adresy.csv")
}


# What Western and Central European Windows, its shell and the Mac read by.
USUAL_DECODERS = ("cp1252", "latin-1", "cp1250", "cp1251", "cp1254", "cp437", "cp850", "mac-roman")


def each_decoder() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("decoder", DECODERS)


def first_difference(observed: str, original: str) -> str:
    """Say where two texts part, for people to read."""
    lines = zip(observed.split("\n"), original.split("\n"), strict=False)
    for number, (one, other) in enumerate(lines, start=1):
        if one != other:
            at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
            place = slice(max(at - 12, 0), at + 24)
            return f"line {number}: {one[place]!r} is not {other[place]!r}"
    return "the number of lines"


def not_restored(originals: dict[str, str], channel: Channel) -> dict[str, str]:
    """Return the originals that a channel's damage does not come back to, and where."""
    wrong = {}
    for name, original in originals.items():
        repaired = fix_text(damage(original, channel))
        if repaired != original:
            wrong[name] = first_difference(repaired, original)
    return wrong


def spliced(text: str, spans: list[Span] | tuple[Span, ...]) -> str:
    """Return a text with the replacements of its spans."""
    pieces, at = [], 0
    for span in spans:
        kept = span.observed if span.replacement is None else span.replacement
        pieces += [text[at : span.start], kept]
        at = span.end
    return "".join([*pieces, text[at:]])


# Clean text is left alone.


@pytest.mark.parametrize("name", [*ORIGINALS, *CLEAN])
def test_clean_notes_are_returned_as_the_same_object(name: str) -> None:
    text = (ORIGINALS | CLEAN)[name]
    assert detect(text) == []
    assert fix_text(text) is text
    assert repair(text).text is text


@pytest.mark.parametrize("name", [*ORIGINALS, *CLEAN])
def test_every_line_of_a_clean_note_is_clean_by_itself(name: str) -> None:
    for line in (ORIGINALS | CLEAN)[name].splitlines(keepends=True):
        assert (line, detect(line)) == (line, [])


@pytest.mark.parametrize("words", WORD_LISTS, ids=lambda words: words[0])
def test_plain_words_are_clean(words: tuple[str, ...]) -> None:
    for first, second in product(words, words):
        for text in (first, f"{first} {second}", f"{first}. {second}\n", f"“{first}, {second}”"):
            assert (text, detect(text)) == (text, [])
            assert fix_text(text) is text


@given(st.lists(clean_text(), min_size=1, max_size=6), st.sampled_from((" ", "\n", ", ", "\xa0")))
def test_plain_words_of_many_scripts_are_clean_together(parts: list[str], glue: str) -> None:
    text = glue.join(parts)
    assert detect(text) == []
    assert fix_text(text) is text


@given(texts())
def test_text_without_repairs_is_returned_as_the_same_object(text: str) -> None:
    repairs = [span for span in detect(text) if span.replacement is not None]
    assert (fix_text(text) is text) == (not repairs)
    assert (repair(text).text is text) == (not repairs)


@given(texts())
def test_text_without_suspects_is_clean(text: str) -> None:
    assume(find_sign(text) < 0)
    assert detect(text) == []
    assert fix_text(text) is text


# Repair comes to an end.


@given(texts())
@example("Ã")
@example("ÃƒÂ©")
def test_repair_is_idempotent(text: str) -> None:
    repaired = fix_text(text)
    assert fix_text(repaired) is repaired


@given(documents(), consistent_documents())
def test_repair_of_glued_documents_is_idempotent(first: str, second: str) -> None:
    repaired = fix_text(first + second)
    assert fix_text(repaired) is repaired


@given(texts() | mixed_losses(), options())
def test_repair_is_idempotent_with_any_options(text: str, chosen: dict[str, object]) -> None:
    repaired = fix_text(text, **chosen)
    assert fix_text(repaired, **chosen) is repaired


@pytest.mark.slow
@given(mixed_losses())
@settings(max_examples=1000)
def test_repair_of_what_many_channels_left_is_idempotent(text: str) -> None:
    repaired = fix_text(text)
    assert fix_text(repaired) is repaired


# In each of these, what is repaired first tells of what is left.
@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        (
            "ã??ã?¹ã?³ã??ã??ã??ã?ã?ã?ã?±ã?¼ã?·ã?§ã?³ã?¯ã??è¤?æ?°ã?®ã?³ã?³ã??ã?«ã??ã??ã??ã??*"
            "ã?¤ã?®ã??ã?ã?»ã?¹ã??å®?è¡?ã??ã??ã??ã??ã?¨ã?§è¡?ã??ã??ã??ã??ã??ã??ã??ä»£",
            "ã??ã?¹ã?³ã??ã??ã??ã?ã?ã?ã?±ã?¼ã?·ã?§ã?³ã?¯ã??è¤?æ?°ã?®ã?³ã?³ã??ã?«ã??ã??ã??ã??*"
            "ã?¤ã?®ã??ã?ã?»ã?¹ã??å®?è¡?ã??ã??ã??ã??ã?¨ã?§è¡?ã??ã??ã??ã??ã??ã??ã??代",
        ),
        ('mojibake\n"ast sĂĄ, "ast sá, "ĂŚt', 'mojibake\n"ast så, "ast sá, "æt'),
        ("\udc82*\udc83\udc8aFastAPIü", "В*ГКFastAPIü"),
        ("Ãƒ\0a\0k\0o\0n\0", "Çakon"),
        ("a\0s\0z\0n\0├í\0", "aszná"),
        ("Ã‚Â§ 5", "§ 5"),
    ],
    ids=["hopeless", "examples", "bytes", "UTF-16, lead alone", "UTF-16", "a sign alone"],
)
def test_repair_goes_on_until_nothing_changes(text: str, repaired: str) -> None:
    result = repair(text)
    assert result.text == repaired == spliced(text, result.spans)
    assert fix_text(text) == repaired
    assert fix_text(repaired) is repaired


# Damage without loss comes back.


@each_decoder()
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_lossless_damage_of_whole_notes_comes_back(decoder: str, layers: int) -> None:
    channel = Channel((Layer("utf-8", decoder),) * layers)
    assert not_restored(ORIGINALS, channel) == {}


@each_decoder()
@pytest.mark.parametrize("usual", ["cp1252", "latin-1"])
def test_lossless_damage_by_two_decoders_comes_back(decoder: str, usual: str) -> None:
    for pair in ((usual, decoder), (decoder, usual)):
        channel = Channel(tuple(Layer("utf-8", name) for name in pair))
        assert (str(channel), not_restored(FEW_NOTES, channel)) == (str(channel), {})


@each_decoder()
@pytest.mark.parametrize("source", ["cesu-8", "java-utf-8"])
def test_lossless_damage_from_other_sources_comes_back(decoder: str, source: str) -> None:
    channel = Channel((Layer(source, decoder),))
    assert not_restored(FEW_NOTES, channel) == {}


@pytest.mark.slow
@each_decoder()
def test_lossless_damage_by_any_two_decoders_comes_back_in_99_of_100_notes(decoder: str) -> None:
    wrong = {}
    for other in DECODERS:
        channel = Channel((Layer("utf-8", decoder), Layer("utf-8", other)))
        if found := not_restored(ORIGINALS, channel):
            wrong[str(channel)] = found
    # Vietnamese between two decoders that nobody combines can read as something else.
    assert sum(map(len, wrong.values())) * 100 <= len(DECODERS) * len(ORIGINALS), wrong


@pytest.mark.slow
@given(
    st.sampled_from(sorted(ORIGINALS)),
    st.lists(st.sampled_from(USUAL_DECODERS), min_size=1, max_size=3),
)
def test_lossless_damage_by_usual_decoders_comes_back(name: str, decoders: list[str]) -> None:
    channel = Channel(tuple(Layer("utf-8", decoder) for decoder in decoders))
    original = ORIGINALS[name]
    repaired = fix_text(damage(original, channel))
    assert repaired == original, first_difference(repaired, original)


# Spans say what the repair does.


@given(texts())
@example("ðŸ˜€À€")
def test_spans_are_in_order_and_make_the_repair(text: str) -> None:
    result = repair(text)
    assert result.original is text
    assert result.text == fix_text(text)
    assert list(result.spans) == detect(text)
    assert all(span.start < span.end for span in result.spans)
    assert all(one.end <= other.start for one, other in pairwise(result.spans))
    assert all(span.observed == text[span.start : span.end] for span in result.spans)
    assert spliced(text, result.spans) == result.text
    assert set(result.channels) == {span.channel for span in result.spans}


@given(texts())
@example("ðŸ˜€À€")
def test_damaging_a_repair_again_gives_what_was_observed(text: str) -> None:
    for span in detect(text):
        if span.replacement is not None:
            replacement = read(span.replacement, span.view)
            assert damage(replacement, span.channel) == read(span.observed, span.view)
            assert span.replacement != span.observed


@given(texts())
def test_evidence_and_confidence_are_in_their_ranges(text: str) -> None:
    for span in detect(text):
        assert 0 <= span.confidence <= 1
        assert abs(span.evidence) < float("inf")
        assert span.channel.layers


@given(texts())
def test_spans_of_bytes_are_those_of_text(text: str) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8")
    data = text.encode("utf-8")
    spans, in_bytes = detect(text), detect(data)
    assert [data[span.start : span.end].decode("utf-8") for span in in_bytes] == [
        span.observed for span in spans
    ]
    assert [len(text[: span.start].encode("utf-8")) for span in spans] == [
        span.start for span in in_bytes
    ]
    for one, other in zip(spans, in_bytes, strict=True):
        for name in ("observed", "replacement", "channel", "evidence", "confidence"):
            assert getattr(one, name) == getattr(other, name)


@given(texts())
def test_repair_of_bytes_is_that_of_text(text: str) -> None:
    assume(not text.startswith("\ufeff"))
    text = text.encode("utf-8", "replace").decode("utf-8")
    assert fix_bytes(text.encode("utf-8")) == fix_text(text).encode("utf-8")


@given(texts())
def test_ascii_that_spells_nothing_is_never_changed(text: str) -> None:
    for span in detect(text):
        observed = read(span.observed, span.view)
        assert not observed.isascii()
        losses = [loss for layer in span.channel.layers for loss in layer.losses]
        if span.replacement is not None and not losses:
            inside = [c for c in observed if c.isascii()]
            replacement = read(span.replacement, span.view)
            assert [c for c in replacement if c.isascii() and c != "\0"] == inside


@given(damaged_text(losses=True) | documents())
def test_lossy_spans_stay_as_observed(text: str) -> None:
    result = repair(text)
    shift = 0
    for span in result.spans:
        kept = span.observed if span.replacement is None else span.replacement
        start = span.start + shift
        assert result.text[start : start + len(kept)] == kept
        shift += len(kept) - len(span.observed)


# Storage and surroundings.


@given(texts(), st.sampled_from("漢𝄞"))
def test_storage_does_not_matter(text: str, widening: str) -> None:
    # A character far behind a text changes how all of it is stored.
    text += "\n\n\n"
    assert fix_text(text + widening) == fix_text(text) + widening


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "\0" * 1000,
        "\ud800",
        "\udfff\ud800",
        "Ã\ud800©",
        "Ã©\udfffÃ©",
        "Ã©\0Ã©",
        "\U0010ffff" * 100,
        "😀Ã©",
        "\ufffd" * 100,
        "Ã\ufffd" * 100,
        "\ufeffÃ©",
        "".join(map(chr, range(0x110000))),
    ],
    ids=lambda text: ascii(text[:6]),
)
def test_odd_text_passes(text: str) -> None:
    result = repair(text)
    assert fix_text(text) == result.text == spliced(text, result.spans)
    assert fix_text(result.text) is result.text


@pytest.mark.parametrize(
    "text",
    [
        "ńÜ¬Ű ¬č¬ß¬ß Ř¬ß¬ß¬ ÚÜ¬",
        "¤ììš©í•˜ë ¤ë´ ì",
        "썱閭ㅿ펽쑉鸚㎩빖\n鵝졽툖욜뵪",
        "=E5=96=94=D0=BE=E7=AE=91=\n氓n盲t",
    ],
    ids=["what is folded begins another run", "two layers", "two of pairs", "pairs and escapes"],
)
@pytest.mark.parametrize("uncertain", ["guess", "mark", "keep"])
def test_characters_that_are_of_two_originals_pass(text: str, uncertain: str) -> None:
    result = repair(text, uncertain=uncertain, min_confidence=1)
    assert result.text == spliced(text, result.spans)
    assert all(one.end <= other.start for one, other in pairwise(result.spans))


@given(any_text())
def test_any_code_points_pass(text: str) -> None:
    result = repair(text)
    assert fix_text(text) == result.text == spliced(text, result.spans)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["a", "é", "漢", "😀", "Ã©", "Ã", "Ã©x", "â€™", "\ufffd", "Ã\x83Â©"]
)
def test_a_line_of_ten_million_passes(unit: str) -> None:
    text = unit * (10_000_000 // len(unit))
    repaired = fix_text(text)
    assert len(repaired) <= len(text)
    assert fix_text(repaired) is repaired


# The stream.


def streamed(pieces: list[str]) -> str:
    repairer = mojibake_fix.Repairer()
    return "".join([*map(repairer.feed, pieces), repairer.flush()])


@given(texts() | st.lists(texts(), max_size=4).map("\n".join), st.data())
def test_stream_does_not_depend_on_the_cuts(text: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=12).map(sorted), label="cuts")
    pieces = [text[start:end] for start, end in pairwise([0, *places, len(text)])]
    assert streamed(pieces) == streamed([text]) == streamed(list(text))


@given(texts())
def test_stream_gives_one_word_as_the_text_is_repaired(text: str) -> None:
    word = "".join(text.split())
    word = word.translate(dict.fromkeys(map(ord, "。，、！？；："), "_"))
    assert streamed([word]) == fix_text(word)


@pytest.mark.parametrize("name", [*ORIGINALS, *CLEAN])
def test_stream_leaves_clean_notes_alone(name: str) -> None:
    text = (ORIGINALS | CLEAN)[name]
    assert streamed([text]) == streamed(list(text)) == text


@given(damaged_text(), st.integers(1, 7))
@settings(max_examples=6)
def test_stream_of_an_endless_line_does_not_depend_on_the_cuts(text: str, step: int) -> None:
    from mojibake_fix.units import LONGEST_UNIT

    assume(text)
    line = text * (LONGEST_UNIT // len(text) + 2)
    size = LONGEST_UNIT // step + step
    pieces = [line[i : i + size] for i in range(0, len(line), size)]
    assert streamed(pieces) == streamed([line])


# Time.


def best_time(work: Callable[[], object], runs: int = 3) -> float:
    """Return the least processor time, in seconds, of some runs."""
    times = []
    gc.disable()
    try:
        for _ in range(runs):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
    finally:
        gc.enable()
    return min(times)


def assert_linear(function: Callable[[str], object], text: str) -> None:
    """Twice the text takes about twice the time, in one of three tries on a busy machine."""
    tries = []
    for _ in range(3):
        once = best_time(partial(function, text))
        tries.append(best_time(partial(function, text + text)) / once)
        if tries[-1] <= 2.6:
            return
    assert min(tries) <= 2.6


ADVERSARIES = {
    "leads": "Ã",
    "mac leads": "√",
    "continuations": "©",
    "whole sequences": "Ã©",
    "thrice damaged": damage("é", "utf-8>cp1252>utf-8>cp1252>utf-8>cp1252"),
    "twice damaged, bytes lost": "tambÃÂ©m ",
    "alternating suspects": "Ã©a",
    "words": "KÃ¶ln ",
    "letters of two decoders": "Ã€ la ",
    "letters alone": "Î± ",
    "emoji without bytes": "â¤ï¸",
    "lines": "KÃ¶ln\n",
    "lead of many decoders": "Ð°",
    "replacement characters": "\ufffd",
    "leads and replacement characters": "Ã\ufffd",
    "truncated": "â€",
    "truncated of four": "ðŸ˜",
    "broken, with many originals": "Êœò...Ä ",
    "surrogates": damage("\U0001f600", "cesu-8>cp1252"),
    "high surrogates": "í\xa0½",
    "nulls": "À€",
    "soft hyphens": "\xad",
    "every image": "".join(
        sorted({damage(chr(code), f"utf-8>{d}") for d in DECODERS for code in range(0x80, 0xC0)})
    ),
    "sets of patterns": "[a-zÃª]+ ",
    "listed damage": "Ã©, ",
    "damage and slashes": "Ã©/",
    "sequences beside controls": "a\x92;u×Ã©",
    "clean images": "é",
    "clean": "naïve ",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ADVERSARIES)
@pytest.mark.parametrize("function", [fix_text, repair], ids=["fix_text", "repair"])
def test_time_grows_with_the_text(name: str, function: Callable[[str], object]) -> None:
    unit = ADVERSARIES[name]
    text = unit * (1 + 2000 // len(unit))
    while len(text) < 1_000_000 and best_time(partial(function, text), 1) < 0.05:
        text += text
    assert_linear(function, text)


@pytest.mark.slow
def test_places_that_may_have_lost_bytes_are_judged_up_to_some_number() -> None:
    unit = ADVERSARIES["broken, with many originals"]
    few, many = (best_time(partial(fix_text, unit * number)) for number in (100, 1600))
    assert many < 4 * few


@pytest.mark.slow
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_time_grows_with_a_real_damaged_text(layers: int) -> None:
    assert_linear(
        fix_text, damage("".join(FEW_NOTES.values()), ">".join(["utf-8>cp1252"] * layers))
    )
