#include "unsure.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is weighed at one time. */
typedef struct {
    const mf_unsure *unsure;
    uint16_t *ids;  /* of the text, with line ends around it */
    uint8_t *known; /* may a code point tell of others? */
    mf_doubt *doubts;
    int16_t (*said)[MF_OUTPUTS]; /* by the network, of each place */
    uint8_t *kept;               /* need the network not be asked again? */
    int32_t *gains;
} weighing;

static size_t first_of(const mf_unsure *unsure, size_t place) {
    return place ? unsure->ends[place - 1] : 0;
}

static size_t count_of(const mf_unsure *unsure, size_t place) {
    return unsure->ends[place] - first_of(unsure, place);
}

static int open_weighing(weighing *opened, const mf_model *model, const mf_text *text,
                         const mf_unsure *unsure) {
    size_t count = unsure->count, around = text->length + 2 * MF_FAR;
    *opened = (weighing){
        .unsure = unsure,
        .ids = malloc(around * sizeof *opened->ids),
        .known = malloc(text->length + 1),
        .doubts = calloc(count + 1, sizeof *opened->doubts),
        .said = malloc((count + 1) * sizeof *opened->said),
        .kept = calloc(count + 1, 1),
        .gains = malloc((count + 1) * MF_CANDIDATES * sizeof *opened->gains),
    };
    if (!opened->ids || !opened->known || !opened->doubts || !opened->said || !opened->kept ||
        !opened->gains) {
        return 0;
    }
    memset(opened->known, 1, text->length);
    for (size_t i = 0; i < around; i++) {
        int is_inside = i >= MF_FAR && i < text->length + MF_FAR;
        opened->ids[i] =
            is_inside ? (uint16_t)mf_model_id(model, mf_at(text, i - MF_FAR)) : MF_MODEL_LINE;
    }
    for (size_t i = 0; i < count; i++) {
        int known = 0;
        opened->doubts[i].at = unsure->at[i];
        for (size_t j = first_of(unsure, i); j < unsure->ends[i]; j++) {
            uint32_t id = mf_model_id(model, unsure->characters[j]);
            if (id != MF_MODEL_UNKNOWN) opened->doubts[i].candidates[known++] = (uint16_t)id;
        }
    }
    return 1;
}

static void close_weighing(weighing *opened) {
    free(opened->ids);
    free(opened->known);
    free(opened->doubts);
    free(opened->said);
    free(opened->kept);
    free(opened->gains);
}

/* Give the candidates of a place their posteriors, each times what is gained in log probability,
   with the same sum as before. Of what nothing was learnt gains as little as the others do at
   least. */
static void gain(const mf_model *model, const mf_unsure *unsure, size_t place, const int32_t *gains,
                 double *posteriors) {
    size_t first = first_of(unsure, place), count = count_of(unsure, place);
    const double *given = unsure->posteriors + first;
    int32_t gained[MF_CANDIDATES], least = 0, most = MF_NO_WORD;
    for (size_t i = 0, known = 0; i < count; i++) {
        uint32_t id = mf_model_id(model, unsure->characters[first + i]);
        gained[i] = id == MF_MODEL_UNKNOWN ? MF_NO_WORD : gains[known++];
        if (gained[i] == MF_NO_WORD) continue;
        if (most == MF_NO_WORD || gained[i] < least) least = gained[i];
        if (gained[i] > most) most = gained[i];
    }
    double before = 0, behind = 0;
    for (size_t k = 0; k < count; k++) {
        size_t i = (k + 1) % count; /* what the text has comes last */
        int32_t units = gained[i] == MF_NO_WORD ? least : gained[i];
        if (most != MF_NO_WORD) units -= most;
        posteriors[first + i] = given[i] * exp((double)units / MF_MODEL_UNITS_PER_NAT);
        before += given[i];
        behind += posteriors[first + i];
    }
    for (size_t i = 0; i < count; i++) {
        posteriors[first + i] = behind > 0 ? posteriors[first + i] * (before / behind) : given[i];
    }
}

/* The candidate that is the most probable one; what the text has only if it is more so. */
static size_t best_of(const mf_unsure *unsure, size_t place, const double *posteriors) {
    size_t first = first_of(unsure, place), best = first;
    for (size_t i = first + 1; i < unsure->ends[place]; i++) {
        if (posteriors[i] > posteriors[best] ||
            (best == first && posteriors[i] == posteriors[best]))
            best = i;
    }
    return best;
}

