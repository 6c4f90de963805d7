/* The search for foreign places in AVX2. Blocks of ASCII are passed over whole. In others, what may
   be telling, strange or wrong inside a word is found for all characters at once, or looked up
   without branches; what is left gets the exact test. Included by foreign.c only. */
#ifndef MF_FOREIGN_AVX2_H
#define MF_FOREIGN_AVX2_H
#include "pair_filter_avx2.h"

static const pair_filter strange_filter = {mf_strange_filter[0], MF_STRANGE_GROUPS};

MF_TARGET_AVX2 static inline uint32_t mask_of(__m256i bytes) {
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

/* FF where a byte is `first` or one of the 25 behind it. */
MF_TARGET_AVX2 static inline __m256i letters_from(__m256i bytes, char first) {
    __m256i letter = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(25)), letter);
}

/* Code points below 400 by three nibbles: their UTF-8 is 110HHHHH 10hhllll. */
typedef struct {
    __m256i head, high, low;
} low_view;

/* FF where a code point is not in the set. */
MF_TARGET_AVX2 static inline __m256i not_in(const uint8_t set[MF_LOW_GROUPS][3][16],
                                            low_view view) {
    __m256i rows = _mm256_setzero_si256();
    for (int group = 0; group < MF_LOW_GROUPS; group++) {
        __m256i row = _mm256_and_si256(mf_look_up(set[group][0], view.head),
                                       mf_look_up(set[group][1], view.high));
        rows = _mm256_or_si256(rows, _mm256_and_si256(row, mf_look_up(set[group][2], view.low)));
    }
    return _mm256_cmpeq_epi8(rows, _mm256_setzero_si256());
}

/* Characters of a block, a bit each, in UTF-8 at the first byte. Telling and usual are right for
   those below 400 only, and not asked for where there are none. */
typedef struct {
    uint64_t small, capital, question, telling, usual;
} kinds;

/* Characters before ASCII that stand behind a letter and may not be usual there. `left` is the
   character before the block, `behind` what is capital behind them. */
static inline uint64_t wrong_inside(const kinds *of, uint64_t before_ascii, uint32_t left,
                                    uint64_t behind) {
    uint64_t small = of->small << 1 | (left - 'a' < 26), capital = of->capital << 1;
    capital |= left - 'A' < 26;
    return before_ascii & (capital | (small & (behind | ~of->usual)));
}

/* The places of a block that may be foreign, tested in order; MF_NONE if none is. `*next` is where
   none was tested yet. */
static inline size_t first_foreign(const source *source, size_t i, uint64_t places, size_t *next) {
    for (; places; places &= places - 1) {
        size_t at = i + (size_t)__builtin_ctzll(places);
        if (at < *next) continue; /* the block before saw it */
        if (is_foreign(source, at)) return at;
        character(source, at, next);
    }
    return MF_NONE;
}

static inline uint64_t telling_bit(uint32_t code_point) {
    return mf_foreign_telling[code_point >> 5] >> (code_point & 31) & 1;
}

/* UTF-8 */

/* Of 64 bytes, those that are `wanted` under a mask. */
MF_TARGET_AVX2 static inline uint64_t under(const uint8_t *bytes, int mask, int wanted) {
    __m256i masks = _mm256_set1_epi8((char)mask), values = _mm256_set1_epi8((char)wanted);
    uint64_t low = mask_of(_mm256_cmpeq_epi8(_mm256_and_si256(load(bytes), masks), values));
    uint64_t high = mask_of(_mm256_cmpeq_epi8(_mm256_and_si256(load(bytes + 32), masks), values));
    return high << 32 | low;
}

