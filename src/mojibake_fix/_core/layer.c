#include "layer.h"
#include "agreed.h"
#include "bits.h"
#include "broken.h"
#include "run.h"
#include "scan.h"
#include "scan_pair.h"
#include <string.h>

/* A walk from suspect to suspect. No decoder looks at a character twice, so that the whole walk
   is linear in the text. */
typedef struct {
    const mf_text *text;
    const mf_prior *prior;
    const int64_t *weights; /* of the document by decoder, NULL if it was not heard yet */
    uint32_t established;   /* decoders that damaged the document beyond doubt */
    size_t at;              /* where to look for the next suspect */
    size_t suspect;         /* the last one found, the length of the text if there are no more */
    size_t pair;            /* the same of pairs of established decoders */
    size_t floor;           /* no run reaches before it */
    mf_context meant;       /* what was meant to stand at the floor */
    size_t looked_until[MF_DECODERS];
    mf_run runs[MF_DECODERS];
    uint32_t candidates;       /* decoders that have a run at this suspect */
    int64_t odds[MF_DECODERS]; /* log posterior odds of the candidates, units */
    int best;
    int alone; /* the best of them if nothing were known of the document */
} walk;

enum { LOG_2 = MF_UNITS_PER_NAT * 7 / 10 }; /* of 2, natural */

/* What the run of a decoder tells of its document. Evidence beyond the misfit speaks for the
   decoder if no other one explains the run better; evidence against damage speaks against it. */
static int64_t weight_of(const walk *state, uint32_t decoder) {
    const mf_run *run = &state->runs[decoder];
    int64_t misfit = state->prior->misfit, most = state->prior->most - misfit;
    int64_t evidence = run->evidence;
    if (evidence < 0) return run->truncated ? 0 : evidence < -most ? -most : evidence;
    if (evidence < misfit || evidence < state->runs[state->alone].evidence) return 0;
    return evidence - misfit > most ? most : evidence - misfit;
}

/* Log odds of damage where so many runs say so and none against: their number to one. */
static int64_t agreement(const mf_prior *prior, int64_t weight) {
    int64_t odds = 0;
    for (int64_t runs = weight / (prior->most - prior->misfit); runs > 0; runs >>= 1)
        odds += LOG_2;
    return odds > prior->favour ? prior->favour : odds;
}

/* Log odds of damage by a decoder given its weight in the document and that of the best one. One
   document usually has one damage: the odds grow with all evidence for it, and fall by what the
   best decoder has more. */
static int64_t heard(const mf_prior *prior, int decoder, int64_t weight, int64_t best) {
    int64_t odds = prior->log_odds[decoder] + (weight > 0 ? weight : 0);
    int64_t behind = best - weight;
    if (behind > prior->stranger) behind = prior->stranger;
    int64_t most = agreement(prior, weight);
    if (odds > most) odds = most;
    return odds - (best > 0 ? behind : 0);
}

/* Judge each candidate by all of the document but this suspect's own runs. */
static void hear_document(walk *state) {
    const mf_prior *prior = state->prior;
    int64_t others[MF_DECODERS], best = INT64_MIN;
    for (int decoder = 0; decoder < MF_DECODERS; decoder++) {
        others[decoder] = state->weights[decoder];
        /* A run without a suspect has told nothing. */
        if (state->candidates >> decoder & 1 && state->suspect < state->runs[decoder].end) {
            others[decoder] -= weight_of(state, (uint32_t)decoder);
        }
        if (others[decoder] > best) best = others[decoder];
    }
    MF_FOR_EACH_BIT(decoder, state->candidates) {
        state->odds[decoder] = heard(prior, (int)decoder, others[decoder], best);
    }
}

/* Decoders that damaged this document beyond doubt. */
static uint32_t established(const mf_prior *prior, const int64_t weights[MF_DECODERS]) {
    int64_t best = INT64_MIN;
    uint32_t mask = 0;
    for (int decoder = 0; decoder < MF_DECODERS; decoder++) {
        if (weights[decoder] > best) best = weights[decoder];
    }
    for (int decoder = 0; decoder < MF_DECODERS; decoder++) {
        if (heard(prior, decoder, weights[decoder], best) > 0) mask |= 1u << decoder;
    }
    return mask;
}

