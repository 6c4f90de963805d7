#include "reading.h"
#include "drawing.h"
#include "foreign.h"
#include "sample.h"
#include "spelling.h"
#include "transcode.h"
#include <stdlib.h>

enum {
    MOST_PLACES = 500, /* of a text that are looked at */
    RIVALS = 5,        /* ways of sources of one byte, and of several, as the detector tries */
    NEAR = 40,         /* characters from one place to the next that tells with it */
    SPARSE = 1000,     /* ... to each place that tells little by itself, if that is chance */
    SELDOM = 300,      /* characters beyond ASCII to each place, if that is chance */
    MANY = 5,
    OFTEN = 10, /* so many places, one to so many such characters, are in no clean text */
    /* Percent of what characters cost alone, in their context, that what is known costs less than:
       in a long run where places are rare, in one or where they are rare, and elsewhere; and next
       to a place in a long run that costs less than the last. */
    KNOWN_RARE = 65,
    KNOWN = 55,
    KNOWN_WELL = 25,
    KNOWN_IN_RUN = 67,
    RUN_KNOWN = 45,
    BESIDE = 4,   /* characters on each side of a place that the model looks at */
    IN_RUN = 16,  /* ... of a run beyond ASCII */
    LONG_RUN = 8, /* characters of one that is long */
    /* What a legacy way may lose with the words at foreign places and still be the way of the lines
       around them: in a text in which they are rare, and in others. */
    MISSES_RARE = 8 * MF_MODEL_UNITS_PER_NAT,
    MISSES = 18 * MF_MODEL_UNITS_PER_NAT,
    MISSES_EACH = 4 * MF_MODEL_UNITS_PER_NAT, /* more for each word but the first */
    COMPATIBILITY = 0xF900,                   /* ideographs that NFC turns into others, to ... */
    COMPATIBILITY_END = 0xFB00,
};

/* What stands around a foreign place. */
typedef struct {
    size_t first, last; /* code points, to the one behind it */
    size_t beyond;      /* how many of them are beyond ASCII */
} surroundings;

/* What stands around a place in its line: some characters, and more of a run beyond ASCII. */
static surroundings around(const mf_text *text, size_t at, size_t most) {
    surroundings of = {at, at, 0};
    for (size_t n = 0; of.first > 0 && n < most; n++, of.first--) {
        uint32_t before = mf_at(text, of.first - 1);
        if (before == '\n' || (n >= BESIDE && before < 0x80)) break;
        of.beyond += before >= 0x80;
    }
    for (size_t n = 0; of.last < text->length && n < most; n++, of.last++) {
        uint32_t behind = mf_at(text, of.last);
        if (behind == '\n' || (n >= BESIDE && behind < 0x80)) break;
        of.beyond += behind >= 0x80;
    }
    return of;
}

/* What some text costs, as a share of what its characters cost alone, percent. */
static uint64_t share_of(const mf_text *text, const surroundings *of, const mf_model *model) {
    mf_model_state state;
    mf_model_start(model, &state);
    uint64_t cost = 0, alone = 1;
    for (size_t i = of->first > BESIDE ? of->first - BESIDE : 0; i < of->last; i++) {
        uint32_t id = mf_model_id(model, mf_at(text, i));
        uint32_t here = mf_model_cost(model, &state, id, &state);
        if (i < of->first) continue;
        cost += here;
        alone += mf_model_alone(model, id);
    }
    return 100 * cost / alone;
}

/* Does a model know what stands around a foreign place? What damage makes is no language, but of
   some words one letter is next to those of others. What is damaged is damaged whole, so that a run
   tells more. An image within a word of ASCII is beside what any model knows. */
static int is_known(const mf_text *text, size_t at, const mf_model *model, int are_rare) {
    if (at > 0 && mf_at(text, at - 1) < 0x80) return 0;
    surroundings next = around(text, at, BESIDE), run = around(text, at, IN_RUN);
    int is_long = run.beyond >= LONG_RUN;
    uint64_t share = share_of(text, &next, model);
    if (share < (is_long && are_rare ? KNOWN_RARE : is_long || are_rare ? KNOWN : KNOWN_WELL))
        return 1;
    return is_long && share < KNOWN_IN_RUN && share_of(text, &run, model) < RUN_KNOWN;
}

