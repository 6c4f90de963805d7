"""What may stand at the places of a document that are not sure, weighed by the rest of it."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from . import model as language_model

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

    from ._signs import Odds

# Posterior from which a restored code point counts as known to the rest of the document.
SURE = 0.9


class Unsure(NamedTuple):
    """What may stand at the places of a text that are not sure.

    Attributes:
        at: offset of each place, in order.
        ends: where the candidates of each place end.
        characters: the candidates: of each place first the one that the text has.
        posteriors: of each candidate.
    """

    at: array[int]
    ends: array[int]
    characters: str
    posteriors: array[float]

    @classmethod
    def read(cls, packed: tuple[bytes, bytes, str, bytes]) -> Unsure:
        """Return what the core gives in bytes."""
        at, ends, characters, posteriors = packed
        return cls(array("I", at), array("I", ends), characters, array("d", posteriors))

    @classmethod
    def of(cls, text: str, odds: Mapping[int, Odds]) -> Unsure:
        """Return what may stand at some places of a text, in order."""
        unsure = cls(array("I", odds), array("I"), "", array("d"))
        characters = ""
        for at, here in odds.items():
            first = sorted(here, key=lambda one: one != text[at])
            characters += "".join(first)
            unsure.posteriors.extend(map(here.__getitem__, first))
            unsure.ends.append(len(characters))
        return unsure._replace(characters=characters)

    def places(self) -> Iterator[tuple[int, int, int]]:
        """Yield the offset of each place, and where its candidates begin and end."""
        return zip(self.at, [0, *self.ends], self.ends, strict=False)

    def candidates(self, at: int) -> slice:
        """Return where the candidates of a place are."""
        i = bisect_left(self.at, at)
        return slice(self.ends[i - 1] if i else 0, self.ends[i])

    def odds(self, characters: re.Pattern[str]) -> dict[int, Odds]:
        """Return what may stand at the places where some characters may."""
        found = {}
        end = 0  # of the candidates of the last place
        for each in characters.finditer(self.characters):
            if each.start() < end:
                continue
            i = bisect_right(self.ends, each.start())
            end = self.ends[i]
            here = slice(self.ends[i - 1] if i else 0, end)
            found[self.at[i]] = dict(zip(self.characters[here], self.posteriors[here], strict=True))
        return found

    def with_odds(self, changed: Mapping[int, Odds]) -> Unsure:
        """Return the same with other odds at some places, with the best candidate first."""
        characters, posteriors = list(self.characters), self.posteriors[:]
        for at, odds in changed.items():
            best = sorted(odds.items(), key=itemgetter(1), reverse=True)
            for j, (one, posterior) in enumerate(best, self.candidates(at).start):
                characters[j], posteriors[j] = one, posterior
        return self._replace(characters="".join(characters), posteriors=posteriors)


def weighed(text: str, unsure: Unsure, looks: int = 2) -> Unsure:
    """Return what may stand at places, with posteriors that heed both sides and other places.

    What a first look makes sure counts in a second one, which leaves at least half the doubt that
    the first one had.

    Args:
        text: a document, the most probable character in each place.
        unsure: what may stand at the places that are not sure.
        looks: 1 or 2.
    """
    if not unsure.at:
        return unsure
    characters, posteriors = language_model.load_rescorer().weighed(text, unsure, SURE, looks)
    return unsure._replace(characters=characters, posteriors=array("d", posteriors))
