/* Model: how probable is a character behind up to four others? A pruned and quantised n-gram
   model of characters over all scripts, read where it lies in a mapped file.

   All figures are costs, -log p, in integers, so that every machine gives the same answer. The
   format is described in model/format.py, which writes it. */
#ifndef MF_MODEL_H
#define MF_MODEL_H
#include "text.h"

/* Ask for memory that will be read. */
#ifdef __GNUC__
#define MF_PREFETCH(address) __builtin_prefetch(address)
#else
#define MF_PREFETCH(address) ((void)(address))
#endif

enum {
    MF_MODEL_UNITS_PER_NAT = 64,
    /* What it costs that a C1 control stands in a text, beyond what any unknown character costs. */
    MF_CONTROL = 12 * MF_MODEL_UNITS_PER_NAT,
    MF_MODEL_ORDER = 5,      /* the longest n-gram */
    MF_MODEL_CONTEXT = 4,    /* ids of the longest context */
    MF_BEHIND = 4,           /* code points behind what is read that are read with it */
    MF_MODEL_CODES = 64,     /* a codebook has at most */
    MF_MODEL_PAGE = 64,      /* code points whose ids stand together */
    MF_MODEL_UNKNOWN = 0,    /* id of all characters outside the vocabulary */
    MF_MODEL_LINE = 1,       /* id of the line end, which also stands before a text */
    MF_MODEL_FEW = 16,       /* n-grams that are asked for at once */
    MF_MODEL_CONTEXTS = 0x5, /* kinds of keys in the table */
    MF_MODEL_NGRAMS = 0xA,
};

/* A model in memory that it does not own. */
typedef struct {
    const uint8_t *page, *id_of; /* code point to id, in pages of 64 */
    const uint8_t *alone;        /* cost of each id without a context */
    const uint8_t *leave;        /* cost of leaving the context of each id; MF_MODEL_NO_CONTEXT */
    const uint8_t *cells;        /* of the table of n-grams and contexts */
    const uint16_t *small;       /* by id: of its small letter, itself if it is one; 0; or NULL */
    uint64_t seed;
    uint32_t ids, pages, reach, segment; /* reach: first cells that a key may have */
    uint32_t unknown;                    /* cost of one character among the unknown ones */
    uint32_t ngram_codes[MF_MODEL_CONTEXT], context_codes[MF_MODEL_CONTEXT];
    uint16_t ngram_cost[MF_MODEL_CONTEXT][MF_MODEL_CODES];   /* by length of context - 1 */
    uint16_t context_cost[MF_MODEL_CONTEXT][MF_MODEL_CODES]; /* the same; 0 is not used */
} mf_model;

#define MF_MODEL_NO_CONTEXT 0xFFFFu

/* What the model remembers of what stands before. Two states that are equal in every byte stay
   equal whatever follows. */
typedef struct {
    uint16_t ids[MF_MODEL_CONTEXT];   /* latest first; 0 from `length` on */
    uint16_t leave[MF_MODEL_CONTEXT]; /* cost of not being found behind the last i + 1 ids */
    uint32_t length;                  /* of the longest context that the model knows */
} mf_model_state;

/* Read the header of a model, check all that look-ups rely on. Returns NULL, or what is wrong
   with it; a model that is right in its header and wrong in its cells gives wrong costs only. */
const char *mf_model_open(mf_model *model, const void *bytes, size_t size);

static inline uint32_t mf_model_item(const uint8_t *items, uint32_t index) {
    return (uint32_t)items[(size_t)2 * index] | (uint32_t)items[(size_t)2 * index + 1] << 8;
}

/* The id of a code point, MF_MODEL_UNKNOWN outside the vocabulary; digits share one. */
static inline uint32_t mf_model_id(const mf_model *model, uint32_t code_point) {
    if (code_point >= 0x110000) return MF_MODEL_UNKNOWN;
    uint32_t page = mf_model_item(model->page, code_point / MF_MODEL_PAGE);
    return mf_model_item(model->id_of, page * MF_MODEL_PAGE + code_point % MF_MODEL_PAGE);
}

/* The id of a letter's small letter, or the id of what is none of two cases. */
static inline uint32_t mf_model_small(const mf_model *model, uint32_t id) {
    return model->small && model->small[id] ? model->small[id] : id;
}

/* Cost of an id without a context. */
static inline uint32_t mf_model_alone(const mf_model *model, uint32_t id) {
    return mf_model_item(model->alone, id) + (id == MF_MODEL_UNKNOWN ? model->unknown : 0);
}

