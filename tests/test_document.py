"""Bytes of one file to text and back."""

from __future__ import annotations

import pickle
import subprocess
import sys

import charset_normalizer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix._repair import fix_text, repair
from mojibake_fix.document import (
    HEAD,
    BinaryError,
    DecodeError,
    EncodeError,
    apply_edits,
    byte_edits,
    check_text,
    decode_damaged,
    encode_like,
    fix_bytes,
    inverse_edits,
    is_clean_utf8,
)
from strategies import clean_text, damaged_text, documents, texts

BOM = b"\xef\xbb\xbf"
WIDE = [
    ("utf-16-le", b"\xff\xfe"),
    ("utf-16-be", b"\xfe\xff"),
    ("utf-32-le", b"\xff\xfe\x00\x00"),
    ("utf-32-be", b"\x00\x00\xfe\xff"),
]


@pytest.mark.parametrize(
    "text",
    ["", "plain", "一周总结与回顾\r\n", "«MAÇÃO».", "\ufeffZürich", "a\0b", "a\x85b\u2028c"],
)
def test_clean_bytes_come_back_as_the_same_object(text: str) -> None:
    data = text.encode()
    assert fix_bytes(data) is data
    assert decode_damaged(data) is None


@pytest.mark.parametrize(
    ("observed", "original"),
    [
        ("KÃ¶ln und MalmÃ¶\r\nclean\r\n", "Köln und Malmö\r\nclean\r\n"),
        ("KÃ¶ln und MalmÃ¶", "Köln und Malmö"),
        ("\ufeffKÃ¶ln und MalmÃ¶\n", "\ufeffKöln und Malmö\n"),
        ("\ufeffx\ufeff KÃ¶ln und MalmÃ¶\r", "\ufeffx\ufeff Köln und Malmö\r"),
        ("\0 KÃ¶ln und MalmÃ¶ \0", "\0 Köln und Malmö \0"),
    ],
)
def test_only_the_damage_changes(observed: str, original: str) -> None:
    assert fix_bytes(observed.encode()) == original.encode()


def test_byte_order_mark_is_kept_out_of_the_text_and_put_back() -> None:
    data = BOM + "KÃ¶ln".encode()
    assert decode_damaged(data) == "KÃ¶ln"
    assert encode_like("Köln", data) == BOM + "Köln".encode()
    assert encode_like("Köln", b"K") == "Köln".encode()


@pytest.mark.parametrize(
    ("data", "offset", "line", "column"),
    [
        (b"\xff", 0, 1, 1),
        (b"ab\xe9", 2, 1, 3),
        ("é\nüüx".encode() + b"\xe9\n", 8, 2, 4),
        (BOM + b"ab\xe9", 5, 1, 3),
        (BOM + b"\nab\xe9", 6, 2, 3),
        (b"a\r\nb\xc2\x85\xe9", 6, 2, 3),
        (b"cut \xe2\x82", 4, 1, 5),
        (b"surrogate \xed\xa0\x80", 10, 1, 11),
        (b"overlong \xc0\x80", 9, 1, 10),
    ],
)
def test_bad_byte_is_named_by_offset_line_and_column(
    data: bytes, offset: int, line: int, column: int
) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_damaged(data)
    error = caught.value
    assert (error.offset, error.line, error.column) == (offset, line, column)
    assert f"at byte {offset} (line {line}, column {column})" in str(error)
    assert "--to-utf-8 converts it" in str(error)


def test_an_error_survives_the_way_from_another_process() -> None:
    with pytest.raises(DecodeError) as caught:
        fix_bytes(b"caf\x81", encoding="cp1252")
    error = pickle.loads(pickle.dumps(caught.value))
    assert (str(error), error.offset, error.column) == (str(caught.value), 3, 4)


@pytest.mark.parametrize(("encoding", "bom"), WIDE)
def test_wide_byte_order_mark_is_named(encoding: str, bom: bytes) -> None:
    with pytest.raises(DecodeError, match=rf"{encoding[:6].upper()} .*at byte 0.*--to-utf-8"):
        check_text(bom + "text".encode(encoding))


