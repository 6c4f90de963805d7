#include "vicinity.h"
#include "escape.h"
#include "foreign.h"
#include "utf8.h"
#include "vectors.h"
#include <stdlib.h>
#include <string.h>

enum { AROUND = 200 /* code points on each side of a sign, and more to the end of a word */ };

/* Are these 8 bytes all ASCII? */
static inline int is_ascii(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return !(word & UINT64_C(0x8080808080808080));
}

/* Has valid UTF-8 a code point beyond FFFF? Without branches, so that it becomes vectors. */
static int is_wide(const uint8_t *bytes, size_t size) {
    uint8_t greatest = 0;
    for (size_t i = 0; i < size; i++)
        greatest = bytes[i] > greatest ? bytes[i] : greatest;
    return greatest >= 0xF0;
}

/* Count the code points of valid UTF-8. */
static mf_extent measured(const uint8_t *bytes, size_t size) {
    enum { AT_ONCE = 255 }; /* so that counts fit into bytes, of which vectors hold many */
    mf_extent extent = {0, 0};
    for (size_t start = 0, end; start < size; start = end) {
        end = size - start < AT_ONCE ? size : start + AT_ONCE;
        uint8_t begin = 0, beyond = 0;
        for (size_t i = start; i < end; i++) {
            begin = (uint8_t)(begin + ((bytes[i] & 0xC0) != 0x80));
            beyond = (uint8_t)(beyond + (bytes[i] >= 0xC0));
        }
        extent.length += begin;
        extent.beyond += beyond;
    }
    return extent;
}

/* Write valid UTF-8 as code points of a storage; returns how many they are. */
static inline MF_INLINED size_t decode(const uint8_t *bytes, size_t size, void *data, int width) {
    uint16_t *narrow = data;
    uint32_t *wide = data;
    size_t length = 0;
    for (size_t i = 0; i < size;) {
        int count = 1;
        if (size - i >= 8 && is_ascii(bytes + i)) {
            count = 8;
            for (size_t k = 0; k < 8; k++) {
                if (width == 2) narrow[length + k] = bytes[i + k];
                if (width == 4) wide[length + k] = bytes[i + k];
            }
            length += 8;
        } else {
            uint32_t code_point = bytes[i];
            if (code_point >= 0x80) {
                count = code_point < 0xE0 ? 2 : code_point < 0xF0 ? 3 : 4;
                code_point = mf_decode_sequence(bytes + i, count);
            }
            if (width == 2) narrow[length++] = (uint16_t)code_point;
            if (width == 4) wide[length++] = code_point;
        }
        i += (size_t)count;
    }
    return length;
}

/* Begin with nothing of what is at most so many bytes. */
static int begin(const uint8_t *bytes, size_t size, mf_vicinity *vicinity) {
    int width = is_wide(bytes, size) ? 4 : 2;
    vicinity->data = malloc(size * (size_t)width + 1);
    vicinity->text = (mf_text){vicinity->data, 0, width};
    vicinity->extent = (mf_extent){0, 0};
    return vicinity->data != NULL;
}

static void add(mf_vicinity *vicinity, const uint8_t *bytes, size_t size) {
    mf_text *text = &vicinity->text;
    uint8_t *end = (uint8_t *)vicinity->data + text->length * (size_t)text->width;
    text->length += text->width == 2 ? decode(bytes, size, end, 2) : decode(bytes, size, end, 4);
}

static size_t mark_of(const uint8_t *bytes, size_t size) {
    return size >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3) ? 3 : 0;
}

int mf_vicinity_all(const uint8_t *bytes, size_t size, mf_vicinity *vicinity) {
    size_t mark = mark_of(bytes, size);
    if (!begin(bytes + mark, size - mark, vicinity)) return 0;
    add(vicinity, bytes + mark, size - mark);
    return 1;
}

/* Where the words around an offset begin, and end, in its line: at white space, which is in no
   sequence, or `floor`. */
static size_t first_around(const uint8_t *bytes, size_t at, size_t floor) {
    for (size_t count = 0; at > floor && bytes[at - 1] != '\n'; at--) {
        if (count >= AROUND && bytes[at - 1] <= ' ') break;
        count += (bytes[at - 1] & 0xC0) != 0x80;
    }
    return at;
}

static size_t last_around(const uint8_t *bytes, size_t at, size_t size) {
    for (size_t count = 0; at < size && bytes[at] != '\n'; at++) {
        if (count >= AROUND && bytes[at] <= ' ') break;
        count += (bytes[at] & 0xC0) != 0x80;
    }
    return at;
}

int mf_vicinity_signs(const uint8_t *bytes, size_t size, size_t suspect, size_t foreign,
                      mf_vicinity *vicinity) {
    size_t end = mark_of(bytes, size);
    if (!begin(bytes + end, size - end, vicinity)) return 0;
    if (foreign != MF_NONE) vicinity->extent = measured(bytes + end, size - end);
    for (;;) {
        if (suspect < end) suspect = mf_find_any_suspect_utf8(bytes, size, end);
        if (foreign < end) foreign = mf_find_foreign_utf8(bytes, size, end);
        size_t at = suspect < foreign ? suspect : foreign;
        if (at == MF_NONE) return 1;
        size_t start = first_around(bytes, at, end);
        if (start > end && vicinity->text.length) add(vicinity, (const uint8_t *)"\n", 1);
        end = last_around(bytes, at, size);
        add(vicinity, bytes + start, end - start);
    }
}

void mf_vicinity_free(mf_vicinity *vicinity) {
    free(vicinity->data);
}
