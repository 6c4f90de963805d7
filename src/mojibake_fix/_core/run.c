#include "run.h"
#include "bits.h"
#include "scan_pair.h"
#include "utf8.h"

enum {
    /* Words are damaged whole: a letter left over beside whole sequences tells against damage
       (8 nats), a sign less (2 nats). */
    STRAY_LETTER = 8 * MF_UNITS_PER_NAT,
    STRAY_SIGN = 2 * MF_UNITS_PER_NAT,
    /* What it costs that one more layer did damage (3 nats). */
    LAYER = 3 * MF_UNITS_PER_NAT,
    LONGEST_LOOK = 64, /* originals that are looked through at once */
    REPLACEMENT = 0xFFFD,
    /* What a character costs of which a byte was lost and nothing is known (24 nats). */
    UNKNOWN_ORIGINAL = 24 * MF_UNITS_PER_NAT,
};

static inline uint8_t byte_at(const mf_text *text, int decoder, size_t offset) {
    return mf_image_byte[mf_image_id(mf_at(text, offset))][decoder];
}

/* Where a byte was lost there may be a replacement character, or a question mark between images;
   both belong to the run around them. */
static int stands_for_loss(const mf_text *text, int decoder, size_t offset) {
    uint32_t code_point = mf_at(text, offset);
    if (code_point == REPLACEMENT) return 1;
    return code_point == '?' && offset > 0 && offset + 1 < text->length &&
           byte_at(text, decoder, offset - 1) && byte_at(text, decoder, offset + 1);
}

/* Does the run of `decoder` go on at `offset`, coming from its neighbour in `step`? Strikes from
   `alike` the decoders that read it otherwise. */
static int goes_on(const mf_text *text, int decoder, size_t offset, int step, uint32_t *alike) {
    unsigned id = mf_image_id(mf_at(text, offset));
    if (mf_image_byte[id][decoder]) {
        *alike &= mf_image_alike[id][decoder];
        return 1;
    }
    if (stands_for_loss(text, decoder, offset)) return 1;
    size_t beyond = offset + (size_t)step;
    if (mf_at(text, offset) == '?' && beyond < text->length) id = mf_image_id(mf_at(text, beyond));
    *alike &= ~mf_image_roles[id].any;
    return 0;
}

uint32_t mf_bound_run(const mf_text *text, int decoder, size_t floor, size_t at, uint32_t alike,
                      mf_run *run) {
    size_t start = at, end = at;
    while (start > floor && goes_on(text, decoder, start - 1, -1, &alike))
        start--;
    if (start == floor && start > 0) {
        alike &= ~mf_image_roles[mf_image_id(mf_at(text, start - 1))].any;
    }
    while (end < text->length && goes_on(text, decoder, end, 1, &alike))
        end++;
    /* What follows bears on a piece only as far as it is no lead: see context_end. */
    for (size_t i = end; i < end + 2 && i < text->length; i++) {
        uint32_t leads = mf_lead_mask(mf_image_id(mf_at(text, i)));
        int is_lead = leads >> decoder & 1;
        alike &= is_lead ? leads : ~leads;
        if (is_lead) break;
    }
    *run = (mf_run){.start = start, .end = end};
    return alike | 1u << decoder;
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
        for (int i = 3; i < 6; i++)
            bytes[i] = byte_at(text, decoder, offset + (size_t)i);
        if (bytes[3] != 0xED || bytes[4] < 0xB0 || bytes[4] > 0xBF || (bytes[5] & 0xC0) != 0x80) {
            return 0;
        }
        original =
            0x10000 + ((original - 0xD800) << 10) + (mf_decode_sequence(bytes + 3, 3) - 0xDC00);
        count = 6;
    }
    *length = (size_t)count;
    return original;
}

/* What is left over at `offset`: weigh it, and return its number of images. */
static size_t read_stray(const mf_text *text, int decoder, size_t offset, size_t partial,
                         mf_run *run) {
    if (partial > 1) {
        mf_reading reading = {0, run->right};
        for (size_t i = 0; i < partial; i++)
            mf_read(&reading, mf_entry(mf_at(text, offset + i)));
        run->lost += reading.cost - UNKNOWN_ORIGINAL;
        run->truncated = 1;
        return partial;
    }
    uint32_t code_point = mf_at(text, offset);
    int is_letter = mf_class_is_letter[mf_entry(code_point) >> 8];
    int64_t cost = is_letter ? STRAY_LETTER : STRAY_SIGN;
    run->evidence -= cost;
    if (mf_sequence_length(byte_at(text, decoder, offset)) || code_point == REPLACEMENT) {
        run->lost += cost;
        run->truncated = 1;
    }
    return 1;
}

/* Where what follows a piece at `end` stops to bear on it: after two code points, or before what
   may be damaged itself. */
static size_t context_end(const mf_text *text, int decoder, size_t end) {
    size_t after = end;
    while (after < end + 2 && after < text->length &&
           !mf_sequence_length(byte_at(text, decoder, after))) {
        after++;
    }
    return after == text->length ? end + 2 : after;
}

