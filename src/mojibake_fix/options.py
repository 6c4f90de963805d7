"""Every option of the library, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict, Unpack, get_args

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
        TypeError: `min_confidence` is not a number.
        ValueError: a value out of its range.
    """

    uncertain: Uncertain = "guess"
    min_confidence: float = 0.9
    encoding: str | None = None

    def __post_init__(self) -> None:
        if self.uncertain not in get_args(Uncertain):
            raise ValueError(f"uncertain must be guess, mark or keep, not {self.uncertain!r}")
        if not isinstance(self.min_confidence, (int, float)):
            kind = type(self.min_confidence).__name__
            raise TypeError(f"min_confidence must be a number, not {kind}")
        if not 0 <= self.min_confidence <= 1:
            raise ValueError(f"min_confidence must be from 0 to 1, not {self.min_confidence!r}")


DEFAULTS = Options()


class GivenOptions(TypedDict, total=False):
    """The fields of `Options`, for those who check types: any of them may be given."""

    uncertain: Uncertain
    min_confidence: float
    encoding: str | None


def read_options(**options: Unpack[GivenOptions]) -> Options:
    """Return options that were given by their names.

    Raises:
        TypeError: one is unknown, or is of the wrong type.
        ValueError: one is out of its range.
    """
    known = Options.__match_args__
    for name in options:
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, known, n=1)
            advice = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise TypeError(f"unknown option {name}; {advice}")
    return Options(**options)
