#include "lone.h"
#include "tables.h"
#include "utf8.h"

enum {
    AROUND = 24, /* code points on each side of a lone place that are looked at */
    BEHIND = 4,  /* code points behind a run that it bears on, as the model sees it */
    BITS = 6,    /* of a code point in each continuation */
    MODEL_UNITS = MF_MODEL_UNITS_PER_NAT / MF_UNITS_PER_NAT,
};

static uint8_t byte_at(const mf_text *text, int decoder, size_t offset) {
    return mf_image_byte[mf_image_id(mf_at(text, offset))][decoder];
}

static int is_letter_beyond_ascii(uint32_t code_point) {
    return code_point >= 0x80 && mf_class_is_letter[mf_entry(code_point) >> 8];
}

int mf_find_lone(const mf_text *text, int decoder, size_t at, mf_broken *found) {
    size_t first = at > AROUND ? at - AROUND : 0;
    size_t last = text->length - at > AROUND ? at + AROUND : text->length;
    do {
        if (!mf_find_broken(text, decoder, first, last, found) || found->start > at) return 0;
        first = found->end;
    } while (found->end <= at);
    if (found->broken > 1 && found->broken > found->whole) return 0;
    size_t start = found->start, rest = found->rest;
    return !(start > 0 && is_letter_beyond_ascii(mf_at(text, start - 1))) &&
           !(rest < text->length && is_letter_beyond_ascii(mf_at(text, rest)));
}

/* A run of one sequence, and what its original has to be. */
typedef struct {
    const mf_text *text;
    const mf_model *model;
    size_t end, stop; /* of the run with what may be folded behind it, and of what it bears on */
    uint32_t least;   /* code point that UTF-8 writes in as many bytes */
    size_t kept;      /* first offset from where on the run may stand as it is */
    mf_model_state before; /* what stands before */
    uint64_t most;         /* what an original may cost together with what follows, units */
    uint64_t most_each;    /* what it may cost without that, by code point, units */
} lone;

/* Cost of the text from one offset to another, behind a state that moves on. */
static uint64_t cost_of(const lone *of, mf_model_state *state, size_t from, size_t to) {
    uint64_t cost = 0;
    for (size_t i = from; i < to; i++) {
        uint32_t id = mf_model_id(of->model, mf_at(of->text, i));
        cost += mf_model_cost(of->model, state, id, state);
    }
    return cost;
}

/* Is this original probable enough, whatever of the end of the run stays as it is? What the model
   does not know is none. */
static int may_be(const lone *of, uint32_t original) {
    uint32_t id = mf_model_id(of->model, original);
    if (id == MF_MODEL_UNKNOWN || original < of->least) return 0;
    mf_model_state behind;
    uint64_t cost = mf_model_cost(of->model, &of->before, id, &behind);
    for (size_t kept = of->kept; cost <= of->most && kept <= of->end; kept++) {
        mf_model_state state = behind;
        uint64_t inside = cost + cost_of(of, &state, kept, of->end);
        if (inside > of->most_each * (1 + of->end - kept)) continue;
        if (inside + cost_of(of, &state, of->end, of->stop) <= of->most) return 1;
    }
    return 0;
}

/* Is a page the one that all code points share that the model does not know? */
static int is_unknown_page(const lone *of, uint32_t original) {
    enum { NEVER = 0x10FFFF };
    return mf_model_item(of->model->page, original / MF_MODEL_PAGE) ==
           mf_model_item(of->model->page, NEVER / MF_MODEL_PAGE);
}

/* Is one of these originals probable enough: those that have the bits of `first`, and any of `bits`
   others, of which those from `place` on stand above the bits of a continuation? */
static int some_may_be(const lone *of, uint32_t first, int bits, int place, int width) {
    uint32_t low = (1u << place) - 1;
    for (uint32_t rest = 0; rest < 1u << bits; rest++) {
        uint32_t original = first | (rest & ~low) << width | (rest & low);
        if (is_unknown_page(of, original)) {
            rest |= low & (MF_MODEL_PAGE - 1);
        } else if (may_be(of, original)) {
            return 1;
        }
    }
    return 0;
}

/* Is one of the code points probable enough whose UTF-8 begins with a lead byte, and has a
   continuation somewhere if that is known (not 0)? */
static int some_begin(const lone *of, uint8_t lead, uint8_t continuation) {
    int length = mf_sequence_length(lead), bits = BITS * (length - 1);
    uint32_t first = (uint32_t)(lead & (0x7F >> length)) << bits;
    if (!continuation) return some_may_be(of, first, bits, bits, 0);
    for (int place = 0; place < bits; place += BITS) {
        uint32_t known = first | (uint32_t)(continuation & 63) << place;
        if (some_may_be(of, known, bits - BITS, place, BITS)) return 1;
    }
    return 0;
}

int mf_may_restore(const mf_text *text, int decoder, const mf_broken *run, const mf_prior *prior,
                   const mf_model *model) {
    if (run->whole + run->broken != 1) return 1;
    uint8_t lead = byte_at(text, decoder, run->start), continuation = 0;
    size_t kept = run->start + 1;
    for (size_t i = run->start + 1; i < run->end; i++) {
        uint8_t byte = byte_at(text, decoder, i);
        if ((byte & 0xC0) == 0x80 && !continuation) continuation = byte;
        if (mf_at(text, i) >= 0x80) kept = i + 1;
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    lone of = {.text = text, .model = model, .end = run->rest, .kept = kept};
    of.least = least[mf_sequence_length(lead)];
    of.stop = text->length - of.end < BEHIND ? text->length : of.end + BEHIND;
    mf_model_start(model, &of.before);
    size_t start = run->start;
    cost_of(&of, &of.before, start < MF_MODEL_CONTEXT ? 0 : start - MF_MODEL_CONTEXT, start);
    mf_model_state state = of.before;
    int64_t need = prior->accept + prior->loss - prior->log_odds[decoder];
    int64_t most = (int64_t)cost_of(&of, &state, start, of.stop) - need * MODEL_UNITS;
    if (most < 0) return 0;
    of.most = (uint64_t)most;
    of.most_each = (uint64_t)prior->most_lone * MODEL_UNITS;
    return some_begin(&of, lead, continuation);
}
