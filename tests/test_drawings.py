"""Drawn boxes stay; words that a DOS codec made look like them do not."""

from __future__ import annotations

import pytest

from mojibake_fix import damage, fix_iter, fix_text, repair


@pytest.mark.parametrize(
    "text",
    [
        "    ┌┐\n    ╞╡\n    └┘\nshape: (0, 0)\n",
        "╓╖\n╙╜\n",
        "╔╗ ╚╝ ╠╣ ╒╕ ╘╛ ┌┬┐ ╟╢\n" * 3,
    ],
)
def test_a_closed_drawing_stays(text: str) -> None:
    assert fix_text(text) is text
    assert repair(text).spans == ()
    assert "".join(fix_iter([text])) == text


@pytest.mark.parametrize("channel", ["utf-8>cp437", "utf-8>cp850"])
@pytest.mark.parametrize(
    "original", ["hôtel", "ô joie de l’été, ô désespoir", "где они или не они"]
)
def test_words_of_signs_that_are_drawn_elsewhere_are_repaired(original: str, channel: str) -> None:
    assert fix_text(damage(original, channel)) == original
