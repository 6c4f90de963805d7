"""Files that are called clean before anyone asks: only those that are, in order, whoever looks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mojibake_fix import _core, _ways, cli, model
from mojibake_fix._prior import PRIOR
from mojibake_fix._ways import load_ways
from mojibake_fix.document import HEAD, PAGE
from mojibake_fix.sift import sifted

CLEAN = "Köln und Malmö, “Zitate” – 你好，世界。\n".encode()
UNSETTLED = "Seleccioneu «Sí» per a continuar.\n".encode()
DAMAGED = "KÃ¶ln und MalmÃ¶, cafÃ©\n".encode()

# What a file holds, and whether it is clean beyond doubt.
CASES = {
    "nothing": (b"", True),
    "ascii": (b"plain\r\ntext", True),
    "clean": (CLEAN, True),
    "a sign that the core refutes": ("Корисник бира иё.\n".encode(), True),
    "a sign that the model refutes": (UNSETTLED, True),
    "byte order mark": (b"\xef\xbb\xbf" + CLEAN, True),
    "NUL far behind": (b"x" * 8192 + b"\0", True),
    "NUL": (b"x" * 8191 + b"\0", False),
    "damaged": (DAMAGED, False),
    "damaged at its end": (CLEAN * 500 + DAMAGED, False),
    "escaped damage": (rb'{"name": "K\u00c3\u00b6ln"}', False),
    "latin-1": ("Köln".encode("latin-1"), False),
    "cut off": ("Köln".encode()[:2], False),
    "UTF-16": (CLEAN.decode().encode("utf-16"), False),
    "UTF-16 without a mark": ("plain".encode("utf-16-le"), False),
    "a report": (PAGE + b"<p>", False),
    "large": (CLEAN * 30_000, False),
}


def found(paths: list[str | None], threads: int) -> list[tuple[str | None, bool]]:
    runs = sifted(paths, lambda path: path, threads)
    return [(path, are_clean) for run, are_clean in runs for path in run]


@pytest.mark.parametrize("case", CASES)
def test_only_what_is_clean_is_called_so(tmp_path: Path, case: str) -> None:
    data, is_clean = CASES[case]
    path = tmp_path / "notes.md"
    path.write_bytes(data)
    assert found([str(path)], 0) == [(str(path), is_clean)]


def test_what_is_no_file_is_not_called_clean(tmp_path: Path) -> None:
    (tmp_path / "clean").write_bytes(CLEAN)
    paths: list[str | None] = [str(tmp_path), str(tmp_path / "missing"), None]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        os.symlink("clean", tmp_path / "link")
        paths += [str(tmp_path / "pipe"), str(tmp_path / "link")]
    assert found(paths, 0) == [(path, False) for path in paths]


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 64 * 5, 64 * 9 + 1])
@pytest.mark.parametrize("threads", [0, 1, 3])
def test_items_come_in_order_each_with_its_own_verdict(
    tmp_path: Path, count: int, threads: int
) -> None:
    expected: list[tuple[str | None, bool]] = []
    for number in range(count):
        path = tmp_path / f"{number}.md"
        is_clean = number % 3 > 0
        path.write_bytes(CLEAN if is_clean else DAMAGED)
        is_asked = number % 7 > 0
        expected.append((str(path), is_clean) if is_asked else (None, False))
    assert found([path for path, _ in expected], threads) == expected


def test_items_are_not_asked_for_long_before_they_are_of_use(tmp_path: Path) -> None:
    asked = 0

    def items() -> Iterator[str | None]:
        nonlocal asked
        for asked in range(1, 10_000):  # noqa: B007 - what is counted is how far it goes
            yield None

    next(sifted(items(), lambda path: path, 2))
    assert asked < 1000


def test_without_a_model_the_verdicts_are_careful(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "clean.md"
    path.write_bytes(UNSETTLED)
    paths: list[str | None] = [str(path)] * 3
    assert found(paths, 0) == [(str(path), True)] * 3

    def refuse() -> None:
        raise model.ModelError("no language model")

    monkeypatch.setattr(_ways, "load", refuse)
    monkeypatch.setattr(_ways, "_loaded", [])
    assert found(paths, 0) == [(str(path), False)] * 3


def test_threads_end_with_whoever_asked(tmp_path: Path) -> None:
    path = tmp_path / "clean.md"
    path.write_bytes(CLEAN)
    tasks = Path("/proc/self/task")
    if not tasks.exists():
        pytest.skip("the system does not tell of threads")
    before = len(list(tasks.iterdir()))
    verdicts = sifted([str(path)] * 5000, lambda path: path, 3)
    next(verdicts)
    verdicts.close()
    assert len(list(tasks.iterdir())) == before


def test_a_closed_sieve_takes_nothing(tmp_path: Path) -> None:
    sieve = _core.Sieve(PAGE, HEAD, PRIOR, 1)
    sieve.add([str(tmp_path), None])
    assert sieve.verdicts() == b"\0\0"
    with pytest.raises(LookupError):
        sieve.verdicts()
    with pytest.raises(TypeError):
        sieve.add([1])  # type: ignore[list-item]
    sieve.add([None])
    sieve.close()
    sieve.close()
    with pytest.raises(LookupError):
        sieve.verdicts()
    with pytest.raises(TypeError):
        sieve.add([None])
    with pytest.raises(TypeError):
        sieve.judge(str(tmp_path), load_ways())


@pytest.mark.parametrize(
    "arguments",
    [(), (PAGE, -1, PRIOR, 1), ("page", 1, PRIOR, 1), (PAGE, 1, (), 1), (PAGE, 1, PRIOR, -1)],
)
def test_wrong_arguments_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        _core.Sieve(*arguments)  # type: ignore[arg-type]


def test_the_command_says_the_same_of_many_files_as_of_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(6):  # more files than a thread is given
        for name, (data, _) in CASES.items():
            if name != "large" or number == 0:
                Path(f"{number:02} {name}.md").write_bytes(data)
    paths = sorted(path.name for path in tmp_path.iterdir())
    each = []
    for path in paths:
        cli.main(["--isolated", "--format", "json", "--verbose", path])
        each += capsys.readouterr().out.splitlines()[1:-1]
    assert cli.main(["--isolated", "--format", "json", "--verbose", *paths]) == cli.ERROR
    together = capsys.readouterr().out.splitlines()
    assert together[1:-1] == each
