"""README.md: what it prints is what the command prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mojibake_fix import damage

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

LYON = "Départ vendredi soir, dîner « Chez Hélène ». L’hôtel est près du Rhône.\n"
# The notes of each block, by what it begins with.
NOTES = {
    "fixmoji notes": {
        "lyon.md": "# Lyon\n\n" + damage(LYON, "utf-8>cp1252"),
        "read.md": damage("- 神经网络的本质\n", "utf-8>cp1252"),
        "städte.md": "Köln und Malmö\n",
    },
    "fixmoji --write notes": {"lyon.md": "prÃ¨s du pont\n", "städte.md": "KÃ¶ln und MalmÃ¶\n"},
    "fixmoji --names notes": {"BÃ¼cher/dÃ©part.md": "", "CafÃ©.jpg": "", "Café.jpg": ""},
    "fixmoji --format json": {},
    "fixmoji fixtures/lossy": {},
}
# What differs from run to run, or has no end.
RUN = re.compile(r"\d{8}T\d{9}-[0-9a-f]{6}")
WHEN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


def blocks() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield for each block what it begins with, and its commands with what they print."""
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        steps = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
        start = next((start for start in NOTES if steps[0][0].startswith(start)), None)
        if start is not None:
            yield start, steps


BLOCKS = dict(blocks())


def settled(printed: str) -> str:
    return WHEN.sub("WHEN", RUN.sub("RUN", printed))


def run(command: str, folder: Path, *, terminal: bool = False) -> str:
    scripts = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "FIXMOJI_STATE_DIR": str(folder / "state"),
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }
    line = ["script", "-qec", command, "/dev/null"] if terminal else ["sh", "-c", command]
    done = subprocess.run(
        line,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=300,
    )
    return done.stdout.decode().replace("\r\n", "\n")


def test_readme_shows_what_the_command_does() -> None:
    assert set(BLOCKS) == set(NOTES)


@pytest.mark.skipif(os.name != "posix", reason="the commands are for a POSIX shell")
@pytest.mark.parametrize("start", [start for start in NOTES if NOTES[start]])
def test_commands_print_what_readme_shows(start: str, tmp_path: Path) -> None:
    for name, text in NOTES[start].items():
        path = tmp_path / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    for command, shown in BLOCKS[start]:
        assert settled(run(command, tmp_path)) == settled(shown)


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
@pytest.mark.skipif(os.name != "posix", reason="the commands are for a POSIX shell")
def test_json_of_fixtures_is_what_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    [(command, shown)] = BLOCKS["fixmoji --format json"]
    assert run(command, tmp_path) == shown


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs script of util-linux")
@pytest.mark.skipif(shutil.which("script") is None, reason="needs script")
def test_terminal_shows_what_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    [(command, shown)] = BLOCKS["fixmoji fixtures/lossy"]
    begins, ends = shown.split("\n…\n")
    printed = run(command, tmp_path, terminal=True)
    assert re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", printed).startswith(begins)
    assert ends in printed
