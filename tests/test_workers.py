"""Repair in several processes: the same results, and nothing left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mojibake_fix import workers
from mojibake_fix.arguments import parse
from mojibake_fix.config import Configuration, Settings
from mojibake_fix.workers import Change, Workers, change

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
DAMAGED = "KÃ¶ln und MalmÃ¶, cafÃ©\n"
ORIGINAL = "Köln und Malmö, café\n"

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")
needs_fork = pytest.mark.skipif(
    multiprocessing.get_start_method() != "fork", reason="patches reach forked processes only"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Configuration(parse(["--isolated"]), lambda *_: None).settings(str(tmp_path))
    assert found is not None
    return found


def in_a_worker() -> bool:
    return multiprocessing.parent_process() is not None


def only_in_a_worker(action: Callable[[], object]) -> Callable[..., Change]:
    """Return a `change` that first does something, but not in the process of the tests."""

    def changed(text: str, *rest: Any) -> Change:
        if in_a_worker():
            action()
        return change(text, *rest)

    changed.__module__, changed.__qualname__ = workers.__name__, "change"  # as pickle looks for it
    return changed


# What becomes of a text


def test_change_repairs_and_then_normalizes() -> None:
    found = change(DAMAGED + "…", "guess", 0.9, ("nfc", "ellipsis"))
    assert found.repair.text == ORIGINAL + "…"
    assert found.text == ORIGINAL + "..."
    assert found.forms == ("ellipsis",)


def test_change_of_a_clean_text_is_the_text() -> None:
    text = "schön"
    found = change(text, "guess", 0.9, ("nfc",))
    assert (found.text, found.forms, found.repair.spans) == (text, (), ())


# Where it is computed


def test_results_are_the_same_in_other_processes(settings: Settings) -> None:
    texts = [DAMAGED * count for count in range(1, 30)]
    with Workers(jobs=3) as others:
        jobs = [others.start(text, settings) for text in texts]
        results = [job.result() for job in jobs]
    assert [job.size for job in jobs] == [len(text) for text in texts]
    assert [result.text for result in results] == [ORIGINAL * count for count in range(1, 30)]
    here = change(texts[-1], "guess", 0.9, ())
    assert results[-1].repair == here.repair
    assert multiprocessing.active_children() == []


def test_one_job_stays_in_this_process(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_PATIENCE", 0)
    with Workers(jobs=1) as none:
        job = none.start(DAMAGED, settings)
        assert job.done
        assert multiprocessing.active_children() == []
        assert job.result().text == ORIGINAL


def test_other_processes_are_started_only_when_it_takes_long(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_processors", lambda: 2)
    now = [0.0]
    monkeypatch.setattr(workers, "monotonic", lambda: now[0])

    def slow(*arguments: Any) -> Change:
        now[0] += 0.2
        return change(*arguments)

    monkeypatch.setattr(workers, "change", slow)
    with Workers() as others:
        for _ in range(2):
            others.start(DAMAGED, settings).result()
            assert multiprocessing.active_children() == []
        monkeypatch.setattr(workers, "change", change)
        assert others.start(DAMAGED, settings).result().text == ORIGINAL
        assert len(multiprocessing.active_children()) > 0
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("error", [ImportError, NotImplementedError, PermissionError])
def test_without_other_processes_this_one_does_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refuse(_: object) -> None:
        raise error

    monkeypatch.setattr(Workers, "_started", refuse)
    with Workers(jobs=2) as others:
        assert others.start(DAMAGED, settings).result().text == ORIGINAL


@needs_fork
def test_what_an_ended_process_had_is_done_in_this_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "change", only_in_a_worker(lambda: os._exit(9)))
    with Workers(jobs=2) as others:
        jobs = [others.start(DAMAGED * count, settings) for count in (1, 2, 3)]
        assert [job.result().text for job in jobs] == [ORIGINAL * count for count in (1, 2, 3)]
        assert others.start(DAMAGED, settings).result().text == ORIGINAL


def exhaust() -> None:
    raise MemoryError


@needs_fork
def test_want_of_memory_in_another_process_is_told_here(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "change", only_in_a_worker(exhaust))
    with Workers(jobs=2) as others, pytest.raises(MemoryError):
        others.start(DAMAGED, settings).result()


@needs_fork
def test_an_error_ends_the_other_processes_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "change", only_in_a_worker(lambda: time.sleep(60)))
    start = time.monotonic()

    def interrupted() -> None:
        with Workers(jobs=2) as others:
            others.start(DAMAGED, settings)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert multiprocessing.active_children() == []
    assert time.monotonic() - start < 30


# The command


def fixmoji(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "mojibake_fix", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)


@pytest.mark.parametrize("words", [["--verbose"], ["--diff"], ["--format=json"]])
def test_output_does_not_depend_on_the_number_of_processes(
    tmp_path: Path, words: list[str]
) -> None:
    for number in range(20):
        (tmp_path / f"{number}.md").write_text(DAMAGED * (20 - number), encoding="utf-8")
    (tmp_path / "10a.md").write_bytes(b"\xff")
    (tmp_path / "11a.md").write_bytes(b"clean")
    (tmp_path / "12").mkdir()
    (tmp_path / "12" / ".fixmoji.toml").write_text("wrong = 1", encoding="utf-8")
    words = [*words, ".", "gone"]
    one, two = fixmoji(tmp_path, *words, "-j1"), fixmoji(tmp_path, *words, "-j2")
    assert one.returncode == two.returncode == 2
    assert one.stdout == two.stdout
    assert one.stderr == two.stderr
    assert len(one.stdout) > 1000


def test_files_are_written_by_several_processes_as_by_one(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / f"{number}.md").write_text(DAMAGED * 9, encoding="utf-8")
    done = fixmoji(tmp_path, "--write", "--jobs=2")
    assert (done.returncode, done.stdout.count(b"27 spans repaired")) == (0, 10)
    for number in range(10):
        assert (tmp_path / f"{number}.md").read_text(encoding="utf-8") == ORIGINAL * 9


def slow_command(folder: Path) -> tuple[subprocess.Popen[bytes], set[int]]:
    """Start the command with two other processes that sleep, and return it and their numbers."""
    for number in range(6):
        (folder / f"{number}.md").write_text(DAMAGED, encoding="utf-8")
    script = (
        "import os, sys, signal, time; signal.signal(2, signal.default_int_handler)\n"
        "from mojibake_fix import workers, cli\n"
        "def sleep(*_):\n    os.write(1, b'%d\\n' % os.getpid()); time.sleep(60)\n"
        "workers.change = sleep; sys.exit(cli.main(['--write', '--jobs=2']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    return process, {int(process.stdout.readline()) for _ in range(2)}


def wait_for_end(numbers: set[int]) -> None:
    deadline = time.monotonic() + 30
    for number in numbers:
        while Path(f"/proc/{number}").exists():
            assert time.monotonic() < deadline, f"process {number} is still there"
            time.sleep(0.05)


@needs_posix
@needs_fork
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_no_process_outlives_the_command(tmp_path: Path, number: int, status: int) -> None:
    process, others = slow_command(tmp_path)
    with process:
        assert len(others) == 2
        process.send_signal(number)
        assert process.wait(timeout=30) == status
        wait_for_end(others)
        assert process.stderr is not None
        error = process.stderr.read()
    assert error == (b"fixmoji: interrupted\n" if number == signal.SIGINT else b"")
    assert all(path.read_text(encoding="utf-8") == DAMAGED for path in tmp_path.iterdir())


@needs_posix
def test_reader_that_goes_away_ends_the_other_processes(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}.md").write_text(DAMAGED, encoding="utf-8")
    command = [sys.executable, "-m", "mojibake_fix", "-v", "-j2"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
