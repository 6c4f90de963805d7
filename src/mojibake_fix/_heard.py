"""What a document has told of one layer of damage so far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from operator import add
from typing import TYPE_CHECKING

from . import _core

if TYPE_CHECKING:
    from ._foreign import Foreign
    from .channels import Channel

# Code points of weak pieces, none of which is restored, after which none is tried any more: what
# breaks off is clean text then, as in some 400 words of German with umlauts.
MOST_MISSED = 500

# How often a strange pair is looked at in vain before it is taken for usual in its document, and
# how many pairs are kept.
MOST_VAIN, MOST_PAIRS = 20, 1000

# A text of two characters that could be a letter of Latin-1 in UTF-8, and what that tells of
# cp1252, or of Latin-1 if one is a control, in nats: of 133 million code points of clean text none
# is such a word.
ALONE = re.compile(r"\s*[ÂÃ](?:(?P<control>[\x80-\x9f])|[^\s\x00-\x9f]|\xa0)\s*")
BESIDE_NOTHING = 10.0


@dataclass(slots=True)
class Heard:
    """What a document has told of one layer so far.

    Attributes:
        weights: what its runs tell of each decoder, in units of the core.
        losses: log-likelihood of each channel that was tried on its lossy runs, in nats.
        tried: code points of lossy runs that were tried.
        missed: code points of weak pieces that were tried since the last one was restored.
        is_hopeless: whether so much was lost that what is left can be read as anything.
        foreign: evidence of each way in which its text became foreign, in nats.
        vain: pairs that look foreign, and how often nothing came of it.
        knows_all: whether `weights` are of the whole document already.
    """

    weights: list[int] = field(default_factory=lambda: [0] * len(_core.DECODERS))
    losses: dict[Channel, float] = field(default_factory=dict)
    tried: int = 0
    missed: int = 0
    is_hopeless: bool = False
    foreign: dict[Foreign, float] = field(default_factory=dict)
    vain: dict[str, int] = field(default_factory=dict)
    knows_all: bool = False

    def weights_with(self, weights: list[int]) -> list[int]:
        """Return the weights, those of a text that is being looked at included."""
        return self.weights if self.knows_all else list(map(add, self.weights, weights))

    def decoder(self) -> int | None:
        """Return the wrong decoder that the document most probably has, if any."""
        best = max(range(len(self.weights)), key=self.weights.__getitem__)
        return best if self.weights[best] > 0 else None

    @property
    def is_whole(self) -> bool:
        """Whether so much breaks off in vain that what does is taken for text, not for damage."""
        return self.missed >= MOST_MISSED

    def decoders(self) -> int:
        """Return the decoders that may have damaged what has no suspects, a bit for each.

        Text without suspects stays as it is where it has no images of their lead bytes; if it is
        whole, where it has none with a continuation behind.
        """
        if max(self.weights) <= 0:
            return 0
        return sum(1 << decoder for decoder, weight in enumerate(self.weights) if weight > 0)

    def copy(self) -> Heard:
        """Return what was heard so far, which another text may add to."""
        return replace(
            self,
            weights=[*self.weights],
            losses=dict(self.losses),
            foreign=dict(self.foreign),
            vain=dict(self.vain),
        )

    def told(self) -> tuple[object, ...]:
        """Return all of it, to be compared and hashed."""
        sums = (self.losses, self.foreign, self.vain)
        told = tuple(tuple(each.items()) for each in sums)
        return (tuple(self.weights), self.tried, self.missed, self.is_hopeless, *told)

    def foreign_pair(self, text: str) -> str:
        """Return the first pair of a text that looks foreign, unless it is usual here, or ""."""
        at = _core.find_foreign(text)
        while at >= 0:
            pair = text[max(at - 1, 0) : at + 1]
            if self.vain.get(pair, 0) < MOST_VAIN:
                return pair
            at = _core.find_foreign(text, at + 1)
        return ""

    def note_vain(self, pair: str) -> None:
        """Take note of a pair that looked foreign, and was not."""
        if pair in self.vain or len(self.vain) < MOST_PAIRS:
            self.vain[pair] = self.vain.get(pair, 0) + 1


def heard_of_whole(text: str) -> Heard:
    """Return what is known of a whole text, as it is spelt, before it is looked at."""
    heard = Heard()
    alone = ALONE.fullmatch(text)
    if alone:
        decoder = _core.DECODERS.index("latin-1" if alone["control"] else "cp1252")
        heard.weights[decoder] = round(BESIDE_NOTHING * _core.UNITS_PER_NAT)
    return heard
