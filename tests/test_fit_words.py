"""How what words are worth is fitted."""

from __future__ import annotations

import math
import operator
import sys
from pathlib import Path

import pytest

pytest.importorskip("numpy")
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tools"), str(ROOT / "tests")]

import numpy as np  # noqa: E402

import fit_words  # noqa: E402
from mojibake_fix import model  # noqa: E402
from mojibake_fix.model import RESCORER_FILE  # noqa: E402
from mojibake_fix.model import format as model_format  # noqa: E402
from mojibake_fix.model import rescorer_format as form  # noqa: E402
from strategies import ORIGINALS  # noqa: E402

WORD, NONE = 3 * form.SPELLINGS + 5, 3 * form.SPELLINGS


def places(count: int, right: float, before: float) -> fit_words.Places:
    """Return places where a word stands beside what is none, and is right in a share of them."""
    scores = np.tile([before, 0.0, -np.inf], (count, 1))
    cells = np.tile([WORD, NONE, fit_words.SPELT], (count, 1))
    is_word = np.arange(count) < right * count
    truths = np.stack([is_word, ~is_word, np.zeros(count, dtype=bool)], axis=1)
    return fit_words.Places(scores, cells, truths)


@pytest.mark.parametrize("before", [0.0, -2.0, 1.0])
def test_a_word_is_worth_its_share_of_the_truths(before: float) -> None:
    found = fit_words.fitted(places(20_000, 0.9, before), np.zeros(fit_words.SPELT))
    assert found[WORD] - found[NONE] == pytest.approx(math.log(9) - before, abs=0.02)
    others = np.delete(found, [WORD, NONE])
    assert not others.any()


def test_few_examples_move_little() -> None:
    start = np.zeros(fit_words.SPELT)
    start[WORD] = 0.5
    few = fit_words.fitted(places(2, 1.0, 0.0), start)
    many = fit_words.fitted(places(2_000, 1.0, 0.0), start)
    assert 0.5 < few[WORD] < 1.0 < many[WORD]


def test_only_what_words_are_worth_is_replaced() -> None:
    file = Path(RESCORER_FILE).read_bytes()
    start, end = fit_words.SPELT_AT, fit_words.SPELT_END
    weights = np.arange(fit_words.SPELT) / model_format.UNITS_PER_NAT
    other = fit_words.with_weights(file, weights)
    model_format.verify(other)
    assert other[start:end] == np.arange(fit_words.SPELT).astype("<i2").tobytes()
    assert other[form.HEAD.size : start] == file[form.HEAD.size : start]
    assert other[end:] == file[end:]
    learnt = np.frombuffer(file[start:end], dtype="<i2") / model_format.UNITS_PER_NAT
    assert fit_words.with_weights(file, learnt) == file


def test_what_was_meant_is_among_what_may_stand_there() -> None:
    block = ORIGINALS["he.md"] + ORIGINALS["vi.md"]
    text, unsure, meant = fit_words.restored(block, model.load())
    assert len(meant) == len(unsure) > 20
    assert all(one in odds for one, odds in zip(meant, unsure.values(), strict=True))
    best = "".join(text[at] for at in unsure)
    assert 0 < sum(map(operator.ne, best, meant)) < len(meant) / 2
