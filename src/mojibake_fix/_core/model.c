#include "model.h"
#include <string.h>

/* Offsets in the file; see model/format.py. */
enum {
    VERSION = 1,
    AT_VERSION = 8,
    AT_UNITS = 12,
    AT_SIZE = 16,
    AT_PARAMETERS = 56,
    AT_CODEBOOKS = AT_PARAMETERS + 4 * 14 + 8,
    AT_PAGES = AT_CODEBOOKS + 2 * 2 * MF_MODEL_CONTEXT * MF_MODEL_CODES,
    PAGES = 0x110000 / MF_MODEL_PAGE,
    MOST_CELLS = 1 << 28,
    AT_ONCE = 16, /* ids whose cells are fetched together */
    READERS = 8,  /* passages that are read together */
};

static inline uint32_t number16(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
}

static uint32_t number32(const uint8_t *bytes) {
    return number16(bytes) | number16(bytes + 2) << 16;
}

static uint64_t number64(const uint8_t *bytes) {
    return number32(bytes) | (uint64_t)number32(bytes + 4) << 32;
}

static void read_codebooks(mf_model *model, const uint8_t *at) {
    for (uint32_t i = 0; i < MF_MODEL_CONTEXT * MF_MODEL_CODES; i++) {
        uint32_t length = i / MF_MODEL_CODES, code = i % MF_MODEL_CODES;
        model->ngram_cost[length][code] = (uint16_t)mf_model_item(at, i);
        model->context_cost[length][code] =
            (uint16_t)mf_model_item(at, i + MF_MODEL_CONTEXT * MF_MODEL_CODES);
    }
}

/* Are all ids in the vocabulary, and all pages in the file? */
static int pages_hold(const mf_model *model) {
    uint32_t most_page = 0, most_id = 0;
    for (uint32_t i = 0; i < PAGES; i++) {
        uint32_t page = mf_model_item(model->page, i);
        if (page > most_page) most_page = page;
    }
    for (uint32_t i = 0; i < model->pages * MF_MODEL_PAGE; i++) {
        uint32_t id = mf_model_item(model->id_of, i);
        if (id > most_id) most_id = id;
    }
    return most_page < model->pages && most_id < model->ids;
}

const char *mf_model_open(mf_model *model, const void *data, size_t size) {
    const uint8_t *bytes = data;
    if (size < AT_PAGES) return "too short";
    if (memcmp(bytes, "mf-model", AT_VERSION)) return "not a language model";
    if (number32(bytes + AT_VERSION) != VERSION) return "another version of the format";
    if (number32(bytes + AT_UNITS) != MF_MODEL_UNITS_PER_NAT) return "another unit of costs";
    if (number64(bytes + AT_SIZE) != size) return "not as long as it says";

    const uint8_t *at = bytes + AT_PARAMETERS;
    *model = (mf_model){
        .seed = number64(at),
        .ids = number32(at + 8),
        .pages = number32(at + 12),
        .reach = number32(at + 16),
        .segment = number32(at + 20),
        .unknown = number32(at + 24),
    };
    if (model->ids <= MF_MODEL_LINE || model->ids > 0x10000) return "a vocabulary of a wrong size";
    if (model->pages < 1 || model->pages > PAGES) return "a wrong number of pages";
    if (model->segment < 4 || model->segment > MOST_CELLS ||
        (model->segment & (model->segment - 1)) || model->reach < model->segment ||
        model->reach > MOST_CELLS || model->reach % model->segment) {
        return "a table of a wrong shape";
    }
    if (model->unknown > UINT16_MAX) return "a wrong cost of unknown characters";
    for (uint32_t i = 0; i < MF_MODEL_CONTEXT; i++) {
        model->ngram_codes[i] = number32(at + 32 + 4 * i);
        model->context_codes[i] = number32(at + 48 + 4 * i);
        if (model->ngram_codes[i] > MF_MODEL_CODES || model->context_codes[i] > MF_MODEL_CODES) {
            return "a codebook of a wrong size";
        }
    }
    read_codebooks(model, bytes + AT_CODEBOOKS);

    size_t cells = (size_t)model->reach + 2 * (size_t)model->segment;
    size_t ids = model->ids, pages = model->pages;
    if (size != AT_PAGES + 2 * (PAGES + pages * MF_MODEL_PAGE + 2 * ids + cells)) {
        return "not as long as its parts";
    }
    model->page = bytes + AT_PAGES;
    model->id_of = model->page + (size_t)2 * PAGES;
    model->alone = model->id_of + 2 * pages * MF_MODEL_PAGE;
    model->leave = model->alone + 2 * ids;
    model->cells = model->leave + 2 * ids;
    return pages_hold(model) ? NULL : "a vocabulary that leaves the file";
}

