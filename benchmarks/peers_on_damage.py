"""Damage clean text with every known wrong decoder, and count who gives it back.

    python benchmarks/peers_on_damage.py CORPORA_FOLDER [--samples 200] [--layers 1] [--verbose 3]

For every decoder of `mojibake_fix.channels.DECODERS`, languages whose users meet it, and three
lengths (a word, a line, a page of 40 lines), up to `--samples` originals are drawn with a fixed
seed from the lines of LANG.txt.xz whose CRC-32 is divisible by 20. Those lines are held out only if
the statistics were trained without them, or on other corpora. Only originals that hold a character
beyond ASCII count, and only if the damage shows. Each sample is a text of its own.

Printed is one row a cell: the number of samples, then for each tool how many came back *exact*,
*wrong* (changed to anything else) or *refused* (left alone); then sums by length and by decoder.
plsfix cannot be told to leave quotes, width and ligatures alone, so its results count as exact if
they equal the original after the style fixes of ftfy on both sides.
`--layers 2` puts the text through the same channel twice. `--verbose N` lists up to N samples a
cell that mojibake_fix did not give back.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import (
    Guarded,
    changed_part,
    corpus,
    languages,
    load,
    load_tools,
    style_fixer,
    table,
    visible,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from common import Tool

SEED = 20
PAGE = 40
LENGTHS = ("word", "line", "page")
VERDICTS = ("exact", "wrong", "refused")
CONTENDERS = ("mojibake_fix.fix_text", "ftfy.fix_encoding", "plsfix.fix_text")
STYLED = ("plsfix.fix_text",)
MEETS = {
    "cp1252": ("fr", "de", "zh-Hans"),
    "latin-1": ("es", "pt", "ja"),
    "cp1250": ("pl", "cs", "hu"),
    "cp1251": ("ru", "bg", "uk"),
    "cp1253": ("el",),
    "cp1254": ("tr", "zh-Hans"),
    "cp1255": ("he",),
    "cp1256": ("ar", "fa"),
    "cp1257": ("lt", "lv", "et"),
    "cp1258": ("vi",),
    "cp874": ("th",),
    "iso8859-2": ("cs", "hr", "sl"),
    "iso8859-5": ("ru", "sr"),
    "iso8859-7": ("el",),
    "iso8859-9": ("tr",),
    "iso8859-15": ("fr", "fi"),
    "iso8859-16": ("ro",),
    "mac-roman": ("fr", "de", "en"),
    "mac-cyrillic": ("ru", "bg"),
    "cp437": ("en", "de", "es"),
    "cp850": ("fr", "pt", "it"),
    "cp852": ("pl", "sk"),
    "cp866": ("ru", "uk"),
    "koi8-r": ("ru",),
    "koi8-u": ("uk",),
}
# Languages for a decoder that has no row above.
ANY = ("fr", "ru", "zh-Hans")
# Scripts without spaces, where a run of letters is a clause: a word is cut to so many characters.
UNSPACED = re.compile(r"[\u0E00-\u0E7F\u3040-\u30FF\u4E00-\u9FFF]")
SHORT = 4


def held_out(folder: Path, language: str) -> list[str]:
    """Return every twentieth line or so, chosen by the line itself and so the same in every run."""
    return [
        line
        for line in corpus(folder, language)
        if line and zlib.crc32(line.encode("utf-8")) % 20 == 0
    ]


def words(lines: list[str]) -> list[str]:
    """Return the distinct words beyond ASCII."""
    found: dict[str, None] = {}
    for line in lines:
        for word in re.findall(r"\w+", line):
            found[word[:SHORT] if UNSPACED.search(word) else word] = None
    return [word for word in found if not word.isascii()]


def originals(lines: list[str], samples: int, seed: str) -> dict[str, list[str]]:
    """Draw up to `samples` originals of each length."""
    pages = ["\n".join(lines[start : start + PAGE]) for start in range(0, len(lines), PAGE)]
    choices = {"word": words(lines), "line": lines, "page": pages}
    result = {}
    for length, choice in choices.items():
        texts = [text for text in choice if not text.isascii()]
        order = random.Random(f"{SEED} {seed} {length}")
        result[length] = order.sample(texts, min(samples, len(texts)))
    return result


def judge(original: str, observed: str, got: str, style: Tool | None) -> str:
    """Return `exact`, `wrong` or `refused`; differences that `style` removes do not count."""
    if got == original:
        return "exact"
    if got == observed:
        return "refused"
    return "exact" if style is not None and style(got) == style(original) else "wrong"


def run_cell(
    tools: dict[str, Guarded], pairs: list[tuple[str, str]], verbose: int
) -> dict[str, Counter[str]]:
    """Count the verdicts of every tool on (original, observed) pairs; print our misses."""
    result = {}
    for name, tool in tools.items():
        style = style_fixer() if name in STYLED else None
        counts: Counter[str] = Counter()
        shown = 0
        for original, observed in pairs:
            got = tool(observed)
            verdict = judge(original, observed, got, style)
            counts[verdict] += 1
            if verdict != "exact" and name == CONTENDERS[0] and shown < verbose:
                shown += 1
                show_miss(verdict, original, observed, got)
        result[name] = counts
    return result


def show_miss(verdict: str, original: str, observed: str, got: str) -> None:
    """Print what was not given back: the place where the result differs from the original."""
    wanted, given = changed_part(original, got, context=10)
    print(f"    {verdict}: wanted [{visible(wanted)[:100]}] got [{visible(given)[:100]}]", end="")
    print(f" observed [{visible(observed)[:60]}]")


def cells(
    folder: Path, decoders: list[str], samples: int, layers: int
) -> Iterator[tuple[str, str, str, list[tuple[str, str]]]]:
    """Yield every (decoder, language, length) with its (original, observed) pairs."""
    from mojibake_fix import damage

    present = set(languages(folder))
    lines: dict[str, list[str]] = {}
    for decoder in decoders:
        channel = ">".join([f"utf-8>{decoder}"] * layers)
        for language in MEETS.get(decoder, ANY):
            if language not in present:
                print(f"{language}: not in the folder, skipped", file=sys.stderr)
                continue
            if language not in lines:
                lines[language] = held_out(folder, language)
            texts = originals(lines[language], samples, f"{decoder} {language}")
            for length in LENGTHS:
                pairs = [(text, damage(text, channel)) for text in texts[length]]
                pairs = [(text, observed) for text, observed in pairs if text != observed]
                yield decoder, language, length, pairs


def sums(figures: list[dict[str, Any]], tools: list[str]) -> list[list[object]]:
    """Lay out the sums by length, by decoder and over all."""
    rows = []
    keys = [("all", length) for length in LENGTHS]
    keys += [(decoder, "any") for decoder in dict.fromkeys(cell["decoder"] for cell in figures)]
    for decoder, length in [*keys, ("all", "any")]:
        chosen = [
            cell
            for cell in figures
            if decoder in ("all", cell["decoder"]) and length in ("any", cell["length"])
        ]
        total = sum(cell["samples"] for cell in chosen)
        row: list[object] = [decoder, "all", length, total]
        for name in tools:
            for verdict in VERDICTS:
                part = sum(cell["tools"][name][verdict] for cell in chosen)
                row.append(f"{100 * part / max(1, total):.2f} %")
        rows.append(row)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="CORPORA_FOLDER")
    parser.add_argument("--samples", type=int, default=200, help="originals a cell (200)")
    parser.add_argument("--layers", type=int, default=1, help="times through the channel (1)")
    parser.add_argument("--decoders", help="comma-separated; all by default")
    parser.add_argument("--verbose", type=int, default=0, metavar="N", help="list N misses a cell")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if load("mojibake_fix") is None:
        return 2
    from mojibake_fix.channels import DECODERS

    decoders = arguments.decoders.split(",") if arguments.decoders else list(DECODERS)
    tools = load_tools(CONTENDERS)
    figures: list[dict[str, Any]] = []
    for decoder, language, length, pairs in cells(
        arguments.folder, decoders, arguments.samples, arguments.layers
    ):
        print(f"{decoder} {language} {length}", file=sys.stderr)
        if arguments.verbose:
            print(f"\n{decoder} {language} {length}")
        verdicts = run_cell(tools, pairs, arguments.verbose)
        cell: dict[str, Any] = {"decoder": decoder, "language": language, "length": length}
        cell["samples"] = len(pairs)
        cell["tools"] = {
            name: {verdict: counts[verdict] for verdict in VERDICTS}
            for name, counts in verdicts.items()
        }
        figures.append(cell)
    if arguments.json:
        json.dump(figures, sys.stdout, indent=1)
        print()
        return 0
    names = list(tools)
    short = [name.split(".")[0] for name in names]
    header = ["decoder", "language", "length", "samples"]
    header += [
        f"{name} {verdict}" if not i else verdict
        for name in short
        for i, verdict in enumerate(VERDICTS)
    ]
    rows = [
        [cell["decoder"], cell["language"], cell["length"], cell["samples"]]
        + [cell["tools"][name][verdict] for name in names for verdict in VERDICTS]
        for cell in figures
    ]
    print(table(header, rows, left=3))
    print()
    print(table(header, sums(figures, names), left=3))
    return 0


if __name__ == "__main__":
    sys.exit(main())
