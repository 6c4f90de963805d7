#include "reading.h"
#include "foreign.h"
#include "places.h"
#include "sample.h"
#include "spelling.h"
#include "transcode.h"
#include <stdlib.h>

enum {
    RIVALS = 5,    /* ways of sources of one byte, and of several, as the detector tries */
    SPARSE = 1000, /* ... to each place that tells little by itself, if that is chance */
    SELDOM = 300,  /* characters beyond ASCII to each place, if that is chance */
    MANY = 5,
    OFTEN = 10, /* so many places, one to so many such characters, are in no clean text */
    /* What a legacy way may lose with the words at foreign places and still be the way of the lines
       around them: in a text in which they are rare, and in others. */
    MISSES_RARE = 8 * MF_MODEL_UNITS_PER_NAT,
    MISSES = 18 * MF_MODEL_UNITS_PER_NAT,
    MISSES_EACH = 4 * MF_MODEL_UNITS_PER_NAT, /* more for each word but the first */
    IN_CONTEXT = 9 * MF_MODEL_UNITS_PER_NAT,  /* by what a word may cost less beside others */
    COMPATIBILITY = 0xF900,                   /* ideographs that NFC turns into others, to ... */
    COMPATIBILITY_END = 0xFB00,
    REPLACEMENT = 0xFFFD,
};

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

static int is_space(uint32_t character) {
    return character == ' ' || character == '\n' || character == '\t' || character == '\r';
}

/* Read a word, which a way decoded from so many bytes; returns its length. */
static size_t read_bytes(const mf_codec *source, const uint8_t *bytes, size_t size,
                         uint32_t *characters) {
    size_t length = 0;
    for (size_t left = size, taken; left; left -= taken, bytes += taken) {
        uint32_t character = bytes[0];
        taken = 1;
        if (character >= 0x80) character = mf_codec_decode(source, bytes, left, 0, &taken);
        characters[length++] = character || bytes[0] < 0x80 ? character : REPLACEMENT;
    }
    return length;
}

/* List the words of a sample beyond ASCII that a way may have made, each behind itself as the way
   reads it, for which `read` has place; returns how many texts that are. */
static size_t list_words(const mf_text *passage, const mf_transcoding *how, uint8_t *bytes,
                         uint32_t *read, mf_text *texts) {
    size_t count = 0, lacks;
    for (size_t start = 0, end; start < passage->length; start = end + 1) {
        uint32_t bits = 0;
        for (end = start; end < passage->length && !is_space(mf_at(passage, end)); end++)
            bits |= mf_at(passage, end);
        if (bits < 0x80) continue;
        mf_text word = mf_part(passage, start, end);
        size_t size = mf_codec_encode(how->wrong, &word, bytes, &lacks);
        if (size == MF_NONE) continue;
        size_t length = read_bytes(how->source, bytes, size, read);
        texts[count++] = word;
        texts[count++] = (mf_text){read, length, 4};
        read += length;
    }
    return count;
}

/* May a sample gain enough, by how much less those of its words cost, each by itself, that cost
   less as a legacy way reads them? Quicker than all its readings. Also where memory runs out. */
static int may_gain(const mf_sample *sample, const mf_ways *ways, const mf_transcoding *how,
                    uint32_t prior) {
    const size_t length = sample->passage.length;
    mf_text *texts = malloc((length + 2) * sizeof *texts);
    uint64_t *costs = malloc((length + 2) * sizeof *costs);
    uint8_t *bytes = malloc(2 * length + 1);
    uint32_t *read = malloc((2 * length + 1) * sizeof *read);
    int ok = texts && costs && bytes && read;
    size_t count = ok ? list_words(&sample->passage, how, bytes, read, texts) : 0;
    ok = ok && mf_least_costs(ways->model, texts, count, ways->change, costs);
    uint64_t gain = 0;
    for (size_t i = 0; ok && i < count; i += 2) {
        if (costs[i] > costs[i + 1]) gain += costs[i] - costs[i + 1] + IN_CONTEXT;
    }
    free(texts);
    free(costs);
    free(bytes);
    free(read);
    return !ok || gain >= (uint64_t)prior + ways->accept;
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
        if (decoders == MF_DECODERS && !may_gain(sample, ways, &how, prior)) continue;
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

static int are_any_of_several_bytes(const mf_text *text, const mf_places *found) {
    for (size_t i = 0; i < found->listed; i++) {
        if (mf_is_of_several_bytes(text, found->places[i])) return 1;
    }
    return 0;
}

mf_verdict mf_refute_foreign(const mf_text *text, const mf_extent *extent, const mf_ways *ways) {
    mf_places found;
    mf_places_find(text, &found);
    if (found.weak <= extent->length / SPARSE) mf_places_leave_weak(&found);
    if (found.have_lone_lead) return MF_DOUBTFUL;
    if (!found.all) return MF_CLEAN;
    if (found.all >= MANY && found.all * OFTEN > extent->beyond) return MF_DOUBTFUL;
    if (!ways) return MF_UNSETTLED;
    int are_rare = found.all <= extent->beyond / SELDOM;
    mf_places_leave_known(text, &found, ways->model, are_rare);
    if (!found.listed) return MF_CLEAN;
    mf_sample sample;
    int may = !mf_sample_take(text, found.places, found.listed, &sample) ||
              may_be_read(&sample, ways, are_any_of_several_bytes(text, &found),
                          are_rare ? MISSES_RARE : MISSES);
    mf_sample_free(&sample);
    return may ? MF_DOUBTFUL : MF_CLEAN;
}
