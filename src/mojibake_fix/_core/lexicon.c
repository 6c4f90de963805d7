#include "lexicon.h"

enum { MOST_CELLS = 1 << 28 };

size_t mf_lexicon_cells(const mf_lexicon *lexicon) {
    uint32_t segment = lexicon->segment, reach = lexicon->reach;
    int fits = segment >= 4 && segment <= MOST_CELLS && !(segment & (segment - 1)) &&
               reach >= segment && reach <= MOST_CELLS && reach % segment == 0;
    return fits ? (size_t)reach + 2 * (size_t)segment : 0;
}

uint64_t mf_word_hash(uint64_t seed, const uint16_t *ids, int length) {
    for (int i = 0; i < length; i++)
        seed = mf_model_extend(seed, ids[i]);
    return seed;
}

/* Code of a word, of which `hash` is the hash; 0 if it is not in the lexicon. */
static int find_code(const mf_lexicon *lexicon, uint64_t hash) {
    mf_model_place place =
        mf_model_find(mf_model_key(hash, MF_WORDS), lexicon->reach, lexicon->segment);
    uint32_t value = place.mark;
    for (int i = 0; i < 3; i++)
        value ^= mf_model_item(lexicon->cells, place.cell[i]);
    return value < MF_WORD_CODES ? (int)value : 0;
}

/* How usual a word is; 0 if it is not in the lexicon. */
static int code_of(const mf_lexicon *lexicon, const uint16_t *word, int length) {
    return find_code(lexicon, mf_word_hash(lexicon->seed, word, length));
}

static uint16_t folded(const mf_lexicon *lexicon, uint16_t id) {
    return (uint16_t)mf_model_item(lexicon->folds, id);
}

/* How many ids with a flag stand on one side of a place, up to `most`. */
static int beside(const mf_lexicon *lexicon, const uint16_t *around, int side, int most, int flag) {
    int count = 0;
    while (count < most && lexicon->flags[around[side * (count + 1)]] & flag)
        count++;
    return count;
}

/* How usual the most usual word is that has any of some letters at a place. */
static int most_usual(const mf_lexicon *lexicon, uint16_t *word, int length, int at,
                      const uint16_t *letters) {
    int most = code_of(lexicon, word, length);
    uint16_t believed = word[at];
    for (int i = 0; letters && i < MF_CANDIDATES && letters[i]; i++) {
        uint16_t letter = folded(lexicon, letters[i]);
        if (letter == believed || !(lexicon->flags[letters[i]] & MF_LETTER)) continue;
        word[at] = letter;
        int code = code_of(lexicon, word, length);
        if (code > most) most = code;
    }
    word[at] = believed;
    return most;
}

void mf_spellings(const mf_lexicon *lexicon, const uint16_t *around, const uint16_t *candidates,
                  int count, int other, const uint16_t *others, uint8_t *rows) {
    int before = beside(lexicon, around, -1, MF_LONGEST_WORD, MF_LETTER);
    int behind = beside(lexicon, around, 1, MF_LONGEST_WORD, MF_LETTER);
    int length = before + 1 + behind, is_told = length > 1 && length <= MF_LONGEST_WORD;
    for (int c = 0; c < count; c++) {
        rows[c] = MF_SPELLINGS;
        int flags = lexicon->flags[candidates[c]];
        if (before) flags &= lexicon->flags[folded(lexicon, candidates[c])];
        is_told &= !(flags & MF_LETTER) || flags & MF_LISTED;
    }
    if (!is_told) return;
    uint16_t word[MF_LONGEST_WORD];
    for (int i = 0; i < length; i++)
        word[i] = folded(lexicon, around[i - before]);
    int row = (length - 1) / 2 < MF_LENGTHS ? (length - 1) / 2 : MF_LENGTHS - 1;
    int at = before + other;
    if (at < 0 || at >= length) others = NULL;
    for (int c = 0; c < count; c++) {
        if (!(lexicon->flags[candidates[c]] & MF_LETTER)) continue;
        word[before] = folded(lexicon, candidates[c]);
        int code = most_usual(lexicon, word, length, others ? at : before, others);
        rows[c] = (uint8_t)(row * MF_WORD_CODES + code);
    }
}

