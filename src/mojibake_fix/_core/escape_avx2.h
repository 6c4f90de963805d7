/* The search for places to look at in AVX2. Included by escape.c only. */
#ifndef MF_ESCAPE_AVX2_H
#define MF_ESCAPE_AVX2_H

/* The low nibbles of the marks are all different, so a look-up by low nibble gives the only mark
   that a byte can be. A byte from 80 up looks up 0, which it is not. NUL is a mark, too. */
static const uint8_t mark_by_low_nibble[16] = {
    0, 0xFF, 0xFF, 0xFF, '$', '%', '&', 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, '\\', '=', 0xFF, 0xFF,
};

MF_TARGET_AVX2 static inline __m256i load_32(const void *data) {
    return _mm256_loadu_si256((const __m256i *)data);
}

MF_TARGET_AVX2 static inline __m256i is_mark(__m256i bytes) {
    return _mm256_cmpeq_epi8(mf_look_up(mark_by_low_nibble, bytes), bytes);
}

MF_TARGET_AVX2 static inline uint32_t mask_of(__m256i bytes) {
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

/* U+FFFD in UTF-8, of which `bytes` is loaded already. */
MF_TARGET_AVX2 static inline __m256i is_replaced_utf8(const uint8_t *at, __m256i bytes) {
    __m256i first = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8((char)0xEF));
    __m256i second = _mm256_cmpeq_epi8(load_32(at + 1), _mm256_set1_epi8((char)0xBF));
    __m256i third = _mm256_cmpeq_epi8(load_32(at + 2), _mm256_set1_epi8((char)0xBD));
    return _mm256_and_si256(_mm256_and_si256(first, second), third);
}

/* Marks among 64 bytes less dollar signs that no B follows, of which programs have many. */
MF_TARGET_AVX2 static inline uint64_t without_names(const uint8_t *bytes, uint64_t marks) {
    const __m256i sign = _mm256_set1_epi8('$'), letter = _mm256_set1_epi8('B');
    uint64_t signs = (uint64_t)mask_of(_mm256_cmpeq_epi8(load_32(bytes + 32), sign)) << 32 |
                     mask_of(_mm256_cmpeq_epi8(load_32(bytes), sign));
    if (!signs) return marks;
    uint64_t followed = (uint64_t)mask_of(_mm256_cmpeq_epi8(load_32(bytes + 33), letter)) << 32 |
                        mask_of(_mm256_cmpeq_epi8(load_32(bytes + 1), letter));
    return marks & (~signs | followed);
}

/* A bit per place among 64 bytes. */
MF_TARGET_AVX2 static inline uint64_t places_1(const uint8_t *bytes, int utf8) {
    __m256i low = load_32(bytes), high = load_32(bytes + 32);
    __m256i low_places = is_mark(low), high_places = is_mark(high);
    __m256i places = _mm256_or_si256(low_places, high_places);
    /* Most blocks of most texts have neither a mark nor a byte from 80 up. */
    if (!mask_of(_mm256_or_si256(places, _mm256_or_si256(low, high)))) return 0;
    if (utf8) {
        low_places = _mm256_or_si256(low_places, is_replaced_utf8(bytes, low));
        high_places = _mm256_or_si256(high_places, is_replaced_utf8(bytes + 32, high));
    }
    return without_names(bytes, (uint64_t)mask_of(high_places) << 32 | mask_of(low_places));
}

/* U+FFFD and surrogates. */
MF_TARGET_AVX2 static inline __m256i is_wrong_2(__m256i units) {
    __m256i page = _mm256_and_si256(units, _mm256_set1_epi16((short)0xF800));
    return _mm256_or_si256(_mm256_cmpeq_epi16(units, _mm256_set1_epi16((short)REPLACED)),
                           _mm256_cmpeq_epi16(page, _mm256_set1_epi16((short)0xD800)));
}

MF_TARGET_AVX2 static inline __m256i is_wrong_4(__m256i units) {
    __m256i page = _mm256_and_si256(units, _mm256_set1_epi32(~0x7FF));
    return _mm256_or_si256(_mm256_cmpeq_epi32(units, _mm256_set1_epi32(REPLACED)),
                           _mm256_cmpeq_epi32(page, _mm256_set1_epi32(0xD800)));
}

/* Packing works within 128-bit lanes: this puts the quarters back in order. */
MF_TARGET_AVX2 static inline __m256i ordered(__m256i packed) {
    return _mm256_permute4x64_epi64(packed, 0xD8);
}

