#include "agreed.h"
#include <string.h>

enum {
    MODEL_UNITS = MF_MODEL_UNITS_PER_NAT / MF_UNITS_PER_NAT,
};

static int is_space(uint32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Is a code point one of some ASCII? */
static int is_one_of(uint32_t c, const char *some) {
    return c > 0 && c < 0x80 && strchr(some, (int)c) != NULL;
}

int mf_is_sign_alone(const mf_text *text, const mf_run *run) {
    static const char marks[] = "\xA2\xA3\xA4\xA5\xA6\xA7\xA9\xAE\xB6\xBC\xBD\xBE";
    enum { DOT = 0xB7 };
    if (run->end - run->start != 2 || mf_at(text, run->start) != 0xC2) return 0;
    uint32_t sign = mf_at(text, run->start + 1);
    uint32_t before = run->start > 0 ? mf_at(text, run->start - 1) : '\n';
    uint32_t behind = run->end < text->length ? mf_at(text, run->end) : '\n';
    if (sign == DOT) return run->start > 0 && is_space(before) && is_space(behind);
    return sign < 0x100 && strchr(marks, (int)sign) &&
           (is_space(before) || is_one_of(before, "(0123456789")) &&
           (is_space(behind) || is_one_of(behind, "0123456789.,;:!?)"));
}

/* Is a run a letter and a sign that may have been written behind it: an exponent or a product
   (`Â²`), a tolerance (`Ø±`, but `Î±` is a letter), the end of a quotation, a mark, or what is not
   seen? */
static int may_be_sign(const mf_text *text, const mf_run *run) {
    enum { TOLERANCE = 0xB1, ALPHA = 0xCE };
    static const uint16_t signs[] = {0xA0, 0xAD,   0xB2,   0xB3,   0xB7,   0xB9,
                                     0xBB, 0x2019, 0x201D, 0x203A, 0x2026, 0x2122};
    uint32_t last = mf_at(text, run->end - 1);
    if (run->end - run->start != 2) return 0;
    if (last == TOLERANCE) return mf_at(text, run->start) != ALPHA;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (last == signs[i]) return 1;
    }
    return 0;
}

static int is_small(const mf_text *text, size_t at) {
    return at < text->length && mf_at(text, at) - 'a' < 26;
}

/* Is a run in a word, of some small ASCII letters? */
static int is_in_word(const mf_text *text, const mf_run *run) {
    enum { LETTERS = 3 };
    int count = 0;
    for (size_t at = run->start; at > 0 && count < LETTERS && is_small(text, at - 1); at--)
        count++;
    for (size_t at = run->end; count < LETTERS && is_small(text, at); at++)
        count++;
    return count == LETTERS;
}

int mf_is_doubtful(const mf_text *text, int decoder, const mf_run *run) {
    if (run->truncated || run->strays || run->evidence <= 0) return 0;
    if (mf_is_sign_alone(text, run)) return 1;
    if (run->start > 0 && mf_at(text, run->start - 1) - 'A' < 26) return 0;
    if (decoder != MF_CP1252 && decoder != MF_LATIN_1 && !is_in_word(text, run)) return 0;
    return !may_be_sign(text, run);
}

/* Does a model know all originals, and are they no ideographs or syllables, which tell enough by
   themselves? */
static int may_tell(const mf_model *model, const mf_edits *edits) {
    enum { THREE_BYTES = 0x800 };
    for (size_t i = 0; i < edits->originals_count; i++) {
        uint32_t original = edits->originals[i];
        if (mf_model_id(model, original) == MF_MODEL_UNKNOWN) return 0;
        if (original >= THREE_BYTES && mf_class_is_letter[mf_entry(original) >> 8]) return 0;
    }
    return 1;
}

int mf_agree(const mf_text *text, int decoder, const mf_run *run, const mf_model *model,
             int64_t *evidence) {
    mf_run whole = *run;
    mf_edits edits = {0};
    const mf_edit like = {0};
    int ok = mf_cut_run(text, decoder, &whole, &edits, &like);
    *evidence = 0;
    if (ok && may_tell(model, &edits)) {
        const size_t start = run->start, end = run->end;
        size_t before = start < MF_MODEL_CONTEXT ? 0 : start - MF_MODEL_CONTEXT;
        size_t behind = text->length - end < MF_BEHIND ? text->length : end + MF_BEHIND;
        mf_text rest = mf_part(text, end, behind);
        mf_text original = {edits.originals, edits.originals_count, 4};
        mf_model_state states[2];
        mf_model_start(model, &states[0]);
        mf_model_passage context = {.parts = {mf_part(text, before, start)}, .state = &states[0]};
        mf_model_read(model, &context, 1);
        states[1] = states[0];
        mf_model_passage read[] = {
            {.parts = {{0}, mf_part(text, start, end), rest}, .state = &states[0]},
            {.parts = {{0}, original, rest}, .state = &states[1]},
        };
        mf_model_read(model, read, 2);
        int64_t gain = (int64_t)(read[0].cost + read[0].rest) - (int64_t)read[1].cost;
        gain -= (int64_t)read[1].rest;
        *evidence = (run->evidence + gain / MODEL_UNITS) / 2;
    }
    mf_edits_free(&edits);
    return ok;
}
