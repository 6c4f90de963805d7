#include "reading.h"
#include "drawing.h"
#include "foreign.h"
#include "sample.h"
#include "spelling.h"
#include "transcode.h"
#include <stdlib.h>

enum {
    MOST_PLACES = 100, /* of a text that are looked at one by one */
    MOST_APART = 500,  /* ... that are looked at together where there are more */
    RIVALS = 5,        /* ways of sources of one byte, and of several, as the detector tries */
    NEAR = 40,         /* characters from one place to the next that tells with it */
    SPARSE = 1000,     /* ... to each place that tells little by itself, if that is chance */
    SELDOM = 300,      /* characters beyond ASCII to each place, if that is chance */
    MANY = 5,
    OFTEN = 10, /* so many places, one to so many such characters, are in no clean text */
    KNOWN = 55, /* percent of what characters cost alone, in their context */
    BESIDE = 4, /* characters on each side of a place that the model looks at */
    /* What a legacy way may lose with the words at foreign places and still be the way of the lines
       around them: in a text in which they are rare, and in others. */
    MISSES_RARE = 8 * MF_MODEL_UNITS_PER_NAT,
    MISSES = 26 * MF_MODEL_UNITS_PER_NAT,
    MISSES_EACH = 8 * MF_MODEL_UNITS_PER_NAT, /* more for each word but the first */
    COMPATIBILITY = 0xF900,                   /* ideographs that NFC turns into others, to ... */
    COMPATIBILITY_END = 0xFB00,
};

/* Does a model know what stands around a foreign place? What damage makes is no language. An image
   within a word of ASCII is beside what any model knows. */
static int is_known(const mf_text *text, size_t at, const mf_model *model) {
    if (at > 0 && mf_at(text, at - 1) < 0x80) return 0;
    size_t first = at, last = at;
    while (first > 0 && at - first < BESIDE && mf_at(text, first - 1) != '\n')
        first--;
    while (last < text->length && last - at < BESIDE && mf_at(text, last) != '\n')
        last++;
    mf_model_state state;
    mf_model_start(model, &state);
    uint64_t cost = 0, alone = 0;
    for (size_t i = first > BESIDE ? first - BESIDE : 0; i < last; i++) {
        uint32_t id = mf_model_id(model, mf_at(text, i));
        uint32_t here = mf_model_cost(model, &state, id, &state);
        if (i < first) continue;
        cost += here;
        alone += mf_model_alone(model, id);
    }
    return 100 * cost < KNOWN * alone;
}

static int has(const mf_text *text, uint32_t first, uint32_t last) {
    for (size_t i = 0; i < text->length; i++) {
        uint32_t character = mf_at(text, i);
        if (character >= first && character <= last) return 1;
    }
    return 0;
}

/* Does a sample cost so much less as it is read in a way than as it stands, `observed`, that the
   way may be taken? Also if memory runs out. */
static int is_better(const mf_sample *sample, const mf_ways *ways, const mf_transcoding *how,
                     uint64_t observed, uint32_t prior) {
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
            found = cost <= (double)observed;
        }
    }
    free(original);
    mf_restored_free(&restored);
    return found;
}

/* May some codec of several bytes have read UTF-8? */
static int may_be_utf8(const mf_sample *sample, const mf_ways *ways, const mf_transcoding *any,
                       uint64_t observed) {
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

/* May it have become foreign in a legacy way? `misses`: see above. */
static int may_be_legacy(const mf_sample *sample, const mf_ways *ways, const mf_transcoding *any,
                         uint64_t observed, int64_t misses) {
    mf_way *found = malloc(MF_CODECS * MF_CODECS * sizeof *found);
    size_t count = 0;
    int may = !found || !mf_explain(ways, sample->words, sample->word_count, found, &count);
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

/* May some way read a sample better than it stands? */
static int may_be_read(const mf_sample *sample, const mf_ways *ways, int64_t misses) {
    const mf_text *passage = &sample->passage;
    uint64_t observed;
    if (has(passage, COMPATIBILITY, COMPATIBILITY_END - 1)) return 1;
    if (!mf_least_costs(ways->model, passage, 1, ways->change, &observed)) return 1;
    const mf_transcoding any = {
        .returns = has(passage, '\r', '\r'), .enter = ways->enter, .leave = ways->leave};
    return may_be_utf8(sample, ways, &any, observed) ||
           may_be_legacy(sample, ways, &any, observed, misses);
}

/* Foreign places of a text less what is drawn. */
typedef struct {
    size_t all;                        /* how many there are */
    size_t weak;                       /* ... one strange image each, and no other place near */
    size_t first[MOST_PLACES];         /* the first ones */
    size_t apart[MOST_APART], counted; /* ... and some from all over, as the others take them */
    int have_lone_lead;
} places;

static int are_near(const mf_text *text, size_t one, size_t other) {
    if (one == MF_NONE || other == MF_NONE || other - one > NEAR) return 0;
    while (one < other && mf_at(text, one) != '\n')
        one++;
    return one == other;
}

static void find_places(const mf_text *text, places *found, int with_weak) {
    const size_t near = MF_SAMPLE_NEAR / 2, share = text->length / (MOST_APART - 1) + 1;
    const size_t step = near > share ? near : share;
    size_t next = 0, before = MF_NONE, behind;
    *found = (places){0};
    for (size_t at = mf_find_foreign(text, 0); at != MF_NONE; before = at, at = behind) {
        behind = mf_find_foreign(text, at + 1);
        if (mf_is_drawn(text, at)) continue;
        int is_lead = mf_is_lone_lead(text, at);
        int is_weak = !is_lead && !mf_tells_much(text, at) && !are_near(text, before, at) &&
                      !are_near(text, at, behind);
        found->weak += (size_t)is_weak;
        if (is_weak && !with_weak) continue;
        found->have_lone_lead |= is_lead;
        if (found->all < MOST_PLACES) found->first[found->all] = at;
        found->all++;
        if (at < next) continue;
        found->apart[found->counted++] = at;
        next = at + step;
    }
}

/* Are some first places of a text all such as a model knows? */
static int are_known(const mf_text *text, const places *found, const mf_model *model) {
    for (size_t i = 0; i < found->all; i++) {
        if (!is_known(text, found->first[i], model)) return 0;
    }
    return 1;
}

mf_verdict mf_refute_foreign(const mf_text *text, const mf_ways *ways) {
    places found;
    find_places(text, &found, 1);
    if (found.weak && found.weak <= text->length / SPARSE) find_places(text, &found, 0);
    if (found.have_lone_lead) return MF_DOUBTFUL;
    if (!found.all) return MF_CLEAN;
    size_t beyond = 0;
    for (size_t i = 0; i < text->length; i++)
        beyond += mf_at(text, i) >= 0x80;
    if (found.all >= MANY && found.all * OFTEN > beyond) return MF_DOUBTFUL;
    if (!ways) return MF_UNSETTLED;
    int are_rare = found.all <= MOST_PLACES && found.all <= beyond / SELDOM;
    if (are_rare && are_known(text, &found, ways->model)) return MF_CLEAN;
    mf_sample sample;
    int may = !mf_sample_take(text, found.apart, found.counted, &sample) ||
              may_be_read(&sample, ways, are_rare ? MISSES_RARE : MISSES);
    mf_sample_free(&sample);
    return may ? MF_DOUBTFUL : MF_CLEAN;
}
