"""Time `fixmoji` on a clean tree beside ripgrep, or grep, looking for what is not there.

    python benchmarks/tree.py [--corpora FOLDER] [--files 4000] [--rounds 15] [--json]

The files are pieces of the clean text in FOLDER (LANG.txt or LANG.txt.xz; without it of
`fixtures/clean`), about 5 kB long in the mean. They are looked at as they come, and again without
those with a sign of damage, for what such a file costs is the price of repair. Every
row is a whole process, run in turn with the others; printed are the median wall time in
milliseconds, and the median of its ratio to the searcher on the same tree in the same round.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from common import corpus, languages, table
from mojibake_fix._core import find_sign
from startup import wall

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "clean"
ABSENT = "zzqqxxyy"
LINES = 20_000  # of each language


def searcher() -> list[str]:
    """Return the command that looks for an absent string; a folder is to be put behind."""
    for name, options in (("rg", []), ("grep", ["-r"])):
        if path := shutil.which(name):
            return [path, *options, "-c", ABSENT]
    raise SystemExit("neither rg nor grep is installed")


def pieces(folder: Path | None, chance: random.Random) -> Iterator[str]:
    """Yield random pieces of clean text, without end."""
    if folder is None:
        texts = [path.read_text(encoding="utf-8") for path in sorted(FIXTURES.rglob("*.*"))]
    else:
        texts = [
            "\n".join(itertools.islice(corpus(folder, name), LINES)) for name in languages(folder)
        ]
    while True:
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        yield text[start : start + int(chance.lognormvariate(8, 1))]


def make_trees(folder: Path, count: int, texts: Iterator[str]) -> dict[str, Path]:
    """Write the trees; return them by what they hold."""
    trees = {"as it comes": folder / "all", "without signs": folder / "quiet"}
    for tree in trees.values():
        for number in range(200):
            (tree / f"{number % 40:02}" / f"{number // 40}").mkdir(parents=True)
        (tree / ".git").mkdir()
        (tree / ".gitignore").write_text("*.log\nbuild/\n", encoding="utf-8")
    for number, text in enumerate(itertools.islice(texts, count)):
        name = Path(f"{number % 40:02}", f"{number // 40 % 5}", f"{number}.md")
        for tree in trees.values() if find_sign(text) < 0 else [folder / "all"]:
            (tree / name).write_text(text, encoding="utf-8", newline="")
    return trees


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path)
    parser.add_argument("--files", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    fixmoji = [str(Path(sysconfig.get_path("scripts")) / "fixmoji"), "--quiet"]
    search = searcher()
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        texts = pieces(arguments.corpora, random.Random(1))
        for what, tree in make_trees(Path(folder), arguments.files, texts).items():
            commands = {Path(line[0]).name: [*line, str(tree)] for line in (search, fixmoji)}
            times: dict[str, list[float]] = {name: [] for name in commands}
            for number in range(arguments.rounds + 1):
                for name, line in commands.items():
                    seconds = wall(line, allowed=(0, 1))
                    if number:  # the first round warms the caches
                        times[name].append(seconds)
            count = sum(1 for _ in tree.rglob("*.md"))
            baseline = next(iter(times.values()))
            for name, seconds in times.items():
                figures[f"{name}, {count} files {what}"] = {
                    "milliseconds": median(seconds) * 1000,
                    "ratio": median(a / b for a, b in zip(seconds, baseline, strict=True)),
                }
    if arguments.json:
        json.dump(figures, sys.stdout, indent=1)
        print()
        return 0
    rows = [
        [name, f"{figure['milliseconds']:.1f}", f"{figure['ratio']:.2f}"]
        for name, figure in figures.items()
    ]
    print(table(["process", "median ms", f"× {Path(search[0]).name}"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
