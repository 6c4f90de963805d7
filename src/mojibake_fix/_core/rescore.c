#include "rescore.h"
#include "vectors.h"
#include <stdlib.h>
#include <string.h>

/* How often characters stand together */

enum {
    LONGEST = 5, /* ids of what is counted, at most */
    AT_ONCE = 8, /* ids whose slots are asked for together */
    PROBES = 64, /* of a slot: text may be made so that all of it belongs into one */
};

/* Where what is counted begins beside the candidate, and how many ids it has. */
static const struct {
    int from, length;
} sights[MF_SIGHTS] = {{0, 1}, {-1, 2}, {0, 2}, {-1, 3}, {-3, 4}, {0, 4}, {-2, 5}};

typedef struct {
    uint64_t *keys; /* 0 is none */
    uint8_t *counts;
    uint64_t mask;
} tally;

/* The finaliser of MurmurHash3; never 0. */
static inline uint64_t mix(uint64_t hash) {
    hash = (hash ^ hash >> 33) * UINT64_C(0xFF51AFD7ED558CCD);
    hash = (hash ^ hash >> 33) * UINT64_C(0xC4CEB9FE1A85EC53);
    return (hash ^ hash >> 33) | 1;
}

static inline uint64_t extended(uint64_t hash, uint32_t id) {
    return (hash + id + 1) * UINT64_C(0x9E3779B97F4A7C15);
}

/* Slot of a key, or the empty one where it belongs, or that of another key if all are taken. */
static inline uint64_t slot_of(const tally *counter, uint64_t key) {
    uint64_t slot = key >> 20 & counter->mask;
    for (int probe = 1; probe < PROBES && counter->keys[slot] && counter->keys[slot] != key;
         probe++)
        slot = (slot + 1) & counter->mask;
    return slot;
}

/* Key of what a candidate would make with what is beside it. */
static uint64_t sight_of(const uint16_t *ids, uint32_t at, uint16_t candidate, int sight) {
    uint64_t hash = 0;
    for (int i = 0; i < sights[sight].length; i++) {
        int beside = sights[sight].from + i;
        hash = extended(hash, beside ? ids[(int64_t)at + beside] : candidate);
    }
    return mix(hash);
}

/* Is the candidate what stands at its place, and counted there? */
static int is_own(const uint16_t *ids, const uint8_t *known, size_t start, size_t end, uint32_t at,
                  uint16_t candidate, int sight) {
    if (ids[at] != candidate) return 0;
    int64_t first = (int64_t)at + sights[sight].from;
    if (first < (int64_t)start || first + sights[sight].length > (int64_t)end) return 0;
    for (int i = 0; i < sights[sight].length; i++) {
        if (!known[first + i]) return 0;
    }
    return 1;
}

/* Ask for the slot where a key is looked for first. */
static inline void expect(const tally *counter, uint64_t key) {
    MF_PREFETCH(&counter->keys[key >> 20 & counter->mask]);
}

/* Lengths of what is counted, as bits, by which of the ids from a place on may be candidates: only
   where a sight has its candidate does it matter. */
static void find_lengths(uint8_t lengths[1 << LONGEST]) {
    for (int marks = 0; marks < 1 << LONGEST; marks++) {
        lengths[marks] = 0;
        for (int s = 0; s < MF_SIGHTS; s++) {
            if (marks >> -sights[s].from & 1) lengths[marks] |= (uint8_t)(1 << sights[s].length);
        }
    }
}