/* The value of the key at a place; without such a key, any number below 0x10000. */
static inline uint32_t value_at(const mf_model *model, const mf_model_place *place) {
    return mf_model_item(model->cells, place->cell[0]) ^
           mf_model_item(model->cells, place->cell[1]) ^
           mf_model_item(model->cells, place->cell[2]) ^ place->mark;
}

static inline uint32_t known_id(const mf_model *model, uint32_t id) {
    return id < model->ids ? id : MF_MODEL_UNKNOWN;
}

/* Where the value of a key is; its cells are asked for, and come while others are looked for. */
static inline mf_model_place find(const mf_model *model, uint64_t hash, unsigned kind) {
    mf_model_place place = mf_model_find(mf_model_key(hash, kind), model->reach, model->segment);
    for (int i = 0; i < 3; i++)
        MF_PREFETCH(model->cells + (size_t)2 * place.cell[i]);
    return place;
}

/* Find the contexts that an id may end, by length from 2 on; returns the longest possible one. The
   training keeps the beginning of every n-gram that it keeps: no context is known that is longer
   than the longest n-gram. */
static inline uint32_t find_contexts(const mf_model *model, const mf_model_state *state,
                                     uint32_t id, uint32_t matched,
                                     mf_model_place places[MF_MODEL_CONTEXT]) {
    uint32_t most = matched < MF_MODEL_CONTEXT - 1 ? matched + 1 : MF_MODEL_CONTEXT;
    uint64_t hash = mf_model_extend(model->seed, id);
    for (uint32_t length = 1; length < most; length++) {
        hash = mf_model_extend(hash, state->ids[length - 1]);
        places[length] = find(model, hash, MF_MODEL_CONTEXTS);
    }
    return most;
}

void mf_model_expect(const mf_model *model, const mf_model_state *state, uint32_t id,
                     uint32_t matched) {
    mf_model_place places[MF_MODEL_CONTEXT];
    find_contexts(model, state, known_id(model, id), matched, places);
}

/* The state behind an id, given where its contexts of up to `most` ids are. */
static inline void read_contexts(const mf_model *model, const mf_model_state *state, uint32_t id,
                                 const mf_model_place *places, uint32_t most,
                                 mf_model_state *next) {
    mf_model_state moved = {.length = 0};
    uint32_t leave = mf_model_item(model->leave, id);
    if (leave != MF_MODEL_NO_CONTEXT) {
        moved.ids[0] = (uint16_t)id;
        moved.leave[0] = (uint16_t)leave;
        for (moved.length = 1; moved.length < most; moved.length++) {
            uint32_t code = value_at(model, &places[moved.length]);
            if (code >= model->context_codes[moved.length]) break;
            moved.ids[moved.length] = state->ids[moved.length - 1];
            moved.leave[moved.length] = model->context_cost[moved.length][code];
        }
    }
    *next = moved;
}

void mf_model_follow(const mf_model *model, const mf_model_state *state, uint32_t id,
                     uint32_t matched, mf_model_state *next) {
    mf_model_place places[MF_MODEL_CONTEXT];
    id = known_id(model, id);
    uint32_t most = find_contexts(model, state, id, matched, places);
    read_contexts(model, state, id, places, most, next);
}

void mf_model_start(const mf_model *model, mf_model_state *state) {
    mf_model_follow(model, state, MF_MODEL_LINE, 0, state);
}

/* Find the n-grams of an id behind a state, by length of context. */
static inline void find_ngrams(const mf_model *model, const mf_model_state *state, uint32_t id,
                               mf_model_place *places) {
    uint64_t hash = model->seed;
    for (uint32_t length = 0; length < state->length; length++) {
        hash = mf_model_extend(hash, state->ids[length]);
        places[length] = find(model, mf_model_extend(hash, id), MF_MODEL_NGRAMS);
    }
}

/* The cost of an id behind a state, given where its n-grams are. */
static inline uint32_t read_ngrams(const mf_model *model, const mf_model_state *state, uint32_t id,
                                   const mf_model_place *places, uint32_t *matched) {
    uint32_t cost = mf_model_item(model->alone, id), length = 0;
    for (; length < state->length; length++) {
        uint32_t code = value_at(model, &places[length]);
        /* The training keeps the end of every n-gram that it keeps: no longer one is known. */
        if (code >= model->ngram_codes[length]) break;
        cost = model->ngram_cost[length][code];
    }
    *matched = length;
    for (; length < state->length; length++)
        cost += state->leave[length];
    return cost + (id == MF_MODEL_UNKNOWN ? model->unknown : 0);
}

