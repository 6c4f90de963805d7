"""Repair of files that are too large to be in memory, piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .document import LEFT, byte_order_mark
from .repairer import LineRepairer, SpanRepairer
from .report.excerpt import Excerpts
from .stream import Utf8Stream
from .tree import open_file, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

    from .document import Edit
    from .options import GivenOptions
    from .repairer import Report
    from .report.excerpt import Excerpt
    from .stream import Piece
    from .tree import File

__all__ = ["LargeFile"]


class LargeFile:
    """A file in UTF-8 that is repaired line by line.

    It is read twice: what all of it tells of each decoder is evidence for every line.

    Args:
        file: which file.
        options: see `Options`.

    Attributes:
        found: how much was found, when all was read.
        excerpt: the first of it; None if there is nothing.
        mark: the byte order mark, or nothing.
    """

    found: Report
    excerpt: Excerpt | None
    mark = ""

    def __init__(self, file: File, **options: Unpack[GivenOptions]) -> None:
        self._file = file
        self._first = LineRepairer(**options)

    def listen(self) -> None:
        """Read the file for what it tells.

        Raises:
            DecodeError: it is not UTF-8.
            OSError: it cannot be read.
        """
        for _ in self._passed(Utf8Stream(self._first)):
            pass

    def edits(self) -> Iterator[Edit]:
        """Read the file again, and yield what is to be changed in it; then tell what was found.

        Raises:
            DecodeError: it is not UTF-8 any more.
            OSError: it cannot be read.
        """
        stream = Utf8Stream(SpanRepairer.knowing(self._first))
        excerpts = Excerpts()
        offset = 0
        for piece in self._passed(stream):
            if isinstance(piece, bytes):
                self.mark = self.mark or ("" if offset else byte_order_mark(piece))
                excerpts.skip(piece[len(self.mark.encode()) if not offset else 0 :])
                offset += len(piece)
                continue
            excerpts.add(piece)
            observed = piece.observed.encode()
            if piece.replacement is not None and piece.replacement != piece.observed:
                yield offset, observed, piece.replacement.encode()
            offset += len(observed)
        self.found, self.excerpt = stream.report, excerpts.result()

    def _passed(self, stream: Utf8Stream) -> Iterator[Piece]:
        """Yield the file as it leaves a stream."""
        source, _ = open_file(self._file)
        with source:
            for piece in pieces(source):
                yield from stream.feed(piece)
                if stream.is_bad:
                    break
        yield from stream.flush()
        stream.check(LEFT)
