"""Time `fixmoji --write` on many small damaged files with its journal and without, side by side.

    python benchmarks/journal.py [--files 2000] [--rounds 7] [--json]

The contenders take turns in every round, in new folders; each is a process of its own, and starts
and repairs as always. Printed are the median wall time in seconds, and the median of its ratio to
the one without a journal of the same round. The last row never waits for the disk, which shows how
much of the time that is; nobody should write like that.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from common import table

NOTE = "# Note {}\n\n" + "Ein ganz gewöhnlicher Satz.\n" * 20 + "KÃ¶ln und MalmÃ¶\n"

COMMAND = "import sys; from mojibake_fix.cli import main; sys.exit(main(['--write', '-q', '.']))"
NO_JOURNAL = """
from mojibake_fix import journal, replace
def replace_only(self, replacements):
    errors = []
    for one in replacements:
        one.take(replace.temporary_beside(one.file.real))
        errors.append(None)
    replace.sync_folder('.')
    return errors
journal.Journal.replace = replace_only
"""
NO_WAITING = "import os; os.fsync = lambda _: None\n"

BARE = "no journal"
CONTENDERS = {
    BARE: NO_JOURNAL + COMMAND,
    "journal": COMMAND,
    "journal, not waiting for the disk": NO_WAITING + COMMAND,
}


def wall(code: str, files: int) -> float:
    """Return the seconds that repairing `files` new files takes."""
    with tempfile.TemporaryDirectory() as name:
        notes = Path(name) / "notes"
        notes.mkdir()
        for number in range(files):
            (notes / f"{number}.md").write_text(NOTE.format(number), encoding="utf-8")
        environment = {"FIXMOJI_STATE_DIR": str(Path(name) / "state")}
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], cwd=notes, env=environment, check=True)
        seconds = time.perf_counter() - start
        for path in notes.iterdir():
            if "Köln" not in path.read_text(encoding="utf-8"):
                raise RuntimeError(f"{path.name} was not repaired")
        return seconds


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(arguments.rounds):
        for name, code in CONTENDERS.items():
            times[name].append(wall(code, arguments.files))
    figures = {
        name: {
            "seconds": median(seconds),
            "ratio": median(a / b for a, b in zip(seconds, times[BARE], strict=True)),
        }
        for name, seconds in times.items()
    }
    if arguments.json:
        json.dump(figures, sys.stdout, indent=1)
        print()
        return 0
    rows = [
        [name, f"{figure['seconds']:.2f}", f"{figure['ratio']:.2f}"]
        for name, figure in figures.items()
    ]
    print(table([f"{arguments.files} files", "median s", f"× {BARE}"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
