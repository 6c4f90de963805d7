"""What the benchmarks of speed share: checkouts of the package that take turns in one run.

A script that measures so runs itself once for each checkout, with `--serve`: each job is a line of
JSON, and so is what it answers, `speed` and a `digest` of the result.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent.parent / "src"


def serve(observe: Callable[..., str], unit: Callable[[str, float], float]) -> None:
    """Repair what a line of JSON names, and say how long that took, until there is no more.

    Args:
        observe: makes the damaged text of a job, less its last item, which names what to call.
        unit: makes the speed of a text and the seconds of processor time that it took.
    """
    from time import process_time

    from mojibake_fix import Repair, fix_text, repair

    texts: dict[tuple[Any, ...], str] = {}
    functions = {"repair": repair, "fix_text": fix_text}
    for line in sys.stdin:
        *job, name = json.loads(line)
        observed = texts.get(tuple(job))
        if observed is None:
            texts.clear()
            observed = texts[tuple(job)] = observe(*job)
        begin = process_time()
        result = functions[name](observed)
        seconds = process_time() - begin
        if isinstance(result, Repair):
            spans = [
                (span.start, span.end, span.replacement, span.channel) for span in result.spans
            ]
            result = f"{result.text}{spans}"
        answer = {
            "speed": unit(observed, seconds),
            "digest": hashlib.sha256(result.encode()).hexdigest(),
        }
        print(json.dumps(answer), flush=True)


class Contender:
    """A process of this script that repairs with the package in one `src` folder."""

    def __init__(self, source: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, sys.argv[0], "--serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(source)},
        )

    def run(self, *job: str | int) -> dict[str, Any]:
        """Do a job once."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


def contenders(against: Path | None) -> list[Contender]:
    """Return this checkout, and the one with another `src` folder if there is one."""
    return [Contender(source) for source in (HERE, *([against.resolve()] if against else []))]


def cell(
    rivals: list[Contender],
    rounds: int,
    job: tuple[str | int, ...],
    show: Callable[[float], str] = "{:.2f}".format,
) -> list[str]:
    """Do a job in turns; return the speed of the first contender, and its ratio to the second."""
    answers = [[rival.run(*job) for rival in rivals] for _ in range(rounds)]
    best = [max(answer["speed"] for answer in column) for column in zip(*answers, strict=True)]
    cells = [show(best[0])]
    if len(rivals) > 1:
        same = len({answer["digest"] for answer in answers[0]}) == 1
        cells.append(f"{best[0] / best[1]:.2f}{' ' if same else '*'}")
    return cells