MF_TARGET_AVX2 static inline kinds kinds_utf8(const uint8_t *bytes, int has_low) {
    kinds of = {0};
    for (int half = 0; half < 64; half += 32) {
        __m256i here = load(bytes + half);
        of.small |= (uint64_t)mask_of(letters_from(here, 'a')) << half;
        of.capital |= (uint64_t)mask_of(letters_from(here, 'A')) << half;
        of.question |= (uint64_t)mask_of(_mm256_cmpeq_epi8(here, _mm256_set1_epi8('?'))) << half;
        if (!has_low) continue;
        __m256i tail = load(bytes + half + 1);
        low_view view = {low_nibbles(here), low_nibbles(_mm256_srli_epi16(tail, 4)),
                         low_nibbles(tail)};
        of.telling |= (uint64_t)~mask_of(not_in(mf_low_telling, view)) << half;
        of.usual |= (uint64_t)~mask_of(not_in(mf_low_usual, view)) << half;
    }
    return of;
}

/* Those of some characters of three bytes that are telling: few are. The table is read by rows of
   64 code points, which the last byte tells apart. */
static inline uint64_t telling_utf8(const uint8_t *block, uint64_t signs) {
    uint64_t telling = 0;
    for (; signs; signs &= signs - 1) {
        const uint8_t *bytes = block + __builtin_ctzll(signs);
        uint64_t row;
        memcpy(&row, mf_foreign_telling + ((bytes[0] & 15u) << 7 | (bytes[1] & 63u) << 1),
               sizeof row);
        if (row >> (bytes[2] & 63) & 1) telling |= signs & -signs;
    }
    return telling;
}

/* Those of some images that are strange behind the one that they follow. */
static inline uint64_t strange_utf8(const uint8_t *block, uint64_t images) {
    uint64_t strange = 0;
    unsigned left = 0, end = 64;
    for (; images; images &= images - 1) {
        unsigned at = (unsigned)__builtin_ctzll(images);
        int size = block[at] < 0xE0 ? 2 : 3;
        unsigned id = mf_image_id(mf_decode_sequence(block + at, size));
        strange |= (uint64_t)mf_is_strange(end == at ? left : 0, id) << at;
        left = id;
        end = at + (unsigned)size;
    }
    return strange;
}

/* Where the first foreign place ends in the whole blocks; `*rest` is where to begin, and then where
   the plain loop goes on. */
MF_TARGET_AVX2 static size_t find_foreign_utf8_avx2(const source *source, size_t *rest) {
    /* A block is 64 bytes, of which the last 4 only serve as right neighbours; the filter
       reads as far as the last byte of a character of 3 bytes behind one that begins in the
       block. */
    enum { BLOCK = 64, STEP = BLOCK - 4, READ = BLOCK + 5 };
    const uint8_t *bytes = source->text->data;
    const size_t length = source->text->length;
    const uint64_t inner = UINT64_MAX >> (BLOCK - STEP);
    size_t i = *rest, next = i;
    while (i + READ <= length) {
        const uint8_t *block = bytes + i;
        uint64_t ascii = ~((uint64_t)mask_of(load(block + 32)) << 32 | mask_of(load(block)));
        if (!~ascii) {
            i += BLOCK;
            continue;
        }
        uint64_t two = under(block, 0xE0, 0xC0), three = under(block, 0xF0, 0xE0);
        /* Images of three bytes begin with E0 or E2, which differ in one bit, or EF. */
        uint64_t wide = three ? under(block, 0xFD, 0xE0) | under(block, 0xFF, 0xEF) : 0;
        uint64_t signs = three & ~(three ? under(block, 0xFE, 0xE0) : 0);
        uint64_t before_ascii = ((two & ascii >> 2) | ((wide | signs) & ascii >> 3)) & inner;
        uint64_t low = two ? under(block, 0xF0, 0xC0) & inner : 0, places = 0;
        if (before_ascii | low) {
            kinds of = kinds_utf8(block, low != 0);
            uint32_t left = i > source->start ? bytes[i - 1] : 0;
            of.usual &= low;
            places = low & of.telling;
            places |= wrong_inside(&of, before_ascii, left, two & of.capital >> 2);
            places |= before_ascii & two & of.question >> 2;
        }
        if (signs) places |= telling_utf8(block, signs & inner);
        uint64_t images = two | wide;
        uint64_t lefts = ((two & images >> 2) | (wide & images >> 3)) & inner;
        if (__builtin_popcountll(lefts) > CROWDED) {
            lefts = filtered_utf8(strange_filter, block, lefts, 63 - __builtin_clzll(lefts));
        }
        if (lefts) {
            uint64_t rights = (lefts & two) << 2 | (lefts & wide) << 3;
            places |= strange_utf8(block, lefts | rights);
        }
        if (places) {
            size_t found = first_foreign(source, i, places, &next);
            if (found != MF_NONE) return found;
        }
        i += STEP;
    }
    i = i > next ? i : next;
    while (i < length && (bytes[i] & 0xC0) == 0x80)
        i++;
    *rest = i;
    return MF_NONE;
}

