"""The command, as a person meets it."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import mojibake_fix
from mojibake_fix import cli, tree
from mojibake_fix.cli import main

BOM = b"\xef\xbb\xbf"
DAMAGED = "KÃ¶ln und MalmÃ¶, cafÃ©\n"
ORIGINAL = "Köln und Malmö, café\n"
LOSSY = (
    'tags: ["ã‚µãƒ¼ãƒ?ãƒ¼", "è¦šã?ˆæ›¸ã??"]\n'  # bytes became ?, and what was there is uncertain
)

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "TERM", "PYTHONIOENCODING"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def put(path: str, content: str | bytes) -> Path:
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content.encode() if isinstance(content, str) else content)
    return target


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the real command."""
    command = [sys.executable, "-m", "mojibake_fix", *arguments]
    return subprocess.run(command, capture_output=True, check=False, **options)


# Looking


def test_preview_shows_place_before_after_and_channel(here: Path) -> None:
    put("notes/a.md", "eins\r\nein Buch: " + DAMAGED)
    put("notes/b.md", "clean\n")
    done = run("notes")
    path = os.path.join("notes", "a.md")
    assert done.stdout.decode().splitlines() == [
        f"{path}:2:12: ein Buch: KÃ¶ln und MalmÃ¶, cafÃ© → ein Buch: Köln und Malmö, café"
        "  (utf-8>cp1252)"
    ]
    assert done.stderr.decode().splitlines() == [
        "1 file damaged (3 spans), 1 clean",
        "add --write to repair",
    ]
    assert done.returncode == 1
    assert put("notes/a.md", DAMAGED).read_bytes() == DAMAGED.encode()


def test_clean_folder_is_said_to_be_clean(here: Path) -> None:
    put("a.md", "Köln «MAÇÃO»\n")
    put("b.bin", b"\0")
    done = run()
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode() == "1 file clean, 1 skipped\n"


def test_empty_folder_has_nothing_to_look_at(here: Path) -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, b"no files to look at\n")


