r"""Repair a Facebook export that this script makes, and tell how much of it comes out right.

    python benchmarks/export.py [--megabytes 50] [--corpora FOLDER] [--minified] [--json]

Facebook, Instagram and Messenger write each byte of UTF-8 as an escape of its own: `\u00c3\u00a9`
for `é`. The export is repaired by `fix_stream` in a process of its own; printed are how many
messages are right, the memory that the process needed at most, and its pace as a ratio to
`json.loads` of the same bytes. A message is right if all of it is the original; what is not a
message must be as it was, byte for byte.

Without `--corpora` (a folder of LANG.txt.xz) the messages are made of a few sentences.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import corpus, languages, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SEED = 4
LINES = 3000  # of each language
SENTENCES = (
    "See you at Zoë’s café – it’s only €5 😀",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "À noite, vovô Kowalsky vê o ímã cair no pé do pinguim queixoso.",
    "Zażółć gęślą jaźń, a potem pchnij w tę łódź jeża lub ośm skrzyń fig.",
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "今天天气很好，我们去公园散步吧。",
    "ありがとう！またね 🙏",
    "안녕하세요, 내일 만나요 ❤️",
    'Plain words only, and "quotes" \\ slashes / tabs\tand lines\nas well.',
)
NAMES = ("Renée Dürr", "Åsa Öberg", "Иван Петров", "张伟", "José Núñez", "Ann Lee", "Łukasz Żak")
REACTIONS = ("❤", "😆", "😮", "😢", "👍", "🤷‍♀️")

REPAIR = """
import resource, sys
from mojibake_fix import fix_stream
with open(sys.argv[1], "rb") as reader, open(sys.argv[2], "wb") as writer:
    found = fix_stream(reader, writer)
print(found.repaired, found.lossy, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def messages(folder: Path | None) -> Iterator[dict[str, Any]]:
    """Yield messages without end, the same ones each time."""
    order = random.Random(SEED)
    lines = list(SENTENCES)
    if folder is not None:
        for language in languages(folder):
            lines += filter(None, islice(corpus(folder, language), LINES))
    for number in count():
        message: dict[str, Any] = {
            "sender_name": order.choice(NAMES),
            "timestamp_ms": 1_500_000_000_000 + number * 61_000,
            "content": order.choice(lines),
        }
        if number % 7 == 0:
            message["reactions"] = [
                {"reaction": order.choice(REACTIONS), "actor": order.choice(NAMES)}
            ]
        yield message


def exported(value: Any) -> Any:
    """Return a value as an export shows it: each byte of UTF-8 as a character of its own."""
    if isinstance(value, str):
        return value.encode("utf-8").decode("latin-1")
    if isinstance(value, dict):
        return {exported(key): exported(item) for key, item in value.items()}
    return [exported(item) for item in value] if isinstance(value, list) else value


def unchanged(value: Any) -> Any:
    return value


def write(
    path: Path,
    numbered: Iterable[dict[str, Any]],
    show: Callable[[Any], Any],
    layout: dict[str, Any],
) -> None:
    """Write messages as an export, each shown in a way and laid out as `json.dumps` takes it."""
    people = json.dumps(show([{"name": name} for name in NAMES]), **layout)
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write(f'{{"participants": {people}, "messages": [')
        for number, message in enumerate(numbered):
            file.write("," if number else "")
            file.write(json.dumps(show(message), **layout))
        file.write("]}")


def as_many(folder: Path | None, size: int, layout: dict[str, Any]) -> int:
    """Return how many messages an export of some size has."""
    for number, message in enumerate(messages(folder), start=1):
        size -= len(json.dumps(exported(message), **layout)) + 1
        if size <= 0:
            return number
    raise AssertionError


def repaired(observed: Path, out: Path) -> dict[str, float]:
    """Repair a file in a process of its own; return what that says, and the seconds it took."""
    start = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-c", REPAIR, observed, out], capture_output=True, check=True
    )
    seconds = time.perf_counter() - start
    spans, lossy, peak = map(int, run.stdout.split())
    return {"spans": spans, "lossy": lossy, "peak MB": peak / 1024, "seconds": seconds}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=float, default=50, help="size of the export (50)")
    parser.add_argument("--corpora", type=Path, help="folder of LANG.txt.xz")
    parser.add_argument("--minified", action="store_true", help="all of it in one line")
    parser.add_argument("--json", action="store_true", help="figures for machines")
    parser.add_argument("--verbose", type=int, default=0, metavar="N", help="show N wrong messages")
    arguments = parser.parse_args()
    layout: dict[str, Any] = {"separators": (",", ":")} if arguments.minified else {"indent": 2}
    number = as_many(arguments.corpora, int(arguments.megabytes * 1e6), layout)
    with tempfile.TemporaryDirectory() as folder:
        observed, original, out = (Path(folder, name) for name in ("observed", "original", "out"))
        write(observed, islice(messages(arguments.corpora), number), exported, layout)
        write(original, islice(messages(arguments.corpora), number), unchanged, layout)
        figures = repaired(observed, out)
        start = time.perf_counter()
        json.loads(observed.read_bytes())
        figures["seconds of json.loads"] = time.perf_counter() - start
        figures["MB"] = observed.stat().st_size / 1e6
        same = out.read_bytes() == original.read_bytes()
        found = json.loads(out.read_bytes())["messages"]
    pairs = zip(found, islice(messages(arguments.corpora), number), strict=True)
    wrong = [(one, other) for one, other in pairs if one != other]
    figures |= {"messages": number, "right": number - len(wrong), "byte for byte": same}
    if arguments.json:
        print(json.dumps(figures, indent=1))
        return 0 if same else 1
    for one, other in wrong[: arguments.verbose]:
        print(f"got    {visible(json.dumps(one, ensure_ascii=False))}")
        print(f"wanted {visible(json.dumps(other, ensure_ascii=False))}\n")
    ratio = figures["seconds"] / figures["seconds of json.loads"]
    print(
        f"{figures['MB']:.0f} MB, {number:,} messages: {number - len(wrong):,} right, "
        f"{figures['spans']:,} spans repaired, {figures['lossy']:,} left; "
        f"{'as' if same else 'not as'} the original byte for byte; "
        f"{figures['peak MB']:.0f} MB of memory; {ratio:.0f} times as long as json.loads"
    )
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