/* Code points */

/* A block is 32 code points, of which the last only serves as right neighbour; the filter reads one
   more. */
enum { WIDE_BLOCK = 32, WIDE_READ = WIDE_BLOCK + 1 };

/* Of a block, what only the storage tells. */
typedef struct {
    uint64_t ascii, low, high, images; /* below 80, 80 to 3FF, from 2000 up, what may be images */
    kinds of;
} wide_block;

MF_TARGET_AVX2 static inline kinds kinds_1(const uint8_t *data) {
    __m256i here = load(data);
    low_view view = {_mm256_and_si256(_mm256_srli_epi16(here, 6), _mm256_set1_epi8(3)),
                     low_nibbles(_mm256_srli_epi16(here, 4)), low_nibbles(here)};
    return (kinds){mask_of(letters_from(here, 'a')), mask_of(letters_from(here, 'A')),
                   mask_of(_mm256_cmpeq_epi8(here, _mm256_set1_epi8('?'))),
                   (uint32_t)~mask_of(not_in(mf_low_telling, view)),
                   (uint32_t)~mask_of(not_in(mf_low_usual, view))};
}

MF_TARGET_AVX2 static inline kinds kinds_2(__m256i first, __m256i second) {
    const __m256i byte = _mm256_set1_epi16(0xFF), nibble = _mm256_set1_epi16(0x0F);
    __m256i bytes =
        _mm256_packus_epi16(_mm256_and_si256(first, byte), _mm256_and_si256(second, byte));
    __m256i heads = _mm256_packus_epi16(_mm256_and_si256(_mm256_srli_epi16(first, 6), nibble),
                                        _mm256_and_si256(_mm256_srli_epi16(second, 6), nibble));
    low_view view = {heads, low_nibbles(_mm256_srli_epi16(bytes, 4)), low_nibbles(bytes)};
    return (kinds){mask_of_packed(letters_from(bytes, 'a')),
                   mask_of_packed(letters_from(bytes, 'A')),
                   mask_of_packed(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('?'))),
                   (uint32_t)~mask_of_packed(not_in(mf_low_telling, view)),
                   (uint32_t)~mask_of_packed(not_in(mf_low_usual, view))};
}

/* FFFF where a code point is less than 2 ** bits. */
MF_TARGET_AVX2 static inline __m256i below(__m256i v, int bits) {
    return _mm256_cmpeq_epi16(_mm256_srli_epi16(v, bits), _mm256_setzero_si256());
}

/* FFFF where a code point is at least that. */
MF_TARGET_AVX2 static inline __m256i at_least(__m256i v, int least) {
    return _mm256_cmpeq_epi16(_mm256_max_epu16(v, _mm256_set1_epi16((short)least)), v);
}

MF_TARGET_AVX2 static inline wide_block block_2(const uint16_t *data) {
    __m256i first = load(data), second = load(data + 16);
    uint32_t ascii = mask_of_packed(_mm256_packs_epi16(below(first, 7), below(second, 7)));
    if (!~ascii) return (wide_block){.ascii = ascii};
    uint32_t high =
        mask_of_packed(_mm256_packs_epi16(at_least(first, 0x2000), at_least(second, 0x2000)));
    /* A superset of the images: 80 to 25FF, and from F800 up. */
    uint32_t between =
        mask_of_packed(_mm256_packs_epi16(at_least(first, 0x2600), at_least(second, 0x2600))) &
        ~mask_of_packed(_mm256_packs_epi16(at_least(first, 0xF800), at_least(second, 0xF800)));
    uint32_t low = mask_of_packed(_mm256_packs_epi16(below(first, 10), below(second, 10)));
    wide_block block = {ascii, low & ~ascii, high, ~(ascii | between), {0}};
    if (block.images | (high & ascii >> 1)) block.of = kinds_2(first, second);
    return block;
}

