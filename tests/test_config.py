"""Configuration files: which counts where, and what is wrong with one."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from mojibake_fix.arguments import parse
from mojibake_fix.config import ConfigError, Configuration, Settings


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, a repository, so that no file above it counts."""
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path / "repo"


def put(path: str | Path, text: str) -> Path:
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="")
    return target


def faulty(path: str, message: str) -> None:
    raise ConfigError(path, message)


def settings(folder: str | Path, *words: str) -> Settings:
    found = Configuration(parse(words), faulty).settings(os.path.realpath(folder))
    assert found is not None
    return found


def complaint(folder: Path, *words: str) -> str:
    with pytest.raises(ConfigError) as caught:
        settings(folder, *words)
    return str(caught.value)


def uncertain(folder: str | Path, *words: str) -> str:
    found = settings(folder, *words).uncertain
    assert isinstance(found, str)
    return found


# Which counts


def test_without_a_file_the_defaults_hold(here: Path) -> None:
    assert uncertain(here) == "guess"
    assert settings(here).respect_gitignore is True


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".fixmoji.toml", 'uncertain = "keep"\n'),
        ("pyproject.toml", '[project]\nname = "x"\n[tool.fixmoji]\nuncertain = "keep"\n'),
        ("pyproject.toml", '\ufeff[tool]\r\nfixmoji = { uncertain = "keep" }\r\n'),
        ("pyproject.toml", 'tool.fixmoji.uncertain = "keep"\n'),
    ],
)
def test_both_files_are_read(here: Path, name: str, text: str) -> None:
    put(name, text)
    assert uncertain(here) == "keep"


def test_the_nearest_file_counts_alone(here: Path) -> None:
    put("pyproject.toml", '[tool.fixmoji]\nuncertain = "keep"\nmin-confidence = 0.5\n')
    put("a/.fixmoji.toml", 'uncertain = "mark"\n')
    put("a/b/c/x.md", "")
    assert [uncertain(path) for path in (".", "a", "a/b/c")] == ["keep", "mark", "mark"]
    assert settings("a").min_confidence == 0.9


def test_a_pyproject_without_our_table_is_passed_over(here: Path) -> None:
    put(".fixmoji.toml", 'uncertain = "keep"\n')
    put("a/pyproject.toml", "[tool.other]\nfixmoji = 1\n")
    put("b/pyproject.toml", "not TOML at all")
    assert uncertain("a") == uncertain("b") == "keep"


def test_our_own_file_is_nearer_than_the_project_beside_it(here: Path) -> None:
    put("pyproject.toml", '[tool.fixmoji]\nuncertain = "mark"\n')
    put(".fixmoji.toml", 'uncertain = "keep"\n')
    assert uncertain(here) == "keep"


def test_the_search_ends_at_the_repository(here: Path) -> None:
    put("../.fixmoji.toml", 'uncertain = "keep"\n')
    put("a/x.md", "")
    assert uncertain("a") == "guess"
    assert uncertain("..") == "keep"
    (here / ".git").rmdir()
    assert uncertain("a") == "keep"


def test_the_command_line_is_stronger(here: Path) -> None:
    put(".fixmoji.toml", 'uncertain = "keep"\nforce-exclude = true\n')
    found = settings(here, "--uncertain=mark", "--no-force-exclude")
    assert (found.uncertain, found.force_exclude) == ("mark", False)


def test_a_file_that_is_named_counts_everywhere(here: Path) -> None:
    put("a/.fixmoji.toml", 'uncertain = "mark"\n')
    put("other.toml", 'uncertain = "keep"\n')
    assert uncertain("a", "--config", "other.toml") == "keep"
    put("sub/pyproject.toml", '[tool.fixmoji]\nuncertain = "keep"\n')
    assert uncertain("a", "--config=sub/pyproject.toml") == "keep"


def test_isolated_reads_no_file(here: Path) -> None:
    put(".fixmoji.toml", "no TOML")
    assert uncertain(here, "--isolated") == "guess"