/* As much as how many letters may a character cost where the language is known? An emoji is one of
   very many, in all languages. */
static inline unsigned mf_model_worth(uint32_t code_point) {
    int is_emoji = code_point - 0x1F000 < 0xB00 || code_point - 0x2600 < 0x1C0;
    return is_emoji ? 3 : 1;
}

/* The state at the start of a text or line. */
void mf_model_start(const mf_model *model, mf_model_state *state);

/* Cost of an id behind a state, in units. If `next` is not NULL it becomes the state behind the
   id; it may be `state` itself. */
uint32_t mf_model_cost(const mf_model *model, const mf_model_state *state, uint32_t id,
                       mf_model_state *next);

/* Costs of several ids behind one state: faster than one by one, as they wait for memory together.
   `matched` takes how many ids before it the longest known n-gram of each has. */
void mf_model_costs(const mf_model *model, const mf_model_state *state, const uint16_t *ids,
                    size_t count, uint32_t *costs, uint8_t *matched);

/* The three cells whose exclusive or, with the key's mark, is its value: a binary fuse filter
   (Graf and Lemire 2022) that holds values in place of fingerprints. */
typedef struct {
    uint32_t cell[3];
    uint16_t mark;
} mf_model_place;

/* Where the n-grams of a few ids behind one state are. */
typedef struct {
    mf_model_place places[MF_MODEL_FEW];
} mf_model_asked;

/* Ask for the memory that the costs of ids behind a state are in: that which is read first, if the
   ids are more than a few. */
void mf_model_ask(const mf_model *model, const mf_model_state *state, const uint16_t *ids,
                  size_t count, mf_model_asked *asked);

/* The same as `mf_model_costs`, of ids that were asked for. */
void mf_model_told(const mf_model *model, const mf_model_state *state, const uint16_t *ids,
                   size_t count, const mf_model_asked *asked, uint32_t *costs, uint8_t *matched);

/* Ask for the memory that `mf_model_follow` will read. */
void mf_model_expect(const mf_model *model, const mf_model_state *state, uint32_t id,
                     uint32_t matched);

/* The state behind an id, given what `mf_model_costs` found of it. It may be `state` itself. */
void mf_model_follow(const mf_model *model, const mf_model_state *state, uint32_t id,
                     uint32_t matched, mf_model_state *next);

/* Two ids, one behind the other. */
static inline uint32_t mf_model_pair(uint32_t before, uint32_t id) {
    return before << 16 | id;
}

/* Does the model know pairs of ids? Where it does not, the id behind costs at least what it costs
   alone. */
void mf_model_know(const mf_model *model, const uint32_t *pairs, size_t count, uint8_t *known);

/* A text, by itself, in three parts that may be of different texts: what stands before, what
   `cost` is of, and what `rest` is of; in small letters if asked for. Units. */
typedef struct {
    mf_text parts[3];
    int in_small;
    mf_model_state *state; /* NULL, or behind what it stands; it moves on to the end */
    uint64_t cost, rest;
} mf_model_passage;

/* Costs of passages: faster than one by one, as they wait for memory together. */
void mf_model_read(const mf_model *model, mf_model_passage *passages, size_t count);

/* Cost of a text behind a state, which moves on to its end. */
uint64_t mf_model_text_cost(const mf_model *model, mf_model_state *state,
                            const uint32_t *code_points, size_t count);

/* Keys of the table. A context is hashed from its latest id to its first, from `seed`. */
static inline uint64_t mf_model_extend(uint64_t hash, uint32_t id) {
    return (hash + id + 1) * UINT64_C(0x9E3779B97F4A7C15);
}

/* The finaliser of MurmurHash3. */
static inline uint64_t mf_model_key(uint64_t hash, unsigned kind) {
    hash += kind;
    hash = (hash ^ hash >> 33) * UINT64_C(0xFF51AFD7ED558CCD);
    hash = (hash ^ hash >> 33) * UINT64_C(0xC4CEB9FE1A85EC53);
    return hash ^ hash >> 33;
}

static inline mf_model_place mf_model_find(uint64_t key, uint32_t reach, uint32_t segment) {
    uint32_t first = (uint32_t)((key >> 32) * reach >> 32);
    return (mf_model_place){
        {first, (first + segment) ^ (uint32_t)(key >> 18 & (segment - 1)),
         (first + 2 * segment) ^ (uint32_t)(key & (segment - 1))},
        (uint16_t)(key * UINT64_C(0xD6E8FEB86659FD93) >> 48),
    };
}
#endif
