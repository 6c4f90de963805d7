"""The language model, slowly and obviously: from the bytes of its file to the cost of a text."""

from __future__ import annotations

import struct
from collections.abc import Sequence

MASK = 2**64 - 1
LENGTHS, CODES, PAGE, PAGES = 4, 64, 64, 17408
CONTEXT, NGRAM = 0x5, 0xA


class Model:
    """A file's parts."""

    def __init__(self, file: bytes) -> None:
        self.seed, self.ids, pages, self.reach, self.segment, self.unknown, self.ngrams, *sizes = (
            struct.unpack_from("<Q6I8I", file, 56)
        )
        self.sizes = {NGRAM: sizes[:LENGTHS], CONTEXT: sizes[LENGTHS:]}
        numbers = struct.unpack_from(f"<{(len(file) - 120) // 2}H", file, 120)
        parts = iter(numbers)

        def take(count: int) -> Sequence[int]:
            return [next(parts) for _ in range(count)]

        self.costs = {kind: [take(CODES) for _ in range(LENGTHS)] for kind in (NGRAM, CONTEXT)}
        self.page = take(PAGES)
        self.id_of = take(pages * PAGE)
        self.alone = take(self.ids)
        self.leave = take(self.ids)
        self.cells = take(self.reach + 2 * self.segment)
        assert next(parts, None) is None

    def id(self, code_point: int) -> int:
        """Return the id of a code point."""
        return self.id_of[self.page[code_point // PAGE] * PAGE + code_point % PAGE]

    def look_up(self, kind: int, ids: Sequence[int], length: int) -> int | None:
        """Return the cost of a key, ids in the order in which they are hashed, None without."""
        key = self.seed
        for id_ in ids:
            key = (key + id_ + 1) * 0x9E3779B97F4A7C15 & MASK
        key = key + kind & MASK
        key = (key ^ key >> 33) * 0xFF51AFD7ED558CCD & MASK
        key = (key ^ key >> 33) * 0xC4CEB9FE1A85EC53 & MASK
        key ^= key >> 33
        first = (key >> 32) * self.reach >> 32
        low = self.segment - 1
        value = key * 0xD6E8FEB86659FD93 % 2**64 >> 48
        value ^= self.cells[first]
        value ^= self.cells[(first + self.segment) ^ (key >> 18 & low)]
        value ^= self.cells[(first + 2 * self.segment) ^ (key & low)]
        if value >= self.sizes[kind][length - 1]:
            return None
        cost: int = self.costs[kind][length - 1][value]
        return cost

    def leaves(self, before: Sequence[int], most: int) -> list[int]:
        """Return the costs of leaving the known contexts that end a list of ids, by length."""
        if self.leave[before[-1]] == 0xFFFF:
            return []
        found = [self.leave[before[-1]]]
        for length in range(2, min(LENGTHS, most) + 1):
            cost = self.look_up(CONTEXT, before[: -length - 1 : -1], length)
            if cost is None:
                break
            found.append(cost)
        return found

    def cost(self, before: Sequence[int], leaves: Sequence[int], id_: int) -> tuple[int, int]:
        """Return the cost of an id, and how many ids before it the longest n-gram has."""
        cost, matched = self.alone[id_], 0
        for length in range(1, len(leaves) + 1):
            known = self.look_up(NGRAM, [*before[: -length - 1 : -1], id_], length)
            if known is None:
                break
            cost, matched = known, length
        return cost + sum(leaves[matched:]) + (self.unknown if id_ == 0 else 0), matched

    def text_costs(self, text: str, last: int | None = None) -> list[int]:
        """Return the cost of each character of a text, at its end that of the id `last`."""
        before = [1]
        leaves = self.leaves(before, 1)
        costs = []
        for id_ in [*(self.id(ord(character)) for character in text), last]:
            if id_ is None:
                break
            cost, matched = self.cost(before, leaves, id_)
            costs.append(cost)
            before.append(id_)
            # The beginning of an n-gram is an n-gram, so no longer context is known.
            leaves = self.leaves(before, matched + 1)
        return costs
