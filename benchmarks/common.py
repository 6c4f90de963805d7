"""What the benchmarks share: the tools under comparison, corpora, plain-text tables.

A *tool* is a function from observed text to repaired text. Peers are imported only when a benchmark
asks for them, and a peer that is not installed is reported and left out of the run.
"""

from __future__ import annotations

import importlib
import json
import lzma
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Tool = Callable[[str], str]

INSTALL = "pip install 'mojibake-fix[bench]'"

TOOLS = {
    "mojibake_fix.fix_text": ("mojibake_fix", "fix_text"),
    "ftfy.fix_encoding": ("ftfy", "fix_encoding"),
    "ftfy.fix_text": ("ftfy", "fix_text"),
    "plsfix.fix_text": ("plsfix", "fix_text"),
}


@cache
def load(module: str) -> Any:
    """Import `module`, or say on standard error how to get it (once) and return None."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        hint = "pip install mojibake-fix" if module.startswith("mojibake_fix") else INSTALL
        print(f"{module}: not installed ({hint}): {error}", file=sys.stderr)
        return None


class Guarded:
    """A tool that cannot stop the run: whatever it raises is counted and the text comes back as is.

    plsfix is written in Rust, and a panic there reaches Python as a BaseException.
    """

    def __init__(self, name: str, function: Tool) -> None:
        self.name = name
        self.function = function
        self.errors = 0

    def __call__(self, text: str) -> str:
        """Run the tool on `text`; return `text` itself if it raises."""
        try:
            return self.function(text)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            self.errors += 1
            print(f"{self.name}: {type(error).__name__}: {error}", file=sys.stderr)
            return text


def load_tools(names: Sequence[str] = tuple(TOOLS)) -> dict[str, Guarded]:
    """Return the tools of `names` that are installed, in that order."""
    tools = {}
    for name in names:
        module_name, attribute = TOOLS[name]
        module = load(module_name)
        if module is not None:
            tools[name] = Guarded(name, getattr(module, attribute))
    return tools


def style_fixer() -> Tool | None:
    """Return what ftfy does beside repairing encodings as a function; None without ftfy."""
    ftfy = load("ftfy")
    if ftfy is None:
        return None
    config = ftfy.TextFixerConfig(fix_encoding=False, unescape_html=True, explain=False)
    return lambda text: str(ftfy.fix_text(text, config))


def languages(folder: Path) -> list[str]:
    """Return the languages of a corpora folder: every LANG.txt.xz or LANG.txt in it."""
    names = {path.name.removesuffix(".xz") for path in folder.glob("*.txt*")}
    return sorted(name.removesuffix(".txt") for name in names if name.endswith(".txt"))


def corpus(folder: Path, language: str) -> Iterator[str]:
    """Yield the lines of one language, without their newline. Raises FileNotFoundError."""
    packed = folder / f"{language}.txt.xz"
    if packed.exists():
        with lzma.open(packed, "rt", encoding="utf-8", newline="\n") as stream:
            yield from (line.removesuffix("\n") for line in stream)
    else:
        with (folder / f"{language}.txt").open(encoding="utf-8", newline="\n") as stream:
            yield from (line.removesuffix("\n") for line in stream)


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Read the records of a JSON Lines file, an empty list if there is no such file."""
    if not path.exists():
        print(f"{path}: no such file, counted as empty", file=sys.stderr)
        return []
    with path.open(encoding="utf-8", newline="\n") as stream:
        return [json.loads(line) for line in stream if line.strip()]


def table(header: Sequence[str], rows: Sequence[Sequence[object]], left: int = 1) -> str:
    """Lay out rows as aligned plain text: the first `left` columns flush left, the others right."""
    cells = [list(header), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = [
        "  ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def visible(text: str) -> str:
    """Show `text` on one line, with controls and unusual spaces as escapes."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def changed_part(before: str, after: str, context: int = 0) -> tuple[str, str]:
    """Return what differs between two texts: both without their common start and end.

    `context` characters of what is common are kept on either side.
    """
    shorter = min(len(before), len(after))
    start = 0
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    start, end = max(0, start - context), max(0, end - context)
    return before[start : len(before) - end], after[start : len(after) - end]
