"""Repair of text that comes piece by piece."""

from __future__ import annotations

import io
import pickle
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import reference
from mojibake_fix import (
    Channel,
    Options,
    Repairer,
    Report,
    _core,
    damage,
    fix_stream,
    fix_text,
    stream,
    units,
)
from mojibake_fix._detect import may_be_damaged, spans_behind, text_spans
from mojibake_fix._heard import ALONE, MOST_MISSED, Heard
from mojibake_fix.document import DecodeError
from mojibake_fix.marks import MARK, Marks
from mojibake_fix.repairer import LineRepairer
from mojibake_fix.views import LONGEST_ESCAPE, look
from strategies import (
    IMAGES,
    ORIGINALS,
    clean_text,
    consistent_documents,
    damaged_text,
    documents,
    marked_documents,
    texts,
)

BOM = b"\xef\xbb\xbf"
STRONG = "KÃ¶ln, MalmÃ¶ und ZÃ¼rich sind schÃ¶n.\n"
STRONG_ORIGINAL = "Köln, Malmö und Zürich sind schön.\n"
WEAK, WEAK_ORIGINAL = "- Å‘\n", "- ő\n"
CP1252 = Channel.parse("utf-8>cp1252")
LOSSY = (
    "utf-8>cp1252+undefined-dropped",
    "utf-8>cp1254+undefined-dropped+soft-hyphen-dropped",
    "utf-8>cp1252+nbsp-folded+spaces-trimmed",
    "utf-8>latin-1+c1-dropped",
)
ENDS = " \n\t\u3000。，、！？；："
ASCII = "".join(map(chr, range(128)))


@contextmanager
def attribute(module: Any, name: str, value: object) -> Iterator[None]:
    usual = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, usual)


def longest_unit(length: int) -> AbstractContextManager[None]:
    return attribute(units, "LONGEST_UNIT", length)


def fed(pieces: list[str], kind: type[Repairer] = Repairer, **options: Any) -> str:
    repairer = kind(**options)
    return "".join([*map(repairer.feed, pieces), repairer.flush()])


def cut(text: Any, places: list[int]) -> list[Any]:
    borders = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(borders)]


def first_unit(text: str, least: int, ends: str) -> tuple[str, bool]:
    """The rule of units, written down again: the first one, and whether it cannot go on."""
    for end, character in enumerate(text[: units.LONGEST_UNIT], start=1):
        if character == "\n" or (character in ends and end >= least):
            return text[:end], character == "\n"
    end = len(text) if len(text) < units.LONGEST_UNIT else division(text[: units.LONGEST_UNIT])
    return text[:end], True


def division(head: str) -> int:
    """The rule of division, written down again."""
    if ends := [i for i, c in enumerate(head, start=1) if c in ENDS]:
        return ends[-1]
    # What the last mark within reach begins may be cut off.
    cut_off = re.search(r"[\\&%=]", head[-LONGEST_ESCAPE:])
    sure = head[: len(head) - LONGEST_ESCAPE + cut_off.start()] if cut_off else head
    seen = reference.resolve(sure, False)
    if ends := [here.end for here in seen if here.character.isascii()]:
        return ends[-1]
    if not seen:
        return len(head)
    return seen[units.divide_run("".join(here.character for here in seen)) - 1].end


def expected(text: str, ends: str = ENDS, **options: Any) -> str:
    """A stream repaired unit by unit, each of them judged."""
    heard: list[Heard] = []
    marks = Marks()
    repaired, now = "", 0
    while now < len(text):
        rest, least, is_open = text[now:], 0, True
        line = repaired.rpartition("\n")[2]
        before = line[-2:] if line and line[-1] in ENDS else ""
        while is_open:
            unit, is_last = first_unit(rest, least, ends)
            if MARK in unit:
                unit, is_last = first_unit(rest, units.LONGEST_UNIT, ends)
            heard_now, marks_now = deepcopy(heard), deepcopy(marks)
            if marks_now.hide(repaired.rpartition("\n")[2] + unit if MARK in unit else unit):
                result, spans = unit, []
            else:
                result, spans = spans_behind(before, unit, heard_now, Options(**options))
            lossy = [s for s in spans if s.replacement is None or s.channel.layers[-1].losses]
            is_open = not is_last and (bool(lossy) or may_be_damaged(result))
            least = 2 * len(unit)
        heard, marks = heard_now, marks_now
        repaired += result
        now += len(unit)
    return repaired