/* The candidate with the best odds; between equals the preferred one. */
static int best_of(const walk *state, const int64_t odds[MF_DECODERS]) {
    const int32_t *preference = state->prior->preference;
    int best = -1;
    MF_FOR_EACH_BIT(decoder, state->candidates) {
        if (best < 0 || odds[decoder] > odds[best] ||
            (odds[decoder] == odds[best] && preference[decoder] > preference[best])) {
            best = (int)decoder;
        }
    }
    return best;
}

static void judge(walk *state) {
    const mf_prior *prior = state->prior;
    int64_t ranks[MF_DECODERS];
    MF_FOR_EACH_BIT(decoder, state->candidates) {
        state->odds[decoder] = prior->log_odds[decoder] + state->runs[decoder].evidence;
    }
    state->best = state->alone = best_of(state, state->odds);
    if (!state->weights) return;
    hear_document(state);
    MF_FOR_EACH_BIT(decoder, state->candidates) {
        state->odds[decoder] += state->runs[decoder].evidence;
        ranks[decoder] = state->odds[decoder] + prior->preference[decoder];
    }
    state->best = best_of(state, ranks);
}

/* Where to look next. In a damaged document even a pair that is usual elsewhere may be damage. */
static size_t next_place(walk *state) {
    const mf_text *text = state->text;
    if (state->suspect == MF_NONE || state->suspect < state->at) {
        state->suspect = mf_find_suspect(text, state->at);
        if (state->suspect == MF_NONE) state->suspect = text->length;
    }
    if (state->established && (state->pair == MF_NONE || state->pair < state->at)) {
        state->pair = mf_find_pair(text, state->at, state->established);
        if (state->pair == MF_NONE) state->pair = text->length;
    }
    return state->pair < state->suspect ? state->pair : state->suspect;
}

/* What was meant to stand before `offset`: near the floor that is not what is observed. */
static mf_context meant_before(const walk *state, size_t offset) {
    if (offset >= state->floor + 2) return mf_context_at(state->text, offset);
    mf_context context = state->meant;
    for (size_t i = state->floor; i < offset; i++)
        mf_pass(&context, mf_at(state->text, i));
    return context;
}

/* Bound and weigh the runs of these decoders around `at`; those that read alike only once. */
static void weigh_candidates(walk *state, uint32_t decoders, size_t at) {
    const mf_text *text = state->text;
    state->candidates = 0;
    MF_FOR_EACH_BIT(decoder, decoders) {
        if (state->looked_until[decoder] <= at) state->candidates |= 1u << decoder;
    }
    for (uint32_t rest = state->candidates; rest;) {
        int decoder = (int)mf_lowest_bit(rest);
        size_t floor = state->looked_until[decoder];
        if (floor < state->floor) floor = state->floor;
        mf_run run;
        uint32_t alike = mf_bound_run(text, decoder, floor, at, rest, &run);
        run.left = meant_before(state, run.start);
        mf_cut_run(text, decoder, &run, NULL, NULL);
        MF_FOR_EACH_BIT(other, alike) {
            if (state->looked_until[other] > run.start && (int)other != decoder) continue;
            state->runs[other] = run;
            state->looked_until[other] = run.end;
            rest &= ~(1u << other);
        }
    }
}

/* Go to the next suspect that some decoder explains; returns 0 at the end of the text. */
static int next_suspect(walk *state) {
    const mf_text *text = state->text;
    for (;;) {
        size_t at = next_place(state);
        if (at >= text->length) return 0;
        state->at = at + 1;
        unsigned left = mf_image_id(mf_at(text, at)), right = mf_image_id(mf_at(text, at + 1));
        uint32_t both = mf_image_roles[left].any & mf_image_roles[right].any;
        uint32_t begun = mf_lead_mask(left) & mf_image_roles[right].continuation;
        weigh_candidates(state, begun | (both & state->established), at);
        if (!state->candidates) continue;
        judge(state);
        return 1;
    }
}

