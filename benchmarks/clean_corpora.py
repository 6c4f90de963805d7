"""Run mojibake_fix over clean corpora and list everything it would change.

    python benchmarks/clean_corpora.py CORPORA_FOLDER [--languages fr,de] [--json]

Every LANG.txt.xz (or LANG.txt) of the folder is read twice: as documents of `--lines` lines, in
which sure damage lends weight to the rest of the document, and line by line. Printed is one row a
language: lines, characters, suspects that the scan finds, then spans repaired and spans reported
but left, for documents and for single lines. Each change follows, as text before → after within its
surroundings, with channel, evidence (nats) and confidence, for a person to judge whether the source
really was damaged there. The exit code is 0 if nothing was changed and 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import corpus, languages, load, table, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTEXT = 30
WAYS = ("document", "line")


@dataclass(frozen=True, slots=True)
class Change:
    """One span reported in a clean text; `after` is None where it is left as observed."""

    line: int
    way: str
    left: str
    before: str
    after: str | None
    right: str
    channel: str
    evidence: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What one language's corpus gave."""

    language: str
    lines: int
    characters: int
    suspects: int
    changes: list[Change]

    def spans(self, way: str, repaired: bool) -> int:
        """Count the spans repaired, or reported and left, in documents or in lines."""
        return sum(
            change.way == way and (change.after is not None) == repaired for change in self.changes
        )


def suspects(text: str) -> int:
    """Count the places of `text` at which the scan stops."""
    from mojibake_fix import _core

    found, start = 0, _core.find_suspect(text, 0)
    while start >= 0:
        found += 1
        start = _core.find_suspect(text, start + 1)
    return found


def changes(text: str, first: int, way: str) -> Iterator[Change]:
    """Yield every span of `text`, which begins in line `first` of its corpus."""
    import mojibake_fix

    for span in mojibake_fix.detect(text):
        line_start = text.rfind("\n", 0, span.start) + 1
        line_end = text.find("\n", span.end)
        line_end = len(text) if line_end < 0 else line_end
        yield Change(
            line=first + text.count("\n", 0, span.start),
            way=way,
            left=text[max(line_start, span.start - CONTEXT) : span.start],
            before=text[span.start : span.end],
            after=span.replacement,
            right=text[span.end : min(line_end, span.end + CONTEXT)],
            channel=str(span.channel),
            evidence=span.evidence,
            confidence=span.confidence,
        )


def read(job: tuple[Path, str, int]) -> Figures:
    """Run the detector over one language, in documents of so many lines and line by line."""
    folder, language, size = job
    lines = list(corpus(folder, language))
    found: list[Change] = []
    number = characters = 0
    for first in range(0, len(lines), size):
        document = lines[first : first + size]
        text = "\n".join(document) + "\n"
        characters += len(text)
        number += suspects(text)
        found += changes(text, first + 1, "document")
        for line, content in enumerate(document, start=first + 1):
            found += changes(content, line, "line")
    return Figures(language, len(lines), characters, number, found)


def describe(change: Change, ways: str) -> str:
    """Write one change on one line."""
    after = "(left)" if change.after is None else f"[{visible(change.after)}]"
    where = f"{visible(change.left)}[{visible(change.before)}]{visible(change.right)}"
    sure = f"{change.evidence:.1f} nats  {change.confidence:.3f}"
    return f"{change.line:>7}  {where}  →  {after}  {change.channel}  {sure}  {ways}"


def show(figures: Figures, limit: int, show_left: bool) -> None:
    """Print the changes of one language; one seen in a document and in a line comes once."""
    merged: dict[tuple[int, str, str | None, str], tuple[Change, Counter[str]]] = {}
    for change in figures.changes:
        if change.after is None and not show_left:
            continue
        key = (change.line, change.before, change.after, change.left)
        merged.setdefault(key, (change, Counter()))[1][change.way] += 1
    if not merged:
        return
    print(f"\n== {figures.language}: {len(merged)} places (line, text, →, repair)")
    for change, ways in list(merged.values())[:limit]:
        print(describe(change, "+".join(way for way in WAYS if way in ways)))
    if len(merged) > limit:
        print(f"... and {len(merged) - limit} more (--limit)")


def summary(everything: list[Figures]) -> str:
    """Lay out the table: one row a language and their sum."""
    header = ["language", "lines", "characters", "suspects", "Mchar/suspect"]
    header += ["repaired/doc", "left/doc", "repaired/line", "left/line"]
    rows: list[list[Any]] = []
    for figures in everything:
        spans = [figures.spans(way, repaired) for way in WAYS for repaired in (True, False)]
        rows.append([figures.language, figures.lines, figures.characters, figures.suspects, *spans])
    rows.append(["all", *(sum(row[column] for row in rows) for column in range(1, 8))])
    for row in rows:
        row.insert(4, f"{row[2] / row[3] / 1e6:.3f}" if row[3] else "-")
    return table(header, rows)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="CORPORA_FOLDER")
    parser.add_argument("--languages", help="comma-separated; all of the folder by default")
    parser.add_argument("--lines", type=int, default=200, help="lines of a document (200)")
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    parser.add_argument("--limit", type=int, default=1000, help="changes listed a language (1000)")
    parser.add_argument("--left", action="store_true", help="list spans that are left, too")
    parser.add_argument("--json", action="store_true", help="figures and changes for machines")
    arguments = parser.parse_args()
    chosen = arguments.languages.split(",") if arguments.languages else None
    names = chosen or languages(arguments.folder)
    if not names:
        parser.error(f"{arguments.folder}: no LANG.txt.xz in it")
    if load("mojibake_fix") is None:
        return 2

    def size(name: str) -> int:
        return sum(path.stat().st_size for path in arguments.folder.glob(f"{name}.txt*"))

    # The largest first, so that no worker is left alone with it at the end.
    jobs = [(arguments.folder, name, arguments.lines) for name in sorted(names, key=size)[::-1]]
    everything = []
    with multiprocessing.get_context("spawn").Pool(arguments.workers) as pool:
        for done, figures in enumerate(pool.imap_unordered(read, jobs), start=1):
            everything.append(figures)
            print(f"{done}/{len(jobs)} {figures.language}", file=sys.stderr)
    everything.sort(key=lambda figures: figures.language)
    if arguments.json:
        json.dump([asdict(figures) for figures in everything], sys.stdout, ensure_ascii=False)
        print()
    else:
        print(summary(everything))
        for figures in everything:
            show(figures, arguments.limit, arguments.left)
    repaired = sum(figures.spans(way, True) for figures in everything for way in WAYS)
    return 1 if repaired else 0


if __name__ == "__main__":
    sys.exit(main())
