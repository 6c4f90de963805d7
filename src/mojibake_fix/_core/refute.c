#include "refute.h"
#include "bits.h"
#include "drawing.h"
#include "escape.h"
#include "foreign.h"
#include "lone.h"
#include "reading.h"
#include "scan.h"
#include "vectors.h"
#include "vicinity.h"

enum {
    MOST_SUSPECTS = 100, /* a text that has more is worth the others' time */
    AT_ONCE = 256,       /* characters */
    REPLACEMENT = 0xFFFD,
};

static int reads(const mf_text *text, size_t at, const char *ascii) {
    for (; *ascii; at++, ascii++) {
        if (at >= text->length || mf_at(text, at) != (unsigned char)*ascii) return 0;
    }
    return 1;
}

/* Is something here that is not judged by its runs: a mark of comments (looked for at its j),
   bytes that were not decoded, an apostrophe of two layers, text of which nobody read the encoding?
 */
static int is_for_others(const mf_text *text, size_t at) {
    uint32_t code_point = mf_at(text, at);
    return code_point == REPLACEMENT || code_point - 0xD800 < 0x800 ||
           (code_point == 0xE2 && reads(text, at + 1, "??")) ||
           (code_point == 'j' && at >= 5 && reads(text, at - 5, "fixmoji:")) ||
           mf_is_unread(text, at);
}

/* May such a thing begin with one of two neighbours? Without branches, so that a loop becomes
   vectors. */
static inline MF_INLINED uint32_t may_be_for_others(uint32_t left, uint32_t right) {
    return (right == 0) | ((left == '$') & (right == 'B')) | ((left == 'o') & (right == 'j')) |
           ((left == 0xE2) & (right == '?')) | (right == REPLACEMENT) | (right - 0xD800 < 0x800);
}

static inline MF_INLINED int some_may_be(const void *data, int width, size_t start, size_t end) {
    const mf_text text = {data, end, width};
    uint32_t found = 0;
    for (size_t i = start; i < end; i++)
        found |= may_be_for_others(mf_at(&text, i - 1), mf_at(&text, i));
    return found != 0;
}

/* A loop for each storage. */
static int some_may_be_for_others(const mf_text *text, size_t start, size_t end) {
    switch (text->width) {
    case 1:
        return some_may_be(text->data, 1, start, end);
    case 2:
        return some_may_be(text->data, 2, start, end);
    default:
        return some_may_be(text->data, 4, start, end);
    }
}

static int is_any_for_others(const mf_text *text) {
    if (text->length && (mf_is_unread(text, 0) || is_for_others(text, 0))) return 1;
    for (size_t start = 1, end; start < text->length; start = end) {
        end = text->length - start < AT_ONCE ? text->length : start + AT_ONCE;
        if (!some_may_be_for_others(text, start, end)) continue;
        for (size_t i = start; i < end; i++) {
            if (may_be_for_others(mf_at(text, i - 1), mf_at(text, i)) &&
                (is_for_others(text, i - 1) || is_for_others(text, i))) {
                return 1;
            }
        }
    }
    return 0;
}

/* May a text be one damaged letter alone? */
static int may_be_letter(const mf_text *text) {
    int has_lead = 0;
    for (size_t i = 0; i < text->length; i++) {
        uint32_t code_point = mf_at(text, i);
        if (code_point > ' ' && code_point < 0x80) return 0;
        has_lead |= code_point == 0xC2 || code_point == 0xC3;
    }
    return has_lead;
}

/* May some suspect be a sequence that breaks off? */
static mf_verdict refute_lossy(const mf_text *text, const mf_prior *prior, const mf_model *model) {
    int count = 0;
    mf_verdict so_far = MF_CLEAN;
    mf_broken run;
    for (size_t at = mf_find_suspect(text, 0); at != MF_NONE; at = mf_find_suspect(text, at + 1)) {
        size_t lookups = 0;
        if (mf_is_drawn(text, at)) continue;
        if (++count > MOST_SUSPECTS) return MF_DOUBTFUL;
        MF_FOR_EACH_BIT(decoder, mf_image_roles[mf_image_id(mf_at(text, at))].any) {
            if (!mf_find_lone(text, (int)decoder, at, &run)) continue;
            if (!model) {
                so_far = MF_UNSETTLED;
            } else if (mf_may_restore(text, (int)decoder, &run, prior, model, &lookups)) {
                return MF_DOUBTFUL;
            }
        }
    }
    return so_far;
}

/* Does some run have evidence for damage? */
static mf_verdict refute_runs(const mf_text *text, const mf_prior *prior, const mf_model *model) {
    int64_t weights[MF_DECODERS];
    if (!mf_weigh(text, prior, weights)) return MF_CLEAN;
    for (int decoder = 0; decoder < MF_DECODERS; decoder++) {
        if (weights[decoder] > 0) return MF_DOUBTFUL;
    }
    mf_edits edits = {0};
    int found = !mf_undo(text, prior, weights, model, &edits) || edits.count > 0;
    mf_verdict verdict = found ? MF_DOUBTFUL : edits.is_untold ? MF_UNSETTLED : MF_CLEAN;
    mf_edits_free(&edits);
    return verdict;
}

