"""The page: what stands in it, and where it may be written."""

from __future__ import annotations

import errno
import os
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from mojibake_fix import Channel
from mojibake_fix._spans import Guess
from mojibake_fix.cli import main
from mojibake_fix.report import Counts, Outcome, PageError, page
from mojibake_fix.report.page import PageReport
from reports import damaged, repaired

if TYPE_CHECKING:
    from mojibake_fix.report import Action

DAMAGED = "KÃ¶ln und MalmÃ¶, cafÃ©\n"
HTML = "{http://www.w3.org/1999/xhtml}"


def written(path: Path, *outcomes: Outcome, action: Action = "look") -> Element:
    """Write a page of the outcomes, and return it parsed; a parse error raises."""
    report, counts = PageReport(str(path), action), Counts()
    for outcome in outcomes:
        counts.add(outcome)
        report.add(outcome)
    report.finish(counts)
    return parsed(path)


def parsed(path: Path) -> Element:
    data = path.read_bytes()
    assert data.isascii()
    parser: Any = html5lib.HTMLParser(strict=True)
    root: Element = parser.parse(data.decode("ascii"))
    return root


def having(root: Element, **attributes: str) -> list[Element]:
    """Return the elements that have all these attributes, of `class_` one of the words."""
    wanted = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
    return [
        element
        for element in root.iter()
        if isinstance(element.tag, str)
        and all(value in element.get(name, "").split() for name, value in wanted.items())
    ]


def text_of(element: Element) -> str:
    return "".join(element.itertext())


def tags(root: Element, name: str) -> list[Element]:
    return list(root.iter(f"{HTML}{name}"))


def with_guesses(*guesses: Guess, channel: str = "utf-8>cp1252+undefined-dropped") -> Outcome:
    result = repaired("wie schÃ¶n", ("Ã¶n", "ön"))
    doubtful = result.spans[0]._replace(
        guesses=guesses, confidence=0.6, channel=Channel.parse(channel)
    )
    return Outcome("b.md", "damaged", repair=replace(result, spans=(doubtful,)))


# What stands in it


def test_page_shows_before_and_after_with_the_changes_marked(tmp_path: Path) -> None:
    root = written(tmp_path / "page.html", damaged("\n in KÃ¶ln.", ("Ã¶", "ö"), path="x/a.md"))
    [section] = having(root, id="f0")
    assert text_of(tags(section, "h2")[0]) == os.path.join("x", "a.md")
    [row] = having(section, class_="row")
    assert row.get("data-level") == "sure"
    assert [text_of(element) for element in having(row, class_="where")] == ["2:6"]
    assert text_of(having(row, class_="before")[0]) == "before: in KÃ¶ln."
    assert text_of(having(row, class_="after")[0]) == "after: in Köln."
    assert [text_of(element) for element in tags(row, "del")] == ["Ã¶"]
    assert [text_of(element) for element in tags(row, "ins")] == ["ö"]
    assert "UTF-8 read as Windows-1252" in text_of(section)


def test_page_marks_each_restored_character_by_its_confidence(tmp_path: Path) -> None:
    outcome = with_guesses(
        Guess(0, 0.6, (("õ", 0.3), ("\t", 0.1), ("ø", 0.001))), Guess(1, 0.95, (("m", 0.05),))
    )
    root = written(tmp_path / "page.html", outcome)
    [row] = having(root, class_="row")
    assert row.get("data-level") == "doubtful"
    first, second = having(row, class_="guess")
    assert text_of(first) == "ö"
    assert first.get("data-may") == "ö 0.60\tõ 0.30\t‹U+0009› 0.10"
    assert first.get("title") == "ö 60%, or õ 30%, or ‹U+0009› 10%"
    assert (first.get("class"), first.get("tabindex")) == ("guess doubtful", "0")
    assert (second.get("class"), second.get("tabindex")) == ("guess likely", "-1")
    assert "undefined bytes dropped" in text_of(having(root, id="f0")[0])


