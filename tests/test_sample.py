"""What is read of a text around foreign places."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix import _core

PARTS = st.sampled_from(["\n", " ", "\t", "ab", "é", "中文", "═" * 9])
TEXTS = st.lists(st.one_of(PARTS, st.text()), max_size=99).map("".join)


@st.composite
def texts_with_places(draw: st.DrawFn) -> tuple[str, list[int]]:
    text = draw(TEXTS)
    seen = [i for i, character in enumerate(text) if character not in " \t\n\r"]
    return text, sorted(draw(st.sets(st.sampled_from(seen)))) if seen else []


def test_lines_are_those_with_places() -> None:
    text = "eins\nzwei\ndrei"
    assert _core.sample(text, [6, 7, 10]) == (
        [(5, 9), (10, 14)],
        "zwei\ndrei\n",
        ["zwei"],  # the next place is too near for another word
    )


def test_words_of_scripts_without_spaces_begin_behind_ascii() -> None:
    assert _core.sample("中" * 30 + "3" + "文" * 30 + "本", [60])[2] == ["文" * 30 + "本"]


def test_what_is_drawn_is_shortened() -> None:
    assert _core.sample("═══ ════ ═════é", [14])[1] == "═══ ══ ══é\n"


def test_a_passage_is_of_lines_from_all_over_the_text() -> None:
    lines = [f"{number:03}" + "é" * 3 + "x" * 94 for number in range(90)]
    text = "\n".join(lines)
    bounds, passage, words = _core.sample(text, [4 + 101 * number - number for number in range(50)])
    assert len(passage) <= 1000
    assert {text[start:end][:3] for start, end in bounds} >= {line[:3] for line in passage.split()}
    assert 25 <= len(words) <= 30


@given(texts_with_places())
def test_every_place_is_in_one_line_and_words_are_parts_of_the_text(
    sampled: tuple[str, list[int]],
) -> None:
    text, places = sampled
    bounds, passage, words = _core.sample(text, places)
    assert all(sum(start <= at < end for start, end in bounds) == 1 for at in places)
    assert all(one[1] <= other[0] for one, other in pairwise(bounds))
    assert not any("\n" in text[start:end] for start, end in bounds)
    assert passage.count("\n") <= len(bounds)
    assert all(word and word in text and not set(word) & set(" \t\n\r") for word in words)


@pytest.mark.parametrize("places", [[3], [-1], [1, 0]])
def test_places_outside_of_the_text_or_out_of_order_are_refused(places: list[int]) -> None:
    with pytest.raises((ValueError, OverflowError)):
        _core.sample("abc", places)


def test_what_is_no_list_of_places_is_refused() -> None:
    with pytest.raises(TypeError):
        _core.sample("abc", (1,))  # type: ignore[arg-type]
