"""The reports for programs: JSON Lines, GitHub's annotations, SARIF."""

from __future__ import annotations

import base64
import copy
import io
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import jsonschema
import pytest

from mojibake_fix import Channel
from mojibake_fix._spans import Guess
from mojibake_fix.cli import main
from mojibake_fix.report import Counts, Outcome
from mojibake_fix.report.github import GithubReport
from mojibake_fix.report.json_lines import JsonReport
from mojibake_fix.report.sarif import SarifReport
from reports import damaged, repaired

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
BOM = b"\xef\xbb\xbf"
DAMAGED = "x\r\nKÃ¶ln und MalmÃ¶, cafÃ©\r\n"

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def guessed() -> Outcome:
    result = repaired("a Ã¶\ud83d ä¸å›", ("Ã¶", "ö"), ("ä¸å›", None))
    spans = list(result.spans)
    guess = Guess(0, 0.6, (("õ", 0.3), ("\udc00", 0.1)))
    channel = Channel.parse("utf-8>cp1252+undefined-dropped")
    spans[0] = spans[0]._replace(guesses=(guess,), channel=channel)
    return Outcome("b.md", "damaged", repair=replace(result, spans=tuple(spans)), mark="\ufeff")


def every_outcome() -> Iterator[Outcome]:
    yield Outcome("a.md", "clean")
    yield damaged("a,b: 100 %\r\nÃ¶Ã\xa0\n", ("Ã¶", "ö"), ("Ã\xa0", "à"), path="dir, with:%\n/ä.md")
    yield guessed()
    left = repaired("Ã¶ ä¸å›", ("Ã¶", "ö"), ("ä¸å›", None))
    yield Outcome("c.md", "repaired", repair=left)
    yield Outcome("caf\udce9.bin", "skipped", message="binary (NUL at byte 1)")
    yield Outcome("d.md", "not-utf8", message="not UTF-8 at byte 7", place=(7, 2, 3))
    yield Outcome("gone:\n.md", "error", message="no such file:\n100 %")