class Chunks:
    """A reader that returns these chunks one by one, whatever is asked for."""

    def __init__(self, chunks: list[Any]) -> None:
        self.chunks = [chunk for chunk in chunks if chunk]
        self.end = chunks[0][:0] if chunks else ""

    def read(self, _: int = -1) -> Any:
        return self.chunks.pop(0) if self.chunks else self.end


# The output never depends on the cuts.


@given(texts(), st.lists(st.integers(0, 400), max_size=12))
def test_output_does_not_depend_on_the_cuts(text: str, places: list[int]) -> None:
    assert fed(cut(text, places)) == expected(text)


@given(documents() | consistent_documents(), st.lists(st.integers(0, 400), max_size=12))
def test_output_does_not_depend_on_the_cuts_in_long_lines(text: str, places: list[int]) -> None:
    with longest_unit(units._PLACES + 1):
        assert fed(cut(text, places)) == expected(text)


@given(documents() | consistent_documents())
@settings(max_examples=30)
def test_every_single_cut_gives_the_same(text: str) -> None:
    text = text[:80]
    whole = expected(text)
    for place in range(len(text) + 1):
        assert fed([text[:place], text[place:]]) == whole
    assert fed(list(text)) == whole


@pytest.mark.parametrize("channel", ["utf-8>cp1252", "utf-8>cp437", "utf-8>latin-1>utf-8>cp1252"])
@pytest.mark.parametrize("name", ["de.md", "zh.md", "emoji.md"])
def test_pieces_of_any_size_give_the_same(name: str, channel: str) -> None:
    text = damage(ORIGINALS[name], channel) + ORIGINALS[name]
    whole = expected(text)
    for size in (1, 2, 3, 7, 64, 1000):
        assert fed([text[i : i + size] for i in range(0, len(text), size)]) == whole


@pytest.mark.parametrize(
    "text",
    [
        "Ã© â€™s é",
        "KÃ¶ln\nÃ¶ Ã",
        "â€™ Ã\x83Â© ",
        "Ã† Ã¶Ã¼ Ã†",
        "ðŸ˜€！x，Ã",
        "é\xa0Ã\xa0?\ufffdÃ",
        "groÃ Ã¶s",
        "\ud83d Ã¤\0\r\n",
    ],
)
def test_every_way_to_cut_a_short_text_gives_the_same(text: str) -> None:
    for options in ({}, {"uncertain": "keep"}, {"uncertain": "mark", "min_confidence": 1.0}):
        # After STRONG what is weak is repaired, and what lost bytes restored.
        for begin in ("", STRONG):
            whole = expected(begin + text, **options)
            for cuts in range(1 << (len(text) - 1)):
                places = [i + 1 for i in range(len(text)) if cuts >> i & 1]
                assert fed([begin, *cut(text, places)], **options) == whole


@given(
    documents() | consistent_documents() | damaged_text(losses=True),
    st.lists(st.integers(0, 400), max_size=12),
    st.sampled_from(("guess", "mark", "keep")),
    st.floats(0, 1),
)
def test_output_does_not_depend_on_the_cuts_with_any_options(
    text: str, places: list[int], uncertain: str, min_confidence: float
) -> None:
    options = {"uncertain": uncertain, "min_confidence": min_confidence}
    for kind, ends in ((Repairer, ENDS), (LineRepairer, "\n")):
        whole = expected(text, ends, **options)
        assert fed(cut(text, places), kind, **options) == whole
        assert fed(list(text), kind, **options) == whole


@given(marked_documents() | consistent_documents(), st.lists(st.integers(0, 400), max_size=12))
def test_output_does_not_depend_on_the_cuts_where_marks_are(text: str, places: list[int]) -> None:
    for kind, ends in ((Repairer, ENDS), (LineRepairer, "\n")):
        assert fed(cut(text, places), kind) == expected(text, ends)
        assert fed(list(text), kind) == expected(text, ends)


