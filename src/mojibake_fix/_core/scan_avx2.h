/* The scan in AVX2: blocks without two neighbouring images are passed over whole, and what is
   left gets the exact test. Included by scan.c only. */
#ifndef MF_SCAN_AVX2_H
#define MF_SCAN_AVX2_H
#include <immintrin.h>

#define MF_TARGET_AVX2 __attribute__((target("avx2,bmi,popcnt")))

static size_t at_pair(const mf_text *text, size_t i);
static size_t at_pair_utf8(const uint8_t *bytes, size_t length, size_t i);
static size_t find_one_by_one(const mf_text *text, size_t start, size_t end, size_t floor);
static size_t find_one_by_one_utf8(const uint8_t *bytes, size_t length, size_t start, size_t end,
                                   size_t floor);

/* With so many pairs in a block it is quicker to look up each image once, in order. */
enum { CROWDED = 6 };

/* Images lie in 80 to 25FF and from F800 up: a superset that two comparisons tell. */
enum { LOW_END = 0x2600, HIGH_START = 0xF800 };

/* A bit per code point of the 32 at `data + i`: may it be an image? */
MF_TARGET_AVX2 static inline uint32_t images_1(const uint8_t *data) {
    return (uint32_t)_mm256_movemask_epi8(_mm256_loadu_si256((const __m256i *)data));
}

MF_TARGET_AVX2 static inline __m256i images_16(const uint16_t *data) {
    __m256i v = _mm256_loadu_si256((const __m256i *)data);
    __m256i low = _mm256_sub_epi16(v, _mm256_set1_epi16(0x80));
    __m256i in_low =
        _mm256_cmpeq_epi16(_mm256_min_epu16(low, _mm256_set1_epi16(LOW_END - 0x81)), low);
    __m256i in_high = _mm256_cmpeq_epi16(_mm256_max_epu16(v, _mm256_set1_epi16((short)HIGH_START)), v);
    return _mm256_or_si256(in_low, in_high);
}

MF_TARGET_AVX2 static inline uint32_t images_2(const uint16_t *data) {
    __m256i packed = _mm256_packs_epi16(images_16(data), images_16(data + 16));
    /* packs works within 128-bit lanes: put the quarters back in order. */
    return (uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(packed, 0xD8));
}

MF_TARGET_AVX2 static inline uint32_t images_4(const uint32_t *data) {
    uint32_t mask = 0;
    for (int part = 0; part < 4; part++) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(data + 8 * part));
        __m256i low = _mm256_sub_epi32(v, _mm256_set1_epi32(0x80));
        __m256i high = _mm256_sub_epi32(v, _mm256_set1_epi32(HIGH_START));
        __m256i in_low =
            _mm256_cmpeq_epi32(_mm256_min_epu32(low, _mm256_set1_epi32(LOW_END - 0x81)), low);
        __m256i in_high = _mm256_cmpeq_epi32(
            _mm256_min_epu32(high, _mm256_set1_epi32(0xFFFF - HIGH_START)), high);
        __m256i in = _mm256_or_si256(in_low, in_high);
        mask |= (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(in)) << (8 * part);
    }
    return mask;
}

/* First suspect at or after `start`; sets `*rest` to where the plain loop goes on if there is
   none in the whole blocks. */
MF_TARGET_AVX2 static size_t find_suspect_avx2(const mf_text *text, size_t start, size_t *rest) {
    size_t i = start;
    /* A block is 32 code points, of which the last only serves as right neighbour. */
    for (; i + 32 <= text->length; i += 31) {
        uint32_t mask;
        if (text->width == 1) {
            mask = images_1((const uint8_t *)text->data + i);
        } else if (text->width == 2) {
            mask = images_2((const uint16_t *)text->data + i);
        } else {
            mask = images_4((const uint32_t *)text->data + i);
        }
        mask &= mask >> 1;
        if (__builtin_popcount(mask) > CROWDED) {
            size_t suspect = find_one_by_one(text, i, i + 32, start);
            if (suspect != MF_NONE) return suspect;
            continue;
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
    __m256i v = _mm256_loadu_si256((const __m256i *)bytes);
    __m256i is_two = _mm256_cmpeq_epi8(_mm256_and_si256(v, _mm256_set1_epi8((char)0xE0)),
                                       _mm256_set1_epi8((char)0xC0));
    /* E0 and E2 differ in one bit. */
    __m256i is_three = _mm256_or_si256(
        _mm256_cmpeq_epi8(_mm256_and_si256(v, _mm256_set1_epi8((char)0xFD)),
                          _mm256_set1_epi8((char)0xE0)),
        _mm256_cmpeq_epi8(v, _mm256_set1_epi8((char)0xEF)));
    *two = (uint32_t)_mm256_movemask_epi8(is_two);
    *three = (uint32_t)_mm256_movemask_epi8(is_three);
}

MF_TARGET_AVX2 static size_t find_suspect_utf8_avx2(const uint8_t *bytes, size_t length,
                                                    size_t start, size_t *rest) {
    size_t i = start;
    /* A block is 64 bytes, of which the last 4 only serve as right neighbours. */
    while (i + 64 <= length) {
        const uint8_t *block = bytes + i;
        __m256i either = _mm256_or_si256(_mm256_loadu_si256((const __m256i *)block),
                                         _mm256_loadu_si256((const __m256i *)(block + 32)));
        if (!_mm256_movemask_epi8(either)) {
            i += 64;
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
            size_t first = i + (size_t)__builtin_ctzll(mask);
            size_t suspect = find_one_by_one_utf8(bytes, length, first, i + 64, start);
            if (suspect != MF_NONE) return suspect;
            mask = 0;
        }
        for (; mask; mask &= mask - 1) {
            size_t at = i + (size_t)__builtin_ctzll(mask);
            size_t suspect = at_pair_utf8(bytes, length, at);
            if (suspect != MF_NONE && suspect >= start) return suspect;
        }
        i += 60;
    }
    *rest = i;
    return MF_NONE;
}
#endif
