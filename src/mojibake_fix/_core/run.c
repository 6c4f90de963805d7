#include "run.h"
#include "evidence.h"
#include "utf8.h"

enum {
    /* Words are damaged whole: a letter left over beside whole sequences tells against damage
       (8 nats), a sign less (2 nats). */
    STRAY_LETTER = 8 * MF_UNITS_PER_NAT,
    STRAY_SIGN = 2 * MF_UNITS_PER_NAT,
    REPLACEMENT = 0xFFFD,
    /* What a character costs of which a byte was lost and nothing is known (10 nats). */
    UNKNOWN_ORIGINAL = 10 * MF_UNITS_PER_NAT,
};

static inline uint8_t byte_at(const mf_text *text, int decoder, size_t offset) {
    return mf_image_byte[mf_image_id(mf_at(text, offset))][decoder];
}

/* A replacement character stands where some byte was. */
static inline int belongs(const mf_text *text, int decoder, size_t offset) {
    return byte_at(text, decoder, offset) || mf_at(text, offset) == REPLACEMENT;
}

void mf_bound_run(const mf_text *text, int decoder, size_t floor, size_t at, mf_run *run) {
    *run = (mf_run){.start = at, .end = at};
    while (run->start > floor && belongs(text, decoder, run->start - 1)) run->start--;
    while (run->end < text->length && belongs(text, decoder, run->end)) run->end++;
}

/* The original at `offset`, and in `*length` its number of images: 0 if no whole sequence is
   there. `*partial` is the number of images of a lead and its continuations so far. */
static uint32_t sequence_at(const mf_text *text, int decoder, size_t offset, size_t end,
                            size_t *length, size_t *partial) {
    uint8_t bytes[6];
    *length = *partial = 0;
    bytes[0] = byte_at(text, decoder, offset);
    int count = mf_sequence_length(bytes[0]);
    if (!count) return 0;
    int have = 1;
    for (; have < count && offset + (size_t)have < end; have++) {
        bytes[have] = byte_at(text, decoder, offset + (size_t)have);
        if (have == 1 ? !mf_may_follow(bytes[0], bytes[1]) : (bytes[have] & 0xC0) != 0x80) break;
    }
    *partial = (size_t)have;
    if (have < count) return 0;
    uint32_t original = mf_decode_sequence(bytes, count);
    if (original - 0xD800u < 0x800u) {
        /* CESU-8 writes a supplementary code point as two surrogates of three bytes. */
        if (original >= 0xDC00 || end - offset < 6) return 0;
        for (int i = 3; i < 6; i++) bytes[i] = byte_at(text, decoder, offset + (size_t)i);
        if (bytes[3] != 0xED || bytes[4] < 0xB0 || bytes[4] > 0xBF || (bytes[5] & 0xC0) != 0x80) {
            return 0;
        }
        original = 0x10000 + ((original - 0xD800) << 10) +
                   (mf_decode_sequence(bytes + 3, 3) - 0xDC00);
        count = 6;
    }
    *length = (size_t)count;
    return original;
}

/* What is left over at `offset`: weigh it, and return its number of images. */
static size_t read_stray(const mf_text *text, int decoder, size_t offset, size_t partial,
                         mf_run *run) {
    if (partial > 1) {
        mf_reading reading = mf_reading_from(text, offset);
        for (size_t i = 0; i < partial; i++) mf_read(&reading, mf_entry(mf_at(text, offset + i)));
        run->lost += reading.cost - UNKNOWN_ORIGINAL;
        run->truncated = 1;
        return partial;
    }
    unsigned kind = mf_entry(mf_at(text, offset)) >> 8;
    if (mf_sequence_length(byte_at(text, decoder, offset)) ||
        mf_at(text, offset) == REPLACEMENT) {
        run->truncated = 1;
    }
    run->evidence -= mf_class_is_letter[kind] ? STRAY_LETTER : STRAY_SIGN;
    return 1;
}

int mf_cut_run(const mf_text *text, int decoder, mf_run *run, mf_edits *edits,
               const mf_edit *like) {
    size_t i = run->start;
    run->evidence = run->lost = 0;
    run->sequences = 0;
    run->truncated = 0;
    while (i < run->end) {
        size_t length, partial;
        uint32_t original = sequence_at(text, decoder, i, run->end, &length, &partial);
        if (!length) {
            i += read_stray(text, decoder, i, partial, run);
            continue;
        }
        mf_reading as_written = mf_reading_from(text, i), as_meant = as_written;
        mf_edit edit = {.start = i};
        if (edits) {
            edit = *like;
            edit.start = i;
            edit.original = edits->originals_count;
        }
        for (; length; original = sequence_at(text, decoder, i, run->end, &length, &partial)) {
            if (original == REPLACEMENT) run->truncated = 1; /* what it stood for is lost */
            if (edits) {
                if (!mf_edits_add_original(edits, original)) return 0;
                if (length == 6) edit.flags |= MF_EDIT_SURROGATES;
                if (!original) edit.flags |= MF_EDIT_NULLS;
                edit.count++;
            }
            mf_read(&as_meant, mf_entry(original));
            for (; length; length--, i++) mf_read(&as_written, mf_entry(mf_at(text, i)));
            run->sequences++;
            if (i == run->end) break;
        }
        mf_read_context(&as_written, text, i);
        mf_read_context(&as_meant, text, i);
        edit.evidence = as_written.cost - as_meant.cost;
        run->evidence += edit.evidence;
        edit.end = i;
        if (edits && !mf_edits_add(edits, &edit)) return 0;
    }
    return 1;
}

int mf_proves(const mf_text *text, const mf_edits *edits, const mf_edit *edit) {
    size_t at = edit->start;
    for (size_t i = 0; i < edit->count; i++) {
        uint32_t original = edits->originals[edit->original + i];
        uint8_t bytes[6];
        int count;
        if (original > 0xFFFF && edit->flags & MF_EDIT_SURROGATES) {
            count = mf_encode(0xD800 + ((original - 0x10000) >> 10), bytes);
            count += mf_encode(0xDC00 + (original & 0x3FF), bytes + count);
        } else if (!original) {
            bytes[0] = 0xC0;
            bytes[1] = 0x80;
            count = 2;
        } else {
            count = mf_encode(original, bytes);
        }
        for (int j = 0; j < count; j++, at++) {
            uint32_t image =
                bytes[j] < 0x80 ? bytes[j] : mf_decoded[edit->decoder][bytes[j] - 0x80];
            if (at >= edit->end || image != mf_at(text, at)) return 0;
        }
    }
    return at == edit->end;
}
