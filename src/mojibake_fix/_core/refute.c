#include "refute.h"
#include "escape.h"
#include "foreign.h"
#include "lone.h"
#include "scan.h"

enum {
    MOST_SUSPECTS = 100, /* a text that has more is worth the others' time */
    REPLACEMENT = 0xFFFD,
};

static int reads(const mf_text *text, size_t at, const char *ascii) {
    for (; *ascii; at++, ascii++) {
        if (at >= text->length || mf_at(text, at) != (unsigned char)*ascii) return 0;
    }
    return 1;
}

/* Is there anything that is not judged by its runs? Marks of comments, bytes that were not decoded,
   an apostrophe of two layers, and a text that is one letter alone. */
static int is_for_others(const mf_text *text) {
    int has_lead = 0, has_graphic = 0;
    for (size_t i = 0; i < text->length; i++) {
        uint32_t code_point = mf_at(text, i);
        if (code_point < 0x80) {
            has_graphic |= code_point > ' ';
            if (code_point == 'f' && reads(text, i, "fixmoji:")) return 1;
            continue;
        }
        if (code_point == REPLACEMENT || code_point - 0xD800 < 0x800) return 1;
        if (code_point == 0xE2 && reads(text, i + 1, "??")) return 1;
        has_lead |= code_point == 0xC2 || code_point == 0xC3;
    }
    return has_lead && !has_graphic;
}

/* May some suspect be a sequence that breaks off? */
static mf_verdict refute_lossy(const mf_text *text, const mf_prior *prior, const mf_model *model) {
    int count = 0;
    mf_verdict so_far = MF_CLEAN;
    mf_broken run;
    for (size_t at = mf_find_suspect(text, 0); at != MF_NONE; at = mf_find_suspect(text, at + 1)) {
        if (++count > MOST_SUSPECTS) return MF_DOUBTFUL;
        for (int decoder = 0; decoder < MF_DECODERS; decoder++) {
            if (!mf_find_lone(text, decoder, at, &run)) continue;
            if (!model) {
                so_far = MF_UNSETTLED;
            } else if (mf_may_restore(text, decoder, &run, prior, model)) {
                return MF_DOUBTFUL;
            }
        }
    }
    return so_far;
}

/* Does some run have evidence for damage? */
static int has_evidence(const mf_text *text, const mf_prior *prior) {
    int64_t weights[MF_DECODERS];
    mf_weigh(text, prior, weights);
    for (int decoder = 0; decoder < MF_DECODERS; decoder++) {
        if (weights[decoder] > 0) return 1;
    }
    mf_edits edits = {0};
    int found = !mf_undo(text, prior, weights, &edits) || edits.count > 0;
    mf_edits_free(&edits);
    return found;
}

mf_verdict mf_refute(const mf_text *text, const mf_prior *prior, const mf_model *model) {
    if (mf_find_escape(text, 0) != MF_NONE || mf_find_unread(text, 0) != MF_NONE ||
        is_for_others(text) || has_evidence(text, prior)) {
        return MF_DOUBTFUL;
    }
    mf_verdict foreign = mf_refute_foreign(text, model);
    mf_verdict lossy = foreign == MF_DOUBTFUL ? foreign : refute_lossy(text, prior, model);
    return lossy == MF_CLEAN ? foreign : lossy;
}
