"""Bytes of one file to text and back.

Whether bytes are UTF-8 and whether they are clean is asked of the C core, on the bytes themselves:
a clean document never becomes a `str`. A byte order mark is kept out of the text and put back.
"""

from __future__ import annotations

import io

from ._core import find_invalid_utf8, find_sign

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Unpack

    from _typeshed import SupportsRead

    from ._repair import Repair
    from .options import GivenOptions

    # Where in a document, in bytes; what stands there, and what shall.
    Edit = tuple[int, bytes, bytes]

__all__ = [
    "HEAD",
    "LEFT",
    "PAGE",
    "PIECE",
    "UNWRITTEN",
    "BinaryError",
    "DecodeError",
    "DocumentError",
    "EncodeError",
    "Foreign",
    "apply_edits",
    "byte_edits",
    "byte_order_mark",
    "check_text",
    "decode_damaged",
    "encode_like",
    "fix_bytes",
    "inverse_edits",
    "is_clean_utf8",
    "is_unmarked_utf_16",
    "patched",
]

HEAD = 8192
"""How many bytes at the beginning of a file decide whether it is binary."""

PAGE = b"<!doctype html>\n<!-- fixmoji: off, for this is its own report -->\n"
"""How a page that reports what was found begins: it shows damage on purpose."""

PIECE = 1 << 18
"""How many bytes of a large document are in memory at a time."""

_MOST_CUT_OFF = 3  # bytes of a character that breaks off with a piece
_REACH = 256  # bytes in which all of a sign of damage stands

_UTF8_BOM = b"\xef\xbb\xbf"

# UTF-32 first: its little-endian mark begins with the one of UTF-16.
_WIDE_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32-le", "UTF-32"),
    (b"\x00\x00\xfe\xff", "utf-32-be", "UTF-32"),
    (b"\xff\xfe", "utf-16-le", "UTF-16"),
    (b"\xfe\xff", "utf-16-be", "UTF-16"),
)
_CONVERT = "--to-utf-8 converts it, --encoding NAME repairs it as it is"

LEFT = f"left as it is; {_CONVERT}"
"""What to do about a file that is not UTF-8."""

UNWRITTEN = f"nothing of it is written; {_CONVERT}"
"""The same of what was to pass through."""

_SAY = "name the encoding that it is in (--encoding)"

_WIDE = tuple(bom for bom, _, _ in _WIDE_BOMS)


class DocumentError(ValueError):
    """Bytes that cannot be read as text, or text that cannot become bytes again."""


class BinaryError(DocumentError):
    """The document is binary, or is a report of our own."""


class DecodeError(DocumentError):
    """The bytes are not in the encoding that they should be in.

    Attributes:
        offset: where the first bad byte is, in bytes from 0 (a byte order mark counts).
        line: its line, from 1; lines end at U+000A only.
        column: its column in code points, from 1 (a byte order mark does not count).
        advice: what became of the document, and what to do about it.
    """

    def __init__(self, place: tuple[int, int, int], what: str, advice: str) -> None:
        self._given = place, what, advice
        self.advice = advice
        self.offset, self.line, self.column = place
        where = f"at byte {self.offset} (line {self.line}, column {self.column})"
        super().__init__(f"{what} {where}: {advice}")

    def advised(self, advice: str) -> DecodeError:
        """Return the same error with other advice."""
        place, what, _ = self._given
        return DecodeError(place, what, advice)

    def __reduce__(self) -> tuple[type[DecodeError], tuple[tuple[int, int, int], str, str]]:
        return type(self), self._given


class EncodeError(DocumentError):
    """The repaired text does not fit into the encoding that the bytes came in."""


def _decode_error(data: bytes, offset: int, what: str, advice: str) -> DecodeError:
    start = data.rfind(b"\n", 0, offset) + 1
    if start == 0 and data.startswith(_UTF8_BOM):
        start = len(_UTF8_BOM)
    line = data.count(b"\n", 0, offset) + 1
    column = len(data[start:offset].decode("utf-8", "ignore")) + 1
    return DecodeError((offset, line, column), what, advice)


