"""Damage text that the library never saw in every way people meet, and count who gives it back.

    python benchmarks/families.py FOLDER [--samples 24] [--only TEXT] [--verbose 3]

FOLDER is what `unseen.py` wrote: LANG.txt with documents separated by empty lines. A *family* is a
source codec, a wrong decoder and losses; each is tried on languages that are written in the source
codec, at three lengths: a word, a line, a page of some 2,000 bytes. Up to `--samples` originals a
cell are drawn with a fixed seed. They hold a character beyond ASCII, their lines fit into the
source codec, and the damage shows. Each sample is a text of its own.

Printed are, for each tool, how many of the samples came back *exact*, *wrong* (changed to anything
else) or *refused* (left alone), for each kind of family and for each family, in %; and of the
characters of all samples that we changed, how many came back *right*: lossy text seldom does whole.
plsfix cannot be told to leave quotes, width and ligatures alone, so its results count as exact if
they equal the original after the style fixes of ftfy on both sides. `--markdown` prints the tables
of `docs/families.md`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from common import Guarded, load, load_tools, table
from peers_on_damage import CONTENDERS, LENGTHS, SEED, VERDICTS, run_cell, words

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 2_000  # bytes of UTF-8

ZH, HANT = "zh-Hans-docs", "zh-Hant"


class Family(NamedTuple):
    """One channel, and languages whose users meet it."""

    kind: str
    channel: str
    languages: tuple[str, ...]


def one_byte() -> Iterator[Family]:
    """Yield UTF-8 read by decoders of one byte a character."""
    meets = {
        "cp1252": ("fr", "ru", ZH, "emoji"),
        "latin-1": ("es", "ja", "hi"),
        "cp1250": ("pl", "cs", "hu"),
        "cp1251": ("ru", "uk"),
        "cp1253": ("el",),
        "cp1254": ("tr", ZH),
        "cp1255": ("he",),
        "cp1256": ("ar",),
        "cp1257": ("pl", "de"),
        "cp1258": ("vi",),
        "cp874": ("th",),
        "mac-roman": ("fr", "de"),
        "cp437": ("de", "es"),
        "cp850": ("fr", "pt"),
        "cp852": ("pl",),
        "cp866": ("ru", "uk"),
        "koi8-r": ("ru",),
        "iso8859-2": ("hu",),
        "iso8859-15": ("fr",),
    }
    for decoder, languages in meets.items():
        yield Family("UTF-8 as one byte", f"utf-8>{decoder}", languages)
    for layers in ("utf-8>cp1252>utf-8>cp1252", "utf-8>latin-1>utf-8>cp437"):
        yield Family("UTF-8 as one byte", layers, ("fr", "ru", ZH))


def one_byte_lossy() -> Iterator[Family]:
    """Yield UTF-8 read by decoders of one byte a character, with what gets lost on the way."""
    some = ("de", "pt", "ru", "el", "ko", "ja", ZH)
    meets = {
        "cp1252+undefined-dropped": (*some, "vi", "hi", "emoji"),
        "cp1252+undefined-replaced": some,
        "cp1252+undefined-question": some,
        "cp1252+nbsp-folded": ("fr", "ru", "ja", ZH),
        "cp1252+soft-hyphen-dropped": ("fr", "pl", "ru", ZH),
        "cp1252+quotes-folded": ("fr", "ru", ZH),
        "cp1254+undefined-dropped+soft-hyphen-dropped": ("tr", "ru", ZH, "zh-Hans-essays", HANT),
        "cp1250+undefined-dropped": ("pl", "cs", "hu"),
        "cp1251+undefined-dropped": ("uk",),
        "cp1253+undefined-dropped": ("el",),
        "cp1255+undefined-dropped": ("he",),
        "cp1257+undefined-dropped": ("pl",),
        "cp874+undefined-dropped": ("th",),
        "latin-1+c1-dropped": ("fr", "de", "ru", "ko", ZH),
    }
    for decoder, languages in meets.items():
        yield Family("UTF-8 as one byte, lossy", f"utf-8>{decoder}", languages)


def several_bytes() -> Iterator[Family]:
    """Yield UTF-8 read by decoders of several bytes a character, as Windows and browsers do it."""
    meets = {
        "gbk": (ZH, "zh-Hans-essays", "de", "fr", "ru", "emoji"),
        "cp950": (HANT, "fr"),
        "cp932": ("ja", "fr", "ru"),
        "cp949": ("ko", "es", "emoji"),
        "euc_jp": ("ja",),
    }
    for decoder, languages in meets.items():
        for loss in ("question", "replaced"):
            channel = f"utf-8>{decoder}+undefined-{loss}"
            yield Family("UTF-8 as several bytes", channel, languages)


def legacy_as_one_byte() -> Iterator[Family]:
    """Yield legacy text read by decoders of one byte a character."""
    meets = {
        "gbk": ((ZH, "zh-Hans-essays"), ("latin-1", "cp1252", "cp437", "cp850", "mac-roman")),
        "cp950": ((HANT,), ("latin-1", "cp1252", "cp437", "mac-roman")),
        "cp932": (("ja",), ("latin-1", "cp1252", "cp437", "cp850", "mac-roman")),
        "euc_jp": (("ja",), ("latin-1", "cp1252", "mac-roman")),
        "cp949": (("ko",), ("latin-1", "cp1252", "cp437", "mac-roman")),
        "cp1251": (("ru", "uk"), ("latin-1", "cp1252", "mac-roman", "koi8-r", "cp866")),
        "koi8-r": (("ru",), ("latin-1", "cp1252", "cp1251", "cp866")),
        "cp866": (("ru",), ("latin-1", "cp1252", "cp437", "cp1251", "koi8-r")),
        "mac-cyrillic": (("ru",), ("mac-roman", "cp1251")),
        "cp1253": (("el",), ("latin-1", "cp1252", "mac-roman")),
        "cp1255": (("he",), ("latin-1", "cp1252", "cp437")),
        "cp1256": (("ar",), ("latin-1", "cp1252", "mac-roman")),
        "cp874": (("th",), ("latin-1", "cp1252", "cp437")),
        "cp1250": (("pl", "cs", "hu"), ("latin-1", "cp1252", "cp437", "cp852")),
        "iso8859-2": (("pl", "cs"), ("latin-1", "cp1252", "cp1250")),
        "cp852": (("pl", "hu"), ("cp1250", "cp1252", "cp437")),
        "cp1257": (("pl",), ("cp1252",)),
        "cp1254": (("tr",), ("latin-1", "cp1252", "cp437")),
        "cp1258": (("vi",), ("cp1252",)),
        "cp1252": (("fr", "de", "es", "pt"), ("cp437", "cp850", "mac-roman", "cp1250", "cp1251")),
        "mac-roman": (("fr", "de", "es"), ("latin-1", "cp1252", "cp437")),
        "cp437": (("de", "es"), ("latin-1", "cp1252")),
        "cp850": (("fr", "pt"), ("latin-1", "cp1252")),
    }
    for source, (languages, decoders) in meets.items():
        for decoder in decoders:
            yield Family("legacy as one byte", f"{source}>{decoder}", languages)


def legacy_as_several() -> Iterator[Family]:
    """Yield legacy text read by decoders of several bytes a character."""
    meets = {
        "cp932>gbk": ("ja",),
        "cp949>gbk": ("ko",),
        "cp950>gbk": (HANT,),
        "euc_jp>gbk": ("ja",),
        "gbk>cp950": (ZH,),
        "gbk>cp932": (ZH,),
        "gbk>cp949": (ZH,),
        "cp949>cp932": ("ko",),
        "euc_jp>cp932": ("ja",),
        "cp1251>gbk": ("ru",),
        "cp1252>gbk": ("fr", "de"),
        "cp1252>cp932": ("fr",),
    }
    for layer, languages in meets.items():
        yield Family("legacy as several bytes", f"{layer}+undefined-question", languages)


def families() -> Iterator[Family]:
    """Yield all families, the most usual kind first."""
    yield from one_byte()
    yield from one_byte_lossy()
    yield from several_bytes()
    yield from legacy_as_one_byte()
    yield from legacy_as_several()


def documents(folder: Path, language: str) -> list[list[str]]:
    """Return the lines of each document of a language."""
    text = (folder / f"{language}.txt").read_text(encoding="utf-8")
    return [document.split("\n") for document in text.split("\n\n")]


def fits(line: str, source: str) -> bool:
    """Tell whether a codec holds all characters of a line."""
    from mojibake_fix.channels import SOURCES

    try:
        SOURCES[source](line)
    except UnicodeEncodeError:
        return False
    return True


def pages(document: list[str]) -> Iterator[str]:
    """Yield the parts of a document of some `PAGE` bytes."""
    page, size = [], 0
    for line in document:
        page.append(line)
        size += len(line.encode()) + 1
        if size >= PAGE:
            yield "\n".join(page)
            page, size = [], 0


def originals(folder: Path, language: str, source: str) -> dict[str, list[str]]:
    """Return all originals of each length in a language that a source codec holds."""
    held = [
        [line for line in document if line and fits(line, source)]
        for document in documents(folder, language)
    ]
    lines = [line for document in held for line in document]
    found = {
        "word": words(lines),
        "line": lines,
        "page": [page for document in held for page in pages(document)],
    }
    return {
        length: [text for text in texts if not text.isascii()] for length, texts in found.items()
    }


def cells(folder: Path, chosen: list[Family], samples: int) -> Iterator[dict[str, Any]]:
    """Yield every cell with its (original, observed) pairs."""
    from mojibake_fix import damage

    known: dict[tuple[str, str], dict[str, list[str]]] = {}
    for family in chosen:
        source = family.channel.partition(">")[0]
        for language in family.languages:
            if not (folder / f"{language}.txt").exists():
                print(f"{language}: not in the folder, skipped", file=sys.stderr)
                continue
            if (language, source) not in known:
                known[language, source] = originals(folder, language, source)
            for length, texts in known[language, source].items():
                order = random.Random(f"{SEED} {family.channel} {language} {length}")
                pairs = []
                for text in order.sample(texts, len(texts)):
                    observed = damage(text, family.channel)
                    if observed != text:
                        pairs.append((text, observed))
                    if len(pairs) == samples:
                        break
                yield {**family._asdict(), "language": language, "length": length, "pairs": pairs}


def alike(original: str, got: str) -> int:
    """Return how many characters of an original are there in what a tool gave back, in order."""
    blocks = SequenceMatcher(None, original, got, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks)


def measured(tools: dict[str, Guarded], cell: dict[str, Any], verbose: int) -> dict[str, Any]:
    """Return a cell with the verdicts on each tool in the place of its pairs."""
    pairs = cell.pop("pairs")
    kept: dict[str, str] = {}
    ours = tools[CONTENDERS[0]].function

    def remember(observed: str) -> str:
        kept[observed] = ours(observed)
        return kept[observed]

    remembered = Guarded(CONTENDERS[0], remember)
    found = run_cell({**tools, CONTENDERS[0]: remembered}, pairs, verbose)
    counts = {name: {one: seen[one] for one in VERDICTS} for name, seen in found.items()}
    changed = [(text, got) for text, seen in pairs if (got := kept.get(seen, seen)) != seen]
    characters = sum(len(text) for text, _ in changed)
    right = sum(len(text) if text == got else alike(text, got) for text, got in changed)
    sums = {"samples": len(pairs), "characters": characters, "right": right}
    return {**cell, **sums, "tools": counts}


def right(cells: list[dict[str, Any]]) -> str:
    """Return how many characters of the samples that we changed came back, in %."""
    characters = sum(cell["characters"] for cell in cells)
    return f"{100 * sum(cell['right'] for cell in cells) / characters:.1f}" if characters else "-"


def shares(cells: list[dict[str, Any]], tools: list[str]) -> list[str]:
    """Return exact, wrong and refused in % of each tool, as `99 / 0 / 1`."""
    total = max(1, sum(cell["samples"] for cell in cells))
    found = []
    for name in tools:
        counts: Counter[str] = Counter()
        for cell in cells:
            counts.update(cell["tools"][name])
        found.append(" / ".join(f"{100 * counts[one] / total:.0f}" for one in VERDICTS))
    return found


def summary(cells: list[dict[str, Any]], tools: list[str]) -> list[list[object]]:
    """Return a row for each kind of family and length."""
    rows: list[list[object]] = []
    for kind in dict.fromkeys(cell["kind"] for cell in cells):
        for length in LENGTHS:
            part = [cell for cell in cells if cell["kind"] == kind and cell["length"] == length]
            samples = sum(cell["samples"] for cell in part)
            rows.append([kind, length, samples, *shares(part, tools), right(part)])
    return rows


def by_family(cells: list[dict[str, Any]], tools: list[str]) -> list[list[object]]:
    """Return a row for each family and language, with all lengths of each tool."""
    rows: list[list[object]] = []
    for key in dict.fromkeys((cell["channel"], cell["language"]) for cell in cells):
        row: list[object] = list(key)
        part = [cell for cell in cells if (cell["channel"], cell["language"]) == key]
        for name in tools:
            for length in LENGTHS:
                here = [cell for cell in part if cell["length"] == length]
                row += shares(here, [name]) if here and here[0]["samples"] else ["-"]
        rows.append([*row, right(part)])
    return rows


def markdown(header: list[str], rows: list[list[object]], left: int) -> str:
    """Lay out rows as a Markdown table: the first `left` columns flush left."""
    lines = [header, ["---"] * left + ["--:"] * (len(header) - left), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--samples", type=int, default=24, help="originals a cell (24)")
    parser.add_argument("--only", default="", help="only channels and kinds that hold this text")
    parser.add_argument("--verbose", type=int, default=0, metavar="N", help="list N misses a cell")
    parser.add_argument("--markdown", action="store_true", help="tables in Markdown")
    parser.add_argument("--json", action="store_true", help="figures for machines")
    arguments = parser.parse_args()
    if load("mojibake_fix") is None:
        return 2
    if not arguments.folder.is_dir():
        parser.error(f"{arguments.folder}: no such folder")
    chosen = [
        family for family in families() if arguments.only in f"{family.channel} {family.kind}"
    ]
    tools = load_tools(CONTENDERS)
    figures = []
    for cell in cells(arguments.folder, chosen, arguments.samples):
        title = f"{cell['channel']} {cell['language']} {cell['length']}"
        print(f"\n{title}" if arguments.verbose else title, file=sys.stderr)
        figures.append(measured(tools, cell, arguments.verbose))
    if arguments.json:
        json.dump(figures, sys.stdout, indent=1)
        print()
        return 0
    short = [name.partition(".")[0] for name in tools]
    lay_out = markdown if arguments.markdown else table
    print(lay_out(["kind", "length", "samples", *short, "right"], summary(figures, list(tools)), 2))
    print()
    header = ["channel", "language", *(f"{name} {length}" for name in short for length in LENGTHS)]
    header.append("right")
    print(lay_out(header, by_family(figures, list(tools)), 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