/* Decoders under which some odd pair of these originals begins a sequence. */
static uint32_t may_be_images(const uint32_t *originals, size_t count) {
    uint32_t decoders = 0;
    for (size_t i = 1; i < count; i++) {
        unsigned left = mf_image_id(originals[i - 1]), right = mf_image_id(originals[i]);
        if (!mf_is_odd(left, right)) continue;
        decoders |= mf_lead_mask(left) & mf_image_roles[right].continuation;
    }
    return decoders;
}

/* Originals in the order in which they are read, as far as they are kept, and what reading them
   as they are has cost. */
typedef struct {
    uint32_t originals[LONGEST_LOOK];
    size_t count;
    mf_context left;
    int64_t cost;
} chunk;

/* A piece may have been damaged twice, and its originals then look as odd as what is observed.
   Read them as another layer's images; returns what that saves. Up to `after` the text behind the
   piece, which ends at `end`, is read too. */
static int64_t look_through(const mf_text *text, const chunk *piece, size_t end, size_t after) {
    const mf_text inner = {piece->originals, piece->count, 4};
    int64_t least = piece->cost;
    MF_FOR_EACH_BIT(decoder, may_be_images(piece->originals, piece->count)) {
        mf_reading reading = {LAYER, piece->left};
        for (size_t i = 0; i < piece->count;) {
            size_t length, partial;
            uint32_t original =
                sequence_at(&inner, (int)decoder, i, piece->count, &length, &partial);
            mf_read(&reading, mf_entry(length ? original : piece->originals[i]));
            i += length ? length : 1;
        }
        mf_read_until(&reading, text, end, after);
        if (reading.cost < least) least = reading.cost;
    }
    return piece->cost - least;
}

/* Is this a letter beyond ASCII, or a marker with one behind it in `step`? */
static int is_letter_beside(const mf_text *text, size_t offset, int step) {
    size_t beyond = offset + (size_t)step;
    if (offset < text->length && beyond < text->length &&
        (mf_at(text, offset) == '?' || mf_at(text, offset) == REPLACEMENT)) {
        offset = beyond;
    }
    if (offset >= text->length) return 0;
    uint32_t code_point = mf_at(text, offset);
    return code_point >= 0x80 && mf_class_is_letter[mf_entry(code_point) >> 8];
}

int mf_cut_run(const mf_text *text, int decoder, mf_run *run, mf_edits *edits,
               const mf_edit *like) {
    size_t i = run->start;
    run->evidence = run->lost = 0;
    /* What another decoder, or none, would read is left over as well. */
    run->strays =
        (size_t)(is_letter_beside(text, run->start - 1, -1) + is_letter_beside(text, run->end, 1));
    run->evidence -= (int64_t)run->strays * STRAY_LETTER;
    run->right = run->left;
    run->truncated = 0;
    while (i < run->end) {
        size_t length, partial;
        uint32_t original = sequence_at(text, decoder, i, run->end, &length, &partial);
        if (!length) {
            size_t end = i + read_stray(text, decoder, i, partial, run);
            run->strays += end - i;
            while (i < end)
                mf_pass(&run->right, mf_at(text, i++));
            continue;
        }
        mf_reading as_written = {0, run->right}, as_meant = as_written;
        mf_edit edit = {.start = i};
        if (edits) {
            edit = *like;
            edit.start = i;
            edit.original = edits->originals_count;
        }
        chunk piece = {.count = 0, .left = run->right};
        int64_t saved = 0;
        for (; length; original = sequence_at(text, decoder, i, run->end, &length, &partial)) {
            if (original == REPLACEMENT) run->truncated = 1; /* what it stood for is lost */
            if (edits) {
                if (!mf_edits_add_original(edits, original)) return 0;
                if (length == 6) edit.flags |= MF_EDIT_SURROGATES;
                if (!original) edit.flags |= MF_EDIT_NULLS;
                edit.count++;
            }
            if (piece.count == LONGEST_LOOK) {
                piece.cost = as_meant.cost - piece.cost;
                saved += look_through(text, &piece, i, i);
                piece = (chunk){.count = 0, .left = as_meant.context, .cost = as_meant.cost};
            }
            piece.originals[piece.count++] = original;
            mf_read(&as_meant, mf_entry(original));
            for (; length; length--, i++)
                mf_read(&as_written, mf_entry(mf_at(text, i)));
            if (i == run->end) break;
        }
        run->right = as_meant.context;
        size_t after = context_end(text, decoder, i);
        mf_read_until(&as_written, text, i, after);
        mf_read_until(&as_meant, text, i, after);
        piece.cost = as_meant.cost - piece.cost;
        saved += look_through(text, &piece, i, after);
        edit.evidence = as_written.cost - as_meant.cost + saved;
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
        if (original > 0xFFFF && edit->flags & (MF_EDIT_SURROGATES | MF_EDIT_NULLS)) {
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
