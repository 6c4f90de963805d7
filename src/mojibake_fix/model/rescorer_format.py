"""The rescorer's file: its format, how to write it.

All numbers are little-endian, without padding. Sums are divided by powers of two, rounded down.

======  ==============================================================================
offset  content
======  ==============================================================================
0       magic ``mf-score``
8       u32 version of the format, 6
12      u32 units of log probability to the nat, 64
16      u64 size of the file
24      SHA-256 of everything from offset 56 on
56      digest of the language model whose ids it speaks of
88      u32 ids, u32 rows: ids from there on have the numbers of id 0
96      u32 x 4 shifts: of far sums, hidden sums, output sums, scores
112     u64 seed of the lexicon, u32 reach, u32 segment of its table; see below
128     i32 x 128 biases of the hidden numbers, i32 x 48 of the outputs
832     i8 x 128 x 1216 weights of the inputs in each hidden number
        i8 x 48 x 128 weights of the hidden numbers in each output
        i16 x 13 x 7 x 32 gain of a candidate by its kind, by how it was seen, and how often
        i16 x 13 x 64 gain of a candidate by its kind, by the word that it makes
        i16 x 4 gain for each step that words cover, by variant, in 1/256 units
        i16 x 13 gain for each 1/16 nat that the variant tells, by kind, in 1/256 units
        i8 x 16384 x 16 numbers that stand for each ending of a word
        i16 x ids gain of each id as a candidate
        u8 x ids kind of each id, 255 where nothing was learnt of it as a candidate
        u8 x ids flags: 1 words between spaces are made of it, 2 all words with it, or of a
        capital all that begin with its small letter, are in the lexicon, 4 it is in Han, 8 it
        is an emoji that words go along with
        u16 x ids the id that stands for it in words: the small and the simplified one
        i8 x ids x 3 how much more probable it is in simplified and traditional Chinese and in
        Japanese than in all three, in 1/16 nats
        i8 x rows x 48 numbers that stand for each id beside a place
        i8 x rows x 48 numbers that stand for each id as a candidate
        u16 x (reach + 2 x segment) cells of the lexicon
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
table. `_core/rescore.c` has these ways. Kinds are scripts, emoji and signs;
`tools/train_rescorer.py` has them.

The table of the lexicon is one as that of `format.py`; its keys are words, hashed from the first
id to the last, its values how usual they are: 1 to 15, each twice as usual as the one before. The
row of a word is by its length, up to 2, 4, 6 letters or more, and its value, 0 for what is no word.
Rows count at a place if each letter that may stand there has flag 2, and within a word its small
one, too. Of the nearest other place of the word that is in doubt and not known, any candidate may
stand there: the most usual word counts. Words in Han are of up to four characters; of those around
a place the best that do not overlap cover it, each with its value and 20 for every character but
the first. What begins with an emoji goes along with it: the first eight letters of a word, with
the value 1. An emoji has row 1 at a place if any word of the line, as far as forty ids away, goes
along with it, or what it begins with, of four letters or more. `_core/lexicon.c` has the limits of
all that.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .format import HEAD, UNITS_PER_NAT, digest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MAGIC = b"mf-score"
VERSION = 6
NEAR, FAR = 10, 40
EMBEDDING, HIDDEN, OUTPUTS = 48, 256, 48
WORDS_BEFORE, WORDS_BEHIND = 3, 2
LONG_ENDING, SHORT_ENDING = 4, 2
ENDINGS, ENDING_ROWS, ENDING = 2 * (WORDS_BEFORE + WORDS_BEHIND), 1 << 14, 16
NEAR_INPUTS = 2 * NEAR * EMBEDDING + ENDINGS * ENDING
INPUTS = NEAR_INPUTS + 2 * EMBEDDING
CANDIDATES = 16
KINDS, SIGHTS, MOST_SEEN = 13, 7, 31
NO_KIND = 255
LENGTHS, CODES, VARIANTS = 4, 16, 3
SPELLINGS = LENGTHS * CODES
COMPOUND, LETTER_WORTH, VARIANT_UNIT, SMALL = 4, 20, 16, 256
STEM, SHORT_STEM, ASSOCIATED = 8, 4, 1
LETTER, LISTED, HAN, EMOJI = 1, 2, 4, 8  # flags of an id

PARAMETERS = struct.Struct("<32s6IQ2I")
WORDS_SIZE = 2 * (KINDS * SPELLINGS + VARIANTS + 1 + KINDS)
GAINS_SIZE = 2 * KINDS * SIGHTS * (MOST_SEEN + 1) + WORDS_SIZE + ENDING_ROWS * ENDING
# Offset of what is told of ids one by one, and how many bytes there are of each.
WEIGHTS_END = (
    HEAD.size
    + PARAMETERS.size
    + 4 * (HIDDEN + OUTPUTS)
    + HIDDEN * INPUTS
    + OUTPUTS * HIDDEN
    + GAINS_SIZE
)


@dataclass(frozen=True)
class Lexicon:
    """Words, and what else is known of ids."""

    seed: int
    reach: int
    segment: int
    cells: bytes
    flags: bytes
    folds: bytes
    variants: bytes


@dataclass(frozen=True)
class Rescorer:
    """What is in a file; weights as the bytes of their numbers."""

    model: str  # digest, in hexadecimal
    ids: int
    rows: int
    shifts: Sequence[int]
    hidden_biases: Sequence[int]
    output_biases: Sequence[int]
    hidden: bytes
    output: bytes
    seen: Sequence[int]
    spelt: Sequence[int]
    covered: Sequence[int]
    written: Sequence[int]
    endings: bytes
    biases: Sequence[int]
    kinds: bytes
    lexicon: Lexicon
    embeddings: bytes
    outputs: bytes


def to_bytes(rescorer: Rescorer) -> bytes:
    """Return the file of a rescorer."""
    lexicon = rescorer.lexicon
    table = lexicon.seed, lexicon.reach, lexicon.segment
    digest = bytes.fromhex(rescorer.model)
    gains = *rescorer.seen, *rescorer.spelt, *rescorer.covered, *rescorer.written
    payload = b"".join(
        (
            PARAMETERS.pack(digest, rescorer.ids, rescorer.rows, *rescorer.shifts, *table),
            struct.pack(f"<{HIDDEN}i", *rescorer.hidden_biases),
            struct.pack(f"<{OUTPUTS}i", *rescorer.output_biases),
            rescorer.hidden,
            rescorer.output,
            struct.pack(f"<{len(gains)}h", *gains),
            rescorer.endings,
            struct.pack(f"<{rescorer.ids}h", *rescorer.biases),
            rescorer.kinds,
            lexicon.flags,
            lexicon.folds,
            lexicon.variants,
            rescorer.embeddings,
            rescorer.outputs,
            lexicon.cells,
        )
    )
    return with_head(payload)


def with_head(payload: bytes) -> bytes:
    """Return a file of what stands behind its head."""
    size = HEAD.size + len(payload)
    return HEAD.pack(MAGIC, VERSION, UNITS_PER_NAT, size, digest_of(payload)) + payload
