#include "ways.h"
#include "spelling.h"
#include <stdlib.h>
#include <string.h>

enum { REPLACEMENT = 0xFFFD };

uint32_t mf_way_cost(const mf_ways *ways, int source, int decoder) {
    uint32_t cost = ways->as_source[source] + ways->as_decoder[decoder];
    return source == MF_CP1252 && decoder == MF_LATIN_1 ? cost - ways->less : cost;
}

/* The bytes of words in a codec, one after the other; MF_NONE is the size of what it lacks. */
typedef struct {
    uint8_t *bytes;
    size_t *sizes, size;
} encoded;

/* A text, words on lines, by its place among all code points that are written. */
typedef struct {
    size_t start, length;
    uint64_t hash;
    int is_taken;
} lines;

/* A way, and the numbers of the texts as which it writes and reads words. */
typedef struct {
    mf_way way;
    size_t written, read;
} reading;

typedef struct {
    const mf_ways *ways;
    const mf_text *words;
    size_t count;
    int decoders; /* that are tried */
    encoded encoded[MF_CODECS];
    uint32_t *code_points;
    lines *texts;
    size_t length, capacity, text_count;
    reading *readings;
    size_t reading_count;
} search;

/* Encode the words with a codec. */
static int encode_words(search *search, int codec) {
    encoded *made = &search->encoded[codec];
    size_t characters = 0;
    for (size_t i = 0; i < search->count; i++)
        characters += search->words[i].length;
    made->bytes = malloc(2 * characters + 1);
    made->sizes = malloc((search->count + 1) * sizeof *made->sizes);
    if (!made->bytes || !made->sizes) return 0;
    for (size_t i = 0, lacks; i < search->count; i++) {
        made->sizes[i] = mf_codec_encode(&search->ways->codecs[codec], &search->words[i],
                                         made->bytes + made->size, &lacks);
        if (made->sizes[i] != MF_NONE) made->size += made->sizes[i];
    }
    return 1;
}

static int are_same(const encoded *one, const encoded *other, size_t count) {
    return one->size == other->size && !memcmp(one->bytes, other->bytes, one->size) &&
           !memcmp(one->sizes, other->sizes, count * sizeof *one->sizes);
}

/* Is a decoder the most usual one that reads the words as it does? */
static int is_most_usual(const search *search, int decoder) {
    const uint32_t *cost = search->ways->as_decoder;
    for (int i = 0; i < search->decoders; i++) {
        int is_better =
            cost[i] < cost[decoder] ||
            (cost[i] == cost[decoder] && strcmp(mf_codec_name(i), mf_codec_name(decoder)) > 0);
        if (is_better && are_same(&search->encoded[i], &search->encoded[decoder], search->count)) {
            return 0;
        }
    }
    return 1;
}

/* Have place for some code points more. */
static int reserve(search *search, size_t count) {
    size_t needed = search->length + count;
    if (needed <= search->capacity) return 1;
    size_t capacity = 2 * needed;
    uint32_t *moved = realloc(search->code_points, capacity * sizeof *moved);
    if (!moved) return 0;
    search->code_points = moved;
    search->capacity = capacity;
    return 1;
}

static void write_point(search *search, lines *text, uint32_t code_point) {
    search->code_points[search->length++] = code_point;
    text->length++;
    text->hash = (text->hash ^ code_point) * UINT64_C(0x100000001B3); /* FNV-1a */
}

static lines begin_text(const search *search) {
    return (lines){.start = search->length, .hash = UINT64_C(0xCBF29CE484222325)};
}

/* The number of a text that was just written; the one of the same text if there is one. */
static size_t number_of(search *search, const lines *text) {
    const uint32_t *all = search->code_points;
    for (size_t i = 0; i < search->text_count; i++) {
        const lines *other = &search->texts[i];
        if (other->hash == text->hash && other->length == text->length &&
            !memcmp(all + other->start, all + text->start, text->length * sizeof *all)) {
            search->length = text->start;
            return i;
        }
    }
    search->texts[search->text_count] = *text;
    return search->text_count++;
}

/* Write those words that a decoder can have read. */
static lines write_observed(search *search, const encoded *made) {
    lines text = begin_text(search);
    for (size_t i = 0; i < search->count; i++) {
        const mf_text *word = &search->words[i];
        if (made->sizes[i] == MF_NONE) continue;
        if (text.length) write_point(search, &text, '\n');
        for (size_t j = 0; j < word->length; j++)
            write_point(search, &text, mf_at(word, j));
    }
    return text;
}

