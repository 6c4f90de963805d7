"""The C core by itself, without Python: with every warning, and under the sanitizers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "src" / "mojibake_fix" / "_core"
CORE_PROGRAM = Path(__file__).resolve().parent / "c" / "test_core.c"
SIEVE_PROGRAM = CORE_PROGRAM.with_name("test_sieve.c")

WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion")
SANITIZERS = ("-O1", "-g", "-pthread", "-fno-sanitize-recover=all")

# The files of the binding are the only ones that need Python.
SOURCES = sorted(path for path in CORE.glob("*.c") if not path.name.startswith("_"))


def compiler() -> str:
    found = shutil.which(os.environ.get("CC", "cc"))
    if sys.platform == "win32" or found is None:
        pytest.skip("no C compiler that is called as cc is")
    return found


def compile_to(target: Path, *arguments: str | Path) -> None:
    run = subprocess.run(
        [compiler(), *WARNINGS, *arguments, "-o", target],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    assert run.returncode == 0, run.stderr


def programs(folder: Path, sanitizers: str) -> dict[str, Path]:
    """Compile the core and its programs, by name, under these sanitizers."""
    flags = (*SANITIZERS, f"-fsanitize={sanitizers}")
    probe = folder / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    try:
        compile_to(folder / "probe", *flags, probe)
        subprocess.run([folder / "probe"], check=True, capture_output=True)
    except (AssertionError, OSError, subprocess.CalledProcessError):
        pytest.skip(f"the compiler has no sanitizers for {sanitizers}")
    objects = []
    for source in SOURCES:
        target = folder / f"{source.stem}.o"
        # Memory for the list of edits comes from the program, which can refuse it.
        refusing = ["-Drealloc=test_realloc"] if source.name == "edits.c" else []
        compile_to(target, *flags, *refusing, f"-I{CORE}", "-c", source)
        objects.append(target)
    for program in (CORE_PROGRAM, SIEVE_PROGRAM):
        compile_to(folder / program.stem, *flags, f"-I{CORE}", *objects, program, "-lm")
    return {program.stem: folder / program.stem for program in (CORE_PROGRAM, SIEVE_PROGRAM)}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return programs(tmp_path_factory.mktemp("core"), "address,undefined")


def run(program: Path, argument: str | Path) -> None:
    run = subprocess.run(
        [program, argument],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=900,
    )
    assert run.returncode == 0, run.stderr[-4000:]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_sources_need_no_python_and_have_no_warnings(source: Path, tmp_path: Path) -> None:
    compile_to(tmp_path / "object.o", "-O3", f"-I{CORE}", "-c", source)
    assert "Python.h" not in source.read_text(encoding="utf-8")


def test_core_holds_on_fixed_and_random_texts(checked: dict[str, Path]) -> None:
    run(checked["test_core"], "5000")


@pytest.mark.slow
def test_core_holds_on_many_random_texts(checked: dict[str, Path]) -> None:
    run(checked["test_core"], "200000")


def test_threads_judge_as_one_does(checked: dict[str, Path], tmp_path: Path) -> None:
    run(checked["test_sieve"], tmp_path)


@pytest.mark.slow
def test_threads_do_not_race(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    run(programs(tmp_path_factory.mktemp("threads"), "thread")["test_sieve"], tmp_path)
