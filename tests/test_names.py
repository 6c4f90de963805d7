"""Names of files and folders are repaired, never one over another, and can be had back."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mojibake_fix import replace
from mojibake_fix.arguments import parse
from mojibake_fix.cli import main
from mojibake_fix.config import Configuration
from mojibake_fix.journal.folder import run_ids
from mojibake_fix.replace import ReplaceError, drop_second_name, rename
from mojibake_fix.tree import find_names

Capture = pytest.CaptureFixture[str]

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "notes").mkdir()
    monkeypatch.chdir(tmp_path / "notes")
    monkeypatch.setenv("FIXMOJI_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "notes"


def make(*paths: str) -> None:
    """Make files that hold their own names."""
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(path, encoding="utf-8")


def tree() -> list[str]:
    return sorted(path.as_posix() for path in Path().rglob("*") if path.is_file())


def test_preview_shows_names_and_changes_nothing(here: Path, capsys: Capture) -> None:
    make("MÃ¼ller/GrÃ¶ÃŸe.md", "cafÃ©.png", "clean.md")
    before = tree()
    assert main(["--names"]) == 1
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "MÃ¼ller: → Müller  (utf-8>cp1252)",
        f"{os.path.join('MÃ¼ller', 'GrÃ¶ÃŸe.md')}: → Größe.md  (utf-8>cp1252)",
        "cafÃ©.png: → café.png  (utf-8>cp1252)",
    ]
    assert shown.err == "3 names damaged\nadd --write to rename\n"
    assert tree() == before


def test_write_renames_what_is_inside_first_and_undo_brings_all_back(
    here: Path, capsys: Capture
) -> None:
    make("MÃ¼ller/BÃ¼cher/GrÃ¶ÃŸe.md", "MÃ¼ller/clean.md", "cafÃ©.png", "clean.md")
    before = tree()
    assert main(["--names", "--write"]) == 0
    assert tree() == ["Müller/Bücher/Größe.md", "Müller/clean.md", "café.png", "clean.md"]
    assert Path("café.png").read_text(encoding="utf-8") == "cafÃ©.png"
    assert capsys.readouterr().err == "4 names repaired\n"
    assert main(["--names"]) == 0
    assert main(["--names", "--write"]) == 0
    assert main(["--undo"]) == 0
    assert tree() == before
    assert capsys.readouterr().err.endswith(f"4 names restored from run {run_ids()[0]}\n")
    assert main(["--undo", run_ids()[0]]) == 0
    assert tree() == before


def test_clean_and_ambiguous_names_stay(here: Path, capsys: Capture) -> None:
    make("Köln.md", "MAÇÃ».md", "CAFÉ™.md", "日本語.txt", "Ã±", "plain")
    before = tree()
    assert main(["--names", "--write"]) == 0
    assert capsys.readouterr().err == "no names repaired\n"
    assert tree() == before


def test_names_are_evidence_for_each_other(here: Path) -> None:
    make("Ã‘.md")
    assert main(["--names", "-q"]) == 0
    make("sub/KÃ¶ln.md", "MalmÃ¶.md", "GÃ¶teborg.md")
    assert main(["--names", "--write", "-q"]) == 0
    assert tree() == ["Göteborg.md", "Malmö.md", "sub/Köln.md", "Ñ.md"]


def test_names_in_folders_that_are_not_walked_stay(here: Path) -> None:
    make(".hidden/KÃ¶ln.md", "build/KÃ¶ln.md", "KÃ¶ln.md")
    Path(".gitignore").write_text("build/\n", encoding="utf-8")
    assert main(["--names", "--write", "-q"]) == 0
    assert tree() == [".gitignore", ".hidden/KÃ¶ln.md", "Köln.md", "build/KÃ¶ln.md"]


def test_binary_files_have_names_too(here: Path) -> None:
    Path("cafÃ©.png").write_bytes(b"\x89PNG\0")
    assert main(["--names", "--write", "-q"]) == 0
    assert Path("café.png").read_bytes() == b"\x89PNG\0"


def test_arguments_themselves_are_renamed_if_they_are_names(here: Path) -> None:
    make("MÃ¼ller/cafÃ©.md", "BÃ¼cher/x", "SÃ¼den/x")
    assert main(["--names", "--write", "-q", "MÃ¼ller/cafÃ©.md", "BÃ¼cher"]) == 0
    assert tree() == ["Bücher/x", "MÃ¼ller/café.md", "SÃ¼den/x"]
    os.chdir("SÃ¼den")
    make("cafÃ©.md")
    assert main(["--names", "--write", "-q"]) == 0
    assert main(["--names", "--write", "-q", os.path.join("..", "SÃ¼den", "x")]) == 0
    assert Path("café.md").exists()
    assert Path("..", "SÃ¼den").exists()


@needs_posix
def test_links_are_not_renamed(here: Path) -> None:
    make("real/cafÃ©.md", "x")
    Path("lÃ¼nk").symlink_to("real")
    Path("fÃ¼nf.md").symlink_to("x")
    everything = Configuration(parse([]), print)
    found = find_names(["lÃ¼nk", "fÃ¼nf.md"], everything, print)
    names = {file.path: file.named for file, _ in found}
    assert names == {os.path.join("lÃ¼nk", "cafÃ©.md"): False}
    assert main(["--names", "--write", "-q"]) == 0
    assert sorted(os.listdir()) == ["fÃ¼nf.md", "lÃ¼nk", "real", "x"]
    assert os.listdir("real") == ["café.md"]


@pytest.mark.parametrize(
    ("there", "why"),
    [
        ("KÃ¶ln.md Köln.md", "would become Köln.md, and there is Köln.md already"),
        ("KÃ¶ln.md KÖLN.md", "would become Köln.md, and there is KÖLN.md already"),
        ("KÃ¶ln.md Ko\u0308ln.md", "would become Köln.md, and there is Ko\u0308ln.md already"),
        ("KÃ¶ln.md KÃƒÂ¶ln.md", "would become Köln.md, and so would KÃ¶ln.md"),
        ("KÃ¶ln.md kÃ¶ln.md", "would become Köln.md, and so would kÃ¶ln.md"),
    ],
)
def test_collisions_are_refused_and_the_others_renamed(
    here: Path, capsys: Capture, there: str, why: str
) -> None:
    make(*there.split(), "MalmÃ¶/cafÃ©.md")
    if len(tree()) < 3:
        pytest.skip("this file system takes both names for the same")
    before = tree()
    for arguments in (["--names"], ["--names", "--write"]):
        assert main(arguments) == 2
        assert f"{why}: left as it is\n" in capsys.readouterr().err
    assert tree() == sorted(path.replace("MalmÃ¶/cafÃ©", "Malmö/café") for path in before)
    for name in there.split():
        assert Path(name).read_text(encoding="utf-8") == name


@pytest.mark.parametrize(
    ("original", "why"),
    [
        ("Köln und Malmö\x01", "which holds a control character"),
        ("Köln und\u2028Malmö", "which holds a control character"),
    ],
)
def test_names_that_cannot_be_are_refused(
    here: Path, capsys: Capture, original: str, why: str
) -> None:
    damaged = original.encode().decode("latin-1")
    try:
        make(damaged, "KÃ¶ln.md", "MalmÃ¶.md")
    except OSError:
        pytest.skip("this file system does not want such names either")
    assert main(["--names", "--write"]) == 2
    assert why in capsys.readouterr().err
    assert damaged in tree()
    assert "Köln.md" in tree()


@needs_posix
def test_names_that_are_no_lines_of_text_stay(here: Path) -> None:
    make("KÃ¶ln\nMalmÃ¶", "cafÃ©.md")
    assert main(["--names", "--write", "-q"]) == 0
    assert set(os.listdir()) == {"KÃ¶ln\nMalmÃ¶", "café.md"}


@needs_posix
@pytest.mark.skipif(sys.platform == "darwin", reason="names are Unicode there")
@pytest.mark.parametrize(
    ("codec", "names"),
    [
        ("cp1252", ("Bücher für Köln.txt", "Übersicht älterer Gerüchte.md")),
        ("gbk", ("项目管理文件.txt", "会议记录和工作计划.md")),
    ],
)
def test_names_in_a_legacy_codec_become_utf_8_and_can_be_had_back(
    here: Path, capsys: Capture, codec: str, names: tuple[str, ...]
) -> None:
    before = {name.encode(codec) for name in names} | {b"clean.md"}
    for name in before:
        Path(os.fsdecode(name)).write_bytes(b"")
    assert main(["--names"]) == 1
    assert f" → {names[0]}  ({codec}>utf-8+undefined-escaped)" in capsys.readouterr().out
    assert main(["--names", "--write", "-q"]) == 0
    assert set(map(os.fsencode, os.listdir())) == {name.encode() for name in (*names, "clean.md")}
    assert main(["--undo", "-q"]) == 0
    assert set(map(os.fsencode, os.listdir())) == before


def test_undo_of_contents_finds_files_by_their_new_names(here: Path) -> None:
    make("MÃ¼ller/cafÃ©.md", "KÃ¶ln.md")
    before = {path: Path(path).read_bytes() for path in tree()}
    assert main(["--write", "-q"]) == 0
    contents = run_ids()[0]
    assert main(["--names", "--write", "-q"]) == 0
    assert main(["--undo", contents, "-q"]) == 0
    assert Path("Müller/café.md").read_bytes() == before["MÃ¼ller/cafÃ©.md"]
    assert main(["--undo", "-q"]) == 0
    assert {path: Path(path).read_bytes() for path in tree()} == before


def test_undo_leaves_a_name_that_is_taken_or_gone(here: Path, capsys: Capture) -> None:
    make("cafÃ©.md", "KÃ¶ln.md", "MalmÃ¶.md")
    assert main(["--names", "--write", "-q"]) == 0
    make("cafÃ©.md")
    Path("Köln.md").rename("elsewhere.md")
    assert main(["--undo"]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert "error: KÃ¶ln.md: cannot be renamed back to KÃ¶ln.md: it is gone" in errors
    assert "error: cafÃ©.md: cannot be renamed back to cafÃ©.md: that name is taken" in errors
    assert tree() == ["MalmÃ¶.md", "cafÃ©.md", "café.md", "elsewhere.md"]


def test_a_name_that_appears_meanwhile_is_not_overwritten(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    make("cafÃ©.md")
    listdir = os.listdir

    def list_then_make(path: str) -> list[str]:
        names = listdir(path)
        if path == str(here):
            make("café.md")
        return names

    monkeypatch.setattr(os, "listdir", list_then_make)
    assert main(["--names", "--write"]) == 2
    assert "the new name is taken" in capsys.readouterr().err
    assert tree() == ["cafÃ©.md", "café.md"]
    assert main(["--undo", "-q"]) == 0
    assert tree() == ["cafÃ©.md", "café.md"]


def only_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replace, "_renameat2", lambda *_: False)


def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    only_links(monkeypatch)
    monkeypatch.setattr(os, "link", refuse)


@needs_posix
@pytest.mark.parametrize("how", [lambda _: None, only_links, no_links])
@pytest.mark.parametrize("is_folder", [False, True])
def test_renaming_never_replaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: object, is_folder: bool
) -> None:
    assert callable(how)
    how(monkeypatch)
    for name in ("a", "b"):
        if is_folder:
            (tmp_path / name / name).mkdir(parents=True)
        else:
            (tmp_path / name).write_text(name)
    with pytest.raises(ReplaceError, match="the new name is taken"):
        rename(str(tmp_path), "a", "b")
    rename(str(tmp_path), "a", "c")
    assert sorted(os.listdir(tmp_path)) == ["b", "c"]
    with pytest.raises(ReplaceError, match="no such file"):
        rename(str(tmp_path), "a", "d")
    # The look beforehand is not what it relies on, as far as the system can do better.
    monkeypatch.setattr(os.path, "lexists", lambda _: False)
    if how is not no_links or is_folder:
        with pytest.raises(ReplaceError, match=r"exists|not empty"):
            rename(str(tmp_path), "b", "c")
        assert sorted(os.listdir(tmp_path)) == ["b", "c"]


@needs_posix
def test_a_failed_link_leaves_the_old_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("a")
    only_links(monkeypatch)
    unlink = os.unlink

    def refuse(path: str) -> None:
        if path.endswith("a"):
            raise OSError(5, "Input/output error")
        unlink(path)

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(ReplaceError, match="input/output error"):
        rename(str(tmp_path), "a", "b")
    assert os.listdir(tmp_path) == ["a"]


@needs_posix
def test_a_file_with_both_names_keeps_its_folder_where_it_is_found(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    make("MÃ¼ller/KÃ¶ln.md", "MalmÃ¶.md")
    only_links(monkeypatch)

    def refuse(path: str) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        assert main(["--names", "--write"]) == 2
    assert "has a second name now" in capsys.readouterr().err
    assert len(tree()) == 3
    assert main(["--names", "--write"]) == 0
    assert tree() == ["Malmö.md", "Müller/Köln.md"]
    assert main(["--undo", "-q"]) == 0
    assert tree() == ["MalmÃ¶.md", "MÃ¼ller/KÃ¶ln.md"]


@needs_posix
def test_only_a_second_name_of_the_same_file_is_dropped(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("x")
    two.write_text("x")
    os.link(one, tmp_path / "three")
    assert not drop_second_name(str(one), str(two))
    assert not drop_second_name(str(one), str(tmp_path / "none"))
    assert not drop_second_name(str(two), str(two))  # one name is never the last to go
    assert drop_second_name(str(one), str(tmp_path / "three"))
    assert sorted(os.listdir(tmp_path)) == ["one", "two"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--diff"], "--names and --diff exclude each other"),
        (["--undo"], "--undo and --names exclude each other"),
        (["--format=json"], "--names and --format exclude each other"),
        (["-"], "standard input has no name"),
    ],
)
def test_wrong_usage_is_an_error(arguments: list[str], message: str, capsys: Capture) -> None:
    assert main(["--names", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_exit_status_is_as_for_contents(here: Path) -> None:
    make("cafÃ©.md")
    assert main(["--names", "-q", "--exit-zero"]) == 0
    assert main(["--names", "--write", "-q", "--exit-nonzero-on-fix"]) == 1
    assert main(["--names", "--write", "-q", "--exit-nonzero-on-fix"]) == 0


def test_what_is_excluded_keeps_its_name(here: Path) -> None:
    make("cafÃ©/KÃ¶ln.md", "cafÃ©/KÃ¶ln.txt", "MalmÃ¶/MÃ¼ller.md")
    assert main(["--names", "--write", "-q", "--exclude=MalmÃ¶/", "--include=*.md"]) == 0
    assert tree() == ["MalmÃ¶/MÃ¼ller.md", "cafÃ©/KÃ¶ln.txt", "cafÃ©/Köln.md"]
