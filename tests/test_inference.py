"""What tells one layer from another: only the lines where they may differ are compared."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix import _core, fix_text
from mojibake_fix import model as language_model
from mojibake_fix._inference import (
    _MORE_LOSSES,
    STRIDE,
    _differences,
    _kept,
    _Race,
    _twice,
    _ways,
    forms_of,
)
from mojibake_fix._pieces import Known, Piece, Text
from mojibake_fix._prior import LITERAL
from mojibake_fix.channels import Channel, Layer, damage
from strategies import ORIGINALS

BASES = tuple(
    Channel((Layer("utf-8", decoder, losses),))
    for decoder in ("cp1252", "cp1254", "latin-1")
    for losses in (("undefined-dropped",), ("undefined-replaced", "soft-hyphen-dropped"), ())
)


def text_of(observed: str) -> Text:
    """All that is not ASCII is to be restored, with what stands behind it."""
    pieces, at = [], 0
    while at < len(observed):
        end = at
        while end < len(observed) and observed[end] >= "\x80":
            end += 1
        if end > at:
            pieces.append(Piece(at, end, end, 0, 0.0, 0.0))
        at = max(end, at + 1)
    return Text(Known(observed, observed, _core.Edits(observed)), pieces)


def line_cost(text: str, known: bytes, channel: Channel) -> list[float]:
    return language_model.load().line_costs(
        text, known, *forms_of(channel), round(LITERAL * 64), (), [float("inf")]
    )[0]


@pytest.mark.parametrize("name", ["fr.md", "ru.md", "ja.md", "zh.md", "typography.md"])
@pytest.mark.parametrize("more", ["soft-hyphen-dropped", "spaces-trimmed", "spaces-squeezed"])
def test_lesser_layers_cost_what_they_do_by_themselves(name: str, more: str) -> None:
    lesser = Channel.parse("utf-8>cp1252+undefined-dropped")
    channel = Channel.parse(f"utf-8>cp1252+undefined-dropped+{more}")
    lines = damage(ORIGINALS[name], str(lesser)).split("\n")
    text = text_of("\n".join(line for line in lines if "\xad" not in line))
    shown = {"", *text.observed()}
    ways, fewer = _ways(channel, shown), _ways(lesser, shown)
    kept = _kept(ways, fewer)
    assert kept
    for line in text.lines():
        (own,), (cost,) = language_model.load().line_costs(
            line.text, line.given, *forms_of(channel), round(LITERAL * 64), (kept,), [math.inf]
        )
        assert own == pytest.approx(line_cost(line.text, line.given, channel)[0], abs=0.05)
        assert cost == pytest.approx(line_cost(line.text, line.given, lesser)[0], abs=0.05)
        assert cost >= own - 1e-9


@given(st.data())
def test_lines_without_a_difference_cost_the_same(data: st.DataObject) -> None:
    (base,) = data.draw(st.sampled_from(BASES)).layers
    more = data.draw(st.sampled_from([losses for _, losses in _MORE_LOSSES]))
    other = replace(base, losses=base.losses + more)
    if data.draw(st.booleans()):
        other = replace(other, decoder="iso8859-15")
    original = data.draw(st.sampled_from([ORIGINALS["fr.md"], ORIGINALS["typography.md"]]))
    text = text_of(damage(original, str(data.draw(st.sampled_from((base, other))))))
    one, two = Channel((base,)), Channel((other,))
    marks = _differences(one, two)
    if marks is None:
        return
    differ = _Race(text, lambda channel: 0.0)._lines_with(marks, two)
    lines = [line for first in range(STRIDE) for line in text.lines(first, STRIDE)]
    for number, line in enumerate(lines):
        if number not in differ:
            same = line_cost(line.text, line.given, one)
            assert line_cost(line.text, line.given, two) == pytest.approx(same, abs=0.05)
            if marks.isdisjoint(line.marks()):
                assert line_cost(line.text, line.given, two) == same


@pytest.mark.parametrize("name", ["fr.md", "ru.md", "ja.md"])
@pytest.mark.parametrize("channel", BASES, ids=str)
def test_scores_of_close_layers_are_those_of_the_whole_text(name: str, channel: Channel) -> None:
    text = text_of(damage(ORIGINALS[name], channel))
    race = _Race(text, lambda channel: -len(channel.layers[0].losses))
    race.run(BASES)
    whole = {
        channel: -len(channel.layers[0].losses)
        - sum(sum(line_cost(line.text, line.given, channel)) for line in text.lines())
        for channel in BASES
    }
    best = max(whole, key=whole.__getitem__)
    assert race.best == best
    for tried in BASES:
        if whole[tried] > whole[best] - 30:
            assert race.scores[tried] == pytest.approx(whole[tried])
        else:
            assert race.scores[tried] < whole[best] - 25


@pytest.mark.parametrize(
    "original",
    ["la propriété à grouper", "@param liste La liste à trier\n@param clé La propriété à utiliser"],
)
def test_an_nbsp_squeezed_with_the_space_behind_it_is_no_dropped_byte(original: str) -> None:
    assert fix_text(damage(original, "utf-8>cp1252+nbsp-folded+spaces-squeezed")) == original


def test_two_layers_are_tried_where_a_lead_meets_a_continuation() -> None:
    channel = Channel.parse("utf-8>cp1252>utf-8>cp1252+undefined-dropped")
    assert channel in _twice(["cp1252"], damage("é", channel))
    assert channel not in _twice(["cp1252"], "Ã\nÂ©")