/* Log posterior odds of the best reading that differs from the best of all. */
static int64_t rival(const walk *state) {
    int64_t most = INT32_MIN;
    MF_FOR_EACH_BIT(decoder, state->candidates) {
        int same = state->runs[decoder].evidence == state->runs[state->best].evidence;
        if (!same && state->odds[decoder] > most) most = state->odds[decoder];
    }
    return most;
}

static int is_blank_or_mark(uint32_t c) {
    return c < '0' || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') || (c > 'z' && c < 0x80);
}

/* Does a run stand by itself, between white space and punctuation? */
static int is_word(const mf_text *text, const mf_run *run) {
    return (run->start == 0 || is_blank_or_mark(mf_at(text, run->start - 1))) &&
           (run->end == text->length || is_blank_or_mark(mf_at(text, run->end)));
}

/* Is the best reading beyond doubt in this document, and better than the observed by itself? A word
   of nothing but damage need not be, if its decoder damaged the document: it may be in another
   script than the words around it. A run half of which is left over is none of its decoder. */
static int is_damaged(const walk *state) {
    const mf_run *run = &state->runs[state->best];
    int known = state->established >> state->best & 1;
    if (!run->truncated && 2 * run->strays >= run->end - run->start) return 0;
    return state->odds[state->best] > state->prior->accept &&
           (run->evidence > 0 || (known && is_word(state->text, run)));
}

/* Make the best of the readings that have lost bytes the best of all; returns 0, and leaves the
   best as it was, if there is none to accept. */
static int lost_bytes(walk *state) {
    int best = -1;
    MF_FOR_EACH_BIT(decoder, state->candidates) {
        const mf_run *run = &state->runs[decoder];
        if (!run->truncated) continue;
        /* Nothing proves a loss, so the document cannot favour it; but where it is damaged beyond
           doubt, a sequence that breaks off is evidence. */
        int64_t odds = state->odds[decoder] < run->evidence ? state->odds[decoder] : run->evidence;
        if (state->established >> decoder & 1) odds += run->lost;
        if (odds <= state->prior->accept) continue;
        state->odds[decoder] = odds;
        if (best < 0 || odds > state->odds[best]) best = (int)decoder;
    }
    if (best < 0) return 0;
    state->best = best;
    return 1;
}

/* Decoders whose runs are left in doubt where nothing else is damaged. */
static uint32_t doubtful(const walk *state) {
    uint32_t found = 0;
    if (state->established) return 0;
    MF_FOR_EACH_BIT(decoder, state->candidates) {
        int is_one = mf_is_doubtful(state->text, (int)decoder, &state->runs[decoder]);
        found |= (uint32_t)is_one << decoder;
    }
    return found;
}

/* Set the odds of what is in doubt by what a language model says as well. Returns 0 when memory
   runs out. */
static int ask_model(walk *state, uint32_t decoders, const mf_model *model) {
    const mf_prior *prior = state->prior;
    MF_FOR_EACH_BIT(decoder, decoders) {
        int64_t evidence;
        if (!mf_agree(state->text, (int)decoder, &state->runs[decoder], model, &evidence)) return 0;
        evidence += prior->preference[decoder];
        state->odds[decoder] = prior->accept + evidence - prior->agreed;
    }
    return 1;
}

/* Make a reading that is in doubt the best of all if a language model, which may be NULL, agrees
   with it and with no other, or need not be asked; returns 0 when memory runs out. */