def check_text(head: bytes, *, wide: bool = False) -> None:
    """Raise unless a document that begins with `head` (`HEAD` bytes are enough) may be UTF-8 text.

    If `wide`, it may be UTF-16 or UTF-32 with a byte order mark, too, or evidently UTF-16 without.

    Raises:
        DecodeError: it is UTF-16 or UTF-32, and may not be.
        BinaryError: `head` holds a NUL, or it is a page that reports what was found.
    """
    if head.startswith(PAGE):
        raise BinaryError("a report of fixmoji")
    if head.startswith(_WIDE):
        if wide:
            return
        name = next(name for bom, _, name in _WIDE_BOMS if head.startswith(bom))
        raise _wide_error(f"{name} (by its byte order mark)")
    nul = head.find(0, 0, HEAD)
    if nul >= 0 and is_unmarked_utf_16(head):
        if wide:
            return
        raise _wide_error("UTF-16 (without a byte order mark)")
    if nul >= 0:
        raise BinaryError(f"binary (NUL at byte {nul})")


def _wide_error(name: str) -> DecodeError:
    return DecodeError((0, 1, 1), f"{name}, not UTF-8,", LEFT)


def is_unmarked_utf_16(data: bytes) -> bool:
    """Tell whether bytes are UTF-16 without a byte order mark beyond doubt."""
    if data.find(0, 0, HEAD) < 0 or data.startswith(_WIDE):
        return False
    if data[::2].count(0) and data[1::2].count(0):
        return False
    from ._unread import read_utf_16

    return read_utf_16(data) is not None


def decode_damaged(data: bytes, *, even_clean: bool = False) -> str | None:
    """Return the text of a UTF-8 document, without its byte order mark; None if it is clean.

    Args:
        data: the document.
        even_clean: return the text of a clean document, too.

    Raises:
        DecodeError: `data` is not UTF-8.
    """
    invalid = find_invalid_utf8(data)
    if invalid >= 0:
        raise _decode_error(data, invalid, "not UTF-8", LEFT)
    if not even_clean and find_sign(data) < 0:
        return None
    return str(memoryview(data)[len(_UTF8_BOM) if byte_order_mark(data) else 0 :], "utf-8")


def is_clean_utf8(pieces: Iterable[bytes]) -> bool:
    """Tell whether a document that comes in pieces is UTF-8 without a sign of damage.

    No more than two pieces are in memory.
    """
    seen = b""  # what stands before the next piece: enough for all that a sign reaches
    for piece in pieces:
        data = seen + piece
        invalid = find_invalid_utf8(data)
        if 0 <= invalid < len(data) - _MOST_CUT_OFF:
            return False
        whole = data if invalid < 0 else data[:invalid]
        if find_sign(whole) >= 0:
            return False
        start = max(len(whole) - _REACH, 0)
        while start < len(whole) and data[start] & 0xC0 == 0x80:
            start += 1
        seen = data[start:]
    return find_invalid_utf8(seen) < 0


def byte_order_mark(data: bytes) -> str:
    """Return the byte order mark of a UTF-8 document, or nothing if it has none."""
    return "\ufeff" if data.startswith(_UTF8_BOM) else ""


def encode_like(text: str, data: bytes) -> bytes:
    """Return `text` as UTF-8, behind a byte order mark if the document `data` has one."""
    return (byte_order_mark(data) + text).encode("utf-8")


def byte_edits(result: Repair, data: bytes, text: str) -> list[Edit]:
    """Return what makes `text` of a UTF-8 document, in order.

    The edits are the spans of its repair. If `text` is more than that, they are the lines that
    differ, or else the whole.
    """
    if text != result.text:
        return _line_edits(data, encode_like(text, data))
    edits: list[Edit] = []
    offset, seen = len(byte_order_mark(data).encode()), 0
    for span in result.spans:
        offset += len(result.original[seen : span.start].encode())
        observed = result.original[span.start : span.end].encode()
        if span.replacement is not None and span.replacement != span.observed:
            edits.append((offset, observed, span.replacement.encode()))
        offset += len(observed)
        seen = span.end
    return edits