@pytest.mark.parametrize("channel", LOSSY)
@pytest.mark.parametrize("name", ["ru.md", "zh.md", "de.md"])
def test_lossy_notes_do_not_depend_on_the_cuts(name: str, channel: str) -> None:
    text = damage(ORIGINALS[name][:600], channel)
    whole = expected(text)
    for size in (1, 5, 64):
        assert fed([text[i : i + size] for i in range(0, len(text), size)]) == whole


@given(texts())
def test_one_word_is_repaired_as_a_document(text: str) -> None:
    text = text.translate(dict.fromkeys(map(ord, ENDS), "_"))
    # What only a whole document can show: units of an encoding, and quoted-printable.
    assume(_core.find_unread(text) < 0 and look(text) is None)
    repaired = fed([text])
    assume(not any(ALONE.fullmatch(each) for each in (text, repaired)))
    assert repaired == fix_text(text)


@given(texts())
def test_text_of_which_nothing_is_repaired_passes_unchanged(text: str) -> None:
    repairer = Repairer()
    out = repairer.feed(text) + repairer.flush()
    if not repairer.report.repaired:
        assert out == text


@given(
    (texts() | marked_documents()).map(lambda text: text.encode("utf-8", "replace")),
    st.lists(st.integers(0, 600), max_size=8),
    st.sampled_from((0, 10, 1024)),
)
def test_bytes_come_out_as_their_text_wherever_they_are_cut(
    data: bytes, places: list[int], short: int
) -> None:
    writer = io.BytesIO()
    with attribute(stream, "_SHORT", short):
        report = fix_stream(Chunks(cut(data, places) or [b""]), writer)
    mark = BOM if data.startswith(BOM) else b""
    assert writer.getvalue() == mark + expected(data[len(mark) :].decode(), "\n").encode()
    assert report.read == len(data)


@pytest.mark.parametrize("size", [1, 7, 1000, 4096, 100_000])
def test_bytes_with_clean_and_damaged_parts_come_out_as_their_text(size: int) -> None:
    clean = "eine Straße in Köln\n" * 150 + "x" * 3000 + " Straße" * 300 + "\n"
    text = clean + "# fixmoji: off\nKÃ¶ln\n# fixmoji: on\n" + clean * 2 + STRONG + clean + WEAK
    data = text.encode()
    writer = io.BytesIO()
    fix_stream(Chunks([data[i : i + size] for i in range(0, len(data), size)]), writer)
    assert writer.getvalue().decode() == fed([text], LineRepairer)
    assert writer.getvalue().decode().endswith(STRONG_ORIGINAL + clean + WEAK_ORIGINAL)


# When text leaves, and what is held back.


def test_tokens_of_a_sentence_leave_with_the_word_that_they_are_of() -> None:
    repairer = Repairer()
    tokens = ["That", "â", "€™", "s", " all", ",", " fol", "ks", "â€", "¦", "\n", "Ã", "©t", "Ã©"]
    left = ["That", "", "", "", "’s all", ",", " fol", "ks", "", "", "…\n", "", "", ""]
    assert [repairer.feed(token) for token in tokens] == left
    assert repairer.flush() == "été"


def test_ascii_leaves_at_once() -> None:
    repairer = Repairer()
    for character in ASCII * 3:
        if character not in "\\&%=":
            assert repairer.feed(character) == character


def test_what_may_begin_an_escape_leaves_with_its_word() -> None:
    repairer = Repairer()
    assert repairer.feed("a = b; 100 % & c ") == "a = b; 100 % & c "
    assert repairer.feed("c&Ati") == "c"
    assert repairer.feed("lde;&copy;te") == ""
    assert repairer.feed(" ") == "&eacute;te "


@given(st.lists(clean_text(), min_size=1, max_size=6), st.integers(1, 9))
def test_of_clean_text_less_than_a_word_is_held_back(parts: list[str], size: int) -> None:
    text, out = " ".join(parts), ""
    repairer = Repairer()
    for at in range(0, len(text), size):
        out += repairer.feed(text[at : at + size])
        fed = text[: at + size]
        assert fed.startswith(out)
        if not may_be_damaged(fed):
            assert not any(mark in fed[len(out) :] for mark in ENDS)


