"""Time `fixmoji` on a clean tree beside ripgrep, or grep, looking for what is not there.

    python benchmarks/tree.py [--corpora FOLDER | --tree FOLDER] [--files N] [--rounds N] [--json]

The files are pieces of the clean text in FOLDER (LANG.txt or LANG.txt.xz; without it of
`fixtures/originals`), about 5 kB long in the mean, less the few that are not clean: that a repair
would change. They are looked at as they come, and again without those with a sign of damage. With
`--tree` it is the files of a folder as they are, sources of packages, say. Every row is a whole
process, run in turn with the others; printed are the median wall time in milliseconds, and the
median of its ratio to the searcher on the same tree in the same round. Below it stands what the
stages of `fixmoji` compute in one process, in milliseconds: the walk, what the core reads and
judges of all files, and the repair of those that are left, with and without what the first one
loads.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import random
import shutil
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from common import corpus, languages, table
from mojibake_fix import fix_text
from mojibake_fix._core import find_sign
from mojibake_fix.arguments import parse
from mojibake_fix.config import Configuration
from mojibake_fix.sift import sifted
from mojibake_fix.tree import find_files
from startup import wall

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "originals"
ABSENT = "zzqqxxyy"
COME, QUIET = "as it comes", "without signs"
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
        piece = text[start : start + int(chance.lognormvariate(8, 1))]
        if fix_text(piece) is piece:
            yield piece


def make_trees(folder: Path, count: int, texts: Iterator[str]) -> dict[str, Path]:
    """Write the trees; return them by what they hold."""
    trees = {COME: folder / "all", QUIET: folder / "quiet"}
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


def computed(work: Callable[[], object], rounds: int = 5) -> float:
    """Return the milliseconds that some work computes, at least, of some rounds."""
    least = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        least = min(least, time.process_time() - start)
    return least * 1000


def stages(tree: Path) -> dict[str, float]:
    """Return the milliseconds that each stage computes on a tree; what is not UTF-8 is passed."""

    def walk() -> list[str]:
        configuration = Configuration(parse([]), print)
        return [file.real for file, _ in find_files([str(tree)], configuration, print)]

    def sift() -> list[tuple[str, bool]]:
        return [
            (path, clean) for some, clean in sifted(paths, lambda path: path, 0) for path in some
        ]

    def repair_all() -> None:
        from mojibake_fix._repair import repair

        for text in texts:
            repair(text)

    paths = walk()
    left = [Path(path) for path, is_clean in sift() if not is_clean]
    texts = []
    for path in left:
        with contextlib.suppress(UnicodeDecodeError):
            texts.append(path.read_text(encoding="utf-8"))
    parts = {"walk": computed(walk), "judge in the core": computed(sift)}
    if texts:
        parts[f"repair {len(texts)} files, first"] = computed(repair_all, 1)
        parts[f"repair {len(texts)} files, again"] = computed(repair_all, 1)
    return parts


def allowed(name: str, what: str) -> tuple[int, ...]:
    """Return the exit statuses of a process that did its work."""
    if name == "fixmoji":
        return {QUIET: (0,), COME: (0, 1)}.get(what, (0, 1, 2))  # one with a sign may be damaged
    return (1,)  # it found nothing


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--corpora", type=Path)
    source.add_argument("--tree", type=Path)
    parser.add_argument("--files", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    fixmoji = [str(Path(sysconfig.get_path("scripts")) / "fixmoji"), "--quiet"]
    search = searcher()
    figures: dict[str, dict[str, float]] = {}
    parts: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        trees = {"as they are": arguments.tree}
        if not arguments.tree:
            texts = pieces(arguments.corpora, random.Random(1))
            trees = make_trees(Path(folder), arguments.files, texts)
        for what, tree in trees.items():
            commands = {Path(line[0]).name: [*line, str(tree)] for line in (search, fixmoji)}
            times: dict[str, list[float]] = {name: [] for name in commands}
            for number in range(arguments.rounds + 1):
                for name, line in commands.items():
                    seconds = wall(line, allowed=allowed(name, what))
                    if number:  # the first round warms the caches
                        times[name].append(seconds)
            count = sum(path.is_file() for path in tree.rglob("*") if path.name != ".gitignore")
            for stage, milliseconds in stages(tree).items():
                parts[f"{stage}, {what}"] = milliseconds
            baseline = next(iter(times.values()))
            for name, seconds in times.items():
                figures[f"{name}, {count} files {what}"] = {
                    "milliseconds": median(seconds) * 1000,
                    "ratio": median(a / b for a, b in zip(seconds, baseline, strict=True)),
                }
    if arguments.json:
        json.dump({"processes": figures, "stages": parts}, sys.stdout, indent=1)
        print()
        return 0
    rows = [
        [name, f"{figure['milliseconds']:.1f}", f"{figure['ratio']:.2f}"]
        for name, figure in figures.items()
    ]
    print(table(["process", "median ms", f"× {Path(search[0]).name}"], rows))
    print()
    print(table(["stage", "ms"], [[stage, f"{ms:.1f}"] for stage, ms in parts.items()]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