def test_page_does_not_offer_the_mark_of_a_guess_as_a_character(tmp_path: Path) -> None:
    result = repaired("Ã¶", ("Ã¶", "\ufffd"))
    span = result.spans[0]._replace(guesses=(Guess(0, 0.6, (("õ", 0.3),)),))
    outcome = Outcome("a.md", "damaged", repair=replace(result, spans=(span,)))
    [guess] = having(written(tmp_path / "page.html", outcome), class_="guess")
    assert guess.get("data-may") == "õ 0.30"


def test_page_says_what_is_left(tmp_path: Path) -> None:
    root = written(tmp_path / "page.html", damaged("am ä¸å› nu", ("ä¸å›", None)))
    [row] = having(root, class_="row")
    assert row.get("data-level") == "left"
    assert text_of(having(row, class_="after")[0]) == "after: left: bytes were lost"
    assert "1 span left" in text_of(having(root, class_="sub")[0])


def test_page_counts_by_level_and_channel(tmp_path: Path) -> None:
    root = written(
        tmp_path / "page.html",
        damaged("Ã¶", ("Ã¶", "ö")),
        with_guesses(Guess(0, 0.6, ()), channel="utf-8>latin-1+c1-dropped"),
        Outcome("c.md", "clean"),
    )
    options = [text_of(option) for option in tags(root, "option")]
    assert options == [
        "all channels",
        "UTF-8 read as Windows-1252 (1)",
        "UTF-8 read as Latin-1 (1)",
    ]
    assert [row.get("data-channel") for row in having(root, class_="row")] == ["0", "1"]
    [levels] = having(root, class_="levels")
    assert text_of(levels) == "Confidencesure 1likely 0doubtful 1left 0"
    assert text_of(tags(root, "h1")[0]) == "2 damaged spans in 2 files"
    sub = text_of(having(root, class_="sub")[0])
    assert sub == (
        "1 character guessed · 1 clean file · nothing is changed yet: add --write to repair"
    )


def test_page_after_a_repair_says_so(tmp_path: Path) -> None:
    outcome = Outcome("a.md", "repaired", repair=repaired("Ã¶", ("Ã¶", "ö")))
    root = written(tmp_path / "page.html", outcome, action="write")
    assert text_of(tags(root, "h1")[0]) == "1 span repaired in 1 file"
    assert text_of(having(root, class_="sub")[0]) == ""


def test_page_without_damage(tmp_path: Path) -> None:
    root = written(tmp_path / "page.html", Outcome("a.md", "clean"))
    assert text_of(tags(root, "h1")[0]) == "Nothing is damaged"
    assert having(root, class_="row") == []


def test_page_counts_what_is_not_in_normal_form(tmp_path: Path) -> None:
    root = written(
        tmp_path / "page.html",
        Outcome("a.md", "unnormalized", message="not in nfc"),
        Outcome("b.md", "normalized", message="put into nfc"),
        Outcome("c.md", "normalized", message="put into nfc"),
    )
    assert text_of(having(root, class_="sub")[0]) == (
        "1 file not in the normal forms asked for · 2 files put into the normal forms asked for"
    )
    [others] = having(root, class_="others")
    assert [text_of(item) for item in tags(others, "li")] == ["a.md: not in nfc"]


def test_page_tells_what_could_not_be_looked_at(tmp_path: Path) -> None:
    root = written(
        tmp_path / "page.html",
        Outcome("gone.md", "error", message="no such <file>"),
        Outcome("latin.md", "not-utf8", message="not UTF-8 at byte 3", place=(3, 1, 4)),
        Outcome("zero.bin", "skipped", message="binary"),
    )
    [others] = having(root, class_="others")
    assert [text_of(item) for item in tags(others, "li")] == [
        "gone.md: no such <file>",
        "latin.md: not UTF-8 at byte 3",
    ]
    sub = text_of(having(root, class_="sub")[0])
    assert sub == "1 binary file · 1 file not in UTF-8 · 1 error"


# What stands in it does no harm


EVIL = "</script><script>alert(1)</script><img src=x onerror='alert(1)'>&amp;\"{{script}}"


