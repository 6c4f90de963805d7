"""Time the start of the interpreter, the library, the command and ftfy, side by side.

    python benchmarks/startup.py [--rounds 21] [--json]

Every row is a whole process, run once a round in turn with the others, after one round that only
warms the caches. Printed are the median wall time in milliseconds, and the median of its ratio to
`python -c pass` of the same round. Rows whose module is not installed are left out. Old versions
of pip write a script `fixmoji` that imports `re`, which costs as much as all else that it does.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from statistics import median

from common import INSTALL, table

BARE = "python -c pass"
MANY = 2000

# Whoever uses the command has its modules compiled.
ENVIRONMENT = {name: value for name, value in os.environ.items() if "BYTECODE" not in name}
CLEAN = "# Notes\n\nÀ la carte: naïve café, 12 € – “quoted”, 你好，世界。\n" * 40


def commands(clean: Path, many: list[str]) -> dict[str, list[str]]:
    """Return what is timed: name to command line, only what is installed."""
    result = {BARE: [sys.executable, "-c", "pass"]}
    if importlib.util.find_spec("mojibake_fix"):
        result["import mojibake_fix"] = [sys.executable, "-c", "import mojibake_fix"]
        repair = "import mojibake_fix; mojibake_fix.fix_text('caf\\xc3\\xa9')"
        result["import mojibake_fix, one repair"] = [sys.executable, "-c", repair]
    else:
        print("mojibake_fix: not installed (pip install mojibake-fix)", file=sys.stderr)
    suffix = ".exe" if os.name == "nt" else ""
    fixmoji = Path(sysconfig.get_path("scripts")) / f"fixmoji{suffix}"
    if fixmoji.exists():
        result["fixmoji --version"] = [str(fixmoji), "--version"]
        result["fixmoji CLEAN_FILE"] = [str(fixmoji), str(clean)]
        result[f"fixmoji CLEAN_FILE × {MANY}"] = [str(fixmoji), *many]
    else:
        print("fixmoji: no such command beside this Python", file=sys.stderr)
    for peer in ("ftfy", "plsfix"):
        if importlib.util.find_spec(peer):
            result[f"import {peer}"] = [sys.executable, "-c", f"import {peer}"]
        else:
            print(f"{peer}: not installed ({INSTALL})", file=sys.stderr)
    return result


def wall(command: list[str], allowed: tuple[int, ...] = (0,)) -> float:
    """Return the seconds that `command` takes. Raises CalledProcessError for other statuses."""
    start = time.perf_counter()
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, env=ENVIRONMENT, check=False
    )
    seconds = time.perf_counter() - start
    if done.returncode not in allowed:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clean = Path(folder) / "clean.md"
        clean.write_text(CLEAN, encoding="utf-8")
        many = [f"{folder}/{number}.md" for number in range(MANY)]
        for name in many:
            Path(name).write_text(CLEAN, encoding="utf-8")
        lines = commands(clean, many)
        for name, line in list(lines.items()):
            try:
                wall(line)
            except subprocess.CalledProcessError as error:
                print(f"{name} fails, left out: {error.stderr.decode()[-500:]}", file=sys.stderr)
                del lines[name]
        times: dict[str, list[float]] = {name: [] for name in lines}
        for _ in range(arguments.rounds):
            for name, line in lines.items():
                times[name].append(wall(line))
    figures = {
        name: {
            "milliseconds": median(seconds) * 1000,
            "ratio": median(a / b for a, b in zip(seconds, times[BARE], strict=True)),
        }
        for name, seconds in times.items()
    }
    if arguments.json:
        json.dump(figures, sys.stdout, indent=1)
        print()
        return 0
    rows = [
        [name, f"{figure['milliseconds']:.1f}", f"{figure['ratio']:.2f}"]
        for name, figure in figures.items()
    ]
    print(table(["process", "median ms", f"× {BARE}"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
