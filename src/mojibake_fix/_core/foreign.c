#include "foreign.h"
#include "foreign_tables.h"
#include "utf8.h"
#include "vectors.h"
#include <string.h>

enum {
    WINDOW = 8,                      /* characters beside a telling one that tell with it */
    CHAINED = 13 * MF_UNITS_PER_NAT, /* evidence, in units, of a chain of roles */
    ALONE = 22 * MF_UNITS_PER_NAT,   /* ... of characters by themselves */
    REPLACEMENT = 0xFFFD,
    MIDDLE_DOT = 0x30FB,
};

/* What may stand for bytes that meant nothing. */
static int is_marker(uint32_t code_point) {
    return code_point == '?' || code_point == REPLACEMENT || code_point == MIDDLE_DOT;
}

/* What a character tells beside others, 0 for a marker; returns 0 if it does not belong to them. */
static int belongs(uint32_t code_point, uint32_t *entry) {
    int marker = is_marker(code_point); /* its bytes may be anything */
    *entry = marker ? 0 : mf_foreign(code_point);
    return marker || *entry;
}

static int32_t chained_gain(uint32_t entry) {
    return (int8_t)(entry >> 16);
}

static int32_t alone_gain(uint32_t entry) {
    return (int8_t)(entry >> 24);
}

/* Might the best stretch of the window tell enough, if all its roles made a chain? */
static int may_tell(const uint32_t *window, size_t count) {
    int32_t chained = 0, alone = 0;
    for (size_t i = 0; i < count; i++) {
        chained = (chained > 0 ? chained : 0) + chained_gain(window[i]);
        alone = (alone > 0 ? alone : 0) + alone_gain(window[i]);
        if (chained >= CHAINED || alone >= ALONE) return 1;
    }
    return 0;
}

/* Does the best stretch of the window tell enough? */
static int tells(const uint32_t *window, size_t count) {
    int32_t chained[MF_FOREIGN_CODECS] = {0}, alone = 0;
    uint32_t may_follow[MF_FOREIGN_CODECS] = {0};
    for (size_t i = 0; i < count; i++) {
        uint32_t entry = window[i];
        if (!entry) {
            for (int codec = 0; codec < MF_FOREIGN_CODECS; codec++)
                may_follow[codec] = ~0u;
            alone = 0;
            continue;
        }
        int32_t gain = chained_gain(entry);
        for (int codec = 0; codec < MF_FOREIGN_CODECS; codec++) {
            unsigned role = entry >> 4 * codec & 15;
            int32_t before = may_follow[codec] >> role & 1 ? chained[codec] : 0;
            chained[codec] = role ? (before > 0 ? before : 0) + gain : 0;
            may_follow[codec] = role ? mf_foreign_chain[role] : 0;
            if (chained[codec] >= CHAINED) return 1;
        }
        alone = (alone > 0 ? alone : 0) + alone_gain(entry);
        if (alone >= ALONE) return 1;
    }
    return 0;
}

/* What is searched: code points, or UTF-8, from where on. */
typedef struct {
    const mf_text *text;
    int utf8;
    size_t start;
} source;

/* The character at an offset; sets `*behind` to the next one's. */
static inline uint32_t character(const source *source, size_t at, size_t *behind) {
    *behind = at + 1;
    uint32_t code_point = mf_at(source->text, at);
    if (!source->utf8 || code_point < 0x80) return code_point;
    const uint8_t *bytes = (const uint8_t *)source->text->data + at;
    int size = mf_sequence_length(bytes[0]);
    if (!size || (size_t)size > source->text->length - at) return REPLACEMENT;
    *behind = at + (size_t)size;
    return mf_decode_sequence(bytes, size);
}

/* The character before an offset, 0 at the start; sets `*at` to where it is. */
static uint32_t character_before(const source *source, size_t *at) {
    size_t before = *at, behind;
    if (before <= source->start) return 0;
    before--;
    if (source->utf8) {
        while (before > source->start && *at - before < 4 &&
               (mf_at(source->text, before) & 0xC0) == 0x80)
            before--;
    }
    *at = before;
    return character(source, before, &behind);
}

/* Does a telling character tell enough, a control by itself, others with what stands beside them?
 */
static int tells_at(const source *source, size_t at, uint32_t code_point) {
    if (mf_is_control(code_point)) return 1;
    uint32_t window[2 * WINDOW + 1], entry;
    size_t first = WINDOW, last = WINDOW;
    for (size_t before = at; first > 0; window[--first] = entry) {
        if (!belongs(character_before(source, &before), &entry)) break;
    }
    while (last < 2 * WINDOW + 1 && at < source->text->length) {
        if (!belongs(character(source, at, &at), &entry)) break;
        window[last++] = entry;
    }
    return may_tell(window + first, last - first) && tells(window + first, last - first);
}

/* Does clean text hardly ever show an image between `left` and `right`? */
static int is_strange_inside(uint32_t left, unsigned id, uint32_t right) {
    int context;
    if (left - 'a' < 26) {
        context = 0;
    } else if (left - 'A' < 26) {
        context = 3;
    } else {
        return 0;
    }
    if (right >= 0x80) return 0;
    context += right - 'a' < 26 ? 1 : right - 'A' < 26 ? 2 : 0;
    return mf_strange_inside[id] >> context & 1;
}

