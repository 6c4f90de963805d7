"""What a run wrote can be taken back, and nothing else is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from mojibake_fix import journal
from mojibake_fix.cli import main
from mojibake_fix.journal import Journal, JournalError
from mojibake_fix.journal.folder import run_ids, state_folder
from mojibake_fix.journal.records import MAGIC, change_record, record_line
from mojibake_fix.tree import File

DAMAGED = "KÃ¶ln und MalmÃ¶, cafÃ©\n".encode()
ORIGINAL = "Köln und Malmö, café\n".encode()

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of its own, with a state folder of its own that is not there yet."""
    (tmp_path / "notes").mkdir()
    monkeypatch.chdir(tmp_path / "notes")
    monkeypatch.setenv("FIXMOJI_STATE_DIR", str(tmp_path / "home" / "state"))
    return tmp_path / "home" / "state"


def put(path: str, data: bytes = DAMAGED) -> Path:
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target


def write(*arguments: str) -> None:
    assert main(["--write", "-q", *arguments]) == 0


def journals(state: Path) -> list[Path]:
    return sorted(state.iterdir())


@pytest.mark.parametrize(
    "data",
    [
        DAMAGED,
        b"\xef\xbb\xbf" + DAMAGED * 2,
        DAMAGED.replace(b"\n", b"\r\n") + DAMAGED + b"mixed\rnewlines\r\n\n" + DAMAGED.rstrip(),
        b"\n \t" + DAMAGED + " \u2028\x85\x0c\n\n ".encode(),
    ],
)
def test_undo_gives_back_every_byte(state: Path, data: bytes, capsys: Capture) -> None:
    target = put("a.md", data)
    target.chmod(0o640)
    put("b.md", b"clean")
    write()
    assert target.read_bytes() != data
    assert main(["--undo"]) == 0
    assert target.read_bytes() == data
    assert stat.S_IMODE(target.stat().st_mode) == (0o640 if os.name == "posix" else 0o666)
    assert sorted(os.listdir()) == ["a.md", "b.md"]
    shown = capsys.readouterr()
    assert shown.out == "a.md: restored\n"
    assert shown.err == f"1 file restored from run {run_ids()[0]}\n"


def test_normal_forms_are_undone_too(state: Path) -> None:
    data = DAMAGED.replace(b"\n", b"\r\n") + "e\u0301\r\nclean\r\n".encode()
    target = put("a.md", data)
    write("--normalize=nfc", "--normalize=newlines")
    assert target.read_bytes() == ORIGINAL + "é\nclean\n".encode()
    assert main(["--undo", "-q"]) == 0
    assert target.read_bytes() == data


def test_undo_twice_does_nothing_more(state: Path, capsys: Capture) -> None:
    target = put("a.md")
    write()
    run = run_ids()[0]
    assert main(["--undo"]) == 0
    target.write_bytes(b"new text")
    capsys.readouterr()
    assert main(["--undo"]) == 0
    assert capsys.readouterr().err == "nothing to undo\n"
    assert main(["--undo", run]) == 0
    assert capsys.readouterr().err == f"nothing to restore from run {run}\n"
    assert target.read_bytes() == b"new text"


def test_undo_goes_back_run_by_run(state: Path) -> None:
    target = put("a.md")
    write()
    target.write_bytes(ORIGINAL + DAMAGED)
    write()
    target.write_bytes(target.read_bytes().replace(ORIGINAL * 2, ORIGINAL * 2))
    assert main(["--undo"]) == 0
    assert target.read_bytes() == ORIGINAL + DAMAGED
    target.write_bytes(ORIGINAL)
    assert main(["--undo"]) == 0
    assert target.read_bytes() == DAMAGED


def test_an_earlier_run_can_be_named(state: Path) -> None:
    first, second = put("a.md"), put("b.md", b"clean")
    write()
    run = run_ids()[0]
    second.write_bytes(DAMAGED)
    write()
    assert main(["--undo", run]) == 0
    assert (first.read_bytes(), second.read_bytes()) == (DAMAGED, ORIGINAL)