def written(report: type[JsonReport] | type[GithubReport] | type[SarifReport]) -> str:
    out = io.StringIO()
    form = JsonReport(out, "look") if report is JsonReport else report(out)  # type: ignore[call-arg]
    counts = Counts()
    for outcome in every_outcome():
        counts.add(outcome)
        form.add(outcome)
    form.finish(counts)
    return out.getvalue()


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a copy of the fixtures, and one that was repaired; with some things made worse."""
    folder = tmp_path_factory.mktemp("copies")
    for name in ("as-they-are", "repaired"):
        shutil.copytree(FIXTURES, folder / name)
        (folder / name / "bom and space.md").write_bytes(BOM + DAMAGED.encode())
        (folder / name / "latin.md").write_bytes("é\ncafé".encode("latin-1"))
        (folder / name / "export.json").write_text(r'{"a": "K\u00c3\u00b6ln und Malm\u00c3\u00b6"}')
        (folder / name / "zero.bin").write_bytes(b"a\0")
        if os.name == "posix":
            (folder / name / "100 %#?.md").write_bytes(DAMAGED.encode())
    assert main(["--write", "-q", str(folder / "repaired")]) == 0
    return folder / "as-they-are", folder / "repaired"


# JSON


def closed(schema: Any) -> Any:
    """Return the schema with no other properties allowed than those that it describes."""
    schema = copy.deepcopy(schema)
    queue = [schema]
    while queue:
        node = queue.pop()
        if isinstance(node, dict):
            if "properties" in node and node.get("type") == "object":
                node["additionalProperties"] = False
            queue += node.values()
        elif isinstance(node, list):
            queue += node
    return schema


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    loaded = json.loads((ROOT / "docs" / "json.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(loaded)
    return jsonschema.Draft202012Validator(closed(loaded))


def test_every_json_record_is_as_documented(schema: jsonschema.Draft202012Validator) -> None:
    records = [json.loads(line) for line in written(JsonReport).splitlines()]
    for record in records:
        schema.validate(record)
    assert [record["type"] for record in records] == ["begin", *["file"] * 7, "summary"]
    assert records[-1]["spans"] == {"replaced": 4, "left": 2}
    assert records[-1]["files"]["damaged"] == 2


@pytest.mark.parametrize(
    "record",
    [
        {"type": "file", "path": "a", "status": "damaged"},
        {"type": "file", "path": "a", "status": "clean", "message": "x"},
        {"type": "file", "path": "a", "status": "clean", "more": 1},
        {"type": "file", "path": "a", "status": "error"},
        {"type": "begin", "version": 2, "tool": {"name": "fixmoji", "version": ""}, "action": ""},
    ],
)
def test_schema_refuses_other_records(
    schema: jsonschema.Draft202012Validator, record: dict[str, Any]
) -> None:
    assert not schema.is_valid(record)


def test_documented_json_record_is_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text("In Köln: KÃ¶ln", encoding="utf-8")
    main(["--format", "json", "a.md"])
    written = list(map(without_figures, capsys.readouterr().out.splitlines()))
    document = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    shown = re.findall(r"```json\n(.*?)```", document, re.DOTALL)
    assert list(map(without_figures, shown)) == written


def without_figures(record: str) -> Any:
    """Return a record without what any better statistics change."""
    loaded = json.loads(record)
    for span in loaded.get("spans", []) if loaded["type"] == "file" else []:
        assert span.pop("evidence") > 5
        assert span.pop("confidence") > 0.9
    return loaded


@needs_posix
def test_json_tells_of_each_of_many_clean_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"{number:03}.md" for number in range(200)]
    for name in names:
        (tmp_path / name).write_text("Köln und Malmö\n", encoding="utf-8")
    assert main(["--isolated", "--format", "json", str(tmp_path)]) == 0
    *files, summary = map(json.loads, capsys.readouterr().out.splitlines()[1:])
    expected = [{"type": "file", "path": f"{tmp_path}/{n}", "status": "clean"} for n in names]
    assert files == expected
    assert summary["files"]["clean"] == 200


def test_json_is_ascii_on_lines() -> None:
    shown = written(JsonReport)
    assert shown.isascii()
    assert shown.count("\n") == len(shown.splitlines()) == 9


def test_json_tells_paths_that_are_not_unicode() -> None:
    record = json.loads(written(JsonReport).splitlines()[5])
    assert record["path"] == "caf\ufffd.bin"
    assert base64.b64decode(record["path_bytes"]) == b"caf\xe9.bin"


def test_json_has_no_lone_surrogates() -> None:
    assert not re.search(r"\\ud[89a-f]", written(JsonReport).replace("\\ud83d\\ude", ""))
    [span, left] = json.loads(written(JsonReport).splitlines()[3])["spans"]
    assert span["guesses"][0]["others"][1]["character"] == "\ufffd"
    assert span["start"] == {"line": 1, "column": 3, "code_point": 2, "byte": 5}
    assert left["start"] == {"line": 1, "column": 7, "code_point": 6, "byte": 13}
    assert left["replacement"] is None


def test_json_offsets_lead_from_the_files_to_their_repair(
    copies: tuple[Path, Path],
    schema: jsonschema.Draft202012Validator,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, after = copies
    assert main(["--format", "json", str(before)]) == 1
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    changed = 0
    for record in records:
        schema.validate(record)
        if record["type"] != "file" or "spans" not in record:
            continue
        data = Path(record["path"]).read_bytes()
        mark = BOM if data.startswith(BOM) else b""
        text = data[len(mark) :].decode()
        lines = text.split("\n")
        by_bytes, by_code_points = [data], [text]
        for span in reversed(record["spans"]):
            start, end, new = span["start"], span["end"], span["replacement"]
            parts = span["observed"].split("\n")
            assert text[start["code_point"] : end["code_point"]] == span["observed"]
            assert data[start["byte"] : end["byte"]].decode() == span["observed"]
            assert lines[start["line"] - 1].startswith(parts[0], start["column"] - 1)
            assert lines[end["line"] - 1].endswith(parts[-1], 0, end["column"] - 1)
            for guess in span["guesses"]:
                assert new[guess["offset"]] == guess["character"]
            if new is not None:
                rest = by_bytes.pop()
                by_bytes += [rest[end["byte"] :], new.encode(), rest[: start["byte"]]]
                rest = by_code_points.pop()
                by_code_points += [rest[end["code_point"] :], new, rest[: start["code_point"]]]
                changed += 1
        expected = (after / Path(record["path"]).relative_to(before)).read_bytes()
        assert b"".join(reversed(by_bytes)) == expected
        assert mark + "".join(reversed(by_code_points)).encode() == expected
        if record["path"].endswith("export.json"):
            assert {span["view"] for span in record["spans"]} == {"json"}
            assert record["spans"][0]["replacement"] == r"\u00f6"
    assert any(record.get("path", "").endswith("export.json") for record in records)
    assert changed == records[-1]["spans"]["replaced"] > 10_000


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_filter_reports_beside_the_stream(
    form: str, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(DAMAGED.encode())))
    assert main(["--format", form, "-"]) == 0
    shown = capfdbinary.readouterr()
    assert shown.out.decode() == "x\r\nKöln und Malmö, café\r\n"
    if form == "json":
        assert json.loads(shown.err.splitlines()[1])["status"] == "repaired"
        assert len(json.loads(shown.err.splitlines()[1])["spans"]) == 3
    elif form == "sarif":
        assert json.loads(shown.err)["runs"][0]["results"] == []
    else:
        assert shown.err == b""


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_errors_are_shown_to_people_as_well(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--format", form, str(tmp_path / "gone.md")]) == 2
    shown = capsys.readouterr()
    assert "gone.md" in shown.out
    assert shown.err.startswith("error: ")
    assert shown.err.count("\n") == 1


def test_a_diff_has_no_other_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--diff", "--format", "json"]) == 2
    assert "--diff and --format exclude each other" in capsys.readouterr().err


# GitHub

COMMAND = re.compile(r"::(?P<level>\w+) (?P<properties>[^\n]*?)::(?P<message>[^\n]*)")


def unescaped(text: str) -> str:
    """Undo the escapes as GitHub's runner does."""
    for escape, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n")):
        text = text.replace(escape, character)
    return text.replace("%25", "%")


