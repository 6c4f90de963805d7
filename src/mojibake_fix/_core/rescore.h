/* Rescore: what a document tells of a place that the n-grams leave in doubt. A small network reads
   what stands on both sides of it, characters and how words end, counts tell where else the same
   characters stand together, and a lexicon whether they are words.

   Weights are integers, so that every machine gives the same answer; model/rescorer_format.py
   has their format, and tools/train_rescorer.py and fit_words.py learn them: they say what is to
   be added to the log probabilities of a lattice. */
#ifndef MF_RESCORE_H
#define MF_RESCORE_H
#include "lexicon.h"

enum {
    MF_NEAR = 10,        /* ids on each side whose places are told apart */
    MF_EMBEDDING = 48,   /* numbers that stand for an id */
    MF_WORDS_BEFORE = 3, /* words before that of a place, and */
    MF_WORDS_BEHIND = 2, /* behind it, whose endings are looked at */
    MF_ENDINGS = 2 * (MF_WORDS_BEFORE + MF_WORDS_BEHIND), /* a long and a short one of each */
    MF_LONG_ENDING = 4,                                   /* ids of the long one, and */
    MF_SHORT_ENDING = 2,                                  /* of the short one */
    MF_ENDING_ROWS = 1 << 14, /* endings that are told apart, but for chance */
    MF_ENDING = 16,           /* numbers that stand for an ending */
    MF_NEAR_INPUTS = 2 * MF_NEAR * MF_EMBEDDING + MF_ENDINGS * MF_ENDING,
    MF_INPUTS = MF_NEAR_INPUTS + 2 * MF_EMBEDDING, /* and sums of what is farther on each side */
    MF_HIDDEN = 256,
    MF_OUTPUTS = 48,
    MF_SIGHTS = 7,          /* ways in which a candidate may stand elsewhere: see sights */
    MF_MOST_SEEN = 31,      /* times that are told apart */
    MF_KINDS = 13,          /* kinds of characters: scripts, emoji, signs */
    MF_SMALL = 256,         /* parts of a unit, of what is gained by what is counted in hundreds */
    MF_NO_WORD = INT32_MIN, /* in place of a gain: nothing was learnt of a candidate */
    MF_SECTION = 1 << 16,   /* ids that count as one document */
};

/* A place, and the ids that may stand there; 0 from the last one on. */
typedef struct {
    uint32_t at;
    uint16_t candidates[MF_CANDIDATES];
} mf_doubt;

/* Weights in memory that it does not own, but for what is in `wide`. */
typedef struct {
    const uint8_t *hidden_bias, *output_bias; /* int32 each */
    const uint8_t *seen;    /* int16 x MF_KINDS x MF_SIGHTS x (MF_MOST_SEEN + 1), in units */
    const uint8_t *biases;  /* int16 of each id, in units */
    const uint8_t *kinds;   /* of each id; MF_KINDS or more where nothing was learnt of it */
    const uint8_t *spelt;   /* int16 x MF_KINDS x MF_SPELLINGS, in units */
    const uint8_t *covered; /* int16 x (MF_VARIANTS + 1), in units / MF_SMALL */
    const uint8_t *written; /* int16 x MF_KINDS, in units / MF_SMALL */
    mf_lexicon lexicon;
    const int8_t *endings;    /* MF_ENDING_ROWS x MF_ENDING */
    const int8_t *embeddings; /* rows x MF_EMBEDDING */
    const int8_t *outputs;    /* rows x MF_OUTPUTS */
    int16_t *wide;            /* MF_HIDDEN x MF_INPUTS, then MF_OUTPUTS x MF_HIDDEN */
    uint32_t ids, rows;       /* ids from `rows` on are too rare for a row: that of 0 is theirs */
    uint32_t far_shift, hidden_shift, output_shift, score_shift; /* powers of 2 that divide sums */
} mf_rescorer;

/* Read a rescorer for a model, whose digest it names. Returns NULL, or what is wrong with it;
   `wide` is NULL when memory ran out. To be freed in any case. */
const char *mf_rescorer_open(mf_rescorer *rescorer, const void *bytes, size_t size,
                             const void *model, size_t model_size);

void mf_rescorer_free(mf_rescorer *rescorer);

/* Row of an id among `rows` rows. */
static inline size_t mf_row(uint32_t rows, uint16_t id) {
    return id < rows ? id : MF_MODEL_UNKNOWN;
}

/* Rows of the long and the short ending of the words before a place, the nearest first, and of
   those behind it; MF_ENDING_ROWS where no word is, within MF_FAR ids of one line. */
void mf_endings(const uint8_t *flags, const uint16_t *around, uint32_t rows[MF_ENDINGS]);

/* How often each candidate of some doubts stands elsewhere in a section with what is beside it
   here: `seen` takes MF_SIGHTS counts of at most MF_MOST_SEEN for each of the MF_CANDIDATES of each
   doubt. What is not known does not count. Doubts are in order, and between `start` and `end`;
   `ids` has MF_FAR more on both sides. Returns 0 when memory runs out. */
int mf_sights(const uint16_t *ids, const uint8_t *known, size_t start, size_t end,
              const mf_doubt *doubts, size_t count, uint8_t *seen);

/* Ask the network what stands around each of some doubts, as far as MF_FAR ids away: what it `said`
   is the same whatever stands at the place. Where `kept` is not 0 it was asked before. */
void mf_ask(const mf_rescorer *rescorer, const uint16_t *ids, const mf_doubt *doubts, size_t count,
            const uint8_t *kept, int16_t (*said)[MF_OUTPUTS]);

/* What is to be added to the log probability of each candidate of some doubts, in units, given what
   the network said of them: `gains` takes MF_CANDIDATES for each. As above, but of a text of any
   length from 0 on. */
int mf_rescore(const mf_rescorer *rescorer, const uint16_t *ids, const uint8_t *known,
               size_t length, const mf_doubt *doubts, size_t count,
               const int16_t (*said)[MF_OUTPUTS], int32_t *gains);
#endif
