"""Files in other encodings: read in them, written back in them, or made UTF-8."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mojibake_fix import fix_bytes
from mojibake_fix.cli import main

if TYPE_CHECKING:
    from pathlib import Path

CLEAN = "Le café est près de la gare, déjà ouvert.\r\nÀ bientôt !\r\n"
DAMAGED = "Le cafÃ© est prÃ¨s de la gare.\nÀ bientôt !\n"
REPAIRED = "Le café est près de la gare.\nÀ bientôt !\n"


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "notes").mkdir()
    monkeypatch.chdir(tmp_path / "notes")


def filtered(data: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "mojibake_fix", *options, "-"]
    return subprocess.run(command, input=data, capture_output=True, check=False)


def note(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "notes" / "a.txt"
    path.write_bytes(data)
    return path


def test_a_file_in_another_encoding_stays_and_the_message_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = note(tmp_path, CLEAN.encode("cp1252"))
    assert main(["--write", "."]) == 0
    assert path.read_bytes() == CLEAN.encode("cp1252")
    assert "a.txt: not UTF-8 at byte 6 (line 1, column 7): left as it is; --to-utf-8" in (
        capsys.readouterr().err
    )


def test_encoding_repairs_and_writes_back_in_it(tmp_path: Path) -> None:
    path = note(tmp_path, DAMAGED.encode("cp1252"))
    assert main(["--encoding", "cp1252", "."]) == 1
    assert path.read_bytes() == DAMAGED.encode("cp1252")
    assert main(["--encoding", "cp1252", "--write", "."]) == 0
    assert path.read_bytes() == REPAIRED.encode("cp1252")
    assert main(["--undo"]) == 0
    assert path.read_bytes() == DAMAGED.encode("cp1252")


def test_encoding_leaves_clean_files_and_utf_8_alone(tmp_path: Path) -> None:
    path = note(tmp_path, CLEAN.encode("cp1252"))
    other = tmp_path / "notes" / "b.txt"
    other.write_text(REPAIRED, encoding="utf-8")
    assert main(["--encoding", "cp1252", "--write", "."]) == 0
    assert path.read_bytes() == CLEAN.encode("cp1252")
    assert other.read_bytes() == REPAIRED.encode()


def test_what_does_not_fit_into_the_encoding_is_an_error_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "ÐŸÑ€Ð¸Ð²ÐµÑ‚, Ð¼Ð¸Ñ€! À bientôt\n"
    path = note(tmp_path, text.encode("cp1252"))
    assert main(["--encoding", "cp1252", "--write", "."]) == 2
    assert path.read_bytes() == text.encode("cp1252")
    assert "which cp1252 cannot hold" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", CLEAN),
        ("gbk", "我们明天去公园散步。\n天气很好，大家都来了。\n"),
        ("shift_jis", "明日は公園に行きます。\n"),
        ("koi8-r", "Съешь ещё этих мягких булок.\n"),
    ],
)
def test_to_utf_8_converts_and_undo_gives_the_bytes_back(
    tmp_path: Path, encoding: str, text: str
) -> None:
    data = text.encode(encoding)
    path = note(tmp_path, data)
    assert main(["--encoding", encoding, "--to-utf-8", "."]) == 1
    assert path.read_bytes() == data
    assert main(["--encoding", encoding, "--to-utf-8", "--write", "."]) == 0
    assert path.read_bytes() == text.encode()
    assert main(["--encoding", encoding, "--to-utf-8", "--write", "."]) == 0
    assert path.read_bytes() == text.encode()
    assert main(["--undo"]) == 0
    assert path.read_bytes() == data


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_to_utf_8_reads_byte_order_marks(tmp_path: Path, encoding: str) -> None:
    path = note(tmp_path, DAMAGED.encode(encoding))
    assert main(["--to-utf-8", "--write", "."]) == 0
    assert path.read_bytes() == REPAIRED.encode()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_utf_16_is_told_of_and_repaired_as_it_is_if_any_encoding_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    path = note(tmp_path, DAMAGED.encode(encoding))
    assert main(["."]) == 0
    told = capsys.readouterr().err
    assert f"a.txt: {encoding.upper()} (by its byte order mark), not UTF-8, at byte 0 " in told
    assert "left as it is; --to-utf-8 converts it, --encoding NAME repairs it as it is" in told
    assert "1 not UTF-8" in told
    assert main(["--encoding", encoding, "--write", "."]) == 0
    assert path.read_bytes() == REPAIRED.encode(encoding)
    assert main(["--encoding", "cp1252", "--write", "."]) == 0
    assert path.read_bytes() == REPAIRED.encode(encoding)


def test_utf_16_without_a_byte_order_mark_is_repaired_as_it_is(tmp_path: Path) -> None:
    path = note(tmp_path, DAMAGED.encode("utf-16-le"))
    assert main(["--encoding", "utf-16-le", "--write", "."]) == 0
    assert path.read_bytes() == REPAIRED.encode("utf-16-le")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_byte_order_mark_is_told_by_every_other_byte(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    path = note(tmp_path, DAMAGED.encode(encoding))
    assert main(["."]) == 0
    assert main([str(path)]) == 2
    assert "a.txt: UTF-16 (without a byte order mark), not UTF-8" in capsys.readouterr().err
    assert main(["--to-utf-8", "--write", "."]) == 0
    assert path.read_bytes() == REPAIRED.encode()
    assert main(["--undo"]) == 0
    assert path.read_bytes() == DAMAGED.encode(encoding)
    assert fix_bytes(DAMAGED.encode(encoding)) == REPAIRED.encode(encoding)
    clean = REPAIRED.encode(encoding)
    assert fix_bytes(clean) is clean


def test_what_only_begins_like_utf_16_is_binary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = (CLEAN * 200).encode("utf-16-le") + bytes(range(256))
    path = note(tmp_path, data)
    assert main(["--to-utf-8", "--write", str(path)]) == 2
    assert "binary (NUL at byte 1)" in capsys.readouterr().err
    assert path.read_bytes() == data


def test_bytes_of_a_legacy_codec_among_utf_8_are_decoded_where_they_stand(tmp_path: Path) -> None:
    data = "Déjà vu: où êtes-vous ?\n".encode() + "Le café près de la gare\n".encode("cp1252")
    path = note(tmp_path, data)
    assert main(["--to-utf-8", "--write", "."]) == 0
    assert path.read_text(encoding="utf-8") == "Déjà vu: où êtes-vous ?\nLe café près de la gare\n"
    assert main(["--undo"]) == 0
    assert path.read_bytes() == data


def test_bytes_of_no_encoding_are_an_error_that_names_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = "Déjà vu: où êtes-vous ?\n".encode() * 3 + b"\x81\x8d\xff\xfe\x81"
    path = note(tmp_path, data)
    assert main(["--to-utf-8", "--write", "."]) == 2
    assert path.read_bytes() == data
    message = capsys.readouterr().err
    assert "a.txt" in message
    assert f"byte {data.index(0x81)} (line 4, column 1)" in message


def test_bytes_that_are_not_in_the_named_encoding_are_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = note(tmp_path, b"caf\xe9 \x81\n")
    assert main(["--encoding", "cp1252", "--write", "a.txt"]) == 2
    assert path.read_bytes() == b"caf\xe9 \x81\n"
    assert "a.txt: not cp1252 at byte 5" in capsys.readouterr().err


def test_the_filter_converts() -> None:
    done = filtered(CLEAN.encode("cp1252"), "--encoding", "cp1252", "--to-utf-8")
    assert (done.returncode, done.stdout) == (0, CLEAN.encode())
    done = filtered(DAMAGED.encode("cp1252"), "--encoding", "cp1252")
    assert (done.returncode, done.stdout) == (0, REPAIRED.encode("cp1252"))


def test_the_diff_shows_what_is_converted() -> None:
    done = filtered(b"caf\xe9\nplain\n", "--encoding", "cp1252", "--to-utf-8", "--diff")
    assert done.returncode == 1
    assert b"-caf\xe9\n+caf\xc3\xa9\n plain\n" in done.stdout


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
@pytest.mark.parametrize("converts", [True, False])
def test_every_report_tells_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str, converts: bool
) -> None:
    mixed = "Déjà vu: où êtes-vous ?\n".encode() + "Le café près de la gare\n".encode("cp1252")
    note(tmp_path, mixed if converts else DAMAGED.encode("cp1252"))
    page = str(tmp_path / "page.html")
    options = ["--to-utf-8"] if converts else ["--encoding", "cp1252"]
    assert main([*options, "--format", form, "--report", page, "."]) == 1
    out = capsys.readouterr().out
    assert "a.txt" in out
    if form == "json":
        assert all(json.loads(line) for line in out.splitlines())


def test_a_configuration_file_may_say_it(tmp_path: Path) -> None:
    (tmp_path / "notes" / ".fixmoji.toml").write_text('encoding = "cp1252"\nto-utf-8 = true\n')
    path = note(tmp_path, CLEAN.encode("cp1252"))
    assert main(["--write", "."]) == 0
    assert path.read_bytes() == CLEAN.encode()
    assert main(["--undo"]) == 0
    assert path.read_bytes() == CLEAN.encode("cp1252")


@pytest.mark.parametrize("name", ["no-such-codec", "base64", "rot13", ""])
def test_an_encoding_that_is_none_is_a_usage_error(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--encoding", name, "."]) == 2
    assert "--encoding must be" in capsys.readouterr().err
