"""Encode text that the library never saw in legacy codecs, and count whose encoding is found out.

    python benchmarks/encodings.py FOLDER [--samples 24] [--json]

FOLDER is what `unseen.py` wrote. Each codec is tried on languages that are written in it, at three
lengths as in `families.py`, and on languages that the language model does not know. Printed is how
many of the samples were read *exact*, *wrong* or *refused*, in %, by `fix_bytes` and by the first
choice of charset-normalizer. A sister codec that reads a sample alike is as good.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from common import table
from families import HANT, ZH, originals
from peers_on_damage import LENGTHS, SEED, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Callable

KNOWN = {
    "cp1252": ("fr", "de", "es", "pt"),
    "cp1250": ("pl", "cs", "hu"),
    "iso8859-2": ("pl", "cs"),
    "cp1251": ("ru", "uk"),
    "koi8-r": ("ru",),
    "cp866": ("ru",),
    "cp1253": ("el",),
    "cp1254": ("tr",),
    "cp1255": ("he",),
    "cp1256": ("ar",),
    "cp874": ("th",),
    "cp850": ("de", "fr"),
    "mac-roman": ("fr",),
    "gbk": (ZH, "zh-Hans-essays"),
    "cp950": (HANT,),
    "cp932": ("ja",),
    "euc_jp": ("ja",),
    "cp949": ("ko",),
}
UNKNOWN = {
    "cp1252": tuple(f"unknown/{tag}" for tag in ("sq", "ga", "gl", "br", "cy", "fo", "lb", "ast")),
    "cp1250": ("unknown/hsb", "unknown/sr-Latn-docs"),
    "cp1251": ("unknown/mk", "unknown/be", "unknown/tg"),
    "cp1254": ("unknown/az", "unknown/tk"),
    "cp1255": ("unknown/yi",),
}


def read_by_us(data: bytes) -> str | None:
    """Return what `fix_bytes` reads bytes as, None if it refuses."""
    from mojibake_fix.document import DecodeError, Foreign

    try:
        return Foreign(data, None).text
    except DecodeError:
        return None


def read_by_charset_normalizer(data: bytes) -> str | None:
    """Return what charset-normalizer reads bytes as, None if it knows no encoding."""
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return None if best is None else str(best)


READERS: dict[str, Callable[[bytes], str | None]] = {
    "mojibake_fix": read_by_us,
    "charset-normalizer": read_by_charset_normalizer,
}


def is_utf_8(data: bytes) -> bool:
    """Tell whether bytes happen to be UTF-8, too."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def counted(
    folder: Path, chosen: dict[str, tuple[str, ...]], length: str, most: int
) -> dict[str, Counter[str]]:
    """Return how often each reader was right, by verdict."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in READERS}
    for codec, languages in chosen.items():
        for language in languages:
            if not (folder / f"{language}.txt").exists():
                print(f"{language}: not in the folder, skipped", file=sys.stderr)
                continue
            texts = originals(folder, language, codec)[length]
            order = random.Random(f"{SEED} {codec} {language} {length}")
            texts = [text for text in texts if not is_utf_8(text.encode(codec))]
            for text in order.sample(texts, min(most, len(texts))):
                for name, read in READERS.items():
                    got = read(text.encode(codec))
                    verdict = "refused" if got is None else "exact" if got == text else "wrong"
                    counts[name][verdict] += 1
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--samples", type=int, default=24, help="samples a cell")
    parser.add_argument("--json", action="store_true", help="counts for machines")
    arguments = parser.parse_args()
    cells = [
        (kind, length, counted(arguments.folder, chosen, length, arguments.samples))
        for kind, chosen in (("known", KNOWN), ("not known", UNKNOWN))
        for length in LENGTHS
    ]
    if arguments.json:
        print(json.dumps([{"languages": k, "length": n, "readers": c} for k, n, c in cells]))
        return
    rows: list[list[object]] = []
    for kind, length, counts in cells:
        total = counts["mojibake_fix"].total()
        shares = [
            " / ".join(f"{100 * seen[one] / max(total, 1):.1f}" for one in VERDICTS)
            for seen in counts.values()
        ]
        rows.append([kind, length, total, *shares])
    print(f"{' / '.join(VERDICTS)} in %\n")
    print(table(["languages", "length", "samples", *READERS], rows, left=2))


if __name__ == "__main__":
    main()
