"""Measure the speed of repair of legacy text that was read with another legacy codec.

    python benchmarks/legacy_speed.py FOLDER [--only LANG,...] [--sizes CHARACTERS,...]
        [--against SRC]

FOLDER is what `unseen.py` wrote. Of some languages, documents of some sizes are made, of the lines
that a legacy codec of theirs holds, read with another one, and given to `fix_text`: a row a
channel, microseconds of processor time by observed character (the best of some rounds), by size.
With `--clean`, every so many lines stay as they were.

With --against, the `src` folder of another checkout (built in place) takes turns with this one in
every round. Then behind each figure is how many times as fast this one is, and a * marks results
that are not the same.
"""

from __future__ import annotations

import argparse
import sys
from itertools import cycle
from pathlib import Path

from common import table
from contenders import cell, contenders, serve

CHANNELS = (
    ("ru", "cp1251>cp1252"),
    ("ru", "koi8-r>cp1251"),
    ("ru", "cp866>latin-1"),
    ("uk", "cp1251>mac-roman"),
    ("el", "cp1253>cp1252"),
    ("he", "cp1255>cp1252"),
    ("ar", "cp1256>cp1252"),
    ("zh-Hans-docs", "gbk>cp1252"),
    ("zh-Hant", "cp950>cp1252"),
    ("ja", "cp932>cp1252"),
    ("ko", "cp949>cp1252"),
    ("cs", "cp1250>cp1252"),
    ("pl", "iso8859-2>cp1252"),
    ("fr", "cp1252>mac-roman"),
    ("de", "cp1252>cp437"),
)
SIZES = "3000,30000,300000"


def observe(path: str, channel: str, size: int, clean: int) -> str:
    """Return lines of a file, damaged, of `size` characters; each `clean`th as it is, if any."""
    from mojibake_fix import damage

    lines, length = [], 0
    for number, line in enumerate(cycle(Path(path).read_text(encoding="utf-8").split("\n")), 1):
        try:
            shown = damage(line, channel)
        except UnicodeEncodeError:  # the source codec lacks a character
            continue
        lines.append(line if clean and number % clean == 0 else shown)
        length += len(lines[-1]) + 1
        if length >= size:
            break
    return "\n".join(lines)[:size]


def speed(observed: str, seconds: float) -> float:
    """Return characters by microsecond."""
    return len(observed) / seconds / 1e6


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--sizes", default=SIZES, help=f"observed characters ({SIZES})")
    parser.add_argument("--clean", type=int, default=0, metavar="LINES")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path, metavar="SRC")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    rivals = contenders(arguments.against)
    header = [""]
    for size in sizes:
        header += [f"{size / 1000:g}k: µs", *(["ratio "] if len(rivals) > 1 else [])]
    languages = arguments.only.split(",") if arguments.only else None
    rows = []
    for language, channel in CHANNELS:
        if languages and language not in languages:
            continue
        row = [f"{language} {channel}"]
        for size in sizes:
            path = arguments.folder / f"{language}.txt"
            job = (str(path), channel, size, arguments.clean, "fix_text")
            row += cell(rivals, arguments.rounds, job, lambda speed: f"{1 / speed:.2f}")
        rows.append(row)
    print(table(header, rows))


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        serve(observe, speed)
    else:
        main()
