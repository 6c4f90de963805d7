/* A read-only text in the storage that it already has: 1, 2 or 4 bytes a code point. */
#ifndef MF_TEXT_H
#define MF_TEXT_H
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const void *data;
    size_t length; /* code points */
    int width;     /* bytes a code point: 1, 2 or 4 */
} mf_text;

#define MF_NONE ((size_t)-1) /* no such offset */

static inline uint32_t mf_at(const mf_text *text, size_t offset) {
    switch (text->width) {
    case 1:
        return ((const uint8_t *)text->data)[offset];
    case 2:
        return ((const uint16_t *)text->data)[offset];
    default:
        return ((const uint32_t *)text->data)[offset];
    }
}

enum { MF_NEXT_LINE = 0x85 };

static inline int mf_is_c1(uint32_t code_point) {
    return code_point - 0x80 < 32;
}

/* Is a code point a C1 control that ends no line? Text has none. */
static inline int mf_is_control(uint32_t code_point) {
    return mf_is_c1(code_point) && code_point != MF_NEXT_LINE;
}

/* A part of a text, which lies where that lies. */
static inline mf_text mf_part(const mf_text *text, size_t start, size_t end) {
    const char *data = text->data;
    return (mf_text){data + start * (size_t)text->width, end - start, text->width};
}
#endif
