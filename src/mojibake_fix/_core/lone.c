#include "lone.h"
#include "tables.h"
#include "utf8.h"

enum {
    AROUND = 24, /* code points on each side of a lone place that are looked at */
    REPLACEMENT = 0xFFFD,
    BITS = 6,               /* of a code point in each continuation */
    MOST_SEQUENCES = 16,    /* of a run that is judged */
    MOST_LOOKUPS = 1 << 16, /* ... for all runs at a place */
    AT_ONCE = 64,           /* originals of which the costs are looked up together */
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
    uint32_t here = mf_at(text, at);
    /* Of what is not ASCII, images and U+FFFD are in runs. */
    if (here >= 0x80 && here != REPLACEMENT && !byte_at(text, decoder, at)) return 0;
    do {
        if (!mf_find_broken(text, decoder, first, last, found) || found->start > at) return 0;
        first = found->end;
    } while (found->end <= at);
    if (found->bare && found->broken > 1 && found->broken > found->whole) return 0;
    size_t start = found->start, rest = found->rest;
    return !(start > 0 && is_letter_beyond_ascii(mf_at(text, start - 1))) &&
           !(rest < text->length && is_letter_beyond_ascii(mf_at(text, rest)));
}

/* A sequence of a run. */
typedef struct {
    size_t start, end;
    size_t kept;       /* first offset from where on it may stand as it is, if it is broken */
    uint32_t original; /* if it is whole; the model may not know it */
    int is_broken;
    uint8_t lead, continuation; /* bytes; the latter 0 if none is left */
} sequence;

/* A run, and what its original has to be. */
typedef struct {
    const mf_text *text;
    const mf_model *model;
    sequence sequences[MOST_SEQUENCES];
    size_t count;
    size_t end, stop;   /* of the run with what may be folded behind it, and of what it bears on */
    uint64_t most;      /* what an original may cost together with what follows, units */
    uint64_t most_each; /* what it may cost without that, by letter, units */
    uint64_t literal;   /* what it costs that a code point stands as written */
    size_t *lookups;    /* so far, for all runs at the place */
} lone;

/* An original so far. */
typedef struct {
    mf_model_state state;
    uint64_t cost, literal; /* of all, and of what stands as written besides */
    size_t worth;           /* letters as much as which it may cost */
} reading;

/* Read text as it stands. */
static void read_text(const lone *of, reading *so_far, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        uint32_t id = mf_model_id(of->model, mf_at(of->text, i));
        so_far->cost += mf_model_cost(of->model, &so_far->state, id, &so_far->state);
        so_far->worth += mf_model_worth(mf_at(of->text, i));
    }
    *of->lookups += to - from;
}

/* Read an original; returns 0 if the model does not know it, which is none. */
static int read_original(const lone *of, reading *so_far, uint32_t original) {
    uint32_t id = mf_model_id(of->model, original);
    ++*of->lookups;
    if (id == MF_MODEL_UNKNOWN) return 0;
    so_far->cost += mf_model_cost(of->model, &so_far->state, id, &so_far->state);
    so_far->worth += mf_model_worth(original);
    return 1;
}

/* Is some original that begins so probable enough, whatever of the end of the run stands as it is?
 */
static int may_end(const lone *of, const reading *so_far) {
    const sequence *last = &of->sequences[of->count - 1];
    for (size_t kept = last->is_broken ? of->end : last->end; kept <= of->end; kept++) {
        reading here = *so_far;
        read_text(of, &here, kept, of->end);
        if (here.cost > of->most_each * here.worth) continue;
        read_text(of, &here, of->end, of->stop);
        if (here.cost + here.literal <= of->most) return 1;
    }
    return 0;
}

static int may_go_on(const lone *of, const reading *so_far, size_t next);

/* The same where a broken sequence stands for this original. */
static int may_be(const lone *of, const reading *so_far, size_t at, uint32_t original) {
    const sequence *broken = &of->sequences[at];
    reading with = *so_far;
    if (!read_original(of, &with, original)) return 0;
    for (size_t kept = broken->kept; kept <= broken->end; kept++) {
        reading here = with;
        read_text(of, &here, kept, broken->end);
        if (may_go_on(of, &here, at + 1)) return 1;
    }
    return 0;
}