static int look(const mf_rescorer *rescorer, const mf_model *model, size_t length, weighing *opened,
                double *posteriors) {
    const mf_unsure *unsure = opened->unsure;
    const uint16_t *ids = opened->ids + MF_FAR;
    mf_ask(rescorer, ids, opened->doubts, unsure->count, opened->kept, opened->said);
    if (!mf_rescore(rescorer, ids, opened->known, length, opened->doubts, unsure->count,
                    (const int16_t (*)[MF_OUTPUTS])opened->said, opened->gains)) {
        return 0;
    }
    for (size_t i = 0; i < unsure->count; i++)
        gain(model, unsure, i, opened->gains + i * MF_CANDIDATES, posteriors);
    return 1;
}

/* Put the best candidates into the text. Where none of them is another one than before, as far as
   the network looks, it need not be asked again. */
static void believe(const mf_model *model, weighing *opened, const double *posteriors,
                    double sure) {
    const mf_unsure *unsure = opened->unsure;
    memset(opened->kept, 1, unsure->count);
    for (size_t i = 0; i < unsure->count; i++) {
        size_t best = best_of(unsure, i, posteriors);
        opened->known[unsure->at[i]] = posteriors[best] >= sure;
        if (best == first_of(unsure, i)) continue;
        opened->ids[MF_FAR + unsure->at[i]] =
            (uint16_t)mf_model_id(model, unsure->characters[best]);
        for (size_t j = i; j-- > 0 && unsure->at[i] - unsure->at[j] <= MF_FAR;)
            opened->kept[j] = 0;
        for (size_t j = i + 1; j < unsure->count && unsure->at[j] - unsure->at[i] <= MF_FAR; j++)
            opened->kept[j] = 0;
    }
}

/* Leave the best candidate of a place at least half the doubt that it had before: else guesses that
   are alike would make each other sure. */
static void doubt(const mf_unsure *unsure, size_t place, const double *before, double *posteriors) {
    size_t first = first_of(unsure, place), best = best_of(unsure, place, posteriors);
    double least = (1 + before[best - first]) / 2;
    if (posteriors[best] <= least) return;
    for (size_t i = first; i < unsure->ends[place]; i++)
        posteriors[i] = i == best ? least : before[i - first] / 2;
}

/* Put the candidates of a place in order, the best first; of those that are alike what the text has
   comes last. */
static void sort(const mf_unsure *unsure, size_t place, uint32_t *characters, double *posteriors) {
    size_t first = first_of(unsure, place), count = count_of(unsure, place);
    double sorted[MF_CANDIDATES];
    for (size_t k = 0; k < count; k++) {
        size_t i = (k + 1) % count, to = k;
        for (; to > 0 && sorted[to - 1] < posteriors[first + i]; to--) {
            sorted[to] = sorted[to - 1];
            characters[first + to] = characters[first + to - 1];
        }
        sorted[to] = posteriors[first + i];
        characters[first + to] = unsure->characters[first + i];
    }
    memcpy(posteriors + first, sorted, count * sizeof *sorted);
}

int mf_weigh_unsure(const mf_rescorer *rescorer, const mf_model *model, const mf_text *text,
                    const mf_unsure *unsure, double sure, int looks, uint32_t *characters,
                    double *posteriors) {
    weighing opened;
    size_t count = unsure->count, candidates = count ? unsure->ends[count - 1] : 0;
    double *before = malloc((candidates + 1) * sizeof *before);
    int ok = open_weighing(&opened, model, text, unsure) && before;
    for (size_t i = 0; ok && i < count; i++)
        opened.known[unsure->at[i]] = unsure->posteriors[first_of(unsure, i)] >= sure;
    ok = ok && look(rescorer, model, text->length, &opened, posteriors);
    if (ok && looks > 1) {
        memcpy(before, posteriors, candidates * sizeof *before);
        believe(model, &opened, before, sure);
        ok = look(rescorer, model, text->length, &opened, posteriors);
        for (size_t i = 0; ok && i < count; i++)
            doubt(unsure, i, before + first_of(unsure, i), posteriors);
    }
    for (size_t i = 0; ok && i < count; i++)
        sort(unsure, i, characters, posteriors);
    close_weighing(&opened);
    free(before);
    return ok;
}
