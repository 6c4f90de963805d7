"""The codec `utf-8-fixed`."""

from __future__ import annotations

import codecs
import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix import codec, damage, fix_stream, register_codec, units
from strategies import ORIGINALS, consistent_documents, documents, marked_documents, texts

STRONG, STRONG_ORIGINAL = "KÃ¶ln, MalmÃ¶ und ZÃ¼rich.\n", "Köln, Malmö und Zürich.\n"
WEAK, WEAK_ORIGINAL = "Å‘ x\n", "ő x\n"
BOM = "\ufeff"
ERRORS = ("replace", "ignore", "surrogateescape", "backslashreplace")

DOCUMENTS = texts() | marked_documents() | documents() | consistent_documents()
UTF_8 = DOCUMENTS.map(lambda text: text.encode("utf-8", "replace"))
NOT_UTF_8 = st.lists(UTF_8 | st.binary(max_size=20) | st.just(b"\xe2\x82\n"), max_size=5).map(
    b"".join
)
CUTS = st.lists(st.integers(0, 400), max_size=12)


@pytest.fixture(autouse=True, scope="module")
def registered() -> None:
    register_codec()


@contextmanager
def attribute(module: Any, name: str, value: object) -> Iterator[None]:
    usual = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, usual)


def decoder(errors: str = "strict") -> codec.IncrementalDecoder:
    return codec.IncrementalDecoder(errors)


def pieces(data: bytes, places: list[int]) -> list[bytes]:
    borders = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(borders)]


def decoded(parts: list[bytes], errors: str = "strict") -> str:
    incremental = decoder(errors)
    return "".join(map(incremental.decode, parts)) + incremental.decode(b"", final=True)


def streamed(data: bytes) -> str:
    writer = io.BytesIO()
    fix_stream(io.BytesIO(data), writer)
    return writer.getvalue().decode()


# The text that is read.


@given(UTF_8, CUTS)
def test_text_is_that_of_a_stream_wherever_it_is_cut(data: bytes, places: list[int]) -> None:
    assert decoded(pieces(data, places)) == data.decode("utf-8-fixed") == streamed(data)


@given(UTF_8, CUTS)
def test_long_lines_are_those_of_a_stream_wherever_they_are_cut(
    data: bytes, places: list[int]
) -> None:
    data = data.removeprefix(BOM.encode())
    with attribute(units, "LONGEST_UNIT", units._PLACES + 1):
        whole = streamed(data)
        assert decoded(pieces(data, places)) == data.decode("utf-8-fixed") == whole
        assert decoded([data[i : i + 1] for i in range(len(data))]) == whole


@given(NOT_UTF_8, CUTS, st.sampled_from(ERRORS), st.sampled_from((50, 16_384)))
def test_what_is_not_utf_8_does_not_depend_on_the_cuts_either(
    data: bytes, places: list[int], errors: str, longest: int
) -> None:
    with attribute(units, "LONGEST_UNIT", longest):
        whole = data.decode("utf-8-fixed", errors)
        assert decoded(pieces(data, places), errors) == whole
        assert decoded([data[i : i + 1] for i in range(len(data))], errors) == whole


@pytest.mark.parametrize("errors", ERRORS)
def test_bytes_that_are_not_utf_8_are_treated_as_asked(errors: str) -> None:
    data = b"plain \xff text\nand \xe2\x82\n\xc3"
    assert data.decode("utf-8-fixed", errors) == data.decode("utf-8", errors)


def test_bytes_that_are_not_utf_8_are_an_error_and_nothing_is_taken() -> None:
    incremental = decoder()
    assert incremental.decode(STRONG.encode() + "KÃ¶".encode()) == STRONG_ORIGINAL
    state = incremental.getstate()
    with pytest.raises(UnicodeDecodeError):
        incremental.decode(b"\xff\n")
    assert incremental.getstate() == state
    assert incremental.decode(b"ln\n") == "Köln\n"
    with pytest.raises(UnicodeDecodeError):
        b"cut \xe2\x82".decode("utf-8-fixed")


