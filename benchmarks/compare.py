"""Compare repairers on a folder of passages with known originals, and print one table.

    python benchmarks/compare.py EVAL_FOLDER [--json | --verbose]

The folder holds `wild.jsonl` (observed, truth, also, layers, loss, recoverable), `clean.jsonl`
(text, kind) and `threads.jsonl` (input, expected, kind). A result is *exact* if it equals the
original or one of the other right answers in `also`; *wrong* if the text was changed to anything
else; *same* if it was left alone. Rows are tools; the groups of columns are

    UTF-8/1-byte   no byte was lost: UTF-8 read by decoders of one byte per character, any layers
    other family   no byte was lost: multi-byte decoders, other source codecs, damage under escapes
    lossless       the sum of the two
    lossy          bytes were lost or replaced, and the original is known
    gone           the original cannot be known from the text: changed passages
    clean, about, keep   clean text, text about mojibake, thread strings to keep: changed passages
    lenient        exact (of lossless and lossy) and clean changed, after the style fixes of ftfy
                   (quotes, width, ligatures, entities, NFC) were applied to both sides

python-ftfy#202 (`Bremer/Mccoy – DrÃ¥ber`) is left out: its reporter and ftfy's own test disagree.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import (
    Guarded,
    changed_part,
    load_tools,
    read_jsonl,
    style_fixer,
    table,
    visible,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from common import Tool

CONTESTED = "rspeer/python-ftfy#202"

ONE_BYTE = (
    *("latin-1", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("cp1258", "cp874", "iso8859-2", "iso8859-5", "iso8859-7", "iso8859-9", "iso8859-15"),
    *("iso8859-16", "mac-roman", "mac-cyrillic", "cp437", "cp850", "cp852", "cp866", "koi8-r"),
    "koi8-u",
)
DEEPEST = 3

JUDGED = ("one-byte", "other", "lossy")
UNTOUCHED = ("gone", "clean", "about", "keep")


@dataclass(frozen=True, slots=True)
class Passage:
    """One observed text, its right answers (none if it must not change) and how it was damaged."""

    name: str
    group: str
    observed: str
    answers: tuple[str, ...]
    how: str


def image(text: str, decoder: str) -> str:
    """Return `text` as UTF-8 read by `decoder`; bytes without a character pass as C1 controls."""
    data = text.encode("utf-8", "surrogatepass")
    return "".join(bytes([byte]).decode(decoder, "ignore") or chr(byte) for byte in data)


def is_one_byte_family(original: str, observed: str) -> bool:
    """Tell whether every difference is UTF-8 read by one decoder of one byte per character.

    Layers may differ from character to character, since real files are mixed.
    """
    for decoder in ONE_BYTE:
        parts = []
        for character in original:
            forms = [character]
            if not character.isascii():
                for _ in range(DEEPEST):
                    forms.append(image(forms[-1], decoder))
            parts.append("(?:" + "|".join(map(re.escape, forms)) + ")")
        if re.fullmatch("".join(parts), observed, re.DOTALL):
            return True
    return False


def is_one_byte_name(layers: str) -> bool:
    """Tell whether a name such as `utf-8>cp1252>utf-8>cp850` has one-byte decoders only."""
    names = [name.replace("_", "-").lower() for name in layers.split(">")]
    sources, decoders = names[::2], names[1::2]
    return all(name == "utf-8" for name in sources) and all(name in ONE_BYTE for name in decoders)


def passages(folder: Path) -> Iterator[Passage]:
    """Yield all passages of `folder`, each with the group of columns that it counts for."""
    for item in read_jsonl(folder / "wild.jsonl"):
        truth, loss = item["truth"], item["loss"]
        answers = () if truth is None else (truth, *item.get("also", ()))
        if truth is None or item.get("recoverable") is False:
            group, answers = "gone", ()
        elif loss == "none":
            group = "one-byte" if is_one_byte_name(item["layers"]) else "other"
        else:
            group = "lossy"
        how = f"{item['layers']}, loss {loss}"
        yield Passage(item["id"], group, item["observed"], answers, how)
    for item in read_jsonl(folder / "clean.jsonl"):
        group = "about" if item["kind"] == "about-mojibake" else "clean"
        yield Passage(item["id"], group, item["text"], (), item["kind"])
    for number, item in enumerate(read_jsonl(folder / "threads.jsonl"), start=1):
        if item["source"] == CONTESTED:
            continue
        observed, expected, kind = item["input"], item["expected"], item["kind"]
        answers = (expected, *item.get("also", ()))
        if kind == "repair":
            group = "one-byte" if is_one_byte_family(expected, observed) else "other"
        elif kind == "lossy":
            group = "lossy"
        else:
            group, answers = "keep", ()
        name = f"t{number:03} {item['source']}"
        yield Passage(name, group, observed, answers, f"{kind}: {item['note']}")


def judge(passage: Passage, got: str) -> str:
    """Return `exact`, `wrong` or `same`; for text that must not change `changed` or `same`."""
    if not passage.answers:
        return "same" if got == passage.observed else "changed"
    if got in passage.answers:
        return "exact"
    return "same" if got == passage.observed else "wrong"


def run(
    tool: Guarded, everything: list[Passage], style: Tool | None
) -> tuple[Counter[tuple[str, str]], list[dict[str, Any]]]:
    """Count by (group, verdict), and record every passage that did not go right."""
    counts: Counter[tuple[str, str]] = Counter()
    misses = []
    for passage in everything:
        got = tool(passage.observed)
        verdict = judge(passage, got)
        counts[passage.group, verdict] += 1
        if style is not None:
            styled = style(got)
            if verdict == "exact" or styled in map(style, passage.answers):
                counts["lenient", "exact"] += 1
            if passage.group == "clean" and styled != style(passage.observed):
                counts["lenient", "clean"] += 1
        if verdict in ("wrong", "changed") or (verdict == "same" and passage.answers):
            wanted = passage.answers[0] if passage.answers else None
            record: dict[str, Any] = {
                "id": passage.name,
                "group": passage.group,
                "verdict": verdict,
            }
            misses.append(
                record
                | {"how": passage.how, "observed": passage.observed, "wanted": wanted, "got": got}
            )
    return counts, misses


def figures(counts: Counter[tuple[str, str]], lenient: bool) -> dict[str, dict[str, int]]:
    """Arrange the figures of one tool by group, as `--json` gives them."""
    verdicts = ("exact", "wrong", "same")
    result = {group: {name: counts[group, name] for name in verdicts} for group in JUDGED}
    result["lossless"] = {
        name: counts["one-byte", name] + counts["other", name] for name in verdicts
    }
    for group in UNTOUCHED:
        result[group] = {"changed": counts[group, "changed"], "same": counts[group, "same"]}
    if lenient:
        result["lenient"] = {
            "exact": counts["lenient", "exact"],
            "clean changed": counts["lenient", "clean"],
        }
    return result


def render(results: dict[str, dict[str, dict[str, int]]], sizes: Counter[str]) -> str:
    """Lay out the one table: a line of group names with their sizes over the header proper."""
    groups = [
        (f"UTF-8/1-byte {sizes['one-byte']}", "one-byte", ("exact", "wrong", "same")),
        (f"other family {sizes['other']}", "other", ("exact", "wrong", "same")),
        (f"lossless {sizes['one-byte'] + sizes['other']}", "lossless", ("exact", "wrong", "same")),
        (f"lossy {sizes['lossy']}", "lossy", ("exact", "wrong", "same")),
        *((f"{group} {sizes[group]}", group, ("changed",)) for group in UNTOUCHED),
        (f"lenient {sum(sizes[group] for group in JUDGED)}", "lenient", ("exact", "clean changed")),
    ]
    header, rows = ["tool"], [[name] for name in results]
    for title, group, columns in groups:
        body = [
            [str(result.get(group, {}).get(c, "-")) for c in columns] for result in results.values()
        ]
        block = table(columns, body, left=0).splitlines()
        width = max(len(title), *map(len, block))
        header.append(title.ljust(width) + "\n" + block[0].rjust(width))
        for row, line in zip(rows, block[2:], strict=True):
            row.append(line.rjust(width))
    first = [part.split("\n")[0] for part in header]
    second = [part.split("\n")[-1] if "\n" in part else "" for part in header]
    names = max(len(row[0]) for row in [first, *rows])
    lines = [first, second, *rows]
    text = [" | ".join([line[0].ljust(names), *line[1:]]).rstrip() for line in lines]
    text.insert(2, "-+-".join(["-" * names, *("-" * len(cell) for cell in second[1:])]))
    return "\n".join(text)


def show_misses(name: str, misses: list[dict[str, Any]]) -> None:
    """Print every passage that `name` did not get right, for a person to read."""
    print(f"\n== {name}: {len(misses)} not right")
    for miss in misses:
        print(f"\n{miss['id']}  [{miss['group']}] {miss['verdict']}  ({miss['how']})")
        observed, wanted, got = miss["observed"], miss["wanted"], miss["got"]
        print(f"  observed {visible(observed)}")
        if wanted is not None:
            print(f"  wanted   {visible(wanted)}")
        if got != observed:
            before, after = changed_part(observed, got)
            print(f"  got      {visible(got)}")
            print(f"  change   {visible(before)} -> {visible(after)}")
        else:
            print("  got      (left alone)")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="EVAL_FOLDER")
    parser.add_argument("--json", action="store_true", help="figures and misses for machines")
    parser.add_argument("--verbose", action="store_true", help="list every miss and wrong change")
    parser.add_argument("--tool", action="append", help="list misses of this tool only; repeatable")
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        parser.error(f"{arguments.folder}: no such folder")
    everything = list(passages(arguments.folder))
    sizes = Counter(passage.group for passage in everything)
    style = style_fixer()
    results, misses, errors = {}, {}, {}
    for name, tool in load_tools().items():
        counts, misses[name] = run(tool, everything, style)
        results[name] = figures(counts, style is not None)
        errors[name] = tool.errors
    if arguments.json:
        output = {"sizes": sizes, "results": results, "errors": errors, "misses": misses}
        json.dump(output, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    print(render(results, sizes))
    print(f"left out: {CONTESTED}, which is contested")
    for name, count in errors.items():
        if count:
            print(f"{name} raised on {count} passages; they count as left alone")
    if arguments.verbose:
        for name in arguments.tool or results:
            show_misses(name, misses[name])
    return 0


if __name__ == "__main__":
    sys.exit(main())
