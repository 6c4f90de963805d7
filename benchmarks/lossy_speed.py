"""Measure the speed of repair where bytes were lost, beside damage that lost none.

    python benchmarks/lossy_speed.py FOLDER [--only LANG,...] [--sizes BYTES,...] [--against SRC]

FOLDER is what `unseen.py` wrote. Of each language, documents of some sizes are made, damaged by
several channels and given to `repair`: one table a channel, a row a language, MB of observed UTF-8
by second of processor time (the best of some rounds), by size. The last column is `fix_text` for
the longest document.

With --against, the `src` folder of another checkout (built in place) takes turns with this one in
every round. Then the columns are this one's figures and their ratios to the other's (above 1 is
faster), and a * marks results that are not the same.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from common import table
from contenders import cell, contenders, serve

CHANNELS = {
    "lossless": "utf-8>cp1252",
    "cp1254": "utf-8>cp1254+undefined-dropped+soft-hyphen-dropped",
    "cp1252": "utf-8>cp1252+undefined-dropped",
    "latin-1": "utf-8>latin-1+c1-dropped",
}
SIZES = "10000,100000,1000000"


def observe(path: str, channel: str, size: int) -> str:
    """Return the text of a file, damaged, of about `size` bytes."""
    from mojibake_fix import damage

    return damage(filled(Path(path).read_text(encoding="utf-8"), channel, size), channel)


def speed(observed: str, seconds: float) -> float:
    """Return MB of observed UTF-8 by second."""
    return len(observed.encode()) / seconds / 1e6


def filled(text: str, channel: str, size: int) -> str:
    """Return text that takes about `size` bytes of UTF-8 when it is damaged, whole lines of it."""
    from mojibake_fix import damage

    sample = text[:20_000]
    length = size * len(sample) // len(damage(sample, channel).encode())
    text = text * (length // len(text) + 1)
    return text[: text.find("\n", length) + 1] or text


def main() -> None:
    """Print a table for each channel."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--channels", default=",".join(CHANNELS))
    parser.add_argument("--sizes", default=SIZES, help=f"bytes of observed UTF-8 ({SIZES})")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path, metavar="SRC")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    rivals = contenders(arguments.against)
    languages = arguments.only.split(",") if arguments.only else None
    ratio = ["ratio "] if len(rivals) > 1 else []
    header = [""]
    for size in sizes:
        header += [f"{size / 1000:g} kB", *ratio]
    for name in arguments.channels.split(","):
        rows = []
        for path in sorted(arguments.folder.glob("*.txt")):
            if languages and path.stem not in languages:
                continue
            row = [path.stem]
            for size in sizes:
                job = (str(path), CHANNELS[name], size, "repair")
                row += cell(rivals, arguments.rounds, job)
            job = (str(path), CHANNELS[name], sizes[-1], "fix_text")
            rows.append([*row, *cell(rivals, arguments.rounds, job)])
        print(f"\n{CHANNELS[name]}, MB/s")
        print(table([*header, "fix_text", *ratio], rows))
        sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        serve(observe, speed)
    else:
        main()