@given(texts(), st.integers(1, 9))
def test_nothing_is_held_back_behind_the_end_of_its_line(text: str, size: int) -> None:
    repairer = Repairer()
    for at in range(0, len(text), size):
        repairer.feed(text[at : at + size])
        held = "".join(repairer._held)
        assert len(held) <= len(text[: at + size].rpartition("\n")[2])


def test_doubt_holds_back_the_rest_of_the_line_until_it_is_gone() -> None:
    repairer = Repairer()
    assert repairer.feed("Å‘ und MalmÃ") == ""
    assert repairer.feed("¶ und ") == "ő und Malmö und "
    assert repairer.feed("hier ist ") == "hier ist "
    repairer = Repairer()
    assert repairer.feed("Å‘ und mehr, viel mehr, von all dem ") == ""
    assert repairer.feed("\n") == "Å‘ und mehr, viel mehr, von all dem \n"


def test_loss_holds_back_the_rest_of_the_line() -> None:
    repairer = Repairer()
    repairer.feed(STRONG)
    assert repairer.feed("Das ist groÃ und ") == "Das ist gro"
    assert repairer.feed("schÃ¶n ") == ""
    assert repairer.feed("hier\n") == "ß und schön hier\n"


def test_line_leaves_with_its_end() -> None:
    repairer = Repairer()
    assert repairer.feed("KÃ") == "K"
    assert repairer.feed("¶ln\nMal") == "öln\nMal"
    assert repairer.feed("mÃ¶") == "m"
    assert repairer.feed("\n") == "ö\n"
    assert repairer.flush() == ""


def test_line_repairer_waits_for_the_end_of_the_line() -> None:
    repairer = LineRepairer()
    assert repairer.feed("KÃ¶ln und ") == "K"
    assert repairer.feed("MalmÃ¶\n") == "öln und Malmö\n"


def test_line_end_in_two_pieces_stays() -> None:
    repairer = Repairer()
    assert repairer.feed("KÃ¶ln\r") == "K"
    assert repairer.feed("\nclean\rx") == "öln\r\nclean\rx"
    assert repairer.flush() == ""


def test_clean_chunk_of_lines_passes_as_the_same_object() -> None:
    chunk = "eine Straße in Köln\n" * 100
    assert Repairer().feed(chunk) is chunk


def test_flush_twice_returns_nothing_more() -> None:
    repairer = Repairer()
    assert repairer.flush() == ""
    assert repairer.feed("KÃ¶ln") == "K"
    assert repairer.flush() == "öln"
    assert repairer.flush() == ""


def test_stream_goes_on_after_flush_with_all_its_evidence() -> None:
    repairer = Repairer()
    assert repairer.feed(STRONG.rstrip()) + repairer.flush() == STRONG_ORIGINAL.rstrip()
    assert repairer.feed(WEAK) == WEAK_ORIGINAL


def test_flush_ends_a_unit() -> None:
    repairer = Repairer()
    assert repairer.feed("MalmÃ") == "Malm"
    assert repairer.flush() == "Ã"
    assert repairer.feed("¶\n") == "¶\n"


def test_evidence_reaches_weaker_lines_behind_it_and_none_before() -> None:
    assert fix_text(WEAK) == WEAK
    assert fed([WEAK, STRONG, WEAK]) == WEAK + STRONG_ORIGINAL + WEAK_ORIGINAL
    assert fed([WEAK + STRONG + WEAK]) == WEAK + STRONG_ORIGINAL + WEAK_ORIGINAL


def test_evidence_of_an_inner_layer_reaches_lines_behind_it() -> None:
    twice = "utf-8>cp1252>utf-8>cp1252"
    text = damage(STRONG_ORIGINAL + WEAK_ORIGINAL, twice)
    assert fed([text]) == STRONG_ORIGINAL + WEAK_ORIGINAL


