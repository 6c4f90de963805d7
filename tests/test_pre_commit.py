"""The hooks, run by the real pre-commit on real git repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

DAMAGED = "KÃ¶ln und MalmÃ¶, cafÃ©\n"
ORIGINAL = "Köln und Malmö, café\n"
FILLER = "".join(f"line {number}\n" for number in range(30))

CONFIG = """\
repos:
  - repo: {repository}
    rev: {revision}
    hooks:
      - id: {hook}
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
    pytest.mark.skipif(
        subprocess.run(
            [sys.executable, "-m", "pre_commit", "--version"], capture_output=True, check=False
        ).returncode
        != 0,
        reason="pre-commit is not installed",
    ),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of all commands, without settings of the machine and the user."""
    home = tmp_path_factory.mktemp("home")
    git = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return git | {
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PRE_COMMIT_COLOR": "never",
        "XDG_STATE_HOME": str(home / "state"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """Return a repository with this package as it is, committed or not."""
    repository = tmp_path_factory.mktemp("hooks")
    unwanted = shutil.ignore_patterns("*.so", "*.pyd", "__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", repository / "src", ignore=unwanted)
    for name in ("pyproject.toml", "LICENSE", "README.md", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, repository)
    project = Project(repository, environment)
    project.git("init", "-q")
    project.git("add", "-A")
    project.git("commit", "-qm", "all")
    return repository


class Project:
    """A repository with notes."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._environment = environment

    def run(self, *command: str, status: int = 0) -> str:
        """Run a command, and return what it says."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=600,
        )
        assert done.returncode == status, done.stdout
        return done.stdout

    def git(self, *words: str, status: int = 0) -> str:
        return self.run("git", *words, status=status)

    def pre_commit(self, *words: str, status: int = 0) -> str:
        return self.run(sys.executable, "-m", "pre_commit", *words, status=status)

    def put(self, name: str, content: str | bytes) -> None:
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode()

    def staged(self, name: str) -> str:
        return self.git("show", f":{name}")

    def use(self, hooks: Path, hook: str) -> None:
        """Have every commit checked by a hook."""
        revision = self.git("-C", str(hooks), "rev-parse", "HEAD").strip()
        config = CONFIG.format(repository=hooks.as_uri(), revision=revision, hook=hook)
        self.put(".pre-commit-config.yaml", config)
        self.git("add", ".pre-commit-config.yaml")
        self.git("commit", "-qm", "use hook", "--no-verify")
        self.pre_commit("install")


@pytest.fixture
def project(tmp_path: Path, environment: dict[str, str]) -> Project:
    result = Project(tmp_path, environment)
    result.git("init", "-q")
    return result


@pytest.fixture
def repaired_by_hook(project: Project, hooks: Path) -> Project:
    project.use(hooks, "fixmoji")
    return project


def test_try_repo_repairs_and_then_passes(project: Project, hooks: Path) -> None:
    project.put("a.md", DAMAGED)
    project.put("b.md", FILLER)
    project.put("c.png", b"\x89PNG\r\n\x1a\n\0\0")
    project.git("add", "-A")
    shown = project.pre_commit("try-repo", str(hooks), "fixmoji", "--all-files", status=1)
    assert "files were modified by this hook" in shown
    assert "a.md: 3 spans repaired" in shown
    assert project.read("a.md") == ORIGINAL
    project.git("add", "-A")
    shown = project.pre_commit("try-repo", str(hooks), "fixmoji", "--all-files")
    assert "Passed" in shown
    assert "clean" not in shown


def test_check_fails_and_changes_nothing(project: Project, hooks: Path) -> None:
    project.use(hooks, "fixmoji-check")
    project.put("a.md", DAMAGED)
    project.git("add", "-A")
    shown = project.git("commit", "-m", "damaged", status=1)
    assert "a.md:1:2: KÃ¶ln und MalmÃ¶, cafÃ© → Köln und Malmö, café" in shown
    assert "files were modified" not in shown
    assert project.read("a.md") == project.staged("a.md") == DAMAGED
    project.put("a.md", ORIGINAL)
    project.git("add", "-A")
    project.git("commit", "-m", "clean")


def test_commit_of_damage_is_stopped_and_goes_through_when_the_repair_is_added(
    repaired_by_hook: Project,
) -> None:
    project = repaired_by_hook
    project.put("a.md", DAMAGED)
    project.git("add", "-A")
    project.git("commit", "-m", "damaged", status=1)
    assert (project.read("a.md"), project.staged("a.md")) == (ORIGINAL, DAMAGED)
    project.git("add", "-A")
    project.git("commit", "-m", "repaired")
    assert project.git("show", "HEAD:a.md") == ORIGINAL


def test_excluded_files_are_left_though_they_are_named(repaired_by_hook: Project) -> None:
    project = repaired_by_hook
    project.put("pyproject.toml", "[tool.fixmoji]\nextend-exclude = ['/samples/']\n")
    project.put("samples/a.md", DAMAGED)
    project.git("add", "-A")
    project.git("commit", "-m", "samples")
    assert project.git("show", "HEAD:samples/a.md") == DAMAGED


def test_changes_that_are_not_staged_are_kept_beside_the_repair(repaired_by_hook: Project) -> None:
    project = repaired_by_hook
    project.put("a.md", "first\n" + FILLER + "last\n")
    project.put("b.md", "b\n")
    project.git("add", "-A")
    project.git("commit", "-m", "clean")
    project.put("a.md", DAMAGED + FILLER + "last\n")
    project.git("add", "a.md")
    project.put("a.md", DAMAGED + FILLER + "not staged, and damaged: cafÃ©\n")
    project.put("b.md", "not staged\n")
    project.put("c.md", "not known: cafÃ©\n")
    project.git("commit", "-m", "damaged", status=1)
    assert project.staged("a.md") == DAMAGED + FILLER + "last\n"
    assert project.read("a.md") == ORIGINAL + FILLER + "not staged, and damaged: cafÃ©\n"
    assert project.read("b.md") == "not staged\n"
    assert project.read("c.md") == "not known: cafÃ©\n"


def test_repair_that_conflicts_with_what_is_not_staged_is_taken_back(
    repaired_by_hook: Project,
) -> None:
    project = repaired_by_hook
    project.put("a.md", DAMAGED)
    project.git("add", "a.md")
    project.put("a.md", "rewritten, not staged: cafÃ©\n")
    shown = project.git("commit", "-m", "damaged", status=1)
    assert "Rolling back fixes" in shown
    assert project.staged("a.md") == DAMAGED
    assert project.read("a.md") == "rewritten, not staged: cafÃ©\n"


def test_staged_damage_that_the_working_file_no_longer_has_is_found(
    repaired_by_hook: Project,
) -> None:
    project = repaired_by_hook
    project.put("a.md", DAMAGED)
    project.git("add", "a.md")
    project.put("a.md", ORIGINAL)
    project.git("commit", "-m", "damaged", status=1)
    assert (project.read("a.md"), project.staged("a.md")) == (ORIGINAL, DAMAGED)