def test_byte_order_mark_stays_and_is_no_evidence() -> None:
    for line in ("Ã©\n", "é\n", STRONG, ""):
        data = (BOM + line).encode()
        assert data.decode("utf-8-fixed") == BOM + line.encode().decode("utf-8-fixed")


def test_line_leaves_with_its_end() -> None:
    incremental = decoder()
    assert incremental.decode("KÃ¶ln und MalmÃ".encode()) == ""
    assert incremental.decode("¶\r\nx".encode()) == "Köln und Malmö\r\n"
    assert incremental.decode(b"", final=True) == "x"


def test_decoder_goes_on_behind_the_end_and_begins_anew_when_reset() -> None:
    incremental = decoder()
    assert incremental.decode(STRONG.encode(), final=True) == STRONG_ORIGINAL
    assert incremental.decode(WEAK.encode(), final=True) == WEAK_ORIGINAL
    incremental.decode(b"held")
    incremental.reset()
    assert incremental.getstate() == (b"", 0)
    assert incremental.decode(WEAK.encode()) == WEAK


@pytest.mark.parametrize("piece", ["ü", "x", "Ã¶", "一周总结，"])
def test_of_an_endless_line_no_more_than_a_unit_is_held_back(piece: str) -> None:
    incremental, many = decoder(), (piece * 3000).encode()
    fed = left = 0
    for _ in range(20):
        fed += len(many)
        left += len(incremental.decode(many).encode("utf-8")) * len(piece.encode())
        assert len(incremental.getstate()[0]) < 4 * units.LONGEST_UNIT + len(many)
    assert left > 0


def test_line_of_bytes_that_are_left_out_is_not_held_back_for_ever() -> None:
    incremental = decoder("ignore")
    for _ in range(100):
        incremental.decode(b"\xff" * 10_000)
        assert len(incremental.getstate()[0]) <= 4 * units.LONGEST_UNIT


# States.


@given(UTF_8, st.integers(0, 400), CUTS)
def test_decoder_that_returns_to_a_state_goes_on_the_same(
    data: bytes, place: int, places: list[int]
) -> None:
    with attribute(units, "LONGEST_UNIT", 60):
        incremental = decoder()
        place = min(place, len(data))
        incremental.decode(data[:place])
        state = incremental.getstate()
        rest = incremental.decode(data[place:], final=True)
        for part in pieces(data, places):
            incremental.decode(part)
        incremental.setstate(state)
        assert incremental.getstate() == state
        again = "".join(map(incremental.decode, pieces(data[place:], places)))
        assert again + incremental.decode(b"", final=True) == rest


def test_getting_the_state_changes_nothing_and_what_is_equal_has_one_number() -> None:
    incremental = decoder()
    numbers = set()
    for _ in range(5):
        incremental.reset()
        numbers.add(incremental.getstate()[1])
        assert incremental.decode((STRONG + WEAK).encode()) == STRONG_ORIGINAL + WEAK_ORIGINAL
        numbers.add(incremental.getstate()[1])
    assert len(numbers) == 2


def test_state_that_is_forgotten_is_an_error() -> None:
    incremental = decoder()
    states = []
    with attribute(codec, "_REMEMBERED", 3):
        for _ in range(5):
            incremental.decode(STRONG.encode())
            states.append(incremental.getstate())
    assert len(set(states)) == 5
    for state in states[:2]:
        with pytest.raises(io.UnsupportedOperation, match=r"forgotten: seek\(0\)"):
            incremental.setstate(state)
    for state in states[2:]:
        incremental.setstate(state)
        assert incremental.decode(WEAK.encode()) == WEAK_ORIGINAL


# Files.

NOTES = BOM + "".join(
    damage(ORIGINALS[name], "utf-8>cp1252") + ORIGINALS[name] for name in ("de.md", "fr.md")
)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.md"
    path.write_text(NOTES * 3, encoding="utf-8", newline="\r\n")
    return path


