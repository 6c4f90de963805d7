#include "broken.h"
#include "tables.h"
#include "utf8.h"

enum {
    FOLDED = 3, /* signs that one image is folded to, at most */
    REPLACEMENT = 0xFFFD,
};

static inline uint8_t byte_at(const mf_text *text, int decoder, size_t offset) {
    return mf_image_byte[mf_image_id(mf_at(text, offset))][decoder];
}

static inline int continues(const mf_text *text, int decoder, size_t offset) {
    return (byte_at(text, decoder, offset) & 0xC0) == 0x80;
}

/* The number of bytes that a lead announces, 0 if there is none. Java's C0 is not lost half. */
static inline int length_at(const mf_text *text, int decoder, size_t offset) {
    uint8_t byte = byte_at(text, decoder, offset);
    return byte == 0xC0 ? 0 : mf_sequence_length(byte);
}

static int is_marker(uint32_t code_point) {
    return code_point == REPLACEMENT || code_point == '?';
}

static int is_sign(uint32_t code_point) {
    return code_point == '-' || code_point == '"' || code_point == '\'' || code_point == '.' ||
           code_point == ' ';
}

/* Where what stands for one more byte of a sequence ends: `at` if nothing does. */
static size_t pass_byte(const mf_text *text, int decoder, size_t at, size_t end) {
    if (at == end) return at;
    if (continues(text, decoder, at) || is_marker(mf_at(text, at))) return at + 1;
    size_t most = end - at < FOLDED ? end : at + FOLDED;
    while (at < most && is_sign(mf_at(text, at)))
        at++;
    return at;
}

size_t mf_pass_sequence(const mf_text *text, int decoder, size_t at, size_t end, int *is_broken) {
    int length = length_at(text, decoder, at);
    *is_broken = 0;
    at++;
    for (int i = 1; i < length; i++) {
        *is_broken |= at == end || !continues(text, decoder, at);
        at = pass_byte(text, decoder, at, end);
    }
    return at;
}

int mf_find_broken(const mf_text *text, int decoder, size_t at, size_t end, mf_broken *found) {
    while (at < end) {
        size_t start = at, whole = 0, broken = 0, bare = 0;
        while (at < end && length_at(text, decoder, at)) {
            int is_broken;
            bare += at + 1 == end || !continues(text, decoder, at + 1);
            at = mf_pass_sequence(text, decoder, at, end, &is_broken);
            whole += is_broken ? 0 : 1;
            broken += is_broken ? 1 : 0;
        }
        if (broken) {
            size_t rest = mf_broken_rest(text, decoder, at, end);
            *found = (mf_broken){start, at, rest, whole, broken, bare};
            return 1;
        }
        if (at == start) at++;
    }
    return 0;
}

size_t mf_broken_rest(const mf_text *text, int decoder, size_t run_end, size_t limit) {
    size_t at = run_end, most = limit - at < FOLDED ? limit : at + FOLDED;
    while (at < most && (is_sign(mf_at(text, at)) || mf_at(text, at) == '?'))
        at++;
    if (at == run_end) return at;
    for (int i = 0; i < 2 && at < limit; i++) {
        if (!continues(text, decoder, at) && !is_marker(mf_at(text, at))) break;
        at++;
    }
    return at;
}

size_t mf_find_lossy(const mf_text *text, const mf_edits *edits, mf_lossy *pieces) {
    size_t count = 0, next = 0; /* next: lossless edit */
    for (size_t i = 0; i < edits->count; i++) {
        const mf_edit *edit = &edits->edits[i];
        if (!(edit->flags & MF_EDIT_LOSSY)) continue;
        for (next = next > i ? next : i; next < edits->count; next++) {
            if (!(edits->edits[next].flags & MF_EDIT_LOSSY)) break;
        }
        size_t limit = next < edits->count ? edits->edits[next].start : text->length;
        size_t end = mf_broken_rest(text, edit->decoder, edit->end, limit);
        mf_lossy *last = count ? &pieces[count - 1] : NULL;
        if (last && last->end >= edit->start && last->decoder == edit->decoder) {
            last->end = last->end > end ? last->end : end;
            last->run_end = edit->end;
            continue;
        }
        if (last && last->end > edit->start) last->end = edit->start;
        pieces[count++] = (mf_lossy){edit->start, end, edit->end, edit->decoder};
    }
    return count;
}
