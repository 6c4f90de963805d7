"""Capital letters with a dash or an ellipsis behind them, which may look like damage.

`Ö` in UTF-8 is `Ã–` in cp1252, and `Å` is `Ã…`: `KÃ–LN` was `KÖLN`, but `MANHÃ–TARDE` is
Portuguese. Nothing but the words tells the one from the other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .examples import Example

if TYPE_CHECKING:
    from ._spans import Span

__all__ = ["may_punctuate", "punctuated"]

# Nats by which damage must explain words better than letters and signs do: in a document of which
# nothing else is damaged, and in others.
BETTER_ALONE, BETTER_BESIDE = 10.0, 5.0

# Nats that it costs to take a dash for a hyphen or a space, for few write it without spaces.
OTHER_DASH = 2.0

CONTEXT = 40  # code points on each side that are read

_SIGNS = frozenset("–—…")
_PAIR = re.compile(r"[^\x00-\x7f][–—…]")
_PAIRS = re.compile(rf"(?:{_PAIR.pattern})+")


def may_punctuate(text: str) -> bool:
    """Return whether what looks damaged in a text may be capitals with such signs behind them."""
    return any(found[0][0].isupper() for found in _PAIR.finditer(text))


def punctuated(text: str, spans: list[Span]) -> list[Example]:
    """Return the damaged spans of a text that are capitals with such signs behind them, in order.

    Args:
        text: the text as it is spelt.
        spans: its damaged spans, in order.
    """
    found = []
    for span in [span for span in spans if span.observed[1:2] in _SIGNS]:
        if span.replacement and _is_like_signs(text, span):
            better = _better(text, span)
            if better < BETTER_ALONE:
                found.append(Example(span.start, span.end, better < BETTER_BESIDE))
    return found


def _is_like_signs(text: str, span: Span) -> bool:
    if not _PAIRS.fullmatch(span.observed) or not span.observed[::2].isupper():
        return False
    return len(span.observed) > 2 or text[max(span.start - 1, 0) : span.start].isupper()


def _better(text: str, span: Span) -> float:
    """Return by how many nats words are more probable if a span is damage than as they stand."""
    from . import model as language_model

    before = text[max(text.rfind("\n", 0, span.start) + 1, span.start - CONTEXT) : span.start]
    after = text[span.end : span.end + CONTEXT].partition("\n")[0]

    def cost(inside: str) -> float:
        return language_model.load().cost((before + inside + after).lower(), 0)

    costs = [cost(span.observed)]
    if "…" not in span.observed:
        costs += [cost(re.sub("[–—]", dash, span.observed)) + OTHER_DASH for dash in "- "]
    return min(costs) - cost(span.replacement or "")