def test_a_file_that_changed_since_is_named_and_left_and_the_others_are_restored(
    state: Path, capsys: Capture
) -> None:
    put("a.md"), put("b.md"), put("c.md"), put("d.md")
    write()
    Path("b.md").write_bytes(b"edited")
    Path("c.md").unlink()
    Path("d.md").write_bytes(b"\0binary")
    capsys.readouterr()
    assert main(["--undo"]) == 2
    assert Path("a.md").read_bytes() == DAMAGED
    assert Path("b.md").read_bytes() == b"edited"
    assert capsys.readouterr().err.splitlines() == [
        "error: d.md: changed since then: left as it is",
        "error: c.md: cannot be restored: no such file or directory",
        "error: b.md: changed since then: left as it is",
        f"1 file restored from run {run_ids()[0]}",
    ]
    Path("b.md").write_bytes(ORIGINAL)  # whoever puts it back can go on
    assert main(["--undo", "-q"]) == 2
    assert Path("b.md").read_bytes() == DAMAGED


def test_a_file_that_a_later_run_changed_says_which(state: Path, capsys: Capture) -> None:
    target = put("a.md")
    write()
    target.write_bytes(ORIGINAL + DAMAGED)
    write()
    later, run = run_ids()
    assert main(["--undo", run]) == 2
    assert (
        f"a.md: changed since then by run {later}, which is to be undone first: left as it is"
        in capsys.readouterr().err
    )
    assert target.read_bytes() == ORIGINAL * 2