static int has(const mf_text *text, uint32_t first, uint32_t last) {
    for (size_t i = 0; i < text->length; i++) {
        uint32_t character = mf_at(text, i);
        if (character >= first && character <= last) return 1;
    }
    return 0;
}

/* Does a sample cost so much less as it is read in a way than as it stands, `*observed` once that
   is known, that the way may be taken? Also if memory runs out. */
static int is_better(const mf_sample *sample, const mf_ways *ways, const mf_transcoding *how,
                     uint64_t *observed, uint32_t prior) {
    if (!*observed && !mf_least_costs(ways->model, &sample->passage, 1, ways->change, observed)) {
        return 1;
    }
    mf_restored restored = {0};
    uint32_t *original = NULL;
    int is_other = 0, found = 1;
    if (mf_transcode(ways->model, how, &sample->passage, &restored) &&
        (original = malloc((restored.count + 1) * sizeof *original))) {
        for (size_t i = 0; i < restored.count; i++) {
            original[i] = restored.places[i].original;
            is_other |= original[i] != mf_at(&sample->passage, restored.places[i].start);
        }
        mf_text text = {original, restored.count, 4};
        mf_model_passage as_read = {.parts[1] = text};
        uint64_t least;
        is_other |= text.length != sample->passage.length;
        if (!is_other) {
            found = 0;
        } else if (mf_least_costs(ways->model, &text, 1, ways->change, &least)) {
            mf_model_read(ways->model, &as_read, 1);
            double cost = restored.cost * MF_MODEL_UNITS_PER_NAT - (double)as_read.cost;
            cost += (double)least + prior + ways->accept;
            found = cost <= (double)*observed;
        }
    }
    free(original);
    mf_restored_free(&restored);
    return found;
}

/* May some codec of several bytes have read UTF-8? */
static int may_be_utf8(const mf_sample *sample, const mf_ways *ways, const mf_transcoding *any,
                       uint64_t *observed) {
    for (int i = 0; i < MF_MULTIBYTE; i++) {
        mf_transcoding how = *any;
        how.wrong = &ways->composed[i];
        how.drops_80 = ways->drops_80[i];
        uint32_t prior = ways->utf8 + ways->as_decoder[MF_DECODERS + i];
        if (is_better(sample, ways, &how, observed, prior)) return 1;
        how.marker = mf_multibyte_marker[i];
        if (!has(&sample->passage, how.marker, how.marker)) continue;
        how.takes_ascii = 1;
        if (is_better(sample, ways, &how, observed, prior + ways->lost)) return 1;
    }
    return 0;
}

/* May it have become foreign in a legacy way, by one of the first decoders? `misses`: see above. */
static int may_be_legacy(const mf_sample *sample, const mf_ways *ways, const mf_transcoding *any,
                         int decoders, uint64_t *observed, int64_t misses) {
    mf_way *found = malloc(MF_CODECS * MF_CODECS * sizeof *found);
    size_t count = 0;
    int may =
        !found || !mf_explain(ways, sample->words, sample->word_count, decoders, found, &count);
    if (sample->word_count) misses += MISSES_EACH * (int64_t)(sample->word_count - 1);
    int tried[2] = {0, 0}; /* of sources of one byte, and of several */
    for (size_t i = 0; !may && i < count && found[i].gain > -misses; i++) {
        if (tried[found[i].source >= MF_DECODERS]++ >= RIVALS) continue;
        uint32_t prior = mf_way_cost(ways, found[i].source, found[i].decoder);
        mf_transcoding how = *any;
        int pairs = found[i].decoder - MF_DECODERS;
        how.wrong = pairs < 0 ? &ways->codecs[found[i].decoder] : &ways->composed[pairs];
        how.source = &ways->codecs[found[i].source];
        may = is_better(sample, ways, &how, observed, prior);
    }
    free(found);
    return may;
}

/* May some way read a sample better than it stands? `several`: may a codec of several bytes have
   read it? */
static int may_be_read(const mf_sample *sample, const mf_ways *ways, int several, int64_t misses) {
    const mf_text *passage = &sample->passage;
    uint64_t observed = 0;
    if (has(passage, COMPATIBILITY, COMPATIBILITY_END - 1)) return 1;
    const mf_transcoding any = {
        .returns = has(passage, '\r', '\r'), .enter = ways->enter, .leave = ways->leave};
    return (several && may_be_utf8(sample, ways, &any, &observed)) ||
           may_be_legacy(sample, ways, &any, several ? MF_CODECS : MF_DECODERS, &observed, misses);
}