/* Does an emoji go along with a word, which has `length` letters? */
static int is_associated(const mf_lexicon *lexicon, uint16_t emoji, const uint16_t *word,
                         int length) {
    uint64_t hash = mf_model_extend(lexicon->seed, folded(lexicon, emoji));
    for (int i = 1; i <= length && i <= MF_STEM; i++) {
        hash = mf_model_extend(hash, folded(lexicon, word[i - 1]));
        int is_stem = i >= MF_SHORT_STEM || i == length;
        if (is_stem && find_code(lexicon, hash) == MF_ASSOCIATED) return 1;
    }
    return 0;
}

void mf_associate(const mf_lexicon *lexicon, const uint16_t *around, const uint16_t *candidates,
                  int count, uint8_t *rows) {
    int is_emoji = 0, at = 0, end = 1;
    for (int c = 0; c < count; c++)
        is_emoji |= lexicon->flags[candidates[c]] & MF_EMOJI;
    if (!is_emoji) return;
    while (at > -MF_FAR && around[at - 1] != MF_MODEL_LINE)
        at--;
    while (end <= MF_FAR && around[end] != MF_MODEL_LINE)
        end++;
    while (at < end) {
        int length = 0;
        while (at + length && at + length < end && lexicon->flags[around[at + length]] & MF_LETTER)
            length++;
        for (int c = 0; length && c < count; c++) {
            if (lexicon->flags[candidates[c]] & MF_EMOJI && rows[c] != MF_ASSOCIATED &&
                is_associated(lexicon, candidates[c], around + at, length))
                rows[c] = MF_ASSOCIATED;
        }
        at += length + 1;
    }
}

/* What a word is worth that covers so many characters; 0 if it is none. */
static int worth(const mf_lexicon *lexicon, const uint16_t *word, int length) {
    int code = length > 1 ? code_of(lexicon, word, length) : 0;
    return code ? code + (length - 1) * MF_LETTER_WORTH : 0;
}

void mf_covers(const mf_lexicon *lexicon, const uint16_t *around, const uint16_t *candidates,
               int count, uint8_t *covers) {
    uint16_t text[2 * MF_BESIDE + 1];
    int is_han = 0;
    for (int c = 0; c < count; c++) {
        covers[c] = 0;
        is_han |= lexicon->flags[candidates[c]] & MF_HAN;
    }
    if (!is_han) return;
    int at = beside(lexicon, around, -1, MF_BESIDE, MF_HAN);
    int end = at + 1 + beside(lexicon, around, 1, MF_BESIDE, MF_HAN);
    for (int i = 0; i < end; i++)
        text[i] = folded(lexicon, around[i - at]);
    /* The best covers of what stands before an offset, and of what stands from one on. */
    int before[MF_BESIDE + 1] = {0}, behind[2 * MF_BESIDE + 2] = {0};
    for (int i = 1; i <= at; i++) {
        for (int length = 1; length <= MF_COMPOUND && length <= i; length++) {
            int sum = before[i - length] + worth(lexicon, text + i - length, length);
            if (sum > before[i]) before[i] = sum;
        }
    }
    for (int i = end - 1; i > at; i--) {
        for (int length = 1; length <= MF_COMPOUND && i + length <= end; length++) {
            int sum = behind[i + length] + worth(lexicon, text + i, length);
            if (sum > behind[i]) behind[i] = sum;
        }
    }
    for (int c = 0; c < count; c++) {
        int most = before[at] + behind[at + 1];
        text[at] = folded(lexicon, candidates[c]);
        int is_one = lexicon->flags[candidates[c]] & MF_HAN;
        for (int i = at; is_one && i >= 0 && i > at - MF_COMPOUND; i--) {
            for (int length = at - i + 1; length <= MF_COMPOUND && i + length <= end; length++) {
                int sum = before[i] + worth(lexicon, text + i, length) + behind[i + length];
                if (sum > most) most = sum;
            }
        }
        covers[c] = (uint8_t)most;
    }
}

int mf_variant(const mf_lexicon *lexicon, const uint16_t *ids, size_t start, size_t end) {
    int64_t sums[MF_VARIANTS] = {0};
    for (size_t i = start; i < end; i++) {
        for (int v = 0; v < MF_VARIANTS; v++)
            sums[v] += lexicon->variants[(size_t)ids[i] * MF_VARIANTS + (size_t)v];
    }
    int best = 0;
    for (int v = 1; v < MF_VARIANTS; v++) {
        if (sums[v] > sums[best]) best = v;
    }
    for (int v = 0; v < MF_VARIANTS; v++) {
        if (v != best && sums[best] - sums[v] < MF_CLEAR_VARIANT) return MF_VARIANTS;
    }
    return best;
}