/* Count what was looked for, where it stands. `candidates` has a bit for each id. */
static void count_section(tally *counter, const uint16_t *ids, const uint8_t *known, size_t start,
                          size_t end, const uint8_t *candidates) {
    uint64_t keys[AT_ONCE * LONGEST];
    uint8_t lengths[1 << LONGEST];
    find_lengths(lengths);
    unsigned marks = 0; /* a bit for each id from a place on: may it be a candidate? */
    for (size_t i = start, next = start; i < end;) {
        size_t count = 0;
        for (size_t stop = i + AT_ONCE; i < end && i < stop; i++, marks >>= 1) {
            for (; next < end && next < i + LONGEST; next++) {
                unsigned is_one = candidates[ids[next] / 8] >> ids[next] % 8 & 1;
                marks |= is_one << (next - i);
            }
            uint64_t hash = 0;
            unsigned left = lengths[marks];
            for (size_t j = i; left >>= 1; j++) {
                if (j == end || !known[j]) break;
                hash = extended(hash, ids[j]);
                if (!(left & 1)) continue;
                keys[count] = mix(hash);
                expect(counter, keys[count++]);
            }
        }
        for (size_t k = 0; k < count; k++) {
            uint64_t slot = slot_of(counter, keys[k]);
            /* One more than is told apart, for the candidate's own place is among them. */
            if (counter->keys[slot] == keys[k] && counter->counts[slot] <= MF_MOST_SEEN) {
                counter->counts[slot]++;
            }
        }
    }
}

/* Keys of all that the candidates of a doubt would make; returns how many there are. */
static int keys_of(const tally *counter, const uint16_t *ids, const mf_doubt *doubt,
                   uint64_t keys[MF_CANDIDATES * MF_SIGHTS]) {
    int count = 0;
    for (int c = 0; c < MF_CANDIDATES && doubt->candidates[c]; c++) {
        for (int s = 0; s < MF_SIGHTS; s++) {
            keys[count] = sight_of(ids, doubt->at, doubt->candidates[c], s);
            expect(counter, keys[count++]);
        }
    }
    return count;
}

int mf_sights(const uint16_t *ids, const uint8_t *known, size_t start, size_t end,
              const mf_doubt *doubts, size_t count, uint8_t *seen) {
    size_t size = 1, candidates = 0;
    uint8_t are_candidates[(UINT16_MAX + 1) / 8] = {0};
    for (size_t i = 0; i < count; i++) {
        for (int c = 0; c < MF_CANDIDATES && doubts[i].candidates[c]; c++) {
            uint16_t id = doubts[i].candidates[c];
            are_candidates[id / 8] |= (uint8_t)(1 << id % 8);
            candidates++;
        }
    }
    while (size < 2 * MF_SIGHTS * candidates)
        size *= 2;
    tally counter = {calloc(size, sizeof *counter.keys), calloc(size, 1), size - 1};
    int fits = counter.keys && counter.counts;
    if (fits) {
        uint64_t keys[MF_CANDIDATES * MF_SIGHTS];
        for (size_t i = 0; i < count; i++) {
            int made = keys_of(&counter, ids, &doubts[i], keys);
            for (int k = 0; k < made; k++) {
                uint64_t slot = slot_of(&counter, keys[k]);
                if (!counter.keys[slot]) counter.keys[slot] = keys[k];
            }
        }
        count_section(&counter, ids, known, start, end, are_candidates);
        memset(seen, 0, count * MF_CANDIDATES * MF_SIGHTS);
        for (size_t i = 0; i < count; i++) {
            int made = keys_of(&counter, ids, &doubts[i], keys);
            for (int k = 0; k < made; k++) {
                uint64_t slot = slot_of(&counter, keys[k]);
                int found = counter.keys[slot] == keys[k] ? counter.counts[slot] : 0;
                uint16_t id = doubts[i].candidates[k / MF_SIGHTS];
                found -= found && is_own(ids, known, start, end, doubts[i].at, id, k % MF_SIGHTS);
                if (found > MF_MOST_SEEN) found = MF_MOST_SEEN;
                seen[i * MF_CANDIDATES * MF_SIGHTS + (size_t)k] = (uint8_t)found;
            }
        }
    }
    free(counter.keys);
    free(counter.counts);
    return fits;
}

/* How words end */