static int settle_doubt(walk *state, const mf_model *model, mf_edits *edits, int *is_settled) {
    const int64_t accept = state->prior->accept;
    uint32_t all = state->candidates, decoders = doubtful(state);
    int first = decoders ? (int)mf_lowest_bit(decoders) : 0;
    *is_settled = decoders && mf_is_sign_alone(state->text, &state->runs[first]);
    if (*is_settled) {
        state->odds[first] = accept;
        state->best = first;
    } else if (decoders && !model) {
        edits->is_untold = 1;
    } else if (decoders) {
        if (!ask_model(state, decoders, model)) return 0;
        state->candidates = decoders;
        state->best = best_of(state, state->odds);
        int64_t odds = state->odds[state->best];
        *is_settled = odds >= accept && odds - rival(state) >= accept;
        state->candidates = all;
    }
    if (*is_settled) edits->alone |= 1u << state->best;
    return 1;
}

static void settle(walk *state) {
    const mf_run *run = &state->runs[state->best];
    state->floor = state->at = run->end;
    state->meant = run->truncated ? mf_context_at(state->text, run->end) : run->right;
}

int mf_weigh(const mf_text *text, const mf_prior *prior, int64_t weights[MF_DECODERS]) {
    walk state = {.text = text, .prior = prior, .suspect = MF_NONE, .pair = MF_NONE};
    int may_be = 0;
    memset(weights, 0, MF_DECODERS * sizeof *weights);
    while (next_suspect(&state)) {
        MF_FOR_EACH_BIT(decoder, state.candidates) {
            int64_t weight = weight_of(&state, decoder);
            weights[decoder] += weight;
            may_be |= weight > 0 || state.odds[decoder] > prior->accept;
        }
        may_be |= doubtful(&state) != 0;
        if (is_damaged(&state)) settle(&state);
    }
    return may_be;
}

static int32_t clamped(int64_t units) {
    if (units > INT32_MAX) return INT32_MAX;
    return units < INT32_MIN ? INT32_MIN : (int32_t)units;
}

int mf_undo(const mf_text *text, const mf_prior *prior, const int64_t weights[MF_DECODERS],
            const mf_model *model, mf_edits *edits) {
    walk state = {.text = text,
                  .prior = prior,
                  .suspect = MF_NONE,
                  .pair = MF_NONE,
                  .weights = weights,
                  .established = established(prior, weights)};
    while (next_suspect(&state)) {
        int damaged = is_damaged(&state);
        int stranger = state.established && !(state.established >> state.best & 1);
        /* Before a stranger reads what the known decoder cannot, bytes may be lost. */
        if ((!damaged || stranger) && !lost_bytes(&state) && !damaged) {
            int is_settled;
            if (!settle_doubt(&state, model, edits, &is_settled)) return 0;
            if (!is_settled) continue;
        }
        mf_run *run = &state.runs[state.best];
        mf_edit edit = {
            .start = run->start,
            .end = run->end,
            .evidence = run->evidence,
            .odds = clamped(state.odds[state.best]),
            .rival = clamped(rival(&state)),
            .decoder = (uint8_t)state.best,
        };
        if (run->truncated) {
            edit.flags = MF_EDIT_LOSSY;
            if (!mf_edits_add(edits, &edit)) return 0;
        } else {
            size_t first = edits->count;
            if (!mf_cut_run(text, state.best, run, edits, &edit)) return 0;
            for (size_t i = first; i < edits->count; i++) {
                if (mf_proves(text, edits, &edits->edits[i])) continue;
                edits->count = first; /* without proof the whole run stays as observed */
                break;
            }
        }
        settle(&state);
    }
    return 1;
}

int mf_breaks_off(const mf_text *text, const mf_edits *edits) {
    uint32_t decoders = 0;
    for (size_t i = 0; i < edits->count; i++)
        decoders |= 1u << edits->edits[i].decoder;
    size_t at = 0;
    for (size_t i = 0; decoders && i <= edits->count; i++) {
        size_t end = i < edits->count ? edits->edits[i].start : text->length;
        mf_broken found;
        MF_FOR_EACH_BIT(decoder, decoders) {
            if (mf_find_broken(text, (int)decoder, at, end, &found)) return 1;
        }
        if (i < edits->count) at = edits->edits[i].end;
    }
    return 0;
}
