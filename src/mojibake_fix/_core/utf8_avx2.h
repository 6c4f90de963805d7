/* Validation of UTF-8 in AVX2 by three look-ups of nibbles: Keiser and Lemire, "Validating UTF-8
   in less than one instruction per byte", Software: Practice and Experience 51(5), 2021.
   Included by utf8.c only. */
#ifndef MF_UTF8_AVX2_H
#define MF_UTF8_AVX2_H

/* What may be wrong with two bytes: that on which the entries of the first byte's high nibble,
   its low nibble and the second byte's high nibble agree. */
enum {
    TOO_SHORT = 1 << 0,  /* a lead, no continuation */
    TOO_LONG = 1 << 1,   /* ASCII, a continuation */
    OVERLONG_3 = 1 << 2, /* E0, less than A0 */
    SURROGATE = 1 << 3,  /* ED, A0 or more */
    OVERLONG_2 = 1 << 4, /* C0 or C1 */
    TOO_LARGE = 1 << 5,  /* F4 or more, 90 or more */
    AT_80 = 1 << 6,      /* F0 or F5 or more, 80 to 8F: overlong or too large */
    TWO_CONTINUATIONS = 1 << 7,
    ANY_LOW = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS, /* whatever the first byte's low nibble */
    F5_ON = ANY_LOW | TOO_LARGE | AT_80,
    LONG = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS,
};

static const uint8_t first_high[16] = {
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TWO_CONTINUATIONS,
    TWO_CONTINUATIONS,
    TWO_CONTINUATIONS,
    TWO_CONTINUATIONS,
    TOO_SHORT | OVERLONG_2,
    TOO_SHORT,
    TOO_SHORT | OVERLONG_3 | SURROGATE,
    TOO_SHORT | TOO_LARGE | AT_80,
};
static const uint8_t first_low[16] = {
    ANY_LOW | OVERLONG_3 | OVERLONG_2 | AT_80,
    ANY_LOW | OVERLONG_2,
    ANY_LOW,
    ANY_LOW,
    ANY_LOW | TOO_LARGE,
    F5_ON,
    F5_ON,
    F5_ON,
    F5_ON,
    F5_ON,
    F5_ON,
    F5_ON,
    F5_ON,
    F5_ON | SURROGATE,
    F5_ON,
    F5_ON,
};
static const uint8_t second_high[16] = {
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    LONG | OVERLONG_3 | AT_80,
    LONG | OVERLONG_3 | TOO_LARGE,
    LONG | SURROGATE | TOO_LARGE,
    LONG | SURROGATE | TOO_LARGE,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
};

MF_TARGET_AVX2 static inline __m256i misfits(__m256i before, __m256i here) {
    const __m256i nibble = _mm256_set1_epi8(0x0F);
    __m256i across = _mm256_permute2x128_si256(before, here, 0x21);
    __m256i back1 = _mm256_alignr_epi8(here, across, 15);
    __m256i back2 = _mm256_alignr_epi8(here, across, 14);
    __m256i back3 = _mm256_alignr_epi8(here, across, 13);
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(back1, 4), nibble);
    __m256i low = _mm256_and_si256(back1, nibble);
    __m256i second = _mm256_and_si256(_mm256_srli_epi16(here, 4), nibble);
    __m256i wrong =
        _mm256_and_si256(_mm256_and_si256(mf_look_up(first_high, high), mf_look_up(first_low, low)),
                         mf_look_up(second_high, second));
    /* Two continuations are right two places behind E0 or more, and three behind F0 or more:
       there the top bit is left. */
    __m256i third = _mm256_subs_epu8(back2, _mm256_set1_epi8(0xE0 - 0x80));
    __m256i fourth = _mm256_subs_epu8(back3, _mm256_set1_epi8(0xF0 - 0x80));
    __m256i expected =
        _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)TWO_CONTINUATIONS));
    return _mm256_xor_si256(wrong, expected);
}

/* Does no character go on behind these bytes? */
MF_TARGET_AVX2 static inline int ends_whole(__m256i bytes) {
    const __m256i most = _mm256_setr_epi64x(-1, -1, -1, (long long)0xBFDFEFFFFFFFFFFF);
    __m256i open = _mm256_subs_epu8(bytes, most);
    return _mm256_testz_si256(open, open);
}

/* A border of characters before which all is valid: in or behind the last whole block, or before
   the first invalid one. */
MF_TARGET_AVX2 static size_t valid_before_avx2(const uint8_t *bytes, size_t length) {
    __m256i before = _mm256_setzero_si256();
    size_t i = 0;
    for (; length - i >= 64; i += 64) {
        __m256i first = _mm256_loadu_si256((const __m256i *)(bytes + i));
        __m256i second = _mm256_loadu_si256((const __m256i *)(bytes + i + 32));
        int ascii = !_mm256_movemask_epi8(_mm256_or_si256(first, second));
        if (!ascii || !ends_whole(before)) {
            __m256i wrong = _mm256_or_si256(misfits(before, first), misfits(first, second));
            if (!_mm256_testz_si256(wrong, wrong)) break;
        }
        before = second;
    }
    for (size_t back = 1; back <= 3 && back <= i; back++) {
        if ((bytes[i - back] & 0xC0) != 0x80) return bytes[i - back] < 0x80 ? i : i - back;
    }
    return i;
}
#endif