/* What two verdicts on one text are together. */
static mf_verdict both(mf_verdict one, mf_verdict other) {
    if (one == MF_DOUBTFUL || other == MF_DOUBTFUL) return MF_DOUBTFUL;
    return one == MF_CLEAN ? other : one;
}

/* Refute the signs in a text in which nothing is for others, as it reads, or in their vicinity. */
static mf_verdict refute_seen(const mf_text *text, const mf_extent *extent, const mf_prior *prior,
                              const mf_ways *ways) {
    const mf_model *model = ways ? ways->model : NULL;
    mf_verdict verdict = may_be_letter(text) ? MF_DOUBTFUL : refute_runs(text, prior, model);
    if (verdict != MF_DOUBTFUL) verdict = both(verdict, refute_lossy(text, prior, model));
    if (verdict != MF_DOUBTFUL) verdict = both(verdict, mf_refute_foreign(text, extent, ways));
    return verdict;
}

static mf_verdict refute_whole(const mf_text *text, const mf_prior *prior, const mf_ways *ways) {
    mf_extent extent = {text->length, 0};
    for (size_t i = 0; i < text->length; i++)
        extent.beyond += mf_at(text, i) >= 0x80;
    return refute_seen(text, &extent, prior, ways);
}

/* Refute the signs in a text as it reads with its escapes resolved, those of quoted-printable if
   `printable`; tells whether there are such. */
static mf_verdict refute_view(const mf_text *text, int printable, const mf_prior *prior,
                              const mf_ways *ways, int *are_printable) {
    mf_view view;
    mf_verdict verdict = MF_DOUBTFUL;
    *are_printable = 0;
    if (mf_resolve(text, printable, &view)) {
        mf_text seen = {view.code_points, view.length, 4};
        for (size_t i = 0; i < view.count; i++)
            *are_printable |= view.runs[i].notation == MF_NOTATION_PRINTABLE;
        if (!is_any_for_others(&seen)) verdict = refute_whole(&seen, prior, ways);
    }
    mf_view_free(&view);
    return verdict;
}

mf_verdict mf_refute(const mf_text *text, const mf_prior *prior, const mf_ways *ways) {
    if (is_any_for_others(text)) return MF_DOUBTFUL;
    if (mf_find_escape(text, 0) == MF_NONE) return refute_whole(text, prior, ways);
    int are_printable;
    mf_verdict printable = refute_view(text, 1, prior, ways, &are_printable);
    /* Others tell whether it is in quoted-printable. */
    if (printable == MF_DOUBTFUL || !are_printable) return printable;
    return both(printable, refute_view(text, 0, prior, ways, &are_printable));
}

/* Is something in UTF-8 for others that no sign shows: a mark of comments, an apostrophe of two
   layers? Most blocks have nothing of it. */
static int is_marked(const uint8_t *bytes, size_t size) {
    for (size_t start = 1, end; start < size; start = end) {
        end = size - start < AT_ONCE ? size : start + AT_ONCE;
        uint8_t found = 0;
        for (size_t i = start; i < end; i++) {
            found |= (uint8_t)((bytes[i - 1] == 'o') & (bytes[i] == 'j'));
            found |= (uint8_t)((bytes[i - 1] == 0xA2) & (bytes[i] == '?'));
        }
        for (size_t i = start; found && i < end; i++) {
            const mf_text text = {bytes, size, 1};
            if (bytes[i] == 'j' && is_for_others(&text, i)) return 1;
            if (bytes[i] == '?' && i >= 2 && reads(&text, i - 2, "\xC3\xA2??")) return 1;
        }
    }
    return 0;
}

/* Refute the signs in UTF-8 in which no escape is, of which the first ones of each kind are known.
 */
static mf_verdict refute_vicinity(const uint8_t *bytes, size_t size, size_t suspect, size_t foreign,
                                  const mf_prior *prior, const mf_ways *ways) {
    mf_vicinity around;
    mf_verdict verdict = MF_DOUBTFUL;
    if (mf_vicinity_signs(bytes, size, suspect, foreign, &around) &&
        !is_any_for_others(&around.text)) {
        verdict = refute_seen(&around.text, &around.extent, prior, ways);
    }
    mf_vicinity_free(&around);
    return verdict;
}

mf_verdict mf_refute_utf8(const uint8_t *bytes, size_t size, const mf_prior *prior,
                          const mf_ways *ways) {
    size_t suspect = mf_find_any_suspect_utf8(bytes, size, 0);
    size_t foreign = mf_find_foreign_utf8(bytes, size, 0);
    if (suspect == MF_NONE && foreign == MF_NONE) return MF_CLEAN;
    if (is_marked(bytes, size)) return MF_DOUBTFUL;
    const mf_text ascii = {bytes, size, 1}; /* as far as it is, and escapes are */
    if (mf_find_escape(&ascii, 0) == MF_NONE) {
        return refute_vicinity(bytes, size, suspect, foreign, prior, ways);
    }
    mf_vicinity all;
    int is_there = mf_vicinity_all(bytes, size, &all);
    mf_verdict verdict = is_there ? mf_refute(&all.text, prior, ways) : MF_DOUBTFUL;
    mf_vicinity_free(&all);
    return verdict;
}