/* A bit per place among 32 code points of two bytes, or four. What is beyond FF packs to FF, which
   is no mark, or of two bytes to 0, which is one only without a page. */
MF_TARGET_AVX2 static inline uint32_t places_2(const uint16_t *units) {
    __m256i low = load_32(units), high = load_32(units + 16);
    __m256i pages = _mm256_packus_epi16(_mm256_srli_epi16(low, 8), _mm256_srli_epi16(high, 8));
    __m256i places = is_mark(_mm256_or_si256(_mm256_packus_epi16(low, high), pages));
    __m256i wrong =
        _mm256_or_si256(_mm256_cmpeq_epi8(pages, _mm256_set1_epi8((char)(REPLACED >> 8))),
                        _mm256_cmpeq_epi8(_mm256_and_si256(pages, _mm256_set1_epi8((char)0xF8)),
                                          _mm256_set1_epi8((char)0xD8)));
    /* Full-width punctuation is of the page of U+FFFD. */
    if (!_mm256_testz_si256(wrong, wrong)) {
        wrong = _mm256_packs_epi16(is_wrong_2(low), is_wrong_2(high));
    }
    places = _mm256_or_si256(places, wrong);
    return _mm256_testz_si256(places, places) ? 0 : mask_of(ordered(places));
}

MF_TARGET_AVX2 static inline uint32_t places_4(const uint32_t *units) {
    __m256i packed[2], replaced[2];
    for (int half = 0; half < 2; half++) {
        __m256i low = load_32(units + 16 * half), high = load_32(units + 16 * half + 8);
        packed[half] = ordered(_mm256_packs_epi32(low, high));
        replaced[half] = ordered(_mm256_packs_epi32(is_wrong_4(low), is_wrong_4(high)));
    }
    __m256i marks = is_mark(_mm256_packus_epi16(packed[0], packed[1]));
    __m256i wrong = _mm256_packs_epi16(replaced[0], replaced[1]);
    return mask_of(ordered(_mm256_or_si256(marks, wrong)));
}

/* First of the places at `i` that is one and before `end`, `end` if none is. */
static inline size_t first_of(const source *source, size_t i, uint64_t places, size_t end) {
    for (; places; places &= places - 1) {
        size_t at = i + (size_t)__builtin_ctzll(places);
        if (at >= end || is_place(source, at)) return at < end ? at : end;
    }
    return end;
}

/* Pass over whole blocks of bytes of ASCII without places; returns where to look. */
MF_TARGET_AVX2 static size_t pass_ascii_avx2(const source *source, size_t i) {
    const uint8_t *bytes = source->text->data;
    for (; i + 64 < source->text->length; i += 64) {
        __m256i low = load_32(bytes + i), high = load_32(bytes + i + 32);
        __m256i low_marks = is_mark(low), high_marks = is_mark(high);
        __m256i either = _mm256_or_si256(low, high);
        __m256i marks = _mm256_or_si256(low_marks, high_marks);
        if (!mask_of(_mm256_or_si256(marks, either))) continue;
        if (mask_of(either)) break;
        uint64_t places = (uint64_t)mask_of(high_marks) << 32 | mask_of(low_marks);
        places = without_names(bytes + i, places);
        if (first_of(source, i, places, i + 64) < i + 64) break;
    }
    return i;
}

/* First place in [i, end), `end` if there is none; sets `*rest` to where the plain loop is to look,
   for blocks are whole. A loop for each width, for this is half of what clean text costs. */
MF_TARGET_AVX2 static size_t find_place_avx2(const source *source, size_t i, size_t end,
                                             size_t *rest) {
    enum { BEHIND = 2 };
    const void *data = source->text->data;
    const size_t length = source->text->length;
    size_t found = end;
    if (source->text->width == 1) {
        const int utf8 = source->utf8;
        for (; i < end && i + 64 + BEHIND <= length && found == end; i += 64) {
            uint64_t places = places_1((const uint8_t *)data + i, utf8);
            if (places) found = first_of(source, i, places, end);
        }
    } else if (source->text->width == 2) {
        for (; i < end && i + 32 <= length && found == end; i += 32) {
            uint32_t places = places_2((const uint16_t *)data + i);
            if (places) found = first_of(source, i, places, end);
        }
    } else {
        for (; i < end && i + 32 <= length && found == end; i += 32) {
            uint32_t places = places_4((const uint32_t *)data + i);
            if (places) found = first_of(source, i, places, end);
        }
    }
    *rest = i;
    return found;
}
#endif