def test_nul_makes_a_document_binary_near_its_beginning_only() -> None:
    with pytest.raises(BinaryError, match="NUL at byte 1"):
        check_text(b"a\0b")
    with pytest.raises(BinaryError, match=f"NUL at byte {HEAD - 1}"):
        check_text(b"a" * (HEAD - 1) + b"\0")
    check_text(b"a" * HEAD + b"\0")
    check_text(b"")


@pytest.mark.parametrize(("encoding", "bom"), WIDE)
def test_wide_documents_keep_encoding_and_byte_order_mark(encoding: str, bom: bytes) -> None:
    damaged = bom + "KÃ¶ln und MalmÃ¶ 🎈\r\n".encode(encoding)
    assert fix_bytes(damaged) == bom + "Köln und Malmö 🎈\r\n".encode(encoding)
    clean = bom + "Köln 🎈".encode(encoding)
    assert fix_bytes(clean) is clean


def test_text_in_the_named_encoding_comes_back_in_it() -> None:
    observed, original = "café, KÃ¶ln und MalmÃ¶ – 5 €\r\n", "café, Köln und Malmö – 5 €\r\n"
    assert fix_bytes(observed.encode("cp1252"), encoding="cp1252") == original.encode("cp1252")


def test_named_encoding_is_for_bytes_that_are_not_utf8() -> None:
    data = "KÃ¶ln und MalmÃ¶".encode()
    assert fix_bytes(data, encoding="cp1250") == "Köln und Malmö".encode()


def test_bytes_that_are_not_in_the_named_encoding_are_refused() -> None:
    with pytest.raises(DecodeError, match="not ascii at byte 3"):
        fix_bytes(b"caf\xe9", encoding="ascii")
    with pytest.raises(LookupError, match="no-such"):
        fix_bytes(b"caf\xe9", encoding="no-such")


def test_unknown_option_is_refused_even_for_clean_bytes() -> None:
    with pytest.raises(TypeError):
        fix_bytes(b"clean", no_such_option=1)


@pytest.mark.parametrize("wrong", ["Ã©", None, memoryview("Ã©".encode())])
def test_what_is_not_bytes_is_a_type_error(wrong: object) -> None:
    with pytest.raises(TypeError, match=f"data must be bytes, not {type(wrong).__name__}"):
        fix_bytes(wrong)  # type: ignore[arg-type]


def test_repair_that_does_not_fit_into_the_encoding_is_an_error() -> None:
    # In cp1252 all bytes of this Russian have characters, but the Russian itself has not.
    data = "café ".encode("cp1252") + "Привет, привет".encode()
    with pytest.raises(EncodeError, match=r"U\+041F.*cp1252 cannot hold"):
        fix_bytes(data, encoding="cp1252")


def test_encoding_is_found_out() -> None:
    text = "L'été dernier, nous avons dîné à la crêperie près de la forêt. Ça m'a plu, déjà ! "
    clean = (text * 5).encode("cp1252")
    assert fix_bytes(clean) is clean


def _fake_guess(monkeypatch: pytest.MonkeyPatch, encoding: str | None) -> None:
    class Guess:
        def __init__(self) -> None:
            self.encoding = encoding

        def best(self) -> Guess | None:
            return self if encoding else None

    monkeypatch.setattr(charset_normalizer, "from_bytes", lambda _: Guess())


def test_encoding_that_does_not_give_the_same_bytes_back_is_refused() -> None:
    # Python puts a byte order mark where there was none.
    with pytest.raises(DecodeError, match=r"utf-16.*do not come back the same"):
        fix_bytes(b"caf\xe9", encoding="utf-16")


def test_encoding_of_which_two_opinions_differ_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = "Ċentru għall-istħarriġ".encode("iso8859-3")
    _fake_guess(monkeypatch, "cp1252")
    message = r"not UTF-8, nor known otherwise at byte 0 .*\(--encoding\), perhaps "
    with pytest.raises(DecodeError, match=message):
        fix_bytes(data)
    _fake_guess(monkeypatch, None)
    with pytest.raises(DecodeError, match=message):
        fix_bytes(data)


def test_broken_utf8_behind_its_byte_order_mark_is_not_guessed_at() -> None:
    with pytest.raises(DecodeError, match="not UTF-8"):
        fix_bytes(BOM + b"caf\xe9")


