"""The format of a journal, in both directions.

A journal is one file for one run. It begins with a line that holds a NUL, so that nothing takes it
for text, and goes on with one record a line: the CRC-32 of the record in hexadecimal, a space, and
the record as JSON in ASCII. Bytes stand there as the UTF-8 codec reads them with `surrogateescape`.

    {"run": ID, "time": seconds since 1970, "version": of the package}
    {"change": path, "temporary": path, "before": [SHA-256, size], "after": [SHA-256, size],
     "edits": [[offset in bytes, old bytes, new bytes], ...]}
    {"rename": [folder, old name, new name]}
    {"void": offset of a record}                what it announced did not happen
    {"restore": offset, "temporary": path}      undoing it begins
    {"undone": offset}                          and is finished
    {"end": true}                               no temporary file is left
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from zlib import crc32

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ..document import Edit

    Record = dict[str, Any]

__all__ = [
    "END",
    "MAGIC",
    "Change",
    "Rename",
    "change_record",
    "fingerprint",
    "read_records",
    "record_line",
]

MAGIC = b"\0fixmoji journal 1\n"
"""What a journal begins with."""


class Change:
    """The record of a file's repair.

    Attributes:
        offset: where the record is in the journal, in bytes; its name in later records.
        path: the file's real path.
        before, after: SHA-256 in hexadecimal and size in bytes of the file.
        edits: what makes the one of the other.
        void, undone: whether it did not happen, or was undone, as far as the journal knows.
    """

    __slots__ = ("after", "before", "edits", "offset", "path", "undone", "void")

    def __init__(self, offset: int, record: Record) -> None:
        self.offset = offset
        self.path: str = record["change"]
        self.before = tuple(record["before"])
        self.after = tuple(record["after"])
        self.edits: list[Edit] = [
            (at, old.encode("utf-8", "surrogateescape"), new.encode("utf-8", "surrogateescape"))
            for at, old, new in record["edits"]
        ]
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


def fingerprint(data: bytes) -> tuple[str, int]:
    """Return the SHA-256 of a file's bytes in hexadecimal, and how many they are."""
    return sha256(data).hexdigest(), len(data)


def change_record(
    path: str, old: bytes, new: bytes, edits: Sequence[Edit], temporary: str
) -> Record:
    """Return the record of a file's repair by way of a temporary file."""
    return {
        "change": path,
        "temporary": temporary,
        "before": fingerprint(old),
        "after": fingerprint(new),
        "edits": [
            (
                offset,
                was.decode("utf-8", "surrogateescape"),
                becomes.decode("utf-8", "surrogateescape"),
            )
            for offset, was, becomes in edits
        ],
    }


def record_line(record: Record) -> bytes:
    """Return the line of a record."""
    body = json.dumps(record, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (crc32(body), body)


END = record_line({"end": True})
"""The last line of a journal that nobody needs to tidy."""


def read_records(data: bytes) -> Iterator[tuple[int, int, Record | None]]:
    """Yield start and end of each line of a journal, and its record; None if it is not whole."""
    offset = len(MAGIC)
    for line in data[offset:].splitlines(keepends=True):
        yield offset, offset + len(line), _parsed(line)
        offset += len(line)


def _parsed(line: bytes) -> Record | None:
    body = line[9:-1]
    if not line.endswith(b"\n") or line[:9] != b"%08x " % crc32(body):
        return None
    record: Record = json.loads(body)
    return record
