"""Repair of text that comes piece by piece.

A stream is dealt with in units that depend on its text only, never on how it was cut into pieces:
lines, which end at U+000A. A line longer than `LONGEST_UNIT` is divided: behind the last ASCII
whitespace within that bound, else behind the last ASCII character that is not part of an escape,
else inside a run of non-ASCII characters and escapes, where a damaged character may end. So the
memory needed is bounded, and a unit leaves when its end has come.

Evidence comes from what has passed: a unit is judged by itself and by all units before it, never
by a later one. A weak span is left alone before, and repaired after, stronger ones.
"""

from __future__ import annotations

import codecs
import io

from ._core import find_escape, find_suspect
from .document import DecodeError, DocumentError

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import AnyStr, NoReturn

    from _typeshed import SupportsRead, SupportsWrite

    from ._detect import Heard
    from .channels import Channel
    from .options import Options

__all__ = ["LONGEST_UNIT", "Repairer", "Report", "fix_stream"]

LONGEST_UNIT = 65_536
"""How many code points of a line are dealt with, and held back, at most."""

_MARK = "fixmoji:"  # as in marks.py, which is imported when there is one

_CHUNK = 1 << 18  # code points or bytes to read at a time

# To end a run of non-ASCII without a damaged character in two: the places to try, and how much of
# the run to look at. A character of four bytes that was damaged three times is some 30 long.
_PLACES = 48
_LOOK = 512


