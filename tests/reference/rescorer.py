"""The rescorer, slowly and obviously: its file as `model/rescorer_format.py` describes it."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from itertools import groupby, takewhile

from mojibake_fix.model import rescorer_format as form

from .model import Model

UNITS_PER_NAT = 64
LINE = 1
SECTION = 1 << 16
# What is counted beside a candidate: from, and up to, so many characters behind it.
SIGHTS = ((0, 1), (-1, 1), (0, 2), (-1, 2), (-3, 1), (0, 4), (-2, 3))


def _row(word: Sequence[int], length: int) -> int:
    """Return the row of an ending: the last ids of a word, 0 before it where it is shorter."""
    last = [0] * length + list(word)
    hashed = 0
    for id_ in reversed(last[-length:]):
        hashed = (hashed + id_ + 1) * 0x9E3779B97F4A7C15 % 2**64
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        hashed = (hashed ^ hashed >> 33) * factor % 2**64
    return (hashed ^ hashed >> 33) >> 32 & form.ENDING_ROWS - 1


def _cut(number: int) -> int:
    return max(min(number, 0x7FFF), -0x8000)


class Rescorer:
    """A rescorer and the model whose ids it speaks of."""

    def __init__(self, file: bytes, model: Model) -> None:
        self.model = model
        at = form.HEAD.size
        _, self.ids, *self.shifts = form.PARAMETERS.unpack_from(file, at)
        at += form.PARAMETERS.size

        def take(kind: str, count: int) -> Sequence[int]:
            nonlocal at
            found = struct.unpack_from(f"<{count}{kind}", file, at)
            at += struct.calcsize(f"<{count}{kind}")
            return found

        self.hidden_biases = take("i", form.HIDDEN)
        self.output_biases = take("i", form.OUTPUTS)
        self.hidden = [take("b", form.INPUTS) for _ in range(form.HIDDEN)]
        self.output = [take("b", form.HIDDEN) for _ in range(form.OUTPUTS)]
        self.seen = take("h", form.KINDS * form.SIGHTS * (form.MOST_SEEN + 1))
        self.endings = [take("b", form.ENDING) for _ in range(form.ENDING_ROWS)]
        self.biases = take("h", self.ids)
        self.kinds = take("B", self.ids)
        self.letters = take("B", self.ids)
        self.embeddings = [take("b", form.EMBEDDING) for _ in range(self.ids)]
        self.outputs = [take("b", form.OUTPUTS) for _ in range(self.ids)]
        assert at == len(file)

    def _inputs(self, ids: Sequence[int], at: int) -> list[int]:
        def row(beside: int) -> Sequence[int]:
            where = at + beside
            return self.embeddings[ids[where] if 0 <= where < len(ids) else LINE]

        near = [*range(-form.NEAR, 0), *range(1, form.NEAR + 1)]
        inputs = [number for beside in near for number in row(beside)]
        for word in self._words(ids, at):
            for length in (form.LONG_ENDING, form.SHORT_ENDING):
                inputs += self.endings[_row(word, length)] if word else [0] * form.ENDING
        for side in (range(-form.FAR, -form.NEAR), range(form.NEAR + 1, form.FAR + 1)):
            inputs += map(sum, zip(*map(row, side), strict=True))
        return inputs

    def _words(self, ids: Sequence[int], at: int) -> list[list[int]]:
        """Return the words near a place, but for its own: empty where there is none."""
        before = list(reversed(ids[max(at - form.FAR, 0) : at]))
        behind = list(ids[at + 1 : at + 1 + form.FAR])
        found = []
        for side, count in ((before, form.WORDS_BEFORE), (behind, form.WORDS_BEHIND)):
            line = list(takewhile(lambda id_: id_ != LINE, side))
            groups = [list(group) for is_word, group in groupby(line, self._is_letter) if is_word]
            is_inside = bool(line) and self._is_letter(line[0])
            words = groups[is_inside:][:count]
            found += words + [[]] * (count - len(words))
        # Those before were read backwards.
        return [word[::-1] for word in found[: form.WORDS_BEFORE]] + found[form.WORDS_BEFORE :]

    def _is_letter(self, id_: int) -> bool:
        return self.letters[id_] > 0

    def _outputs(self, inputs: Sequence[int]) -> list[int]:
        far_shift, hidden_shift, output_shift, _ = self.shifts
        hidden = []
        for bias, weights in zip(self.hidden_biases, self.hidden, strict=True):
            parts = [number * weight for number, weight in zip(inputs, weights, strict=True)]
            near, far = parts[: form.NEAR_INPUTS], parts[form.NEAR_INPUTS :]
            total = bias + sum(near) + (sum(far) >> far_shift)
            hidden.append(_cut(max(total, 0) >> hidden_shift))
        return [
            _cut((bias + sum(map(int.__mul__, hidden, weights))) >> output_shift)
            for bias, weights in zip(self.output_biases, self.output, strict=True)
        ]

    def _times(
        self, ids: Sequence[int], known: bytes, at: int, candidate: int, sight: tuple[int, int]
    ) -> int:
        first, behind = sight
        around = range(at + first, at + behind)
        if not all(0 <= i < len(ids) for i in around):
            inside = [ids[i] if 0 <= i < len(ids) else LINE for i in around]
        else:
            inside = [ids[i] for i in around]
        inside[-first] = candidate
        start = at - at % SECTION
        end = min(start + SECTION, len(ids))
        count = sum(
            list(ids[i : i + len(inside)]) == inside
            and all(known[i : i + len(inside)])
            and i != at + first
            for i in range(start, end - len(inside) + 1)
        )
        return min(count, form.MOST_SEEN)

    def gain(
        self, text: str, known: bytes, at: int, candidate: str, outputs: Sequence[int] | None = None
    ) -> int | None:
        """Return what a candidate gains at a place, in units; None if nothing was learnt of it."""
        ids = [self.model.id(ord(character)) for character in text]
        id_ = self.model.id(ord(candidate))
        kind = self.kinds[id_]
        if kind >= form.KINDS:
            return None
        if outputs is None:
            outputs = self._outputs(self._inputs(ids, at))
        total = sum(map(int.__mul__, outputs, self.outputs[id_])) >> self.shifts[3]
        total += self.biases[id_]
        for i, sight in enumerate(SIGHTS):
            times = self._times(ids, known, at, id_, sight)
            total += self.seen[(kind * form.SIGHTS + i) * (form.MOST_SEEN + 1) + times]
        return total

    def weighed(
        self, text: str, known: bytes, unsure: Mapping[int, Mapping[str, float]]
    ) -> dict[int, dict[str, float]]:
        """Return what may stand at places that are not sure."""
        found = {}
        ids = [self.model.id(ord(character)) for character in text]
        for at, odds in unsure.items():
            outputs = self._outputs(self._inputs(ids, at))
            gains = {one: self.gain(text, known, at, one, outputs) for one in odds}
            learnt = [gain for gain in gains.values() if gain is not None]
            least = min(learnt, default=0)
            weights = {
                one: share * math.exp((least if gains[one] is None else gains[one]) / UNITS_PER_NAT)
                for one, share in odds.items()
            }
            scale = sum(odds.values()) / sum(weights.values())
            found[at] = {one: weight * scale for one, weight in weights.items()}
        return found
