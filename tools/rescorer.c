/* The rescorer's network in floating point, and how it learns: the heavy half of train_rescorer.py,
   which compiles this file together with rescore.c and calls it.

   Every sum is taken in one order and learning has one thread, so that the same examples give the
   same weights. One network at a time: the state is global. */
#include "fuse.h"
#include "rescore.h"

#define EXPORT __attribute__((visibility("default")))

enum {
    KINDS = 7,                    /* of train_model.py */
    BATCH = 32,                   /* examples that go through the network together; as WIDE */
    BATCHES = 64,                 /* from one step to the next */
    LANES = 16,                   /* sums that a product is taken in */
    TALL = 8,                     /* rows, and */
    WIDE = 32,                    /* columns of what is multiplied at once */
    STRIDE = 3,                   /* of the far ids every so many learn, for all of them */
    COVER_UNIT = MF_LETTER_WORTH, /* of covers, to keep their weight near 1 */
};

typedef struct {
    float *weight, *slope; /* and the sum of its gradients since the last step */
    float *mean, *square;  /* of the gradients and of their squares, as Adam has them */
    size_t count;
} weights;

/* What Adam keeps of its means from step to step, and the least that it divides by. */
static const float KEPT_MEAN = 0.9F, KEPT_SQUARE = 0.98F, TINY = 2e-5F;

static weights embeddings, outputs, biases, hidden, hidden_bias, output, output_bias;
static weights seen; /* KINDS x MF_SIGHTS */
static weights endings;
static weights spelt;   /* KINDS x MF_SPELLINGS */
static weights covered; /* MF_VARIANTS + 1 */
static weights written; /* KINDS */
static uint32_t rows;
static uint64_t lot = UINT64_C(88172645463325252);

/* A number between -1 and 1, by xorshift. */
static float drawn(void) {
    lot ^= lot << 13;
    lot ^= lot >> 7;
    lot ^= lot << 17;
    return (float)(lot >> 40) / (float)(1 << 23) - 1;
}

static weights drawn_weights(size_t count, float most) {
    weights made = {.count = count};
    float **parts[] = {&made.weight, &made.slope, &made.mean, &made.square};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = get(count, sizeof(float));
    for (size_t i = 0; i < count; i++)
        made.weight[i] = most * drawn();
    return made;
}

EXPORT void rescorer_start(uint32_t ids, uint32_t rows_of_ids) {
    rows = rows_of_ids;
    embeddings = drawn_weights((size_t)rows * MF_EMBEDDING, 0.5F);
    outputs = drawn_weights((size_t)rows * MF_OUTPUTS, 0.1F);
    biases = drawn_weights(ids, 0);
    hidden = drawn_weights((size_t)MF_INPUTS * MF_HIDDEN, sqrtf(6.0F / MF_INPUTS));
    hidden_bias = drawn_weights(MF_HIDDEN, 0);
    output = drawn_weights((size_t)MF_HIDDEN * MF_OUTPUTS, sqrtf(3.0F / MF_HIDDEN));
    output_bias = drawn_weights(MF_OUTPUTS, 0);
    seen = drawn_weights(KINDS * MF_SIGHTS, 0);
    endings = drawn_weights(MF_ENDING_ROWS * MF_ENDING, 0.1F);
    spelt = drawn_weights(KINDS * MF_SPELLINGS, 0);
    covered = drawn_weights(MF_VARIANTS + 1, 0);
    written = drawn_weights(KINDS, 0);
}

/* In the order of train_rescorer.py. */
static weights *const all[] = {&embeddings,  &outputs, &biases,  &hidden, &hidden_bias, &output,
                               &output_bias, &seen,    &endings, &spelt,  &covered,     &written};

EXPORT const float *rescorer_weights(int which, size_t *count) {
    *count = all[which]->count;
    return all[which]->weight;
}

static float product(const float *left, const float *right, int count) {
    float sums[LANES] = {0};
    for (int i = 0; i < count; i += LANES) {
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += left[i + lane] * right[i + lane];
    }
    for (int width = LANES / 2; width; width /= 2) {
        for (int lane = 0; lane < width; lane++)
            sums[lane] += sums[lane + width];
    }
    return sums[0];
}

typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));

/* Add TALL rows and WIDE columns of the product of two matrices to `sums`: `left` has `count`
   columns, each `step` numbers from the one before, and rows `stride` apart; `right` has as many
   rows, `wide` numbers apart. Compilers do not find this way by themselves. */
