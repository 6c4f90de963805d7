"""The reports for people: text, differences, and the line of progress."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mojibake_fix import Channel
from mojibake_fix._spans import Guess
from mojibake_fix.report import Counts, Outcome, terminal
from mojibake_fix.report.diff import DiffReport, unified_diff
from mojibake_fix.report.forms import choose
from mojibake_fix.report.places import places
from mojibake_fix.report.terminal import Progress
from mojibake_fix.report.text import TextReport
from reports import Screen, damaged, repaired


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)


def report_of(outcome: Outcome, out: io.StringIO | None = None) -> list[str]:
    out = out or io.StringIO()
    TextReport(out, io.StringIO()).add(outcome)
    return out.getvalue().splitlines()


def test_places_are_found_in_one_pass() -> None:
    result = repaired("Ã¶ Ã¶\n\nxÃ¶\n", ("Ã¶", "ö"), ("Ã¶", None), ("Ã¶", "ö"))
    found = [(p.line, p.column, p.repaired_start, p.repaired_end) for p in places(result)]
    assert found == [(1, 1, 0, 1), (1, 4, 2, 4), (3, 2, 7, 8)]


def test_place_ends_behind_its_last_line() -> None:
    result = repaired("x\nÃ¶ Ã\xa0\n\nÃ¶", ("Ã¶", "ö"), ("Ã\xa0\n\nÃ¶", "à\n\nö"))
    assert [place.end for place in places(result)] == [(2, 3), (4, 3)]


# Text


def test_lossy_spans_are_said_to_be_left() -> None:
    outcome = damaged("am ä¸å› nu", ("ä¸å›", None))
    assert report_of(outcome) == ["a.md:1:4: am ä¸å› nu → left: bytes were lost  (utf-8>cp1252)"]


def test_lossy_spans_are_counted_apart() -> None:
    out, err = io.StringIO(), io.StringIO()
    report = choose(out, err, "write")
    first = repaired("Ã¶ ä¸å› Ã¶", ("Ã¶", "ö"), ("ä¸å›", None), ("Ã¶", "ö"))
    report.add(Outcome("a.md", "repaired", repair=first))
    report.add(Outcome("b.md", "damaged", repair=repaired("ä¸å›", ("ä¸å›", None))))
    report.add(Outcome("c.md", "clean"))
    report.finish()
    assert out.getvalue().splitlines() == [
        "a.md: 2 spans repaired, 1 span left: bytes were lost",
        "b.md: 1 span left: bytes were lost",
    ]
    assert err.getvalue() == "1 file repaired (2 spans), 2 spans left in 2 files, 1 clean\n"


def test_summary_of_a_preview_counts_what_would_be_left() -> None:
    out, err = io.StringIO(), io.StringIO()
    report = choose(out, err, "look")
    report.add(damaged("Ã¶ ä¸å›", ("Ã¶", "ö"), ("ä¸å›", None)))
    report.finish()
    assert err.getvalue().splitlines() == [
        "1 file damaged (2 spans, 1 of them lossy and left)",
        "add --write to repair",
    ]


def test_invisible_characters_are_made_visible() -> None:
    outcome = damaged("\tÃ\x81\u200d Ã\xa0", ("Ã\x81", "Á"), ("Ã\xa0", "à"))
    assert report_of(outcome) == ["a.md:1:2: Ã‹U+0081›\u200d Ã‹U+00A0› → Á\u200d à  (utf-8>cp1252)"]


def test_context_is_cut_at_words_and_long_spans_in_the_middle() -> None:
    text = f"ein ziemlich langer Anfang vor {'Ã¶' * 50} und danach geht es noch lange weiter\n"
    [line] = report_of(damaged(text, ("Ã¶" * 50, "ö" * 50)))
    before, after = line.removeprefix("a.md:1:32: ").removesuffix("  (utf-8>cp1252)").split(" → ")
    assert before == f"…Anfang vor {'Ã¶' * 24}…¶{'Ã¶' * 5} und danach…"
    assert after == f"…Anfang vor {'ö' * 50} und danach…"


def with_channel(outcome: Outcome, index: int, channel: str) -> Outcome:
    assert outcome.repair is not None
    spans = list(outcome.repair.spans)
    spans[index] = spans[index]._replace(channel=Channel.parse(channel))
    return Outcome(outcome.path, outcome.status, repair=replace(outcome.repair, spans=tuple(spans)))


def test_far_spans_and_other_codecs_have_their_own_line() -> None:
    outcome = damaged(f"Ã¶ Ã¶ {'x' * 20} Ã¶", ("Ã¶", "ö"), ("Ã¶", "ö"), ("Ã¶", "ö"))
    assert [line.split(" ")[0] for line in report_of(outcome)] == ["a.md:1:1:", "a.md:1:28:"]
    assert len(report_of(with_channel(outcome, 1, "utf-8>latin-1"))) == 3


def test_spans_that_lost_more_share_the_line_of_those_that_lost_less() -> None:
    outcome = damaged("Ã¶ Ã", ("Ã¶", "ö"), ("Ã", "Á"))
    [line] = report_of(with_channel(outcome, 1, "utf-8>cp1252+undefined-dropped"))
    assert line == "a.md:1:1: Ã¶ Ã → ö Á  (utf-8>cp1252+undefined-dropped)"


def guessed(*others: tuple[str, float]) -> Outcome:
    result = repaired("x Ã¶", ("Ã¶", "ö"))
    doubtful = result.spans[0]._replace(guesses=(Guess(0, 0.6, others),))
    return Outcome("a.md", "damaged", repair=replace(result, spans=(doubtful,)))


def test_guesses_are_listed_with_what_else_it_may_be() -> None:
    lines = report_of(guessed(("õ", 0.3), ("\xad", 0.1), ("ø", 0.001)))
    assert lines[1:] == ["a.md:1:3: guessed ö 0.60, or õ 0.30, or ‹U+00AD› 0.10"]


def test_filter_tells_what_it_guessed_and_nothing_else() -> None:
    out, err = io.StringIO(), io.StringIO()
    report = choose(out, err, "filter")
    report.add(Outcome("<stdin>", "repaired", repair=repaired("Ã¶", ("Ã¶", "ö"))))
    assert err.getvalue() == ""
    report.add(Outcome("<stdin>", "repaired", repair=guessed().repair))
    report.finish()
    assert (out.getvalue(), err.getvalue()) == (
        "",
        "<stdin>: 1 span repaired, 1 character guessed\n",
    )


def test_terminal_shows_before_above_after_below_the_name_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcome = damaged(f"x\nÃ¶ {'word ' * 19}Ã¶\n", ("Ã¶", "ö"), ("Ã¶", None))
    monkeypatch.setenv("NO_COLOR", "1")
    assert report_of(outcome, Screen()) == [
        "a.md  utf-8>cp1252",
        "   2:1  Ã¶ word word word…",
        "     →  ö word word word…",
        "  2:99  …word word word Ã¶",
        "     →  left: bytes were lost",
        "",
    ]
    other = with_channel(outcome, 1, "utf-8>latin-1")
    assert report_of(other, Screen())[2] == "     →  ö word word word…  utf-8>cp1252"


@pytest.mark.parametrize(
    ("environment", "terminal", "color"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], terminal: bool, color: bool
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    shown = "\n".join(report_of(damaged("Ã¶", ("Ã¶", "ö")), Screen() if terminal else None))
    assert ("\x1b[31mÃ¶\x1b[0m" in shown and "\x1b[32mö\x1b[0m" in shown) is color
    assert ("\x1b" in shown) is color


# Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time as a list of one number, to be set."""
    now = [100.0]
    monkeypatch.setattr(terminal, "monotonic", lambda: now[0])
    return now


