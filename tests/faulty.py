"""Runs the command over and over, each time with other system calls failing, and looks at the rest.

Started with the library of `c/faults.c` preloaded, so that it is a process of its own:

    faulty.py LIBRARY FOLDER <JOB >RESULT

`JOB` is JSON: `scenario` (what is done), `plan` (what fails), `errors` (names of errno), `every`
(only each so-many-th fault is tried). `RESULT` is JSON too: `calls` (of a run without faults, by
name), `log` (the same in order), `faults` (how many runs had one), `problems` (what was lost).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import shutil
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import mojibake_fix._repair  # what is imported before the faults begin does not fail
import mojibake_fix.large
import mojibake_fix.names
import mojibake_fix.replace
import mojibake_fix.undo
from mojibake_fix.cli import main

PASS, FAIL, KILL, TEAR = range(4)
FOREVER = 1 << 30
KILLED = -9

DAMAGED = "KÃ¶ln und MalmÃ¶, cafÃ©\n".encode()
ORIGINAL = "Köln und Malmö, café\n".encode()

Files = dict[str, bytes]
Fault = tuple["Window", "Window"]


class Window(ctypes.Structure):
    """From which call to which (not included) what happens; as in `faults.c`."""

    _fields_ = (
        ("first", ctypes.c_long),
        ("end", ctypes.c_long),
        ("deed", ctypes.c_int),
        ("error", ctypes.c_int),
    )


def window(first: int, end: int, deed: int, error: int = 0) -> Window:
    return Window(first, end, deed, error)


NONE = window(0, 0, PASS)


class Sandbox:
    """A folder with notes and a state folder, put back as it was before every run."""

    def __init__(self, library: str, folder: Path) -> None:
        self.shim = ctypes.CDLL(library)
        self.shim.faults_call.restype = ctypes.c_char_p
        self.folder = folder / "sandbox"
        self.notes = self.folder / "notes"
        self.state = self.folder / "state"
        self.template = folder / "template"
        self.errors = folder / "errors"
        self.log = folder / "log"

    def keep(self) -> None:
        """Make what is there now the beginning of all further runs."""
        shutil.rmtree(self.template, ignore_errors=True)
        shutil.copytree(self.folder, self.template)

    def reset(self) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(self.template, self.folder)

    def run(self, *arguments: str, fault: Fault | None = None, is_short: bool = False) -> int:
        """Run the command in a process of its own; return its exit status, or `KILLED`."""
        child = os.fork()
        if child == 0:
            self._child(arguments, fault, is_short)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def _child(self, arguments: tuple[str, ...], fault: Fault | None, is_short: bool) -> None:
        status = 99
        try:
            output = os.open(self.errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.chdir(self.notes)
            os.environ["FIXMOJI_STATE_DIR"] = str(self.state)
            if fault is not None:
                self.shim.faults_arm(os.fsencode(self.folder), (Window * 2)(*fault), is_short)
            status = main([*arguments])
            sys.stderr.flush()
            if fault is not None and fault[0].deed == PASS:
                self.log.write_text("\0".join(self._calls()), encoding="utf-8")
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)

    def _calls(self) -> Iterator[str]:
        for number in range(self.shim.faults_seen()):
            yield os.fsdecode(self.shim.faults_call(number))

    def trace(self, *arguments: str) -> list[str]:
        """Return the calls of a run without faults, in order."""
        assert self.run(*arguments, fault=(NONE, NONE)) == 0, self.said()
        return self.log.read_text(encoding="utf-8").split("\0")

    def said(self) -> str:
        return self.errors.read_text(encoding="utf-8", errors="replace")

    def files(self) -> Files:
        found = (path for path in self.notes.rglob("*") if path.is_file())
        return {path.relative_to(self.notes).as_posix(): path.read_bytes() for path in found}


class Lost(AssertionError):
    """Something is not as it must be, whatever failed."""


def expect(is_so: bool, message: object) -> None:
    if not is_so:
        raise Lost(message)


def is_litter(name: str) -> bool:
    return name.rpartition("/")[2].startswith(".fixmoji-")


class Contents:
    """Repair of two files in two folders, with mode and attribute; a third is ignored.

    Attributes:
        command: the arguments of the run that has faults.
        repair: those of the run that does, or did, what can be undone.
        before, after: all files before it and after it.
    """

    command: tuple[str, ...] = ("--write", "-q")
    repair: tuple[str, ...] = ("--write", "-q")
    before: ClassVar[Files] = {
        ".gitignore": b"ignored.md\n",
        "a.md": DAMAGED,
        "clean.md": ORIGINAL,
        "ignored.md": DAMAGED,
        "sub/b.md": b"\xef\xbb\xbf" + DAMAGED.replace(b"\n", b"\r\n") * 2 + b"end",
    }
    after: ClassVar[Files] = {
        **before,
        "a.md": ORIGINAL,
        "sub/b.md": b"\xef\xbb\xbf" + ORIGINAL.replace(b"\n", b"\r\n") * 2 + b"end",
    }

    def prepare(self, box: Sandbox) -> None:
        for name, data in self.before.items():
            path = box.notes / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (box.notes / "sub/b.md").chmod(0o640)
        with contextlib.suppress(OSError):
            os.setxattr(box.notes / "sub/b.md", "user.color", b"blue")

    def check(self, box: Sandbox) -> Files:
        """Raise unless every file is as before or as after; return all but litter."""
        files = box.files()
        for name, data in files.items():
            known = {self.before.get(name), self.after.get(name)}
            expect(is_litter(name) or data in known, f"{name} is {data!r}")
        files = {name: data for name, data in files.items() if not is_litter(name)}
        expect(files.keys() == self.before.keys(), f"files are {sorted(files)}")
        path = box.notes / "sub/b.md"
        expect(path.stat().st_mode & 0o7777 == 0o640, "another mode")
        if hasattr(os, "listxattr"):
            wanted = os.listxattr(box.template / "notes/sub/b.md")
            expect(os.listxattr(path) == wanted, "other attributes")
        return files


class Undo(Contents):
    """The undoing of that."""

    command = ("--undo", "-q")

    def prepare(self, box: Sandbox) -> None:
        super().prepare(box)
        expect(box.run(*self.repair) == 0, box.said())


class AfterDeath(Contents):
    """The repair of what a killed run, a cut journal and a journal beyond its age left behind."""

    def prepare(self, box: Sandbox) -> None:
        super().prepare(box)
        box.keep()
        calls = box.trace(*self.command)
        last = max(i for i, call in enumerate(calls) if call.startswith("rename "))
        box.reset()
        expect(box.run(*self.command, fault=(window(last, last + 1, KILL), NONE)) == KILLED, "")
        expect(any(map(is_litter, box.files())), "nothing to tidy")
        [path] = box.state.iterdir()
        path.write_bytes(path.read_bytes() + b"0123")
        old = path.with_name("20200101T000000000-000000.journal")
        shutil.copy(path, old)
        os.utime(old, (0, 0))
        (box.notes / "a.md").write_bytes(self.before["a.md"])


class Large(Contents):
    """The same of files that are too large to be in memory, in several pieces."""

    before: ClassVar[Files] = {
        **Contents.before,
        "a.md": ORIGINAL * 3 + DAMAGED * 4,
        "sub/b.md": Contents.before["sub/b.md"] * 2,
    }
    after: ClassVar[Files] = {
        **Contents.after,
        "a.md": ORIGINAL * 7,
        "sub/b.md": Contents.after["sub/b.md"] + b"\xef\xbb\xbf" + Contents.after["sub/b.md"][3:],
    }

    def prepare(self, box: Sandbox) -> None:
        for module, name, value in (
            (mojibake_fix.tree, "_SMALL", 0),
            (mojibake_fix.tree, "_LARGE", 0),
            (mojibake_fix.tree, "HEAD", 16),
            (mojibake_fix.tree, "PIECE", 60),
            (mojibake_fix.document, "PIECE", 60),
            (mojibake_fix.journal.records, "_EDITS", 60),
        ):
            setattr(module, name, value)
        super().prepare(box)


class UndoLarge(Large, Undo):
    """The undoing of that."""


class LargeAfterDeath(Large, AfterDeath):
    """The repair of what was left behind when that was killed."""


class Names(Contents):
    """Repair of the names of two files, and of the folder of one."""

    command = repair = ("--names", "--write", "-q")
    before: ClassVar[Files] = {
        "MÃ¼ller/GrÃ¶ÃŸe.md": b"1",
        "MÃ¼ller/clean.md": b"2",
        "cafÃ©.bin": b"\0 3",
        "clean.md": b"4",
    }
    after: ClassVar[Files] = {
        "Müller/Größe.md": b"1",
        "Müller/clean.md": b"2",
        "café.bin": b"\0 3",
        "clean.md": b"4",
    }
    between: ClassVar[Files] = {"MÃ¼ller/Größe.md": b"1", "Müller/GrÃ¶ÃŸe.md": b"1"}

    def prepare(self, box: Sandbox) -> None:
        for name, data in self.before.items():
            (box.notes / name).parent.mkdir(parents=True, exist_ok=True)
            (box.notes / name).write_bytes(data)

    def check(self, box: Sandbox) -> Files:
        files = box.files()
        known = {*self.before.items(), *self.after.items(), *self.between.items()}
        expect(set(files.items()) <= known, f"files are {files}")
        expect(set(files.values()) == set(self.before.values()), f"files are {files}")
        expect(len(files) == len(self.before) or self.has_two_names(box), f"files are {files}")
        return files

    @staticmethod
    def has_two_names(box: Sandbox) -> bool:
        return False


class UndoNames(Names):
    """The undoing of that."""

    command = ("--undo", "-q")

    def prepare(self, box: Sandbox) -> None:
        super().prepare(box)
        expect(box.run(*self.repair) == 0, box.said())


def no_renameat2(*_: str) -> bool:
    return False


class LinkedNames(Names):
    """The same where the system cannot rename exclusively, and files are linked and unlinked."""

    def prepare(self, box: Sandbox) -> None:
        mojibake_fix.replace._renameat2 = no_renameat2
        super().prepare(box)

    @staticmethod
    def has_two_names(box: Sandbox) -> bool:
        return any(path.stat().st_nlink > 1 for path in box.notes.rglob("*.*"))


class UndoLinkedNames(LinkedNames, UndoNames):
    """The undoing of that."""


SCENARIOS: dict[str, type[Contents]] = {
    "write": Contents,
    "undo": Undo,
    "after-death": AfterDeath,
    "large": Large,
    "undo-large": UndoLarge,
    "large-after-death": LargeAfterDeath,
    "names": Names,
    "undo-names": UndoNames,
    "linked-names": LinkedNames,
    "undo-linked-names": UndoLinkedNames,
}


def faults(job: dict[str, object], calls: list[str]) -> Iterator[Fault]:
    """Yield what fails, run by run."""
    errors = [getattr(errno, str(name)) for name in job["errors"]]  # type: ignore[attr-defined]
    plan = str(job["plan"])
    if plan == "short":
        yield NONE, NONE
        return
    for number, call in enumerate(calls):
        if plan == "kill":
            yield window(number, number + 1, KILL), NONE
            if call.startswith("write "):
                yield window(number, number + 1, TEAR), NONE
            continue
        for error in errors:
            end = FOREVER if plan == "onwards" else number + 1  # a disk that dies, or is full
            first = window(number, end, FAIL, error)
            if plan in ("each", "onwards"):
                yield first, NONE
            # What is done about a failure fails as well, or comes to an end.
            for later in range(number + 1, number + 11) if plan in ("pairs", "fail-kill") else ():
                deed = FAIL if plan == "pairs" else KILL
                yield first, window(later, later + 1, deed, error)


def undo_everything(box: Sandbox, scenario: Contents) -> None:
    for _ in range(6):
        expect(box.run("--undo") == 0, f"undo: {box.said()}")
        scenario.check(box)
        if "nothing to undo" in box.said():
            break
    expect(box.files() == scenario.before, f"undo left {box.files()}: {box.said()}")


def do_everything(box: Sandbox, scenario: Contents) -> None:
    expect(box.run(*scenario.repair) == 0, f"the next run: {box.said()}")
    expect(box.files() == scenario.after, f"the next run left {box.files()}")


def examine(
    box: Sandbox, scenario: Contents, fault: Fault, then: Callable[..., None], is_short: bool
) -> None:
    """Run with a fault, and raise unless all is well, and can be made as if nothing had been."""
    box.reset()
    status = box.run(*scenario.command, fault=fault, is_short=is_short)
    said = box.said()
    expect(status in (0, 2, KILLED), f"status {status}: {said}")
    expect(status != 2 or "error:" in said, f"says nothing of an error: {said}")
    files = scenario.check(box)
    goal = scenario.after if scenario.command == scenario.repair else scenario.before
    expect(status != 0 or files == goal, f"status 0, but {files}: {said}")
    expect(status == 0 or not is_short, f"half reads and writes were not carried on: {said}")
    then(box, scenario)
    if then is do_everything:
        undo_everything(box, scenario)
    strange = [path.name for path in box.state.glob("*") if path.suffix != ".journal"]
    expect(not strange, f"state folder has {strange}")


def work(job: dict[str, object], box: Sandbox) -> dict[str, object]:
    scenario = SCENARIOS[str(job["scenario"])]()
    scenario.prepare(box)
    box.keep()
    calls = box.trace(*scenario.command)
    problems, count = [], 0
    for number, fault in enumerate(faults(job, calls)):
        if number % int(str(job["every"])):
            continue
        count += 1
        # What an earlier run left is tidied by one that writes or undoes, and not all of them do.
        only_undo = scenario.command != scenario.repair or isinstance(scenario, AfterDeath)
        then = undo_everything if only_undo or number % 2 else do_everything
        try:
            examine(box, scenario, fault, then, job["plan"] == "short")
        except Lost as lost:
            told = [(one.first, one.deed, errno.errorcode.get(one.error)) for one in fault]
            call = calls[min(fault[0].first, len(calls) - 1)]
            problems.append(f"{told} at {call}, then {then.__name__}: {lost}")
    return {
        "calls": Counter(call.partition(" ")[0] for call in calls),
        "log": calls,
        "faults": count,
        "problems": problems,
    }


if __name__ == "__main__":
    os.environ.pop("LD_PRELOAD", None)
    json.dump(work(json.load(sys.stdin), Sandbox(sys.argv[1], Path(sys.argv[2]))), sys.stdout)