def test_lone_surrogate_in_utf16_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_guess(monkeypatch, None)
    with pytest.raises(DecodeError):
        fix_bytes(b"\xff\xfe\x00\xd8a\x00")


def test_detector_is_imported_for_bytes_that_are_not_utf8_only() -> None:
    code = (
        "import sys; from mojibake_fix.document import fix_bytes;"
        "fix_bytes('KÃ¶ln und MalmÃ¶'.encode());"
        "assert 'charset_normalizer' not in sys.modules"
    )
    subprocess.run([sys.executable, "-X", "utf8", "-c", code], check=True)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_bytes_and_text_are_repaired_alike(text: str) -> None:
    assert fix_bytes(text.encode()) == fix_text(text).encode()


@given(st.text(alphabet="aé ÃÂ©¶â€™ðŸ\x81\x90\n", max_size=30))
def test_suspicious_bytes_and_text_are_repaired_alike(text: str) -> None:
    assert fix_bytes(text.encode()) == fix_text(text).encode()


@given(documents(), st.booleans(), st.sampled_from(["\n", "\r\n", "\r", ""]))
def test_edits_are_the_repair_and_can_be_taken_back(text: str, mark: bool, end: str) -> None:
    data = (BOM if mark else b"") + f"{text}{end}x\r\ny\n{text}{end}".encode(errors="ignore")
    observed = decode_damaged(data)
    result = repair(observed if observed is not None else "")
    edits = byte_edits(result, data, result.text)
    edited = apply_edits(data, edits)
    if observed is not None:
        assert edited == encode_like(result.text, data)
    assert apply_edits(edited, inverse_edits(edits)) == data
    kept, seen = b"", 0
    for offset, old, new in edits:
        assert old != new
        kept += data[seen:offset] + b"|"
        seen = offset + len(old)
    position = 0
    for piece in (kept + data[seen:]).split(b"|"):  # what is between the edits is all there
        position = edited.find(piece, position)
        assert position >= 0
        position += len(piece)


@pytest.mark.parametrize(
    "edits", [[(1, b"x", b"")], [(0, b"a", b""), (0, b"a", b"")], [(2, b"cd", b"")]]
)
def test_edits_that_do_not_fit_are_refused(edits: list[tuple[int, bytes, bytes]]) -> None:
    with pytest.raises(ValueError, match=f"at byte {edits[-1][0]}"):
        apply_edits(b"abc", edits)


@pytest.mark.parametrize(
    ("old", "new", "edits"),
    [
        (b"a\r\nb\r\n", "a\nb\n", [(0, b"a\r", b"a"), (3, b"b\r", b"b")]),
        (BOM + b"x\ny", "x\nz", [(5, b"y", b"z")]),
        (b"a\rb", "a\nb", [(0, b"a\rb", b"a\nb")]),
    ],
)
def test_edits_beyond_the_repair_are_lines(
    old: bytes, new: str, edits: list[tuple[int, bytes, bytes]]
) -> None:
    assert byte_edits(repair(""), old, new) == edits
    assert apply_edits(old, edits) == encode_like(new, old)
    assert apply_edits(encode_like(new, old), inverse_edits(edits)) == old


@given(
    clean_text(),
    (damaged_text() | texts()).map(lambda text: text.encode("utf-8", "replace")) | st.binary(),
    st.integers(1, 2000),
    st.integers(0, 900),
)
def test_document_in_pieces_is_clean_only_if_it_is_as_a_whole(
    clean: str, other: bytes, size: int, at: int
) -> None:
    text = (clean or "x").encode()
    text *= 1000 // len(text) + 1
    data = text[:at] + other + text
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    try:
        is_clean = decode_damaged(data) is None
    except DecodeError:
        is_clean = False
    if is_clean_utf8(pieces):
        assert is_clean


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_clean_document_in_pieces_is_clean(size: int) -> None:
    data = BOM + "一周总结 Straße 🇫🇷 \r\n".encode() * 50
    assert is_clean_utf8(data[start : start + size] for start in range(0, len(data), size))
    assert not is_clean_utf8([data, b"\xe2\x82"])
    assert is_clean_utf8([])