def test_progress_appears_after_a_second_and_leaves_no_trace(clock: list[float]) -> None:
    out, err = Screen(), Screen()
    with choose(out, err, "look") as report:
        report.add(Outcome("a.md", "clean"))
        clock[0] += 0.99
        report.add(Outcome("b.md", "clean"))
        assert err.getvalue() == ""
        clock[0] += 0.02
        report.add(Outcome("c.md", "clean"))
        assert err.getvalue() == "\r\x1b[2m3 files, 0 damaged: c.md\x1b[0m\x1b[K"
        report.add(Outcome("d.md", "clean"))
        assert err.getvalue().count("\r") == 1
        report.add(damaged("Ã¶", ("Ã¶", "ö")))
        assert err.getvalue().endswith("\r\x1b[K")
        clock[0] += 0.2
        report.add(Outcome("e.md", "clean"))
        assert "6 files, 1 damaged: e.md" in err.getvalue()
    assert err.getvalue().endswith("\r\x1b[K")
    assert "6 files" not in out.getvalue()


def test_progress_takes_one_line_whatever_the_path(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(terminal, "_columns", lambda _: 40)
    screen = Screen()
    progress = Progress(screen)
    for path in ("notes/" + "x" * 99 + ".md", "no\ntes\x1b[2J.md", "工作.md", "caf\udce9.md"):
        clock[0] += 2
        progress.show(Counts(), path)
    lines = screen.getvalue().replace("\x1b[K", "").split("\r")[1:]
    assert lines[0] == "0 files, 0 damaged: ..." + "x" * 13 + ".md"
    assert all(len(line) < 40 and line.isascii() and line.isprintable() for line in lines)
    assert lines[2].endswith("\\u5de5\\u4f5c.md")


@pytest.mark.parametrize(("out", "err"), [(0, 0), (0, 1), (1, 0)])
def test_no_progress_unless_both_streams_are_terminals(
    clock: list[float], out: bool, err: bool
) -> None:
    streams = [Screen() if is_terminal else io.StringIO() for is_terminal in (out, err)]
    report = choose(streams[0], streams[1], "look")
    clock[0] += 5
    report.add(Outcome("a.md", "clean"))
    assert [stream.getvalue() for stream in streams] == ["", ""]


@pytest.mark.skipif(os.name != "posix", reason="POSIX only")
def test_interrupt_erases_the_progress(tmp_path: Path) -> None:
    """On a real terminal, so that nothing of the line stays in front of what comes next."""
    import pty

    (tmp_path / "a.md").write_text("x", encoding="utf-8")
    (tmp_path / "b.md").write_text("Ã©", encoding="utf-8")
    script = (
        "import os, sys; os.environ['TERM'] = 'xterm'\n"
        "from mojibake_fix import cli; from mojibake_fix.report import terminal\n"
        "terminal._PATIENCE = 0; real = cli.read_file\n"
        "def work(file, **options):\n"
        "    if file.path.endswith('b.md'): raise KeyboardInterrupt\n"
        "    return real(file, **options)\n"
        "cli.read_file = work; sys.exit(cli.main([]))"
    )
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        stdout=follower,
        stderr=follower,
        stdin=subprocess.DEVNULL,
    )
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 4096):
            shown += chunk
    except OSError:
        pass  # how Linux says that nobody has the terminal open any more
    os.close(leader)
    assert process.wait(timeout=30) == 130
    assert b"1 files, 0 damaged: a.md" in shown
    assert shown.endswith(b"\r\x1b[Kfixmoji: interrupted\r\n")


# Differences


def test_diff_on_a_terminal_obeys_no_control_in_the_text() -> None:
    out = Screen()
    DiffReport(out).add(damaged("\x1b\x9bÃ\x9b\tx\n", ("Ã\x9b", "Û")))
    assert "\x1b[31m-‹U+001B›‹U+009B›Ã‹U+009B›\tx\x1b[0m\n" in out.getvalue()


def test_diff_of_texts_with_unlike_numbers_of_lines() -> None:
    assert list(unified_diff("a", "x\ny\nz", "x\nz")) == [
        "--- a/a\n",
        "+++ b/a\n",
        "@@ -1,3 +1,2 @@\n",
        " x\n",
        "-y\n",
        " z\n\\ No newline at end of file\n",
    ]
