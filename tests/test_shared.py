"""Real notes and passages, which are not part of this repository: skipped where they are absent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mojibake_fix
from mojibake_fix.channels import DECODERS

SHARED = Path(__file__).resolve().parents[2] / "shared"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="no folder `shared` beside the repository"),
]


def note(name: str) -> str:
    return (SHARED / "seeds" / name).read_bytes().decode("utf-8")


def passages(name: str) -> list[dict[str, Any]]:
    lines = (SHARED / "eval" / name).read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


@pytest.mark.parametrize("name", ["001.txt", "002.txt", "003.txt"])
def test_clean_notes_come_out_as_the_same_object(name: str) -> None:
    text = note(name)
    assert mojibake_fix.fix_text(text) is text


LOSSY = "utf-8>cp1254+undefined-dropped+soft-hyphen-dropped"


def test_nearly_all_of_the_damaged_note_comes_back() -> None:
    observed, original = note("000.txt"), note("001.txt")
    result = mojibake_fix.repair(observed)
    assert mojibake_fix.damage(result.text, LOSSY) == observed
    assert len(result.text) == len(original)
    wrong = [
        i for i, pair in enumerate(zip(result.text, original, strict=True)) if len({*pair}) > 1
    ]
    assert len(wrong) <= 12  # of 193 that lost a byte


def test_the_damaged_notes_have_the_channel_that_made_them() -> None:
    for name in ("000.txt", "004.txt"):
        result = mojibake_fix.repair(note(name))
        assert {str(channel) for channel in result.channels} == {LOSSY, "utf-8>cp1254"}
        assert all(span.replacement is not None for span in result.spans)


def test_no_clean_passage_is_changed() -> None:
    for passage in passages("clean.jsonl"):
        if passage["kind"] != "about-mojibake":
            assert mojibake_fix.fix_text(passage["text"]) is passage["text"], passage["id"]
    for passage in passages("threads.jsonl"):
        if passage["kind"] == "keep":
            assert mojibake_fix.fix_text(passage["input"]) is passage["input"], passage["source"]


def test_nearly_all_lossless_damage_by_one_byte_decoders_is_reversed() -> None:
    right = wrong = count = 0
    for passage in passages("wild.jsonl"):
        try:
            layers = mojibake_fix.Channel.parse(passage["layers"]).layers
        except ValueError:
            continue
        one_byte = all(layer.source == "utf-8" and layer.decoder in DECODERS for layer in layers)
        if passage["loss"] != "none" or not one_byte:
            continue
        repaired = mojibake_fix.fix_text(passage["observed"])
        is_right = repaired in (passage["truth"], *passage.get("also", ()))
        count += 1
        right += is_right
        wrong += not is_right and repaired != passage["observed"]
    assert count > 100
    assert right / count > 0.98
    assert wrong / count < 0.02
