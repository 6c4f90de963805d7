"""The report that programs read: JSON Lines, as `docs/json.md` describes them."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING

from .. import __version__
from .places import places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from .._repair import Repair
    from .._spans import Span
    from . import Action, Counts, Outcome

__all__ = ["VERSION", "JsonReport"]

VERSION = 1
"""Version of the format: a greater one may change what is there, the same only adds to it."""


class JsonReport:
    """Writes one record for the beginning, each path, and the end.

    The records are ASCII, so that no wrong encoding on the way can damage them.

    Args:
        out: a text stream.
        action: what is done with the files.
    """

    def __init__(self, out: TextIO, action: Action) -> None:
        self._out = out
        tool = {"name": "fixmoji", "version": __version__}
        self._write({"type": "begin", "version": VERSION, "tool": tool, "action": action})

    def add(self, outcome: Outcome) -> None:
        """Write the record of each path of an outcome."""
        for path in outcome.others:
            self._write({"type": "file", **_path(path), "status": outcome.status})
        record: dict[str, object] = {"type": "file", **_path(outcome.path)}
        record["status"] = outcome.status
        if outcome.message:
            record["message"] = outcome.message
        if outcome.place:
            record["place"] = dict(zip(("byte", "line", "column"), outcome.place, strict=True))
        if outcome.repair is not None:
            record["spans"] = list(_spans(outcome.repair, _size(outcome.mark)))
        if outcome.found is not None:
            record["found"] = {
                "replaced": outcome.found.repaired,
                "left": outcome.found.lossy,
                "guessed": outcome.found.guessed,
                "channels": {str(channel): count for channel, count in outcome.found.channels},
            }
        self._write(record)

    def finish(self, counts: Counts) -> None:
        """Write the record of the end."""
        spans = {"replaced": counts.replaced, "left": counts.left}
        self._write({"type": "summary", "files": counts.paths, "spans": spans})
        self._out.flush()

    def _write(self, record: dict[str, object]) -> None:
        self._out.write(json.dumps(record) + "\n")


def _path(path: str) -> dict[str, str]:
    """Return a path as text, and its bytes if they are not UTF-8."""
    text = _unicode(path)
    if text == path:
        return {"path": path}
    raw = os.fsencode(path)
    return {
        "path": raw.decode("utf-8", "replace"),
        "path_bytes": base64.b64encode(raw).decode("ascii"),
    }


def _unicode(text: str) -> str:
    """Return a text with U+FFFD for lone surrogates, which JSON has no way to hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _spans(result: Repair, before: int) -> Iterator[dict[str, object]]:
    """Yield the spans, the bytes of the file counted in the same pass; `before` come before it."""
    text, part = result.original, None
    for place in places(result):
        span = place.span
        if place.part is not part:
            part, at, byte = place.part, place.part.start, before + place.part.byte
            shift = part.code_point - part.start
        byte += _size(text[at : span.start])
        start = _offset(place.line, place.column, shift + span.start, byte)
        byte += _size(span.observed)
        end = _offset(*place.end, shift + span.end, byte)
        at = span.end
        yield {
            "start": start,
            "end": end,
            "observed": _unicode(span.observed),
            "replacement": None if span.replacement is None else _unicode(span.replacement),
            "channel": str(span.channel),
            "view": span.view,
            "evidence": round(span.evidence, 3),
            "confidence": round(span.confidence, 6),
            "guesses": list(_guesses(span)),
        }


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _offset(line: int, column: int, code_point: int, byte: int) -> dict[str, int]:
    return {"line": line, "column": column, "code_point": code_point, "byte": byte}


def _guesses(span: Span) -> Iterator[dict[str, object]]:
    for guess in span.guesses:
        yield {
            "offset": guess.offset,
            "character": _unicode((span.replacement or "")[guess.offset]),
            "confidence": round(guess.confidence, 6),
            "others": [
                {"character": _unicode(character), "confidence": round(share, 6)}
                for character, share in guess.others
            ],
        }
