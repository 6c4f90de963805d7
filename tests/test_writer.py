"""Repaired files are replaced in groups, and reported in order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mojibake_fix import writer
from mojibake_fix.journal import Journal, Replacement
from mojibake_fix.journal.folder import run_ids
from mojibake_fix.report import Outcome
from mojibake_fix.tree import File
from mojibake_fix.writer import Staged, Writer


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FIXMOJI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(writer, "_SECONDS", 1000)
    (tmp_path / "notes").mkdir()
    return tmp_path / "notes"


def staged(folder: Path, name: str) -> Staged:
    path = folder / name
    path.write_bytes(b"old")
    file = File(name, os.path.realpath(path), named=True)
    replacement = Replacement(file, os.stat(path), [(0, b"old", b"new")])
    return Staged(lambda: Outcome(name, "repaired"), replacement)


def told(outcomes: Iterator[Outcome]) -> list[tuple[str, str]]:
    return [(outcome.path, outcome.status) for outcome in outcomes]


def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that will hold how many files were replaced together."""
    sizes: list[int] = []
    replace = Journal.replace

    def counted(self: Journal, replacements: list[Replacement]) -> object:
        sizes.append(len(replacements))
        return replace(self, replacements)

    monkeypatch.setattr(Journal, "replace", counted)
    return sizes


def test_outcomes_come_in_order_and_files_are_replaced_together(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = groups(monkeypatch)
    items = [
        Outcome("0", "clean"),
        staged(notes, "1"),
        Outcome("2", "clean"),
        staged(notes, "3"),
        Outcome("4", "skipped"),
    ]
    with Writer() as one:
        outcomes = one.outcomes(iter(items))
        assert next(outcomes).path == "0"
        assert (notes / "1").read_bytes() == b"old"
        assert told(outcomes) == [
            ("1", "repaired"),
            ("2", "clean"),
            ("3", "repaired"),
            ("4", "skipped"),
        ]
    assert sizes == [2]
    assert [path.read_bytes() for path in sorted(notes.iterdir())] == [b"new", b"new"]
    assert len(Journal.read(run_ids()[0]).records) == 2


@pytest.mark.parametrize(
    ("limit", "value", "expected"),
    [("_FILES", 2, [2, 2, 1]), ("_BYTES", 7, [3, 2]), ("_SECONDS", 0, [1] * 5)],
)
def test_groups_are_bounded(
    notes: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, expected: list[int]
) -> None:
    monkeypatch.setattr(writer, limit, value)
    sizes = groups(monkeypatch)
    with Writer() as one:
        outcomes = told(one.outcomes(staged(notes, str(number)) for number in range(5)))
    assert outcomes == [(str(number), "repaired") for number in range(5)]
    assert sizes == expected
    assert len(run_ids()) == 1


def test_what_cannot_be_replaced_is_an_error_and_the_others_are(notes: Path) -> None:
    items = [staged(notes, name) for name in "abc"]
    (notes / "b").write_bytes(b"somebody else was here")
    with Writer() as one:
        outcomes = list(one.outcomes(items))
    assert told(iter(outcomes)) == [("a", "repaired"), ("b", "error"), ("c", "repaired")]
    assert "changed while it was being repaired" in outcomes[1].message
    assert (notes / "b").read_bytes() == b"somebody else was here"


def test_nothing_follows_when_the_journal_cannot_be_written(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_FILES", 2)
    (notes.parent / "state").write_bytes(b"a file in the place of the folder")
    seen: list[str] = []

    def items() -> Iterator[Outcome | Staged]:
        for name in "abcd":
            seen.append(name)
            yield Outcome(name, "clean") if name == "b" else staged(notes, name)

    with Writer() as one:
        assert told(one.outcomes(items())) == [("a", "error"), ("b", "clean")]
    assert seen == ["a", "b", "c"]
    assert {path.read_bytes() for path in notes.iterdir()} == {b"old"}


def test_what_waits_is_left_when_the_run_is_interrupted(notes: Path) -> None:
    def items() -> Iterator[Staged]:
        yield staged(notes, "a")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Writer() as one:
        list(one.outcomes(items()))
    assert (notes / "a").read_bytes() == b"old"
    assert run_ids() == []