@given(
    texts(),
    st.lists(st.integers(-9999, 9999), min_size=25, max_size=25),
    st.sampled_from((0, MOST_MISSED)),
)
def test_text_without_suspects_and_without_what_announces_damage_that_was_heard_stays(
    text: str, weights: list[int], missed: int
) -> None:
    # The rule by which units pass unread.
    heard = Heard(weights, missed=missed)
    find = _core.find_pair if heard.is_whole else _core.find_lead
    assume(_core.find_suspect(text) < 0 and _core.find_foreign(text) < 0)
    assume(find(text, 0, heard.decoders()) < 0 and _core.find_escape(text) < 0)
    assert text_spans(text, [heard]) == (text, [])
    assert heard == Heard(weights, missed=missed)


def test_what_seems_lost_in_vain_is_not_looked_at_until_something_is_restored() -> None:
    clean = "".join(f"Die Größe der Straße {i} in der Nähe\n" for i in range(400))
    lossy = damage("我们不知道他为什么不来。\n", "utf-8>cp1252+undefined-dropped")
    repairer = LineRepairer()
    repairer.feed(STRONG)
    assert not repairer._heard[0].is_whole
    assert repairer.feed(clean) == clean
    assert repairer._heard[0].is_whole
    assert repairer.feed(STRONG + clean) == STRONG_ORIGINAL + clean
    assert repairer.feed(lossy) != lossy
    assert not repairer._heard[0].is_whole


def test_ends_of_words_are_no_images() -> None:
    assert not set(ENDS) & set(IMAGES)


# Memory is bounded.