def test_no_file_gets_its_own_markup_into_the_page(tmp_path: Path) -> None:
    result = repaired(f"{EVIL}Ã¶{EVIL}", (f"Ã¶{EVIL}", f"ö{EVIL}"))
    span = result.spans[0]._replace(guesses=(Guess(0, 0.5, ((EVIL, 0.4),)),))
    outcome = Outcome(f"{EVIL}.md", "damaged", repair=replace(result, spans=(span,)))
    error = Outcome(EVIL, "error", message=EVIL)
    root = written(tmp_path / "page.html", outcome, error)
    assert len(tags(root, "script")) == 1
    assert tags(root, "img") == []
    assert not any(name.startswith("on") for element in root.iter() for name in element.attrib)
    [section] = having(root, id="f0")
    assert section.get("data-path") == f"{EVIL}.md"
    assert EVIL in text_of(having(section, class_="before")[0])
    assert EVIL in text_of(having(section, class_="after")[0])
    assert (having(section, class_="guess")[0].get("data-may") or "").endswith(f"{EVIL} 0.40")


def test_page_allows_its_own_style_and_script_only(tmp_path: Path) -> None:
    root = written(tmp_path / "page.html", damaged("Ã¶", ("Ã¶", "ö")))
    [policy] = [m.get("content", "") for m in tags(root, "meta") if m.get("http-equiv")]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for name in ("style", "script"):
        [part] = tags(root, name)
        digest = b64encode(sha256((part.text or "").encode()).digest()).decode()
        assert rules[f"{name}-src"] == f"'sha256-{digest}'"
    assert not any(element.get("style") for element in root.iter())


def test_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    written(tmp_path / "page.html", damaged("Ã¶", ("Ã¶", "ö")))
    content = (tmp_path / "page.html").read_text(encoding="ascii")
    assert not re.search(r"https?:|//[a-z]|@import|url\(|@font-face", content)


def test_characters_without_a_shape_are_shown_by_number(tmp_path: Path) -> None:
    root = written(
        tmp_path / "page.html", damaged("Ã\x81\u202e\udce9Ã\xa0", ("Ã\x81\u202e\udce9", "Á"))
    )
    shown = [text_of(element) for element in having(root, class_="u")]
    assert shown[:3] == ["81", "202E", "DCE9"]
    assert having(root, class_="nb")[0].text == "\xa0"


def test_directions_of_writing_stay_inside_their_cell(tmp_path: Path) -> None:
    root = written(tmp_path / "page.html", damaged("Ø§", ("Ø§", "ا")))
    for name in ("before", "after"):
        [cell] = having(root, class_=name)
        assert cell.get("dir") == "auto"
        assert all(label.get("dir") == "ltr" for label in having(cell, class_="sr"))


def test_page_is_no_damage_to_a_later_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text(DAMAGED, encoding="utf-8")
    assert main(["--write", "--report", "page.html"]) == 0
    before = Path("page.html").read_bytes()
    capsys.readouterr()
    assert main(["--verbose", "--write"]) == 0
    assert "page.html: skipped: a report of fixmoji" in capsys.readouterr().err
    assert Path("page.html").read_bytes() == before


# How much stands in it


def test_page_of_very_much_stays_a_page_and_says_what_it_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "_BUDGET", 50_000)
    many = "".join(f"Zeile {number} mit KÃ¶ln\n" for number in range(400))
    doubtful = with_guesses(Guess(0, 0.5, (("õ", 0.5),)))
    outcomes = [damaged(many, *[("Ã¶", "ö")] * 400, path=f"{number}.md") for number in range(20)]
    root = written(tmp_path / "page.html", *outcomes, doubtful)
    rows = having(root, class_="row")
    assert 50 < len(rows) < 8001
    for number in range(21):
        assert having(having(root, id=f"f{number}")[0], class_="row")
    [notice] = having(root, class_="notice")
    assert f"this shows {len(rows):,} of 8,001 findings" in text_of(notice)
    shown = having(having(root, id="f0")[0], class_="row")
    assert f"{400 - len(shown)} findings more, not shown" in text_of(having(root, id="f0")[0])
    assert [row.get("data-level") for row in rows].count("doubtful") == 1


