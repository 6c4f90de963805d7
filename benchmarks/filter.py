"""Send long streams through `fixmoji -`: its peak memory, its time beside a copy, its output.

    python benchmarks/filter.py [--size 2000] [--only NAME,...] [--json]

Streams are made as they are read, of German notes in `fixtures/originals`: clean, and
with a damaged paragraph in every page; in many lines, and on a single one. Behind the first pages
of damaged streams stands Chinese that lost bytes. All output is compared with the originals, but
for the Chinese, of which is told how much came back. `--size` is in megabytes. Printed are peak
memory in megabytes, and wall time and processor time as ratios to a process that only copies, fed
with the same stream before. Exits with 1 if output is wrong or memory more than 100 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from difflib import SequenceMatcher
from pathlib import Path
from typing import IO, NamedTuple

from common import table
from mojibake_fix.channels import Channel, damage

ORIGINALS = Path(__file__).resolve().parent.parent / "fixtures" / "originals"
LOSSLESS = Channel.parse("utf-8>cp1252")
LOSSY = Channel.parse("utf-8>cp1254+undefined-dropped+soft-hyphen-dropped")
MOST = 100  # megabytes
EARLY = 20  # pages before what is lossy
BEGIN, END = "\n<zh>\n", "\n</zh>\n"

FILTER = [sys.executable, "-m", "mojibake_fix", "-"]
COPY = [
    sys.executable,
    "-c",
    "import shutil,sys;b=shutil.copyfileobj;b(sys.stdin.buffer,sys.stdout.buffer,1<<18)",
]


class Stream(NamedTuple):
    """A stream of some pages, and of one with lost bytes among them.

    Attributes:
        observed, original: a page.
        lossy, restored: what stands behind the first pages, or nothing; and what was meant.
        pages: how many there are.
    """

    observed: bytes
    original: bytes
    lossy: bytes
    restored: str
    pages: int


def stream(*, damaged: bool, one_line: bool, size: int) -> Stream:
    """Return a stream of about so many bytes."""

    def joined(text: str) -> bytes:
        return (" ".join(text.split()) + " " if one_line else text).encode()

    paragraphs = (ORIGINALS / "de.md").read_text(encoding="utf-8").split("\n\n")
    original = "\n\n".join(paragraphs) + "\n"
    observed, lossy, restored = original, "", ""
    if damaged:
        longest = max(paragraphs[:-1], key=len)
        observed = original.replace(longest, damage(longest, LOSSLESS))
        restored = (ORIGINALS / "zh.md").read_text(encoding="utf-8")
        lossy = f"{BEGIN}{damage(restored, LOSSY)}{END}"
    page = joined(observed)
    pages = max(size // len(page), EARLY)
    return Stream(page, joined(original), joined(lossy) if lossy else b"", restored, pages)


def feed(made: Stream, pipe: IO[bytes]) -> None:
    """Write a stream and close the pipe."""
    with pipe:
        for page in range(made.pages):
            if page == EARLY:
                pipe.write(made.lossy)
            pipe.write(made.observed)


def restored_share(made: Stream, found: str) -> float:
    """Return how much of what was lossy came out as it was meant."""
    meant = "".join(made.restored.split())
    matcher = SequenceMatcher(None, meant, "".join(found.split()), autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(meant)


def check(made: Stream, page: bytes, pipe: IO[bytes]) -> tuple[bool, str]:
    """Read what comes out; return whether all pages are as given, and what was lossy."""
    is_right, lossy = True, b""
    for number in range(made.pages):
        if number == EARLY and made.lossy:
            end = made.lossy.split()[-1] + made.lossy[-1:]
            while not lossy.endswith(end) and (byte := pipe.read(1)):
                lossy += byte
        is_right = (pipe.read(len(page)) == page) and is_right
    rest = pipe.read()
    return is_right and not rest, lossy.decode("utf-8", "replace")


class Run(NamedTuple):
    """What a process took.

    Attributes:
        wall, processor: seconds.
        peak: bytes of memory.
        is_right: whether its output was, and it ended well.
        lossy: what it made of what was lossy.
    """

    wall: float
    processor: float
    peak: int
    is_right: bool
    lossy: str


def run(command: list[str], made: Stream, page: bytes) -> Run:
    """Send a stream through a command that is to give these pages."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    feeder = threading.Thread(target=feed, args=(made, process.stdin))
    feeder.start()
    is_right, lossy = check(made, page, process.stdout)
    feeder.join()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    is_right = is_right and not process.returncode
    return Run(wall, usage.ru_utime + usage.ru_stime, peak, is_right, lossy)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=2000)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    results = []
    for name in ("clean-lines", "clean-line", "damaged-lines", "damaged-line"):
        if arguments.only and name not in arguments.only.split(","):
            continue
        kind, _, form = name.partition("-")
        made = stream(
            damaged=kind == "damaged", one_line=form == "line", size=arguments.size * 1_000_000
        )
        copied = run(COPY, made, made.observed)
        found = run(FILTER, made, made.original)
        results.append(
            {
                "stream": name,
                "megabytes": made.pages * len(made.observed) // 1_000_000,
                "peak_megabytes": round(found.peak / 1e6, 1),
                "wall": round(found.wall / copied.wall, 2),
                "processor": round(found.processor / copied.processor, 2),
                "lossy_restored": made.restored and round(restored_share(made, found.lossy), 3),
                "right": copied.is_right and found.is_right,
            }
        )
    if arguments.json:
        print(json.dumps(results, indent=2))
    else:
        print(table(list(results[0]), [list(result.values()) for result in results]))
    return any(not result["right"] or result["peak_megabytes"] > MOST for result in results)


if __name__ == "__main__":
    sys.exit(main())