MF_TARGET_AVX2 static inline wide_block block_1(const uint8_t *data) {
    uint32_t beyond = mask_of(load(data));
    wide_block block = {(uint32_t)~beyond, beyond, 0, beyond, {0}};
    if (beyond) block.of = kinds_1(data);
    return block;
}

static inline uint64_t telling_2(const uint16_t *data, uint64_t signs) {
    uint64_t telling = 0;
    for (; signs; signs &= signs - 1) {
        int at = __builtin_ctzll(signs);
        telling |= telling_bit(data[at]) << at;
    }
    return telling;
}

/* As strange_utf8. */
static inline uint64_t strange_wide(const mf_text *text, size_t i, uint64_t images) {
    uint64_t strange = 0;
    unsigned left = 0, end = WIDE_BLOCK;
    for (; images; images &= images - 1) {
        unsigned at = (unsigned)__builtin_ctzll(images);
        unsigned id = mf_image_id(mf_at(text, i + at));
        strange |= (uint64_t)mf_is_strange(end == at ? left : 0, id) << at;
        left = id;
        end = at + 1;
    }
    return strange;
}

MF_TARGET_AVX2 static inline size_t find_foreign_wide_avx2(const source *source, size_t *rest,
                                                           int width) {
    const mf_text *text = source->text;
    const uint64_t inner = UINT32_MAX >> 1;
    size_t i = *rest, next = i;
    for (; i + WIDE_READ <= text->length; i += WIDE_BLOCK - 1) {
        uint16_t narrowed[WIDE_READ];
        const uint16_t *data = (const uint16_t *)text->data + i;
        if (width == 4) {
            /* What has no place in two bytes becomes FFFF, which tells nothing. */
            const uint32_t *wide = (const uint32_t *)text->data + i;
            for (int k = 0; k < WIDE_READ; k++)
                narrowed[k] = (uint16_t)(wide[k] < 0xFFFF ? wide[k] : 0xFFFF);
            data = narrowed;
        }
        wide_block block = width == 1 ? block_1((const uint8_t *)text->data + i) : block_2(data);
        uint64_t places = block.high ? telling_2(data, block.high & inner) : 0;
        uint64_t before_ascii = (block.images | block.high) & block.ascii >> 1;
        if (block.images | before_ascii) {
            uint32_t left = i > source->start ? mf_at(text, i - 1) : 0;
            kinds of = block.of;
            of.usual &= block.low;
            places |= block.low & of.telling & inner;
            places |= wrong_inside(&of, before_ascii, left, of.capital >> 1);
            places |= before_ascii & of.question >> 1;
            uint64_t lefts = block.images & block.images >> 1;
            if (width > 1 && __builtin_popcountll(lefts) > CROWDED) {
                int last = 63 - __builtin_clzll(lefts);
                lefts = filtered_2(strange_filter, data, (uint32_t)lefts, last);
            }
            if (lefts) places |= strange_wide(text, i, lefts | lefts << 1);
        }
        if (places) {
            size_t found = first_foreign(source, i, places, &next);
            if (found != MF_NONE) return found;
        }
    }
    *rest = i > next ? i : next;
    return MF_NONE;
}

/* A loop for each storage. */
MF_TARGET_AVX2 static size_t find_foreign_avx2(const source *source, size_t *rest) {
    if (source->utf8) return find_foreign_utf8_avx2(source, rest);
    switch (source->text->width) {
    case 1:
        return find_foreign_wide_avx2(source, rest, 1);
    case 2:
        return find_foreign_wide_avx2(source, rest, 2);
    default:
        return find_foreign_wide_avx2(source, rest, 4);
    }
}
#endif
