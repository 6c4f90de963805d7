#include "drawing.h"

enum { BOXES = 0x2500, BLOCKS = 0x2580, END = 0x25A0, LEAST = 3 };

/* Do neighbours that draw go on in one another, or repeat? */
static int is_joined(uint32_t left, uint32_t right) {
    if (left < BOXES || left >= END) return 0;
    if (left == right) return 1;
    if (left >= BLOCKS || right < BOXES || right >= BLOCKS) return 0;
    int stroke = mf_strokes[left - BOXES] >> 4;
    return stroke && stroke == (mf_strokes[right - BOXES] & 15);
}

int mf_is_drawn(const mf_text *text, size_t at) {
    size_t first = at, last = at + 1;
    while (first > 0 && at - first < LEAST && is_joined(mf_at(text, first - 1), mf_at(text, first)))
        first--;
    while (last < text->length && last - at < LEAST &&
           is_joined(mf_at(text, last - 1), mf_at(text, last)))
        last++;
    return last - first >= LEAST;
}
