"""Which spans stand in lines of which a codec of several bytes swallowed most before.

Where Windows read UTF-8 as cp949, wrote `?` for what that lacks, and the rest was read as cp1252, a
word such as 데이터 is `?°ì´??`: the mark stands for two bytes, also for the first of a sequence,
and what is left behind it continues none. The rest reads well by chance, and is no word alone.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from ._spans import channels_of
from .channels._tables import DECODED
from .examples import Example

if TYPE_CHECKING:
    from ._spans import Span

__all__ = ["may_be_swallowed", "swallowed"]

# Marks that swallowed the first byte of a sequence, in a line, and how many for each code point
# that could be restored there, from which on nothing in it is.
LEAST, SHARE = 2, 0.4

_MARKED = re.compile("[?\ufffd][^\x00-\x7f]")


def may_be_swallowed(text: str) -> bool:
    """Return whether there may be such lines in a text."""
    return _MARKED.search(text) is not None


def swallowed(text: str, spans: list[Span]) -> list[Example]:
    """Return the damaged spans of a text that stand in such lines, in order.

    Args:
        text: the text as it is spelt.
        spans: its damaged spans, in order.
    """
    if not may_be_swallowed(text):
        return []
    decoders = {channel.layers[-1].decoder for channel in channels_of(spans)}
    patterns = filter(None, map(_continued, decoders))
    # That is sooner told than what stands in which line.
    if not any(len(pattern.findall(text)) >= LEAST for pattern in patterns):
        return []
    found: list[Example] = []
    here: list[Span] = []
    end = -1  # of the line of those
    for span in spans:
        if span.start > end:
            found += _judged(text, here)
            here, end = [], text.find("\n", span.start)
            end = end if end >= 0 else len(text)
        here.append(span)
    return found + _judged(text, here)


def _judged(text: str, spans: list[Span]) -> list[Example]:
    """Return spans of one line, if most of it was swallowed."""
    known = [span for span in spans if span.replacement is not None]
    if not known:
        return []
    start = text.rfind("\n", 0, known[0].start) + 1
    end = text.find("\n", known[-1].end)
    end = end if end >= 0 else len(text)
    pattern = _continued(known[0].channel.layers[-1].decoder)
    if pattern is None:
        return []
    inside = {at for span in known for at in range(span.start, span.end)}
    marks = sum(found.start() not in inside for found in pattern.finditer(text, start, end))
    restored = sum(len(span.replacement or "") for span in known)
    if marks < max(LEAST, SHARE * restored):
        return []
    return [Example(span.start, span.end, True) for span in known]


@cache
def _continued(decoder: str) -> re.Pattern[str] | None:
    """Return what finds a mark with a continuation behind it, and no sequence before it."""
    images = DECODED.get(decoder)
    if images is None:
        return None
    rest = re.escape("".join(image for image in images[:0x40] if image > "\x7f"))
    leads = re.escape("".join(image for image in images[0x42:0x75] if image > "\x7f"))
    return re.compile(f"[?\ufffd](?<![{leads}{rest}].)[{rest}]")  # that is found sooner