# What is wrong


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exlude = []\n", "there is no key exlude (line 1) (did you mean exclude?)"),
        (
            "\n# x\nmin_confidence = 1",
            "no key min_confidence (line 3) (did you mean min-confidence?)",
        ),
        ("xyzzy = 1", "there is no key xyzzy (line 1) (known are include, exclude, "),
        ("[tool.fixmoji]\nuncertain = 'keep'", "there is no key tool"),
        ("write = true", "write is for the command line only (line 1)"),
        ("uncertain = 'no'", "uncertain must be guess, mark or keep, not 'no' (line 1)"),
        ("uncertain = 1", "uncertain must be guess, mark or keep, not 1 (line 1)"),
        ('\n"min-confidence" = 7', "min-confidence must be a number from 0 to 1, not 7 (line 2)"),
        ("exclude = 'a'", "exclude must be a list, not 'a' (line 1)"),
        ("exclude = ['a', '[']", "exclude must be a pattern in the syntax of .gitignore, not '['"),
        ("force-exclude = 'yes'", "force-exclude must be true or false, not 'yes' (line 1)"),
        ("a = \n", "not TOML: Invalid value (at line 1, column 5)"),
    ],
)
def test_what_cannot_be_is_refused_with_line_and_advice(
    here: Path, text: str, message: str
) -> None:
    put(".fixmoji.toml", text)
    assert message in complaint(here)


def test_the_line_is_the_one_in_our_table(here: Path) -> None:
    put("pyproject.toml", "[tool.a]\nwrong = 1\n[tool.fixmoji]\n\nwrong = 1\n")
    assert complaint(here).startswith("there is no key wrong (line 5)")
    put("pyproject.toml", "[tool.a]\nwrong = 1\n[tool]\nfixmoji = { wrong = 1 }\n")
    assert complaint(here).startswith("there is no key wrong (known are")


def test_a_table_that_is_none_is_refused(here: Path) -> None:
    put("pyproject.toml", "tool.fixmoji = 1")
    assert complaint(here) == "fixmoji must be a table, not 1"


def test_a_file_that_is_not_utf8_is_refused(here: Path) -> None:
    (here / ".fixmoji.toml").write_bytes(b"# caf\xe9")
    assert complaint(here) == "not UTF-8 at byte 5"


@pytest.mark.skipif(os.name != "posix", reason="POSIX only")
def test_a_file_that_cannot_be_read_is_refused(here: Path) -> None:
    Path(".fixmoji.toml").symlink_to(".fixmoji.toml")
    assert complaint(here) == "cannot be read (Too many levels of symbolic links)"


def test_a_fault_is_told_once_and_holds_for_every_folder_below(here: Path) -> None:
    put(".fixmoji.toml", "x = 1")
    put("a/b/x.md", "")
    faults: list[tuple[str, str]] = []
    configuration = Configuration(parse([]), lambda *fault: faults.append(fault))
    for folder in (here / "a" / "b", here, here / "a"):
        assert configuration.settings(os.path.realpath(folder)) is None
    assert [path for path, _ in faults] == [os.path.realpath(".fixmoji.toml")]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("gone.toml", None, "there is no such file"),
        ("pyproject.toml", "[tool]\n", "there is no [tool.fixmoji] in it"),
        ("x.toml", "x = 1", "there is no key x"),
    ],
)
def test_a_named_file_must_be_of_use(here: Path, name: str, text: str | None, message: str) -> None:
    if text is not None:
        put(name, text)
    assert message in complaint(here, "--config", name)


# Patterns


def test_patterns_are_relative_to_their_file_and_those_of_the_command_line_to_this_folder(
    here: Path,
) -> None:
    put("a/.fixmoji.toml", "exclude = ['/x.md']\nextend-exclude = ['/y.md']\ninclude = ['*.md']\n")
    root = os.path.join(os.path.realpath(here), "")
    inside = os.path.join(root, "a", "")
    found = settings("a")
    assert [base for base, _ in found.excluded] == [inside, inside]
    assert [base for base, _ in found.included] == [inside]
    found = settings("a", "--exclude=z", "--extend-exclude=/u", "--include=/a")
    assert [base for base, _ in found.excluded] == [root, inside, root]
    assert [base for base, _ in found.included] == [root]


# The documentation

DOCS = Path(__file__).resolve().parent.parent / "docs"


def examples() -> list[str]:
    blocks = (DOCS / "configuration.md").read_text(encoding="utf-8").split("```toml\n")[1:]
    return [block[: block.index("```")] for block in blocks]


@pytest.mark.parametrize("text", examples())
def test_documented_files_can_be_used(here: Path, text: str) -> None:
    put("pyproject.toml" if "[tool.fixmoji]" in text else ".fixmoji.toml", text)
    table = tomllib.loads(text)
    table = table.get("tool", {}).get("fixmoji", table)
    assert len(table) > 1
    found = settings(here)
    for name, value in table.items():
        is_value = tuple(value) if isinstance(value, list) else value
        assert getattr(found, name.replace("-", "_")) == is_value
