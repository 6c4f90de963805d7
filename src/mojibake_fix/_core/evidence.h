/* Evidence: how much better does one reading of a span explain the text than another?

   The model of clean text is a trigram model of code point classes with an emission per code
   point (see tables.h). All figures are -log p in units of 1/8 nat, in integers, so that every
   machine gives the same answer. */
#ifndef MF_EVIDENCE_H
#define MF_EVIDENCE_H
#include "tables.h"
#include "text.h"

/* Running -log p of a text: the classes of the last two code points, and the sum. */
typedef struct {
    int64_t cost;
    uint8_t before, last;
} mf_reading;

/* A reading that begins at `offset` of a text; before the text stand line ends. */
static inline mf_reading mf_reading_from(const mf_text *text, size_t offset) {
    mf_reading reading = {0, MF_LINE_ENTRY >> 8, MF_LINE_ENTRY >> 8};
    if (offset > 0) reading.last = (uint8_t)(mf_entry(mf_at(text, offset - 1)) >> 8);
    if (offset > 1) reading.before = (uint8_t)(mf_entry(mf_at(text, offset - 2)) >> 8);
    return reading;
}

/* Read one code point more. */
static inline void mf_read(mf_reading *reading, unsigned entry) {
    unsigned kind = entry >> 8;
    reading->cost += mf_trigram[reading->before][reading->last][kind] + (entry & 0xFF);
    reading->before = reading->last;
    reading->last = (uint8_t)kind;
}

/* Read the text from `offset` to `end`; behind the text stand line ends. */
static inline void mf_read_until(mf_reading *reading, const mf_text *text, size_t offset,
                                 size_t end) {
    for (size_t i = offset; i < end; i++) {
        mf_read(reading, i < text->length ? mf_entry(mf_at(text, i)) : MF_LINE_ENTRY);
    }
}
#endif
