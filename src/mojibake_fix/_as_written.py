"""Which spans of a text only look like damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._alphabets import listed, may_list
from ._capitals import may_punctuate, punctuated
from ._lookalikes import lookalikes, may_look_alike
from ._swallowed import may_be_swallowed, swallowed

if TYPE_CHECKING:
    from ._spans import Span
    from .examples import Example


def as_written(text: str, spans: list[Span]) -> set[Example]:
    """Return the spans of a text that only look like damage."""
    return {
        *listed(text, spans),
        *punctuated(text, spans),
        *lookalikes(text, spans),
        *swallowed(text, spans),
    }


def may_be_as_written(text: str) -> bool:
    """Return whether what looks damaged in a text may only look so."""
    return may_list(text) or may_punctuate(text) or may_look_alike(text) or may_be_swallowed(text)
