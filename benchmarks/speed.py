"""Time mojibake_fix and its peers side by side in one run, and print ratios.

    python benchmarks/speed.py [--megabytes 16] [--corpora FOLDER] [--rounds 7] [--json]

Text: clean English, Chinese, European (fr de pt pl cs es) and Russian buffers, a mix of the four
with 0.1 % of its lines damaged, and all-mojibake text (non-ASCII lines as UTF-8 read by cp1252).
One table a buffer; rows are contenders, columns are MB/s of UTF-8 (medians) and the ratios to
ftfy.fix_text, ftfy.fix_encoding, plsfix.fix_text, bytes.decode('utf-8') and memcpy (medians of the
ratios of each round; above 1 is faster). Contenders take turns within every round. Slow peers get a
slice of the buffer, plsfix pieces of less than 900 kB since it fails on longer ones. `find_suspect`
is timed to the end of the text, beginning again after every hit; on damaged text it is left out.

Strings: `--strings` strings of 60 characters that are clean, ASCII or mojibake; microseconds a call
and the same ratios. The last column says how much of the text the contender changed or found.

Without `--corpora` (a folder of LANG.txt.xz) the text is made of a few sentences: a smoke run.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from common import corpus, load, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SEED = 20
PIECE = 900_000
# How much of a buffer a contender gets, in bytes; the others get all of it.
SLICES = {
    "ftfy.fix_text": 200_000,
    "ftfy.fix_encoding": 400_000,
    "ftfy.fix_encoding, by line": 400_000,
    "plsfix.fix_text": 4_000_000,
}
CALLS = {"ftfy.fix_text": 1_000, "ftfy.fix_encoding": 2_000, "plsfix.fix_text": 20_000}
ANCHORS = {
    "ftfy.fix_text": "× ftfy",
    "ftfy.fix_encoding": "× ftfy enc",
    "plsfix.fix_text": "× plsfix",
    "bytes.decode": "× decode",
    "memcpy": "× memcpy",
}
EUROPEAN = ("fr", "de", "pt", "pl", "cs", "es")
SENTENCES = {
    "en": "The quick brown fox jumps over the lazy dog, and nobody asks the dog about it.",
    "zh-Hans": "今天天气很好，我们去公园散步吧。运行 `make` 之后，请检查输出目录。",
    "ru": "Съешь же ещё этих мягких французских булок, да выпей чаю; потом — домой.",
    "fr": "Voix ambiguë d’un cœur qui, au zéphyr, préfère les jattes de kiwis.",
    "de": "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "pt": "À noite, vovô Kowalsky vê o ímã cair no pé do pinguim queixoso.",
    "pl": "Zażółć gęślą jaźń, a potem pchnij w tę łódź jeża lub ośm skrzyń fig.",
    "cs": "Příliš žluťoučký kůň úpěl ďábelské ódy, když šel kolem.",
    "es": "El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia y frío; añoraba.",
}


@dataclass(frozen=True, slots=True)
class Contender:
    """A function over prepared text: `run` goes through all of it, `work` says how much that is."""

    name: str
    work: int
    run: Callable[[], object]
    note: str = ""


def mis_decoded(text: str) -> str:
    """Return `text` as UTF-8 read by Windows cp1252, where undefined bytes pass as C1 controls."""
    data = text.encode("utf-8")
    images = {
        byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0x100)
    }
    return data.decode("latin-1").translate(images)


def filled(lines: Sequence[str], megabytes: float, seed: int = SEED) -> str:
    """Repeat lines in random order, again and again, up to about `megabytes` of UTF-8."""
    order, result, size = random.Random(seed), [], 0
    while size < megabytes * 1e6:
        for line in order.sample(lines, len(lines)):
            result.append(line)
            size += len(line.encode("utf-8")) + 1
            if size >= megabytes * 1e6:
                break
    return "\n".join(result) + "\n"


def seeds(corpora: Path | None) -> dict[str, list[str]]:
    """Read lines by language: of the corpora, or of a few sentences with varying words."""
    if corpora is not None:
        return {language: [*filter(None, corpus(corpora, language))] for language in SENTENCES}
    order = random.Random(SEED)
    result = {}
    for language, sentence in SENTENCES.items():
        words = sentence.split()
        result[language] = [" ".join(order.sample(words, len(words))) for _ in range(200)]
    return result


def buffers(lines: dict[str, list[str]], megabytes: float) -> dict[str, str]:
    """Make the buffers of the speed tables by name."""
    european = [line for language in EUROPEAN for line in lines[language]]
    clean = {
        "English": lines["en"],
        "Chinese": lines["zh-Hans"],
        "European": european,
        "Russian": lines["ru"],
    }
    result = {name: filled(content, megabytes) for name, content in clean.items()}
    quarters = [line for text in result.values() for line in text[: len(text) // 4].split("\n")]
    random.Random(SEED).shuffle(quarters)
    damaged = [
        mis_decoded(line) if number % 1000 == 0 else line for number, line in enumerate(quarters)
    ]
    result["mix, 0.1 % damaged"] = "\n".join(damaged)
    accented = [
        mis_decoded(line)
        for line in [*european, *lines["ru"], *lines["zh-Hans"][: len(european)]]
        if not line.isascii()
    ]
    result["all mojibake"] = filled(accented, megabytes)
    return result


def cut(text: str, size: int) -> str:
    """Return the first whole lines of `text`, about `size` bytes of UTF-8 (at least one line)."""
    data = text.encode("utf-8")
    if len(data) <= size:
        return text
    end = data.rfind(b"\n", 0, size) + 1 or data.find(b"\n", size) + 1 or len(data)
    return data[:end].decode("utf-8")


def pieces(text: str, size: int) -> list[str]:
    """Cut `text` into pieces of whole lines, each under `size` bytes unless one line is longer."""
    result = []
    while text:
        result.append(cut(text, size))
        text = text[len(result[-1]) :]
    return result


def scan_all(find: Callable[[Any, int], int], data: Any) -> int:
    """Call a scan until the end of `data`, beginning again after every hit; count the hits."""
    hits, position = 0, find(data, 0)
    while position >= 0:
        hits += 1
        position = find(data, position + 1)
    return hits


def share(before: str | bytes, after: object) -> str:
    """Say `same object`, `equal copy`, or that the output differs."""
    if after is before:
        return "same object"
    return "equal copy" if after == before else "changed"


def of_library(text: str, data: bytes, damaged: bool) -> list[Contender]:
    """Return what of mojibake_fix is timed on one buffer."""
    library = load("mojibake_fix")
    if library is None:
        return []
    from mojibake_fix import _core

    size = len(data)
    result = [
        Contender("_core.find_invalid_utf8", size, lambda: _core.find_invalid_utf8(data)),
    ]
    if not damaged:
        for name, content in (("bytes", data), ("str", text)):
            note = f"{scan_all(_core.find_suspect, content)} suspects"
            run = partial(scan_all, _core.find_suspect, content)
            result.append(Contender(f"_core.find_suspect({name})", size, run, note))
    result.append(
        Contender(
            "fix_bytes", size, lambda: library.fix_bytes(data), share(data, library.fix_bytes(data))
        )
    )
    result.append(
        Contender(
            "fix_text", size, lambda: library.fix_text(text), share(text, library.fix_text(text))
        )
    )
    return result


def of_peers(text: str) -> list[Contender]:
    """Return what of the peers is timed on one buffer, each on as much as it can take."""
    result = []
    if (ftfy := load("ftfy")) is not None:
        for name in ("ftfy.fix_text", "ftfy.fix_encoding", "ftfy.fix_encoding, by line"):
            function = getattr(ftfy, name.split(",")[0].removeprefix("ftfy."))
            part = cut(text, SLICES[name])
            parts = part.splitlines(keepends=True) if name.endswith("by line") else [part]
            result.append(contender(name, function, parts))
    if (plsfix := load("plsfix")) is not None:
        parts = pieces(cut(text, SLICES["plsfix.fix_text"]), PIECE)
        result.append(contender("plsfix.fix_text", plsfix.fix_text, parts))
    return result


def contender(name: str, function: Callable[[str], str], parts: list[str]) -> Contender:
    """Time a text function over parts one after the other."""

    def run() -> None:
        for part in parts:
            function(part)

    changed = sum(function(part) != part for part in parts)
    note = f"{changed} of {len(parts)} parts changed"
    return Contender(name, sum(len(part.encode("utf-8")) for part in parts), run, note)


def of_interpreter(data: bytes) -> list[Contender]:
    """Return the anchors that Python itself gives."""
    target = memoryview(bytearray(len(data)))

    def copy() -> None:
        target[:] = data

    return [
        Contender("memcpy", len(data), copy),
        Contender("bytes.decode", len(data), lambda: data.decode("utf-8")),
    ]


def of_calls(strings: list[str]) -> list[Contender]:
    """Return what is timed on many short strings; the work is the number of calls."""
    functions: dict[str, Callable[[str], object]] = {"str.isascii": str.isascii}
    functions["str.encode"] = str.encode
    if (library := load("mojibake_fix")) is not None:
        functions["fix_text"] = library.fix_text
    if (ftfy := load("ftfy")) is not None:
        functions |= {"ftfy.fix_text": ftfy.fix_text, "ftfy.fix_encoding": ftfy.fix_encoding}
    if (plsfix := load("plsfix")) is not None:
        functions["plsfix.fix_text"] = plsfix.fix_text
    result = []
    for name, function in functions.items():
        part = strings[: CALLS.get(name, len(strings))]

        def run(function: Callable[[str], object] = function, part: list[str] = part) -> None:
            for string in part:
                function(string)

        changed = sum(function(string) != string for string in part)
        note = f"{changed} of {len(part)} changed" if "fix" in name else ""
        result.append(Contender(name, len(part), run, note))
    return result


def timed(contenders: list[Contender], rounds: int) -> dict[str, list[float]]:
    """Measure the work per second of every contender in every round, in turn within a round."""
    rates: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for number in range(rounds + 1):
        for contender in contenders:
            start = time.perf_counter()
            contender.run()
            seconds = time.perf_counter() - start
            # The first round only warms the caches.
            if number:
                rates[contender.name].append(contender.work / max(seconds, 1e-9))
    return rates


def ratios(rates: dict[str, list[float]], name: str) -> dict[str, float]:
    """Return the median ratios of the rates of `name` to those of the anchors in the same round."""
    return {
        anchor: median(a / b for a, b in zip(rates[name], rates[anchor], strict=True))
        for anchor in ANCHORS
        if anchor in rates
    }


def number(value: float) -> str:
    """Write three significant digits, as plain as they get."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def show(
    title: str,
    unit: str,
    contenders: list[Contender],
    rates: dict[str, list[float]],
    per_call: bool,
) -> dict[str, Any]:
    """Print the table of one buffer, and return its figures."""
    anchors = [anchor for anchor in ANCHORS if anchor in rates]
    rows, figures = [], {}
    for contender in contenders:
        rate = median(rates[contender.name])
        value = 1e6 / rate if per_call else rate / 1e6
        relative = ratios(rates, contender.name)
        figures[contender.name] = {unit: value, "ratios": relative, "note": contender.note}
        cells = [number(relative[anchor]) for anchor in anchors]
        rows.append([contender.name, number(value), *cells, contender.note])
    print(f"\n{title}")
    header = ["", unit, *(ANCHORS[anchor] for anchor in anchors), ""]
    print(table(header, rows))
    sys.stdout.flush()
    return figures


