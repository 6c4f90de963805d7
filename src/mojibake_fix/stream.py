"""Repair from a reader to a writer, in bounded memory."""

from __future__ import annotations

import codecs
import io

from ._core import find_invalid_utf8, find_sign
from .document import DecodeError
from .repairer import MARK, LineRepairer, Report

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import AnyStr, Unpack

    from _typeshed import SupportsRead, SupportsWrite

    from ._spans import Span
    from .options import GivenOptions

    # What leaves: UTF-8, and spans if the repairer keeps them.
    Piece = bytes | Span

__all__ = ["Ahead", "Utf8Stream", "fix_stream"]

_CHUNK = 1 << 18  # code points or bytes to read at a time

# Bytes of a line that wait for its end before they become text.
_SHORT = 1024

_TAIL = 64  # bytes of text that passed by that are enough to know what stands before the next
_ADVICE = "stopped there; convert it to UTF-8 first, for example with iconv"
_CONTINUATIONS = bytes(range(0x80, 0xC0))
_MARK = MARK.encode()


def fix_stream(
    reader: SupportsRead[AnyStr], writer: SupportsWrite[AnyStr], **options: Unpack[GivenOptions]
) -> Report:
    """Read a stream to its end, and write it repaired, line by line; neither is closed.

    Whether it is a stream of text or of bytes is seen from what `reader` returns. Bytes are UTF-8;
    a byte order mark and newlines stay as they are. Text should be opened with `newline=""`, or
    Python changes the newlines.

    What has come is written at once, as far as its lines have ended: of a pipe of bytes
    (`io.BufferedReader`) that is what is there, of other readers what `read` waits for.

    Args:
        reader: has `read(n)`, which returns a `str` or `bytes`, empty at the end; `read1(n)` is
            preferred.
        writer: has `write`, which takes the same type; if it has `flush`, that is called.
        options: see `Options`.

    Raises:
        DecodeError: the bytes are not UTF-8; its offset, line and column count in the stream. What
            comes before the bad byte has been written, repaired, and nothing after it.
        TypeError: `reader` returns something else, or an option is unknown.
        ValueError: an option is out of its range.

    >>> import io
    >>> fix_stream(io.StringIO("KÃ¶ln und MalmÃ¶"), to := io.StringIO()).repaired, to.getvalue()
    (2, 'Köln und Malmö')
    """
    repairer = LineRepairer(**options)
    first = _read(reader)
    if isinstance(first, str):
        for text in _chunks(reader, first, str):
            _write(writer, repairer.feed(text))
        _write(writer, repairer.flush())
        return repairer.report
    if isinstance(first, bytes):
        return _fix_utf8(_chunks(reader, first, bytes), writer, repairer)
    raise TypeError(f"the reader must return str or bytes, not {type(first).__name__}")


class Ahead:
    """A stream of bytes of which the beginning was read already."""

    def __init__(self, head: bytes, rest: SupportsRead[bytes]) -> None:
        self._head = head
        self._rest = rest

    def read(self, _: int = -1, /) -> bytes:
        """Return the beginning, and then what comes."""
        head, self._head = self._head, b""
        return head or _read(self._rest)


def _read(reader: SupportsRead[AnyStr]) -> AnyStr:
    read = getattr(reader, "read1", reader.read)
    chunk: AnyStr = read(_CHUNK)
    return chunk


def _chunks(reader: SupportsRead[AnyStr], chunk: AnyStr, kind: type[AnyStr]) -> Iterator[AnyStr]:
    """Yield a chunk that was read, and the others to the end."""
    while chunk:
        yield chunk
        chunk = _read(reader)
        if not isinstance(chunk, kind):
            raise TypeError(f"the reader must return {kind.__name__}, not {type(chunk).__name__}")


def _write(writer: SupportsWrite[AnyStr], data: AnyStr) -> None:
    """Write all of it: a raw stream may take less at a time."""
    while data:
        written = writer.write(data)
        if not isinstance(writer, io.RawIOBase):
            break
        if not isinstance(written, int) or not written:
            raise BlockingIOError("the writer does not take more now")
        data = data[written:]
    flush = getattr(writer, "flush", None)
    if flush is not None:
        flush()