/* Has the page of an original none that may be: is it too low for the lead, beyond Unicode, or the
   one that all code points share that the model does not know? */
static int is_empty_page(const lone *of, uint8_t lead, uint32_t original) {
    enum { LAST = 0x10FFFF };
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return original < least[mf_sequence_length(lead)] || original > LAST ||
           mf_model_item(of->model->page, original / MF_MODEL_PAGE) ==
               mf_model_item(of->model->page, LAST / MF_MODEL_PAGE);
}

/* Some originals, and what the model calls them: their costs are looked up together. */
typedef struct {
    uint32_t original[AT_ONCE];
    uint16_t id[AT_ONCE];
    size_t count;
} originals;

/* Is one of these originals probable enough where a broken sequence stands? Most cost too much. */
static int any_may_be(const lone *of, const reading *so_far, size_t at, originals *some) {
    uint32_t costs[AT_ONCE];
    uint8_t matched[AT_ONCE];
    mf_model_costs(of->model, &so_far->state, some->id, some->count, costs, matched);
    for (size_t i = 0; i < some->count; i++) {
        if (so_far->cost + so_far->literal + costs[i] > of->most) continue;
        if (may_be(of, so_far, at, some->original[i])) return 1;
    }
    *of->lookups += some->count;
    some->count = 0;
    return 0;
}

/* Is one of these originals probable enough: those that have the bits of `first`, and any of `bits`
   others, of which those from `place` on stand above the bits of a continuation? */
static int some_may_be(const lone *of, const reading *so_far, size_t at, uint32_t first, int bits,
                       int place, int width) {
    uint32_t low = (1u << place) - 1;
    originals some;
    some.count = 0;
    for (uint32_t rest = 0; rest < 1u << bits; rest++) {
        uint32_t original = first | (rest & ~low) << width | (rest & low);
        uint32_t id = MF_MODEL_UNKNOWN;
        if (is_empty_page(of, of->sequences[at].lead, original)) {
            rest |= low & (MF_MODEL_PAGE - 1);
        } else {
            id = mf_model_id(of->model, original);
        }
        if (id == MF_MODEL_UNKNOWN) {
            ++*of->lookups;
            continue;
        }
        some.original[some.count] = original;
        some.id[some.count++] = (uint16_t)id;
        if (some.count == AT_ONCE && any_may_be(of, so_far, at, &some)) return 1;
    }
    return some.count && any_may_be(of, so_far, at, &some);
}

/* Is one of the code points probable enough whose UTF-8 begins with the lead of a broken sequence,
   and has its continuation somewhere if that is known? */
static int some_begin(const lone *of, const reading *so_far, size_t at) {
    const sequence *broken = &of->sequences[at];
    int length = mf_sequence_length(broken->lead), bits = BITS * (length - 1);
    uint32_t first = (uint32_t)(broken->lead & (0x7F >> length)) << bits;
    if (!broken->continuation) return some_may_be(of, so_far, at, first, bits, bits, 0);
    for (int place = 0; place < bits; place += BITS) {
        uint32_t known = first | (uint32_t)(broken->continuation & 63) << place;
        if (some_may_be(of, so_far, at, known, bits - BITS, place, BITS)) return 1;
    }
    return 0;
}

/* Is some original probable enough whose sequences from `next` on are still to be read? */
static int may_go_on(const lone *of, const reading *so_far, size_t next) {
    if (*of->lookups > MOST_LOOKUPS) return 1;
    if (so_far->cost + so_far->literal > of->most) return 0;
    if (next == of->count) return may_end(of, so_far);
    const sequence *here = &of->sequences[next];
    reading written = *so_far, read = *so_far;
    for (size_t i = here->start; i < here->end; i++) {
        if (mf_at(of->text, i) >= 0x80) written.literal += of->literal;
    }
    read_text(of, &written, here->start, here->end);
    if (may_go_on(of, &written, next + 1)) return 1;
    if (here->is_broken) return some_begin(of, so_far, next);
    return read_original(of, &read, here->original) && may_go_on(of, &read, next + 1);
}

