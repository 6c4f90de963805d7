from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import mojibake_fix
from mojibake_fix.channels import DECODERS, Channel
from mojibake_fix.cli import main

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
ROWS = tomllib.loads((FIXTURES / "channels.toml").read_text(encoding="utf-8"))
CLEAN = sorted(path for name in ("clean", "originals") for path in (FIXTURES / name).iterdir())


def each_row(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", ROWS[kind], ids=lambda row: str(row["output"]))


def each_file(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "path", paths, ids=lambda path: f"{path.parent.name}-{path.name}"
    )


def read(folder: str, name: str) -> bytes:
    return (FIXTURES / folder / name).read_bytes()


def text_of(folder: str, name: str) -> str:
    return read(folder, name).decode("utf-8")


def without_loss(channel: str) -> Channel:
    layers = Channel.parse(channel).layers
    return Channel(tuple(mojibake_fix.Layer(layer.source, layer.decoder) for layer in layers))


def fixmoji(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mojibake_fix", *arguments],
        cwd=FIXTURES,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


# The fixtures themselves.


def test_generated_fixtures_are_fresh() -> None:
    script = ROOT / "tools" / "make_fixtures.py"
    run = subprocess.run(
        [sys.executable, str(script), "--check"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr


def test_every_original_is_damaged_and_every_wrong_decoder_meets_one() -> None:
    originals = {path.name for path in (FIXTURES / "originals").iterdir()}
    assert {row["original"] for row in ROWS["damaged"]} == originals
    layers = [layer for row in ROWS["damaged"] for layer in Channel.parse(row["channel"]).layers]
    assert {layer.decoder for layer in layers} == set(DECODERS)
    assert not any(layer.losses for layer in layers)


def test_fixtures_keep_their_newlines_and_byte_order_marks() -> None:
    for folder, name in (("originals", "adresy.csv"), ("clean", "crlf.txt")):
        data = read(folder, name)
        assert data.count(b"\n") == data.count(b"\r\n") > 0
    for folder, name in (("originals", "cortometraje.es.srt"), ("clean", "bom.txt")):
        assert read(folder, name).startswith(b"\xef\xbb\xbf")
    assert not read("originals", "el.md").endswith(b"\n")


@each_row("lossy")
def test_lossy_fixture_has_lost_bytes(row: dict[str, Any]) -> None:
    lossless = mojibake_fix.damage(
        text_of("originals", row["original"]), without_loss(row["channel"])
    )
    assert text_of("lossy", row["output"]) != lossless


# Damage without loss.


@each_row("damaged")
def test_lossless_damage_comes_back_byte_for_byte(row: dict[str, Any]) -> None:
    observed = read("damaged", row["output"])
    original = read("originals", row["original"])
    assert observed != original
    repaired = mojibake_fix.fix_bytes(observed)
    assert repaired.decode("utf-8").split("\n") == original.decode("utf-8").split("\n")
    assert repaired == original


@each_row("damaged")
def test_spans_of_lossless_damage_say_what_the_repair_does(row: dict[str, Any]) -> None:
    observed = text_of("damaged", row["output"])
    result = mojibake_fix.repair(observed)
    assert result.original is observed
    assert result.text == mojibake_fix.fix_text(observed)
    end, pieces = 0, []
    for span in result.spans:
        assert end <= span.start < span.end
        assert span.observed == observed[span.start : span.end]
        assert span.replacement is not None
        assert mojibake_fix.damage(span.replacement, span.channel) == span.observed
        assert 0 <= span.confidence <= 1
        pieces += [observed[end : span.start], span.replacement]
        end = span.end
    assert "".join([*pieces, observed[end:]]) == result.text


# Clean text.


@each_file(CLEAN)
def test_clean_text_comes_out_as_the_same_object(path: Path) -> None:
    data = path.read_bytes()
    text = data.decode("utf-8")
    result = mojibake_fix.repair(text)
    changes = [(s.observed, s.replacement, str(s.channel)) for s in result.spans if s.replacement]
    assert not changes
    assert result.text is text
    assert mojibake_fix.fix_text(text) is text
    assert mojibake_fix.fix_bytes(data) is data


@each_file(CLEAN)
def test_clean_text_holds_no_span(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert [(span.observed, str(span.channel)) for span in mojibake_fix.detect(text)] == []


# Damage with loss.


@each_row("lossy")
def test_lines_that_lost_nothing_come_back_beside_lines_that_did(row: dict[str, Any]) -> None:
    originals = text_of("originals", row["original"]).split("\n")
    lossless = without_loss(row["channel"])
    observed = text_of("lossy", row["output"])
    repaired = mojibake_fix.repair(observed, uncertain="keep").text.split("\n")
    whole = [
        number
        for number, line in enumerate(observed.split("\n"))
        if not line.isascii() and line == mojibake_fix.damage(originals[number], lossless)
    ]
    assert [repaired[number] for number in whole] == [originals[number] for number in whole]


@each_row("lossy")
def test_lossy_damage_is_found_with_its_channel(row: dict[str, Any]) -> None:
    result = mojibake_fix.repair(text_of("lossy", row["output"]))
    (layer,) = mojibake_fix.Channel.parse(row["channel"]).layers
    found = [span.channel.layers[-1] for span in result.spans if span.channel.layers[-1].losses]
    assert layer.decoder in {one.decoder for one in found}
    assert set(layer.losses) <= {loss for one in found for loss in one.losses}


@each_row("lossy")
def test_every_restored_span_is_proved(row: dict[str, Any]) -> None:
    for span in mojibake_fix.repair(text_of("lossy", row["output"])).spans:
        if span.replacement is None:
            continue
        again = mojibake_fix.damage(span.replacement, span.channel)
        squeezed = mojibake_fix.damage(span.replacement + " ", span.channel) == span.observed + " "
        assert again == span.observed or squeezed


# Lines that come back whole, of those that lost something, at least. All kinds of quotes and dashes
# look alike without their C1 controls, and so do many emoji without a byte.
WHOLE = {"typography.latin-1.c1-dropped.md": 0.15, "emoji.cp1252.dropped.md": 0.5}


@each_row("lossy")
def test_lossy_damage_is_restored_line_by_line(row: dict[str, Any]) -> None:
    observed = text_of("lossy", row["output"]).split("\n")
    originals = text_of("originals", row["original"]).split("\n")
    whole = mojibake_fix.damage("\n".join(originals), without_loss(row["channel"])).split("\n")
    repaired = mojibake_fix.repair("\n".join(observed)).text.split("\n")
    hit = [i for i in range(len(originals)) if observed[i] != whole[i]]
    right = sum(repaired[i] == originals[i] for i in hit)
    assert right / len(hit) >= WHOLE.get(row["output"], 0.75)


# The command.


def test_preview_finds_damage_in_every_damaged_fixture() -> None:
    run = fixmoji("damaged")
    assert run.returncode == 1, run.stderr
    assert [row["output"] for row in ROWS["damaged"] if row["output"] not in run.stdout] == []


@each_row("damaged")
def test_preview_of_one_damaged_fixture_exits_1_and_changes_nothing(row: dict[str, Any]) -> None:
    before = read("damaged", row["output"])
    assert main(["--quiet", str(FIXTURES / "damaged" / row["output"])]) == 1
    assert read("damaged", row["output"]) == before


@pytest.mark.parametrize("folder", ["clean", "originals"])
def test_preview_finds_nothing_in_clean_fixtures(folder: str) -> None:
    run = fixmoji(folder)
    assert run.returncode == 0, run.stdout + run.stderr
    assert [path.name for path in (FIXTURES / folder).iterdir() if path.name in run.stdout] == []
