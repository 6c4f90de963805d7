"""Every option of the library, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Uncertain = Literal["guess", "mark", "keep"]


@dataclass(frozen=True, slots=True)
class Options:
    """How to repair.

    Attributes:
        uncertain: what to do where bytes were lost and the original can only be guessed: `"guess"`
            takes the best guess, `"mark"` puts U+FFFD in place of each such character, `"keep"`
            leaves the span as observed. Where so much was lost that most words would hold a wrong
            guess, as in Chinese without its C1 controls, all but sure single characters are kept.
        min_confidence: the posterior probability, 0 to 1, below which a character is uncertain; 0
            takes every guess.
        encoding: the encoding of bytes that are not UTF-8; found out if None.

    Raises:
        ValueError: a value out of its range.
    """

    uncertain: Uncertain = "guess"
    min_confidence: float = 0.9
    encoding: str | None = None

    def __post_init__(self) -> None:
        if self.uncertain not in get_args(Uncertain):
            raise ValueError(f"uncertain must be guess, mark or keep, not {self.uncertain!r}")
        if not 0 <= self.min_confidence <= 1:
            raise ValueError(f"min_confidence must be from 0 to 1, not {self.min_confidence!r}")
