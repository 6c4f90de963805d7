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
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from common import table

CHANNELS = {
    "lossless": "utf-8>cp1252",
    "cp1254": "utf-8>cp1254+undefined-dropped+soft-hyphen-dropped",
    "cp1252": "utf-8>cp1252+undefined-dropped",
    "latin-1": "utf-8>latin-1+c1-dropped",
}
SIZES = "10000,100000,1000000"
HERE = Path(__file__).resolve().parent.parent / "src"


def serve() -> None:
    """Repair what a line of JSON names, and say how long that took, until there is no more."""
    from time import process_time

    from mojibake_fix import Repair, damage, fix_text, repair

    texts: dict[tuple[str, str, int], str] = {}
    functions = {"repair": repair, "fix_text": fix_text}
    for line in sys.stdin:
        path, channel, size, name = json.loads(line)
        observed = texts.get((path, channel, size))
        if observed is None:
            texts.clear()
            text = Path(path).read_text(encoding="utf-8")
            observed = damage(filled(text, channel, size), channel)
            texts[path, channel, size] = observed
        begin = process_time()
        result = functions[name](observed)
        seconds = process_time() - begin
        if isinstance(result, Repair):
            spans = [
                (span.start, span.end, span.replacement, span.channel) for span in result.spans
            ]
            result = f"{result.text}{spans}"
        answer = {
            "speed": len(observed.encode()) / seconds / 1e6,
            "digest": hashlib.sha256(result.encode()).hexdigest(),
        }
        print(json.dumps(answer), flush=True)


def filled(text: str, channel: str, size: int) -> str:
    """Return text that takes about `size` bytes of UTF-8 when it is damaged, whole lines of it."""
    from mojibake_fix import damage

    sample = text[:20_000]
    length = size * len(sample) // len(damage(sample, channel).encode())
    text = text * (length // len(text) + 1)
    return text[: text.find("\n", length) + 1] or text


class Contender:
    """A process that repairs with the package in one `src` folder."""

    def __init__(self, source: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(source)},
        )

    def run(self, *job: str | int) -> dict[str, Any]:
        """Do a job once."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


def cell(contenders: list[Contender], rounds: int, job: tuple[str | int, ...]) -> list[str]:
    """Do a job in turns; return the speed of the first contender, and its ratio to the second."""
    answers = [[contender.run(*job) for contender in contenders] for _ in range(rounds)]
    best = [max(answer["speed"] for answer in column) for column in zip(*answers, strict=True)]
    cells = [f"{best[0]:.2f}"]
    if len(contenders) > 1:
        same = len({answer["digest"] for answer in answers[0]}) == 1
        cells.append(f"{best[0] / best[1]:.2f}{' ' if same else '*'}")
    return cells


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
    sources = [HERE, *([arguments.against.resolve()] if arguments.against else [])]
    contenders = [Contender(source) for source in sources]
    languages = arguments.only.split(",") if arguments.only else None
    ratio = ["ratio "] if len(sources) > 1 else []
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
                row += cell(contenders, arguments.rounds, job)
            job = (str(path), CHANNELS[name], sizes[-1], "fix_text")
            rows.append([*row, *cell(contenders, arguments.rounds, job)])
        print(f"\n{CHANNELS[name]}, MB/s")
        print(table([*header, "fix_text", *ratio], rows))
        sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        serve()
    else:
        main()
