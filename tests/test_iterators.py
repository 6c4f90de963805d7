"""Iterables of pieces to iterables of repaired pieces."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix import Repairer, fix_aiter, fix_iter
from strategies import texts

TOKENS = ["That", "â", "€™", "s", " all", ",", " fol", "ks", "â€", "¦", "\n", "Ã©t", "Ã©"]
FIXED = ["That", "’s all", ",", " fol", "ks", "…\n", "été"]
TWO_FORMS = pytest.mark.parametrize("fix", ["fix_iter", "fix_aiter"])


async def later(pieces: Any) -> AsyncIterator[Any]:
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece


def taken(fix: str, pieces: Any, into: list[str], **options: Any) -> list[str]:
    """Put what either form yields into a list, as it comes."""
    if fix == "fix_iter":
        for text in fix_iter(pieces, **options):
            into.append(text)
        return into

    async def take() -> None:
        async for text in fix_aiter(later(pieces), **options):
            into.append(text)

    asyncio.run(take())
    return into


@TWO_FORMS
def test_tokens_leave_as_those_of_a_repairer(fix: str) -> None:
    assert taken(fix, TOKENS, []) == FIXED
    assert taken(fix, [], []) == []


@given(st.lists(texts(), max_size=6), st.sampled_from(("guess", "mark", "keep")))
def test_nothing_is_held_back_longer_than_by_a_repairer(pieces: list[str], uncertain: str) -> None:
    repairer = Repairer(uncertain=uncertain)
    expected = [*map(repairer.feed, pieces), repairer.flush()]
    assert list(fix_iter(pieces, uncertain=uncertain)) == [text for text in expected if text]
    assert taken("fix_aiter", pieces, [], uncertain=uncertain) == [t for t in expected if t]


def test_text_leaves_before_the_next_piece_is_asked_for() -> None:
    asked = []

    def source() -> Iterator[str]:
        for token in TOKENS:
            asked.append(token)
            yield token

    fixed = fix_iter(source())
    assert asked == []
    assert next(fixed) == "That"
    assert asked == ["That"]
    assert next(fixed) == "’s all"
    assert asked == TOKENS[:5]


@TWO_FORMS
def test_error_of_the_source_is_raised_behind_all_that_came_before(fix: str) -> None:
    def source() -> Iterator[str]:
        yield "Ã©t"
        yield "Ã©"
        raise ConnectionError("gone")

    out: list[str] = []
    with pytest.raises(ConnectionError, match="gone"):
        taken(fix, source(), out)
    assert out == ["été"]


@TWO_FORMS
def test_piece_that_is_no_text_is_an_error(fix: str) -> None:
    out: list[str] = []
    with pytest.raises(TypeError, match="text must be a str, not bytes"):
        taken(fix, ["KÃ¶", b"ln"], out)
    assert out == ["K", "ö"]


@pytest.mark.parametrize("fix", [fix_iter, fix_aiter])
def test_options_are_checked_at_once(fix: Callable[..., object]) -> None:
    with pytest.raises(TypeError):
        fix([], nonsense=1)
    with pytest.raises(ValueError, match="min_confidence"):
        fix([], min_confidence=2)


def test_ending_early_takes_no_more_of_the_source() -> None:
    source = iter(TOKENS)
    fixed = fix_iter(source)
    assert next(fixed) == "That"
    fixed.close()  # type: ignore[attr-defined]
    assert list(fixed) == []
    assert "".join(source) == "".join(TOKENS[1:])

    async def first() -> str:
        async for text in fix_aiter(later(TOKENS)):
            return text
        return ""

    assert asyncio.run(first()) == "That"


def test_task_that_is_cancelled_ends() -> None:
    out: list[str] = []

    async def source() -> AsyncIterator[str]:
        yield "Ã©t"
        yield "Ã© Ã©"
        await asyncio.Event().wait()

    async def take() -> None:
        async for text in fix_aiter(source()):
            out.append(text)

    async def cancel() -> None:
        task = asyncio.create_task(take())
        while not out:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(cancel(), 10))
    assert out == ["été "]


def test_pieces_of_bytes_come_through_iterdecode() -> None:
    pieces = [bytes([byte]) for byte in "".join(TOKENS).encode()]
    assert "".join(fix_iter(codecs.iterdecode(pieces, "utf-8"))) == "".join(FIXED)
