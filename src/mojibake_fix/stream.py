"""Repair of text that comes piece by piece.

A stream is dealt with in units that depend on its text only, never on how it was cut into pieces.
A unit ends behind a word: behind white space, a line end, or a mark of Chinese punctuation. While
what it holds is in doubt, because damage lacks evidence or bytes were lost, it goes on, at most to
the end of the line. A unit of `LONGEST_UNIT` code points is divided: behind the last word, else
behind the last ASCII character that is not part of an escape, else inside a run of non-ASCII
characters and escapes, where a damaged character may end. So the memory needed is bounded, and text
leaves when its unit has ended; ASCII that a unit begins with can never change, and leaves at once.

Evidence comes from what has passed: a unit is judged by itself and by all units before it, never
by a later one. A weak span is left alone before, and repaired after, stronger ones.
"""

from __future__ import annotations

import codecs
import io

from ._core import find_escape, find_lead, find_suspect
from .document import DecodeError, DocumentError

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import AnyStr, NoReturn

    from _typeshed import SupportsRead, SupportsWrite

    from ._detect import Heard, Span
    from .channels import Channel
    from .options import Options

__all__ = ["LONGEST_UNIT", "Repairer", "Report", "fix_stream"]

LONGEST_UNIT = 4096
"""How many code points are dealt with at once, and held back, at most."""

# What a word ends with. None of them is an image, so that no damage reaches across.
_WHITE = " \n\t"
_ENDS = _WHITE + "\u3000。，、！？；："

# What an escape begins with.
_MARKS = "\\&%="

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
    >>> [repairer.feed(piece) for piece in ["That", "â", "€™", "s", " it"]]
    ['That', '', '', '', '’s it']
    >>> repairer.flush()
    ''
    """

    def __init__(self, **options: object) -> None:
        self._options: Options | None = None
        if options:
            from .options import Options

            self._options = Options(**options)  # type: ignore[arg-type]
        self._held: list[str] = []  # the beginning of a unit
        self._length = 0  # of what is held
        self._left = 0  # how much of it has left
        self._least = 0  # how long it must be to be judged again
        self._before = ""  # the white space before it
        self._heard: list[Heard] = []  # what has passed tells of each layer
        self._suspected = 0  # decoders that may have damaged what has no suspects, a bit for each
        self._read = self._repaired = self._lossy = 0
        self._channels: dict[Channel, int] = {}

    def feed(self, text: str) -> str:
        """Take the next piece, and return the repaired text that can no longer change.

        Of a line without damage less than a word is held back, of others at most the rest of the
        line from the damage on, and never `LONGEST_UNIT` code points.

        Raises:
            TypeError: `text` is not a `str`.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {type(text).__name__}")
        if not text:
            return ""
        self._read += len(text)
        before = self._length
        self._held.append(text)
        self._length += len(text)
        if self._may_end(text):
            return self._pass(final=False)
        if self._left < before:
            return ""
        plain = text[: _plain_until(text, 0)]
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
        if self._length >= LONGEST_UNIT or "\n" in piece:
            return True
        return self._length >= self._least and any(mark in piece for mark in _ENDS)

    def _pass(self, *, final: bool) -> str:
        """Return the repaired units that have ended, all if `final`, and what can never change."""
        text = "".join(self._held)
        pieces: list[str] = []
        at, left, least = 0, self._left, self._least
        doubts = _Doubts(text)
        while at < len(text):
            doubt = doubts.next(at, self._suspected)
            if not least:
                at = _last_end(text, at, doubt)
            end, is_last = _unit_end(text, at, least, final)
            if end < 0:
                break
            if doubt < end:
                unit = text[at:end]
                before = text[at - 1] if at else self._before
                repaired = self._repair(before, unit, is_last)
                if repaired is None:
                    least = 2 * len(unit)
                    continue
                if repaired is not unit:
                    pieces += [text[left:at], repaired[max(left - at, 0) :]]
                    left = end
            at, least = end, 0
        until = _plain_until(text, max(left, at))
        pieces.append(text[left:until])
        rest = text[at:]
        self._held = [rest] if rest else []
        self._length, self._left, self._least = len(rest), until - at, least
        self._before = text[at - 1] if at else self._before
        return "".join(pieces)

    def _repair(self, before: str, unit: str, is_last: bool) -> str | None:
        """Return a unit repaired, and learn and count what it tells; None if it is in doubt.

        It cannot be if nothing more of it is to come.
        """
        from ._detect import DEFAULTS, text_spans

        heard = self._heard if is_last else [layer.copy() for layer in self._heard]
        before = before if before in _WHITE else ""
        given = before + unit
        repaired, spans = text_spans(given, heard, self._options or DEFAULTS)
        if not is_last and _in_doubt(repaired, spans):
            return None
        self._heard = heard
        self._suspected = 0
        for layer in heard:
            self._suspected |= layer.decoders()
        for span in spans:
            if span.replacement is None:
                self._lossy += 1
            else:
                self._repaired += 1
            self._channels[span.channel] = self._channels.get(span.channel, 0) + 1
        return unit if repaired is given else repaired[len(before) :]


def _in_doubt(repaired: str, spans: list[Span]) -> bool:
    """Tell whether more of the line may tell more of a unit: of damage that is left, or of loss."""
    return find_suspect(repaired) >= 0 or any(
        span.replacement is None or span.channel.layers[-1].losses for span in spans
    )


class _Doubts:
    """Where a text may be damaged; what is before passes unread."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._suspect = self._lead = self._escape = -1
        self._decoders = 0

    def next(self, start: int, decoders: int) -> int:
        """Return the first such place from `start` on, or the length of the text.

        In a document that these decoders may have damaged, images of their lead bytes need no
        suspect. An escape may be one.
        """
        if self._suspect < start:
            self._suspect = self._found(find_suspect(self._text, start))
        if not decoders:
            return self._suspect
        if self._lead < start or self._decoders != decoders:
            self._lead = self._found(find_lead(self._text, start, decoders))
            self._decoders = decoders
        if self._escape < start:
            self._escape = self._found(find_escape(self._text, start))
        return min(self._suspect, self._lead, self._escape)

    def _found(self, offset: int) -> int:
        return len(self._text) if offset < 0 else offset


def _plain_until(text: str, start: int) -> int:
    """Return where ASCII that begins no escape and stands at `start` ends."""
    end = start
    while end < len(text) and text[end] < "\x80" and text[end] not in _MARKS:
        end += 1
    return end


def _last_end(text: str, start: int, stop: int) -> int:
    """Return where the last unit before `stop` ends, `start` if none does."""
    end = start
    for mark in _ENDS:
        end = max(end, text.rfind(mark, end, stop) + 1)
    return end


def _unit_end(text: str, start: int, least: int, final: bool) -> tuple[int, bool]:
    """Return where the unit that begins at `start` ends, and whether it cannot go on.

    A unit of less than `least` code points ends with the line only. The end is -1 if it is still to
    come.
    """
    stop = start + LONGEST_UNIT
    line_end = text.find("\n", start, min(start + least, stop)) + 1
    if line_end:
        return line_end, True
    end = -1
    for mark in _ENDS:
        found = text.find(mark, start + max(least - 1, 0), stop)
        if found >= 0:
            end = stop = found + 1
    if end >= 0:
        return end, text[end - 1] == "\n"
    if len(text) - start >= LONGEST_UNIT:
        return start + _divide(text[start : start + LONGEST_UNIT]), True
    return (len(text), True) if final else (-1, False)


def _divide(line: str) -> int:
    """Return where to divide what is too long for one unit."""
    end = _last_end(line, 0, len(line))
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
