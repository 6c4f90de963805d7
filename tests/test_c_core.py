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
PROGRAM = Path(__file__).resolve().parent / "c" / "test_core.c"

WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion")
SANITIZERS = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")

# The two files of the binding are the only ones that need Python.
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


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("core")
    probe = folder / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    try:
        compile_to(folder / "probe", *SANITIZERS, probe)
        subprocess.run([folder / "probe"], check=True, capture_output=True)
    except (AssertionError, OSError, subprocess.CalledProcessError):
        pytest.skip("the compiler has no address and undefined behaviour sanitizers")
    objects = []
    for source in [*SOURCES, PROGRAM]:
        target = folder / f"{source.stem}.o"
        # Memory for the list of edits comes from the program, which can refuse it.
        refusing = ["-Drealloc=test_realloc"] if source.name == "edits.c" else []
        compile_to(target, *SANITIZERS, *refusing, f"-I{CORE}", "-c", source)
        objects.append(target)
    compile_to(folder / "test_core", *SANITIZERS, *objects, "-lm")
    return folder / "test_core"


def run_rounds(program: Path, rounds: int) -> None:
    run = subprocess.run(
        [program, str(rounds)],
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


def test_core_holds_on_fixed_and_random_texts(program: Path) -> None:
    run_rounds(program, 5_000)


@pytest.mark.slow
def test_core_holds_on_many_random_texts(program: Path) -> None:
    run_rounds(program, 200_000)
