"""Which files are looked at, and how one is replaced."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from mojibake_fix import tree
from mojibake_fix.arguments import parse
from mojibake_fix.config import Configuration
from mojibake_fix.document import BinaryError
from mojibake_fix.tree import File, find_files, read_file

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def make(folder: Path, *paths: str, text: str = "x") -> None:
    for path in paths:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")


def found(*paths: str | Path, options: Sequence[str] = ()) -> list[str]:
    """Return the paths shown, with `/`; none may fail."""
    problems: list[tuple[str, str]] = []
    names = [str(path) for path in paths]
    files = find_files(names, configuration(*options), lambda *problem: problems.append(problem))
    shown = [file.path.replace(os.sep, "/") for file, _ in files]
    assert problems == []
    return shown


def configuration(*options: str) -> Configuration:
    return Configuration(parse(options), fail)


def fail(path: str, message: str) -> None:
    raise AssertionError(f"{path}: {message}")


def named(path: Path) -> File:
    return File(str(path), os.path.realpath(path), named=True)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_files_come_sorted_by_path(here: Path) -> None:
    make(here, "b.md", "a/z.md", "a/b/c.md", "é.md", "a.md", "B.md")
    assert found(".") == ["B.md", "a/b/c.md", "a/z.md", "a.md", "b.md", "é.md"]


def test_paths_are_shown_as_they_were_given(here: Path) -> None:
    make(here, "notes/a.md", "notes/b.md")
    assert found("notes") == ["notes/a.md", "notes/b.md"]
    assert found("notes/") == ["notes/a.md", "notes/b.md"]
    assert found(here / "notes") == [f"{here.as_posix()}/notes/{name}.md" for name in "ab"]


def test_arguments_keep_their_order_and_no_file_comes_twice(here: Path) -> None:
    make(here, "a.md", "b/c.md")
    assert found("b", "a.md", ".", "b/c.md", "a.md") == ["b/c.md", "a.md"]


def test_a_named_file_is_known_as_such_even_when_a_folder_brings_it(here: Path) -> None:
    make(here, "a.md", "b.md")
    files = find_files([".", "a.md"], configuration(), lambda *_: None)
    assert [(file.path, file.named) for file, _ in files] == [("a.md", True), ("b.md", False)]


def test_hidden_names_are_for_the_named_only(here: Path) -> None:
    make(here, ".hidden.md", ".folder/a.md", "b.md")
    assert found(".") == ["b.md"]
    assert found(".hidden.md", ".folder") == [".hidden.md", ".folder/a.md"]


@needs_posix
def test_links_are_for_the_named_only(here: Path) -> None:
    make(here, "real/a.md")
    (here / "file").symlink_to("real/a.md")
    (here / "folder").symlink_to("real")
    (here / "real" / "loop").symlink_to("..")
    (here / "gone").symlink_to("nowhere")
    assert found(".") == ["real/a.md"]
    assert found("folder") == ["folder/a.md"]
    [(file, _)] = find_files(["file"], configuration(), lambda *_: None)
    assert (file.path, file.real) == ("file", os.path.realpath("real/a.md"))


@needs_posix
def test_pipes_are_passed_over_or_refused(here: Path) -> None:
    os.mkfifo("pipe")
    assert found(".") == []
    problems: list[tuple[str, str]] = []
    files = find_files(["pipe"], configuration(), lambda *problem: problems.append(problem))
    assert list(files) == []
    assert problems == [("pipe", "neither a file nor a folder")]


def test_missing_paths_are_reported_and_the_others_follow(here: Path) -> None:
    make(here, "a.md")
    problems: list[tuple[str, str]] = []
    names = ["gone", "nul\0", "a.md"]
    files = find_files(names, configuration(), lambda *problem: problems.append(problem))
    assert [file.path for file, _ in files] == ["a.md"]
    assert problems[0] == ("gone", "no such file or directory")
    assert problems[1][0] == "nul\0"


def test_a_folder_that_cannot_be_listed_is_reported(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(here, "a/x.md", "b/x.md")
    scandir = os.scandir

    def refuse(path: str) -> os._ScandirIterator[str]:
        if path.rstrip(os.sep).endswith("a"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    problems: list[tuple[str, str]] = []
    files = find_files(["."], configuration(), lambda *problem: problems.append(problem))
    assert [file.path.replace(os.sep, "/") for file, _ in files] == ["b/x.md"]
    assert problems == [(os.path.join("a", ""), "permission denied")]


def test_gitignore_holds_below_its_folder(here: Path) -> None:
    make(here, "a.md", "a.log", "sub/b.log", "sub/keep.log", "build/x.md", "sub/build/y.md")
    make(here, ".gitignore", text="*.log\r\n/build/\n")
    make(here, "sub/.gitignore", text="\ufeff!keep.log\n")
    assert found(".") == ["a.md", "sub/build/y.md", "sub/keep.log"]


def test_gitignore_does_not_hold_for_named_paths(here: Path) -> None:
    make(here, ".git/HEAD", "a.log", "build/x.md", "build/y.log", "build/sub/z.md")
    make(here, ".gitignore", text="*.log\nbuild/\n")
    assert found("a.log") == ["a.log"]
    assert found("build") == ["build/sub/z.md", "build/x.md", "build/y.log"]
    assert found("build/sub") == ["build/sub/z.md"]


def test_gitignore_above_holds_up_to_the_repository(here: Path) -> None:
    make(here, ".gitignore", text="*.md\n")
    make(here, "repo/.git/info/exclude", text="*.tmp\n")
    make(here, "repo/.gitignore", text="*.log\n")
    make(here, "repo/sub/a.md", "repo/sub/a.log", "repo/sub/a.tmp")
    assert found("repo/sub") == ["repo/sub/a.md"]
    make(here, "free/sub/a.log", "free/sub/a.md")
    make(here, "free/.gitignore", text="*.log\n")
    assert found("free/sub") == ["free/sub/a.log", "free/sub/a.md"]  # not in a repository


def test_exclude_of_a_linked_work_tree_is_found(here: Path) -> None:
    make(here, "main/.git/info/exclude", text="*.tmp\n")
    make(here, "main/.git/worktrees/w/commondir", text="../..\n")
    make(here, "w/.git", text=f"gitdir: {here / 'main/.git/worktrees/w'}\n")
    make(here, "w/a.tmp", "w/a.md")
    assert found("w") == ["w/a.md"]


def test_broken_patterns_are_passed_over(here: Path) -> None:
    make(here, ".gitignore", text="!\n[a\n/\n\\\n# comment\n[z-a]\n[[:nothing:]]\n\nx\\ \n")
    make(here, "a.md", "x ")
    assert found(".") == ["a.md"]


# Include and exclude


def test_excluded_files_and_folders_are_left_out(here: Path) -> None:
    make(here, "a.md", "drafts/a.md", "x/drafts/b.md", "x/drafts.md", "notes/old/a.md", "b.txt")
    assert found(".", options=["--exclude=drafts/", "--exclude=/notes/old", "--exclude=*.txt"]) == [
        "a.md",
        "x/drafts.md",
    ]


def test_folders_of_other_peoples_code_are_left_out_by_default(here: Path) -> None:
    make(here, "node_modules/a/x.md", "lib/site-packages/x.md", "a/__pycache__/x.md", "venv/x.md")
    make(here, "a.md", "site-packages.md")
    assert found(".") == ["a.md", "site-packages.md"]
    assert found(".", options=["--extend-exclude=a.md"]) == ["site-packages.md"]
    assert len(found(".", options=["--exclude=a.md"])) == 5


def test_a_later_pattern_takes_back_an_earlier_one(here: Path) -> None:
    make(here, "a.md", "b.md")
    make(here, ".fixmoji.toml", text="exclude = ['*.md', '!b.md']\n")
    assert found(".") == ["b.md"]
    assert found(".", options=["--extend-exclude=!a.md"]) == ["a.md", "b.md"]


def test_only_what_is_included_is_looked_at(here: Path) -> None:
    make(here, "a.md", "b.txt", "docs/a.rst", "docs/old/b.rst", "x/docs/y.rst", "x/b.md")
    assert found(".", options=["--include=*.md"]) == ["a.md", "x/b.md"]
    assert found(".", options=["--include=/docs/"]) == ["docs/a.rst", "docs/old/b.rst"]
    assert found("docs", options=["--include=/docs/", "--include=!/docs/old/"]) == ["docs/a.rst"]


def test_what_a_folder_excludes_holds_below_it_only(here: Path) -> None:
    make(here, "a.log", "sub/a.log", "sub/a.md", "sub/x/a.log", "other/a.log", "other/a.md")
    make(here, "sub/.fixmoji.toml", text="exclude = ['*.log']\n")
    make(here, "other/pyproject.toml", text="[tool.fixmoji]\ninclude = ['/a.*']\n")
    assert found(".") == ["a.log", "other/a.log", "other/a.md", "sub/a.md"]


def test_gitignore_may_be_disregarded(here: Path) -> None:
    make(here, "a.md", "a.log", "sub/b.log", "free/c.log", "free/.hidden")
    make(here, ".gitignore", text="*.log\n")
    assert found(".", options=["--no-respect-gitignore"]) == [
        *("a.log", "a.md", "free/c.log", "sub/b.log")
    ]
    make(here, "free/.fixmoji.toml", text="respect-gitignore = false\n")
    assert found(".") == ["a.md", "free/c.log"]


def test_named_paths_are_excluded_only_if_that_is_forced(here: Path) -> None:
    make(here, "a.md", "drafts/x/a.md", "b.txt", ".hidden.md", "a.log")
    make(here, ".gitignore", text="a.log\n")
    options = ["--exclude=drafts/", "--include=*.md", "--include=*.log"]
    names = ["a.md", "drafts/x/a.md", "drafts", "drafts/x", "b.txt", ".hidden.md", "a.log"]
    assert found(*names, options=options) == [
        *("a.md", "drafts/x/a.md", "b.txt", ".hidden.md", "a.log")
    ]
    assert found(*names, options=[*options, "--force-exclude"]) == [
        *("a.md", ".hidden.md", "a.log")
    ]


def test_paths_outside_of_the_folder_of_a_pattern_are_judged_too(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(here, "one/x", "two/a.log", "two/a.md", "two/venv/a.md")
    monkeypatch.chdir(here / "one")
    assert found("../two", options=["--extend-exclude=*.log"]) == ["../two/a.md"]
    assert found("..", options=["--extend-exclude=one", "--extend-exclude=/two"]) == [
        *("../one/x", "../two/a.log", "../two/a.md")
    ]
    forced = ["--extend-exclude=*.log", "--force-exclude"]
    assert found("../two/a.log", "../two/venv/a.md", "../two/a.md", options=forced) == [
        "../two/a.md"
    ]


def test_folders_above_the_folder_of_a_pattern_do_not_count(here: Path) -> None:
    make(here, "venv/repo/.git/HEAD", "venv/repo/a.md")
    make(here, "venv/repo/.fixmoji.toml", text="force-exclude = true\n")
    assert found("venv/repo/a.md") == ["venv/repo/a.md"]


def test_files_whose_configuration_cannot_be_used_are_passed_over(here: Path) -> None:
    make(here, "a.md", "bad/a.md", "bad/sub/b.md", "c.md")
    make(here, "bad/.fixmoji.toml", text="wrong = 1")
    faults: list[str] = []
    faulty = Configuration(parse([]), lambda path, _: faults.append(path))
    names = [".", "bad/a.md", "bad/sub"]
    assert [file.path for file, _ in find_files(names, faulty, fail)] == ["a.md", "c.md"]
    assert faults == [os.path.realpath("bad/.fixmoji.toml")]


def test_each_file_comes_with_its_settings(here: Path) -> None:
    make(here, "a.md", "sub/deep/b.md", "sub/deep/repo/.git/HEAD", "sub/deep/repo/c.md")
    make(here, "sub/.fixmoji.toml", text="uncertain = 'keep'\n")
    names = [".", "sub/deep", "sub/deep/b.md"]
    for name in names:
        files = find_files([name], configuration(), fail)
        settings = {os.path.basename(file.path): holding.uncertain for file, holding in files}
        assert settings == {
            key: value
            for key, value in {"a.md": "guess", "b.md": "keep", "c.md": "guess"}.items()
            if key in settings
        }
        assert "b.md" in settings


NAMES = ["a", "b", "src", "build", "x.log", "y.md", "keep", "a b", "k]p", "-", "x.log "]
PATTERNS = [
    *("*.log", "x.log", "build/", "/build", "build", "src/", "a/*", "a/b", "**/keep"),
    *("a/**/y.md", "/*", "/src", "*", "*/", "*.md", "src/build/", "keep/**", "[ab]", "[!a]"),
    *("[a-]", "[^b-z]*", "[[:alpha:]]", "x[.]log", "**", "/**", "a/**", "*/**/b", "**b/y.md"),
    *(r"x.log\ ", "[z-a]", "[]a]", "a[", "\\", "/", "***/keep", "a//b", "k*p", r"[\a]"),
    *("[[:foo:]]", "**/", "*/a/*", "b\\", r"[a\]]", "#c", r"\#c", r"\!a", "a/*/keep", "?????"),
]


def random_repository(folder: Path, seed: int) -> None:
    """Fill a folder with random files, and with random patterns of all kinds."""
    chance = random.Random(seed)
    for _ in range(chance.randint(5, 25)):
        path = folder.joinpath(*(chance.choice(NAMES) for _ in range(chance.randint(1, 4))))
        if not any(parent.is_file() for parent in [path, *path.parents]) and not path.is_dir():
            make(folder, str(path.relative_to(folder)))
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for place in chance.sample(folders, min(len(folders), 3)):
        patterns = [
            (chance.choice(["", "", "!"]) + chance.choice(PATTERNS))
            for _ in range(chance.randint(1, 6))
        ]
        make(place, ".gitignore", text=chance.choice(["\n", "\r\n"]).join([*patterns, ""]))


@needs_git
@needs_posix
@pytest.mark.parametrize("block", range(4))
def test_patterns_mean_what_git_says(tmp_path: Path, block: int) -> None:
    for seed in range(block * 25, block * 25 + 25):
        folder = tmp_path / str(seed)
        folder.mkdir()
        random_repository(folder, seed)
        subprocess.run(["git", "init", "-q", folder], check=True)
        listed = subprocess.run(
            ["git", "-C", folder, "ls-files", "-z", "-o", "--exclude-standard"],
            check=True,
            capture_output=True,
            text=True,
            encoding="utf-8",
        ).stdout.split("\0")
        expected = sorted(path for path in listed if path and ".gitignore" not in path)
        actual = sorted(os.path.relpath(path, folder) for path in found(folder))
        assert actual == expected, f"seed {seed}"


def test_binary_files_are_not_read_further(tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(b"\x89PNG\0" + b"x" * 100_000)
    with pytest.raises(BinaryError, match="NUL at byte 4"):
        read_file(named(target))


@pytest.mark.parametrize("size", [0, 1, 8191, 8192, 8193, 100_000])
def test_files_are_read_whole(tmp_path: Path, size: int) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(bytes(range(1, 251)) * (size // 250) + b"x" * (size % 250))
    data, state = read_file(named(target))
    assert data == target.read_bytes()
    assert state.st_size == size


@needs_posix
def test_a_file_that_became_a_link_or_a_pipe_is_not_read(tmp_path: Path) -> None:
    make(tmp_path, "secret")
    (tmp_path / "link").symlink_to("secret")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(OSError, match=r"symbolic links|no longer a file"):
            read_file(File(name, str(tmp_path / name), named=False))


def test_nothing_of_the_repairer_is_imported() -> None:
    code = (
        "import sys; import mojibake_fix.tree;"
        "print(*[name for name in sys.modules if name.startswith('mojibake_fix')])"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert set(run.stdout.split()) == {
        "mojibake_fix",
        "mojibake_fix._core",
        "mojibake_fix.document",
        "mojibake_fix.gitignore",
        tree.__name__,
    }


def test_large_file_that_is_clean_is_looked_at_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "_LARGE", 100_000)
    monkeypatch.setattr(tree, "PIECE", 1000)
    path = tmp_path / "large.md"
    clean = "eine Straße in Köln\n" * 10_000
    file = File("large.md", str(path), named=False)
    for text, is_damaged in ((clean, False), (clean + "MalmÃ¶ und KÃ¶ln\n", True)):
        path.write_text(text, encoding="utf-8", newline="")
        data = path.read_bytes()
        assert read_file(file)[0] == data
        assert read_file(file, whole=False)[0] == (None if is_damaged else b"")