static inline void multiply(const float *left, size_t stride, size_t step, const float *right,
                            size_t wide, size_t count, float sums[TALL][WIDE]) {
    lanes kept[TALL][WIDE / LANES];
    memcpy(kept, sums, sizeof kept);
    for (size_t i = 0; i < count; i++) {
        const lanes *row = (const lanes *)(right + i * wide);
        for (size_t t = 0; t < TALL; t++) {
            float number = left[t * stride + i * step];
            for (size_t w = 0; w < WIDE / LANES; w++)
                kept[t][w] += number * row[w];
        }
    }
    memcpy(sums, kept, sizeof kept);
}

static void learn(weights *of, size_t at, const float *restrict gradient, size_t count) {
    float *restrict slope = of->slope + at;
    for (size_t i = 0; i < count; i++)
        slope[i] += gradient[i];
}

/* Adam (Kingma and Ba 2015), without the correction of its first means: rates begin low. */
static void step_of(weights *of, float rate) {
    float *restrict weight = of->weight, *restrict slope = of->slope;
    float *restrict mean = of->mean, *restrict square = of->square;
    for (size_t i = 0; i < of->count; i++) {
        mean[i] += (1 - KEPT_MEAN) * (slope[i] - mean[i]);
        square[i] += (1 - KEPT_SQUARE) * (slope[i] * slope[i] - square[i]);
        weight[i] -= rate * mean[i] / (sqrtf(square[i]) + TINY);
        slope[i] = 0;
    }
}

static void step(float rate) {
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        step_of(all[i], rate);
}

/* A batch of examples, and the gradients of what is computed of them. */
static uint32_t ending_rows[BATCH][MF_ENDINGS];
static float inputs[BATCH][MF_INPUTS], input_slope[BATCH][MF_INPUTS];
static float inner[BATCH][MF_HIDDEN], inner_slope[BATCH][MF_HIDDEN];
static float outer[BATCH][MF_OUTPUTS], outer_slope[BATCH][MF_OUTPUTS];
static float inner_turned[MF_HIDDEN][BATCH]; /* inner_slope, rows and columns exchanged */
static float output_slope[MF_HIDDEN * MF_OUTPUTS];

/* Where the numbers of an id begin, beside a place and as a candidate. */
static size_t beside_at(uint16_t id) {
    return mf_row(rows, id) * MF_EMBEDDING;
}

static size_t candidate_at(uint16_t id) {
    return mf_row(rows, id) * MF_OUTPUTS;
}

static const float *row_of(uint16_t id) {
    return embeddings.weight + beside_at(id);
}

static int beside(int slot) {
    return slot < MF_NEAR ? slot - MF_NEAR : slot - MF_NEAR + 1;
}

static void look(const uint8_t *flags, const uint16_t *around, uint32_t rows[MF_ENDINGS],
                 float *into) {
    for (int slot = 0; slot < 2 * MF_NEAR; slot++)
        memcpy(into + slot * MF_EMBEDDING, row_of(around[beside(slot)]),
               MF_EMBEDDING * sizeof *into);
    mf_endings(flags, around, rows);
    float *ending = into + 2 * MF_NEAR * MF_EMBEDDING;
    memset(ending, 0, (MF_ENDINGS * MF_ENDING + 2 * MF_EMBEDDING) * sizeof *ending);
    for (int e = 0; e < MF_ENDINGS; e++) {
        if (rows[e] < MF_ENDING_ROWS)
            memcpy(ending + e * MF_ENDING, endings.weight + rows[e] * MF_ENDING,
                   MF_ENDING * sizeof *ending);
    }
    float *left = into + MF_NEAR_INPUTS, *right = left + MF_EMBEDDING;
    for (int far = MF_NEAR + 1; far <= MF_FAR; far++) {
        const float *before = row_of(around[-far]), *behind = row_of(around[far]);
        for (int i = 0; i < MF_EMBEDDING; i++) {
            left[i] += before[i] / (MF_FAR - MF_NEAR);
            right[i] += behind[i] / (MF_FAR - MF_NEAR);
        }
    }
}