def _line_edits(old: bytes, new: bytes) -> list[Edit]:
    before, after = old.split(b"\n"), new.split(b"\n")
    if len(before) != len(after):
        return [(0, old, new)]
    edits: list[Edit] = []
    offset = 0
    for was, becomes in zip(before, after, strict=True):
        if was != becomes:
            edits.append((offset, was, becomes))
        offset += len(was) + 1
    return edits


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return a document after its edits; all bytes between them are as they were.

    Raises:
        ValueError: the document does not hold what the edits say.
    """
    return b"".join(patched(io.BytesIO(data), edits))


def patched(reader: SupportsRead[bytes], edits: Iterable[Edit]) -> Iterator[bytes]:
    """Yield a document after its edits, as `apply_edits` returns it, in pieces of bounded size.

    Args:
        reader: the document; each `read(n)` returns `n` bytes, fewer only where it ends.
        edits: what to change, in order.

    Raises:
        ValueError: the document does not hold what the edits say.
    """
    parts: list[bytes] = []
    size = seen = 0
    for offset, old, new in edits:
        for start in range(seen, offset, PIECE):
            piece = reader.read(min(PIECE, offset - start))
            parts.append(piece)
            size += len(piece)
            if size >= PIECE:
                yield b"".join(parts)
                parts.clear()
                size = 0
        if offset < seen or reader.read(len(old)) != old:
            raise ValueError(f"the document does not hold at byte {offset} what is to be edited")
        parts.append(new)
        size += len(new)
        seen = offset + len(old)
    yield b"".join(parts)
    while piece := reader.read(PIECE):
        yield piece


def inverse_edits(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits that give back a document after `edits`."""
    shift = 0
    for offset, old, new in edits:
        yield offset + shift, new, old
        shift += len(new) - len(old)


class Foreign:
    """A document that is not UTF-8.

    Attributes:
        text: what it says, without a byte order mark; bytes that are in no encoding are surrogate
            escapes.
        encoding: the encoding that it is in; UTF-8 if only some bytes are not.

    Args:
        data: the document.
        encoding: the encoding that it is in; found out if None.

    Raises:
        DecodeError: it is not in the encoding, or none was found.
    """

    def __init__(self, data: bytes, encoding: str | None) -> None:
        self._data = data
        if encoding is None and not is_unmarked_utf_16(data) and _is_mixed(data):
            self._bom, self.encoding = byte_order_mark(data).encode(), "utf-8"
            self.text = data[len(self._bom) :].decode("utf-8", "surrogateescape")
        else:
            self._bom, self.encoding, self.text = _decode_other(data, encoding)

    @property
    def undecoded(self) -> str:
        """What it says where it is taken for UTF-8; `text` in UTF-16 and UTF-32."""
        is_wide = self.encoding in {encoding for _, encoding, _ in _WIDE_BOMS}
        return self.text if is_wide else self._data.decode("utf-8", "surrogateescape")

    def edits(self, text: str, *, to_utf_8: bool) -> list[Edit]:
        """Return what makes another text of the document, in its encoding or in UTF-8.

        Raises:
            EncodeError: the text does not fit into the encoding.
            DecodeError: bytes of it are in no encoding that is known.
        """
        if not to_utf_8:
            if text == self.text:
                return []
            new = self._bom + _encode(text, self.encoding)
        else:
            try:
                new = text.encode()
            except UnicodeEncodeError:
                raise _unknown(self._data) from None
            new = (self._bom if self.encoding == "utf-8" else b"") + new
        return [] if new == self._data else _line_edits(self._data, new)


def _unknown(data: bytes, hint: str = "") -> DecodeError:
    offset = find_invalid_utf8(data)
    return _decode_error(data, offset, "not UTF-8, nor known otherwise", _SAY + hint)


