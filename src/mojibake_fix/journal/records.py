"""The format of a journal, in both directions.

A journal is one file for one run. It begins with a line that holds a NUL, so that nothing takes it
for text, and goes on with one record a line: the CRC-32 of the record in hexadecimal, a space, and
the record as JSON in ASCII. Bytes stand there as the UTF-8 codec reads them with `surrogateescape`.

    {"run": ID, "time": seconds since 1970, "version": of the package}
    {"edits": [[offset in bytes, old bytes, new bytes], ...]}    some of a change that follows
    {"change": path, "temporary": path, "before": [SHA-256, size], "after": [SHA-256, size],
     "edits": offset of the first record of them; all up to this one are}
    {"rename": [folder, old name, new name]}
    {"void": offset of a record}                what it announced did not happen
    {"restore": offset, "temporary": path}      undoing it begins
    {"undone": offset}                          and is finished
    {"end": true}                               no temporary file is left
"""

from __future__ import annotations

import json
import os
from zlib import crc32

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, BinaryIO

    from ..document import Edit
    from ..replace import Fingerprint

    Record = dict[str, Any]

__all__ = [
    "END",
    "MAGIC",
    "Change",
    "Rename",
    "change_record",
    "edits_records",
    "read_edits",
    "read_records",
    "record_line",
]

MAGIC = b"\0fixmoji journal 2\n"
"""What a journal begins with."""

_EDITS = 1 << 16  # bytes of edits in one record, and one edit more
_EDIT = 16  # bytes of an edit beside its old and new ones
_EDITS_START = b'{"edits":'


class Change:
    """The record of a file's repair.

    Attributes:
        offset: where the record is in the journal, in bytes; its name in later records.
        path: the file's real path.
        before, after: SHA-256 in hexadecimal and size in bytes of the file.
        edits: where the records of what makes the one of the other begin, which end at `offset`.
        void, undone: whether it did not happen, or was undone, as far as the journal knows.
    """

    __slots__ = ("after", "before", "edits", "offset", "path", "undone", "void")

    def __init__(self, offset: int, record: Record) -> None:
        self.offset = offset
        self.path: str = record["change"]
        self.before: Fingerprint = tuple(record["before"])
        self.after: Fingerprint = tuple(record["after"])
        self.edits: int = record["edits"]
        self.void = self.undone = False


class Rename:
    """The record of a new name.

    Attributes:
        offset: where the record is in the journal, in bytes; its name in later records.
        folder: real path of the folder, as it was called then.
        old, new: the names.
        path: the path with the old name.
        void, undone: whether it did not happen, or was undone, as far as the journal knows.
    """

    __slots__ = ("folder", "new", "offset", "old", "path", "undone", "void")

    def __init__(self, offset: int, record: Record) -> None:
        self.offset = offset
        folder, old, new = record["rename"]
        self.folder: str = folder
        self.old: str = old
        self.path = os.path.join(folder, old)
        self.new: str = new
        self.void = self.undone = False


def change_record(
    path: str, temporary: str, before: Fingerprint, after: Fingerprint, edits: int
) -> Record:
    """Return the record of a file's repair by way of a temporary file; see `Change`."""
    return {
        "change": path,
        "temporary": temporary,
        "before": before,
        "after": after,
        "edits": edits,
    }


def edits_records(edits: Iterable[Edit]) -> Iterator[tuple[Record, list[Edit]]]:
    """Yield records of edits, and which edits each of them holds."""
    some: list[Edit] = []
    size = 0
    for edit in edits:
        some.append(edit)
        size += _EDIT + len(edit[1]) + len(edit[2])
        if size >= _EDITS:
            yield _edits_record(some), some
            some, size = [], 0
    if some:
        yield _edits_record(some), some


def _edits_record(edits: Iterable[Edit]) -> Record:
    return {
        "edits": [
            (
                offset,
                was.decode("utf-8", "surrogateescape"),
                becomes.decode("utf-8", "surrogateescape"),
            )
            for offset, was, becomes in edits
        ]
    }


def record_line(record: Record) -> bytes:
    """Return the line of a record."""
    body = json.dumps(record, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (crc32(body), body)


END = record_line({"end": True})
"""The last line of a journal that nobody needs to tidy."""


def read_records(file: BinaryIO) -> Iterator[tuple[int, int, Record | None]]:
    """Yield start and end of each line of a journal, and its record; None if it is not whole.

    Records of edits are left empty: they may be more than the memory holds.
    """
    offset = len(MAGIC)
    file.seek(offset)
    for line in file:
        body = _body(line)
        is_edits = body is not None and body.startswith(_EDITS_START)
        record = None if body is None else {} if is_edits else json.loads(body)
        yield offset, offset + len(line), record
        offset += len(line)


def read_edits(file: BinaryIO, start: int, end: int) -> Iterator[Edit]:
    """Yield the edits that stand in the records between two offsets of a journal.

    Raises:
        ValueError: there is something else.
    """
    file.seek(start)
    while start < end:
        line = file.readline()
        body = _body(line)
        if body is None or not body.startswith(_EDITS_START):
            raise ValueError(f"no edits can be read at byte {start}")
        for at, old, new in json.loads(body)["edits"]:
            yield (
                at,
                old.encode("utf-8", "surrogateescape"),
                new.encode("utf-8", "surrogateescape"),
            )
        start += len(line)


def _body(line: bytes) -> bytes | None:
    """Return the JSON of a line, None if it is not whole."""
    body = line[9:-1]
    return body if line.endswith(b"\n") and line[:9] == b"%08x " % crc32(body) else None
