"""The language model's file: its format, how to write it, how to read it.

All numbers are little-endian, without padding; costs are -log p in 1/64 nat.

======  ==============================================================================
offset  content
======  ==============================================================================
0       magic ``mf-model``
8       u32 version of the format, 1
12      u32 units of cost to the nat, 64
16      u64 size of the file
24      SHA-256 of everything from offset 56 on
56      u64 seed of the hashes
64      u32 ids, u32 pages, u32 reach and u32 segment of the table, u32 unknown, u32 n-grams
88      u32 x 4 codes of n-grams of 2 to 5 ids, u32 x 4 codes of contexts of 1 to 4 ids
120     u16 x 4 x 64 costs of n-grams by length and code
632     u16 x 4 x 64 costs of leaving a context by length and code; length 1 is not used
1144    u16 x 17408 page of each 64 code points
        u16 x pages x 64 id of each code point; 0 is the unknown character, 1 the line end
        u16 x ids cost of each id without a context
        u16 x ids cost of leaving the context of each id; FFFF is no context
        u16 x (reach + 2 segment) cells of the table
======  ==============================================================================

The table is a binary fuse filter (Graf and Lemire 2022) over n-grams and contexts: the exclusive
or of three cells and a mark, all found by hashing, is the code of the key. Other keys give any
number of 16 bits, and so are taken for known with a probability of codes / 65536. `_core/model.h`
has the hashes. With an n-gram that is in the table, the same less its first id is, and less its
last; that is what look-ups rely on.

``unknown`` is added to the cost of id 0: what one character costs among all that are unknown.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import ModelError

if TYPE_CHECKING:
    import mmap
    from collections.abc import Mapping, Sequence

MAGIC = b"mf-model"
VERSION = 1
UNITS_PER_NAT = 64
LENGTHS = 4  # of contexts
CODES = 64
PAGE = 64
PAGES = 0x110000 // PAGE
UNKNOWN, LINE = 0, 1
NO_CONTEXT = 0xFFFF

HEAD = struct.Struct("<8sIIQ32s")
PARAMETERS = struct.Struct("<Q6I8I")
FIXED = HEAD.size + PARAMETERS.size + 2 * 2 * LENGTHS * CODES  # bytes before the pages


@dataclass(frozen=True)
class Model:
    """What is in a file."""

    ids: Mapping[int, int]  # code point to id
    alone: Sequence[int]
    leave: Sequence[int]
    seed: int
    reach: int
    segment: int
    unknown: int
    ngrams: int
    ngram_costs: Sequence[Sequence[int]]  # codebooks, by length of context
    context_costs: Sequence[Sequence[int]]
    cells: bytes


def _numbers(numbers: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(numbers)}H", *numbers)


def to_bytes(model: Model) -> bytes:
    """Return the file of a model."""
    pages: dict[tuple[int, ...], int] = {}
    index = []
    for start in range(0, PAGE * PAGES, PAGE):
        page = tuple(model.ids.get(start + i, UNKNOWN) for i in range(PAGE))
        index.append(pages.setdefault(page, len(pages)))
    codebooks = [*model.ngram_costs, *model.context_costs]
    parameters = PARAMETERS.pack(
        model.seed,
        len(model.alone),
        len(pages),
        model.reach,
        model.segment,
        model.unknown,
        model.ngrams,
        *(len(codebook) for codebook in codebooks),
    )
    parts = [parameters]
    parts += [_numbers([*codebook, *[0] * (CODES - len(codebook))]) for codebook in codebooks]
    parts += [_numbers(index), *(_numbers(page) for page in pages)]
    parts += [_numbers(model.alone), _numbers(model.leave), model.cells]
    payload = b"".join(parts)
    return HEAD.pack(
        MAGIC, VERSION, UNITS_PER_NAT, HEAD.size + len(payload), digest_of(payload)
    ) + (payload)


def digest_of(payload: bytes | memoryview) -> bytes:
    """Return the digest of what stands behind the head of a file."""
    import hashlib

    return hashlib.sha256(payload).digest()


def digest(file: bytes | memoryview | mmap.mmap) -> str:
    """Return the digest that the head of a file names: it identifies the model."""
    if len(file) < HEAD.size:
        raise ModelError("a file of the language model is too short")
    found: bytes = HEAD.unpack_from(file)[4]
    return found.hex()


def verify(file: bytes | mmap.mmap) -> None:
    """Raise ModelError unless every byte of a file is as it was written; reads all of it."""
    with memoryview(file) as view:
        if digest(view) != digest_of(view[HEAD.size :]).hex():
            raise ModelError("a file of the language model is damaged: its digest is another one")
