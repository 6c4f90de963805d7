#include "agreed.h"
#include <string.h>

enum {
    CP1252 = 0, /* decoders */
    LATIN_1 = 1,
    BEHIND = 4, /* code points behind a run that it bears on, as the model sees it */
    MODEL_UNITS = MF_MODEL_UNITS_PER_NAT / MF_UNITS_PER_NAT,
};

/* Is a run an operator with its exponent, `Â²`? */
static int is_power(const mf_text *text, const mf_run *run) {
    uint32_t exponent = mf_at(text, run->end - 1);
    return run->end - run->start == 2 && mf_at(text, run->start) == 0xC2 &&
           (exponent == 0xB2 || exponent == 0xB3 || exponent == 0xB9) &&
           (run->start == 0 || mf_at(text, run->start - 1) <= ' ');
}

/* Is a run in or at a word of small ASCII letters? */
static int is_in_word(const mf_text *text, const mf_run *run) {
    return (run->start > 0 && mf_at(text, run->start - 1) - 'a' < 26) ||
           (run->end < text->length && mf_at(text, run->end) - 'a' < 26);
}

int mf_is_doubtful(const mf_text *text, int decoder, const mf_run *run) {
    if (run->start > 0 && mf_at(text, run->start - 1) - 'A' < 26) return 0;
    if (decoder != CP1252 && decoder != LATIN_1 && !is_in_word(text, run)) return 0;
    return !run->truncated && !run->strays && run->evidence > 0 && !is_power(text, run);
}

static int is_space(uint32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Is a code point one of some ASCII? */
static int is_one_of(uint32_t c, const char *some) {
    return c > 0 && c < 0x80 && strchr(some, (int)c) != NULL;
}

int mf_is_sign_alone(const mf_text *text, const mf_run *run) {
    static const char signs[] = "\xA2\xA3\xA4\xA5\xA6\xA7\xA9\xAE\xB6\xBC\xBD\xBE";
    enum { DOT = 0xB7 };
    if (run->end - run->start != 2 || mf_at(text, run->start) != 0xC2) return 0;
    uint32_t sign = mf_at(text, run->start + 1);
    uint32_t before = run->start > 0 ? mf_at(text, run->start - 1) : '\n';
    uint32_t behind = run->end < text->length ? mf_at(text, run->end) : '\n';
    if (sign == DOT) return run->start > 0 && is_space(before) && is_space(behind);
    return sign < 0x100 && strchr(signs, (int)sign) &&
           (is_space(before) || is_one_of(before, "(0123456789")) &&
           (is_space(behind) || is_one_of(behind, "0123456789.,;:!?)"));
}

static int knows_all(const mf_model *model, const mf_edits *edits) {
    for (size_t i = 0; i < edits->originals_count; i++) {
        if (mf_model_id(model, edits->originals[i]) == MF_MODEL_UNKNOWN) return 0;
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
    if (ok && knows_all(model, &edits)) {
        const size_t start = run->start, end = run->end;
        size_t before = start < MF_MODEL_CONTEXT ? 0 : start - MF_MODEL_CONTEXT;
        size_t behind = text->length - end < BEHIND ? text->length : end + BEHIND;
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
