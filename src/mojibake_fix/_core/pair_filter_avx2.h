/* Pairs of images that the filter of their page shows to be none of those that are looked for, in
   AVX2. Included by the vector loops of scan.c and foreign.c only. */
#ifndef MF_PAIR_FILTER_AVX2_H
#define MF_PAIR_FILTER_AVX2_H

/* With so many pairs in a block the filter pays. */
enum { CROWDED = 6 };

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

/* The buckets of all pages, so many groups of each. */
typedef struct {
    const mf_buckets *buckets;
    int groups;
} pair_filter;

/* FF where both are in the page and their pair is in none of its buckets. */
MF_TARGET_AVX2 static inline __m256i usual(pair_filter filter, unsigned page, page_view left,
                                           page_view right) {
    __m256i buckets = _mm256_setzero_si256();
    const mf_buckets *of_page = filter.buckets + page * (unsigned)filter.groups;
    for (int group = 0; group < filter.groups; group++) {
        const uint8_t (*tables)[16] = of_page[group];
        __m256i of_left =
            _mm256_and_si256(mf_look_up(tables[0], left.high), mf_look_up(tables[1], left.low));
        __m256i of_right =
            _mm256_and_si256(mf_look_up(tables[2], right.high), mf_look_up(tables[3], right.low));
        buckets = _mm256_or_si256(buckets, _mm256_and_si256(of_left, of_right));
    }
    return _mm256_and_si256(_mm256_and_si256(left.in_page, right.in_page),
                            _mm256_cmpeq_epi8(buckets, _mm256_setzero_si256()));
}

/* Packing works within 128-bit lanes: this puts the quarters back in order. */
MF_TARGET_AVX2 static inline uint32_t mask_of_packed(__m256i packed) {
    return (uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(packed, 0xD8));
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
MF_TARGET_AVX2 __attribute__((noinline)) static uint32_t
filtered_2(pair_filter filter, const uint16_t *data, uint32_t mask, int at) {
    unsigned page = data[at] >> 8;
    if (page >= MF_FILTER_PAGES) return mask;
    return mask & ~mask_of_packed(usual(filter, page, page_2(data, page), page_2(data + 1, page)));
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

MF_TARGET_AVX2 static inline uint32_t usual_utf8(pair_filter filter, const uint8_t *bytes,
                                                 unsigned page, int size) {
    return (uint32_t)_mm256_movemask_epi8(
        usual(filter, page, page_utf8(bytes, page, size), page_utf8(bytes + size, page, size)));
}

/* As filtered_2, `at` being an offset in bytes. */
MF_TARGET_AVX2 static inline uint64_t filtered_utf8(pair_filter filter, const uint8_t *bytes,
                                                    uint64_t mask, int at) {
    if (bytes[at] > 0xE0) return mask;
    int size = bytes[at] < 0xE0 ? 2 : 3;
    unsigned page = bytes[at + size - 2] >> 2 & 15;
    if (size == 2) {
        return mask & ~((uint64_t)usual_utf8(filter, bytes + 32, page, 2) << 32 |
                        usual_utf8(filter, bytes, page, 2));
    }
    return mask & ~((uint64_t)usual_utf8(filter, bytes + 32, page, 3) << 32 |
                    usual_utf8(filter, bytes, page, 3));
}

#endif
