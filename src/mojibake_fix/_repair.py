"""Spans to repaired text: the library's main entry."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import _core
from ._detect import text_spans
from ._lossless import undo_lossless
from ._refuted import BEGINNING
from ._spans import Span
from .options import DEFAULTS, read_options

if TYPE_CHECKING:
    from typing import Unpack

    from .channels import Channel
    from .options import GivenOptions


@dataclass(frozen=True, slots=True)
class Repair:
    """What was observed, what it was repaired to, and why.

    Attributes:
        original: the text as it was given.
        text: the repaired text; the same object if nothing was repaired.
        spans: the damaged spans in order, lossy ones included.
    """

    original: str
    text: str
    spans: tuple[Span, ...]

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that damaged the text, most frequent first."""
        counts = Counter(span.channel for span in self.spans)
        return tuple(channel for channel, _ in counts.most_common())


def repair(text: str, **options: Unpack[GivenOptions]) -> Repair:
    """Return the repair of a text.

    Args:
        text: the observed text.
        options: see `Options`.

    Raises:
        TypeError: `text` is not a `str`, or an option is unknown.
        ValueError: an option is out of its range.

    >>> repair("KÃ¶ln").spans[0].channel
    Channel(layers=(Layer(source='utf-8', decoder='cp1252', losses=()),))
    """
    _check_is_str(text)
    repaired, spans = text_spans(text, None, read_options(**options))
    return Repair(text, repaired, tuple(spans))


def fix_text(text: str, **options: Unpack[GivenOptions]) -> str:
    """Return the repaired text; the same object if there is nothing to repair.

    Args:
        text: the observed text.
        options: see `Options`.

    Raises:
        TypeError: `text` is not a `str`, or an option is unknown.
        ValueError: an option is out of its range.

    >>> fix_text("KÃ¶ln und MalmÃ¶")
    'Köln und Malmö'
    """
    chosen = read_options(**options) if options else DEFAULTS
    _check_is_str(text)
    if _core.find_sign(text) < 0:
        return text
    repaired = undo_lossless(text) if len(text) < BEGINNING else None
    return text_spans(text, None, chosen)[0] if repaired is None else repaired


def _check_is_str(text: object) -> None:
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, not {type(text).__name__}")