def test_what_needs_eyes_is_left_out_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_SHARE", 3000)
    pairs: list[tuple[str, str | None]] = [("Ã¶", "ö")] * 99
    text = "Ã¶\n" * 99 + "ä¸å›"
    root = written(tmp_path / "page.html", damaged(text, *pairs, ("ä¸å›", None)))
    rows = having(root, class_="row")
    assert len(rows) < 20
    assert rows[-1].get("data-level") == "left"
    assert next(text_of(where) for where in having(root, class_="where")) == "1:1"


def test_files_beyond_what_can_be_listed_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "_MOST_PATHS", 3)
    outcomes = [damaged("Ã¶", ("Ã¶", "ö"), path=f"{number}.md") for number in range(5)]
    root = written(tmp_path / "page.html", *outcomes)
    assert "3 of 5 findings and 3 of 5 files" in text_of(having(root, class_="notice")[0])
    assert text_of(tags(root, "summary")[0]) == "3 files"


def test_5000_spans_are_all_shown(tmp_path: Path) -> None:
    text = "".join(f"Zeile {number} mit KÃ¶ln\n" for number in range(500))
    outcomes = [damaged(text, *[("Ã¶", "ö")] * 500, path=f"{number}.md") for number in range(10)]
    root = written(tmp_path / "page.html", *outcomes)
    assert len(having(root, class_="row")) == 5000
    assert having(root, class_="notice") == []
    assert (tmp_path / "page.html").stat().st_size < 4_000_000


def test_very_long_span_is_cut(tmp_path: Path) -> None:
    root = written(tmp_path / "page.html", damaged("Ã¶" * 5000, ("Ã¶" * 5000, "ö" * 5000)))
    [before] = tags(having(root, class_="row")[0], "del")
    assert len(text_of(before)) < 1000
    assert "9,200 characters more" in text_of(before)


# Where it is written


def test_page_goes_with_any_format_and_action(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for number, options in enumerate((["--format", "json"], ["--diff"], ["-q"], ["--write"])):
        Path("a.md").write_text(DAMAGED, encoding="utf-8")
        assert main([*options, "--report", f"{number}.html", "a.md"]) == (options != ["--write"])
        assert len(having(parsed(Path(f"{number}.html")), class_="row")) == 1
    assert Path("a.md").read_text(encoding="utf-8") == "Köln und Malmö, café\n"


def test_page_replaces_a_page(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    written(target, damaged("Ã¶", ("Ã¶", "ö")))
    written(target, Outcome("a.md", "clean"))
    assert "Nothing is damaged" in target.read_text(encoding="ascii")
    assert os.listdir(tmp_path) == ["page.html"]


def test_page_never_replaces_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text(DAMAGED, encoding="utf-8")
    assert main(["--write", "--report", "a.md"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "fixmoji: error: --report a.md: exists and is no report of fixmoji: choose another name"
    )
    assert Path("a.md").read_text(encoding="utf-8") == DAMAGED


@pytest.mark.parametrize(
    ("path", "why"), [("no/page.html", "its folder does not exist"), (".", "is a folder")]
)
def test_page_that_cannot_be_written_is_said_before_any_work(
    path: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PageError, match=why):
        PageReport(path, "look")


def test_full_disk_leaves_the_page_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text(DAMAGED, encoding="utf-8")
    main(["--report", "page.html", "a.md"])
    before = Path("page.html").read_bytes()
    capsys.readouterr()

    def full(old: str, new: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", new)

    monkeypatch.setattr(os, "replace", full)
    assert main(["--report", "page.html", "a.md"]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error == f"fixmoji: cannot write {tmp_path / 'page.html'}: no space left on device"
    assert Path("page.html").read_bytes() == before
    assert sorted(os.listdir()) == ["a.md", "page.html"]


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="no device that takes everything")
def test_page_may_go_to_a_device(tmp_path: Path) -> None:
    report = PageReport("/dev/null", "look")
    report.finish(Counts())
    assert not os.path.isfile("/dev/null")