uint32_t mf_model_cost(const mf_model *model, const mf_model_state *state, uint32_t id,
                       mf_model_state *next) {
    mf_model_place places[MF_MODEL_CONTEXT];
    uint32_t matched;
    id = known_id(model, id);
    find_ngrams(model, state, id, places);
    uint32_t cost = read_ngrams(model, state, id, places, &matched);
    if (next) mf_model_follow(model, state, id, matched, next);
    return cost;
}

/* A passage that is being read. */
typedef struct {
    mf_model_passage *passage;
    int part;
    size_t at; /* in the part */
    mf_model_state state;
    mf_model_place places[MF_MODEL_CONTEXT];
    uint32_t id, most;
} passage_reader;

/* Go on to the next part that is not read to its end; returns 0 if none is left. */
static int find_part(passage_reader *reader) {
    while (reader->part < 3 && reader->at == reader->passage->parts[reader->part].length) {
        reader->part++;
        reader->at = 0;
    }
    return reader->part < 3;
}

/* Take one of the passages that are left; returns 0 if none is. */
static int begin_passage(const mf_model *model, passage_reader *reader, mf_model_passage **next,
                         const mf_model_passage *end) {
    while (*next < end) {
        reader->passage = (*next)++;
        reader->passage->cost = reader->passage->rest = 0;
        reader->part = 0;
        reader->at = 0;
        if (!find_part(reader)) continue;
        if (reader->passage->state) {
            reader->state = *reader->passage->state;
        } else {
            mf_model_start(model, &reader->state);
        }
        return 1;
    }
    return 0;
}

static int is_letter(const mf_text *text, size_t at) {
    uint32_t code_point = at < text->length ? mf_at(text, at) : 0;
    return code_point >= 0x80 || (code_point | 0x20) - 'a' < 26;
}

/* The id of a character, or of its small letter; sigma has a small letter of its own at the end of
 * words. */
static uint32_t id_in(const mf_model *model, const mf_text *text, size_t at, int in_small) {
    enum { SIGMA = 0x3A3, FINAL_SIGMA = 0x3C2 };
    uint32_t code_point = mf_at(text, at);
    if (!in_small) return mf_model_id(model, code_point);
    int is_final =
        code_point == SIGMA && at > 0 && is_letter(text, at - 1) && !is_letter(text, at + 1);
    return mf_model_small(model, mf_model_id(model, is_final ? FINAL_SIGMA : code_point));
}

void mf_model_read(const mf_model *model, mf_model_passage *passages, size_t count) {
    passage_reader readers[READERS];
    mf_model_passage *next = passages, *end = passages + count;
    size_t active = 0;
    while (active < READERS && begin_passage(model, &readers[active], &next, end))
        active++;
    while (active) {
        for (size_t i = 0; i < active; i++) {
            passage_reader *reader = &readers[i];
            const mf_model_passage *passage = reader->passage;
            reader->id = id_in(model, &passage->parts[reader->part], reader->at, passage->in_small);
            find_ngrams(model, &reader->state, reader->id, reader->places);
        }
        for (size_t i = 0; i < active; i++) {
            passage_reader *reader = &readers[i];
            uint32_t matched;
            uint32_t cost =
                read_ngrams(model, &reader->state, reader->id, reader->places, &matched);
            if (reader->part == 1) reader->passage->cost += cost;
            if (reader->part == 2) reader->passage->rest += cost;
            reader->most =
                find_contexts(model, &reader->state, reader->id, matched, reader->places);
        }
        for (size_t i = active; i-- > 0;) {
            passage_reader *reader = &readers[i];
            const mf_model_passage *passage = reader->passage;
            read_contexts(model, &reader->state, reader->id, reader->places, reader->most,
                          &reader->state);
            reader->at++;
            if (find_part(reader)) continue;
            if (passage->state) *passage->state = reader->state;
            if (!begin_passage(model, reader, &next, end)) *reader = readers[--active];
        }
    }
}

