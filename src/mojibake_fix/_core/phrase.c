#include "phrase.h"

/* The hash of three code points, the last of which is `code_point`, from that of the three before
   it: each takes four bits more, and what came earlier is forgotten. */
enum { STEP = 4, WINDOW = 3, HASHES = 1 << STEP * WINDOW };

static inline uint32_t next_hash(uint32_t hash, uint32_t code_point) {
    return ((hash << STEP) ^ code_point) & (HASHES - 1);
}

/* A phrase is of one of eight groups, which are bits. */
static inline int group_of(size_t phrase) {
    return 1 << phrase % 8;
}

/* Note the group of a phrase at the hashes of what it begins with; whatever may stand before two
   code points. */
static void note(uint8_t noted[HASHES], const mf_text *phrase, int group) {
    const size_t length = phrase->length < WINDOW ? phrase->length : WINDOW;
    const uint32_t others = length < WINDOW ? 1 << STEP : 1;
    uint32_t hash = 0;
    for (size_t i = 0; i < length; i++)
        hash = next_hash(hash, mf_at(phrase, i));
    for (uint32_t other = 0; other < others; other++)
        noted[hash ^ other << STEP * (WINDOW - 1)] |= (uint8_t)group;
}

static inline uint32_t small(uint32_t code_point) {
    return code_point - 'A' < 26 ? code_point | 0x20 : code_point;
}

static int is_at(const mf_text *text, size_t at, const mf_text *phrase) {
    if (text->length - at < phrase->length) return 0;
    for (size_t i = 0; i < phrase->length; i++) {
        if (small(mf_at(text, at + i)) != mf_at(phrase, i)) return 0;
    }
    return 1;
}

/* Does one of the phrases of some groups begin at an offset? */
static int is_any_at(const mf_text *text, size_t at, const mf_text *phrases, size_t count,
                     int groups) {
    for (size_t i = 0; i < count; i++) {
        if (groups & group_of(i) && is_at(text, at, &phrases[i])) return 1;
    }
    return 0;
}

size_t mf_find_phrase(const mf_text *text, size_t start, const mf_text *phrases, size_t count) {
    uint8_t noted[HASHES] = {0};
    for (size_t i = 0; i < count; i++)
        note(noted, &phrases[i], group_of(i));
    uint32_t hash = 0;
    for (size_t end = start; end < text->length; end++) {
        hash = next_hash(hash, small(mf_at(text, end)));
        if (!noted[hash]) continue;
        /* It begins two before, or is of two code points and begins one before. */
        for (size_t at = end < start + 2 ? start : end - 2; at < end; at++) {
            if (is_any_at(text, at, phrases, count, noted[hash])) return at;
        }
    }
    return MF_NONE;
}