def fix_bytes(data: bytes, **options: Unpack[GivenOptions]) -> bytes:
    """Decode `data`, repair the text, and encode it back the way it came.

    The encoding is what a byte order mark says, else UTF-16 if every other byte says so, else UTF-8
    if the bytes are valid in it, else `encoding`, else what the language model is sure of, or
    thinks and charset-normalizer finds as well. A byte order mark stays. UTF-8 with some bytes of a
    legacy codec in it becomes UTF-8 throughout.

    Args:
        data: the document.
        options: the fields of `Options`.

    Returns:
        The repaired document; `data` itself if there is nothing to repair.

    Raises:
        DecodeError: the bytes are not in the encoding, or none was found.
        EncodeError: the repaired text does not fit into the encoding.
        LookupError: Python does not know `encoding`.
        TypeError: `data` is not `bytes`, or an option is unknown.
        ValueError: an option is out of its range.

    >>> fix_bytes("KÃ¶ln".encode("utf-16"))[2:].decode("utf-16-le")
    'Köln'
    """
    declared = None
    text: str | None
    if options:
        from .options import read_options

        declared = read_options(**options).encoding
    if not isinstance(data, (bytes, bytearray)):
        raise TypeError(f"data must be bytes, not {type(data).__name__}")
    if declared is None and is_unmarked_utf_16(data):
        bom, encoding, text = _decode_other(data, None)
    elif find_invalid_utf8(data) < 0:
        bom, encoding = byte_order_mark(data).encode(), "utf-8"
        text = decode_damaged(data)
    elif declared is None and _is_mixed(data):
        return _fix_mixed(data, options)
    else:
        bom, encoding, text = _decode_other(data, declared)
    if text is None or find_sign(text) < 0:
        return data

    from ._repair import fix_text

    repaired = fix_text(text, **options)
    return data if repaired == text else bom + _encode(repaired, encoding)


def _is_mixed(data: bytes) -> bool:
    """Tell whether a document that is not UTF-8 is so for its greater part."""
    if data.startswith(tuple(bom for bom, _, _ in _WIDE_BOMS)):
        return False
    text = data.decode("utf-8", "surrogateescape")
    beyond_ascii = [character for character in text if character > "\x7f"]
    invalid = sum("\udc80" <= character <= "\udcff" for character in beyond_ascii)
    return 2 * invalid <= len(beyond_ascii)


def _fix_mixed(data: bytes, options: GivenOptions) -> bytes:
    """Repair UTF-8 with some bytes in it that are not, and make it UTF-8 throughout."""
    from ._repair import fix_text

    text = data.decode("utf-8", "surrogateescape")
    try:
        return fix_text(text, **options).encode("utf-8")
    except UnicodeEncodeError:
        raise _unknown(data) from None


def _decode_other(data: bytes, encoding: str | None) -> tuple[bytes, str, str]:
    """Return byte order mark, encoding and text of a document that is not UTF-8."""
    for bom, wide, _ in _WIDE_BOMS:
        if data.startswith(bom):
            try:
                return bom, wide, str(memoryview(data)[len(bom) :], wide)
            except UnicodeDecodeError:
                continue
    if encoding is None and is_unmarked_utf_16(data):
        encoding = "utf-16-le" if data[1::2].count(0) else "utf-16-be"
    elif encoding is None:
        encoding = _guess(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _decode_error(data, error.start, f"not {encoding}", _SAY) from None
    back = text.encode(encoding, "replace")
    if back != data:
        pairs = zip(back, data, strict=False)
        offset = next((i for i, (one, other) in enumerate(pairs) if one != other), 0)
        what = f"read as {encoding}, the bytes do not come back the same"
        raise _decode_error(data, offset, what, _SAY)
    return b"", encoding, text


def _guess(data: bytes) -> str:
    """Return the encoding that a document is in: beyond doubt, or as two opinions have it."""
    if data.startswith(_UTF8_BOM):
        raise _unknown(data)
    from ._undecoded import encoding_of

    encoding, is_sure = encoding_of(data)
    if is_sure:
        return encoding
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None or str(best) != data.decode(encoding):
        raise _unknown(data, f", perhaps {encoding}")
    return encoding


def _encode(text: str, encoding: str) -> bytes:
    try:
        encoded = text.encode(encoding)
    except UnicodeEncodeError as error:
        character = text[error.start]
        raise EncodeError(
            f"the repaired text holds {character!r} (U+{ord(character):04X}), which {encoding} "
            "cannot hold: convert the document to UTF-8 first"
        ) from None
    if encoded.decode(encoding) != text:
        raise EncodeError(
            f"the repaired text does not survive {encoding}: convert the document to UTF-8 first"
        )
    return encoded
