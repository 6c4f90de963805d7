/* The search for marks of escapes in AVX2. Included by escape.c only. */
#ifndef MF_ESCAPE_AVX2_H
#define MF_ESCAPE_AVX2_H

/* The low nibbles of the marks are all different, so a look-up by low nibble gives the only mark
   that a byte can be. A byte from 80 up looks up 0, which it is not. */
static const uint8_t mark_by_low_nibble[16] = {
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, '%', '&', 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, '\\', '=', 0xFF, 0xFF,
};

MF_TARGET_AVX2 static inline __m256i load_32(const void *data) {
    return _mm256_loadu_si256((const __m256i *)data);
}

MF_TARGET_AVX2 static inline __m256i is_mark(__m256i bytes) {
    return _mm256_cmpeq_epi8(mf_look_up(mark_by_low_nibble, bytes), bytes);
}

/* 32 code points as bytes, those beyond FF as something that is no mark. */
MF_TARGET_AVX2 static inline __m256i bytes_at(const mf_text *text, size_t i) {
    if (text->width == 1) return load_32((const uint8_t *)text->data + i);
    __m256i first, second;
    if (text->width == 2) {
        const uint16_t *wide = (const uint16_t *)text->data + i;
        first = load_32(wide);
        second = load_32(wide + 16);
    } else {
        const uint32_t *full = (const uint32_t *)text->data + i;
        first =
            _mm256_permute4x64_epi64(_mm256_packs_epi32(load_32(full), load_32(full + 8)), 0xD8);
        second = _mm256_permute4x64_epi64(
            _mm256_packs_epi32(load_32(full + 16), load_32(full + 24)), 0xD8);
    }
    return _mm256_permute4x64_epi64(_mm256_packus_epi16(first, second), 0xD8);
}

/* Offset of the first mark in [i, end) that may begin an escape; `*rest` is where the plain loop
   goes on if there is none in the whole blocks. */
MF_TARGET_AVX2 static size_t find_mark_avx2(const mf_text *text, size_t i, size_t end,
                                            size_t *rest) {
    for (; i + 64 <= end; i += 64) {
        __m256i low = is_mark(bytes_at(text, i)), high = is_mark(bytes_at(text, i + 32));
        if (_mm256_testz_si256(_mm256_or_si256(low, high), _mm256_or_si256(low, high))) continue;
        uint64_t marks = (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32 |
                         (uint32_t)_mm256_movemask_epi8(low);
        for (; marks; marks &= marks - 1) {
            size_t at = i + (size_t)__builtin_ctzll(marks);
            if (may_begin(text, at)) return at;
        }
    }
    *rest = i;
    return MF_NONE;
}
#endif
