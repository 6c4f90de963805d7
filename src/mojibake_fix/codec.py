"""The codec `utf-8-fixed`: UTF-8 that is repaired as it is read, for `open` and all that decodes.

Text is judged line by line, as in `fix_stream`. A line is held back as bytes until it has ended, so
that behind those the state of a decoder is only what the lines before have told.
"""

from __future__ import annotations

import codecs
import io
from bisect import bisect_left
from encodings import utf_8

from . import units
from .repairer import LineRepairer

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["NAME", "IncrementalDecoder", "StreamReader", "register_codec"]

NAME = "utf-8-fixed"
_NAMES = "utf_8_fixed", "utf8_fixed"  # as Python normalises what is asked for

_BOM = "\ufeff"

# States of a decoder. Others are numbers of what it remembers, as many as this.
_AT_START, _NOTHING_HEARD = 0, 1
_REMEMBERED = 1000

_BYTES = 4  # of a code point at most


def register_codec() -> None:
    r"""Let Python know the codec `utf-8-fixed`, which repairs text as it is read.

    It reads and writes UTF-8: `open(path, encoding="utf-8-fixed")` gives the repaired text, and
    what is written is UTF-8 as it stands. Damage is judged line by line with the evidence of the
    lines before, as in `fix_stream`, and the result does not depend on how much is read at a time.
    Bytes that are not UTF-8 are treated as `errors` says. A byte order mark stays, as in `utf-8`.

    Calling it again does nothing more.

    >>> register_codec()
    >>> b"K\xc3\x83\xc2\xb6ln".decode("utf-8-fixed")
    'Köln'
    """
    codecs.unregister(_search)
    codecs.register(_search)


def _search(name: str) -> codecs.CodecInfo | None:
    if name not in _NAMES:
        return None
    return codecs.CodecInfo(
        name=NAME,
        encode=utf_8.encode,
        decode=_decode,
        incrementalencoder=utf_8.IncrementalEncoder,
        incrementaldecoder=IncrementalDecoder,
        streamwriter=utf_8.StreamWriter,
        streamreader=StreamReader,
    )


def _decode(data: ReadableBuffer, errors: str = "strict") -> tuple[str, int]:
    """Return the repaired text of UTF-8, and the number of its bytes."""
    data = bytes(data)
    return IncrementalDecoder(errors).decode(data, final=True), len(data)


class IncrementalDecoder(codecs.IncrementalDecoder):
    """Decodes UTF-8 that comes piece by piece, and repairs it line by line.

    A line leaves with its end, and one that is longer than 16,384 code points in parts. State is
    the bytes that are held back, and a number: 0 at the start, 1 where nothing was found yet, else
    that of what was found. Of those a decoder remembers the latest 1,000.

    Args:
        errors: what becomes of bytes that are not UTF-8, as in `bytes.decode`.
    """

    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self._numbers: dict[tuple[object, ...], int] = {}
        self._memories: dict[int, LineRepairer] = {}
        self._latest = _NOTHING_HEARD
        self.reset()

    def reset(self) -> None:
        """Begin another text."""
        self._held = b""  # the beginning of a line
        self._least = 0  # how long it must be to be looked at
        self._at_start = True
        self._repairer = LineRepairer()

    def decode(self, input: ReadableBuffer, final: bool = False) -> str:
        """Take the next bytes, and return the repaired text of the lines that have ended.

        Args:
            input: the bytes.
            final: whether they are the last ones.

        Raises:
            UnicodeDecodeError: they are not UTF-8, and `errors` is strict. Nothing is taken then.
        """
        data, at = self._held + bytes(input), 0
        pieces: list[str] = []
        while at < len(data):
            window = data[at : at + _BYTES * units.LONGEST_UNIT]
            is_last = final and at + len(window) == len(data)
            text, used = _first_unit(window, self.errors, final=is_last, least=self._least)
            if not used:
                if text:
                    # Each code point that is missing has a byte at least.
                    self._least = len(window) + units.LONGEST_UNIT - len(text)
                break
            pieces.append(text)
            at += used
            self._least = 0
        self._held = data[at:]
        return "".join(map(self._repaired, pieces))

    def _repaired(self, text: str) -> str:
        """Return whole units repaired."""
        mark = _BOM if self._at_start and text.startswith(_BOM) else ""
        self._at_start = False
        return mark + self._repairer.feed(text.removeprefix(mark)) + self._repairer.flush()

    def getstate(self) -> tuple[bytes, int]:
        """Return what is held back, and what decoding goes on with behind it."""
        memory = self._repairer.memory
        if not memory:
            return self._held, _AT_START if self._at_start else _NOTHING_HEARD
        if memory not in self._numbers:
            self._latest += 1
            self._numbers[memory] = self._latest
            self._memories[self._latest] = self._repairer.successor()
            if len(self._numbers) > _REMEMBERED:
                del self._memories[self._numbers.pop(next(iter(self._numbers)))]
        return self._held, self._numbers[memory]

    def setstate(self, state: tuple[bytes, int]) -> None:
        """Go on behind a state of this decoder; 0 and 1 are the same in all.

        Raises:
            io.UnsupportedOperation: what was found up to there is not remembered.
        """
        held, number = state
        if number in (_AT_START, _NOTHING_HEARD):
            repairer = LineRepairer()
        elif number in self._memories:
            repairer = self._memories[number].successor()
        else:
            raise io.UnsupportedOperation(
                f"{NAME}: what was found before that place is forgotten: seek(0) and read again"
            )
        self._held, self._least = held, 0
        self._at_start = number == _AT_START
        self._repairer = repairer