/* Rows of the endings of a word of `length` ids, of which that at `last` is the last. */
static void end_word(const uint16_t *around, int last, int length, uint32_t rows[2]) {
    static const int lengths[] = {MF_LONG_ENDING, MF_SHORT_ENDING};
    for (int i = 0; i < 2; i++) {
        rows[i] = MF_ENDING_ROWS;
        if (!length) continue;
        uint64_t hash = 0;
        for (int back = 0; back < lengths[i]; back++)
            hash = extended(hash, back < length ? around[last - back] : 0);
        rows[i] = (uint32_t)(mix(hash) >> 32) % MF_ENDING_ROWS;
    }
}

void mf_endings(const uint8_t *flags, const uint16_t *around, uint32_t rows[MF_ENDINGS]) {
    int at = -1;
    while (at >= -MF_FAR && flags[around[at]] & MF_LETTER)
        at--;
    for (int word = 0; word < MF_WORDS_BEFORE; word++, rows += 2) {
        while (at >= -MF_FAR && !(flags[around[at]] & MF_LETTER) && around[at] != MF_MODEL_LINE)
            at--;
        int last = at;
        while (at >= -MF_FAR && flags[around[at]] & MF_LETTER)
            at--;
        end_word(around, last, last - at, rows);
    }
    at = 1;
    while (at <= MF_FAR && flags[around[at]] & MF_LETTER)
        at++;
    for (int word = 0; word < MF_WORDS_BEHIND; word++, rows += 2) {
        while (at <= MF_FAR && !(flags[around[at]] & MF_LETTER) && around[at] != MF_MODEL_LINE)
            at++;
        int first = at;
        while (at <= MF_FAR && flags[around[at]] & MF_LETTER)
            at++;
        end_word(around, at - 1, at - first, rows);
    }
}

/* The file; see model/rescorer_format.py */

enum {
    VERSION = 6,
    AT_VERSION = 8,
    AT_UNITS = 12,
    AT_SIZE = 16,
    AT_DIGEST = 24,
    DIGEST = 32,
    AT_MODEL = AT_DIGEST + DIGEST,
    AT_IDS = AT_MODEL + DIGEST,
    AT_ROWS = AT_IDS + 4,
    AT_SHIFTS = AT_ROWS + 4,
    AT_LEXICON = AT_SHIFTS + 4 * 4,
    AT_BIASES = AT_LEXICON + 8 + 2 * 4,
    AT_WEIGHTS = AT_BIASES + 4 * (MF_HIDDEN + MF_OUTPUTS),
    WEIGHTS = MF_HIDDEN * MF_INPUTS + MF_OUTPUTS * MF_HIDDEN,
    SEEN = MF_KINDS * MF_SIGHTS * (MF_MOST_SEEN + 1),
    ENDINGS = MF_ENDING_ROWS * MF_ENDING,
    WORDS_GAIN = MF_KINDS * MF_SPELLINGS + MF_VARIANTS + 1 + MF_KINDS,
    OF_ID = 2 + 1 + 1 + 2 + MF_VARIANTS, /* bytes, and */
    OF_ROW = MF_EMBEDDING + MF_OUTPUTS,
    MOST_SHIFT = 30,
    MOST_BIAS = 1 << 29,
};

static inline uint32_t unsigned32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static inline int32_t number32(const uint8_t *bytes) {
    return (int32_t)unsigned32(bytes);
}