def test_list_shows_runs_newest_first(state: Path, capsys: Capture) -> None:
    assert main(["--undo", "--list"]) == 0
    assert capsys.readouterr().err == "nothing was written yet\n"
    put("a.md"), put("b.md")
    write()
    put("a.md")
    write()
    assert main(["--undo", "-q"]) == 0
    Path("a.md").write_bytes(ORIGINAL)
    Path("b.md").write_bytes(b"edited")
    assert main(["--undo", "-q"]) == 2
    later, run = run_ids()
    capsys.readouterr()
    assert main(["--undo", "--list"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith(f"{later}: ")
    assert shown[0].endswith(", 1 file, undone")
    assert shown[1].startswith(f"{run}: ")
    assert shown[1].endswith(", 2 files, 1 of them undone")
    assert main(["--undo", "--list", "--verbose"]) == 0
    assert capsys.readouterr().out.splitlines()[3:] == [
        "  a.md: repaired, undone",
        "  b.md: repaired",
    ]


def test_nothing_written_makes_no_journal(state: Path) -> None:
    put("a.md", b"clean")
    write()
    assert main(["-q", put("b.md").name]) == 1
    if hasattr(os, "link"):
        os.link("b.md", "c.md")
        assert main(["--write", "-q"]) == 2
    assert not state.exists()


@needs_posix
def test_the_journal_is_for_the_user_alone(state: Path) -> None:
    put("a.md")
    before = os.umask(0)
    try:
        write()
    finally:
        os.umask(before)
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE(state.parent.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in journals(state)] == [0o600]


def test_the_journal_itself_is_never_taken_for_text(state: Path, capsys: Capture) -> None:
    put("a.md")
    write()
    assert main(["--write", "-v", str(state)]) == 0
    assert "skipped: binary" in capsys.readouterr().err


def test_the_journal_tells_what_was_there_and_what_is(state: Path) -> None:
    data = b"\xef\xbb\xbfx\r\n" + DAMAGED
    target = put("a.md", data)
    write()
    run = Journal.read(run_ids()[0])
    [change] = run.records
    assert isinstance(change, journal.Change)
    assert change.path == os.path.realpath(target)
    assert change.before[1] == len(data)
    assert list(run.edits(change)) == [
        (7, "Ã¶".encode(), "ö".encode()),
        (22, "Ã¶".encode(), "ö".encode()),
        (31, "Ã©".encode(), "é".encode()),
    ]


@pytest.mark.parametrize("function", ["open", "write", "fsync", "mkdir"])
def test_without_a_journal_nothing_is_changed(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, function: str
) -> None:
    first, second = put("a.md"), put("b.md")
    original = getattr(os, function)

    def refuse(target: int | str, *rest: object) -> object:
        path = target if isinstance(target, str) else os.readlink(f"/proc/self/fd/{target}")
        if str(state.parent) in path:
            raise OSError(28, "No space left on device")
        return original(target, *rest)

    if function in ("write", "fsync") and not os.path.exists("/proc/self/fd"):
        pytest.skip("nothing tells the path of a descriptor here")
    with monkeypatch.context() as patch:
        patch.setattr(os, function, refuse)
        assert main(["--write"]) == 2
    assert (first.read_bytes(), second.read_bytes()) == (DAMAGED, DAMAGED)
    assert sorted(os.listdir()) == ["a.md", "b.md"]
    shown = capsys.readouterr().err.splitlines()
    assert shown[0].startswith(
        "error: a.md: the journal that undo needs cannot be written (no space left on device: "
    )
    assert shown[0].endswith(
        "nothing more is changed; make room there, or name another folder in FIXMOJI_STATE_DIR"
    )
    assert len(shown) == 2


def crash_before_replacing(state: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """Run the command, and end it as a power failure would before the first file is replaced."""

    class PowerFailure(BaseException):
        pass

    def fail(*_: object) -> None:
        raise PowerFailure

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        patch.setattr(os, "unlink", fail)
        patch.setattr(Journal, "close", Journal._release)
        with pytest.raises(PowerFailure):
            main(["-q", *arguments])


def test_a_crash_before_the_replacement_leaves_nothing_to_undo(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    target = put("a.md")
    crash_before_replacing(state, monkeypatch, "--write")
    assert target.read_bytes() == DAMAGED
    assert len(os.listdir()) == 2
    assert main(["--undo"]) == 0
    assert capsys.readouterr().err == f"nothing to restore from run {run_ids()[0]}\n"
    assert target.read_bytes() == DAMAGED
    assert sorted(os.listdir()) == ["a.md"]
    assert main(["--undo"]) == 0
    assert capsys.readouterr().err == "nothing to undo\n"


def test_the_next_run_removes_what_a_dead_one_left(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = put("sub/a.md")
    put("other/b.md", b"clean")
    crash_before_replacing(state, monkeypatch, "--write")
    assert len(os.listdir("sub")) == 2
    put("other/b.md")
    write("other")
    assert os.listdir("sub") == ["a.md"]
    assert target.read_bytes() == DAMAGED


def test_what_a_dead_undo_left_is_removed_too(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = put("a.md")
    write()
    crash_before_replacing(state, monkeypatch, "--undo")
    assert len(os.listdir()) == 2
    put("b.md")
    write("b.md")
    assert sorted(os.listdir()) == ["a.md", "b.md"]
    assert main(["--undo", run_ids()[1]]) == 0
    assert target.read_bytes() == DAMAGED


@pytest.mark.skipif(os.name != "posix", reason="needs locks that a process holds")
def test_what_a_running_run_uses_is_left_alone(state: Path, capsys: Capture) -> None:
    put("a.md")
    running = Journal()
    temporary = os.path.abspath("t")
    running._append(change_record("x", temporary, ("", 0), ("", 0), 0))
    running._temporaries.append(temporary)
    put("t", b"in use")
    write("a.md")
    assert Path("t").read_bytes() == b"in use"
    assert main(["--undo", running.id]) == 2
    assert "the run, or an undo of it, goes on: try again later" in capsys.readouterr().err
    running.close()
    assert not Path("t").exists()


@pytest.mark.parametrize("cut", [1, 5, 9, 40])
def test_a_record_that_a_crash_cut_off_does_not_count(
    state: Path, capsys: Capture, cut: int
) -> None:
    first, second = put("a.md"), put("b.md")
    write("a.md", "b.md")
    [path] = journals(state)
    data = path.read_bytes()
    last = data.rindex(b'{"change"') - 9
    path.write_bytes(data[: last + cut])
    second.write_bytes(DAMAGED)  # for the record is on the disk before the file is replaced
    assert main(["--undo"]) == 0
    assert (first.read_bytes(), second.read_bytes()) == (DAMAGED, DAMAGED)
    assert path.read_bytes().startswith(data[:last])
    assert len(Journal.read(path.stem).records) == 1
    assert Journal.read(path.stem).damaged == []


def test_a_record_that_cannot_be_read_is_named_and_the_others_are_undone(
    state: Path, capsys: Capture
) -> None:
    first, second = put("a.md"), put("b.md")
    write("a.md", "b.md")
    [path] = journals(state)
    data = path.read_bytes()
    offset = data.index(b'{"change"') - 9
    path.write_bytes(data[: offset + 50] + b"#" + data[offset + 51 :])
    assert main(["--undo"]) == 2
    assert (first.read_bytes(), second.read_bytes()) == (ORIGINAL, DAMAGED)
    assert f"no record can be read at byte {offset}" in capsys.readouterr().err


def test_a_run_that_came_to_nothing_leaves_no_journal(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = put("a.md")
    write()
    [real] = journals(state)
    monkeypatch.setattr(journal, "MAX_BYTES", 10)

    def interrupted() -> Iterator[tuple[int, bytes, bytes]]:
        yield 0, b"", b"x" * 100_000  # more than is kept back
        assert len(journals(state)) == 2
        raise KeyboardInterrupt

    nothing = journal.Journal()
    file = File("a.md", os.path.realpath("a.md"), named=True)
    with pytest.raises(KeyboardInterrupt):
        nothing.replace([journal.Replacement(file, os.stat("a.md"), interrupted())])
    nothing.close()
    assert journals(state) == [real]
    assert main(["--undo"]) == 0
    assert target.read_bytes() == DAMAGED


def test_a_journal_of_a_later_version_is_refused(state: Path, capsys: Capture) -> None:
    target = put("a.md")
    write()
    [path] = journals(state)
    path.write_bytes(path.read_bytes().replace(MAGIC, b"\0fixmoji journal 9\n"))
    assert main(["--undo", path.stem]) == 2
    assert "another version of fixmoji wrote" in capsys.readouterr().err
    assert target.read_bytes() == ORIGINAL


def test_a_journal_that_does_not_fit_is_refused(state: Path, capsys: Capture) -> None:
    target = put("a.md")
    write()
    [path] = journals(state)
    lines = path.read_bytes().splitlines(keepends=True)
    record = journal.records.json.loads(lines[2][9:])
    record["edits"] = record["edits"][1:]
    path.write_bytes(b"".join([*lines[:2], record_line(record), *lines[3:]]))
    assert main(["--undo"]) == 2
    assert "its record contradicts itself" in capsys.readouterr().err
    assert target.read_bytes() == ORIGINAL


def test_old_runs_make_room_and_the_newest_stays(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MAX_RUNS", 3)
    for _ in range(5):
        put("a.md")
        write()
    runs = run_ids()
    assert len(runs) == 3
    monkeypatch.setattr(journal, "MAX_BYTES", 1)
    put("a.md")
    write()
    assert run_ids()[1:] == runs[:1]


def test_runs_that_nobody_touched_for_long_go(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        put("a.md")
        write()
    for path in journals(state):
        os.utime(path, (1, 1))
    kept = run_ids()[0]
    put("a.md")
    write()
    assert run_ids()[1:] == [kept]


def test_ids_grow_even_if_the_clock_goes_back(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for now in (10**18, 10**18 - 10**15, 10**18 - 10**16):
        monkeypatch.setattr("time.time_ns", lambda now=now: now)
        put("a.md")
        write()
    found = run_ids()
    assert [Journal.read(run).id for run in sorted(found)] == sorted(found)
    assert len({run[:18] for run in found}) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--undo", "--write"], "--undo and --write exclude each other"),
        (["--undo", "--format=json"], "--undo and --format exclude each other"),
        (["--list"], "--list goes with --undo"),
        (["--undo", "x", "a.md"], "--undo takes one ID"),
        (["--undo", "--list", "x"], "--undo --list none"),
    ],
)
def test_wrong_usage_is_an_error(arguments: list[str], message: str, capsys: Capture) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_an_unknown_run_is_an_error(state: Path, capsys: Capture) -> None:
    assert main(["--undo", "../x"]) == 2
    assert capsys.readouterr().err == (
        "error: ../x: there is no run ../x: --undo --list shows all\n"
    )


def test_state_is_where_the_system_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIXMOJI_STATE_DIR")
    monkeypatch.setenv("HOME", "/h")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert state_folder() == "/h/.local/state/fixmoji"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert state_folder() == "/h/.local/state/fixmoji"
    monkeypatch.setenv("XDG_STATE_HOME", "/s")
    assert state_folder() == "/s/fixmoji"
    monkeypatch.setattr("sys.platform", "darwin")
    assert state_folder() == "/h/Library/Application Support/fixmoji"
    monkeypatch.setenv("HOME", "relative")
    with pytest.raises(JournalError, match="no home folder"):
        state_folder()
