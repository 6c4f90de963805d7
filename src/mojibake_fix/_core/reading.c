#include "reading.h"
#include "foreign.h"
#include "spelling.h"
#include "transcode.h"
#include <stdlib.h>

enum {
    MOST_PLACES = 100, /* of a text that is looked at */
    SELDOM = 300,      /* characters beyond ASCII to each place, if that is chance */
    KNOWN = 55,        /* percent of what characters cost alone, in their context */
    BESIDE = 4,        /* characters on each side of a place that the model looks at */
    /* What a legacy way may lose with the words at foreign places and still be the way of the lines
       around them: in a text in which they are rare, and in others. */
    MISSES_RARE = 8 * MF_MODEL_UNITS_PER_NAT,
    MISSES = 26 * MF_MODEL_UNITS_PER_NAT,
    /* What is read of a text, in code points: of a line around a place, of all lines, of a word on
       each side of a place, of a run of one character. */
    AROUND = 200,
    SAMPLE = 800,
    NEAR = 24,
    DRAWN = 4,
    MOST_WORDS = 30,
    COMPATIBILITY = 0xF900, /* ideographs that NFC turns into others, to ... */
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

/* What is read of a text: lines with places, each with its end, and the words at places. */
typedef struct {
    const mf_text *text;
    size_t places[MOST_PLACES], count;
    uint32_t *code_points;
    mf_text lines, words[MOST_WORDS];
    size_t word_count;
} passage;

/* What is white space in every codec, and no half of a character. */
static int is_space(uint32_t character) {
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

/* The line around a place, or a part of it, from the end of the one before on. */
static void find_line(const passage *passage, size_t at, size_t *start, size_t *end) {
    const mf_text *text = passage->text;
    size_t first = at, last = at;
    while (first > *end && at - first < AROUND && mf_at(text, first - 1) != '\n')
        first--;
    while (last < text->length && last - at < AROUND && mf_at(text, last) != '\n')
        last++;
    *start = first;
    *end = last;
}

/* Write a line; of runs of one character, which are drawn, two. */
static void write_line(passage *passage, size_t start, size_t end) {
    size_t run = 0;
    for (size_t i = start; i < end; i++) {
        uint32_t character = mf_at(passage->text, i);
        run = i > start && character == mf_at(passage->text, i - 1) ? run + 1 : 1;
        if (run == DRAWN) passage->lines.length--;
        if (run < DRAWN) passage->code_points[passage->lines.length++] = character;
    }
    passage->code_points[passage->lines.length++] = '\n';
}

/* Write lines with places from all over the text. */
static int write_lines(passage *passage) {
    size_t length = 0, lines = 0, start, end = 0;
    for (size_t i = 0; i < passage->count; i++) {
        if (i && passage->places[i] < end) continue;
        find_line(passage, passage->places[i], &start, &end);
        length += end - start;
    }
    size_t step = length / SAMPLE + 1;
    passage->code_points = malloc((length + passage->count) * sizeof *passage->code_points);
    if (!passage->code_points) return 0;
    end = 0;
    for (size_t i = 0; i < passage->count; i++) {
        if (i && passage->places[i] < end) continue;
        find_line(passage, passage->places[i], &start, &end);
        if (lines++ % step == 0) write_line(passage, start, end);
    }
    passage->lines.data = passage->code_points;
    passage->lines.width = 4;
    return 1;
}

/* Find the words at places, up to white space; what goes on for long begins where a character does,
   behind ASCII. */
static void find_words(passage *passage) {
    const mf_text *text = passage->text;
    size_t step = passage->count / MOST_WORDS + 1, until = 0;
    for (size_t i = 0; i < passage->count; i += step) {
        size_t at = passage->places[i], first = at, last = at;
        if (at < until) continue;
        while (first > until && at - first < AROUND && !is_space(mf_at(text, first - 1)))
            first--;
        if (at - first > NEAR) {
            for (size_t j = at; j > first; j--) {
                if (mf_at(text, j - 1) < 0x80) first = j;
            }
        }
        while (last < text->length && last - at < NEAR && !is_space(mf_at(text, last)))
            last++;
        if (last - first > 2 * NEAR) last = first + 2 * NEAR;
        const char *data = text->data;
        passage->words[passage->word_count++] =
            (mf_text){data + first * (size_t)text->width, last - first, text->width};
        until = at + NEAR;
    }
}

static int has(const mf_text *text, uint32_t first, uint32_t last) {
    for (size_t i = 0; i < text->length; i++) {
        uint32_t character = mf_at(text, i);
        if (character >= first && character <= last) return 1;
    }
    return 0;
}

/* Do the lines cost so much less as they are read in a way than as they stand, `observed`, that the
   way may be taken? Also if memory runs out. */
static int is_better(const passage *passage, const mf_ways *ways, const mf_transcoding *how,
                     uint64_t observed, uint32_t prior) {
    mf_restored restored = {0};
    uint32_t *original = NULL;
    int is_other = 0, found = 1;
    if (mf_transcode(ways->model, how, &passage->lines, &restored) &&
        (original = malloc((restored.count + 1) * sizeof *original))) {
        for (size_t i = 0; i < restored.count; i++) {
            original[i] = restored.places[i].original;
            is_other |= original[i] != mf_at(&passage->lines, restored.places[i].start);
        }
        mf_text text = {original, restored.count, 4};
        mf_model_passage as_read = {.parts[1] = text};
        uint64_t least;
        is_other |= text.length != passage->lines.length;
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
static int may_be_utf8(const passage *passage, const mf_ways *ways, const mf_transcoding *any,
                       uint64_t observed) {
    for (int i = 0; i < MF_MULTIBYTE; i++) {
        mf_transcoding how = *any;
        how.wrong = &ways->composed[i];
        how.drops_80 = ways->drops_80[i];
        uint32_t prior = ways->utf8 + ways->as_decoder[MF_DECODERS + i];
        if (is_better(passage, ways, &how, observed, prior)) return 1;
        how.marker = mf_multibyte_marker[i];
        if (!has(&passage->lines, how.marker, how.marker)) continue;
        how.takes_ascii = 1;
        if (is_better(passage, ways, &how, observed, prior + ways->lost)) return 1;
    }
    return 0;
}

/* May the lines have become foreign in a legacy way? `misses`: see above. */
static int may_be_legacy(const passage *passage, const mf_ways *ways, const mf_transcoding *any,
                         uint64_t observed, int64_t misses) {
    mf_way *found = malloc(MF_CODECS * MF_CODECS * sizeof *found);
    size_t count = 0;
    int may = !found || !mf_explain(ways, passage->words, passage->word_count, found, &count);
    for (size_t i = 0; !may && i < count && found[i].gain > -misses; i++) {
        uint32_t prior = ways->as_source[found[i].source] + ways->as_decoder[found[i].decoder];
        mf_transcoding how = *any;
        int pairs = found[i].decoder - MF_DECODERS;
        how.wrong = pairs < 0 ? &ways->codecs[found[i].decoder] : &ways->composed[pairs];
        how.source = &ways->codecs[found[i].source];
        may = is_better(passage, ways, &how, observed, prior);
    }
    free(found);
    return may;
}

/* May some way read the lines with places better than they stand? */
static int may_be_read(passage *passage, const mf_ways *ways, int64_t misses) {
    if (!write_lines(passage)) return 1;
    find_words(passage);
    const mf_text *lines = &passage->lines;
    uint64_t observed;
    if (has(lines, COMPATIBILITY, COMPATIBILITY_END - 1)) return 1;
    if (!mf_least_costs(ways->model, lines, 1, ways->change, &observed)) return 1;
    const mf_transcoding any = {
        .returns = has(lines, '\r', '\r'), .enter = ways->enter, .leave = ways->leave};
    return may_be_utf8(passage, ways, &any, observed) ||
           may_be_legacy(passage, ways, &any, observed, misses);
}

mf_verdict mf_refute_foreign(const mf_text *text, const mf_ways *ways, int may_read) {
    passage passage = {.text = text};
    size_t beyond = 0;
    int all_known = 1;
    for (size_t at = mf_find_foreign(text, 0); at != MF_NONE; at = mf_find_foreign(text, at + 1)) {
        if (passage.count == MOST_PLACES || mf_is_lone_lead(text, at)) return MF_DOUBTFUL;
        passage.places[passage.count++] = at;
        all_known = all_known && ways && is_known(text, at, ways->model);
    }
    if (!passage.count) return MF_CLEAN;
    if (!ways) return MF_UNSETTLED;
    for (size_t i = 0; i < text->length; i++)
        beyond += mf_at(text, i) >= 0x80;
    int are_rare = passage.count <= beyond / SELDOM;
    if (are_rare && all_known) return MF_CLEAN;
    int may = !may_read || may_be_read(&passage, ways, are_rare ? MISSES_RARE : MISSES);
    free(passage.code_points);
    return may ? MF_DOUBTFUL : MF_CLEAN;
}
