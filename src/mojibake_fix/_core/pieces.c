#include "pieces.h"
#include "lattice.h"
#include <stdlib.h>

enum { REPLACEMENT = 0xFFFD };

/* What is joined so far. */
typedef struct {
    uint32_t *text;
    uint8_t *given;
    size_t length;
} joined;

static void add(joined *joined, const mf_text *text, size_t start, size_t end, uint8_t given) {
    for (; start < end; start++) {
        joined->text[joined->length] = mf_at(text, start);
        joined->given[joined->length++] = given;
    }
}

/* Add what is known before an offset, up to the beginning of its line. */
static void add_before(joined *joined, const mf_text *text, size_t offset, size_t context) {
    size_t start = offset;
    while (start > 0 && offset - start < context && mf_at(text, start - 1) != '\n')
        start--;
    add(joined, text, start, offset, 1);
}

/* Add what is known behind an offset, up to the end of its line. */
static void add_behind(joined *joined, const mf_text *text, size_t offset, size_t context) {
    size_t end = offset;
    while (end < text->length && end - offset < context && mf_at(text, end) != '\n')
        end++;
    add(joined, text, offset, end, 1);
}

/* Are two offsets near each other in one line? */
static int are_near(const mf_text *text, size_t start, size_t end, size_t context) {
    if (end - start > 2 * context) return 0;
    while (start < end && mf_at(text, start) != '\n')
        start++;
    return start == end;
}

/* Where in the text is what an offset in what is observed stands for? `next` is the first span that
   starts there or behind it, and goes on. */
static size_t known_offset(const mf_known *known, size_t offset, size_t *next) {
    while (*next < known->count && known->starts[*next] < (int64_t)offset)
        ++*next;
    if (!*next) return offset;
    int64_t end = known->ends[*next - 1], at = (int64_t)offset;
    at = (at > end ? at : end) + known->shifts[*next - 1];
    if (at < 0) return 0;
    return (size_t)at < known->text.length ? (size_t)at : known->text.length;
}

size_t mf_join(const mf_known *known, mf_joint *joints, size_t count, size_t context,
               uint32_t *text, uint8_t *given) {
    joined joined = {text, given, 0};
    size_t last = 0, next = 0;
    for (size_t i = 0; i < count; i++) {
        mf_joint *here = &joints[i];
        here->begin = known_offset(known, here->start, &next);
        here->stop = known_offset(known, here->end, &next);
        if (i && are_near(&known->text, last, here->begin, context)) {
            add(&joined, &known->text, last, here->begin, 1);
        } else {
            if (i) {
                add_behind(&joined, &known->text, last, context);
                joined.text[joined.length] = '\n';
                joined.given[joined.length++] = 1;
            }
            add_before(&joined, &known->text, here->begin, context);
        }
        here->at = joined.length;
        add(&joined, &known->observed, here->start, here->end, 0);
        last = here->stop;
    }
    if (count) add_behind(&joined, &known->text, last, context);
    return joined.length;
}

static void count_places(const mf_reading *reading, mf_piece *piece) {
    for (size_t i = piece->begin; i < piece->stop; i++) {
        uint32_t original = mf_at(&reading->original, i);
        int is_literal = reading->flags[i] & MF_LITERAL;
        piece->restored += !is_literal;
        piece->strange += reading->flags[i] & MF_UNKNOWN || original == REPLACEMENT ||
                          (is_literal && reading->starts[i] < piece->run_end && original >= 0x80);
    }
}

int mf_judge(const mf_model *model, const mf_reading *reading, mf_piece *pieces, size_t count) {
    mf_model_passage *passages = malloc((2 * count + 1) * sizeof *passages);
    if (!passages) return 0;
    size_t length = reading->original.length;
    for (size_t i = 0; i < count; i++) {
        mf_piece *piece = &pieces[i];
        count_places(reading, piece);
        size_t before = piece->begin > MF_BEFORE ? piece->begin - MF_BEFORE : 0;
        size_t behind = length - piece->stop > MF_BEHIND ? piece->stop + MF_BEHIND : length;
        mf_text original = mf_part(&reading->original, piece->begin, piece->stop);
        mf_text observed = mf_part(&reading->observed, piece->at, piece->end);
        for (size_t j = 0; j < 2; j++) {
            passages[2 * i + j] = (mf_model_passage){
                .parts = {mf_part(&reading->original, before, piece->begin),
                          j ? original : observed,
                          mf_part(&reading->original, piece->stop, behind)},
            };
        }
    }
    mf_model_read(model, passages, 2 * count);
    for (size_t i = 0; i < count; i++) {
        const mf_model_passage *written = &passages[2 * i], *meant = written + 1;
        pieces[i].written = written->cost + written->rest;
        pieces[i].meant = meant->cost;
        pieces[i].and_rest = meant->cost + meant->rest;
    }
    free(passages);
    return 1;
}