static void think(void) {
    for (int h = 0; h < MF_HIDDEN; h += WIDE) {
        for (int e = 0; e < BATCH; e += TALL) {
            float sums[TALL][WIDE];
            for (int row = 0; row < TALL; row++)
                memcpy(sums[row], hidden_bias.weight + h, sizeof sums[row]);
            multiply(inputs[e], MF_INPUTS, 1, hidden.weight + h, MF_HIDDEN, MF_INPUTS, sums);
            for (int row = 0; row < TALL; row++)
                memcpy(inner[e + row] + h, sums[row], sizeof sums[row]);
        }
    }
    for (int e = 0; e < BATCH; e++) {
        memcpy(outer[e], output_bias.weight, sizeof outer[e]);
        for (int h = 0; h < MF_HIDDEN; h++) {
            if (inner[e][h] < 0) inner[e][h] = 0;
            const float *row = output.weight + h * MF_OUTPUTS;
            for (int o = 0; o < MF_OUTPUTS; o++)
                outer[e][o] += inner[e][h] * row[o];
        }
    }
}

typedef struct {
    const mf_doubt *doubt;
    const float *before;  /* log probability of each candidate, as the n-grams have it */
    const uint8_t *sight; /* as mf_sights counts */
    uint16_t truth;
    uint8_t variant; /* that the document is written in */
    uint8_t rows[MF_CANDIDATES], covers[MF_CANDIDATES];
} example;

static const mf_lexicon *lexicon;

/* What is told of a candidate in parts of a nat: see rescorer_weights for the weights. */
static float cover_of(const example *of, int c) {
    return of->covers[c] / (float)COVER_UNIT;
}

static float ratio_of(const example *of, int c) {
    if (of->variant == MF_VARIANTS) return 0;
    size_t at = (size_t)of->doubt->candidates[c] * MF_VARIANTS + of->variant;
    return lexicon->variants[at] / (float)MF_VARIANT_UNIT;
}

/* Log probability of the truth of an example, which is `*right` if nothing is more probable. Leaves
   the slope of its outputs, and learns what belongs to its candidates. */
static float judge(const example *of, int e, const uint8_t *kinds, const float *logs, float share,
                   int learns, uint32_t *right) {
    float score[MF_CANDIDATES], most = -INFINITY, sum = 0, found = 0;
    int count = 0, best = 0;
    for (; count < MF_CANDIDATES && of->doubt->candidates[count]; count++) {
        uint16_t id = of->doubt->candidates[count];
        score[count] = product(outer[e], outputs.weight + candidate_at(id), MF_OUTPUTS) +
                       biases.weight[id] + share * of->before[count];
        for (int s = 0; s < MF_SIGHTS; s++) {
            score[count] +=
                seen.weight[kinds[id] * MF_SIGHTS + s] * logs[of->sight[count * MF_SIGHTS + s]];
        }
        if (of->rows[count] < MF_SPELLINGS)
            score[count] += spelt.weight[kinds[id] * MF_SPELLINGS + of->rows[count]];
        score[count] += covered.weight[of->variant] * cover_of(of, count);
        score[count] += written.weight[kinds[id]] * ratio_of(of, count);
        if (score[count] > most) most = score[count], best = count;
    }
    *right += of->doubt->candidates[best] == of->truth;
    for (int c = 0; c < count; c++)
        sum += expf(score[c] - most);
    for (int c = 0; c < count; c++) {
        uint16_t id = of->doubt->candidates[c];
        float posterior = expf(score[c] - most) / sum;
        if (id == of->truth) found = score[c] - most - logf(sum);
        if (!learns) continue;
        float slope = posterior - (float)(id == of->truth), changed[MF_OUTPUTS];
        const float *row = outputs.weight + candidate_at(id);
        for (int o = 0; o < MF_OUTPUTS; o++) {
            outer_slope[e][o] += slope * row[o];
            changed[o] = slope * outer[e][o];
        }
        learn(&outputs, candidate_at(id), changed, MF_OUTPUTS);
        learn(&biases, id, &slope, 1);
        for (int s = 0; s < MF_SIGHTS; s++) {
            float times = slope * logs[of->sight[c * MF_SIGHTS + s]];
            if (times != 0) learn(&seen, (size_t)kinds[id] * MF_SIGHTS + (size_t)s, &times, 1);
        }
        if (of->rows[c] < MF_SPELLINGS)
            learn(&spelt, (size_t)kinds[id] * MF_SPELLINGS + of->rows[c], &slope, 1);
        float cover = slope * cover_of(of, c), ratio = slope * ratio_of(of, c);
        if (cover != 0) learn(&covered, of->variant, &cover, 1);
        if (ratio != 0) learn(&written, kinds[id], &ratio, 1);
    }
    return found;
}