static inline int32_t number16(const uint8_t *bytes) {
    return (int16_t)((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8);
}

const char *mf_rescorer_open(mf_rescorer *rescorer, const void *data, size_t size,
                             const void *model, size_t model_size) {
    const uint8_t *bytes = data;
    *rescorer = (mf_rescorer){0};
    if (size < AT_WEIGHTS) return "too short";
    if (memcmp(bytes, "mf-score", AT_VERSION)) return "not a rescorer";
    if (unsigned32(bytes + AT_VERSION) != VERSION) return "another version of the format";
    if (unsigned32(bytes + AT_UNITS) != MF_MODEL_UNITS_PER_NAT) return "another unit";
    if ((unsigned32(bytes + AT_SIZE) | (uint64_t)unsigned32(bytes + AT_SIZE + 4) << 32) != size) {
        return "not as long as it says";
    }
    if (model_size < AT_MODEL ||
        memcmp(bytes + AT_MODEL, (const uint8_t *)model + AT_DIGEST, DIGEST)) {
        return "made for another language model";
    }
    uint32_t ids = unsigned32(bytes + AT_IDS), rows = unsigned32(bytes + AT_ROWS);
    mf_lexicon *lexicon = &rescorer->lexicon;
    lexicon->seed = (uint64_t)unsigned32(bytes + AT_LEXICON + 4) << 32;
    lexicon->seed |= unsigned32(bytes + AT_LEXICON);
    lexicon->reach = unsigned32(bytes + AT_LEXICON + 8);
    lexicon->segment = unsigned32(bytes + AT_LEXICON + 12);
    size_t cells = mf_lexicon_cells(lexicon);
    if (!cells) return "a lexicon of a wrong shape";
    if (ids > 0x10000 || rows > ids || !rows ||
        size != AT_WEIGHTS + WEIGHTS + 2 * (SEEN + WORDS_GAIN) + ENDINGS + (size_t)ids * OF_ID +
                    (size_t)rows * OF_ROW + 2 * cells) {
        return "not as long as its parts";
    }
    uint32_t *shifts[] = {&rescorer->far_shift, &rescorer->hidden_shift, &rescorer->output_shift,
                          &rescorer->score_shift};
    for (int i = 0; i < 4; i++) {
        *shifts[i] = unsigned32(bytes + AT_SHIFTS + 4 * i);
        if (*shifts[i] > MOST_SHIFT) return "a shift too far";
    }
    for (int i = 0; i < MF_HIDDEN + MF_OUTPUTS; i++) {
        int32_t bias = number32(bytes + AT_BIASES + 4 * i);
        if (bias > MOST_BIAS || bias < -MOST_BIAS) return "a bias too large";
    }
    rescorer->wide = malloc(WEIGHTS * sizeof *rescorer->wide);
    if (!rescorer->wide) return NULL;
    for (int i = 0; i < WEIGHTS; i++)
        rescorer->wide[i] = (int8_t)bytes[AT_WEIGHTS + i];
    rescorer->ids = ids;
    rescorer->rows = rows;
    rescorer->hidden_bias = bytes + AT_BIASES;
    rescorer->output_bias = rescorer->hidden_bias + 4 * MF_HIDDEN;
    rescorer->seen = bytes + AT_WEIGHTS + WEIGHTS;
    rescorer->spelt = rescorer->seen + 2 * SEEN;
    rescorer->covered = rescorer->spelt + 2 * MF_KINDS * MF_SPELLINGS;
    rescorer->written = rescorer->covered + 2 * (MF_VARIANTS + 1);
    rescorer->endings = (const int8_t *)rescorer->written + 2 * MF_KINDS;
    rescorer->biases = (const uint8_t *)rescorer->endings + ENDINGS;
    rescorer->kinds = rescorer->biases + 2 * (size_t)ids;
    lexicon->flags = rescorer->kinds + ids;
    lexicon->folds = lexicon->flags + ids;
    lexicon->variants = (const int8_t *)lexicon->folds + 2 * (size_t)ids;
    rescorer->embeddings = lexicon->variants + (size_t)ids * MF_VARIANTS;
    rescorer->outputs = rescorer->embeddings + (size_t)rows * MF_EMBEDDING;
    lexicon->cells = (const uint8_t *)rescorer->outputs + (size_t)rows * MF_OUTPUTS;
    return NULL;
}

void mf_rescorer_free(mf_rescorer *rescorer) {
    free(rescorer->wide);
    rescorer->wide = NULL;
}

/* The network */

/* Places that go through the network together: each weight is read once for all of them. */
enum { TOGETHER = 4 };

/* The products of a row of weights with the inputs of each place from one input on. */
static inline MF_INLINED void products(const int16_t *weights, const int16_t *inputs, size_t width,
                                       size_t count, int32_t sums[TOGETHER]) {
    int32_t a = 0, b = 0, c = 0, d = 0;
    for (size_t i = 0; i < count; i++) {
        a += weights[i] * inputs[i];
        b += weights[i] * inputs[width + i];
        c += weights[i] * inputs[2 * width + i];
        d += weights[i] * inputs[3 * width + i];
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

static inline int16_t narrow(int32_t number) {
    if (number > INT16_MAX) return INT16_MAX;
    return (int16_t)(number < INT16_MIN ? INT16_MIN : number);
}

static inline const int8_t *embedding(const mf_rescorer *rescorer, uint16_t id) {
    return rescorer->embeddings + mf_row(rescorer->rows, id) * MF_EMBEDDING;
}

/* What stands around a place: each near id, how the words end, and the sums of the ids that are
   farther on both sides. */
static void look(const mf_rescorer *rescorer, const uint16_t *around, int16_t *inputs) {
    for (int slot = 0; slot < 2 * MF_NEAR; slot++) {
        int beside = slot < MF_NEAR ? slot - MF_NEAR : slot - MF_NEAR + 1;
        const int8_t *row = embedding(rescorer, around[beside]);
        for (int i = 0; i < MF_EMBEDDING; i++)
            inputs[slot * MF_EMBEDDING + i] = row[i];
    }
    uint32_t rows[MF_ENDINGS];
    mf_endings(rescorer->lexicon.flags, around, rows);
    int16_t *ending = inputs + 2 * MF_NEAR * MF_EMBEDDING;
    for (int e = 0; e < MF_ENDINGS; e++, ending += MF_ENDING) {
        const int8_t *row = rescorer->endings + (size_t)rows[e] * MF_ENDING;
        for (int i = 0; i < MF_ENDING; i++)
            ending[i] = rows[e] < MF_ENDING_ROWS ? row[i] : 0;
    }
    int16_t *left = inputs + MF_NEAR_INPUTS, *right = left + MF_EMBEDDING;
    memset(left, 0, 2 * MF_EMBEDDING * sizeof *left);
    for (int beside = MF_NEAR + 1; beside <= MF_FAR; beside++) {
        const int8_t *before = embedding(rescorer, around[-beside]);
        const int8_t *behind = embedding(rescorer, around[beside]);
        for (int i = 0; i < MF_EMBEDDING; i++) {
            left[i] = (int16_t)(left[i] + before[i]);
            right[i] = (int16_t)(right[i] + behind[i]);
        }
    }
}

static inline MF_INLINED void think_plainly(const mf_rescorer *rescorer,
                                            const int16_t (*inputs)[MF_INPUTS],
                                            int16_t (*outputs)[MF_OUTPUTS]) {
    int16_t hidden[TOGETHER][MF_HIDDEN];
    int32_t sums[TOGETHER], far[TOGETHER];
    for (int i = 0; i < MF_HIDDEN; i++) {
        const int16_t *row = rescorer->wide + (size_t)i * MF_INPUTS;
        products(row + MF_NEAR_INPUTS, inputs[0] + MF_NEAR_INPUTS, MF_INPUTS, 2 * MF_EMBEDDING,
                 far);
        products(row, inputs[0], MF_INPUTS, MF_NEAR_INPUTS, sums);
        for (int place = 0; place < TOGETHER; place++) {
            int32_t sum = sums[place] + (far[place] >> rescorer->far_shift) +
                          number32(rescorer->hidden_bias + 4 * i);
            hidden[place][i] = narrow(sum > 0 ? sum >> rescorer->hidden_shift : 0);
        }
    }
    for (int i = 0; i < MF_OUTPUTS; i++) {
        const int16_t *row = rescorer->wide + MF_HIDDEN * MF_INPUTS + (size_t)i * MF_HIDDEN;
        products(row, hidden[0], MF_HIDDEN, MF_HIDDEN, sums);
        for (int place = 0; place < TOGETHER; place++) {
            int32_t sum = sums[place] + number32(rescorer->output_bias + 4 * i);
            outputs[place][i] = narrow(sum >> rescorer->output_shift);
        }
    }
}

#ifdef MF_AVX2
MF_TARGET_AVX2 static void think_avx2(const mf_rescorer *rescorer,
                                      const int16_t (*inputs)[MF_INPUTS],
                                      int16_t (*outputs)[MF_OUTPUTS]) {
    think_plainly(rescorer, inputs, outputs);
}
#endif

/* What the network says of some places. */
static void think(const mf_rescorer *rescorer, const int16_t (*inputs)[MF_INPUTS],
                  int16_t (*outputs)[MF_OUTPUTS]) {
#ifdef MF_AVX2
    if (mf_vectors()) {
        think_avx2(rescorer, inputs, outputs);
        return;
    }
#endif
    think_plainly(rescorer, inputs, outputs);
}

/* The nearest place on one side that is in doubt, in the same word, and not known; NULL if there is
   none. All doubts from `doubt` to `last` stand on that side. */
static const mf_doubt *other_doubt(const uint8_t *flags, const uint16_t *ids, const uint8_t *known,
                                   const mf_doubt *doubt, const mf_doubt *last) {
    int64_t step = last < doubt ? -1 : 1, at = doubt->at, end = at + step * MF_LONGEST_WORD;
    while (doubt != last) {
        doubt += step;
        while (at != doubt->at) {
            at += step;
            if (at == end || !(flags[ids[at]] & MF_LETTER)) return NULL;
        }
        if (!known[at]) return doubt;
    }
    return NULL;
}

/* How far from one of some doubts the nearest other one of its word is that is not known, and what
   may stand there; 0 and NULL if there is none. */
static int find_other(const uint8_t *flags, const uint16_t *ids, const uint8_t *known,
                      const mf_doubt *doubts, size_t places, size_t i, const uint16_t **others) {
    const mf_doubt *before = other_doubt(flags, ids, known, doubts + i, doubts);
    const mf_doubt *behind = other_doubt(flags, ids, known, doubts + i, doubts + places - 1);
    int left = before ? (int)(doubts[i].at - before->at) : MF_LONGEST_WORD;
    int right = behind ? (int)(behind->at - doubts[i].at) : MF_LONGEST_WORD;
    const mf_doubt *other = left <= right ? before : behind;
    *others = other ? other->candidates : NULL;
    if (!other) return 0;
    return left <= right ? -left : right;
}

/* What words tell of the candidates of one of some doubts, in units. */
static void add_words(const mf_rescorer *rescorer, const uint16_t *ids, const uint8_t *known,
                      const mf_doubt *doubts, size_t places, size_t i, int variant,
                      int32_t *gains) {
    const mf_lexicon *lexicon = &rescorer->lexicon;
    const uint16_t *candidates = doubts[i].candidates, *around = ids + doubts[i].at, *others;
    int other = find_other(lexicon->flags, ids, known, doubts, places, i, &others);
    uint8_t rows[MF_CANDIDATES], covers[MF_CANDIDATES];
    int count = 0;
    while (count < MF_CANDIDATES && candidates[count])
        count++;
    mf_spellings(lexicon, around, candidates, count, other, others, rows);
    mf_associate(lexicon, around, candidates, count, rows);
    mf_covers(lexicon, around, candidates, count, covers);
    for (int c = 0; c < count; c++) {
        if (gains[c] == MF_NO_WORD) continue;
        size_t kind = rescorer->kinds[candidates[c]];
        if (rows[c] < MF_SPELLINGS)
            gains[c] += number16(rescorer->spelt + 2 * (kind * MF_SPELLINGS + rows[c]));
        int32_t parts = covers[c] * number16(rescorer->covered + 2 * variant);
        if (variant < MF_VARIANTS) {
            size_t at = (size_t)candidates[c] * MF_VARIANTS + (size_t)variant;
            parts += lexicon->variants[at] * number16(rescorer->written + 2 * kind);
        }
        gains[c] += parts / MF_SMALL;
    }
}

static int32_t gain(const mf_rescorer *rescorer, const int16_t *outputs, uint16_t id,
                    const uint8_t *seen) {
    size_t kind = rescorer->kinds[id];
    if (kind >= MF_KINDS) return MF_NO_WORD;
    const int8_t *row = rescorer->outputs + mf_row(rescorer->rows, id) * MF_OUTPUTS;
    int32_t sum = 0;
    for (int i = 0; i < MF_OUTPUTS; i++)
        sum += outputs[i] * row[i];
    int32_t units = (sum >> rescorer->score_shift) + number16(rescorer->biases + 2 * (size_t)id);
    for (size_t s = 0; s < MF_SIGHTS; s++) {
        size_t at = (kind * MF_SIGHTS + s) * (MF_MOST_SEEN + 1) + seen[s];
        units += number16(rescorer->seen + 2 * at);
    }
    return units;
}

void mf_ask(const mf_rescorer *rescorer, const uint16_t *ids, const mf_doubt *doubts, size_t count,
            const uint8_t *kept, int16_t (*said)[MF_OUTPUTS]) {
    int16_t inputs[TOGETHER][MF_INPUTS] = {{0}}, outputs[TOGETHER][MF_OUTPUTS];
    size_t asked[TOGETHER], waiting = 0;
    for (size_t i = 0; i < count; i++) {
        if (!kept || !kept[i]) {
            look(rescorer, ids + doubts[i].at, inputs[waiting]);
            asked[waiting++] = i;
        }
        if (waiting < TOGETHER && (i + 1 < count || !waiting)) continue;
        think(rescorer, inputs, outputs);
        for (; waiting; waiting--)
            memcpy(said[asked[waiting - 1]], outputs[waiting - 1], sizeof *said);
    }
}

int mf_rescore(const mf_rescorer *rescorer, const uint16_t *ids, const uint8_t *known,
               size_t length, const mf_doubt *doubts, size_t count,
               const int16_t (*said)[MF_OUTPUTS], int32_t *gains) {
    size_t done = 0;
    for (size_t start = 0; start < length && done < count; start += MF_SECTION) {
        size_t end = length - start > MF_SECTION ? start + MF_SECTION : length, here = done;
        while (here < count && doubts[here].at < end)
            here++;
        if (here == done) continue;
        uint8_t *seen = malloc((here - done) * MF_CANDIDATES * MF_SIGHTS);
        if (!seen || !mf_sights(ids, known, start, end, doubts + done, here - done, seen)) {
            free(seen);
            return 0;
        }
        int variant = mf_variant(&rescorer->lexicon, ids, start, end);
        for (size_t i = done; i < here; i++) {
            const uint8_t *sight = seen + (i - done) * MF_CANDIDATES * MF_SIGHTS;
            for (int c = 0; c < MF_CANDIDATES && doubts[i].candidates[c]; c++) {
                gains[i * MF_CANDIDATES + (size_t)c] =
                    gain(rescorer, said[i], doubts[i].candidates[c], sight + c * MF_SIGHTS);
            }
            add_words(rescorer, ids, known, doubts, count, i, variant, gains + i * MF_CANDIDATES);
        }
        free(seen);
        done = here;
    }
    return 1;
}