def _first_unit(data: bytes, errors: str, *, final: bool, least: int) -> tuple[str, int]:
    """Return lines that have ended, or the first unit of a long one, and how many bytes that is.

    Where it may go on, these are 0, and the text is what was seen of it.

    Args:
        data: the next bytes; of many, as many as a unit has at most.
        errors: what becomes of bytes that are not UTF-8.
        final: whether no more bytes come.
        least: how many bytes there must be before a unit can be divided.
    """
    longest = units.LONGEST_UNIT
    end = data.rfind(b"\n", 0, longest) + 1
    if not end and final and len(data) <= longest:
        end = len(data)
    if end:
        return codecs.utf_8_decode(data[:end], errors, True)
    line = data[: data.find(b"\n", longest) + 1 or len(data)]
    has_ended = final or len(line) < len(data) or line.endswith(b"\n")
    if not has_ended and len(data) < max(longest, least):
        return "", 0
    text, used = codecs.utf_8_decode(line, errors, has_ended)
    if len(text) < longest:
        return text, used if has_ended or len(data) >= _BYTES * longest else 0
    end, _ = units.unit_end(text, 0, 0, units.LINE_END)

    def length(size: int) -> int:
        return len(codecs.utf_8_decode(line[:size], errors, False)[0])

    size = bisect_left(range(len(line)), end, key=length)
    return codecs.utf_8_decode(line[:size], errors, False)


class StreamReader(codecs.StreamReader):
    """Reads UTF-8 from a stream of bytes, repaired line by line, for `codecs.getreader`.

    Args:
        stream: has `read`.
        errors: what becomes of bytes that are not UTF-8, as in `bytes.decode`.
    """

    charbuffer: str

    def __init__(self, stream: codecs._ReadableStream, errors: str = "strict") -> None:
        super().__init__(stream, errors)
        self._decoder = IncrementalDecoder(errors)

    def decode(self, input: ReadableBuffer, errors: str = "strict") -> tuple[str, int]:
        """Return what leaves, and that all bytes were taken."""
        data = bytes(input)
        return self._decoder.decode(data), len(data)

    def read(self, size: int = -1, chars: int = -1, firstline: bool = False) -> str:
        """Return so many code points, fewer at the end; all if neither number is given."""
        most = size if chars < 0 else chars
        text = super().read(size, chars)
        if 0 <= most <= len(text):
            return text
        text += self._decoder.decode(b"", final=True)
        if most >= 0:
            text, self.charbuffer = text[:most], text[most:]
        return text

    def reset(self) -> None:
        """Forget what is held back, and all that was found."""
        super().reset()
        self._decoder.reset()
