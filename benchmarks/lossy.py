"""Restore lossy damage of text that the model never saw, the channel found and not given.

    python benchmarks/lossy.py FOLDER [--channels NAME,...] [--only LANG,...] [--length N]
                               [--without network,counts,endings,words] [--markdown]

FOLDER is what `unseen.py` wrote: LANG.txt with documents separated by empty lines. Each document
is damaged by a channel and repaired. Counted are the characters that lost a byte: how many there
are, how many came back right (%), lines with such characters all right (%), how many of the
surest 90 % are right (%), the share of those given a confidence of at least 0.99 and how many of
them are right (%), and the share left as observed (%), which counts as wrong with a confidence of
0. --without tells what a part of the rescorer is worth; --markdown prints the tables of the model
card.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mojibake_fix import Repair, _core, damage, model, repair
from mojibake_fix.channels import Channel
from mojibake_fix.model import format as model_format
from mojibake_fix.model import rescorer_format

CHANNELS = {
    "cp1254": "utf-8>cp1254+undefined-dropped+soft-hyphen-dropped",
    "cp1252": "utf-8>cp1252+undefined-dropped",
    "cp1252-fffd": "utf-8>cp1252+undefined-replaced",
    "cp1252-question": "utf-8>cp1252+undefined-question",
    "cp1250": "utf-8>cp1250+undefined-dropped",
    "cp1253": "utf-8>cp1253+undefined-replaced",
    "nbsp": "utf-8>cp1252+nbsp-folded+spaces-trimmed+spaces-squeezed",
    "quotes": "utf-8>cp1252+quotes-folded+dashes-folded+ellipsis-folded",
    "latin-1": "utf-8>latin-1+c1-dropped",
}
HEAD = f"{'':16}    lost  right  lines  p@90%  >=.99  right  left  others wrong    MB/s"
MARKDOWN = "| | lost | right | lines | p@90% | >=.99 | right |\n|---|---|---|---|---|---|---|"
USUAL = "cp1254,cp1252,cp1252-fffd,nbsp,latin-1"


@dataclass
class Tally:
    """What came of the characters that lost a byte."""

    marks: list[tuple[float, bool]] = field(default_factory=list)
    lines: int = 0
    right_lines: int = 0
    seconds: float = 0.0
    observed: int = 0
    other: int = 0
    other_wrong: int = 0

    def row(self) -> str:
        """Return the figures in columns."""
        count = len(self.marks)
        if not count:
            return "      0"
        marks = sorted(self.marks, key=lambda mark: -mark[0])
        surest = marks[: round(0.9 * count)]
        sure = [right for confidence, right in marks if confidence >= 0.99]

        def percent(rights: list[bool]) -> str:
            return f"{100 * sum(rights) / len(rights):6.2f}" if rights else "     -"

        return " ".join(
            (
                f"{count:7}",
                percent([right for _, right in marks]),
                f"{100 * self.right_lines / self.lines:6.1f}",
                percent([right for _, right in surest]),
                f"{100 * len(sure) / count:5.1f}",
                percent(sure),
                f"{100 * sum(not confidence for confidence, _ in marks) / count:5.1f}",
                f"{self.other_wrong:6}/{self.other:<7}",
                f"{self.observed / self.seconds / 1e6:6.2f}",
            )
        )


def characters(repaired: Repair) -> dict[int, tuple[str, float]]:
    """Return each character of the repaired text, with its confidence, by observed offset."""
    found = {}
    at = 0
    for span in repaired.spans:
        found.update({i: (repaired.original[i], 0.0) for i in range(at, span.start)})
        if span.replacement is None:
            found.update({i: (repaired.original[i], 0.0) for i in range(span.start, span.end)})
        else:
            doubts = {guess.offset: guess.confidence for guess in span.guesses}
            offset = span.start
            for i, character in enumerate(span.replacement):
                found[offset] = character, doubts.get(i, 1.0)
                offset += len(damage(character, span.channel))
        at = span.end
    found.update({i: (repaired.original[i], 0.0) for i in range(at, len(repaired.original))})
    return found


def measure(document: str, channel: Channel, tally: Tally) -> None:
    """Damage a document, repair it, and count."""
    full = Channel.parse(f"utf-8>{channel.layers[0].decoder}")
    observed = damage(document, channel)
    start = time.perf_counter()
    repaired = repair(observed)
    tally.seconds += time.perf_counter() - start
    tally.observed += len(observed.encode())
    found = characters(repaired)
    offset = 0
    for line in document.split("\n"):
        hit, right = False, True
        for i, character in enumerate(line):
            if character >= "\x80":
                after = damage(line[i : i + 2], channel) if i + 1 < len(line) else None
                width = len(damage(character, channel))
                if after is not None:
                    width = len(after) - len(damage(line[i + 1], channel))
                lossy = damage(character, channel) != damage(character, full)
            else:
                width, lossy = 1, False
            got, confidence = found.get(offset, ("", 0.0))
            if lossy:
                hit = True
                right &= got == character
                tally.marks.append((confidence, got == character))
            elif width:
                tally.other += 1
                tally.other_wrong += got != character
            offset += width
        offset += 1
        tally.lines += hit
        tally.right_lines += hit and right


def rescorer_without(parts: list[str]) -> _core.Rescorer:
    """Return the rescorer with some of its parts put to 0."""
    file = bytearray(Path(model.RESCORER_FILE).read_bytes())
    numbers = rescorer_format.PARAMETERS.unpack_from(file, model_format.HEAD.size)
    ids, rows, (reach, segment) = *numbers[1:3], numbers[-2:]
    ends = itertools.accumulate(
        (
            rescorer_format.WEIGHTS_END - rescorer_format.GAINS_SIZE,
            2 * rescorer_format.KINDS * rescorer_format.SIGHTS * (rescorer_format.MOST_SEEN + 1),
            rescorer_format.WORDS_SIZE,
            rescorer_format.ENDING_ROWS * rescorer_format.ENDING,
            2 * ids,
        )
    )
    names = "counts", "words", "endings", "biases"
    emptied = dict(zip(names, itertools.pairwise(ends), strict=True))
    end = len(file) - 2 * (reach + 2 * segment)
    emptied["outputs"] = end - rows * rescorer_format.OUTPUTS, end
    for part in parts:
        for name in ("biases", "outputs") if part == "network" else (part,):
            start, end = emptied[name]
            file[start:end] = bytes(end - start)
    return _core.Rescorer(file, model.load())


def documents(path: Path, length: int) -> Iterator[str]:
    """Yield the first documents of a file, some `length` characters in all."""
    for document in path.read_text(encoding="utf-8").split("\n\n"):
        if length <= 0:
            return
        length -= len(document)
        # No loss may touch what was no mojibake.
        yield re.sub(r" +(?= |$)", "", document.strip("\n"), flags=re.MULTILINE)


def main() -> None:
    """Print a table for each channel."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--channels", default=USUAL)
    parser.add_argument("--only", default="")
    parser.add_argument("--length", type=int, default=60_000)
    parser.add_argument("--without", default="")
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    if arguments.without:
        rescorer = rescorer_without(arguments.without.split(","))
        model.load_rescorer = lambda: rescorer
    only = arguments.only.split(",") if arguments.only else None
    for name in arguments.channels.split(","):
        channel = Channel.parse(CHANNELS[name])
        print(f"\n`{channel}`\n\n{MARKDOWN}" if arguments.markdown else f"\n{channel}\n{HEAD}")
        for path in sorted(arguments.folder.glob("*.txt")):
            if only and path.stem not in only:
                continue
            tally = Tally()
            for document in documents(path, arguments.length):
                measure(document, channel, tally)
            row = tally.row()
            if arguments.markdown:
                row = " | ".join(row.split()[:6])
            print(f"| {path.stem} | {row} |" if arguments.markdown else f"{path.stem:16} {row}")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
