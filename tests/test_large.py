"""Files that are too large to be in memory: repaired, reported and undone as small ones are."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mojibake_fix import cli, document, fix_stream, fix_text, journal, large, replace, tree
from mojibake_fix._repair import Repair
from mojibake_fix._spans import Span, replaced
from mojibake_fix.cli import main
from mojibake_fix.document import apply_edits, patched
from mojibake_fix.journal import Journal
from mojibake_fix.journal.folder import run_ids
from mojibake_fix.large import LargeFile
from mojibake_fix.repairer import LineRepairer, Report, SpanRepairer
from mojibake_fix.report import Counts, Outcome, excerpt
from mojibake_fix.report.excerpt import Excerpt, Excerpts
from mojibake_fix.report.github import GithubReport
from mojibake_fix.report.json_lines import JsonReport
from mojibake_fix.report.sarif import SarifReport
from mojibake_fix.report.text import TextReport
from mojibake_fix.tree import File
from strategies import consistent_documents, documents, marked_documents

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
BOM = b"\xef\xbb\xbf"
CLEAN = "Das schöne Wetter in Köln, sagte der Bürgermeister von Malmö.\n"
DAMAGED = "KÃ¶ln und MalmÃ¶, cafÃ©\n"
ORIGINAL = "Köln und Malmö, café\n"
WEAK, WEAK_ORIGINAL = "- Å‘\n", "- ő\n"

if TYPE_CHECKING:
    from mojibake_fix.report import Action, Status

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: Patch) -> Path:
    """Work in a folder where every file is large, and is read in small pieces."""
    monkeypatch.setenv("FIXMOJI_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "notes").mkdir()
    monkeypatch.chdir(tmp_path / "notes")
    lower_limits(monkeypatch)
    return tmp_path / "notes"


def lower_limits(monkeypatch: Patch) -> None:
    for module, name, value in (
        (tree, "_SMALL", 0),
        (tree, "_LARGE", 0),
        (tree, "HEAD", 40),
        (tree, "PIECE", 1000),
        (document, "PIECE", 1000),
        (journal.records, "_EDITS", 100),
    ):
        monkeypatch.setattr(module, name, value)


def whole(monkeypatch: Patch) -> None:
    monkeypatch.setattr(tree, "_LARGE", 1 << 30)


def put(name: str, data: bytes | str) -> Path:
    path = Path(name)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def streamed(data: bytes) -> bytes:
    fix_stream(io.BytesIO(data), writer := io.BytesIO())
    return writer.getvalue()


def of(path: Path, **options: object) -> LargeFile:
    return LargeFile(File(path.name, os.path.realpath(path), named=True), **options)


# What is repaired


@pytest.mark.parametrize(
    "data",
    [
        DAMAGED.encode(),
        BOM + (CLEAN * 90 + DAMAGED).encode() * 3,
        (CLEAN * 9 + DAMAGED).replace("\n", "\r\n").encode() + b"mixed\rnewlines\n\n" + b"end",
        (DAMAGED * 500).encode().rstrip(),
        ("\\u00c3\\u00a9 &Atilde;&copy;\n" + CLEAN * 40).encode() * 2,
        (DAMAGED.rstrip() + " ").encode() * 3000,
        ("Zażółć gęślą jaźń i łódź.\n".encode().decode("cp1250", "ignore") * 20).encode(),
    ],
)
def test_file_becomes_what_the_stream_makes_of_it_and_is_undone(notes: Path, data: bytes) -> None:
    target = put("a.md", data)
    target.chmod(0o640)
    before = target.stat()
    assert main(["--write", "-q"]) == 0
    assert target.read_bytes() == streamed(data) != data
    assert target.stat().st_mode == before.st_mode
    assert os.listdir() == ["a.md"]
    assert main(["-q"]) == 0  # nothing is left to do
    assert main(["--undo", "-q"]) == 0
    assert target.read_bytes() == data
    assert target.stat().st_mode == before.st_mode
    assert os.listdir() == ["a.md"]


@pytest.mark.parametrize("name", sorted(path.name for path in (FIXTURES / "damaged").iterdir()))
def test_damaged_notes_become_the_clean_ones(notes: Path, name: str) -> None:
    data = (FIXTURES / "damaged" / name).read_bytes()
    target = put(name, data)
    assert main(["--write", "-q"]) == 0
    assert target.read_bytes().decode() == fix_text(data.decode())
    assert main(["--undo", "-q"]) == 0
    assert target.read_bytes() == data


def test_clean_notes_stay(notes: Path, capsys: Capture) -> None:
    clean = sorted((FIXTURES / "clean").iterdir())[::2]
    for path in clean:
        put(path.name, path.read_bytes())
    assert main(["--write", "."]) == 0
    for path in clean:
        assert Path(path.name).read_bytes() == path.read_bytes()
    assert " repaired" not in capsys.readouterr().out
    assert run_ids() == []


def test_what_stands_behind_is_evidence_too(notes: Path) -> None:
    text = WEAK + CLEAN * 30 + DAMAGED * 3
    target = put("a.md", text)
    assert main(["--write", "-q"]) == 0
    assert streamed(text.encode()).decode() != fix_text(text)
    assert target.read_text(encoding="utf-8") == fix_text(text)
    put("a.md", WEAK + CLEAN * 30)
    assert main(["-q"]) == 0


def test_no_line_vouches_for_itself(notes: Path) -> None:
    for line in ("2 Å²\n", WEAK, "MAÇÃ».\n", "Ã»\n"):
        put("a.md", CLEAN * 20 + line)
        assert main([]) == (fix_text(CLEAN * 20 + line) != CLEAN * 20 + line)


def test_damage_that_a_line_shows_on_purpose_stays(notes: Path) -> None:
    table = 'var fixes = {"Ã©": "é", "Ã¨": "è"};\nreplace("Ã¼", "ü") // mojibake Ã¶\n'
    target = put("a.js", table + CLEAN * 30)
    assert main(["--write", "-q"]) == 0
    assert target.read_text(encoding="utf-8") == table + CLEAN * 30
    put("a.js", table + CLEAN * 30 + DAMAGED)
    assert main(["--write", "-q"]) == 0
    assert target.read_text(encoding="utf-8") == table + CLEAN * 30 + ORIGINAL
    assert streamed(table.encode()) != table.encode()


def test_marks_hide_lines(notes: Path) -> None:
    text = f"<!-- fixmoji: off -->\n{DAMAGED * 9}<!-- fixmoji: on -->\n{DAMAGED}"
    target = put("a.md", text)
    assert main(["--write", "-q"]) == 0
    assert target.read_text(encoding="utf-8") == text[: -len(DAMAGED)] + ORIGINAL


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["--uncertain=keep"], {"uncertain": "keep"}),
        (["--uncertain=mark"], {"uncertain": "mark"}),
        (["--uncertain=keep", "--min-confidence=1"], {"uncertain": "keep", "min_confidence": 1.0}),
    ],
)
def test_options_reach_it(notes: Path, words: list[str], options: dict[str, Any]) -> None:
    data = (FIXTURES / "lossy" / "emoji.cp1252.dropped.md").read_bytes()
    results = {}
    for name, chosen in (("default", {}), ("chosen", options)):
        file = of(put(name, data), **chosen)
        file.listen()
        results[name] = apply_edits(data, list(file.edits()))
    assert results["chosen"] != results["default"]
    target = put("a.md", data)
    assert main(["--write", "-q", *words, "a.md"]) == 0
    assert target.read_bytes() == results["chosen"]


@given(st.one_of(documents(), consistent_documents(), marked_documents()), st.integers(1, 40))
def test_pieces_with_spans_are_the_text_and_its_repair(text: str, size: int) -> None:
    spans, plain = SpanRepairer(), LineRepairer()
    cut = [text[at : at + size] for at in range(0, len(text), size)]
    pieces = [piece for part in cut for piece in spans.pieces(part)] + spans.last_pieces()
    observed = [piece if isinstance(piece, str) else piece.observed for piece in pieces]
    repaired = [
        piece
        if isinstance(piece, str)
        else (piece.observed if piece.replacement is None else piece.replacement)
        for piece in pieces
    ]
    assert "".join(observed) == text
    assert "".join(repaired) == plain.feed(text) + plain.flush()
    assert spans.report == plain.report


@given(
    st.binary(max_size=60),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.binary(max_size=9)), max_size=6),
    st.integers(1, 70),
)
def test_bytes_are_patched_piece_by_piece_as_at_once(
    data: bytes, changes: list[tuple[int, int, bytes]], size: int
) -> None:
    edits, at, expected = [], 0, b""
    for skip, length, new in changes:
        start = min(at + skip, len(data))
        old = data[start : start + length]
        expected += data[at:start] + new
        edits.append((start, old, new))
        at = start + len(old)
    expected += data[at:]
    assert apply_edits(data, edits) == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "PIECE", size)
        pieces = list(patched(io.BytesIO(data), edits))
    assert b"".join(pieces) == expected
    longest = max([0, *(len(new) for _, _, new in edits)])
    assert all(len(piece) < 2 * size + longest * len(edits) for piece in pieces)


# What is not


def test_file_that_is_not_utf8_is_left_where_it_is_told_why(notes: Path, capsys: Capture) -> None:
    data = (CLEAN * 40 + DAMAGED * 40 + "x").encode() + b"\xe9\n" + DAMAGED.encode()
    target = put("a.md", data)
    place = f"not UTF-8 at byte {data.index(bytes([0xE9, 10]))} (line 81, column 2): left as it is"
    assert main(["--write", "."]) == 0
    assert f"a.md: {place}; --to-utf-8 converts it" in capsys.readouterr().err
    assert main(["--write", "a.md"]) == 2
    assert f"error: a.md: {place}" in capsys.readouterr().err
    assert main(["--format=json", "."]) == 0
    shown = json.loads(capsys.readouterr().out.splitlines()[1])
    assert (shown["status"], shown["place"]["line"], shown["place"]["column"]) == (
        "not-utf8",
        81,
        2,
    )
    assert target.read_bytes() == data
    assert run_ids() == []


@pytest.mark.parametrize(
    ("data", "words", "expected"),
    [
        ((CLEAN + DAMAGED).encode("cp1252") * 9, ["--encoding=cp1252"], "cp1252"),
        ((CLEAN + DAMAGED).encode("utf-16"), ["--to-utf-8"], "utf-8"),
        ((CLEAN + DAMAGED).encode("utf-16-le"), ["--to-utf-8"], "utf-8"),
        ((CLEAN + DAMAGED).encode(), ["--encoding=cp1252"], "utf-8"),
    ],
)
def test_other_encodings_are_dealt_with_in_memory_up_to_a_limit(
    notes: Path, capsys: Capture, data: bytes, words: list[str], expected: str
) -> None:
    target = put("a.md", data)
    assert main(["--write", "-q", *words, "a.md"]) == 0
    assert ORIGINAL.strip() in target.read_bytes().decode(expected)
    assert main(["--undo", "-q"]) == 0
    assert target.read_bytes() == data
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "_MOST_CONVERTED", 10)
        assert main(["--write", *words, "a.md"]) == 2
    assert "a.md: too large for --encoding and --to-utf-8 (0 MiB)" in capsys.readouterr().err
    assert target.read_bytes() == data


def test_diff_says_that_it_is_too_large_for_one(notes: Path, capsys: Capture) -> None:
    put("a.md", DAMAGED * 100)
    put("b.md", CLEAN * 100)
    assert main(["--diff", "."]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: a.md: too large for a diff (0 MiB): look without --diff")


def test_binary_files_are_skipped(notes: Path, capsys: Capture) -> None:
    put("a.bin", b"\0" + DAMAGED.encode() * 100)
    assert main(["-v"]) == 0
    assert "a.bin: skipped: binary" in capsys.readouterr().err


# What is told


def told(capsys: Capture, *words: str) -> str:
    main([*words])
    return capsys.readouterr().out


def both(text: str, size: int) -> tuple[Repair, Report, Excerpt | None]:
    """Return the repair of a stream, what it counted, and the excerpt of it."""
    repairer, excerpts = SpanRepairer(), Excerpts()
    cut = [text[at : at + size] for at in range(0, len(text), size)]
    pieces = [piece for part in cut for piece in repairer.pieces(part)] + repairer.last_pieces()
    spans: list[Span] = []
    at = 0
    for piece in pieces:
        if isinstance(piece, str):
            excerpts.skip(piece.encode())
            at += len(piece)
        else:
            excerpts.add(piece)
            spans.append(piece._replace(start=at, end=at + len(piece.observed)))
            at = spans[-1].end
    return Repair(text, replaced(text, spans), tuple(spans)), repairer.report, excerpts.result()


def reports(result: Repair, found: Report | None, status: Status) -> Iterator[str]:
    """Yield what the forms of report tell of a repair."""
    outcome = Outcome("a.md", status, repair=result, found=found, mark="\ufeff")
    action: Action = "write" if status == "repaired" else "look"
    for kind in (
        lambda out: TextReport(out, io.StringIO(), action, verbose=True),
        lambda out: JsonReport(out, action),
        SarifReport,
        GithubReport,
    ):
        counts = Counts()
        counts.add(outcome)
        report = kind(out := io.StringIO())
        report.add(outcome)
        report.finish(counts)
        yield out.getvalue()


def compare(text: str, size: int) -> None:
    result, found, excerpt = both(text, size)
    assert (excerpt is None) == (not result.spans)
    statuses: tuple[Status, ...] = ("damaged", "repaired")
    for status in statuses if excerpt else ():
        expected = list(reports(result, None, status))
        shown = list(reports(excerpt, found, status))
        lines = [json.loads(line) for line in shown[1].splitlines()]
        counted = lines[1].pop("found")
        assert counted["replaced"] + counted["left"] == len(result.spans)
        assert sum(counted["channels"].values()) == len(result.spans)
        assert lines == [json.loads(line) for line in expected[1].splitlines()]
        del shown[1], expected[1]
        assert shown == expected


@settings(max_examples=40)
@given(
    st.lists(st.one_of(documents(), st.just("x" * 70), st.just("\n"))).map("".join),
    st.integers(1, 90),
)
def test_reports_are_those_of_a_text_that_is_kept(text: str, size: int) -> None:
    compare(text.encode(errors="ignore").decode(), size)


@pytest.mark.parametrize("folder", ["damaged", "lossy"])
def test_reports_of_notes_are_those_of_a_text_that_is_kept(folder: str) -> None:
    for number, path in enumerate(sorted((FIXTURES / folder).iterdir())[::5]):
        text = path.read_bytes().decode()
        compare(text if number % 2 else text.replace("\n", " "), 900)


def test_of_many_spans_the_first_are_told_and_how_many_there_are(
    notes: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    monkeypatch.setattr(excerpt, "_MOST_SPANS", 4)
    put("a.md", DAMAGED * 100)
    lines = told(capsys, "-v").splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["a.md:1:2", "a.md:2:2", "a.md"]
    assert lines[-1] == "a.md: … and 296 more, too many to keep"
    assert "… KÃ¶" not in lines[0]
    assert told(capsys).splitlines()[-1] == lines[-1]
    record, summary = map(json.loads, told(capsys, "--format=json").splitlines()[1:])
    schema = json.loads((FIXTURES.parent / "docs" / "json.schema.json").read_text("utf-8"))
    jsonschema.validate(record, schema)
    assert len(record["spans"]) == 4
    assert record["found"] == {
        "replaced": 300,
        "left": 0,
        "guessed": 0,
        "channels": {"utf-8>cp1252": 300},
    }
    assert summary["spans"] == {"replaced": 300, "left": 0}
    log = json.loads(told(capsys, "--format=sarif"))["runs"][0]
    assert len(log["results"]) == 2
    [note] = log["invocations"][0]["toolExecutionNotifications"]
    assert (note["level"], note["message"]["text"]) == ("note", "296 more spans are not told")
    assert log["invocations"][0]["executionSuccessful"]
    assert "::296 more spans are not told" in told(capsys, "--format=github")
    page = notes.parent / "page.html"
    told(capsys, "--report", str(page))
    assert "296 spans more, too many to keep" in page.read_text(encoding="ascii")
    assert "300 damaged spans in 1 file" in page.read_text(encoding="ascii")
    assert told(capsys, "--write") == "a.md: 300 spans repaired\n"


def test_excerpts_do_not_grow_with_the_spans(notes: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(excerpt, "_MOST_TEXT", 5000)
    file = of(put("a.md", "x".join(["Ã©" * 1000 + "\n"] * 50)))
    file.listen()
    assert list(file.edits())
    assert file.excerpt is not None
    assert 5000 <= len(file.excerpt.original) < 9000
    assert file.found.repaired > len(file.excerpt.spans)


# What is written, and undone


def test_journal_holds_the_spans_in_many_records(notes: Path) -> None:
    text = CLEAN * 20 + DAMAGED * 50
    target = put("a.md", text)
    assert main(["--write", "-q"]) == 0
    run = Journal.read(run_ids()[0])
    [change] = run.records
    assert isinstance(change, journal.Change)
    edits = list(run.edits(change))
    assert len(edits) == 150
    assert edits[0] == (len((CLEAN * 20).encode()) + 1, "Ã¶".encode(), "ö".encode())
    assert apply_edits(text.encode(), edits) == target.read_bytes()
    assert change.before == replace.fingerprint([text.encode()])
    assert change.after == replace.fingerprint([target.read_bytes()])
    [path] = (notes.parent / "state").iterdir()
    assert path.read_bytes().count(b'{"edits":') > 20


def test_undo_leaves_what_changed_since(notes: Path, capsys: Capture) -> None:
    target = put("a.md", DAMAGED * 100)
    put("b.md", DAMAGED * 100)
    assert main(["--write", "-q"]) == 0
    target.write_text(ORIGINAL * 100 + "more", encoding="utf-8")
    assert main(["--undo"]) == 2
    assert "a.md: changed since then: left as it is" in capsys.readouterr().err
    assert target.read_text(encoding="utf-8") == ORIGINAL * 100 + "more"
    assert Path("b.md").read_text(encoding="utf-8") == DAMAGED * 100


def test_record_that_cannot_be_read_leaves_the_file(notes: Path, capsys: Capture) -> None:
    target = put("a.md", DAMAGED * 100)
    assert main(["--write", "-q"]) == 0
    [path] = (notes.parent / "state").iterdir()
    data = bytearray(path.read_bytes())
    offset = data.index(b'{"edits":', 2000)
    data[offset + 20] ^= 1
    path.write_bytes(data)
    assert main(["--undo"]) == 2
    said = capsys.readouterr().err
    assert "a.md: cannot be written, for its record contradicts itself: left as it is" in said
    assert f"no record can be read at byte {offset - 9}" in said
    assert target.read_text(encoding="utf-8") == ORIGINAL * 100
    assert os.listdir() == ["a.md"]


@pytest.mark.parametrize("moment", ["listen", "edits", "fchmod"])
@pytest.mark.parametrize("change", ["other", "appended", "gone"])
def test_file_that_changes_meanwhile_is_left(
    notes: Path, monkeypatch: Patch, capsys: Capture, moment: str, change: str
) -> None:
    if moment == "fchmod" and not hasattr(os, "fchmod"):
        pytest.skip("no such call here")
    target = put("a.md", DAMAGED * 100)
    module: Any = os if moment == "fchmod" else LargeFile
    usual = getattr(module, moment)

    def changing(*arguments: Any) -> Any:
        result = usual(*arguments)
        if moment == "edits":
            result = list(result)
        if change == "other":
            target.write_text("somebody else was here\n" * 100, encoding="utf-8")
        elif change == "appended":
            with target.open("ab") as file:
                file.write(b"more\n")
        else:
            target.unlink()
        return result

    monkeypatch.setattr(module, moment, changing)
    is_clean_now = (moment, change) == ("listen", "other")
    assert main(["--write"]) == (0 if is_clean_now else 2)
    said = capsys.readouterr().err
    assert said.startswith("1 file clean" if is_clean_now else "error: a.md: ")
    assert is_clean_now or "left as it is" in said or "no such file" in said
    monkeypatch.undo()
    if change == "gone":
        assert os.listdir(notes) == []
        return
    expected = "somebody else was here\n" * 100 if change == "other" else DAMAGED * 100 + "more\n"
    assert (notes / "a.md").read_text(encoding="utf-8") == expected
    assert os.listdir(notes) == ["a.md"]


def test_interruption_leaves_no_record_of_half_a_file(notes: Path, monkeypatch: Patch) -> None:
    put("a.md", DAMAGED)
    put("b.md", DAMAGED * 100)
    usual = LargeFile.edits

    def interrupted(self: LargeFile) -> Any:
        for number, edit in enumerate(usual(self)):
            if number == 200:
                raise KeyboardInterrupt
            yield edit

    monkeypatch.setattr(LargeFile, "edits", interrupted)
    assert main(["--write"]) == 130
    assert sorted(os.listdir()) == ["a.md", "b.md"]
    [path] = (notes.parent / "state").iterdir()
    assert path.read_bytes().count(b'{"change":') == 1
    assert path.read_bytes().count(b'{"edits":') == 1
    assert main(["--undo", "-q"]) == 0
    assert Path("a.md").read_text(encoding="utf-8") == DAMAGED


def test_limit_is_where_it_is_said_to_be(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setenv("FIXMOJI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    seen: list[str] = []

    def listen(self: LargeFile) -> None:
        seen.append(self._file.path)
        raise OSError("seen")

    monkeypatch.setattr(large.LargeFile, "listen", listen)
    put("at.md", DAMAGED.encode() + b"x" * ((8 << 20) - len(DAMAGED.encode())))
    put("above.md", DAMAGED.encode() + b"x" * ((8 << 20) + 1 - len(DAMAGED.encode())))
    assert main(["-q"]) == 2
    assert seen == ["above.md"]


# Real sizes


# A process of its own asks for the child's peak: one that is started counts what its parent had.
PEAK = """
import resource, subprocess, sys
run = subprocess.run([sys.executable, "-m", "mojibake_fix", "-q", *sys.argv[1:]])
print(run.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(*words: str) -> tuple[int, int]:
    """Run the command; return its exit status and the most memory that it had, in megabytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    command = [sys.executable, "-c", PEAK, *words]
    run = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    status, size = map(int, run.stdout.split())
    return status, size * unit // 1_000_000


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="POSIX only")
@pytest.mark.parametrize(("clean", "megabytes"), [(400, 320), (0, 10)])
def test_memory_is_bounded_for_files_of_any_size(
    tmp_path: Path, monkeypatch: Patch, clean: int, megabytes: int
) -> None:
    """A file with little damage in it, and one that is nothing but damage."""
    monkeypatch.setenv("FIXMOJI_STATE_DIR", str(tmp_path / "state"))
    block = (CLEAN * clean + DAMAGED * 3).encode()
    count = megabytes * 1_000_000 // len(block) + 1
    target = tmp_path / "a.md"
    with target.open("wb") as file:
        for _ in range(count):
            file.write(block)
    before = replace.fingerprint([block] * count)
    after = replace.fingerprint([(CLEAN * clean + ORIGINAL * 3).encode()] * count)
    for words, status, expected in (
        ([str(target)], 1, before),
        (["--write", str(target)], 0, after),
        (["--undo"], 0, before),
    ):
        found, megabytes = peak(*words)
        assert found == status
        assert megabytes < 100
        with target.open("rb") as file:
            assert replace.fingerprint(tree.pieces(file)) == expected
        print(f"{count} blocks, {words[0]}: {megabytes} MB")
    assert sorted(os.listdir(tmp_path)) == ["a.md", "state"]
