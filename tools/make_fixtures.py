"""Write `fixtures/damaged` and `fixtures/lossy` from `fixtures/originals`, as `channels.toml` says.

Without arguments it writes them and removes files that `channels.toml` does not know; with
`--check` it writes nothing, and exits 1 if the files on disk are not the ones it would write.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from mojibake_fix.channels import Channel, damage

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
FOLDERS = ("damaged", "lossy")
BOM = "\ufeff"


def _third_lines(text: str, channel: Channel) -> str:
    lines = text.split("\n")
    lines[2::3] = [damage(line, channel) for line in lines[2::3]]
    return "\n".join(lines)


def _first_half(text: str, channel: Channel) -> str:
    lines = text.split("\n")
    middle = len(lines) // 2
    return "\n".join([*(damage(line, channel) for line in lines[:middle]), *lines[middle:]])


def _second_half(text: str, channel: Channel) -> str:
    lines = text.split("\n")
    middle = len(lines) // 2
    return "\n".join([*lines[:middle], *(damage(line, channel) for line in lines[middle:])])


def _other_words(text: str, channel: Channel) -> str:
    # Words are cut at the ASCII space alone, so that joining them gives the text back.
    lines = [line.split(" ") for line in text.split("\n")]
    turn = False
    for words in lines:
        for place, word in enumerate(words):
            if not word.isascii():
                turn = not turn
                if turn:
                    words[place] = damage(word, channel)
    return "\n".join(" ".join(words) for words in lines)


def _layer_lines(text: str, channel: Channel) -> str:
    depths = len(channel.layers) + 1
    return "\n".join(
        damage(line, Channel(channel.layers[: number % depths]))
        for number, line in enumerate(text.split("\n"))
    )


MIXED: Mapping[str, Callable[[str, Channel], str]] = {
    "third-lines": _third_lines,
    "first-half": _first_half,
    "second-half": _second_half,
    "other-words": _other_words,
    "layer-lines": _layer_lines,
}
"""Ways to damage only parts of a text: name in `channels.toml` to function."""


def make(folder: Path = FIXTURES) -> dict[Path, bytes]:
    """Return the files that `folder` should hold: path to contents.

    Raises:
        OSError: `channels.toml` or an original is missing.
        KeyError: a row lacks a column, or its `mixed` is unknown.
        ValueError: a channel is wrong, an original is not UTF-8, or two rows have one output.

    """
    rows = tomllib.loads((folder / "channels.toml").read_text(encoding="utf-8"))
    files: dict[Path, bytes] = {}
    for kind in FOLDERS:
        for row in rows[kind]:
            text = (folder / "originals" / row["original"]).read_bytes().decode("utf-8")
            channel = Channel.parse(row["channel"])
            whole = BOM if row.get("keep_bom") and text.startswith(BOM) else ""
            observed = MIXED[row["mixed"]] if "mixed" in row else damage
            path = folder / kind / row["output"]
            if path in files:
                raise ValueError(f"channels.toml has {row['output']} twice")
            files[path] = (whole + observed(text.removeprefix(whole), channel)).encode("utf-8")
    return files


def differences(files: Mapping[Path, bytes], folder: Path = FIXTURES) -> list[str]:
    """Return a line for each file of `folder` that is missing, stale or not in `files`."""
    found = {path for kind in FOLDERS for path in (folder / kind).glob("*")}
    lines = [f"not in channels.toml: {path.relative_to(folder)}" for path in found - files.keys()]
    for path, contents in files.items():
        if path not in found:
            lines.append(f"missing: {path.relative_to(folder)}")
        elif path.read_bytes() != contents:
            lines.append(f"stale: {path.relative_to(folder)}")
    return sorted(lines)


def main(arguments: list[str] | None = None) -> int:
    """Write the fixtures, or check them; return the exit code."""
    parser = argparse.ArgumentParser(description="Write the damaged and the lossy fixtures.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    options = parser.parse_args(arguments)
    files = make()
    lines = differences(files)
    if options.check:
        for line in lines:
            print(line, file=sys.stderr)
        return 1 if lines else 0
    for kind in FOLDERS:
        (FIXTURES / kind).mkdir(exist_ok=True)
        for path in set((FIXTURES / kind).glob("*")) - files.keys():
            path.unlink()
    for path, contents in files.items():
        path.write_bytes(contents)
    print(f"{len(files)} fixtures, {len(lines)} changed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