def test_file_reads_the_same_in_every_way(notes: Path) -> None:
    whole = streamed(notes.read_bytes()).replace("\r\n", "\n")
    assert "Ã" not in whole.splitlines()[0]
    assert notes.read_text(encoding="utf-8-fixed") == whole
    with notes.open(encoding="utf-8-fixed") as file:
        assert list(file) == whole.splitlines(keepends=True)
    for size in (1, 7, 1000, 8192, 100_000):
        with notes.open(encoding="utf-8-fixed") as file:
            assert "".join(iter(lambda: file.read(size), "")) == whole  # noqa: B023
    with notes.open(encoding="utf-8-fixed", newline="") as file:
        assert file.read() == whole.replace("\n", "\r\n")


@pytest.mark.parametrize("newline", [None, ""])
@pytest.mark.parametrize("chunk", [16, 100, 8192])
def test_places_of_a_file_can_be_returned_to(notes: Path, newline: str | None, chunk: int) -> None:
    with ExitStack() as stack:
        stack.enter_context(attribute(codec, "_REMEMBERED", 10_000))
        file: Any = stack.enter_context(notes.open(encoding="utf-8-fixed", newline=newline))
        file._CHUNK_SIZE = chunk
        whole = file.read()
        file.seek(0)
        places, seen = [], 0
        while seen < 3000:
            places.append((file.tell(), seen))
            seen += len(file.readline() if len(places) % 2 else file.read(37))
        for place, seen in reversed(places):
            file.seek(place)
            assert file.read(500) == whole[seen : seen + 500]
        file.seek(0)
        assert file.read() == whole


def test_places_of_a_clean_file_are_those_of_any_other_time_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("eine Straße in Köln\n" * 1000, encoding="utf-8")
    with path.open(encoding="utf-8-fixed") as file:
        lines = [file.readline() for _ in range(700)]
        place = file.tell()
    with path.open(encoding="utf-8-fixed") as file:
        file.seek(place)
        assert len(file.readlines()) == 1000 - len(lines)


def test_what_is_written_is_utf_8_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "new"
    path.write_text(STRONG, encoding="utf-8-fixed", newline="")
    assert path.read_bytes() == STRONG.encode() == STRONG.encode("utf-8-fixed")
    with path.open("a", encoding="utf-8-fixed", newline="") as file:
        file.write(WEAK)
    assert path.read_text(encoding="utf-8-fixed") == STRONG_ORIGINAL + WEAK_ORIGINAL


# Streams of `codecs`.


def test_iterdecode_repairs_pieces_of_bytes() -> None:
    data = (STRONG + WEAK + "Ã©").encode()
    parts = [data[i : i + 5] for i in range(0, len(data), 5)]
    text = "".join(codecs.iterdecode(parts, "utf-8-fixed"))
    assert text == STRONG_ORIGINAL + WEAK_ORIGINAL + "é"


@pytest.mark.parametrize("end", ["", "\n", "Ã©", "x" * 100])
def test_reader_gives_all_that_there_is(end: str) -> None:
    data = ((STRONG + WEAK) * 20 + end).encode()
    whole = data.decode("utf-8-fixed")

    def reader() -> codecs.StreamReader:
        return codecs.getreader("utf-8-fixed")(io.BytesIO(data))

    assert reader().read() == whole
    assert list(reader()) == reader().readlines() == whole.splitlines(keepends=True)
    for size in (1, 10, 1000):
        for chars in (-1, 3):
            file = reader()
            read = iter(lambda: file.read(size, chars), "")  # noqa: B023
            assert "".join(read) == whole
    file = reader()
    file.read(10)
    file.seek(0)
    assert file.read() == whole


# Names.


@pytest.mark.parametrize("name", ["utf-8-fixed", "UTF-8-Fixed", "utf_8_fixed", "utf8-fixed"])
def test_codec_has_the_names_that_python_makes_one(name: str) -> None:
    assert codecs.lookup(name).name == codec.NAME


def test_codec_is_there_once_it_is_registered_however_often() -> None:
    program = (
        "import codecs, mojibake_fix\n"
        "try: codecs.lookup('utf-8-fixed')\n"
        "except LookupError: print('unknown')\n"
        "for _ in range(2): mojibake_fix.register_codec()\n"
        "codecs.unregister(mojibake_fix.codec._search)\n"
        "try: codecs.lookup('utf-8-fixed')\n"
        "except LookupError: print('once')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )
    assert run.stdout == "unknown\nonce\n"
