/* Evidence: how much better does one reading of a span explain the text than another?

   The model of clean text is a trigram model of code point classes with an emission per code
   point (see tables.h). All figures are -log p in units of 1/8 nat, in integers, so that every
   machine gives the same answer. */
#ifndef MF_EVIDENCE_H
#define MF_EVIDENCE_H
#include "tables.h"
#include "text.h"

/* What stands before: the classes of the last two code points. */
typedef struct {
    uint8_t before, last;
} mf_context;

static inline void mf_pass(mf_context *context, uint32_t code_point) {
    context->before = context->last;
    context->last = (uint8_t)(mf_entry(code_point) >> 8);
}

/* What stands before `offset` of a text; before the text stand line ends. */
static inline mf_context mf_context_at(const mf_text *text, size_t offset) {
    mf_context context = {MF_LINE_ENTRY >> 8, MF_LINE_ENTRY >> 8};
    for (size_t i = offset > 2 ? offset - 2 : 0; i < offset; i++)
        mf_pass(&context, mf_at(text, i));
    return context;
}

/* Running -log p of a text behind a context. */
typedef struct {
    int64_t cost;
    mf_context context;
} mf_reading;

/* Read one code point more. */
static inline void mf_read(mf_reading *reading, unsigned entry) {
    unsigned kind = entry >> 8;
    mf_context *context = &reading->context;
    reading->cost += mf_trigram[context->before][context->last][kind] + (entry & 0xFF);
    context->before = context->last;
    context->last = (uint8_t)kind;
}

/* Read the text from `offset` to `end`; behind the text stand line ends. */
static inline void mf_read_until(mf_reading *reading, const mf_text *text, size_t offset,
                                 size_t end) {
    for (size_t i = offset; i < end; i++) {
        mf_read(reading, i < text->length ? mf_entry(mf_at(text, i)) : MF_LINE_ENTRY);
    }
}
#endif
