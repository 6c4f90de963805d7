/* The scan in AVX2. A block without two neighbouring images is passed over whole; in a block
   with many, pairs that the filter of their page shows to be usual are passed over; what is left
   gets the exact test. Included by scan.c only. */
#ifndef MF_SCAN_AVX2_H
#define MF_SCAN_AVX2_H

static size_t at_pair(const mf_text *text, size_t i);
static size_t at_pair_utf8(const uint8_t *bytes, size_t length, size_t i);
static size_t find_one_by_one(const mf_text *text, size_t start, size_t end, size_t floor);
static size_t find_one_by_one_utf8(const uint8_t *bytes, size_t length, size_t start, size_t end,
                                   size_t floor);

/* With so many pairs in a block the filter pays, and with as many left behind it it is quicker
   to look up each image once, in order. */
enum { CROWDED = 6 };

/* Images lie in 80 to 25FF and from F800 up: a superset that two comparisons tell. */
enum { LOW_END = 0x2600, HIGH_START = 0xF800 };

/* The low bytes of code points as nibbles, and FF for those of one page. */
typedef struct {
    __m256i high, low, in_page;
} page_view;

MF_TARGET_AVX2 static inline __m256i load(const void *data) {
    return _mm256_loadu_si256((const __m256i *)data);
}

MF_TARGET_AVX2 static inline __m256i low_nibbles(__m256i bytes) {
    return _mm256_and_si256(bytes, _mm256_set1_epi8(0x0F));
}

/* FF where both are in the page and their pair is in none of its buckets. */
MF_TARGET_AVX2 static inline __m256i usual(unsigned page, page_view left, page_view right) {
    __m256i buckets = _mm256_setzero_si256();
    for (int group = 0; group < MF_FILTER_GROUPS; group++) {
        const uint8_t (*tables)[16] = mf_pair_filter[page][group];
        __m256i of_left =
            _mm256_and_si256(mf_look_up(tables[0], left.high), mf_look_up(tables[1], left.low));
        __m256i of_right =
            _mm256_and_si256(mf_look_up(tables[2], right.high), mf_look_up(tables[3], right.low));
        buckets = _mm256_or_si256(buckets, _mm256_and_si256(of_left, of_right));
    }
    return _mm256_and_si256(_mm256_and_si256(left.in_page, right.in_page),
                            _mm256_cmpeq_epi8(buckets, _mm256_setzero_si256()));
}

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

/* Packing works within 128-bit lanes: this puts the quarters back in order. */
MF_TARGET_AVX2 static inline uint32_t mask_of_packed(__m256i packed) {
    return (uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(packed, 0xD8));
}

MF_TARGET_AVX2 static inline uint32_t images_2(const uint16_t *data) {
    return mask_of_packed(_mm256_packs_epi16(images_16(data), images_16(data + 16)));
}

MF_TARGET_AVX2 static inline page_view page_2(const uint16_t *data, unsigned page) {
    const __m256i byte = _mm256_set1_epi16(0xFF), wanted = _mm256_set1_epi16((short)page);
    __m256i first = load(data), second = load(data + 16);
    __m256i bytes =
        _mm256_packus_epi16(_mm256_and_si256(first, byte), _mm256_and_si256(second, byte));
    __m256i in_page = _mm256_packs_epi16(_mm256_cmpeq_epi16(_mm256_srli_epi16(first, 8), wanted),
                                         _mm256_cmpeq_epi16(_mm256_srli_epi16(second, 8), wanted));
    return (page_view){low_nibbles(_mm256_srli_epi16(bytes, 4)), low_nibbles(bytes), in_page};
}

/* The pairs of `mask` but those of the page of code point `at` that the filter passes over. Not
   inlined, so that it takes no registers from blocks that do not need it. */
MF_TARGET_AVX2 __attribute__((noinline)) static uint32_t filtered_2(const uint16_t *data,
                                                                    uint32_t mask, int at) {
    unsigned page = data[at] >> 8;
    if (page >= MF_FILTER_PAGES) return mask;
    return mask & ~mask_of_packed(usual(page, page_2(data, page), page_2(data + 1, page)));
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
            if (text->width > 1) mask = filtered_2(data, mask, 31 - __builtin_clz(mask));
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

/* Pages 0 to 7 are written in two bytes, pages 8 to 15 in three that begin with E0. */
MF_TARGET_AVX2 static inline page_view page_utf8(const uint8_t *bytes, unsigned page, int size) {
    __m256i lead = load(bytes), head = load(bytes + size - 2), tail = load(bytes + size - 1);
    /* The high nibble is the last two bits of the head and the first two bits of the tail. */
    __m256i of_head = _mm256_and_si256(_mm256_slli_epi16(head, 2), _mm256_set1_epi8(0x0C));
    __m256i of_tail = _mm256_and_si256(_mm256_srli_epi16(tail, 4), _mm256_set1_epi8(0x03));
    char wanted = (char)((size == 2 ? 0xC0 : 0x80) | page << 2);
    __m256i in_page = _mm256_cmpeq_epi8(_mm256_and_si256(head, _mm256_set1_epi8((char)0xFC)),
                                        _mm256_set1_epi8(wanted));
    if (size == 3) {
        in_page = _mm256_and_si256(in_page, _mm256_cmpeq_epi8(lead, _mm256_set1_epi8((char)0xE0)));
    }
    return (page_view){_mm256_or_si256(of_head, of_tail), low_nibbles(tail), in_page};
}

MF_TARGET_AVX2 static inline uint32_t usual_utf8(const uint8_t *bytes, unsigned page, int size) {
    return (uint32_t)_mm256_movemask_epi8(
        usual(page, page_utf8(bytes, page, size), page_utf8(bytes + size, page, size)));
}

/* As filtered_2, `at` being an offset in bytes. */
MF_TARGET_AVX2 static inline uint64_t filtered_utf8(const uint8_t *bytes, uint64_t mask, int at) {
    if (bytes[at] > 0xE0) return mask;
    int size = bytes[at] < 0xE0 ? 2 : 3;
    unsigned page = bytes[at + size - 2] >> 2 & 15;
    if (size == 2) {
        return mask &
               ~((uint64_t)usual_utf8(bytes + 32, page, 2) << 32 | usual_utf8(bytes, page, 2));
    }
    return mask & ~((uint64_t)usual_utf8(bytes + 32, page, 3) << 32 | usual_utf8(bytes, page, 3));
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
            mask = filtered_utf8(block, mask, 63 - __builtin_clzll(mask));
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