def annotations(shown: str) -> list[dict[str, str]]:
    found = []
    for line in shown.splitlines():
        match = COMMAND.fullmatch(line)
        assert match, line
        properties = dict(part.split("=", 1) for part in match["properties"].split(","))
        properties = {name: unescaped(value) for name, value in properties.items()}
        message = match["message"].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        found.append({"level": match["level"], "message": message, **properties})
    return found


def test_github_annotations_are_read_back_as_they_were_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    title = "UTF-8 read as Windows-1252"
    assert annotations(written(GithubReport)) == [
        {
            **{"level": "warning", "title": title, "file": "dir, with:%‹U+000A›/ä.md"},
            **{"line": "2", "endLine": "2", "col": "1", "endColumn": "5"},
            "message": "Ã¶Ã‹U+00A0› → öà",
        },
        {
            **{"level": "warning", "title": title, "file": "b.md"},
            **{"line": "1", "endLine": "1", "col": "3", "endColumn": "5"},
            "message": "a Ã¶\ud83d ä¸å› → a ö\ud83d ä¸å›",
        },
        {
            **{"level": "warning", "title": title, "file": "b.md"},
            **{"line": "1", "endLine": "1", "col": "7", "endColumn": "11"},
            "message": "a Ã¶\ud83d ä¸å› → left: bytes were lost",
        },
        {
            **{"level": "warning", "title": title, "file": "c.md"},
            **{"line": "1", "endLine": "1", "col": "3", "endColumn": "7"},
            "message": "Ã¶ ä¸å› → left: bytes were lost",
        },
        {
            **{"level": "warning", "title": "fixmoji", "file": "d.md", "line": "2", "col": "3"},
            "message": "not UTF-8 at byte 7",
        },
        {
            **{"level": "error", "title": "fixmoji", "file": "gone:‹U+000A›.md"},
            "message": "no such file:\n100 %",
        },
    ]


def test_github_paths_begin_at_the_root_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "repository" / "docs").mkdir(parents=True)
    (tmp_path / "repository" / "docs" / "a.md").write_text(DAMAGED, encoding="utf-8")
    (tmp_path / "b.md").write_text(DAMAGED, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "repository" / "docs")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "repository"))
    main(["--format", "github", ".", "../../b.md"])
    found = [annotation["file"] for annotation in annotations(capsys.readouterr().out)]
    assert found == ["docs/a.md", "../../b.md"]