@pytest.mark.parametrize(
    "piece",
    [
        "no end of it, ",
        "x",
        "ü",
        "一周总结，",
        "\u4e00",
        "KÃ¶ln und ",
        "Ã¶",
        damage("一周总结", "utf-8>cp1252"),
    ],
)
def test_endless_line_is_passed_on(piece: str) -> None:
    repairer, many = Repairer(), piece * (10_000 // len(piece))
    original = fix_text(piece * 20)[: len(fix_text(piece * 2)) // 2]
    length = passed = 0
    with longest_unit(4096):
        for _ in range(12):
            length += len(many)
            passed += len(repairer.feed(many)) * len(piece) // len(original)
            assert length - passed <= 4096 + 3 * len(piece)
            assert sum(map(len, repairer._held)) < 4096


def test_many_small_pieces_of_an_endless_line_are_not_kept() -> None:
    repairer = Repairer()
    with longest_unit(1000):
        for _ in range(5000):
            repairer.feed("ü")
            repairer.feed("")
            assert len(repairer._held) < 1000


@pytest.mark.slow
def test_memory_stays_bounded_on_a_line_of_64_megabytes() -> None:
    piece = "Köln, ein Satz ohne Ende und ohne Schaden, außer am Anfang. " * 1000
    repairer = Repairer()
    repairer.feed(STRONG.rstrip())
    tracemalloc.start()
    try:
        for _ in range(64_000_000 // len(piece)):
            repairer.feed(piece)
            assert sum(map(len, repairer._held)) < units.LONGEST_UNIT
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("channel", ["utf-8>cp1252", "utf-8>cp437", "utf-8>cp1252>utf-8>cp1252"])
@pytest.mark.parametrize("name", ["zh.md", "ja.md", "emoji.md", "ru.md"])
def test_run_longer_than_a_unit_is_divided_between_characters(name: str, channel: str) -> None:
    original = "".join(c for c in ORIGINALS[name] if not c.isascii()) * 20
    with longest_unit(1024):
        assert fed([damage(original, channel)]) == original


def test_long_line_is_divided_behind_white_space_else_behind_ascii() -> None:
    with longest_unit(100):
        repairer = Repairer()
        assert repairer.feed("ü" * 60 + " " + "ü" * 20 + "x" + "ü" * 18) == "ü" * 60 + " "
        assert repairer.feed("ü" * 60) == ""
        assert repairer.feed("ü") == "ü" * 20 + "x"
        assert repairer.flush() == "ü" * 79


# Streams.


def test_text_stream() -> None:
    writer = io.StringIO(newline="")
    report = fix_stream(io.StringIO("KÃ¶ln\r\n\rMalmÃ¶ \n", newline=""), writer)
    assert writer.getvalue() == "Köln\r\n\rMalmö \n"
    assert report == Report(16, 2, 0, 0, ((CP1252, 2),))


def test_byte_stream_keeps_byte_order_mark_and_newlines() -> None:
    for data in (BOM, b"", b"\xef\xbb", BOM + b"x", BOM + STRONG.encode() + b"\r\n\x85"):
        for size in (1, 2, 3, 4, 100):
            chunks = [data[i : i + size] for i in range(0, len(data), size)] or [b""]
            writer = io.BytesIO()
            try:
                report = fix_stream(Chunks(chunks), writer)
            except DecodeError:
                assert data in (b"\xef\xbb", BOM + STRONG.encode() + b"\r\n\x85")
                continue
            assert writer.getvalue() == data
            assert report.read == len(data)
    writer = io.BytesIO()
    fix_stream(io.BytesIO(BOM + STRONG.encode() + b"\r\n" + BOM), writer)
    assert writer.getvalue() == BOM + STRONG_ORIGINAL.encode() + b"\r\n" + BOM


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize(
    ("data", "offset", "line", "column"),
    [
        (b"\xff", 0, 1, 1),
        ("é\nüüx".encode() + b"\xe9\n", 8, 2, 4),
        (BOM + b"ab\xe9", 5, 1, 3),
        (BOM + b"\nab\xe9", 6, 2, 3),
        (b"cut \xe2\x82", 4, 1, 5),
        (b"surrogate \xed\xa0\x80", 10, 1, 11),
        (b"\xef\xbb", 0, 1, 1),
        (STRONG.encode() + "und GÃ¶teborg ".encode() + b"\xfc, K\n", 63, 2, 15),
    ],
)
def test_bad_byte_is_named_and_nothing_after_it_is_written(
    data: bytes, offset: int, line: int, column: int, size: int
) -> None:
    writer = io.BytesIO()
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    with pytest.raises(DecodeError, match=f"not UTF-8 at byte {offset} ") as caught:
        fix_stream(Chunks(chunks), writer)
    error = caught.value
    assert (error.offset, error.line, error.column) == (offset, line, column)
    mark = BOM if data.startswith(BOM) else b""
    before = data[len(mark) : offset].decode()
    assert writer.getvalue() == mark + expected(before, "\n").encode()


class Pipe(io.BytesIO):
    """What is there comes at once, and each piece is asked for by its size."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def read(self, _: int | None = -1) -> bytes:
        raise AssertionError("read waits until so much is there")

    def read1(self, _: int = -1) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""


def test_what_a_pipe_holds_is_written_at_once() -> None:
    class Writer(io.BytesIO):
        def flush(self) -> None:
            seen.append(self.getvalue())

    seen: list[bytes] = []
    lines = ["KÃ¶ln\n", "clean\n", "Mal", "mÃ¶\nx"]
    fix_stream(Pipe([line.encode() for line in lines]), Writer())
    out = ["Köln\n", "Köln\nclean\n", "Köln\nclean\nMal", "Köln\nclean\nMalmö\nx"]
    assert list(dict.fromkeys(seen)) == [text.encode() for text in out]


class Reluctant(io.RawIOBase):
    """A raw stream that takes three bytes at a time, and then no more."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int | None:
        part = bytes(data[: min(3, self.room)])
        self.room -= len(part)
        self.taken += part
        return len(part) or None


def test_raw_writer_gets_everything_or_an_error_is_raised() -> None:
    writer = Reluctant(1000)
    fix_stream(io.BytesIO(STRONG.encode()), writer)
    assert writer.taken == STRONG_ORIGINAL.encode()
    with pytest.raises(BlockingIOError):
        fix_stream(io.BytesIO(STRONG.encode()), Reluctant(10))


def test_lone_surrogates_and_nul_pass() -> None:
    text = "\ud800 KÃ¶ln \0 \udfff\n\ud83d\ude00"
    assert fed(list(text)) == text.replace("Ã¶", "ö")


# The report.


def test_report_counts_what_was_found_so_far() -> None:
    repairer = Repairer()
    assert repairer.report == Report(0, 0, 0, 0, ())
    repairer.feed("KÃ¶ln")
    assert repairer.report == Report(5, 0, 0, 0, ())
    repairer.feed(" und MalmÃ¶\n" + damage("naïve café\n", "utf-8>cp1252>utf-8>cp1252"))
    twice = Channel.parse("utf-8>cp1252>utf-8>cp1252")
    assert repairer.report.channels == ((CP1252, 2), (twice, 2))
    assert repairer.report.repaired == 4


def test_span_that_lost_bytes_is_restored_or_left_and_counted() -> None:
    lossy = "groÃ und schÃ¶n\n"
    repairer = Repairer()
    assert repairer.feed(STRONG + lossy) == STRONG_ORIGINAL + "groß und schön\n"
    assert (repairer.report.repaired, repairer.report.lossy) == (6, 0)
    hopeless = damage("他去哪儿了？她来了。", "utf-8>latin-1+c1-dropped") + "\n"
    repairer = Repairer(uncertain="keep", min_confidence=1)
    assert repairer.feed(hopeless) == hopeless
    assert repairer.report.lossy > 0


@given(texts())
def test_report_counts_the_spans_of_a_line(text: str) -> None:
    text = text.translate(dict.fromkeys(map(ord, ENDS), "_"))
    report = fix_stream(io.StringIO(text, newline=""), io.StringIO(newline=""))
    _, spans = text_spans(text, [Heard()])
    assert report.read == len(text)
    assert report.repaired == sum(span.replacement is not None for span in spans)
    assert report.lossy == len(spans) - report.repaired
    assert sum(count for _, count in report.channels) == len(spans)


def test_report_is_a_value() -> None:
    report = Report(5, 1, 0, 0, ((CP1252, 1),))
    assert report == pickle.loads(pickle.dumps(report))
    assert hash(report) == hash(Report(5, 1, 0, 0, ((CP1252, 1),)))
    assert report != Report(6, 1, 0, 0, ((CP1252, 1),))
    assert report != (5, 1, 0)
    assert repr(report).startswith(
        "Report(read=5, repaired=1, lossy=0, guessed=0, channels=((Channel("
    )
    with pytest.raises(AttributeError):
        report.read = 6
    with pytest.raises(AttributeError):
        del report.read


# Wrong use.


@pytest.mark.parametrize("wrong", [b"x", None, 1, ["x"]])
def test_feed_takes_text_only(wrong: Any) -> None:
    with pytest.raises(TypeError, match="text must be a str, not"):
        Repairer().feed(wrong)


@pytest.mark.parametrize("chunks", [[None], [bytearray(b"x")], ["x", b"x"], [b"x", "x"], ["x", 3]])
def test_reader_of_the_wrong_type_is_an_error(chunks: list[Any]) -> None:
    class Reader:
        def read(self, _: int = -1) -> Any:
            return chunks.pop(0)

    writer: Any = io.StringIO() if isinstance(chunks[0], str) else io.BytesIO()
    with pytest.raises(TypeError, match="the reader must return"):
        fix_stream(Reader(), writer)


@pytest.mark.parametrize(
    "call", [Repairer, lambda **options: fix_stream(io.StringIO(), io.StringIO(), **options)]
)
def test_options_are_checked(call: Callable[..., object]) -> None:
    call(uncertain="keep", min_confidence=0.5)
    with pytest.raises(TypeError):
        call(nonsense=1)
    with pytest.raises(ValueError, match="min_confidence"):
        call(min_confidence=2)


def test_clean_stream_imports_no_more_than_it_needs() -> None:
    program = (
        "import sys, io; from mojibake_fix.stream import fix_stream;"
        "fix_stream(io.BytesIO('Köln\\n'.encode()), io.BytesIO());"
        "print({'dataclasses', 'typing', 'pathlib', 'charset_normalizer', 'mojibake_fix.channels'}"
        " & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}; {program}"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert run.stdout == "set()\n"
