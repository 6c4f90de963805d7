"""The rescorer's file: its format, how to write it.

All numbers are little-endian, without padding. Sums are divided by powers of two, rounded down.

======  ==============================================================================
offset  content
======  ==============================================================================
0       magic ``mf-score``
8       u32 version of the format, 2
12      u32 units of log probability to the nat, 64
16      u64 size of the file
24      SHA-256 of everything from offset 56 on
56      digest of the language model whose ids it speaks of
88      u32 ids, u32 x 4 shifts: of far sums, hidden sums, output sums, scores
108     i32 x 128 biases of the hidden numbers, i32 x 48 of the outputs
812     i8 x 128 x 1216 weights of the inputs in each hidden number
        i8 x 48 x 128 weights of the hidden numbers in each output
        i16 x 7 x 7 x 32 gain of a candidate by its kind, by how it was seen, and how often
        i8 x 16384 x 16 numbers that stand for each ending of a word
        i16 x ids gain of each id as a candidate
        u8 x ids kind of each id, 255 where nothing was learnt of it as a candidate
        u8 x ids whether words are made of it, 1 or 0; not in scripts without spaces
        i8 x ids x 48 numbers that stand for each id beside a place
        i8 x ids x 48 numbers that stand for each id as a candidate
======  ==============================================================================

The inputs are the 48 numbers of each of the ten ids before a place, in order, then of the ten
behind it, then 16 of how each word near it ends, then the sums of the numbers of the thirty ids
before and the thirty behind the first. Of three words before the one at the place, the nearest
first, and two behind it, the last four ids and the last two are hashed to a row; `_core/rescore.c`
has the hash. All are 0 where no word is within forty ids of the same line. A hidden number
is the sum of its bias, of the near inputs by their weights, and of the far ones by theirs, shifted;
shifted in turn, and 0 if it is less. An output is the shifted sum of its bias and the hidden
numbers by their weights. Both are cut to 16 bits. The gain of a candidate is the shifted sum of the
outputs by its own numbers, its gain as a candidate, and for each way to be seen what is in the
table. `_core/rescore.c` has these ways.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .format import HEAD, UNITS_PER_NAT, digest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MAGIC = b"mf-score"
VERSION = 2
NEAR, FAR = 10, 40
EMBEDDING, HIDDEN, OUTPUTS = 48, 128, 48
WORDS_BEFORE, WORDS_BEHIND = 3, 2
LONG_ENDING, SHORT_ENDING = 4, 2
ENDINGS, ENDING_ROWS, ENDING = 2 * (WORDS_BEFORE + WORDS_BEHIND), 1 << 14, 16
NEAR_INPUTS = 2 * NEAR * EMBEDDING + ENDINGS * ENDING
INPUTS = NEAR_INPUTS + 2 * EMBEDDING
CANDIDATES = 16
KINDS, SIGHTS, MOST_SEEN = 7, 7, 31
NO_KIND = 255

PARAMETERS = struct.Struct("<32s5I")
# Offset of what is told of ids one by one, and how many bytes there are of each.
WEIGHTS_END = (
    HEAD.size
    + PARAMETERS.size
    + 4 * (HIDDEN + OUTPUTS)
    + HIDDEN * INPUTS
    + OUTPUTS * HIDDEN
    + 2 * KINDS * SIGHTS * (MOST_SEEN + 1)
    + ENDING_ROWS * ENDING
)
BYTES_OF_ID = 2 + 1 + 1 + EMBEDDING + OUTPUTS


@dataclass(frozen=True)
class Rescorer:
    """What is in a file; weights as the bytes of their numbers."""

    model: str  # digest, in hexadecimal
    ids: int
    shifts: Sequence[int]
    hidden_biases: Sequence[int]
    output_biases: Sequence[int]
    hidden: bytes
    output: bytes
    seen: Sequence[int]
    endings: bytes
    biases: Sequence[int]
    kinds: bytes
    letters: bytes
    embeddings: bytes
    outputs: bytes


def to_bytes(rescorer: Rescorer) -> bytes:
    """Return the file of a rescorer."""
    payload = b"".join(
        (
            PARAMETERS.pack(bytes.fromhex(rescorer.model), rescorer.ids, *rescorer.shifts),
            struct.pack(f"<{HIDDEN}i", *rescorer.hidden_biases),
            struct.pack(f"<{OUTPUTS}i", *rescorer.output_biases),
            rescorer.hidden,
            rescorer.output,
            struct.pack(f"<{KINDS * SIGHTS * (MOST_SEEN + 1)}h", *rescorer.seen),
            rescorer.endings,
            struct.pack(f"<{rescorer.ids}h", *rescorer.biases),
            rescorer.kinds,
            rescorer.letters,
            rescorer.embeddings,
            rescorer.outputs,
        )
    )
    size = HEAD.size + len(payload)
    return HEAD.pack(MAGIC, VERSION, UNITS_PER_NAT, size, digest_of(payload)) + payload
