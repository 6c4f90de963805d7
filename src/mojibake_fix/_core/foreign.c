#include "foreign.h"
#include "foreign_tables.h"
#include "utf8.h"

enum {
    WINDOW = 8,                      /* characters beside a telling one that tell with it */
    CHAINED = 13 * MF_UNITS_PER_NAT, /* evidence, in units, of a chain of roles */
    ALONE = 22 * MF_UNITS_PER_NAT,   /* ... of characters by themselves */
    APART = 40,                      /* characters between two marks, at most */
    ENOUGH = 2,                      /* marks */
    REPLACEMENT = 0xFFFD,
    MIDDLE_DOT = 0x30FB,
};

/* What may stand for bytes that meant nothing. */
static int is_marker(uint32_t code_point) {
    return code_point == '?' || code_point == REPLACEMENT || code_point == MIDDLE_DOT;
}

static int belongs(uint32_t code_point) {
    return mf_foreign(code_point) || is_marker(code_point);
}

/* Does the best stretch of the window tell enough? */
static int tells(const uint32_t *window, size_t count) {
    int32_t chained[MF_FOREIGN_CODECS] = {0}, alone = 0;
    uint32_t may_follow[MF_FOREIGN_CODECS] = {0};
    for (size_t i = 0; i < count; i++) {
        uint32_t entry = mf_foreign(window[i]);
        if (!entry || window[i] == MIDDLE_DOT) { /* a marker's bytes may be anything */
            for (int codec = 0; codec < MF_FOREIGN_CODECS; codec++)
                may_follow[codec] = ~0u;
            alone = 0;
            continue;
        }
        int32_t gain = (int8_t)(entry >> 16);
        for (int codec = 0; codec < MF_FOREIGN_CODECS; codec++) {
            unsigned role = entry >> 4 * codec & 15;
            int32_t before = may_follow[codec] >> role & 1 ? chained[codec] : 0;
            chained[codec] = role ? (before > 0 ? before : 0) + gain : 0;
            may_follow[codec] = role ? mf_foreign_chain[role] : 0;
            if (chained[codec] >= CHAINED) return 1;
        }
        alone = (alone > 0 ? alone : 0) + (int8_t)(entry >> 24);
        if (alone >= ALONE) return 1;
    }
    return 0;
}

/* Marks inside a line so far. */
typedef struct {
    size_t last; /* where the last one is */
    unsigned count;
} marks;

/* Another mark: are they enough? */
static int mark(marks *so_far, size_t at, unsigned weight) {
    if (!so_far->count || at - so_far->last > APART) so_far->count = 0;
    so_far->last = at;
    so_far->count += weight;
    return so_far->count >= ENOUGH;
}

/* What an image between `left` and `right` tells: 0 to 2 marks. */
static unsigned inside(uint32_t left, unsigned id, uint32_t right) {
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
    unsigned bits = mf_strange_inside[id] >> 2 * context & 3;
    return (bits & 1) + (bits >> 1);
}

/* What a character behind a small ASCII letter tells: 2 marks inside a word, 1 at its end. */
static unsigned in_latin(uint32_t left, uint32_t code_point, uint32_t right) {
    if (left - 'a' >= 26 || right >= 0x80 || !mf_is_latin_letter(code_point)) return 0;
    return right - 'a' < 26 ? 2 : 1;
}

size_t mf_find_foreign(const mf_text *text, size_t start) {
    marks marks = {0, 0};
    uint32_t left = 0;
    unsigned left_id = 0;
    int was_strange = 0;
    for (size_t i = start; i < text->length; i++) {
        uint32_t code_point = mf_at(text, i);
        if (code_point < 0x80) {
            if (code_point == '\n') marks.count = 0;
            left = code_point;
            left_id = 0;
            was_strange = 0;
            continue;
        }
        if (mf_is_telling(code_point)) {
            uint32_t window[2 * WINDOW + 1];
            size_t first = i, last = i + 1;
            while (first > start && i - first < WINDOW && belongs(mf_at(text, first - 1)))
                first--;
            while (last < text->length && last - i <= WINDOW && belongs(mf_at(text, last)))
                last++;
            for (size_t k = first; k < last; k++)
                window[k - first] = mf_at(text, k);
            if (tells(window, last - first)) return i;
        }
        unsigned id = mf_image_id(code_point);
        int is_strange = id && left_id && mf_is_strange(left_id, id);
        if (is_strange) {
            if (was_strange || mark(&marks, i, 1)) return i;
        } else if (left < 0x80) {
            uint32_t right = i + 1 < text->length ? mf_at(text, i + 1) : ' ';
            unsigned weight = id ? inside(left, id, right) : in_latin(left, code_point, right);
            if (weight && mark(&marks, i, weight)) return i;
        }
        was_strange = is_strange;
        left = code_point;
        left_id = id;
    }
    return MF_NONE;
}

/* One code point of valid UTF-8; moves `*at` behind it. */
static uint32_t next_utf8(const uint8_t *bytes, size_t *at) {
    uint8_t lead = bytes[*at];
    if (lead < 0x80) {
        (*at)++;
        return lead;
    }
    int length = mf_sequence_length(lead);
    uint32_t code_point = mf_decode_sequence(bytes + *at, length);
    *at += (size_t)length;
    return code_point;
}

static size_t before_utf8(const uint8_t *bytes, size_t at) {
    do {
        at--;
    } while ((bytes[at] & 0xC0) == 0x80);
    return at;
}

/* Does a telling character at `at` tell enough with what stands beside it? */
static int tells_utf8(const uint8_t *bytes, size_t length, size_t start, size_t at) {
    uint32_t window[2 * WINDOW + 1];
    size_t first = at, count = 0;
    while (first > start && count < WINDOW) {
        size_t before = before_utf8(bytes, first), behind = before;
        if (!belongs(next_utf8(bytes, &behind))) break;
        first = before;
        count++;
    }
    size_t most = count + WINDOW + 1, i = first;
    for (count = 0; i < length && count < most;) {
        uint32_t code_point = next_utf8(bytes, &i);
        if (!belongs(code_point)) break;
        window[count++] = code_point;
    }
    return tells(window, count);
}

size_t mf_find_foreign_utf8(const uint8_t *bytes, size_t length, size_t start) {
    marks marks = {0, 0};
    uint32_t left = 0;
    unsigned left_id = 0;
    int was_strange = 0;
    size_t count = 0; /* of characters, since `start` */
    for (size_t i = start; i < length; count++) {
        size_t at = i;
        uint32_t code_point = next_utf8(bytes, &i);
        if (code_point < 0x80) {
            if (code_point == '\n') marks.count = 0;
            left = code_point;
            left_id = 0;
            was_strange = 0;
            continue;
        }
        if (mf_is_telling(code_point) && tells_utf8(bytes, length, start, at)) return at;
        unsigned id = mf_image_id(code_point);
        int is_strange = id && left_id && mf_is_strange(left_id, id);
        if (is_strange) {
            if (was_strange || mark(&marks, count, 1)) return at;
        } else if (left < 0x80) {
            uint32_t right = i < length ? bytes[i] : ' ';
            unsigned weight = id ? inside(left, id, right) : in_latin(left, code_point, right);
            if (weight && mark(&marks, count, weight)) return at;
        }
        was_strange = is_strange;
        left = code_point;
        left_id = id;
    }
    return MF_NONE;
}
