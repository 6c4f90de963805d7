"""What is published: the repository as a source distribution, no more than needed as a wheel."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePath

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What is for those who work on the repository itself.
NOT_PUBLISHED = {".ci/run", ".editorconfig", ".gitignore", ".pre-commit-config.yaml"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
    pytest.mark.skipif(importlib.util.find_spec("build") is None, reason="build is not installed"),
]


def tracked() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in done.stdout.split("\n") if path and (ROOT / path).exists()]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with both distributions; the wheel is built from the other one."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("dist")
    for path in tracked():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, copy / path)
    subprocess.run([sys.executable, "-m", "build", "-o", str(out), str(copy)], check=True)
    return out


def test_a_source_distribution_holds_the_repository(dist: Path) -> None:
    (archive,) = dist.glob("*.tar.gz")
    with tarfile.open(archive) as sources:
        names = {name.partition("/")[2] for name in sources.getnames()}
    assert {path for path in tracked() if path not in names} == NOT_PUBLISHED


def test_a_wheel_holds_the_package_without_the_sources_of_its_core(dist: Path) -> None:
    (archive,) = dist.glob("*.whl")
    with zipfile.ZipFile(archive) as wheel:
        names = {PurePath(name) for name in wheel.namelist()}
    package = {name for name in names if name.parts[0] == "mojibake_fix"}
    assert {name.suffix for name in package} <= {
        *(".py", ".pyi", ".typed", ".so", ".pyd", ".bin", ".md", ".css", ".js", ".html", "")
    }
    for path in tracked():
        if path.startswith("src/") and "/_core/" not in path:
            assert PurePath(path).relative_to("src") in package


def test_a_wheel_works_by_itself(dist: Path, tmp_path: Path) -> None:
    (archive,) = dist.glob("*.whl")
    with zipfile.ZipFile(archive) as wheel:
        wheel.extractall(tmp_path)
    code = "import mojibake_fix as m; print(m.__file__, m.fix_text('named â€œJolly Jokerâ€ and'))"
    command = [
        sys.executable,
        "-X",
        "utf8",
        "-S",
        "-c",
        f"import sys; sys.path[:0] = ['.']; {code}",
    ]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout.startswith(str(tmp_path))
    assert done.stdout.endswith("named “Jolly Joker” and\n")
