/* The scan in AVX2. A block without two neighbouring images is passed over whole; in a block
   with many, pairs that the filter of their page shows to be usual are passed over; what is left
   gets the exact test. Included by scan.c only. */
#ifndef MF_SCAN_AVX2_H
#define MF_SCAN_AVX2_H
#include "pair_filter_avx2.h"

static const pair_filter odd_filter = {mf_pair_filter[0], MF_FILTER_GROUPS};

static size_t at_pair(const mf_text *text, size_t i);
static size_t at_pair_utf8(const uint8_t *bytes, size_t length, size_t i);
static size_t find_one_by_one(const mf_text *text, size_t start, size_t end, size_t floor);
static size_t find_one_by_one_utf8(const uint8_t *bytes, size_t length, size_t start, size_t end,
                                   size_t floor);

/* With CROWDED pairs left behind the filter it is quicker to look up each image once, in order. */

/* Images lie in 80 to 25FF and from F800 up: a superset that two comparisons tell. */
enum { LOW_END = 0x2600, HIGH_START = 0xF800 };

/* A bit per code point of the 32 at `data`: may it be an image? */
MF_TARGET_AVX2 static inline uint32_t images_1(const uint8_t *data) {
    return (uint32_t)_mm256_movemask_epi8(load(data));
}

MF_TARGET_AVX2 static inline __m256i images_16(const uint16_t *data) {
    __m256i v = load(data);
    __m256i low = _mm256_sub_epi16(v, _mm256_set1_epi16(0x80));
    __m256i in_low =
        _mm256_cmpeq_epi16(_mm256_min_epu16(low, _mm256_set1_epi16(LOW_END - 0x81)), low);
    __m256i in_high =
        _mm256_cmpeq_epi16(_mm256_max_epu16(v, _mm256_set1_epi16((short)HIGH_START)), v);
    return _mm256_or_si256(in_low, in_high);
}

MF_TARGET_AVX2 static inline uint32_t images_2(const uint16_t *data) {
    return mask_of_packed(_mm256_packs_epi16(images_16(data), images_16(data + 16)));
}

/* A block is 32 code points, of which the last only serves as right neighbour; the filter reads
   one more. */
enum { WIDE_BLOCK = 32, WIDE_READ = WIDE_BLOCK + 1 };

/* What has no place in two bytes becomes FFFF, which is no image either. */
MF_TARGET_AVX2 static inline void narrow(const uint32_t *wide, uint16_t narrowed[WIDE_READ]) {
    for (int k = 0; k < WIDE_READ; k++) {
        narrowed[k] = (uint16_t)(wide[k] < 0xFFFF ? wide[k] : 0xFFFF);
    }
}

/* First suspect at or after `start`; sets `*rest` to where the plain loop goes on if there is
   none in the whole blocks. */
MF_TARGET_AVX2 static size_t find_suspect_avx2(const mf_text *text, size_t start, size_t *rest) {
    uint16_t narrowed[WIDE_READ];
    size_t i = start;
    for (; i + WIDE_READ <= text->length; i += WIDE_BLOCK - 1) {
        const uint16_t *data = (const uint16_t *)text->data + i;
        uint32_t mask;
        if (text->width == 2) {
            mask = images_2(data);
        } else if (text->width == 1) {
            mask = images_1((const uint8_t *)text->data + i);
        } else {
            data = narrowed;
            narrow((const uint32_t *)text->data + i, narrowed);
            mask = images_2(data);
        }
        mask &= mask >> 1;
        if (__builtin_popcount(mask) > CROWDED) {
            if (text->width > 1)
                mask = filtered_2(odd_filter, data, mask, 31 - __builtin_clz(mask));
            if (__builtin_popcount(mask) > CROWDED) {
                size_t suspect = find_one_by_one(text, i, i + WIDE_BLOCK, start);
                if (suspect != MF_NONE) return suspect;
                continue;
            }
        }
        for (; mask; mask &= mask - 1) {
            size_t suspect = at_pair(text, i + (size_t)__builtin_ctz(mask));
            if (suspect != MF_NONE && suspect >= start) return suspect;
        }
    }
    *rest = i;
    return MF_NONE;
}

/* In UTF-8 an image begins with C2 to DF, E0 (Thai), E2 (signs) or EF (private use, ligatures). */
MF_TARGET_AVX2 static inline void leads(const uint8_t *bytes, uint32_t *two, uint32_t *three) {
    __m256i v = load(bytes);
    __m256i is_two = _mm256_cmpeq_epi8(_mm256_and_si256(v, _mm256_set1_epi8((char)0xE0)),
                                       _mm256_set1_epi8((char)0xC0));
    /* E0 and E2 differ in one bit. */
    __m256i is_three =
        _mm256_or_si256(_mm256_cmpeq_epi8(_mm256_and_si256(v, _mm256_set1_epi8((char)0xFD)),
                                          _mm256_set1_epi8((char)0xE0)),
                        _mm256_cmpeq_epi8(v, _mm256_set1_epi8((char)0xEF)));
    *two = (uint32_t)_mm256_movemask_epi8(is_two);
    *three = (uint32_t)_mm256_movemask_epi8(is_three);
}

/* The id of the image that begins at a lead of two or three bytes. */
static inline unsigned image_at_lead(const uint8_t *bytes) {
    return mf_image_id(mf_decode_sequence(bytes, bytes[0] < 0xE0 ? 2 : 3));
}

/* Are two characters of two or three bytes an odd pair? */
static inline int odd_utf8(const uint8_t *bytes) {
    return mf_is_odd(image_at_lead(bytes), image_at_lead(bytes + (bytes[0] < 0xE0 ? 2 : 3)));
}

MF_TARGET_AVX2 static size_t find_suspect_utf8_avx2(const uint8_t *bytes, size_t length,
                                                    size_t start, size_t *rest) {
    /* A block is 64 bytes, of which the last 4 only serve as right neighbours; the filter reads
       as far as the last byte of a character of 3 bytes behind one that begins in the block. */
    enum { BLOCK = 64, STEP = BLOCK - 4, READ = BLOCK + 5 };
    size_t i = start;
    while (i + READ <= length) {
        const uint8_t *block = bytes + i;
        if (!_mm256_movemask_epi8(_mm256_or_si256(load(block), load(block + 32)))) {
            i += BLOCK;
            continue;
        }
        uint32_t two_low, two_high, three_low, three_high;
        leads(block, &two_low, &three_low);
        leads(block + 32, &two_high, &three_high);
        uint64_t two = (uint64_t)two_high << 32 | two_low;
        uint64_t three = (uint64_t)three_high << 32 | three_low;
        uint64_t any = two | three;
        uint64_t mask = ((two & any >> 2) | (three & any >> 3)) & (UINT64_MAX >> 4);
        if (__builtin_popcountll(mask) > CROWDED) {
            mask = filtered_utf8(odd_filter, block, mask, 63 - __builtin_clzll(mask));
            if (__builtin_popcountll(mask) > CROWDED) {
                size_t first = i + (size_t)__builtin_ctzll(mask);
                size_t suspect = find_one_by_one_utf8(bytes, length, first, i + BLOCK, start);
                if (suspect != MF_NONE) return suspect;
                mask = 0;
            }
        }
        for (; mask; mask &= mask - 1) {
            size_t at = i + (size_t)__builtin_ctzll(mask);
            if (!odd_utf8(bytes + at)) continue;
            size_t suspect = at_pair_utf8(bytes, length, at);
            if (suspect != MF_NONE && suspect >= start) return suspect;
        }
        i += STEP;
    }
    *rest = i;
    return MF_NONE;
}
#endif
