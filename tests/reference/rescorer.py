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


# Letters of a word, characters of Han beside a place; least by which a variant must be clear.
LONGEST_WORD, BESIDE, CLEAR = 24, 6, 5 * form.VARIANT_UNIT
WORDS = 3  # kind of the keys of the lexicon

Doubts = Mapping[int, Sequence[int]]  # ids that may stand at places


def _mixed(hashed: int) -> int:
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        hashed = (hashed ^ hashed >> 33) * factor % 2**64
    return hashed ^ hashed >> 33


def _row(word: Sequence[int], length: int) -> int:
    """Return the row of an ending: the last ids of a word, 0 before it where it is shorter."""
    last = [0] * length + list(word)
    hashed = 0
    for id_ in reversed(last[-length:]):
        hashed = (hashed + id_ + 1) * 0x9E3779B97F4A7C15 % 2**64
    return _mixed(hashed) >> 32 & form.ENDING_ROWS - 1


def _cut(number: int) -> int:
    return max(min(number, 0x7FFF), -0x8000)


class Rescorer:
    """A rescorer and the model whose ids it speaks of."""

    def __init__(self, file: bytes, model: Model) -> None:
        self.model = model
        at = form.HEAD.size
        _, self.ids, rows, *rest = form.PARAMETERS.unpack_from(file, at)
        self.shifts, (self.seed, self.reach, self.segment) = rest[:4], rest[4:]
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
        self.spelt = [take("h", form.SPELLINGS) for _ in range(form.KINDS)]
        self.covered = take("h", form.VARIANTS + 1)
        self.written = take("h", form.KINDS)
        self.endings = [take("b", form.ENDING) for _ in range(form.ENDING_ROWS)]
        self.biases = take("h", self.ids)
        self.kinds = take("B", self.ids)
        self.flags = take("B", self.ids)
        self.folds = take("H", self.ids)
        self.variants = [take("b", form.VARIANTS) for _ in range(self.ids)]
        self.embeddings = self._of_ids([take("b", form.EMBEDDING) for _ in range(rows)])
        self.outputs = self._of_ids([take("b", form.OUTPUTS) for _ in range(rows)])
        self.cells = take("H", self.reach + 2 * self.segment)
        assert at == len(file)

    def _of_ids(self, rows: list[Sequence[int]]) -> list[Sequence[int]]:
        """Return the row of each id: the first where it has none of its own."""
        return rows + rows[:1] * (self.ids - len(rows))

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
        return self.flags[id_] & form.LETTER > 0

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

    def _code(self, word: Sequence[int]) -> int:
        """Return how usual a word is, 0 if it is none that is known."""
        hashed = self.seed
        for id_ in word:
            hashed = (hashed + self.folds[id_] + 1) * 0x9E3779B97F4A7C15 % 2**64
        key = _mixed((hashed + WORDS) % 2**64)
        first = (key >> 32) * self.reach >> 32
        value = key * 0xD6E8FEB86659FD93 % 2**64 >> 48
        value ^= self.cells[first]
        value ^= self.cells[(first + self.segment) ^ (key >> 18 & self.segment - 1)]
        value ^= self.cells[(first + 2 * self.segment) ^ (key & self.segment - 1)]
        return value if value < form.CODES else 0

    def _beside(self, ids: Sequence[int], flag: int, most: int) -> list[int]:
        return list(takewhile(lambda id_: self.flags[id_] & flag, ids[:most]))

    def _other(self, ids: Sequence[int], known: bytes, places: Sequence[int], at: int) -> int:
        """Return how far the nearest other place in doubt is that is in the word and not known."""
        found = []
        for side in (-1, 1):
            place = at + side
            while 0 <= place < len(ids) and self._is_letter(ids[place]):
                if place in places and not known[place]:
                    found.append(place - at)
                    break
                place += side
        return min(found, key=abs, default=0)

    def _spelling(
        self, ids: Sequence[int], at: int, candidate: int, other: int, others: Sequence[int]
    ) -> int | None:
        """Return the row of the most usual word that a candidate makes."""
        before = self._beside(ids[:at][::-1], form.LETTER, LONGEST_WORD)[::-1]
        behind = self._beside(ids[at + 1 :], form.LETTER, LONGEST_WORD)
        word = [*before, candidate, *behind]
        if not self._is_letter(candidate) or not 1 < len(word) <= LONGEST_WORD:
            return None
        codes = [self._code(word)]
        for letter in filter(self._is_letter, others):
            codes.append(
                self._code([*word[: len(before) + other], letter, *word[len(before) + other + 1 :]])
            )
        return min((len(word) - 1) // 2, form.LENGTHS - 1) * form.CODES + max(codes)

    def _is_associated(self, ids: Sequence[int], at: int, candidate: int) -> bool:
        """Return whether an emoji goes along with a word of the line."""
        if not self.flags[candidate] & form.EMOJI:
            return False
        before = takewhile(lambda id_: id_ != LINE, ids[max(at - form.FAR, 0) : at][::-1])
        behind = takewhile(lambda id_: id_ != LINE, ids[at + 1 : at + 1 + form.FAR])
        line = [*list(before)[::-1], LINE, *behind]
        words = [list(group) for is_word, group in groupby(line, self._is_letter) if is_word]
        stems = [
            word[:length]
            for word in words
            for length in range(1, form.STEM + 1)
            if length == len(word) or form.SHORT_STEM <= length <= len(word)
        ]
        return any(self._code([candidate, *stem]) == form.ASSOCIATED for stem in stems)

    def _is_told(self, ids: Sequence[int], at: int, candidate: int) -> bool:
        """Return whether the words with a candidate are in the lexicon, if it is a letter."""
        flags = self.flags[candidate]
        is_inside = at > 0 and self._is_letter(ids[at - 1])
        if is_inside:
            flags &= self.flags[self.folds[candidate]]
        return not flags & form.LETTER or flags & form.LISTED > 0

    def _cover(self, ids: Sequence[int], at: int, candidate: int) -> int:
        """Return what the best words are worth that cover the Han around a place."""
        before = self._beside(ids[:at][::-1], form.HAN, BESIDE)[::-1]
        behind = self._beside(ids[at + 1 :], form.HAN, BESIDE)
        is_han = self.flags[candidate] & form.HAN > 0
        return sum(map(self._best, [[*before, candidate, *behind]] if is_han else [before, behind]))

    def _best(self, text: list[int]) -> int:
        best = [0]
        for end in range(1, len(text) + 1):
            choices = [best[end - 1]]
            for start in range(max(end - form.COMPOUND, 0), end - 1):
                if code := self._code(text[start:end]):
                    worth = code + (end - start - 1) * form.LETTER_WORTH
                    choices.append(best[start] + worth)
            best.append(max(choices))
        return best[-1]

    def _variant(self, ids: Sequence[int], at: int) -> int:
        section = ids[at - at % SECTION : at - at % SECTION + SECTION]
        sums = [sum(column) for column in zip(*(self.variants[i] for i in section), strict=True)]
        best, second, *_ = sorted(sums, reverse=True)
        return sums.index(best) if best - second >= CLEAR else form.VARIANTS

    def _words_gain(
        self, ids: Sequence[int], known: bytes, at: int, candidate: int, doubts: Doubts
    ) -> int:
        kind, gain = self.kinds[candidate], 0
        other = self._other(ids, known, list(doubts), at)
        row = self._spelling(ids, at, candidate, other, doubts[at + other] if other else [])
        if row is not None and all(self._is_told(ids, at, one) for one in doubts[at]):
            gain += self.spelt[kind][row]
        if self._is_associated(ids, at, candidate):
            gain += self.spelt[kind][form.ASSOCIATED]
        variant, parts = self._variant(ids, at), 0
        if any(self.flags[one] & form.HAN for one in doubts[at]):
            parts = self._cover(ids, at, candidate) * self.covered[variant]
        if variant < form.VARIANTS:
            parts += self.variants[candidate][variant] * self.written[kind]
        # As C divides, towards 0.
        return gain + int(parts / form.SMALL)

    def gain(
        self,
        ids: Sequence[int],
        known: bytes,
        at: int,
        candidate: str,
        *,
        doubts: Doubts,
        outputs: Sequence[int],
    ) -> int | None:
        """Return what a candidate gains at a place, in units; None if nothing was learnt of it."""
        id_ = self.model.id(ord(candidate))
        kind = self.kinds[id_]
        if kind >= form.KINDS:
            return None
        total = sum(map(int.__mul__, outputs, self.outputs[id_])) >> self.shifts[3]
        total += self.biases[id_]
        for i, sight in enumerate(SIGHTS):
            times = self._times(ids, known, at, id_, sight)
            total += self.seen[(kind * form.SIGHTS + i) * (form.MOST_SEEN + 1) + times]
        return total + self._words_gain(ids, known, at, id_, doubts)

    def weighed(
        self, text: str, known: bytes, unsure: Mapping[int, Mapping[str, float]]
    ) -> dict[int, dict[str, float]]:
        """Return what may stand at places that are not sure."""
        found = {}
        ids = [self.model.id(ord(character)) for character in text]
        doubts = {
            at: [id_ for id_ in (self.model.id(ord(one)) for one in odds) if id_]
            for at, odds in unsure.items()
        }
        for at, odds in unsure.items():
            outputs = self._outputs(self._inputs(ids, at))
            gains = {
                one: self.gain(ids, known, at, one, doubts=doubts, outputs=outputs) for one in odds
            }
            learnt = [gain for gain in gains.values() if gain is not None]
            least = min(learnt, default=0)
            weights = {
                one: share * math.exp((least if gains[one] is None else gains[one]) / UNITS_PER_NAT)
                for one, share in odds.items()
            }
            scale = sum(odds.values()) / sum(weights.values())
            found[at] = {one: weight * scale for one, weight in weights.items()}
        return found
