#include "scan.h"
#include "scan_pair.h"
#include "utf8.h"
#include "vectors.h"
#include <string.h>

#ifdef MF_AVX2
#include "scan_avx2.h"
#endif

void mf_scan_without_vectors(int on) {
#ifdef MF_AVX2
    __atomic_store_n(&mf_plain_loops_only, on, __ATOMIC_RELAXED);
#else
    (void)on;
#endif
}

/* Offset of the suspect at the pair (i, i + 1): the lead, which may stand before the pair. */
static size_t at_pair(const mf_text *text, size_t i) {
    unsigned left = mf_image_id(mf_at(text, i)), right = mf_image_id(mf_at(text, i + 1));
    if (!mf_is_odd(left, right)) return MF_NONE;
    if (mf_begins(left, right)) return i;
    for (size_t back = 1; back <= 2 && back <= i; back++) {
        unsigned lead = mf_image_id(mf_at(text, i - back));
        if (!lead) break;
        unsigned middle = back == 2 ? mf_image_id(mf_at(text, i - 1)) : left;
        if (mf_continues(lead, middle, left, right, (int)back)) return i - back;
    }
    return MF_NONE;
}

/* One pair after the other in [start, end), each image looked up once. */
static size_t find_one_by_one(const mf_text *text, size_t start, size_t end, size_t floor) {
    unsigned left = 0;
    for (size_t i = start; i < end; i++) {
        uint32_t code_point = mf_at(text, i);
        unsigned right = code_point < 0x80 ? 0 : mf_image_id(code_point);
        if (mf_is_odd(left, right)) {
            size_t suspect = at_pair(text, i - 1);
            if (suspect != MF_NONE && suspect >= floor) return suspect;
        }
        left = right;
    }
    return MF_NONE;
}

size_t mf_find_suspect(const mf_text *text, size_t start) {
    size_t i = start;
#ifdef MF_AVX2
    if (mf_vectors()) {
        size_t suspect = find_suspect_avx2(text, start, &i);
        if (suspect != MF_NONE) return suspect;
    }
#endif
    return find_one_by_one(text, i, text->length, start);
}

size_t mf_find_pair(const mf_text *text, size_t start, uint32_t decoders) {
    if (!decoders) return MF_NONE;
    unsigned left = 0;
    for (size_t i = start; i < text->length; i++) {
        uint32_t code_point = mf_at(text, i);
        unsigned right = code_point < 0x80 ? 0 : mf_image_id(code_point);
        if (left && right && (mf_lead_mask(left) & mf_image_roles[right].continuation & decoders)) {
            return i - 1;
        }
        left = right;
    }
    return MF_NONE;
}

size_t mf_find_lead(const mf_text *text, size_t start, uint32_t decoders) {
    if (!decoders) return MF_NONE;
    for (size_t i = start; i < text->length; i++) {
        uint32_t code_point = mf_at(text, i);
        if (code_point >= 0x80 && mf_lead_mask(mf_image_id(code_point)) & decoders) return i;
    }
    return MF_NONE;
}

/* Id of the image that begins at a byte, and its number of bytes; 0 if there is none. */
static inline unsigned utf8_image(const uint8_t *bytes, size_t length, size_t i, size_t *size) {
    *size = 0;
    if (i >= length || bytes[i] < 0xC2) return 0;
    if (bytes[i] < 0xE0) {
        if (length - i < 2) return 0;
        *size = 2;
        return mf_image_id((uint32_t)(bytes[i] & 0x1F) << 6 | (bytes[i + 1] & 0x3F));
    }
    if (bytes[i] < 0xF0) {
        if (length - i < 3) return 0;
        *size = 3;
        return mf_image_id((uint32_t)(bytes[i] & 0x0F) << 12 |
                           (uint32_t)(bytes[i + 1] & 0x3F) << 6 | (bytes[i + 2] & 0x3F));
    }
    return 0;
}

static size_t character_before(const uint8_t *bytes, size_t i) {
    size_t back = i;
    while (back > 0 && i - back < 3) {
        back--;
        if ((bytes[back] & 0xC0) != 0x80) return bytes[back] < 0x80 ? MF_NONE : back;
    }
    return MF_NONE;
}

static size_t at_pair_utf8(const uint8_t *bytes, size_t length, size_t i) {
    size_t size, ignored;
    unsigned left = utf8_image(bytes, length, i, &size);
    if (!left) return MF_NONE;
    unsigned right = utf8_image(bytes, length, i + size, &ignored);
    if (!mf_is_odd(left, right)) return MF_NONE;
    if (mf_begins(left, right)) return i;
    size_t before = i;
    unsigned middle = left;
    for (int back = 1; back <= 2; back++) {
        before = character_before(bytes, before);
        unsigned lead = before == MF_NONE ? 0 : utf8_image(bytes, length, before, &ignored);
        if (!lead) break;
        if (mf_continues(lead, middle, left, right, back)) return before;
        middle = lead;
    }
    return MF_NONE;
}

/* One pair after the other, from the first character in [start, end) on. */
static size_t find_one_by_one_utf8(const uint8_t *bytes, size_t length, size_t start, size_t end,
                                   size_t floor) {
    unsigned left = 0;
    size_t before = 0;
    for (size_t i = start; i < end;) {
        size_t size;
        unsigned right = utf8_image(bytes, length, i, &size);
        if (mf_is_odd(left, right)) {
            size_t suspect = at_pair_utf8(bytes, length, before);
            if (suspect != MF_NONE && suspect >= floor) return suspect;
        }
        left = right;
        before = i;
        if (size) {
            i += size;
            continue;
        }
        uint64_t word;
        i++;
        while (i + 8 <= end) {
            memcpy(&word, bytes + i, 8);
            if (word & 0x8080808080808080u) break;
            i += 8;
        }
    }
    return MF_NONE;
}

size_t mf_find_suspect_utf8(const uint8_t *bytes, size_t length, size_t start) {
    size_t i = start;
#ifdef MF_AVX2
    if (mf_vectors()) {
        size_t suspect = find_suspect_utf8_avx2(bytes, length, start, &i);
        if (suspect != MF_NONE) return suspect;
    }
#endif
    return find_one_by_one_utf8(bytes, length, i, length, start);
}