/* Write what their bytes are in a source codec. Returns 0 if most words mean nothing in it. */
static int write_originals(search *search, const encoded *made, const mf_codec *source,
                           lines *text) {
    size_t whole = 0, read = 0;
    const uint8_t *bytes = made->bytes;
    *text = begin_text(search);
    for (size_t i = 0; i < search->count; i++) {
        if (made->sizes[i] == MF_NONE) continue;
        if (read++) write_point(search, text, '\n');
        int is_whole = 1;
        for (size_t left = made->sizes[i], size; left; left -= size, bytes += size) {
            uint32_t character = bytes[0];
            size = 1;
            if (character >= 0x80) character = mf_codec_decode(source, bytes, left, 0, &size);
            if (character || bytes[0] < 0x80) {
                write_point(search, text, character);
            } else if (size < left) { /* at the end a character is cut in the middle */
                write_point(search, text, REPLACEMENT);
                is_whole = 0;
            }
        }
        whole += (size_t)is_whole;
    }
    return 2 * whole >= read;
}

/* Read the words, as a decoder encodes them, in all source codecs. */
static int read_words(search *search, int decoder) {
    const encoded *made = &search->encoded[decoder];
    size_t most = made->size + search->count;
    for (size_t i = 0; i < search->count; i++)
        most += search->words[i].length;
    if (!reserve(search, most)) return 0;
    lines observed = write_observed(search, made);
    if (!observed.length) return 1;
    size_t written = number_of(search, &observed);
    for (int source = 0; source < MF_CODECS; source++) {
        lines text;
        if (!reserve(search, most)) return 0;
        if (!write_originals(search, made, &search->ways->codecs[source], &text)) {
            search->length = text.start;
            continue;
        }
        size_t read = number_of(search, &text);
        if (read == written) continue;
        search->readings[search->reading_count++] =
            (reading){.way = {.source = (uint8_t)source, .decoder = (uint8_t)decoder},
                      .written = written,
                      .read = read};
    }
    return 1;
}

static int by_gain(const void *left, const void *right) {
    const mf_way *a = &((const reading *)left)->way, *b = &((const reading *)right)->way;
    if (a->gain != b->gain) return a->gain > b->gain ? -1 : 1;
    int by_source = strcmp(mf_codec_name(b->source), mf_codec_name(a->source));
    return by_source ? by_source : strcmp(mf_codec_name(b->decoder), mf_codec_name(a->decoder));
}

/* Tell the gain of each reading, and put the best ones first. */
static int weigh(search *search) {
    mf_text *texts = malloc((search->text_count + 1) * sizeof *texts);
    uint64_t *costs = malloc((search->text_count + 1) * sizeof *costs);
    int ok = texts && costs;
    for (size_t i = 0; ok && i < search->text_count; i++) {
        texts[i] =
            (mf_text){search->code_points + search->texts[i].start, search->texts[i].length, 4};
    }
    const mf_ways *ways = search->ways;
    ok = ok && mf_least_costs(ways->model, texts, search->text_count, ways->change, costs);
    for (size_t i = 0; ok && i < search->reading_count; i++) {
        reading *here = &search->readings[i];
        here->way.gain = (int64_t)costs[here->written] - (int64_t)costs[here->read] -
                         mf_way_cost(ways, here->way.source, here->way.decoder);
    }
    if (ok) qsort(search->readings, search->reading_count, sizeof *search->readings, by_gain);
    free(texts);
    free(costs);
    return ok;
}

/* Of readings that give the same text the best is the first. */
static size_t keep_first(const search *search, mf_way *found) {
    size_t count = 0;
    for (size_t i = 0; i < search->reading_count; i++) {
        const reading *here = &search->readings[i];
        lines *text = &search->texts[here->read];
        if (!text->is_taken) found[count++] = here->way;
        text->is_taken = 1;
    }
    return count;
}

int mf_explain(const mf_ways *ways, const mf_text *words, size_t count, int decoders, mf_way *found,
               size_t *found_count) {
    enum { MOST = MF_CODECS * MF_CODECS };
    search search = {.ways = ways, .words = words, .count = count, .decoders = decoders};
    search.texts = malloc((MOST + MF_CODECS) * sizeof *search.texts);
    search.readings = malloc(MOST * sizeof *search.readings);
    int ok = search.texts && search.readings;
    for (int i = 0; ok && i < decoders; i++)
        ok = encode_words(&search, i);
    for (int i = 0; ok && i < decoders; i++) {
        if (is_most_usual(&search, i)) ok = read_words(&search, i);
    }
    ok = ok && weigh(&search);
    if (ok) *found_count = keep_first(&search, found);
    for (int i = 0; i < MF_CODECS; i++) {
        free(search.encoded[i].bytes);
        free(search.encoded[i].sizes);
    }
    free(search.code_points);
    free(search.texts);
    free(search.readings);
    return ok;
}