static void learn_batch(const uint16_t *ids, const mf_doubt *doubts) {
    float inner_bias[MF_HIDDEN] = {0}, outer_bias[MF_OUTPUTS] = {0};
    memset(output_slope, 0, sizeof output_slope);
    for (int e = 0; e < BATCH; e++) {
        for (int o = 0; o < MF_OUTPUTS; o++)
            outer_bias[o] += outer_slope[e][o];
        for (int h = 0; h < MF_HIDDEN; h++) {
            inner_slope[e][h] = 0;
            if (inner[e][h] <= 0) continue;
            inner_slope[e][h] = product(output.weight + h * MF_OUTPUTS, outer_slope[e], MF_OUTPUTS);
            inner_bias[h] += inner_slope[e][h];
            for (int o = 0; o < MF_OUTPUTS; o++)
                output_slope[h * MF_OUTPUTS + o] += inner[e][h] * outer_slope[e][o];
        }
        for (int h = 0; h < MF_HIDDEN; h++)
            inner_turned[h][e] = inner_slope[e][h];
    }
    for (size_t i = 0; i < MF_INPUTS; i += TALL) {
        float sums[TALL][WIDE] = {0};
        multiply(hidden.weight + i * MF_HIDDEN, MF_HIDDEN, 1, inner_turned[0], BATCH, MF_HIDDEN,
                 sums);
        for (int e = 0; e < BATCH; e++) {
            for (int row = 0; row < TALL; row++)
                input_slope[e][i + (size_t)row] = sums[row][e];
        }
        for (size_t h = 0; h < MF_HIDDEN; h += WIDE) {
            memset(sums, 0, sizeof sums);
            multiply(inputs[0] + i, 1, MF_INPUTS, inner_slope[0] + h, MF_HIDDEN, BATCH, sums);
            for (size_t row = 0; row < TALL; row++)
                learn(&hidden, (i + row) * MF_HIDDEN + h, sums[row], WIDE);
        }
    }
    learn(&hidden_bias, 0, inner_bias, MF_HIDDEN);
    learn(&output, 0, output_slope, MF_HIDDEN * MF_OUTPUTS);
    learn(&output_bias, 0, outer_bias, MF_OUTPUTS);
    for (int e = 0; e < BATCH; e++) {
        const uint16_t *around = ids + doubts[e].at;
        for (int slot = 0; slot < 2 * MF_NEAR; slot++) {
            learn(&embeddings, beside_at(around[beside(slot)]),
                  input_slope[e] + slot * MF_EMBEDDING, MF_EMBEDDING);
        }
        const float *ending = input_slope[e] + 2 * MF_NEAR * MF_EMBEDDING;
        for (int i = 0; i < MF_ENDINGS; i++) {
            if (ending_rows[e][i] < MF_ENDING_ROWS)
                learn(&endings, ending_rows[e][i] * MF_ENDING, ending + i * MF_ENDING, MF_ENDING);
        }
        float *left = input_slope[e] + MF_NEAR_INPUTS, *right = left + MF_EMBEDDING;
        for (int i = 0; i < 2 * MF_EMBEDDING; i++)
            left[i] *= (float)STRIDE / (MF_FAR - MF_NEAR);
        for (int far = MF_NEAR + 1; far <= MF_FAR; far += STRIDE) {
            learn(&embeddings, beside_at(around[-far]), left, MF_EMBEDDING);
            learn(&embeddings, beside_at(around[far]), right, MF_EMBEDDING);
        }
    }
}

/* Go through examples, whole batches of them, and learn if the rates say so: they and the n-grams'
   share go from their first number to their second. `total` takes the log probability of all
   truths, and how many of them are the most probable. Returns how many examples there were. */