# SARIF


def region_of(text: str, region: dict[str, int]) -> tuple[int, int]:
    """Return the offsets of a region of lines and columns in code points."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: region["startLine"] - 1])
    end = sum(len(line) + 1 for line in lines[: region["endLine"] - 1])
    return start + region["startColumn"] - 1, end + region["endColumn"] - 1


def path_of(uri: str) -> Path:
    parts = urlsplit(uri)
    assert parts.scheme in ("", "file")
    assert not parts.query
    assert not parts.fragment
    return Path(os.fsdecode(unquote_to_bytes(parts.path)))


def test_sarif_fixes_lead_from_the_files_to_their_repair(
    copies: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = copies
    monkeypatch.chdir(before)
    assert main(["--format", "sarif"]) == 1
    shown = capsys.readouterr().out
    assert shown.isascii()
    [run] = json.loads(shown)["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    texts: dict[str, str] = {}
    for result in reversed(run["results"]):
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        text = texts.setdefault(uri, path_of(uri).read_bytes().decode("utf-8-sig"))
        for fix in result.get("fixes", []):
            [change] = fix["artifactChanges"]
            assert change["artifactLocation"]["uri"] == uri
            for replacement in reversed(change["replacements"]):
                start, end = region_of(text, replacement["deletedRegion"])
                text = text[:start] + replacement["insertedContent"]["text"] + text[end:]
        texts[uri] = text
    assert len(texts) > 100
    for uri, text in texts.items():
        mark = BOM if path_of(uri).read_bytes().startswith(BOM) else b""
        assert (after / path_of(uri)).read_bytes() == mark + text.encode()
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [note["locations"][0]["physicalLocation"]["region"] for note in notes] == [
        {"startLine": 1, "startColumn": 1}
    ]


def test_sarif_after_a_repair_holds_what_was_left_where_it_is_now() -> None:
    results = json.loads(written(SarifReport))["runs"][0]["results"]
    [left] = [
        result["locations"][0]["physicalLocation"]["region"]
        for result in results
        if "c.md" in str(result["locations"])
    ]
    assert left == {"startLine": 1, "startColumn": 3, "endLine": 1, "endColumn": 7}


def test_sarif_says_whether_all_went_well() -> None:
    [invocation] = json.loads(written(SarifReport))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    out = io.StringIO()
    SarifReport(out).finish(Counts())
    [run] = json.loads(out.getvalue())["runs"]
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True}]


@needs_posix
@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/100 %.md", "a%20b/100%20%25.md"),
        ("./a:b.md", "a%3Ab.md"),
        ("工.md", "%E5%B7%A5.md"),
        ("caf\udce9.md", "caf%E9.md"),
        ("../up.md", "../up.md"),
        ("/elsewhere/#.md", "file:///elsewhere/%23.md"),
    ],
)
def test_sarif_names_files_by_references_that_lead_there(path: str, uri: str) -> None:
    out = io.StringIO()
    report = SarifReport(out)
    report.add(damaged("Ã¶", ("Ã¶", "ö"), path=path))
    report.finish(Counts())
    [result] = json.loads(out.getvalue())["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}
    assert path_of(uri) == Path(path)


@needs_posix
def test_sarif_names_files_below_the_current_folder_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.md").write_text(DAMAGED, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    main(["--format", "sarif", str(tmp_path / "a.md")])
    assert '"artifactLocation": {"uri": "a.md"}' in capsys.readouterr().out


def test_sarif_is_valid() -> None:
    """By the schema that the npm package @microsoft/sarif-multitool brings."""
    places = [str(ROOT / "node_modules"), *os.environ.get("NODE_PATH", "").split(os.pathsep)]
    found = [path for place in places for path in Path(place).glob("@microsoft/*/sarif-2.1.0.json")]
    if not found:
        pytest.skip("npm install --no-save @microsoft/sarif-multitool")
    schema = json.loads(found[0].read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    validator.validate(json.loads(written(SarifReport)))
    assert not validator.is_valid(json.loads(written(SarifReport).replace("startLine", "line")))