/* Is a character behind a small ASCII letter a Latin letter of another script? */
static int is_in_latin(uint32_t left, uint32_t code_point, uint32_t right) {
    return left - 'a' < 26 && right < 0x80 && mf_is_latin_letter(code_point);
}

static int is_small(uint32_t code_point) {
    return code_point - 'a' < 26;
}

/* Is this the lead of a letter that lost its continuation, a soft hyphen or an NBSP, in a word of
   small letters, where nobody writes a capital (of two ASCII letters one may stand behind a space),
   of a letter of which a question mark is left, behind no capital nor in an address, or of an
   apostrophe of which two are? */
static int is_lone_lead(uint32_t left, uint32_t code_point, uint32_t right, uint32_t next) {
    int is_letter = code_point == 0xC3;
    if (right == '?') {
        int is_first = left - 'A' >= 26 && left != '/' && left != '=';
        return (is_letter && is_first && is_small(next)) ||
               (code_point == 0xE2 && is_small(left) && next == '?');
    }
    return is_letter && is_small(left) && (is_small(right) || (right == ' ' && is_small(next)));
}

/* Is the character at an offset, beyond ASCII, the end of a foreign place? */
static int is_foreign(const source *source, size_t at) {
    size_t behind, before = at;
    uint32_t code_point = character(source, at, &behind);
    if (mf_is_telling(code_point) && tells_at(source, at, code_point)) return 1;
    if (code_point == MF_NEXT_LINE) return 0;
    unsigned id = mf_image_id(code_point);
    uint32_t left = character_before(source, &before);
    if (left >= 0x80) return mf_is_strange(mf_image_id(left), id);
    size_t length = source->text->length;
    uint32_t right = behind < length ? mf_at(source->text, behind) : ' ';
    uint32_t next = behind + 1 < length ? mf_at(source->text, behind + 1) : ' ';
    if (is_lone_lead(left, code_point, right, next)) return 1;
    return id ? is_strange_inside(left, id, right) : is_in_latin(left, code_point, right);
}

/* Where the first foreign place ends at or behind `i`, one character after the other. */
static size_t find_one_by_one(const source *source, size_t i) {
    size_t before = i;
    uint32_t left = character_before(source, &before);
    unsigned left_id = left < 0x80 ? 0 : mf_image_id(left);
    while (i < source->text->length) {
        size_t at = i;
        uint32_t code_point = character(source, at, &i);
        unsigned id = code_point < 0x80 ? 0 : mf_image_id(code_point);
        int may_be = code_point >= 0x80 &&
                     (left < 0x80 || mf_is_strange(left_id, id) || mf_is_telling(code_point));
        if (may_be && is_foreign(source, at)) return at;
        left = code_point;
        left_id = id;
    }
    return MF_NONE;
}

#ifdef MF_AVX2
#include "foreign_avx2.h"
#endif

static size_t find_foreign(const source *source) {
    size_t i = source->start;
#ifdef MF_AVX2
    if (mf_vectors()) {
        size_t found = find_foreign_avx2(source, &i);
        if (found != MF_NONE) return found;
    }
#endif
    return find_one_by_one(source, i);
}

int mf_is_of_several_bytes(const mf_text *text, size_t at) {
    uint32_t code_point = mf_at(text, at);
    if (mf_is_telling(code_point) && tells_at(&(source){text, 0, 0}, at, code_point)) return 1;
    uint32_t right = at + 1 < text->length ? mf_at(text, at + 1) : ' ';
    return at > 0 && is_in_latin(mf_at(text, at - 1), code_point, right);
}

int mf_tells_much(const mf_text *text, size_t at) {
    uint32_t code_point = mf_at(text, at);
    if (mf_is_telling(code_point) && tells_at(&(source){text, 0, 0}, at, code_point)) return 1;
    if (at < 2 || mf_at(text, at - 1) < 0x80 || mf_at(text, at - 2) < 0x80) return 0;
    unsigned left = mf_image_id(mf_at(text, at - 1));
    return mf_is_strange(mf_image_id(mf_at(text, at - 2)), left) &&
           mf_is_strange(left, mf_image_id(code_point));
}

int mf_is_lone_lead(const mf_text *text, size_t at) {
    if (at + 1 >= text->length) return 0;
    uint32_t left = at > 0 ? mf_at(text, at - 1) : ' ';
    uint32_t next = at + 2 < text->length ? mf_at(text, at + 2) : ' ';
    return is_lone_lead(left, mf_at(text, at), mf_at(text, at + 1), next);
}

size_t mf_find_foreign(const mf_text *text, size_t start) {
    return find_foreign(&(source){text, 0, start});
}

size_t mf_find_foreign_utf8(const uint8_t *bytes, size_t length, size_t start) {
    return find_foreign(&(source){&(mf_text){bytes, length, 1}, 1, start});
}