EXPORT size_t rescorer_learn(const uint16_t *ids, const mf_doubt *doubts, const uint16_t *truths,
                             const float *before, const uint8_t *sight, const uint8_t *variants,
                             size_t count, const uint8_t *kinds, const mf_lexicon *words,
                             const float rates[2], const float shares[2], double total[2]) {
    lexicon = words;
    float logs[MF_MOST_SEEN + 1];
    for (int i = 0; i <= MF_MOST_SEEN; i++)
        logs[i] = logf(1 + (float)i);
    uint32_t right = 0;
    double sum = 0;
    size_t done = 0, batches = 0;
    int learns = rates[0] > 0 || rates[1] > 0;
    for (; done + BATCH <= count; done += BATCH) {
        float part = (float)done / (float)count;
        float rate = rates[0] + (rates[1] - rates[0]) * part;
        float share = shares[0] + (shares[1] - shares[0]) * part;
        for (int e = 0; e < BATCH; e++)
            look(words->flags, ids + doubts[done + (size_t)e].at, ending_rows[e], inputs[e]);
        think();
        memset(outer_slope, 0, sizeof outer_slope);
        for (int e = 0; e < BATCH; e++) {
            size_t i = done + (size_t)e;
            example of = {.doubt = doubts + i,
                          .before = before + i * MF_CANDIDATES,
                          .sight = sight + i * MF_CANDIDATES * MF_SIGHTS,
                          .truth = truths[i],
                          .variant = variants[i]};
            const uint16_t *candidates = doubts[i].candidates;
            int several = 0;
            while (several < MF_CANDIDATES && candidates[several])
                several++;
            mf_spellings(words, ids + doubts[i].at, candidates, several, 0, NULL, of.rows);
            mf_covers(words, ids + doubts[i].at, candidates, several, of.covers);
            sum += judge(&of, e, kinds, logs, share, learns, &right);
        }
        if (!learns) continue;
        learn_batch(ids, doubts + done);
        if (++batches % BATCHES == 0) step(rate);
    }
    total[0] = sum;
    total[1] = right;
    return done;
}

/* Log probability of what stands in a text from 4 places before some doubts to 4 behind, with each
   of their candidates in place of them, as an n-gram model has it. */
EXPORT void rescorer_ngrams(const void *bytes, size_t size, const uint32_t *text,
                            const uint32_t *code_points, const mf_doubt *doubts, size_t count,
                            float *before) {
    mf_model model;
    if (mf_model_open(&model, bytes, size)) abort();
    for (size_t i = 0; i < count; i++) {
        const uint32_t *at = text + doubts[i].at;
        mf_model_state state, next;
        memset(&state, 0, sizeof state);
        for (int back = MF_MODEL_CONTEXT; back; back--)
            mf_model_cost(&model, &state, mf_model_id(&model, at[-back]), &state);
        for (int c = 0; c < MF_CANDIDATES && doubts[i].candidates[c]; c++) {
            uint32_t id = mf_model_id(&model, code_points[doubts[i].candidates[c]]);
            uint32_t cost = mf_model_cost(&model, &state, id, &next);
            for (int on = 1; on <= MF_MODEL_CONTEXT; on++)
                cost += mf_model_cost(&model, &next, mf_model_id(&model, at[on]), &next);
            before[i * MF_CANDIDATES + (size_t)c] = -(float)cost / MF_MODEL_UNITS_PER_NAT;
        }
    }
}

/* Cells of a lexicon: of words of `lengths` ids, one behind the other, each with its code. Shape
   and seed become those of `into`. Returns NULL if no seed fits; to be freed with rescorer_free. */
EXPORT uint16_t *rescorer_cells(const uint16_t *ids, const uint8_t *lengths, const uint8_t *codes,
                                uint32_t count, mf_lexicon *into) {
    keys list = {get(count, 8), get(count, 1), get(count, 1), count};
    fuse_shape(count, &into->reach, &into->segment);
    uint16_t *cells = get((size_t)into->reach + 2 * (size_t)into->segment, sizeof *cells);
    int done = 0;
    for (into->seed = 0; into->seed < ATTEMPTS && !done;) {
        into->seed++;
        const uint16_t *word = ids;
        for (uint32_t i = 0; i < count; word += lengths[i++]) {
            list.hashes[i] = mf_word_hash(into->seed, word, lengths[i]);
            list.kinds[i] = MF_WORDS;
            list.values[i] = codes[i];
        }
        done = fuse_fill(&list, into->reach, into->segment, cells);
    }
    free(list.hashes);
    free(list.kinds);
    free(list.values);
    if (done) return cells;
    free(cells);
    return NULL;
}

EXPORT void rescorer_free(void *memory) {
    free(memory);
}
