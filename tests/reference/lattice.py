"""The restoration, slowly and obviously: all originals of a short text, none left out.

An original is cut into characters, each of which is one of:

* restored: its UTF-8 bytes, each in its form under the layer, stand in the text; a form may be
  empty, and some losses take forms away that have something beside them that looks the same;
* unknown: one of those that lost something and are outside the model's vocabulary, which share
  U+FFFD for each stretch that they may come from;
* literal: as observed, at a price, unless it is ASCII or given.

Costs are the model's, in units of 1/64 nat. A capital may also be read as its small letter, at a
price where that begins and where it is left off within a word.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from .model import Model

UNITS_PER_NAT = 64
TRIMMED, SQUEEZED, JOINED = 1, 2, 4
UNKNOWN = "\ufffd"
KEPT = 12  # histories at one place that the core goes on with
NEAR = math.exp(-11)  # ... and how probable each is at least by the best one
NBSP = 0xA0
CAPITALS = 4 * UNITS_PER_NAT
TWO_CASES = 0x2000  # no script in use that has two cases is beyond


class Observed(NamedTuple):
    """A text, a byte for each of its code points that says whether it is given, and the layer."""

    text: str
    given: bytes
    forms: Sequence[str]  # of each byte of 80 to FF
    flags: int


class Reading(NamedTuple):
    """A stretch of the text, from `start` to `end`, and what it may have been."""

    start: int
    end: int
    original: str
    literal: bool


class History(NamedTuple):
    """What the model remembers of the originals before a place."""

    ids: tuple[int, ...]
    leaves: tuple[int, ...]
    in_capitals: bool


@dataclass
class Restoration:
    """All originals together.

    Attributes:
        cost: -log of the sum of their probabilities, in nats.
        posteriors: the share of those that have a reading.
        left_out: the share, at most, of those that do not only go by histories that are among
            the likeliest ones of their place: what a search that keeps few may leave out.
    """

    cost: float
    posteriors: dict[Reading, float]
    left_out: float


class Reader:
    """The model, which looks up everything once."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.cost = cache(model.cost)
        self.leaves = cache(model.leaves)
        self.small: dict[int, int] = {}
        for code_point in range(TWO_CASES):
            id_, small = model.id(code_point), model.id(ord(chr(code_point).lower()[0]))
            if id_ and small and id_ != small:
                self.small[id_] = self.small[small] = small

    def start(self) -> History:
        """Return the history at the beginning of a text."""
        return History((1,), tuple(self.leaves((1,), 1)), False)

    def steps(self, history: History, original: str) -> Iterator[tuple[int, int, History]]:
        """Yield the model's cost of an original, the price of its case, the history behind it."""
        id_ = self.model.id(ord(original))
        small = self.small.get(id_, 0)
        yield self._step(history, id_, small if history.in_capitals else 0)
        if small not in (0, id_):
            yield self._step(history, small, small, read_as_small=True)

    def _step(
        self, history: History, id_: int, small: int, read_as_small: bool = False
    ) -> tuple[int, int, History]:
        cost, matched = self.cost(history.ids, history.leaves, id_)
        price = 0
        if history.in_capitals != read_as_small and small:
            # Behind a small letter that the model still remembers, capitals cost twice as much.
            last = history.ids[-1] if history.leaves else 0
            price = CAPITALS * (2 if read_as_small and last and self.small.get(last) == last else 1)
        ids = (*history.ids, id_)[-4:]
        leaves = tuple(self.leaves(ids, matched + 1))
        return cost, price, History(ids, leaves, read_as_small)


def _length(lead: int) -> int:
    if 0xC2 <= lead <= 0xDF:
        return 2
    return 3 if 0xE0 <= lead <= 0xEF else 4 if 0xF0 <= lead <= 0xF4 else 0


