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

/* The last lossless span that was passed: where it ends, and what is to be added to an offset
   behind it for one in the text; and the next edit. */
typedef struct {
    size_t end, next;
    int64_t shift;
} passed;

/* Where in the text is what an offset in what is observed stands for? Offsets go on. */
static size_t known_offset(const mf_known *known, size_t offset, passed *passed) {
    const mf_edits *edits = known->edits;
    for (; passed->next < edits->count; passed->next++) {
        const mf_edit *edit = &edits->edits[passed->next];
        if (edit->start >= offset) break;
        if (edit->flags & MF_EDIT_LOSSY) continue;
        passed->end = edit->end;
        passed->shift += (int64_t)edit->count - (int64_t)(edit->end - edit->start);
    }
    int64_t at = (int64_t)(offset > passed->end ? offset : passed->end) + passed->shift;
    if (at < 0) return 0;
    return (size_t)at < known->text.length ? (size_t)at : known->text.length;
}

size_t mf_join(const mf_known *known, mf_joint *joints, size_t count, size_t context,
               uint32_t *text, uint8_t *given) {
    joined joined = {text, given, 0};
    size_t last = 0;
    passed passed = {0};
    for (size_t i = 0; i < count; i++) {
        mf_joint *here = &joints[i];
        here->begin = known_offset(known, here->start, &passed);
        here->stop = known_offset(known, here->end, &passed);
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

static size_t copy(const mf_text *text, size_t start, size_t end, uint32_t *out, size_t length) {
    for (; start < end; start++)
        out[length++] = mf_at(text, start);
    return length;
}

size_t mf_exchange_parts(const mf_text *text, const mf_text *other, const mf_exchange *parts,
                         size_t count, uint32_t *out, size_t *begins) {
    size_t at = 0, length = 0;
    for (size_t i = 0; i < count; i++) {
        length = copy(text, at, parts[i].start, out, length);
        begins[i] = length;
        length = copy(other, parts[i].from, parts[i].to, out, length);
        at = parts[i].end;
    }
    return copy(text, at, text->length, out, length);
}

void mf_place_originals(const uint32_t *starts, size_t length, mf_piece *pieces, size_t count) {
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        while (at < length && starts[at] < pieces[i].at)
            at++;
        pieces[i].begin = at;
        while (at < length && starts[at] < pieces[i].end)
            at++;
        pieces[i].stop = at;
    }
}

static void count_places(const mf_reading *reading, mf_piece *piece) {
    for (size_t i = piece->begin; i < piece->stop; i++) {
        uint32_t original = mf_at(&reading->original, i);
        int is_literal = reading->flags[i] & MF_LITERAL;
        piece->restored += !is_literal;
        piece->worth += mf_model_worth(original);
        piece->strange += reading->flags[i] & MF_UNKNOWN || original == REPLACEMENT ||
                          (is_literal && reading->starts[i] < piece->run_end && original >= 0x80);
    }
}

int mf_judge(const mf_model *model, const mf_reading *reading, mf_piece *pieces, size_t count) {
    mf_model_passage *passages = malloc((2 * count + 1) * sizeof *passages);
    mf_model_state *states = malloc((2 * count + 1) * sizeof *states);
    size_t length = reading->original.length;
    for (size_t i = 0; passages && states && i < count; i++) {
        size_t begin = pieces[i].begin,
               before = begin > MF_MODEL_CONTEXT ? begin - MF_MODEL_CONTEXT : 0;
        mf_model_start(model, &states[2 * i]);
        passages[i] = (mf_model_passage){.parts = {mf_part(&reading->original, before, begin)},
                                         .state = &states[2 * i]};
    }
    if (passages && states) mf_model_read(model, passages, count);
    for (size_t i = 0; passages && states && i < count; i++) {
        mf_piece *piece = &pieces[i];
        count_places(reading, piece);
        size_t behind = length - piece->stop > MF_BEHIND ? piece->stop + MF_BEHIND : length;
        mf_text rest = mf_part(&reading->original, piece->stop, behind);
        states[2 * i + 1] = states[2 * i];
        passages[2 * i] = (mf_model_passage){
            .parts = {{0}, mf_part(&reading->observed, piece->at, piece->end), rest},
            .state = &states[2 * i]};
        passages[2 * i + 1] = (mf_model_passage){
            .parts = {{0}, mf_part(&reading->original, piece->begin, piece->stop), rest},
            .state = &states[2 * i + 1]};
    }
    int ok = passages && states;
    if (ok) mf_model_read(model, passages, 2 * count);
    for (size_t i = 0; ok && i < count; i++) {
        const mf_model_passage *written = &passages[2 * i], *meant = written + 1;
        pieces[i].written = written->cost + written->rest;
        pieces[i].meant = meant->cost;
        pieces[i].and_rest = meant->cost + meant->rest;
    }
    free(passages);
    free(states);
    return ok;
}
