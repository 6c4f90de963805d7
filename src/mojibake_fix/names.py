"""Damaged names of files and folders, and what they become.

All names together are one document, one name a line, so each is evidence for the others.
"""

from __future__ import annotations

import os
import unicodedata

from ._core import find_sign
from .report.places import visible
from .tree import reason

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._spans import Span
    from .config import Settings
    from .report.steps import StepReport
    from .tree import File

__all__ = ["Naming", "plan_names", "rename_all", "show_names"]

_LONGEST = 255  # bytes, on nearly all file systems
_FORBIDDEN = frozenset('\\/:*?"<>|' if os.name == "nt" else "/")


class Naming:
    """What becomes of one name.

    Attributes:
        file: what has the name; a folder too.
        folder: real path of the folder that holds it.
        old: the name.
        new: what it was meant to be; the same where bytes were lost.
        channels: what damaged it.
        refusal: why it cannot have the new name; empty if it can.
    """

    __slots__ = ("channels", "file", "folder", "new", "old", "refusal")

    def __init__(self, file: File, spans: Sequence[Span], start: int) -> None:
        self.file = file
        self.folder, self.old = os.path.split(file.real)
        self.new = _repaired(self.old, spans, start)
        self.channels = tuple(dict.fromkeys(str(span.channel) for span in spans))
        self.refusal = _impossible(self.new)


def plan_names(found: Iterable[tuple[File, Settings]]) -> list[Naming]:
    """Return what becomes of the damaged names, in the order of the files.

    A name is repaired whole or not at all, and only if that is certain: to the greatest
    `min-confidence` that holds for any of them. It is refused if the new one is impossible, there
    already, or wanted twice, also to file systems that take no notice of case or of how accents are
    composed.

    Args:
        found: files and folders whose names to look at, with the settings that hold for them; a
            folder before what is in it.
    """
    confidence = 0.0
    files: list[tuple[File, str]] = []
    for file, settings in found:
        confidence = max(confidence, settings.min_confidence)
        files.append((file, os.path.basename(file.real)))
    spans_of = _spans(dict.fromkeys(name for _, name in files if _is_line(name)), confidence)
    namings = [Naming(file, *spans_of[name]) for file, name in files if name in spans_of]
    by_folder: dict[str, list[Naming]] = {}
    for naming in namings:
        if naming.new != naming.old:
            by_folder.setdefault(naming.folder, []).append(naming)
    for folder, group in by_folder.items():
        _refuse_collisions(folder, group)
    return namings


def show_names(namings: Sequence[Naming], report: StepReport) -> bool:
    """Report what would become of names; return whether any would change."""
    wanted = _wanted(namings, report)
    for naming in wanted:
        channels = ", ".join(naming.channels)
        report.done(naming.file.path, f"→ {visible(naming.new)}  ({channels})")
    report.conclude(_summary(len(wanted), "damaged", report))
    if wanted:
        report.conclude("add --write to rename")
    return bool(wanted)


def rename_all(namings: Sequence[Naming], report: StepReport) -> bool:
    """Rename what can be renamed, and report it; return whether anything was."""
    from .journal import Journal, JournalError

    wanted = _wanted(namings, report)
    renamed = 0
    journal = Journal()
    try:
        # What is in a folder comes before the folder: so the paths of both hold until their turn.
        wanted.reverse()
        errors = journal.rename([(one.folder, one.old, one.new) for one in wanted])
        for naming, problem in zip(wanted, errors, strict=True):
            if problem:
                report.error(naming.file.path, problem)
            else:
                renamed += 1
                report.done(naming.file.path, f"renamed to {visible(naming.new)}")
    except JournalError as error:
        report.error(wanted[0].file.path, error)
    finally:
        journal.close()
    report.conclude(_summary(renamed, "repaired", report))
    return bool(renamed)


def _wanted(namings: Sequence[Naming], report: StepReport) -> list[Naming]:
    """Return the names that can be repaired; report the others."""
    for naming in namings:
        if naming.new == naming.old:
            report.done(naming.file.path, "left: bytes were lost")
        elif naming.refusal:
            why = f"would become {visible(naming.new)}, {naming.refusal}"
            report.error(naming.file.path, f"{why}: left as it is")
    return [naming for naming in namings if naming.new != naming.old and not naming.refusal]


def _summary(count: int, what: str, report: StepReport) -> str:
    noun = "name" if count == 1 else "names"
    errors = report.errors
    problems = f", {errors} error{'s' * (errors != 1)}" if errors else ""
    return f"{count or 'no'} {noun} {what}{problems}"


def _is_line(name: str) -> bool:
    """Tell whether a name can be a line of a document; bytes in it need not be UTF-8."""
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return "\n" not in name


def _spans(names: Iterable[str], min_confidence: float) -> dict[str, tuple[list[Span], int]]:
    """Return the spans of every damaged name, and where it begins in the document."""
    document = "\n".join(names)
    if find_sign(document) < 0:
        return {}
    from ._repair import repair

    spans = iter(repair(document, uncertain="keep", min_confidence=min_confidence).spans)
    found: dict[str, tuple[list[Span], int]] = {}
    start = 0
    span = next(spans, None)
    for name in document.split("\n"):
        end = start + len(name)
        while span is not None and span.start < end:
            if span.end <= end:
                found.setdefault(name, ([], start))[0].append(span)
            span = next(spans, None)
        start = end + 1
    return found


def _repaired(name: str, spans: Sequence[Span], start: int) -> str:
    parts: list[str] = []
    seen = 0
    for span in spans:
        if span.replacement is None:
            return name
        parts += [name[seen : span.start - start], span.replacement]
        seen = span.end - start
    return "".join([*parts, name[seen:]])


def _impossible(name: str) -> str:
    """Say why no file can be called so; nothing if one can."""
    if name in ("", os.curdir, os.pardir):
        return "which names no file"
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in name):
        return "which holds a control character"
    if not _FORBIDDEN.isdisjoint(name):
        return "which holds a character that no name can"
    try:
        if len(os.fsencode(name)) > _LONGEST:
            return f"which is longer than {_LONGEST} bytes"
    except UnicodeEncodeError:
        return "which this system cannot encode"
    return ""


def _refuse_collisions(folder: str, namings: Sequence[Naming]) -> None:
    """Refuse new names in a folder that are there, or would come twice."""
    try:
        there = {_folded(name): name for name in os.listdir(folder)}
    except OSError as error:
        for naming in namings:
            naming.refusal = f"but what else is there cannot be seen ({reason(error)})"
        return
    wanted: dict[str, list[Naming]] = {}
    for naming in namings:
        wanted.setdefault(_folded(naming.new), []).append(naming)
    for key, rivals in wanted.items():
        other = there.get(key)
        for naming in rivals:
            if len(rivals) > 1:
                rival = rivals[rivals[0] is naming]
                naming.refusal = naming.refusal or f"and so would {visible(rival.old)}"
            elif other is not None:
                naming.refusal = naming.refusal or f"and there is {visible(other)} already"


def _folded(name: str) -> str:
    """Return what file systems compare that take no notice of case and composition."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
