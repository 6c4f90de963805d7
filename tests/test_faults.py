"""Whatever fails, and whenever it ends: old file or new file, never a third thing, and no litter.

Every system call that concerns the files is made to fail, or is the last one before the process is
killed, one by one: see `faulty.py`.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent

DAMAGED = "KÃ¶ln und MalmÃ¶, cafÃ©\n".encode()
ORIGINAL = "Köln und Malmö, café\n".encode()

CONTENTS = ("write", "undo", "after-death", "large", "undo-large", "large-after-death")
NAMES = ("names", "undo-names", "linked-names", "undo-linked-names")
ERRORS = ("EIO", "ENOSPC", "EACCES", "EINTR", "EDQUOT")

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if not sys.platform.startswith("linux") or compiler is None:
        pytest.skip("faults need Linux and a C compiler")
    target = tmp_path_factory.mktemp("faults") / "faults.so"
    warnings = ("-std=c11", "-Wall", "-Wextra", "-Werror")
    source = HERE / "c" / "faults.c"
    command = [compiler, *warnings, "-O1", "-fPIC", "-shared", source, "-o", target, "-ldl"]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if run.returncode and "error: " not in run.stderr.replace("-Werror", ""):
        pytest.skip("no shared libraries with this compiler")
    assert run.returncode == 0, run.stderr
    return target


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return a folder in memory if there is such a thing, for the disk itself is not tested."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Path(name)


def run_with_faults(
    library: Path,
    folder: Path,
    scenario: str,
    plan: str,
    *,
    errors: tuple[str, ...] = ("EIO",),
    every: int = 1,
) -> dict[str, Any]:
    job = {"scenario": scenario, "plan": plan, "errors": errors, "every": every}
    run = subprocess.run(
        [sys.executable, HERE / "faulty.py", library, folder],
        input=json.dumps(job),
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "LD_PRELOAD": str(library)},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    result: dict[str, Any] = json.loads(run.stdout)
    print(f"{scenario}, {plan}: {result['faults']} faults at {sum(result['calls'].values())} calls")
    return result


@pytest.mark.parametrize("scenario", CONTENTS + NAMES)
@pytest.mark.parametrize(("plan", "every"), [("each", 17), ("kill", 19), ("onwards", 31)])
def test_some_faults_lose_nothing(
    library: Path, folder: Path, scenario: str, plan: str, every: int
) -> None:
    result = run_with_faults(library, folder, scenario, plan, every=every)
    assert result["problems"] == []
    assert result["faults"] > 2
    assert {"open", "write", "fsync", "close", "flock"} <= result["calls"].keys()
    assert {"rename", "renameat2", "linkat"} & result["calls"].keys()


@pytest.mark.slow
@pytest.mark.parametrize("scenario", CONTENTS + NAMES)
@pytest.mark.parametrize("plan", ["each", "onwards", "kill", "pairs", "fail-kill"])
def test_no_fault_loses_anything(library: Path, folder: Path, scenario: str, plan: str) -> None:
    errors = ERRORS if plan == "each" else ERRORS[:1]
    result = run_with_faults(library, folder, scenario, plan, errors=errors)
    assert result["problems"] == []
    assert result["faults"] >= len(errors) * sum(result["calls"].values())


@pytest.mark.parametrize("scenario", CONTENTS)
def test_half_reads_and_writes_are_carried_on(library: Path, folder: Path, scenario: str) -> None:
    assert run_with_faults(library, folder, scenario, "short")["problems"] == []


@pytest.mark.parametrize("scenario", ["write", "large"])
def test_everything_is_on_the_disk_before_what_relies_on_it(
    library: Path, folder: Path, scenario: str
) -> None:
    log = run_with_faults(library, folder, scenario, "short")["log"]
    flushed: set[str] = set()
    replaced = 0
    folders: set[str] = set()
    for call in log:
        name, _, path = call.partition(" ")
        path = os.path.normpath(path)
        if name == "write":
            flushed.discard(path)
        elif name == "fsync":
            flushed.add(path)
            folders.discard(path)
        elif name == "rename":
            source, target = path.split("\n")
            [journal] = {path for path in flushed if path.endswith(".journal")}
            assert source in flushed
            assert os.path.dirname(journal) in flushed
            folders.add(os.path.dirname(target))
            replaced += 1
    assert replaced == 2
    assert folders == set()


# Real processes


def fixmoji(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mojibake_fix", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", check=False)


def start(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mojibake_fix", *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def put_notes(folder: Path, count: int) -> dict[str, bytes]:
    """Write damaged notes; return them by name, and so that each is its own."""
    files = {f"{number:03}.md": b"%d " % number + DAMAGED * 9 for number in range(count)}
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return files


def repaired(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data.replace(DAMAGED, ORIGINAL) for name, data in files.items()}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def undo_all(folder: Path) -> None:
    for _ in range(500):
        done = fixmoji("--undo", cwd=folder)
        assert done.returncode == 0, done.stderr
        if "nothing to undo" in done.stderr:
            return
    raise AssertionError("there is no end to it")


@needs_posix
def test_runs_at_once_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIXMOJI_STATE_DIR", str(tmp_path / "state"))
    notes = tmp_path / "notes"
    files = put_notes(notes, 120)
    running = [start("--write", cwd=notes) for _ in range(3)]
    for process in running:
        _, err = process.communicate(timeout=120)
        assert process.returncode in (0, 2), err
        errors = [line for line in err.splitlines() if line.startswith("error:")]
        assert (process.returncode == 2) == bool(errors)
        assert all("changed while it was being repaired" in line for line in errors), err
    assert contents(notes) == repaired(files)
    undo_all(notes)
    assert contents(notes) == files


def kill_until_done(notes: Path, *arguments: str, seed: int, large: bool = False) -> int:
    """Run the command until it ends by itself, and kill it sooner or later; return how often."""
    chance = random.Random(seed)
    wait, growth, killed = (1.0, 1.1, 0) if large else (0.05, 1.03, 0)
    while True:
        process = start(*arguments, cwd=notes)
        time.sleep(chance.uniform(0, wait))
        process.send_signal(signal.SIGKILL)
        _, err = process.communicate(timeout=120)
        if process.returncode == 0:
            return killed
        assert process.returncode == -signal.SIGKILL, err
        killed += 1
        wait *= growth


def assert_kills_lose_nothing(notes: Path, files: dict[str, bytes], seed: int, large: bool) -> None:
    """Write and undo, killed sooner or later until both are done."""
    killed = kill_until_done(notes, "--write", seed=seed, large=large)
    assert contents(notes) == repaired(files)
    for run in fixmoji("--undo", "--list", cwd=notes).stdout.splitlines():
        kill_until_done(notes, "--undo", run.partition(":")[0], seed=seed, large=large)
    undo_all(notes)
    assert contents(notes) == files
    assert killed > 3


@needs_posix
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_kill_at_any_time_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("FIXMOJI_STATE_DIR", str(tmp_path / "state"))
    notes = tmp_path / "notes"
    assert_kills_lose_nothing(notes, put_notes(notes, 60), seed, large=False)


@needs_posix
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_kill_while_a_large_file_is_dealt_with_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("FIXMOJI_STATE_DIR", str(tmp_path / "state"))
    notes = tmp_path / "notes"
    files = put_notes(notes, 1) | {"large.md": (ORIGINAL * 1200 + DAMAGED) * 340}
    (notes / "large.md").write_bytes(files["large.md"])
    assert len(files["large.md"]) > 8 << 20
    assert_kills_lose_nothing(notes, files, seed, large=True)