def _ends(observed: Observed, byte: int, start: int, at: int) -> Iterator[tuple[int, bool]]:
    """Yield where a byte's form at a place may end, and whether the byte is lost there.

    `start` is where the forms of the character begin that it belongs to.
    """
    text, given, forms, flags = observed
    form = forms[byte - 0x80]
    if not form:
        yield at, True
        return
    end = at + len(form)
    if text[at:end] == form and not any(given[at:end]):
        yield end, form[0] < "\x80" or form[0] == "\ufffd"
    if byte >= 0xC0 or len(form) > 1:
        return
    if byte == NBSP:
        at_line_end = text[at : at + 1] in ("", "\n")
        beside_space = form == text[at : at + 1] == " "
        if (flags & TRIMMED and at_line_end) or (flags & SQUEEZED and beside_space):
            yield at, True
    if flags & JOINED and at > start and form == text[at - 1] and form in "?\ufffd":
        yield at, True


def _restored(observed: Observed, start: int) -> Iterator[tuple[int, str, bool]]:
    """Yield where an original from a place may end, the original, and whether it lost anything."""
    open_: list[tuple[bytes, int, bool]] = [(b"", start, False)]
    while open_:
        begun, at, lost = open_.pop()
        if begun and len(begun) == _length(begun[0]):
            try:
                original = begun.decode("utf-8")
            except UnicodeDecodeError:
                continue
            if at > start and original != "\ufffd":
                yield at, original, lost
            continue
        for byte in range(0x80, 0xC0) if begun else range(0xC2, 0xF5):
            for end, lost_here in _ends(observed, byte, start, at):
                open_.append((begun + bytes([byte]), end, lost or lost_here))


def readings(model: Model, observed: Observed, start: int) -> dict[Reading, int]:
    """Return what may begin at a place, and of how many originals each reading is one."""
    found: Counter[Reading] = Counter()
    for end, original, lost in set(_restored(observed, start)):
        if lost and not model.id(ord(original)):
            found[Reading(start, end, UNKNOWN, False)] += 1
        else:
            found[Reading(start, end, original, False)] = 1
    found[Reading(start, start + 1, observed.text[start], True)] = 1
    return dict(found)


def _together(cost: int, count: int) -> int:
    """Return what `count` originals cost together of which each costs so much."""
    return max(cost - int(math.log(count) * UNITS_PER_NAT), 0)


def restore(reader: Reader, observed: Observed, literal: int) -> Restoration:
    """Return the cost of a text over all originals, and the posterior of every reading."""
    text = observed.text
    forward: list[dict[History, float]] = [defaultdict(float) for _ in range(len(text) + 1)]
    forward[0][reader.start()] = 1.0
    steps: list[tuple[Reading, History, float, History]] = []
    for at in range(len(text)):
        here = readings(reader.model, observed, at)
        for history, before in forward[at].items():
            for reading, count in here.items():
                as_written = reading.literal and not observed.given[at] and text[at] >= "\x80"
                for alone, price, behind in reader.steps(history, reading.original):
                    cost = _together(alone, count) + price
                    share = math.exp(-(cost + literal * as_written) / UNITS_PER_NAT)
                    forward[reading.end][behind] += before * share
                    steps.append((reading, history, share, behind))
    total = sum(forward[len(text)].values())
    backward: list[dict[History, float]] = [defaultdict(float) for _ in range(len(text) + 1)]
    for history in forward[len(text)]:
        backward[len(text)][history] = 1.0
    posteriors: dict[Reading, float] = defaultdict(float)
    for reading, history, share, behind in reversed(steps):
        after = share * backward[reading.end][behind]
        backward[reading.start][history] += after
        posteriors[reading] += forward[reading.start][history] * after / total
    left_out = 0.0
    for here_forward, here_backward in zip(forward, backward, strict=True):
        likeliest = sorted(here_forward, key=here_forward.__getitem__, reverse=True)
        for i, history in enumerate(likeliest):
            if i >= KEPT or here_forward[history] < NEAR * here_forward[likeliest[0]]:
                left_out += here_forward[history] * here_backward[history] / total
    return Restoration(-math.log(total), dict(posteriors), left_out)