def _fix_utf8(
    chunks: Iterator[bytes], writer: SupportsWrite[bytes], repairer: LineRepairer
) -> Report:
    stream = Utf8Stream(repairer)
    for chunk in chunks:
        _write(writer, _joined(stream.feed(chunk)))
        if stream.is_bad:
            break
    _write(writer, _joined(stream.flush()))
    stream.check(_ADVICE)
    return stream.report


def _joined(pieces: list[Piece]) -> bytes:
    return b"".join([piece for piece in pieces if isinstance(piece, bytes)])


class Utf8Stream:
    """Repairs UTF-8 line by line. What is clean never becomes text.

    Args:
        repairer: a new one; if it keeps spans, they are among what leaves.

    Attributes:
        is_bad: whether a byte came that is not UTF-8.
    """

    def __init__(self, repairer: LineRepairer) -> None:
        self.is_bad = False
        self._repairer = repairer
        self._has_begun = False
        self._held = b""  # the beginning of a line, and of a character
        self._valid = 0  # how much of that is known to be UTF-8
        self._read = 0  # bytes that are known to be UTF-8
        self._line = self._column = 1  # of what follows

    def feed(self, chunk: bytes) -> list[Piece]:
        """Take the next bytes, and return what leaves, repaired."""
        data, mark = self._held + chunk, b""
        out: list[Piece]
        invalid = find_invalid_utf8(data)
        end = len(data) if invalid < 0 else invalid
        self.is_bad = invalid >= 0 and not _may_go_on(data[invalid : invalid + 4])
        if end and not self._has_begun:
            self._has_begun = True
            if data.startswith(codecs.BOM_UTF8):
                mark = codecs.BOM_UTF8
                self._read = len(mark)
                data, end = data[len(mark) :], end - len(mark)
        self._count(data[self._valid : end])
        out, at = self._pass(data[:end])
        self._held, self._valid = data[at:], end - at
        return [mark, *out] if mark else out

    def flush(self) -> list[Piece]:
        """Return what is left of the UTF-8, repaired."""
        rest = self._fed(self._held[: self._valid])
        self._held, self._valid = self._held[self._valid :], 0
        return rest + _encoded(self._repairer.last_pieces())

    def check(self, advice: str) -> None:
        """Raise if the stream held bytes that are not UTF-8, after it was flushed.

        Raises:
            DecodeError: it did, and so much is to be said about it.
        """
        if self._held:
            raise DecodeError((self._read, self._line, self._column), "not UTF-8", advice)

    @property
    def report(self) -> Report:
        """What the stream held."""
        found = self._repairer.report
        return Report(self._read, found.repaired, found.lossy, found.guessed, found.channels)

    def _pass(self, data: bytes) -> tuple[list[Piece], int]:
        """Return what leaves of UTF-8, repaired, and how much of the data is dealt with."""
        repairer, at = self._repairer, 0
        pieces: list[Piece] = []
        if repairer.is_calm and repairer.holds_text:
            at = data.find(b"\n") + 1 or len(data)
            pieces += self._fed(data[:at])
        if repairer.is_calm and not repairer.holds_text:
            sign = find_sign(data, at)
            doubt = len(data) if sign < 0 else sign
            mark = data.find(_MARK, at, doubt)
            doubt = doubt if mark < 0 else mark
            end = data.rfind(b"\n", at, doubt) + 1 or at
            pieces.append(data[at:end])
            repairer.skip(data[max(at, end - _TAIL) : end].decode("utf-8", "ignore"))
            at = end
            if doubt == len(data) and len(data) - at < _SHORT:
                return pieces, at
        pieces += self._fed(data[at:])
        return pieces, len(data)

    def _fed(self, data: bytes) -> list[Piece]:
        return _encoded(self._repairer.pieces(data.decode()))

    def _count(self, data: bytes) -> None:
        """Count bytes, lines and columns of more UTF-8."""
        self._read += len(data)
        lines = data.count(b"\n")
        if lines:
            self._line += lines
            self._column = 1
        last = data[data.rfind(b"\n") + 1 :]
        self._column += len(last.translate(None, _CONTINUATIONS))


def _encoded(pieces: Iterable[str | Span]) -> list[Piece]:
    return [piece.encode() if isinstance(piece, str) else piece for piece in pieces]


def _may_go_on(sequence: bytes) -> bool:
    """Tell whether a sequence that breaks off may become whole."""
    try:
        codecs.utf_8_decode(sequence, "strict", False)
    except UnicodeDecodeError:
        return False
    return True
