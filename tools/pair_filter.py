"""The filter that lets the vector scan pass over usual pairs without looking each one up.

A page is the 256 code points that share a high byte. Within a page, odd pairs are put into a few
buckets. A bucket is four sets of nibbles: of the left code point's low byte, of the right one's.
The filter of a page is, for every group of eight buckets, four tables from a nibble to the buckets
whose set holds it, a bit each; a pair whose entries have no bit in common is in no bucket, and not
odd. Usual pairs may fall into a bucket too: they only cost time. This is the Teddy algorithm of
Hyperscan (Wang et al., NSDI 2019) on characters instead of bytes.
"""

from __future__ import annotations

import heapq
import itertools
import math
from typing import TypeAlias

import numpy as np

PAGES = 16
BUCKETS = 8  # of a group

# The sets of nibbles of one bucket, one bit per nibble.
Bucket: TypeAlias = tuple[int, int, int, int]


def union(one: Bucket, other: Bucket) -> Bucket:
    """Return the smallest bucket that holds both."""
    return one[0] | other[0], one[1] | other[1], one[2] | other[2], one[3] | other[3]


def members(bucket: Bucket) -> tuple[np.ndarray, ...]:
    """Return the index of a bucket into an array over four nibbles."""
    return np.ix_(*([n for n in range(16) if nibbles >> n & 1] for nibbles in bucket))


def buckets(odd: np.ndarray, rate: np.ndarray, most: int) -> list[Bucket]:
    """Return so many buckets at most that hold all odd pairs of a page and few usual ones.

    Both arrays are over the four nibbles of a pair: is it odd, and how often does clean text show
    it? Rows of odd pairs are merged, those first that take the fewest usual pairs along.
    """
    rows: dict[tuple[int, int, int], int] = {}
    for a, b, c in itertools.product(range(16), repeat=3):
        row = sum(1 << int(d) for d in np.flatnonzero(odd[a, b, c]))
        if row:
            rows[a, c, row] = rows.get((a, c, row), 0) | 1 << b
    alive = {i: (1 << a, b, 1 << c, row) for i, ((a, c, row), b) in enumerate(rows.items())}
    cost = {i: rate[members(bucket)].sum() for i, bucket in alive.items()}
    merges: list[tuple[float, int, int, int]] = []

    def propose(one: int, other: int) -> None:
        both = union(alive[one], alive[other])
        extra = rate[members(both)].sum() - cost[one] - cost[other]
        heapq.heappush(merges, (extra, math.prod(map(int.bit_count, both)), one, other))

    for one, other in itertools.combinations(alive, 2):
        propose(one, other)
    for new in itertools.count(len(alive)):
        if len(alive) <= most:
            return list(alive.values())
        one, other = -1, -1
        while one not in alive or other not in alive:
            *_, one, other = heapq.heappop(merges)
        both = union(alive[one], alive[other])
        for i in [i for i, bucket in alive.items() if union(bucket, both) == both]:
            del alive[i]
        alive[new], cost[new] = both, rate[members(both)].sum()
        for i in alive.keys() - {new}:
            propose(i, new)
    raise AssertionError


def page_filter(odd: np.ndarray, rate: np.ndarray, groups: int) -> np.ndarray:
    """Return the tables of a page, having made sure that they pass every odd pair."""
    tables = np.zeros((groups, 4, 16), dtype=np.uint8)
    for number, bucket in enumerate(buckets(odd, rate, groups * BUCKETS)):
        group, bit = divmod(number, BUCKETS)
        for table, nibbles in zip(tables[group], bucket, strict=True):
            table[[n for n in range(16) if nibbles >> n & 1]] |= 1 << bit
    passed = np.zeros_like(odd)
    for a, b, c, d in (np.ix_(*group) for group in tables):
        passed |= (a & b & c & d) != 0
    if np.any(odd & ~passed):
        raise AssertionError("the filter loses an odd pair")
    return tables


def pair_filter(images: list[int], odd: np.ndarray, rate: np.ndarray, groups: int) -> np.ndarray:
    """Return the filters of all pages, from matrices over the ids of images (0 is none).

    More groups of buckets take fewer usual pairs along, and take longer to look up.
    """
    code_points = np.array([0, *images])
    filters = np.zeros((PAGES, groups, 4, 16), dtype=np.uint8)
    for page in range(PAGES):
        ids = np.flatnonzero(code_points >> 8 == page)
        ids = ids[ids > 0]
        low = code_points[ids] & 0xFF
        full = np.ix_(ids, ids)
        odd_page = np.zeros((256, 256), dtype=bool)
        rate_page = np.zeros((256, 256))
        odd_page[np.ix_(low, low)] = odd[full]
        # What is odd is looked up in any case.
        rate_page[np.ix_(low, low)] = np.where(odd[full], 0, rate[full])
        shape = (16, 16, 16, 16)
        filters[page] = page_filter(odd_page.reshape(shape), rate_page.reshape(shape), groups)
    return filters
