"""No repair moves the borders of strings and fields, or makes a valid file invalid."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mojibake_fix import Channel, Layer, damage, fix_bytes, fix_text, repair
from mojibake_fix.structure import guarded
from strategies import channels, clean_text, misread_bytes, texts

# Losses that leave ASCII in place of what was lost.
FOLDED = ("quotes-folded", "dashes-folded", "ellipsis-folded", "nbsp-folded", "undefined-question")


@pytest.mark.parametrize(
    ("observed", "repaired"),
    [
        ('{"a": "He said â€œnoâ€", "b": "cafÃ©"}', '{"a": "He said “no”", "b": "café"}'),
        ('"He said â€œnoâ€","cafÃ©"\n"x â€œyâ€",1', '"He said “no”","café"\n"x “y”",1'),
        ("('He said â€œnoâ€','cafÃ©')", "('He said “no”','café')"),
        ('<p title="He said â€œnoâ€" id="x">cafÃ©', '<p title="He said “no”" id="x">café'),
        (
            '<p title="He said &acirc;&euro;&oelig;no&acirc;&euro;" id="x">caf&Atilde;&copy;',
            '<p title="He said &ldquo;no&rdquo;" id="x">caf&eacute;',
        ),
    ],
)
def test_quote_that_ends_a_string_is_no_piece_of_damage(observed: str, repaired: str) -> None:
    assert fix_text(observed) == repaired


def test_quote_inside_a_sentence_may_be_a_piece_of_damage() -> None:
    text = 'The cafÃ© â€" a small one â€" is near, dÃ©jÃ\xa0 vu.'
    assert '"' not in fix_text(text)


def test_null_is_put_into_no_string() -> None:
    text = '{"a": "xÀ\x80 cafÃ©", "b": "\\u00c0\\u0080"}'
    repaired = fix_text(text)
    assert repaired == '{"a": "xÀ\x80 café", "b": "\\u0000"}'
    assert repair(text).text == repaired
    assert json.loads(repaired) == {"a": "xÀ\x80 café", "b": "\0"}


@given(texts())
def test_guarded_text_differs_in_quotes_only(text: str) -> None:
    seen = guarded(text)
    assert (seen is text) == (seen == text)
    assert len(seen) == len(text)
    assert all(
        one == other or (one in "\"'" and other == "`")
        for one, other in zip(text, seen, strict=True)
    )


def folded_channels() -> st.SearchStrategy[Channel]:
    losses = st.lists(st.sampled_from(FOLDED), min_size=1, max_size=3, unique=True)
    decoders = st.sampled_from(("cp1252", "latin-1", "cp1254", "cp1250"))
    return st.builds(
        lambda decoder, lost: Channel((Layer("utf-8", decoder, tuple(lost)),)), decoders, losses
    )


def strings() -> st.SearchStrategy[str]:
    plain = st.sampled_from(
        ("", '"', "'", "\\", "“no”", "‘yes’", "—", "…", "\n", ",", ";", "\t", "|", "à", "😀")
    )
    return st.lists(clean_text(3) | plain | misread_bytes(), max_size=4).map(" ".join)


def values() -> st.SearchStrategy[Any]:
    return st.recursive(
        strings() | st.integers() | st.booleans() | st.none(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(strings(), inner, max_size=4),
        max_leaves=8,
    )


def shape(value: Any) -> Any:
    """A value without the contents of its strings."""
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, dict):
        return [shape(item) for item in value.values()]
    return "" if isinstance(value, str) else value


def damaged_strings(value: Any, channel: Channel) -> Any:
    if isinstance(value, str):
        return damage(value, channel)
    if isinstance(value, list):
        return [damaged_strings(item, channel) for item in value]
    if isinstance(value, dict):
        return {damage(k, channel): damaged_strings(v, channel) for k, v in value.items()}
    return value


@given(
    values(),
    channels(2) | folded_channels(),
    st.booleans(),
    st.sampled_from((None, 2)),
    st.booleans(),
)
def test_valid_json_stays_valid_and_keeps_its_shape(
    value: Any, channel: Channel, ascii_only: bool, indent: int | None, whole: bool
) -> None:
    if whole:  # the file was damaged
        observed = damage(json.dumps(value, ensure_ascii=False, indent=indent), channel)
    else:  # its strings were
        damaged = damaged_strings(value, channel)
        observed = json.dumps(damaged, ensure_ascii=ascii_only, indent=indent)
    try:
        before = json.loads(observed)
    except ValueError:
        assume(False)
    assert shape(json.loads(fix_text(observed))) == shape(before)


def rows_of(text: str, **form: Any) -> list[int] | None:
    """The number of fields of each record, None if it is no valid CSV."""
    try:
        return [len(row) for row in csv.reader(io.StringIO(text), strict=True, **form)]
    except csv.Error:
        return None


@given(
    st.lists(st.lists(strings(), min_size=1, max_size=4), min_size=1, max_size=4),
    channels(2) | folded_channels(),
    st.sampled_from(",;\t|"),
    st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    st.booleans(),
)
def test_valid_csv_stays_valid_and_keeps_its_shape(
    rows: list[list[str]], channel: Channel, delimiter: str, quoting: Any, whole: bool
) -> None:
    if not whole:
        rows = [[damage(field, channel) for field in row] for row in rows]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, quoting=quoting).writerows(rows)
    text = written.getvalue()
    if whole:
        text = damage(text, channel)
    before = rows_of(text, delimiter=delimiter)
    assume(before is not None)
    assert rows_of(fix_text(text), delimiter=delimiter) == before


@given(texts().map(lambda text: text.encode("utf-8", "replace")))
def test_valid_utf8_stays_valid(data: bytes) -> None:
    fix_bytes(data).decode("utf-8")


@given(texts())
def test_lines_stay_lines(text: str) -> None:
    repaired = fix_text(text)
    for end in "\n\r":
        assert repaired.count(end) == text.count(end)
