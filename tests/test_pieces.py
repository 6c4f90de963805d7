"""Pieces and spans in the core: what is joined, placed, put into a text and masked."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix import _core
from mojibake_fix import model as language_model
from mojibake_fix._pieces import CONTEXT, Known, Piece, Text
from mojibake_fix._restore import STRANGE, Restored
from mojibake_fix._spans import Span, masked, replaced
from mojibake_fix.channels import Channel, Layer

CHANNEL = Channel((Layer("utf-8", "cp1252"),))
TEXTS = st.text(st.sampled_from("aÃ©Ñ\n漢😀"), max_size=60)


def stretches(data: st.DataObject, text: str) -> list[tuple[int, int]]:
    """Some stretches of a text that do not overlap, in order."""
    bounds = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    return list(pairwise(bounds))[::2]


def pieces_of(data: st.DataObject, text: str) -> list[Piece]:
    return [Piece(start, end, end, 0, 0.0, 0.0) for start, end in stretches(data, text)]


@given(TEXTS, st.data())
def test_spans_are_replaced_and_masked(text: str, data: st.DataObject) -> None:
    instead = st.none() | st.text(st.sampled_from("aé漢😀"), max_size=3)
    spans = [
        Span(start, end, text[start:end], data.draw(instead), CHANNEL, 0.0, 1.0)
        for start, end in stretches(data, text)
    ]
    expected = hidden = text
    for start, end, _, replacement, *_ in reversed(spans):
        hidden = hidden[:start] + "\uffff" * (end - start) + hidden[end:]
        if replacement is not None:
            expected = expected[:start] + replacement + expected[end:]
    assert replaced(text, spans) == expected
    assert masked(text, spans, "\uffff") == hidden
    if all(span.replacement is None for span in spans):
        assert replaced(text, spans) is text


@given(TEXTS, st.data())
def test_pieces_stand_where_they_are_said_to(text: str, data: st.DataObject) -> None:
    pieces = pieces_of(data, text)
    joined = Text(Known(text, text, _core.Edits(text)), pieces)
    bounds = array("q", joined.bounds)
    found = list(zip(bounds[::5], bounds[1::5], strict=True))
    assert [joined.text[at:end] for at, end in found] == [text[p.start : p.end] for p in pieces]
    given = bytearray(b"\1" * len(joined.text))
    for at, end in found:
        given[at:end] = bytes(end - at)
    assert joined.given == given
    assert joined.observed() == "".join(text[p.start : p.end] for p in pieces)
    assert "".join(line.text for line in joined.lines()) == joined.text + "\n"
    assert b"".join(line.given for line in joined.lines()) == joined.given + b"\1"
    lines = joined.lines()
    assert [line for first in range(3) for line in joined.lines(first, 3)] == [
        line for first in range(3) for line in lines[first::3]
    ]


@given(TEXTS, st.data())
def test_originals_of_pieces_are_placed_and_put_into_the_document(
    text: str, data: st.DataObject
) -> None:
    joined = Text(Known(text, text, _core.Edits(text)), pieces_of(data, text))
    starts = array("I", sorted(data.draw(st.lists(st.integers(0, len(joined.text)), max_size=30))))
    original = "".join(data.draw(st.sampled_from("aя漢")) for _ in starts)
    bounds = joined.placed(starts)
    document, begins = joined.document(original, bounds)
    expected, known, stop = "", 0, 0
    for i, piece in enumerate(joined.pieces):
        at, end, run_end, begin, behind = bounds[5 * i : 5 * i + 5]
        assert (end - at, run_end) == (piece.end - piece.start, end)
        assert begin == bisect_left(starts, at, stop)
        stop = bisect_left(starts, end, begin)
        assert behind == stop
        expected += text[known : piece.start]
        assert begins[i] == len(expected)
        expected += original[begin:stop]
        known = piece.end
    assert document == expected + text[known:]


NONE = _core.Edits("ab")
ROW = array("q", [0, 1, 1, 0, 1])
ONE = array("I", [0])
MODEL = language_model.load()
JUDGED = (MODEL, "a", "a", "a", 0.0, ONE, b"\0", ROW, [Piece(0, 1, 1, 0, 0.0, 0.0)], tuple, 8)
STRETCHES = ("a", ONE, b"\0", array("d", [1.0]), [], Restored, CHANNEL)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("replace_spans", (b"a", [])),
        ("replace_spans", ("a", ())),
        ("replace_spans", ("a", [(0, 1)])),
        ("replace_spans", ("a", [(0, 2, "", "b")])),
        ("replace_spans", ("a", [(1, 0, "", "b")])),
        ("replace_spans", ("ab", [(1, 2, "", "b"), (0, 1, "", "b")])),
        ("replace_spans", ("a", [(0, 1, "", 5)])),
        ("replace_spans", ("a", [], "ab")),
        ("join_pieces", ("ab", "ab", [], [], CONTEXT)),
        ("join_pieces", ("ab", "ab", NONE, [(0, 3)], CONTEXT)),
        ("join_pieces", ("ab", "ab", NONE, [(1, 2), (0, 1)], CONTEXT)),
        ("join_pieces", ("ab", "ab", NONE, [(1, 2, 0)], CONTEXT)),
        ("join_pieces", ("ab", "ab", NONE, [], -1)),
        ("place_pieces", (ONE, array("q", [1, 0, 0, 0, 0]))),
        ("place_pieces", (ONE, array("q", [0, 1, 1, 0, 2]))),
        ("put_pieces", ("ab", b"", b"", "a", ROW)),
        ("put_pieces", ("ab", array("q", [0]), array("q", [3]), "a", ROW)),
        ("put_pieces", ("ab", array("q", [1]), array("q", [0]), "a", ROW)),
        ("put_pieces", ("ab", array("q", [0]), array("q", [1]), "", ROW)),
        ("judge_pieces", (None, *JUDGED[1:])),
        ("judge_pieces", (*JUDGED[:1], "", *JUDGED[2:])),
        ("judge_pieces", (*JUDGED[:2], "ab", *JUDGED[3:])),
        ("judge_pieces", (*JUDGED[:8], [], *JUDGED[9:])),
        ("judge_pieces", (*JUDGED[:8], [(0, 1)], *JUDGED[9:])),
        ("judge_pieces", (*JUDGED[:9], list, STRANGE)),
        ("restored_stretches", (*STRETCHES[:4], [(0, 1)], *STRETCHES[5:])),
        ("restored_stretches", (*STRETCHES[:4], [((0, 1), 0, 0, 2, 0.0)], *STRETCHES[5:])),
        ("restored_stretches", ("ab", *STRETCHES[1:])),
        ("restored_stretches", (*STRETCHES[:5], list, CHANNEL)),
    ],
)
def test_wrong_arguments_are_refused(name: str, arguments: tuple[object, ...]) -> None:
    with pytest.raises((TypeError, ValueError)):
        getattr(_core, name)(*arguments)


def test_what_is_understood_is_told() -> None:
    """A letter costs less than what is observed, and stands by itself."""
    pieces = [Piece(0, 2, 2, 0, 1.0, 20.0, 0.5)]
    bounds = array("q", [0, 2, 2, 0, 1])
    arguments = (MODEL, "Ã©", "é", "é", 0.0, ONE, b"\0", bounds)
    (reading,) = _core.judge_pieces(*arguments, pieces, tuple, STRANGE)
    piece, shift, begin, end, evidence = reading
    assert (piece, shift, begin, end) == (pieces[0], 0, 0, 1)
    written, meant = (MODEL.cost(text, 0) for text in ("Ã©", "é"))
    assert evidence == written - meant + 0.5
    for demand in ({"need": written}, {"most": 0.0}):
        assert not _core.judge_pieces(*arguments, [pieces[0]._replace(**demand)], tuple, STRANGE)
    told = _core.restored_stretches("é", ONE, b"\0", array("d", [0.75]), [reading], tuple, CHANNEL)
    assert told == ([(0, 2, "é", CHANNEL, (), 0.75, evidence, False)], [(0, 0, 1)])
