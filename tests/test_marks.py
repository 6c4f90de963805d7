"""Marks in comments keep the repair away."""

from __future__ import annotations

import pytest
from hypothesis import given

from mojibake_fix import Repairer, detect, fix_bytes, fix_text, repair
from mojibake_fix.marks import MARK, hidden
from mojibake_fix.repairer import LineRepairer
from strategies import marked_documents

DAMAGED, ORIGINAL = "KÃ¶ln, MalmÃ¶, ZÃ¼rich", "Köln, Malmö, Zürich"

COMMENTS = (
    ("# ", ""),
    ("// ", ""),
    ("/* ", " */"),
    ("<!-- ", " -->"),
    ("-- ", ""),
    ("; ", ""),
    ("% ", ""),
    ("(* ", " *)"),
    ("{- ", " -}"),
    ("{# ", " #}"),
    ("{{! ", " }}"),
    (".. ", ""),
    ("REM ", ""),
    ("dnl ", ""),
    ("  * ", ""),
    ("' ", ""),
    ('" ', ""),
    ("! ", ""),
    ("#", "# a reason"),
)


@pytest.mark.parametrize(("opener", "closer"), COMMENTS)
def test_marks_work_in_any_comment(opener: str, closer: str) -> None:
    def mark(what: str) -> str:
        return f"{opener}fixmoji: {what}{closer}"

    between = f"{DAMAGED}\n{mark('off')}\n{DAMAGED}\n{mark('on')}\n{DAMAGED}\n"
    assert fix_text(between) == between.replace(DAMAGED, ORIGINAL, 1)[::1].replace(
        f"{mark('on')}\n{DAMAGED}", f"{mark('on')}\n{ORIGINAL}"
    )
    assert len(detect(between)) == 2 * len(detect(DAMAGED))


@pytest.mark.parametrize(
    "comment", ["# fixmoji: ignore", "<!-- fixmoji: ignore -->", "//fixmoji:ignore"]
)
def test_ignore_keeps_its_line(comment: str) -> None:
    text = f"{DAMAGED}\n{DAMAGED} {comment}\n{DAMAGED}"
    assert fix_text(text) == f"{ORIGINAL}\n{DAMAGED} {comment}\n{ORIGINAL}"


def test_off_without_on_keeps_all_that_follows() -> None:
    text = f"{DAMAGED}\n# fixmoji: off\n" + f"{DAMAGED}\n" * 5
    assert fix_text(text) == text.replace(DAMAGED, ORIGINAL, 1)
    assert fix_bytes(text.encode()) == fix_text(text).encode()


def test_off_in_the_first_line_keeps_the_file() -> None:
    text = f"<!-- fixmoji: off -->\n{DAMAGED}\n"
    assert detect(text) == []
    assert fix_text(text) is text


def test_escapes_are_kept_as_well() -> None:
    text = '"caf\\u00c3\\u00a9" # fixmoji: ignore\n"caf\\u00c3\\u00a9"'
    assert fix_text(text) == '"caf\\u00c3\\u00a9" # fixmoji: ignore\n"caf\\u00e9"'


def test_what_is_hidden_is_no_evidence() -> None:
    weak = "Å‘\n"
    assert fix_text(weak + DAMAGED) == "ő\n" + ORIGINAL
    text = f"{weak}# fixmoji: off\n{DAMAGED}"
    assert fix_text(text) is text


@pytest.mark.parametrize(
    "line",
    [
        "say fixmoji: off to switch it off",
        '{"hint": "fixmoji: off"}',
        "`fixmoji: off`",
        "# fixmoji: offer",
        "# fixmoji off",
    ],
)
def test_other_words_are_no_marks(line: str) -> None:
    assert fix_text(f"{line}\n{DAMAGED}") == f"{line}\n{ORIGINAL}"


def test_marks_work_in_a_stream() -> None:
    repairer = LineRepairer()
    lines = [f"{DAMAGED}\n", "# fixmoji: off\n", f"{DAMAGED}\n", "# fixmoji: on\n", f"{DAMAGED}\n"]
    assert [repairer.feed(line) for line in lines] == [
        f"{ORIGINAL}\n",
        *lines[1:4],
        f"{ORIGINAL}\n",
    ]
    assert repairer.report.repaired == 2 * len(detect(DAMAGED))
    assert repairer.feed(f"{DAMAGED} # fixmoji: ignore\n") == f"{DAMAGED} # fixmoji: ignore\n"


def test_marks_in_a_stream_of_words_keep_away_from_what_comes_behind() -> None:
    repairer = Repairer()
    lines = [f"<!--  fixmoji: off -->{DAMAGED}\n", f"{DAMAGED}\n", "// fixmoji: on\n"]
    assert [repairer.feed(line) for line in lines] == lines
    line = f"{DAMAGED} # fixmoji: ignore {DAMAGED}\n"
    assert repairer.feed(line) == f"{ORIGINAL} # fixmoji: ignore {DAMAGED}\n"
    assert repairer.feed(f"{DAMAGED}\n") == f"{ORIGINAL}\n"


@given(marked_documents())
def test_hidden_lines_are_blanked_in_place(text: str) -> None:
    shown = hidden(text)
    assert (shown is text) == (shown == text)
    for line, seen in zip(text.split("\n"), shown.split("\n"), strict=True):
        assert seen in (line, " " * len(line))


@given(marked_documents())
def test_hidden_lines_stay(text: str) -> None:
    result = repair(text)
    lines = zip(text.split("\n"), hidden(text).split("\n"), strict=True)
    kept = [line for line, seen in lines if seen != line]
    repaired = result.text.split("\n")
    assert [line for line in repaired if line in kept] == [
        line for line in repaired if line in set(kept)
    ]
    assert all(line in repaired for line in kept)
    assert fix_text(result.text) is result.text
    assert MARK in text or not kept