/* Look at a sequence of a run. */
static sequence sequence_at(const mf_text *text, int decoder, size_t at, size_t end) {
    sequence here = {.start = at, .kept = at + 1, .lead = byte_at(text, decoder, at)};
    uint8_t bytes[4] = {here.lead};
    here.end = mf_pass_sequence(text, decoder, at, end, &here.is_broken);
    for (size_t i = at + 1; i < here.end; i++) {
        uint8_t byte = byte_at(text, decoder, i);
        if ((byte & 0xC0) == 0x80 && !here.continuation) here.continuation = byte;
        if (mf_at(text, i) >= 0x80) here.kept = i + 1;
        if (i - at < sizeof bytes) bytes[i - at] = byte;
    }
    /* What is overlong is 0, and a surrogate is, which no model knows. */
    int is_right = !here.is_broken && mf_may_follow(here.lead, bytes[1]);
    here.original = is_right ? mf_decode_sequence(bytes, mf_sequence_length(here.lead)) : 0;
    return here;
}

/* Does a sequence stand for the image of one of the bytes from `first` to `last`, or may it if it
   is broken? */
static int may_be_image(const sequence *here, int decoder, int first, int last) {
    if (!here->is_broken) {
        int byte = mf_image_byte[mf_image_id(here->original)][decoder];
        return byte >= first && byte <= last;
    }
    for (int byte = first; byte <= last; byte++) {
        uint8_t bytes[4];
        mf_encode(mf_decoded[decoder][byte - 0x80], bytes);
        if (bytes[0] == here->lead) return 1;
    }
    return 0;
}

/* May neighbours stand for the start of a sequence that was read twice? */
static int may_be_twice(const sequence *one, const sequence *other, int decoder) {
    /* The last two have read most of what was read twice. */
    const int decoders[] = {decoder, MF_CP1252, MF_LATIN_1};
    for (int i = 0; i < 3; i++) {
        if (may_be_image(one, decoders[i], 0xC2, 0xF4) &&
            may_be_image(other, decoders[i], 0x80, 0xBF)) {
            return 1;
        }
    }
    return 0;
}

int mf_may_restore(const mf_text *text, int decoder, const mf_broken *run, const mf_prior *prior,
                   const mf_model *model, size_t *lookups) {
    if (run->whole + run->broken > MOST_SEQUENCES) return 1;
    lone of = {.text = text, .model = model, .end = run->rest, .lookups = lookups};
    for (size_t at = run->start; at < run->end; at = of.sequences[of.count++].end) {
        of.sequences[of.count] = sequence_at(text, decoder, at, run->end);
        const sequence *here = &of.sequences[of.count];
        if (of.count && may_be_twice(here - 1, here, decoder)) return 1;
    }
    sequence *last = &of.sequences[of.count - 1];
    if (last->is_broken) last->end = of.end;
    of.stop = text->length - of.end < MF_BEHIND ? text->length : of.end + MF_BEHIND;
    reading begun = {0};
    mf_model_start(model, &begun.state);
    size_t start = run->start;
    read_text(&of, &begun, start < MF_MODEL_CONTEXT ? 0 : start - MF_MODEL_CONTEXT, start);
    begun.cost = begun.worth = 0;
    reading observed = begun;
    read_text(&of, &observed, start, of.stop);
    int64_t need = prior->accept + prior->loss - prior->log_odds[decoder];
    int64_t most = (int64_t)observed.cost - need * MODEL_UNITS;
    if (most < 0) return 0;
    of.most = (uint64_t)most;
    of.most_each = (uint64_t)prior->most_lone * MODEL_UNITS;
    of.literal = (uint64_t)prior->literal * MODEL_UNITS;
    return may_go_on(&of, &begun, 0);
}