void mf_model_know(const mf_model *model, const uint32_t *pairs, size_t count, uint8_t *known) {
    mf_model_place places[AT_ONCE];
    for (size_t start = 0; start < count; start += AT_ONCE) {
        size_t here = count - start < AT_ONCE ? count - start : AT_ONCE;
        for (size_t i = 0; i < here; i++) {
            uint32_t pair = pairs[start + i];
            uint64_t hash = mf_model_extend(model->seed, known_id(model, pair >> 16));
            hash = mf_model_extend(hash, known_id(model, pair & 0xFFFF));
            places[i] = find(model, hash, MF_MODEL_NGRAMS);
        }
        for (size_t i = 0; i < here; i++)
            known[start + i] = value_at(model, &places[i]) < model->ngram_codes[0];
    }
}

/* Costs of at most AT_ONCE ids, by length of context: the cells of all ids are asked for before
   the first is read. */
static void costs_at_once(const mf_model *model, const mf_model_state *state, const uint16_t *ids,
                          uint32_t count, uint32_t *costs, uint8_t *matched) {
    uint32_t id[AT_ONCE], known[AT_ONCE], left = count; /* those whose n-grams are known so far */
    mf_model_place places[AT_ONCE];
    for (uint32_t i = 0; i < count; i++) {
        known[i] = i;
        id[i] = known_id(model, ids[i]);
        costs[i] =
            mf_model_item(model->alone, id[i]) + (id[i] == MF_MODEL_UNKNOWN ? model->unknown : 0);
        matched[i] = 0;
    }
    uint64_t hash = model->seed;
    for (uint32_t length = 0; length < state->length && left; length++) {
        hash = mf_model_extend(hash, state->ids[length]);
        for (uint32_t i = 0; i < left; i++)
            places[i] = find(model, mf_model_extend(hash, id[known[i]]), MF_MODEL_NGRAMS);
        uint32_t still = 0, leave = 0;
        for (uint32_t i = length; i < state->length; i++)
            leave += state->leave[i];
        for (uint32_t i = 0; i < left; i++) {
            uint32_t code = value_at(model, &places[i]);
            if (code < model->ngram_codes[length]) {
                costs[known[i]] = model->ngram_cost[length][code];
                if (id[known[i]] == MF_MODEL_UNKNOWN) costs[known[i]] += model->unknown;
                matched[known[i]]++;
                known[still++] = known[i];
            } else {
                costs[known[i]] += leave;
            }
        }
        left = still;
    }
}

/* Are ids behind a state so few that the cells of all their n-grams can be asked for at once? */
static int are_few(const mf_model_state *state, size_t count) {
    return count * state->length <= MF_MODEL_FEW;
}

void mf_model_ask(const mf_model *model, const mf_model_state *state, const uint16_t *ids,
                  size_t count, mf_model_asked *asked) {
    if (are_few(state, count)) {
        for (size_t i = 0; i < count; i++)
            find_ngrams(model, state, known_id(model, ids[i]), asked->places + i * state->length);
        return;
    }
    const uint64_t hash = mf_model_extend(model->seed, state->ids[0]);
    for (size_t i = 0; i < count; i++)
        find(model, mf_model_extend(hash, known_id(model, ids[i])), MF_MODEL_NGRAMS);
}

void mf_model_told(const mf_model *model, const mf_model_state *state, const uint16_t *ids,
                   size_t count, const mf_model_asked *asked, uint32_t *costs, uint8_t *matched) {
    if (are_few(state, count)) {
        for (size_t i = 0; i < count; i++) {
            const mf_model_place *place = asked->places + i * state->length;
            uint32_t length;
            costs[i] = read_ngrams(model, state, known_id(model, ids[i]), place, &length);
            matched[i] = (uint8_t)length;
        }
        return;
    }
    for (size_t start = 0; start < count; start += AT_ONCE) {
        size_t here = count - start < AT_ONCE ? count - start : AT_ONCE;
        costs_at_once(model, state, ids + start, (uint32_t)here, costs + start, matched + start);
    }
}

void mf_model_costs(const mf_model *model, const mf_model_state *state, const uint16_t *ids,
                    size_t count, uint32_t *costs, uint8_t *matched) {
    mf_model_asked asked;
    if (are_few(state, count)) mf_model_ask(model, state, ids, count, &asked);
    mf_model_told(model, state, ids, count, &asked, costs, matched);
}

uint64_t mf_model_text_cost(const mf_model *model, mf_model_state *state,
                            const uint32_t *code_points, size_t count) {
    uint64_t cost = 0;
    for (size_t i = 0; i < count; i++) {
        cost += mf_model_cost(model, state, mf_model_id(model, code_points[i]), state);
    }
    return cost;
}
