"""The C core gives what the slow and obvious reference gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import reference
from mojibake_fix import _core
from mojibake_fix._pieces import Piece
from mojibake_fix._prior import PRIOR
from mojibake_fix.channels._tables import DECODED
from mojibake_fix.model import load
from reference import broken, runs, scan, tables
from strategies import (
    CLEAN,
    FIXTURES,
    ORIGINALS,
    damaged_text,
    documents,
    escapes,
    foreign_text,
    texts,
    utf8_like,
)
from vectors import plain_loops

# By the core's number, less one.
NOTATIONS = ("unicode", "name", "decimal", "hex", "percent", "bytes", "octal", "printable")

PADDING = range(68)  # more than a block of every vector loop
BEHIND = "." * 130

NONE = _core.Edits("a")

# One character of each width that is no image: behind the padding it changes nothing but storage.
WIDENING = {1: "", 2: "漢", 4: "𝄞"}


def shifted(offset: int, by: int) -> int:
    return offset if offset < 0 else offset + by


def width(text: str) -> int:
    most = max(text, default="")
    return 1 if most <= "\xff" else 2 if most <= "\uffff" else 4


def assert_finds(offset: Callable[[int], int], data: str | bytes, start: int) -> None:
    """The scan says so, by plain and by vector loops."""
    found = _core.find_suspect(data, start)
    with plain_loops():
        plain = _core.find_suspect(data, start)
    assert found == plain == offset(start)


# The scan.


@given(documents(most=4), st.data())
@example("Ã©", None)
@example("Ã\x83Â©", None)
def test_scan_of_text(text: str, data: st.DataObject | None) -> None:
    start = data.draw(st.integers(0, len(text) + 3), label="start") if data else 0
    expected = reference.find_suspect(text, start)
    from_zero = reference.find_suspect(text)
    assert_finds(lambda _: expected, text, start)
    for size, widening in WIDENING.items():
        if size < width(text):
            continue
        for padding in PADDING:
            padded = "." * padding + text + BEHIND + widening
            assert_finds(lambda _, by=padding: shifted(expected, by), padded, start + padding)
            assert_finds(lambda _, by=padding: shifted(from_zero, by), padded, 0)


@given(documents(most=4), st.data())
def test_scan_of_utf8(text: str, data: st.DataObject) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8")
    start = data.draw(st.integers(0, len(text)), label="start")
    in_bytes = [len(text[:i].encode("utf-8")) for i in range(len(text) + 1)] + [-1]
    expected = in_bytes[reference.find_suspect(text, start)]
    from_zero = in_bytes[reference.find_suspect(text)]
    for padding in PADDING:
        padded = ("." * padding + text + BEHIND).encode("utf-8")
        begin = in_bytes[start] + padding
        assert_finds(lambda _, by=padding: shifted(expected, by), padded, begin)
        assert_finds(lambda _, by=padding: shifted(from_zero, by), padded, 0)
    assert_finds(lambda _: expected, text.encode("utf-8"), in_bytes[start])
    assert_finds(lambda _: expected, memoryview(text.encode("utf-8")), in_bytes[start])


@given(damaged_text() | documents(most=4))
def test_scan_from_every_start(text: str) -> None:
    for start in range(len(text) + 2):
        assert_finds(lambda begin: reference.find_suspect(text, begin), text, start)


@pytest.mark.parametrize("name", [*ORIGINALS, *CLEAN])
def test_scan_of_a_real_note(name: str) -> None:
    text = (ORIGINALS | CLEAN)[name]
    expected = reference.find_suspect(text)
    assert_finds(lambda _: expected, text, 0)
    behind = len(text[:expected].encode("utf-8")) if expected >= 0 else -1
    assert_finds(lambda _: behind, text.encode("utf-8"), 0)


def test_start_beyond_the_end_finds_nothing() -> None:
    for data in ("", "Ã©", "Ã©漢", "Ã©𝄞", b"", "Ã©".encode()):
        for start in (len(data), len(data) + 1, 2**62):
            assert_finds(lambda _: -1, data, start)


def test_a_negative_start_is_refused() -> None:
    for data in ("Ã©", "Ã©".encode()):
        with pytest.raises(ValueError, match="negative"):
            _core.find_suspect(data, -1)


@given(st.binary(max_size=150), st.integers(0, 160))
def test_scan_of_bytes_that_are_not_utf8_stays_inside_them(data: bytes, start: int) -> None:
    for padding in PADDING:
        padded = b"." * padding + data
        found = [_core.find_suspect(padded, start)]
        with plain_loops():
            found.append(_core.find_suspect(padded, start))
        assert all(offset == -1 or start <= offset < len(padded) for offset in found)


@given(texts(), st.integers(0, 100), st.sets(st.integers(0, len(_core.DECODERS) - 1)))
def test_first_lead_and_pair(text: str, start: int, decoders: set[int]) -> None:
    mask = sum(1 << decoder for decoder in decoders)
    assert _core.find_lead(text, start, mask) == scan.find_lead(text, start, decoders)
    assert _core.find_pair(text, start, mask) == scan.find_pair(text, start, decoders)


@given(
    st.text("aBbé漢\U00010061", max_size=30),
    st.lists(st.text("abé漢\U00010061", min_size=2, max_size=5), max_size=4),
    st.integers(0, 40),
)
@example("AB", ["ab"], 0)
@example("aab", ["ab"], 1)
def test_first_phrase(text: str, phrases: list[str], start: int) -> None:
    small = text.replace("B", "b").replace("A", "a")
    found = [at for at in (small.find(phrase, start) for phrase in phrases) if at >= 0]
    assert _core.find_phrase(text, tuple(phrases), start) == min(found, default=-1)


@pytest.mark.parametrize(("phrases", "start"), [(("a",), 0), ((1,), 0), (("ab",), -1)])
def test_wrong_phrases_are_refused(phrases: tuple[str, ...], start: int) -> None:
    with pytest.raises(ValueError, match="phrases"):
        _core.find_phrase("ab", phrases, start)


def test_decoders_that_are_not_there_are_refused() -> None:
    for mask in (-1, 1 << len(_core.DECODERS), 1 << 40):
        with pytest.raises(ValueError, match="decoders"):
            _core.find_lead("Ã©", 0, mask)
    with pytest.raises(OverflowError):
        _core.find_lead("Ã©", 0, 1 << 70)
    with pytest.raises(TypeError):
        _core.find_lead(b"x", 0, 1)


# Foreign places.


def assert_foreign(offset: int, data: str | bytes, start: int) -> None:
    """The core says so, by plain and by vector loops."""
    found = _core.find_foreign(data, start)
    with plain_loops():
        plain = _core.find_foreign(data, start)
    assert found == plain == offset


def misread(text: str, codec: str) -> str:
    return text.encode("utf-8").decode(codec, "replace")


@given(foreign_text() | texts(), st.data())
@example(misread("工作空间", "gbk"), None)
@example("f眉r f眉r", None)
@example("CU╔NTENOS CU╔NTENOS", None)
@example("aÐa" + " " * 38 + "aÐa", None)
@example("aÐa" + " " * 39 + "aÐa", None)
@example("aÐa\naÐa", None)
def test_foreign_places_of_text(text: str, data: st.DataObject | None) -> None:
    start = data.draw(st.integers(0, len(text) + 3), label="start") if data else 0
    expected, from_zero = reference.find_foreign(text, start), reference.find_foreign(text)
    for size, widening in WIDENING.items():
        if size < width(text):
            continue
        for padding in PADDING:
            padded = "." * padding + text + BEHIND + widening
            assert_foreign(shifted(expected, padding), padded, start + padding)
            assert_foreign(shifted(from_zero, padding), padded, 0)


@given(foreign_text() | documents(most=4), st.data())
def test_foreign_places_of_utf8(text: str, data: st.DataObject) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8")
    start = data.draw(st.integers(0, len(text)), label="start")
    in_bytes = [len(text[:i].encode("utf-8")) for i in range(len(text) + 1)] + [-1]
    expected = in_bytes[reference.find_foreign(text, start)]
    from_zero = in_bytes[reference.find_foreign(text)]
    for padding in PADDING:
        padded = ("." * padding + text + BEHIND).encode("utf-8")
        assert_foreign(shifted(expected, padding), padded, in_bytes[start] + padding)
        assert_foreign(shifted(from_zero, padding), padded, 0)


@pytest.mark.parametrize("name", [*ORIGINALS, *CLEAN])
def test_foreign_places_of_a_real_note(name: str) -> None:
    text = (ORIGINALS | CLEAN)[name]
    for shown in (text, misread(text, "gbk"), misread(text, "cp949")):
        expected = reference.find_foreign(shown)
        assert_foreign(expected, shown, 0)
        behind = len(shown[:expected].encode("utf-8")) if expected >= 0 else -1
        assert_foreign(behind, shown.encode("utf-8"), 0)


@given(st.binary(max_size=150), st.integers(0, 160))
def test_search_of_bytes_that_are_not_utf8_stays_inside_them(data: bytes, start: int) -> None:
    for padding in PADDING:
        padded = b"." * padding + data
        found = [_core.find_foreign(padded, start)]
        with plain_loops():
            found.append(_core.find_foreign(padded, start))
        assert all(offset == -1 or start <= offset < len(padded) for offset in found)


# Escapes.


@given(texts() | escapes(), st.booleans())
@example("\\\\u00c3\\u00a9", False)
@example("&#128;&#129;", False)
@example('="%C3%A9', False)
def test_text_as_it_reads(text: str, printable: bool) -> None:
    expected = reference.resolve(text, printable)
    escapes = [(i, here) for i, here in enumerate(expected) if here.notation]
    for loops in (nullcontext, plain_loops):
        with loops():
            resolved = _core.resolve(text, printable)
        if resolved is None:
            assert not escapes
            continue
        seen, *runs, notations = resolved
        assert seen == "".join(here.character for here in expected)
        figures = zip(*(memoryview(run).cast("q") for run in runs), notations, strict=True)
        found = [
            (at + i, start + i * size, start + (i + 1) * size, NOTATIONS[notation - 1])
            for at, start, size, count, notation in figures
            for i in range(count)
        ]
        assert found == [(i, here.start, here.end, here.notation) for i, here in escapes]


@given(texts() | escapes(), st.data())
def test_first_escape(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) + 3), label="start")
    for padding in PADDING:
        for widening in WIDENING.values():
            padded = "." * padding + text + widening
            found = shifted(reference.find_escape(text, start), padding)
            assert _core.find_escape(padded, start + padding) == found
            with plain_loops():
                assert _core.find_escape(padded, start + padding) == found


# Invalid UTF-8.


@given(utf8_like())
@example(b"\xed\xa0\x80")
@example(b"\xc0\x80")
def test_invalid_utf8_is_where_the_decoder_fails(data: bytes) -> None:
    for padding in PADDING:
        for behind in (b"", b"." * 70):
            padded = b"." * padding + data + behind
            expected = reference.find_invalid_utf8(padded)
            assert _core.find_invalid_utf8(padded) == expected
            with plain_loops():
                assert _core.find_invalid_utf8(padded) == expected


def test_every_pair_of_bytes_is_judged_as_the_decoder_does() -> None:
    for first in range(0x80, 0x100):
        for second in range(0x100):
            for rest in (b"", b"\x80", b"\x80\x80", b"\x80A", b"A", b"\x80\x80" + b"." * 70):
                data = bytes([first, second]) + rest
                assert _core.find_invalid_utf8(data) == reference.find_invalid_utf8(data), data


# Runs and layers.


def figures(low: int, high: int, size: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(low, high), min_size=size, max_size=size).map(tuple)


@st.composite
def priors(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """The prior as it is, or another one that makes sense."""
    if draw(st.booleans()):
        return PRIOR
    count = len(_core.DECODERS)
    misfit = draw(st.integers(0, 200))
    limits = (
        draw(st.integers(-100, 100)),
        misfit,
        misfit + draw(st.integers(1, 200)),
        draw(st.integers(0, 200)),
        draw(st.integers(-40, 60)),
        draw(st.integers(0, 40)),
        draw(st.integers(0, 100)),
        draw(st.integers(0, 100)),
        draw(st.integers(-40, 100)),
    )
    return draw(figures(-200, 0, count)), draw(figures(-40, 0, count)), limits


def assert_undone(text: str, figures: tuple[tuple[int, ...], ...], weights: list[int]) -> None:
    for model in ((), (load(),)):
        repaired, edits = _core.undo(text, figures, weights, *model)
        expected, expected_edits, is_untold = reference.undo(text, figures, weights, *model)
        assert list(edits) == expected_edits
        assert edits.is_untold() == is_untold
        assert repaired == expected
        assert (repaired is text) == (repaired == text)
        assert_told(text, edits)


@pytest.mark.parametrize(
    "text",
    [
        *("contrÃŽle", "leÃŠ", "Ã€ la carte", "L√∂sung", "Â£5", "Home Â· News", "x Â² y", "Î± x"),
        *("IRMÃ»", "e/Å³", "Nestlé™…", "Å½ b", "xÅœy", "Ã™", "K=s√πa"),
    ],
)
def test_one_run_alone(text: str) -> None:
    assert_undone(text, PRIOR, [0] * len(_core.DECODERS))


def assert_told(text: str, edits: _core.Edits) -> None:
    """What edits tell of themselves is what can be read off them one by one."""
    lossy = [edit for edit in edits if edit[7] & _core.LOSSY]
    lossless = [(text[start:end], meant) for start, end, meant, *_ in edits if meant is not None]
    assert edits.is_lossy() == bool(lossy)
    assert edits.kinds() == Counter((edit[3], edit[7]) for edit in edits)
    assert edits.beyond_ascii(text) == sum(
        not character.isascii() for start, end, *_ in edits for character in text[start:end]
    )
    for most in (1, 2, 1000):
        assert edits.lossless(text, most) == lossless[:: len(lossless) // most + 1]
    pieces = edits.pieces(text, Piece, 1.0, 2.0, 3.0)
    assert [piece[:4] for piece in pieces] == broken.lossy_pieces(text, edits)
    assert all(piece[4:] == (1.0, 2.0, 3.0) for piece in pieces)
    decoders = {edit[3] for edit in edits}
    gaps = list(pairwise([0, *(bound for edit in edits for bound in edit[:2]), len(text)]))[::2]
    found = [list(broken.broken_runs(text, decoder, *gap)) for decoder in decoders for gap in gaps]
    assert edits.breaks_off(text) == any(found)


@given(texts(), priors())
def test_weights(text: str, figures: tuple[tuple[int, ...], ...]) -> None:
    assert _core.weigh(text, figures) == reference.weigh(text, figures)


@given(texts(), priors())
@example("ðŸ˜€À€", PRIOR)
def test_undo(text: str, figures: tuple[tuple[int, ...], ...]) -> None:
    assert_undone(text, figures, _core.weigh(text, figures))


@given(texts(), st.data())
def test_undo_with_any_weights(text: str, data: st.DataObject) -> None:
    weights = data.draw(figures(-400, 400, len(_core.DECODERS)))
    assert_undone(text, PRIOR, list(weights))


@pytest.mark.parametrize("text", ["┬░CÕ", "mÃ¹ďð", "–±)в", "Viá»‡c̀", "Straц┐е╦e"])
def test_decoders_that_read_a_run_alike_differ_by_what_follows(text: str) -> None:
    weights = reference.weigh(text, PRIOR)
    assert _core.weigh(text, PRIOR) == weights
    assert_undone(text, PRIOR, weights)


@pytest.mark.parametrize("text", ["ĐľŃ", "ì\x9e\x88ì", "StraÃ¢â€Å“Ã†â€™e"])
def test_rivals_of_a_run_that_lost_bytes_count_what_was_lost_in_any_order(text: str) -> None:
    for weight in (80, 800, 2000):
        for one in range(len(_core.DECODERS)):
            weights = [weight if d % 3 == one % 3 or d == one else 0 for d in range(25)]
            assert_undone(text, PRIOR, weights)


@pytest.mark.parametrize(
    "path",
    sorted([*(FIXTURES / "damaged").iterdir(), *(FIXTURES / "lossy").iterdir()])[::9],
    ids=lambda path: path.name,
)
def test_undo_of_a_real_note(path: object) -> None:
    text = path.read_bytes().decode("utf-8")
    weights = reference.weigh(text, PRIOR)
    assert _core.weigh(text, PRIOR) == weights
    assert_undone(text, PRIOR, weights)


# The reference itself reads what the core was built with.


@st.composite
def broken_text(draw: st.DrawFn) -> tuple[int, str]:
    """A decoder, and text of its images and of what stands for lost ones."""
    decoder = draw(st.integers(0, len(_core.DECODERS) - 1))
    images = DECODED[_core.DECODERS[decoder]]
    alphabet = st.one_of(
        st.sampled_from(images),
        st.sampled_from(images[0x42:0x75]),
        st.sampled_from("-\"'. ?\ufffdaé漢"),
    )
    return decoder, "".join(draw(st.lists(alphabet, max_size=40)))


@given(broken_text(), st.integers(-400, 4000))
@example((0, "Ã" * 3 + "Ã ...  .©"), 4000)
@example((0, "aâ€Ã"), 4000)
def test_runs_that_break_off(case: tuple[int, str], weight: int) -> None:
    decoder, text = case
    weights = [weight if other == decoder else 0 for other in range(len(_core.DECODERS))]
    for edits in (_core.Edits(text), _core.undo(text, PRIOR, weights)[1]):
        bounds = [0, *(bound for edit in edits for bound in edit[:2]), len(text)]
        gaps = list(pairwise(bounds))[::2]
        expected = [run for gap in gaps for run in broken.broken_runs(text, decoder, *gap)]
        assert _core.broken_runs(text, decoder, edits) == expected
        assert_told(text, edits)


@given(texts(), st.data())
def test_spans_of_edits_make_room_for_others(text: str, data: st.DataObject) -> None:
    weights = data.draw(figures(-400, 400, len(_core.DECODERS)))
    _, edits = _core.undo(text, PRIOR, list(weights))
    bounds = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    others = [(*pair, "other") for pair in list(pairwise(bounds))[::2]]
    spans = edits.spans(text, 0, tuple, lambda *kind: kind, others)
    left = [
        edit
        for edit in edits
        if not edit[7] & _core.LOSSY
        or all(end <= edit[0] or edit[1] <= start for start, end, _ in others)
    ]
    assert [span for span in spans if span[2] == "other"] == others
    assert [span[:5] for span in spans if span not in others] == [
        (start, end, text[start:end], meant, (decoder, flags))
        for start, end, meant, decoder, _, _, _, flags in left
    ]
    assert spans == sorted(spans, key=lambda span: span[0])


@pytest.mark.parametrize(
    "arguments",
    [(b"a", 0, NONE), ("a", 25, NONE), ("a", -1, NONE), ("a", 0, []), ("a", 0), ("a", "0", NONE)],
)
def test_wrong_arguments_for_broken_runs_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        _core.broken_runs(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("breaks_off", (b"a",)),
        ("breaks_off", ("ab",)),
        ("beyond_ascii", ("ab",)),
        ("lossless", ("ab", 1)),
        ("lossless", ("a", 0)),
        ("pieces", ("ab", Piece, 0.0, 0.0, 0.0)),
        ("pieces", ("a", list, 0.0, 0.0, 0.0)),
        ("spans", ("a", 0, list, tuple, [])),
        ("spans", ("a", 0, tuple, tuple, ["ab"])),
        ("spans", ("a", 0, tuple, tuple, [("a", 1)])),
        ("__getitem__", (0,)),
        ("__getitem__", (-1,)),
    ],
)
def test_edits_refuse_wrong_arguments(method: str, arguments: tuple[object, ...]) -> None:
    with pytest.raises((TypeError, ValueError, IndexError)):
        getattr(NONE, method)(*arguments)


def test_tables_of_images_are_those_of_the_channels() -> None:
    assert list(_core.DECODERS) == tables.DECODERS
    assert tables.LIMITS["MF_IMAGES"] == len(tables.IMAGES) + 1
    assert tables.LIMITS["MF_UNITS_PER_NAT"] == _core.UNITS_PER_NAT
    bytes_of = tables.numbers("images.c", "mf_image_byte")[1:]
    expected = [by.get(image, 0) for image in tables.IMAGES for by in tables.BYTE_OF]
    assert bytes_of == expected
    decoded = tables.numbers("images.c", "mf_decoded")
    assert decoded == [ord(image) for by in tables.BYTE_OF for image in by]


def test_odd_pairs_are_parts_of_a_sequence_under_some_decoder() -> None:
    every = range(len(tables.DECODERS))

    def parts(left: str, right: str) -> bool:
        leads = any(scan.announced(left, d) or scan.continues(left, d) for d in every)
        return leads and any(scan.continues(right, d) for d in every)

    odd = [(a, b) for a in tables.IMAGES for b in tables.IMAGES if tables.is_odd(a, b)]
    assert odd
    assert all(parts(*pair) for pair in odd)


@given(st.text())
def test_reference_undoes_what_damage_does(text: str) -> None:
    from mojibake_fix import damage

    plain = "".join(character for character in text if character > "\x7f")
    for decoder, name in enumerate(tables.DECODERS):
        assert runs.undone(damage(plain, f"utf-8>{name}"), decoder) == plain