class Report:
    """What a stream held.

    Attributes:
        read: what was read: code points of text, or bytes.
        repaired: number of spans repaired.
        lossy: number of spans left as observed because bytes were lost.
        channels: the channels of all these spans with their numbers, most frequent first.
    """

    __slots__ = ("channels", "lossy", "read", "repaired")

    # A dataclass would say the same, and importing `dataclasses` takes longer than Python's start.
    channels: tuple[tuple[Channel, int], ...]
    lossy: int
    read: int
    repaired: int

    def __init__(
        self, read: int, repaired: int, lossy: int, channels: tuple[tuple[Channel, int], ...]
    ) -> None:
        for name, value in (
            ("read", read),
            ("repaired", repaired),
            ("lossy", lossy),
            ("channels", channels),
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a report cannot be changed: {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a report cannot be changed: {name}")

    def _fields(self) -> tuple[object, ...]:
        return self.read, self.repaired, self.lossy, self.channels

    def __eq__(self, other: object) -> bool:
        return self._fields() == other._fields() if isinstance(other, Report) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        return "Report(read={!r}, repaired={!r}, lossy={!r}, channels={!r})".format(*self._fields())

    def __reduce__(self) -> tuple[type[Report], tuple[object, ...]]:
        return Report, self._fields()


class Repairer:
    """Repairs one stream of text: give it the pieces as they come, write what it returns.

    All that `feed` and `flush` return, joined, depends on all that was fed, joined, and on where
    `flush` was called; never on the pieces.

    Args:
        options: see `Options`.

    Raises:
        TypeError: an option is unknown.
        ValueError: an option is out of its range.

    >>> repairer = Repairer()
    >>> [repairer.feed(piece) for piece in ["That", "â", "€™", "s"]]
    ['', '', '', '']
    >>> repairer.flush()
    'That’s'
    """

    def __init__(self, **options: object) -> None:
        self._options: Options | None = None
        if options:
            from .options import Options

            self._options = Options(**options)  # type: ignore[arg-type]
        self._held: list[str] = []  # the beginning of a unit
        self._held_length = 0
        self._heard: list[Heard] = []  # what has passed tells of each layer
        self._alert = False  # whether a unit without suspects may be damaged, too
        self._off = False  # whether a mark has switched the repair off
        self._read = self._repaired = self._lossy = 0
        self._channels: dict[Channel, int] = {}

    def feed(self, text: str) -> str:
        """Take the next piece, and return the repaired text of the units that have ended.

        Less than `LONGEST_UNIT` code points are held back.

        Raises:
            TypeError: `text` is not a `str`.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {type(text).__name__}")
        if not text:
            return ""
        self._read += len(text)
        self._held.append(text)
        self._held_length += len(text)
        if self._held_length < LONGEST_UNIT and "\n" not in text:
            return ""
        return self._pass(final=False)

    def flush(self) -> str:
        """Return the repaired text of what is held back, as if the stream ended here.

        The stream may go on: what is fed next begins a new unit, and is judged by all that has
        passed. For another document, take another `Repairer`.
        """
        return self._pass(final=True)

    @property
    def report(self) -> Report:
        """What was fed, and what has been found in the units that have ended."""
        channels = sorted(self._channels.items(), key=lambda item: -item[1])
        return Report(self._read, self._repaired, self._lossy, tuple(channels))

    def _pass(self, *, final: bool) -> str:
        """Return the repaired units that have ended, all if `final`, and hold back the rest."""
        text = "".join(self._held)
        pieces, copied, at, suspect, marked = [], 0, 0, -1, -1
        while at < len(text):
            if marked < at:
                marked = _found(text.find(_MARK, at), text)
            if self._off:
                until = marked
            elif self._alert and not text.isascii():
                until = at
            else:
                if suspect < at:
                    suspect = _found((find_escape if self._alert else find_suspect)(text, at), text)
                until = min(suspect, marked)
            # Whole lines that cannot be damaged, or are to stay, pass at once.
            at = text.rfind("\n", at, until) + 1 or at
            end = _unit_end(text, at, final)
            if end < 0:
                break
            unit = text[at:end]
            hidden = self._hides(unit) if marked < end else self._off
            if not hidden and (self._alert or suspect < end):
                repaired = self._repair(unit)
                if repaired is not unit:
                    pieces += [text[copied:at], repaired]
                    copied = end
            at = end
        pieces.append(text[copied:at])
        rest = text[at:]
        self._held = [rest] if rest else []
        self._held_length = len(rest)
        return "".join(pieces)

    def _hides(self, unit: str) -> bool:
        """Return whether marks hide a unit that may hold one, and heed them from there on."""
        from .marks import Marks

        marks = Marks(self._off)
        hidden = marks.hide(unit)
        self._off = marks.off
        return hidden

    def _repair(self, unit: str) -> str:
        """Return a unit repaired, and learn and count what it tells."""
        if unit.isascii() and find_escape(unit) < 0:
            return unit

        from ._detect import DEFAULTS, text_spans

        repaired, spans = text_spans(unit, self._heard, self._options or DEFAULTS)
        if repaired is not unit or find_suspect(unit) >= 0:
            self._alert = any(heard.may_hide_damage() for heard in self._heard)
        for span in spans:
            if span.replacement is None:
                self._lossy += 1
            else:
                self._repaired += 1
            self._channels[span.channel] = self._channels.get(span.channel, 0) + 1
        return repaired


def _found(offset: int, text: str) -> int:
    """Return the offset that a search gave, the end of the text if it found nothing."""
    return len(text) if offset < 0 else offset


def _unit_end(text: str, start: int, final: bool) -> int:
    """Return where the unit that begins at `start` ends; -1 if that is still to come."""
    end = text.find("\n", start, start + LONGEST_UNIT) + 1
    if end:
        return end
    if len(text) - start < LONGEST_UNIT:
        return len(text) if final else -1
    return start + _divide(text[start : start + LONGEST_UNIT])


def _divide(line: str) -> int:
    """Return where to divide a line that is too long for one unit."""
    end = max(map(line.rfind, " \t\r\v\f")) + 1
    if end:
        return end

    from .views import whole

    seen, spelt = whole(line)
    for end in range(len(seen), 0, -1):
        if seen[end - 1] < "\x80":
            return spelt(end)
    return spelt(_divide_run(seen)) if seen else len(line)


def _divide_run(run: str) -> int:
    """Return where to divide a run of non-ASCII: where most of what comes before is repaired.

    A damaged character in two would look as if bytes were lost, and all the run would be left.
    """
    look = run[-_LOOK:]
    if find_suspect(look) < 0:
        return len(run)

    from ._detect import undo_whole

    def left(short: int) -> int:
        return len(undo_whole(look[: len(look) - short])) + short

    return len(run) - min(range(min(_PLACES, len(run))), key=left)


def fix_stream(
    reader: SupportsRead[AnyStr], writer: SupportsWrite[AnyStr], **options: object
) -> Report:
    """Read a stream to its end, and write it repaired; neither is closed.

    Whether it is a stream of text or of bytes is seen from what `reader` returns. Bytes are UTF-8;
    a byte order mark and newlines stay as they are. Text should be opened with `newline=""`, or
    Python changes the newlines.

    Args:
        reader: has `read(n)`, which returns a `str` or `bytes`, empty at the end.
        writer: has `write`, which takes the same type.
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
    repairer = Repairer(**options)
    first = reader.read(_CHUNK)
    if isinstance(first, str):
        return _fix_text(reader, writer, first, repairer)
    if isinstance(first, bytes):
        return _fix_utf8(reader, writer, first, repairer)
    raise TypeError(f"the reader must return str or bytes, not {type(first).__name__}")


def _fix_text(
    reader: SupportsRead[str], writer: SupportsWrite[str], first: str, repairer: Repairer
) -> Report:
    for text in _chunks(reader, first, str):
        _write(writer, repairer.feed(text))
    _write(writer, repairer.flush())
    return repairer.report


def _fix_utf8(
    reader: SupportsRead[bytes], writer: SupportsWrite[bytes], first: bytes, repairer: Repairer
) -> Report:
    bom = codecs.BOM_UTF8
    while 0 < len(first) < len(bom) and (more := _read(reader, bytes)):
        first += more
    mark = bom if first.startswith(bom) else b""
    if mark:
        _write(writer, mark)
        first = first[len(mark) :] or _read(reader, bytes)
    source = _Utf8(_chunks(reader, first, bytes), len(mark))
    try:
        for text in source:
            _write(writer, repairer.feed(text).encode())
    except DecodeError:
        _write(writer, repairer.flush().encode())
        raise
    _write(writer, repairer.flush().encode())
    found = repairer.report
    return Report(source.offset, found.repaired, found.lossy, found.channels)


def _read(reader: SupportsRead[AnyStr], kind: type[AnyStr]) -> AnyStr:
    chunk = reader.read(_CHUNK)
    if not isinstance(chunk, kind):
        raise TypeError(f"the reader must return {kind.__name__}, not {type(chunk).__name__}")
    return chunk


def _chunks(reader: SupportsRead[AnyStr], chunk: AnyStr, kind: type[AnyStr]) -> Iterator[AnyStr]:
    """Yield a chunk that was read, and the others to the end."""
    while chunk:
        yield chunk
        chunk = _read(reader, kind)


def _write(writer: SupportsWrite[AnyStr], data: AnyStr) -> None:
    """Write all of it: a raw stream may take less at a time."""
    while data:
        written = writer.write(data)
        if not isinstance(writer, io.RawIOBase):
            return
        if not isinstance(written, int) or not written:
            raise BlockingIOError("the writer does not take more now")
        data = data[written:]


class _Utf8:
    """Bytes of UTF-8 in chunks, as text in chunks.

    Attributes:
        offset: how many bytes of the stream have been decoded.
    """

    def __init__(self, chunks: Iterator[bytes], offset: int) -> None:
        self.offset = offset
        self._chunks = chunks
        self._line = self._column = 1

    def __iter__(self) -> Iterator[str]:
        """Yield the text before the first bad byte, then raise `DecodeError` if there is one."""
        rest = b""
        for chunk in self._chunks:
            rest += chunk
            try:
                text, length = codecs.utf_8_decode(rest, "strict", False)
            except UnicodeDecodeError as error:
                yield self._counted(rest[: error.start].decode(), error.start)
                raise self._error() from None
            yield self._counted(text, length)
            rest = rest[length:]
        if rest:
            raise self._error()

    def _counted(self, text: str, length: int) -> str:
        self.offset += length
        lines = text.count("\n")
        self._line += lines
        self._column = len(text) - text.rfind("\n") if lines else self._column + len(text)
        return text

    def _error(self) -> DecodeError:
        return _StreamDecodeError(self.offset, self._line, self._column)


class _StreamDecodeError(DecodeError):
    """A `DecodeError` of bytes that are no longer at hand."""

    def __init__(self, offset: int, line: int, column: int) -> None:
        self.offset = offset
        self.line = line
        self.column = column
        DocumentError.__init__(
            self,
            f"not UTF-8 at byte {offset} (line {line}, column {column}): stopped there; convert it "
            "to UTF-8 first, for example with iconv",
        )
