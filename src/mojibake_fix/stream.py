"""Repair of text that comes piece by piece.

What leaves depends on the text only, never on how it was cut into pieces. `Repairer` deals with
words, so that text leaves soon: while a word is in doubt, because damage lacks evidence or bytes
were lost, what follows joins it, at most to the end of the line. `fix_stream` deals with lines.

Evidence comes from what has passed: a unit is judged by itself and by all units before it, never
by a later one. A weak span is left alone before, and repaired after, stronger ones.
"""

from __future__ import annotations

import codecs
import io

from . import units
from .document import DecodeError, DocumentError

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import AnyStr, NoReturn

    from _typeshed import SupportsRead, SupportsWrite

    from ._detect import Heard, Span
    from .channels import Channel
    from .options import Options

__all__ = ["LineRepairer", "Repairer", "Report", "fix_stream"]

_CHUNK = 1 << 18  # code points or bytes to read at a time

# Code points before a unit that are remembered: enough for what opens a comment, and of these the
# ones that are evidence.
_BEHIND = 16
_CONTEXT = 2

_MARK = "fixmoji:"  # as in marks.py, which is imported when there is one


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

    Of clean text less than a word is held back, and nothing of ASCII that spells no escape. Damage
    is held back to the end of its word, and if that leaves a doubt until there is none, at most to
    the end of the line; and never more than 16,384 code points.

    A mark (`fixmoji: ignore`) keeps the repair from what comes behind it, for what comes before has
    left.

    Args:
        options: see `Options`.

    Raises:
        TypeError: an option is unknown.
        ValueError: an option is out of its range.

    >>> repairer = Repairer()
    >>> [repairer.feed(piece) for piece in ["That", "â", "€™", "s", " it"]]
    ['That', '', '', '', '’s it']
    >>> repairer.flush()
    ''
    """

    _ends = units.WORD_ENDS

    def __init__(self, **options: object) -> None:
        self._options: Options | None = None
        if options:
            from .options import Options

            self._options = Options(**options)  # type: ignore[arg-type]
        self._held: list[str] = []  # the beginning of a unit
        self._length = 0  # of what is held
        self._left = 0  # how much of it has left
        self._least = 0  # how long it must be to be judged again
        self._behind = ""  # what has left before it
        self._heard: list[Heard] = []  # what has passed tells of each layer
        self._suspected = 0  # decoders that may have damaged what has no suspects, a bit for each
        self._foreign = False  # whether some of what has passed was foreign
        self._off = False  # whether a mark has switched the repair off
        self._read = self._repaired = self._lossy = 0
        self._channels: dict[Channel, int] = {}

    def feed(self, text: str) -> str:
        """Take the next piece, and return the repaired text that can no longer change.

        Raises:
            TypeError: `text` is not a `str`.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {type(text).__name__}")
        if not text:
            return ""
        before = self._length
        self._read += len(text)
        self._held.append(text)
        self._length += len(text)
        if self._may_end(text):
            return self._pass(final=False)
        if self._left < before:
            return ""
        plain = text[: units.plain_until(text, 0)]
        self._left += len(plain)
        return plain

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

    def _may_end(self, piece: str) -> bool:
        """Tell whether the unit may end in the piece that was fed last."""
        if self._length >= units.LONGEST_UNIT or units.LINE_END in piece:
            return True
        return self._length >= self._least and any(mark in piece for mark in self._ends)

    def _pass(self, *, final: bool) -> str:
        """Return the repaired units that have ended, all if `final`, and what can never change."""
        text = "".join(self._held)
        pieces: list[str] = []
        at, left, least, behind, marked = 0, self._left, self._least, self._behind, -1
        doubts = units.Doubts(text)
        while at < len(text):
            if marked < at:
                marked = text.find(_MARK, at)
                marked = len(text) if marked < 0 else marked
            until = marked
            if not self._off:
                until = min(until, doubts.next(at, self._suspected, foreign=self._foreign))
            if not least:
                # Whole units that cannot be damaged, or are to stay, pass at once.
                end = units.last_end(text, at, until, self._ends)
                behind = _tail(behind, text[max(at, end - _BEHIND) : end])
                at = end
            end, is_last = units.unit_end(text, at, least, self._ends)
            if marked < (len(text) if end < 0 else end):
                least = units.LONGEST_UNIT  # marks speak of lines
                end, is_last = units.unit_end(text, at, least, self._ends)
            if end < 0 and final:
                end, is_last = len(text), True
            if end < 0:
                break
            unit = repaired = text[at:end]
            hidden = self._hides(behind, unit) if marked < end else self._off
            if until < end and not hidden:
                judged = self._repair(behind, unit, is_last)
                if judged is None:
                    least = 2 * len(unit)
                    continue
                repaired = judged
            if repaired is not unit:
                pieces += [text[left:at], repaired[max(left - at, 0) :]]
                left = end
            behind = _tail(behind, repaired)
            at, least = end, 0
        until = units.plain_until(text, max(left, at))
        pieces.append(text[left:until])
        rest = text[at:]
        self._held = [rest] if rest else []
        self._length, self._left, self._least, self._behind = len(rest), until - at, least, behind
        return "".join(pieces)

    def _hides(self, behind: str, unit: str) -> bool:
        """Return whether marks hide a unit that may hold one, and heed them from there on."""
        from .marks import Marks

        marks = Marks(self._off)
        is_cut_off = len(behind) == _BEHIND and units.LINE_END not in behind
        line = behind.rpartition(units.LINE_END)[2] + unit
        hidden = marks.hide("x" + line if is_cut_off else line)
        self._off = marks.off
        return hidden

    def _repair(self, behind: str, unit: str, is_last: bool) -> str | None:
        """Return a unit repaired, and learn and count what it tells; None if it is in doubt.

        What cannot go on is not in doubt.
        """
        from ._detect import DEFAULTS, may_be_damaged, spans_behind

        heard = self._heard if is_last else [layer.copy() for layer in self._heard]
        before = behind[-_CONTEXT:] if behind[-1:] in units.WORD_ENDS else ""
        repaired, spans = spans_behind(before, unit, heard, self._options or DEFAULTS)
        if not is_last and (any(map(_lost_bytes, spans)) or may_be_damaged(repaired)):
            return None
        self._heard = heard
        self._suspected = 0
        for layer in heard:
            self._suspected |= layer.decoders()
        self._foreign = any(layer.foreign for layer in heard)
        for span in spans:
            if span.replacement is None:
                self._lossy += 1
            else:
                self._repaired += 1
            self._channels[span.channel] = self._channels.get(span.channel, 0) + 1
        return repaired


class LineRepairer(Repairer):
    """Repairs one stream of text line by line.

    Text leaves later than by words. But a line is judged by all of it, and marks in it are heeded
    from its beginning on.
    """

    _ends = units.LINE_END


def _tail(text: str, more: str) -> str:
    """Return the last code points of both."""
    return (text + more[-_BEHIND:])[-_BEHIND:]


def _lost_bytes(span: Span) -> bool:
    return span.replacement is None or bool(span.channel.layers[-1].losses)


def fix_stream(
    reader: SupportsRead[AnyStr], writer: SupportsWrite[AnyStr], **options: object
) -> Report:
    """Read a stream to its end, and write it repaired, line by line; neither is closed.

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
    repairer = LineRepairer(**options)
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