def sixty(lines: Sequence[str], count: int, keep: Callable[[str], bool]) -> list[str]:
    """Draw `count` strings of 60 characters, of which `keep` is true, from `lines` at random."""
    text = " ".join(random.Random(SEED).sample(lines, len(lines)))
    parts = [text[start : start + 60] for start in range(0, len(text) - 60, 60)]
    parts = [part for part in parts if keep(part)]
    return (parts * (count // max(1, len(parts)) + 1))[:count]


def strings(lines: dict[str, list[str]], count: int) -> dict[str, list[str]]:
    """Make the lists of short strings by name."""
    four = [line for name in ("en", "zh-Hans", "fr", "ru") for line in lines[name][:5000]]
    clean = sixty(four, count, lambda part: True)
    ascii_only = sixty(lines["en"][:20000], count, str.isascii)
    accented = sixty(four, count, lambda part: not part.isascii())
    return {
        "clean mix of four languages": clean,
        "ASCII": ascii_only,
        "mojibake": [mis_decoded(part) for part in accented],
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=float, default=16, help="size of a buffer (16)")
    parser.add_argument("--corpora", type=Path, help="folder of LANG.txt.xz")
    parser.add_argument("--rounds", type=int, default=7, help="timed rounds (7)")
    parser.add_argument("--strings", type=int, default=100_000, help="short strings (100,000)")
    parser.add_argument("--only", help="part of the name of a buffer or of a list of strings")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    arguments = parser.parse_args()
    lines = seeds(arguments.corpora)
    wanted = (arguments.only or "").lower()
    figures = {}
    for name, text in buffers(lines, arguments.megabytes).items():
        if wanted not in name.lower():
            continue
        data = text.encode("utf-8")
        damaged = name == "all mojibake"
        contenders = [
            *of_interpreter(data),
            *of_library(text, data, damaged),
            *of_peers(text),
        ]
        title = f"{name}: {len(data) / 1e6:.1f} MB, {len(text) / len(data):.2f} characters a byte"
        rates = timed(contenders, arguments.rounds)
        figures[name] = show(title, "MB/s", contenders, rates, per_call=False)
    for name, many in strings(lines, arguments.strings).items():
        if wanted not in name.lower():
            continue
        contenders = of_calls(many)
        rates = timed(contenders, arguments.rounds)
        title = f"{len(many):,} strings of 60 characters, {name}"
        figures[f"strings, {name}"] = show(title, "µs/call", contenders, rates, per_call=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