def test_quiet_says_it_with_the_exit_status_only(here: Path) -> None:
    put("a.md", DAMAGED)
    put("b.md", b"caf\xe9")
    done = run("--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


def test_many_findings_are_condensed_unless_verbose(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("a.md", DAMAGED * 40)
    assert main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "a.md: … and 90 more (--verbose shows all)"
    assert main(["--verbose"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 40


def test_verbose_says_why_files_are_skipped(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put("a.bin", b"a\0")
    assert main(["-v"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "a.bin: skipped: binary (NUL at byte 1)",
        "1 skipped",
    ]


def test_lines_end_at_line_feeds_only(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put("a.md", "\ufeffa\x85b\u2028c\rd KÃ¶ln und MalmÃ¶\n")
    assert main([]) == 1
    assert capsys.readouterr().out.startswith("a.md:1:10: ")


def test_hidden_and_ignored_files_are_for_the_named_only(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(".gitignore", "*.log\n")
    put(".hidden.md", DAMAGED)
    put("a.log", DAMAGED)
    assert main([]) == 0
    assert main([".hidden.md", "a.log"]) == 1
    assert "2 files damaged" in capsys.readouterr().err


def test_version_and_help() -> None:
    assert run("--version").stdout.decode().split() == ["fixmoji", mojibake_fix.__version__]
    shown = run("--help").stdout.decode()
    assert "usage: fixmoji" in shown
    assert "exit status: 0 clean" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such"],
        ["--write", "--diff"],
        ["--quiet", "--verbose"],
        ["--writ"],
        [""],
        ["--names", ""],
    ],
)
def test_wrong_usage_is_an_error(arguments: list[str], here: Path) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(b"usage: fixmoji")


# Writing


@pytest.mark.parametrize(
    ("observed", "original"),
    [
        (DAMAGED, ORIGINAL),
        (DAMAGED.replace("\n", "\r\n") * 2, ORIGINAL.replace("\n", "\r\n") * 2),
        (BOM + DAMAGED.encode(), BOM + ORIGINAL.encode()),
        (DAMAGED.rstrip(), ORIGINAL.rstrip()),
        ("a\x85\u2028\r\t\x0c " + DAMAGED + "\n\n ", "a\x85\u2028\r\t\x0c " + ORIGINAL + "\n\n "),
    ],
)
def test_write_changes_the_damage_only(
    here: Path, observed: str | bytes, original: str | bytes
) -> None:
    target = put("a.md", observed)
    done = run("--write")
    assert done.returncode == 0
    assert target.read_bytes() == (original if isinstance(original, bytes) else original.encode())
    assert sorted(os.listdir()) == ["a.md"]
    assert run("--write", "--quiet").returncode == 0
    assert run().returncode == 0


@needs_posix
def test_write_says_what_it_did_and_keeps_the_mode(here: Path) -> None:
    put("a.md", DAMAGED).chmod(0o751)
    put("b.md", "clean")
    done = run("--write")
    assert done.stdout.decode() == "a.md: 3 spans repaired\n"
    assert done.stderr.decode() == "1 file repaired (3 spans), 1 clean\n"
    assert stat.S_IMODE(os.stat("a.md").st_mode) == 0o751


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full disk")
def test_a_full_disk_behind_a_long_filter_is_no_error_of_the_input(here: Path) -> None:
    data = "KÃ¶ln und MalmÃ¶\n".encode() * 100_000
    with open("/dev/full", "wb") as full:
        run = subprocess.run(
            [sys.executable, "-m", "mojibake_fix", "-"],
            input=data,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert run.returncode == 2
    assert run.stderr.startswith(b"fixmoji: cannot write the output: ")


def test_write_leaves_clean_files_untouched(here: Path) -> None:
    target = put("a.md", "clean\n")
    os.utime(target, ns=(1, 1))
    before = target.stat()
    assert main(["--write", "-q"]) == 0
    after = target.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_verbose_write_shows_the_findings_too(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("a.md", DAMAGED)
    assert main(["--write", "--verbose"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("a.md:1:2: KÃ¶ln")
    assert lines[1:] == ["a.md: 3 spans repaired"]


@needs_posix
def test_write_goes_through_a_named_link_only(here: Path) -> None:
    target = put("real/a.md", DAMAGED)
    put("links/x", "clean")
    Path("links/link.md").symlink_to("../real/a.md")
    assert main(["--write", "-q", "links"]) == 0
    assert target.read_bytes() == DAMAGED.encode()
    assert main(["--write", "-q", "links/link.md"]) == 0
    assert target.read_bytes() == ORIGINAL.encode()
    assert Path("links/link.md").is_symlink()


@needs_posix
def test_hard_linked_file_is_refused_and_the_others_follow(here: Path) -> None:
    put("a.md", DAMAGED)
    os.link("a.md", "b.md")
    put("c.md", DAMAGED)
    done = run("--write")
    assert done.returncode == 2
    assert "a.md: has 2 hard links" in done.stderr.decode()
    assert Path("a.md").read_bytes() == DAMAGED.encode()
    assert Path("c.md").read_bytes() == ORIGINAL.encode()


def test_read_only_folder_is_a_clear_error(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = put("a.md", DAMAGED)
    opened = os.open

    def refuse(path: str, *rest: int) -> int:
        if path.endswith(".tmp"):
            raise OSError(errno.EROFS, "Read-only file system", path)
        return opened(path, *rest)

    monkeypatch.setattr(os, "open", refuse)
    assert main(["--write"]) == 2
    error = capsys.readouterr().err.splitlines()[0]
    assert error == "error: a.md: cannot be replaced (read-only file system): left as it is"
    assert target.read_bytes() == DAMAGED.encode()


def test_file_that_changes_while_we_work_is_left(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = put("a.md", DAMAGED)
    read = tree.read_file

    def read_then_change(file: Any, **options: Any) -> Any:
        result = read(file)
        target.write_bytes(b"somebody else was here")
        return result

    monkeypatch.setattr(cli, "read_file", read_then_change)
    assert main(["--write"]) == 2
    assert "a.md: changed while it was being repaired" in capsys.readouterr().err
    assert target.read_bytes() == b"somebody else was here"
    assert os.listdir() == ["a.md"]


# Tests may run where signals are ignored, as behind `nohup`.
DEFAULT_SIGNALS = (
    "import signal; signal.signal(1, signal.SIG_DFL); signal.signal(2, signal.default_int_handler)"
)


def _slow_writer(code: str) -> subprocess.Popen[bytes]:
    """Start a `--write` that waits while its temporary file exists."""
    script = (
        "import os, sys, time; from mojibake_fix.cli import main\n"
        "def wait(*_):\n    print('waiting', flush=True); time.sleep(60)\n"
        f"os.fchmod = wait; {code}; sys.exit(main(['--write']))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@needs_posix
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_interrupted_write_leaves_no_litter(here: Path, number: int, status: int) -> None:
    target = put("a.md", DAMAGED)
    with _slow_writer(DEFAULT_SIGNALS) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"waiting\n"
        assert len(os.listdir()) == 2
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == status
    assert b"Traceback" not in err
    assert target.read_bytes() == DAMAGED.encode()
    assert os.listdir() == ["a.md"]


# Differences


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_diff_is_what_write_would_do(here: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.md": DAMAGED,
        "sub/with space.md": "x\n" * 20 + DAMAGED + "x\n" * 7 + DAMAGED + "y\n" * 6 + DAMAGED,
        "crlf.md": (DAMAGED * 3).replace("\n", "\r\n"),
        "bom.md": BOM + DAMAGED.encode() + b"\n" * 9 + DAMAGED.rstrip().encode(),
        "no-newline.md": "x\n" * 9 + DAMAGED.rstrip(),
        "only\x85lines\u2028of\rtext.md": f"a\x85b\u2028{DAMAGED}\x0c\n\x85{DAMAGED}",
        'quo"ted\\.md': DAMAGED,
        "clean.md": "clean",
    }
    if os.name != "posix":
        files = {name: content for name, content in files.items() if name.isalnum()}
    for folder in ("one", "two"):
        for name, content in files.items():
            put(f"{folder}/{name}", content)
    done = run("--diff", cwd="one")
    assert done.returncode == 1
    applied = subprocess.run(
        ["git", "-C", "one", "apply", "--whitespace=nowarn"],
        input=done.stdout,
        capture_output=True,
        check=False,
    )
    assert applied.stderr == b""
    assert run("--write", cwd="two").returncode == 0
    for name in files:
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes(), name
    assert run("--diff", "--quiet", cwd="two").stdout == b""


def test_diff_changes_nothing_and_is_empty_for_clean_files(here: Path) -> None:
    target = put("a.md", "clean")
    done = run("--diff")
    assert (done.returncode, done.stdout) == (0, b"")
    target = put("a.md", DAMAGED)
    assert run("--diff", "-q").stdout.count(b"\n+K") == 1
    assert target.read_bytes() == DAMAGED.encode()


# Filter


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"", b""),
        (b"clean\r\n\0", b"clean\r\n\0"),
        (BOM + DAMAGED.encode().replace(b"\n", b"\r\n"), BOM + ORIGINAL.encode()[:-1] + b"\r\n"),
        (DAMAGED.encode(), ORIGINAL.encode()),
    ],
)
def test_filter_passes_bytes(given: bytes, expected: bytes) -> None:
    done = run("-", input=given)
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, b"")


def test_filter_writes_nothing_if_its_input_is_not_utf8() -> None:
    done = run("-", input=DAMAGED.encode() + b"caf\xe9")
    assert (done.returncode, done.stdout) == (2, b"")
    place = b"error: <stdin>: not UTF-8 at byte 33 (line 2, column 4)"
    assert place + b": nothing of it is written; --to-utf-8 converts it" in done.stderr


LINES = "eine Straße, ohne Schaden\n" * 50_000
"""More than the filter reads before it writes."""


def test_filter_passes_more_than_it_holds() -> None:
    given = f"{LINES}{DAMAGED}{LINES[:90]}{DAMAGED}".encode()
    done = run("-", input=given)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == f"{LINES}{ORIGINAL}{LINES[:90]}{ORIGINAL}".encode()
    done = run("-", input=LINES.encode())
    assert (done.returncode, done.stdout, done.stderr) == (0, LINES.encode(), b"")


def test_filter_stops_at_what_is_not_utf8_if_more_has_passed_than_it_holds() -> None:
    given = f"{LINES}{DAMAGED}".encode()
    done = run("-", input=given + b"caf\xe9\nKaffee\n")
    assert (done.returncode, done.stdout) == (2, f"{LINES}{ORIGINAL}caf".encode())
    assert f"<stdin>: not UTF-8 at byte {len(given) + 3} (line 50002".encode() in done.stderr


def test_filter_tells_how_much_it_found_in_what_it_does_not_hold() -> None:
    given = f"{LINES}{LOSSY}".encode()
    done = run("-", input=given)
    assert re.fullmatch(rb"<stdin>: \d spans repaired, \d characters? guessed\n", done.stderr)
    done = run("--format", "json", "-", input=given)
    record = json.loads(done.stderr.splitlines()[1])
    assert record["status"] == "repaired"
    assert record["found"]["replaced"] == sum(record["found"]["channels"].values()) > 0
    assert record["found"]["guessed"] > 0
    assert "spans" not in record
    done = run("--uncertain", "keep", "-", input=given)
    assert done.stderr == b"<stdin>: 1 span repaired, 1 span left: bytes were lost\n"


def test_filter_does_not_wait_on_a_terminal() -> None:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "mojibake_fix", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=slave) as filter_:
        assert filter_.stdin
        try:
            filter_.stdin.write(DAMAGED.encode())
            filter_.stdin.flush()
            assert os.read(master, 1000).decode().replace("\r\n", "\n") == ORIGINAL
        finally:
            filter_.stdin.close()
            os.close(slave)
    os.close(master)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["clean-lines", "clean-line", "damaged-lines", "damaged-line"])
def test_filter_takes_little_memory_for_200_megabytes(name: str) -> None:
    script = Path(__file__).resolve().parent.parent / "benchmarks" / "filter.py"
    command = [sys.executable, str(script), "--size", "200", "--only", name, "--json"]
    done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    (found,) = json.loads(done.stdout)
    assert found["megabytes"] >= 199
    assert found["peak_megabytes"] < 100
    assert found["right"]
    assert done.returncode == 0


def test_filter_shows_a_diff() -> None:
    done = run("--diff", "-", input=DAMAGED.encode())
    assert done.returncode == 1
    assert f"-{DAMAGED}+{ORIGINAL}".encode() in done.stdout
    done = run("--diff", "-", input=b"clean")
    assert (done.returncode, done.stdout) == (0, b"")


def test_standard_input_does_not_mix_with_paths(here: Path) -> None:
    done = run("-", "a.md", input=b"")
    assert done.returncode == 2
    assert b"cannot be mixed" in done.stderr


# Exit status and colours


@pytest.mark.parametrize(
    ("words", "content", "status"),
    [
        ([], DAMAGED, 1),
        (["--exit-zero"], DAMAGED, 0),
        (["--diff", "--exit-zero"], DAMAGED, 0),
        (["--write"], DAMAGED, 0),
        (["--write", "--exit-nonzero-on-fix"], DAMAGED, 1),
        (["--write", "--exit-nonzero-on-fix"], "clean", 0),
        (["--exit-nonzero-on-fix"], "clean", 0),
        (["--exit-zero"], b"caf\xe9", 2),
    ],
)
def test_exit_status_is_the_one_asked_for(
    here: Path, words: list[str], content: str | bytes, status: int
) -> None:
    put("a.md", content)
    assert main([*words, "a.md"]) == status


def test_exit_status_of_the_filter_may_tell_that_it_repaired() -> None:
    assert run("-", "--exit-nonzero-on-fix", input=DAMAGED.encode()).returncode == 1
    assert run("-", "--exit-nonzero-on-fix", input=b"clean").returncode == 0


@pytest.mark.parametrize("words", [[], ["--diff"]])
def test_colour_can_be_asked_for_and_refused(here: Path, words: list[str]) -> None:
    put("a.md", DAMAGED)
    assert b"\x1b[31m" in run(*words, "--color=always").stdout
    forced = {**os.environ, "FORCE_COLOR": "1"}
    assert b"\x1b" not in run(*words, "--color=never", env=forced).stdout


# Normal forms

DECOMPOSED = "scho\u0308n …\n"
COMPOSED = "schön …\n"


def test_nothing_is_normalized_unless_asked_for(here: Path) -> None:
    put("a.md", DECOMPOSED)
    assert main(["--write"]) == 0
    assert Path("a.md").read_text(encoding="utf-8") == DECOMPOSED


def test_texts_that_are_not_in_a_normal_form_are_found(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("a.md", DECOMPOSED)
    put("b.md", COMPOSED)
    put("c.md", DAMAGED + DECOMPOSED)
    assert main(["--normalize=nfc", "--normalize=controls", "a.md", "b.md"]) == 1
    shown = capsys.readouterr()
    assert shown.out == "a.md: not in nfc\n"
    assert shown.err == "1 file unnormalized, 1 clean\nadd --write to repair\n"
    assert main(["--normalize=nfc", "--normalize=ellipsis", "c.md"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "c.md: not in nfc, ellipsis"


def test_texts_are_put_into_normal_forms_behind_the_repair(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("a.md", BOM + DECOMPOSED.encode())
    put("b.md", COMPOSED)
    put("c.md", DAMAGED + DECOMPOSED)
    assert main(["--write", "--normalize=nfc"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "a.md: put into nfc\nc.md: 3 spans repaired\nc.md: put into nfc\n"
    assert shown.err == "1 file repaired (3 spans), 1 file normalized, 1 clean\n"
    assert Path("a.md").read_bytes() == BOM + COMPOSED.encode()
    assert Path("c.md").read_bytes() == (ORIGINAL + COMPOSED).encode()
    assert main(["--write", "--normalize=nfc", "--exit-nonzero-on-fix"]) == 0
    put("a.md", DECOMPOSED)
    assert main(["--write", "--normalize=nfc", "--exit-nonzero-on-fix"]) == 1


def test_diff_and_filter_know_normal_forms(here: Path) -> None:
    text = DAMAGED + "…\n"
    put("a.md", text)
    put("b.md", "…\n")
    shown = run("--normalize=ellipsis", "--diff").stdout.decode()
    assert f"-{DAMAGED}-…\n+{ORIGINAL}+...\n" in shown
    assert shown.endswith("@@ -1,1 +1,1 @@\n-…\n+...\n")
    done = run("--normalize=ellipsis", "-", input=text.encode())
    assert (done.returncode, done.stdout, done.stderr) == (0, (ORIGINAL + "...\n").encode(), b"")


def test_each_configuration_has_its_normal_forms(here: Path) -> None:
    put("a/.fixmoji.toml", "normalize = ['ellipsis', 'quotes']\n")
    put("a/a.md", "“…”\n")
    put("b/a.md", "“…”\n")
    assert main(["--write", "-q"]) == 0
    assert Path("a/a.md").read_text(encoding="utf-8") == '"..."\n'
    assert Path("b/a.md").read_text(encoding="utf-8") == "“…”\n"


# Configuration


def test_configuration_of_each_file_holds(here: Path) -> None:
    put("a.md", LOSSY)
    put("kept/a.md", LOSSY)
    put("kept/.fixmoji.toml", "uncertain = 'keep'\nmin-confidence = 1\n")
    assert main(["--write", "-q"]) == 0
    assert Path("a.md").read_text(encoding="utf-8") != LOSSY
    assert Path("kept/a.md").read_text(encoding="utf-8") == LOSSY
    put("a.md", LOSSY)
    assert main(["--write", "-q", "--config", "kept/.fixmoji.toml"]) == 0
    assert Path("a.md").read_text(encoding="utf-8") == LOSSY


def test_unusable_configuration_leaves_its_files_and_the_others_follow(here: Path) -> None:
    put("a.md", DAMAGED)
    put("bad/a.md", DAMAGED)
    put("bad/b.md", DAMAGED)
    bad = put("bad/.fixmoji.toml", "uncertian = 'keep'\n").resolve()
    done = run("--write", ".", "bad/a.md", "bad/b.md")
    assert done.returncode == 2
    complaint = f"error: {bad}: there is no key uncertian (line 1) (did you mean uncertain?)"
    assert done.stderr.decode().splitlines() == [complaint, "1 file repaired (3 spans), 1 error"]
    assert Path("a.md").read_bytes() == ORIGINAL.encode()
    assert Path("bad/b.md").read_bytes() == DAMAGED.encode()


def test_unusable_named_configuration_stops_everything(here: Path) -> None:
    put("a.md", DAMAGED)
    done = run("--write", "--config", "gone.toml")
    assert done.returncode == 2
    assert done.stderr == b"fixmoji: error: gone.toml: there is no such file\n"
    assert Path("a.md").read_bytes() == DAMAGED.encode()


def test_named_files_may_all_be_excluded(here: Path) -> None:
    put("a.md", DAMAGED)
    done = run("--force-exclude", "--exclude=*.md", "a.md")
    assert (done.returncode, done.stderr) == (0, b"no files to look at\n")


def test_filter_has_the_configuration_of_the_file_that_it_stands_for(here: Path) -> None:
    put("kept/.fixmoji.toml", "uncertain = 'keep'\nmin-confidence = 1\nexclude = ['x.md']\n")
    done = run("-", "--stdin-filename=kept/a.md", input=LOSSY.encode())
    assert (done.returncode, done.stdout.decode()) == (0, LOSSY)
    assert done.stderr.decode().startswith("kept/a.md: ")
    assert run("-", input=LOSSY.encode()).stdout.decode() != LOSSY
    done = run("--diff", "-", "--stdin-filename=kept/b.md", input=DAMAGED.encode())
    assert done.stdout.startswith(b"--- a/kept/b.md\n")
    excluded = ["-", "--stdin-filename=kept/x.md"]
    assert run(*excluded, input=DAMAGED.encode()).stdout == ORIGINAL.encode()
    done = run(*excluded, "--force-exclude", input=DAMAGED.encode())
    assert (done.returncode, done.stdout, done.stderr) == (0, DAMAGED.encode(), b"")
    put("kept/.fixmoji.toml", "x = 1")
    done = run(*excluded, input=DAMAGED.encode())
    assert (done.returncode, done.stdout) == (2, b"")
    assert b".fixmoji.toml: there is no key x" in done.stderr


# Bad input


def test_file_that_is_not_utf8_is_left_and_no_error_in_a_walk(here: Path) -> None:
    put("a.md", "é\nxyz".encode() + b"\xe9")
    put("b.md", "clean")
    done = run()
    assert done.returncode == 0
    assert done.stderr.decode().splitlines() == [
        "a.md: not UTF-8 at byte 6 (line 2, column 4): left as it is; "
        "--to-utf-8 converts it, --encoding NAME repairs it as it is",
        "1 file clean, 1 not UTF-8",
    ]
    done = run("--write", ".")
    assert done.returncode == 0
    assert Path("a.md").read_bytes().endswith(b"\xe9")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"caf\xe9", "not UTF-8 at byte 3"),
        (b"a\0b", "binary (NUL at byte 1)"),
        (b"\xff\xfea\0", "UTF-16 (by its byte order mark)"),
        (b"\xed\xa0\x80", "not UTF-8 at byte 0"),
    ],
)
def test_named_file_that_is_no_text_is_an_error(here: Path, content: bytes, message: str) -> None:
    put("a.md", content)
    put("b.md", DAMAGED)
    done = run("a.md", "b.md")
    assert done.returncode == 2
    assert f"error: a.md: {message}" in done.stderr.decode()
    assert b"b.md:1:2:" in done.stdout


@pytest.mark.parametrize("name", ["FILE", "RESCORER_FILE"])
def test_a_model_that_is_gone_is_a_clear_error(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    from mojibake_fix import model

    put("a.md", LOSSY)
    monkeypatch.setattr(model, name, "gone.bin")
    for load in (model.load, model.load_rescorer):
        monkeypatch.setattr(model, load.__name__, load.__wrapped__)
    assert main(["--write", "-j1", "a.md"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("fixmoji: error: no part of the language model in 'gone.bin': ")
    assert error.endswith(": install mojibake-fix again\n")
    assert Path("a.md").read_text(encoding="utf-8") == LOSSY


def test_missing_path_is_an_error_and_the_others_follow(here: Path) -> None:
    put("b.md", DAMAGED)
    done = run("--write", "gone.md", "b.md")
    assert done.returncode == 2
    assert b"error: gone.md: no such file or directory" in done.stderr
    assert Path("b.md").read_bytes() == ORIGINAL.encode()


def test_unreadable_file_is_an_error_and_the_others_follow(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put("a.md", DAMAGED)
    put("b.md", DAMAGED)
    opened = os.open

    def refuse(path: str, *rest: int) -> int:
        if path.endswith("a.md"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return opened(path, *rest)

    monkeypatch.setattr(os, "open", refuse)
    assert main([]) == 2
    shown = capsys.readouterr()
    assert "error: a.md: permission denied" in shown.err
    assert "b.md:1:2:" in shown.out


def test_file_too_large_for_the_memory_is_an_error(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put("a.md", DAMAGED)

    def fail(_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(cli, "read_file", fail)
    assert main([]) == 2
    assert "error: a.md: too large for the memory" in capsys.readouterr().err


@needs_posix
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_paths_that_are_not_unicode_can_be_shown(here: Path, encoding: str) -> None:
    name = os.fsdecode(b"caf\xe9\x1b.md")
    try:
        put(name, DAMAGED)
    except OSError:
        pytest.skip("this file system wants Unicode")
    done = run(env={**os.environ, "PYTHONIOENCODING": encoding})
    assert done.returncode == 1
    start = b"caf\\udce9" + "‹U+001B›.md:1:2:".encode(encoding, "backslashreplace")
    assert done.stdout.startswith(start)
    done = run("--diff", env={**os.environ, "PYTHONIOENCODING": encoding})
    assert done.stdout.startswith(b'--- "a/caf\xe9\\033.md"\n')


def test_output_that_is_not_unicode_does_not_stop_us(here: Path) -> None:
    put("a.md", DAMAGED)
    done = run(env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1
    assert rb"K\xc3\xb6ln" in done.stdout


@needs_posix
def test_reader_that_goes_away_is_no_error(here: Path) -> None:
    for number in range(300):
        put(f"{number}.md", DAMAGED)
    with subprocess.Popen(
        [sys.executable, "-m", "mojibake_fix", "-v"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [[], ["--diff"], ["-"]])
def test_output_that_cannot_be_written_is_an_error(here: Path, arguments: list[str]) -> None:
    put("a.md", DAMAGED)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mojibake_fix", *arguments],
            input=DAMAGED.encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == b"fixmoji: cannot write the output: no space left on device\n"


@needs_posix
@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)])
def test_closed_standard_streams_change_nothing_else(here: Path, closed: tuple[int, ...]) -> None:
    for options, status in (([], 1), (["--diff"], 1), (["--write"], 0), (["--undo"], 0)):
        if options != ["--undo"]:
            put("a.md", DAMAGED)
        line = " ".join([sys.executable, "-m", "mojibake_fix", *options])
        done = subprocess.run(
            ["sh", "-c", line + "".join(f" {number}>&-" for number in closed)],
            capture_output=True,
            check=False,
        )
        assert b"Traceback" not in done.stderr
        assert done.returncode == status
        assert Path("a.md").read_text(encoding="utf-8") == (
            ORIGINAL if options == ["--write"] else DAMAGED
        )


@needs_posix
def test_vanished_current_folder_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    script = f"import os, sys; os.rmdir({str(folder)!r}); from mojibake_fix.cli import main; "
    done = subprocess.run(
        [sys.executable, "-P", "-c", script + "sys.exit(main([]))"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: .: no such file or directory")


def seconds_of_children() -> float:
    """Return how long processes that were waited for have computed: others may be busy, too."""
    times = os.times()
    return times.children_user + times.children_system


@pytest.mark.slow
def test_single_line_of_100_megabytes(here: Path) -> None:
    filler = "Ein ganz gewöhnlicher Satz ohne jede Beschädigung, 一周总结与回顾。 ".encode()
    clean = filler * (100_000_000 // len(filler))
    put("clean.md", clean)
    put("damaged.md", clean + DAMAGED.encode())
    start = seconds_of_children()
    done = run("clean.md")
    assert (done.returncode, done.stderr) == (0, b"1 file clean\n")
    assert seconds_of_children() - start < 10
    start = seconds_of_children()
    done = run("damaged.md")
    assert done.returncode == 1
    column = len(clean.decode()) + 2
    assert done.stdout.decode().startswith(f"damaged.md:1:{column}: …")
    assert seconds_of_children() - start < 90
    assert run("--write", "damaged.md").returncode == 0
    assert Path("damaged.md").read_bytes() == clean + ORIGINAL.encode()


# The start


def test_clean_files_import_only_what_they_need(here: Path) -> None:
    put("a.md", "clean, schön\n")
    code = (
        "import sys; before = set(sys.modules); from mojibake_fix.cli import main;"
        "status = main(['a.md', '.']); print(*set(sys.modules) - before); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8"
    )
    unwanted = {
        *("charset_normalizer", "concurrent.futures", "dataclasses", "difflib", "json", "pathlib"),
        *("argparse", "pathspec", "re", "signal", "tomllib", "typing", "unicodedata"),
        *(f"mojibake_fix.{name}" for name in ("channels", "options")),
        *("mojibake_fix._detect", "mojibake_fix._repair"),
    }
    loaded = set(done.stdout.split())
    assert unwanted & loaded == set()
    reports = {name for name in loaded if name.startswith("mojibake_fix.report.")}
    assert reports == {f"mojibake_fix.report.{n}" for n in ("forms", "places", "terminal", "text")}