/* Foreign places of a text less what is drawn. */
typedef struct {
    size_t all;                         /* how many there are */
    size_t weak;                        /* ... one strange image each, and no other near */
    size_t places[MOST_PLACES], listed; /* every one, or some from all over if they are too many */
    uint8_t is_weak[MOST_PLACES];
    size_t stride; /* one of so many is listed */
    int have_lone_lead;
} places;

static int are_near(const mf_text *text, size_t one, size_t other) {
    if (one == MF_NONE || other == MF_NONE || other - one > NEAR) return 0;
    while (one < other && mf_at(text, one) != '\n')
        one++;
    return one == other;
}

/* List a place; of a list that is full every second one stays. */
static void list_place(places *found, size_t at, int is_weak) {
    if (found->all++ % found->stride) return;
    if (found->listed == MOST_PLACES) {
        for (size_t i = 0; 2 * i < found->listed; i++) {
            found->places[i] = found->places[2 * i];
            found->is_weak[i] = found->is_weak[2 * i];
        }
        found->listed = (found->listed + 1) / 2;
        found->stride *= 2;
        if ((found->all - 1) % found->stride) return;
    }
    found->is_weak[found->listed] = (uint8_t)is_weak;
    found->places[found->listed++] = at;
}

static void find_places(const mf_text *text, places *found) {
    size_t before = MF_NONE, behind;
    found->all = found->weak = found->listed = 0;
    found->stride = 1;
    found->have_lone_lead = 0;
    for (size_t at = mf_find_foreign(text, 0); at != MF_NONE; before = at, at = behind) {
        behind = mf_find_foreign(text, at + 1);
        if (mf_is_drawn(text, at)) continue;
        int is_lead = mf_is_lone_lead(text, at);
        int is_weak = !is_lead && !mf_tells_much(text, at) && !are_near(text, before, at) &&
                      !are_near(text, at, behind);
        found->have_lone_lead |= is_lead;
        found->weak += (size_t)is_weak;
        list_place(found, at, is_weak);
    }
}

static void leave_out_weak(places *found) {
    size_t left = 0;
    for (size_t i = 0; i < found->listed; i++) {
        if (!found->is_weak[i]) found->places[left++] = found->places[i];
    }
    found->listed = left;
    found->all -= found->weak;
}

/* Leave out what a model knows, and what stands so near to another place that it tells the same, as
   the others do. */
static void leave_out_known(const mf_text *text, places *found, const mf_model *model,
                            int are_rare) {
    const size_t near = MF_SAMPLE_NEAR / 2, share = text->length / (MOST_PLACES - 1) + 1;
    const size_t step = near > share ? near : share;
    size_t left = 0, next = 0;
    for (size_t i = 0; i < found->listed; i++) {
        size_t at = found->places[i];
        if (at < next || is_known(text, at, model, are_rare)) continue;
        found->places[left++] = at;
        next = at + step;
    }
    found->listed = left;
}

static int are_any_of_several_bytes(const mf_text *text, const places *found) {
    for (size_t i = 0; i < found->listed; i++) {
        if (mf_is_of_several_bytes(text, found->places[i])) return 1;
    }
    return 0;
}

mf_verdict mf_refute_foreign(const mf_text *text, const mf_extent *extent, const mf_ways *ways) {
    places found;
    find_places(text, &found);
    if (found.weak <= extent->length / SPARSE) leave_out_weak(&found);
    if (found.have_lone_lead) return MF_DOUBTFUL;
    if (!found.all) return MF_CLEAN;
    if (found.all >= MANY && found.all * OFTEN > extent->beyond) return MF_DOUBTFUL;
    if (!ways) return MF_UNSETTLED;
    int are_rare = found.all <= extent->beyond / SELDOM;
    leave_out_known(text, &found, ways->model, are_rare);
    if (!found.listed) return MF_CLEAN;
    mf_sample sample;
    int may = !mf_sample_take(text, found.places, found.listed, &sample) ||
              may_be_read(&sample, ways, are_any_of_several_bytes(text, &found),
                          are_rare ? MISSES_RARE : MISSES);
    mf_sample_free(&sample);
    return may ? MF_DOUBTFUL : MF_CLEAN;
}
