/* Layer: find what one wrong decoder did to a text, and undo it. Policy stays with the caller,
   who reads the votes of the whole text and sets the prior. */
#ifndef MF_LAYER_H
#define MF_LAYER_H
#include "edits.h"
#include "model.h"
#include "tables.h"
#include "text.h"

/* What the caller believes before it sees a suspect, in units of 1/8 nat. */
typedef struct {
    int32_t log_odds[MF_DECODERS];   /* that a suspect of this decoder is damaged */
    int32_t preference[MF_DECODERS]; /* between decoders that explain a run equally well */
    int32_t accept;                  /* log posterior odds from which a run counts as damaged */
    int32_t misfit;                  /* by how much clean text may happen to look damaged */
    int32_t most;                    /* what one run can tell of its document at most */
    int32_t stranger;  /* what a decoder loses at most where another one did the damage */
    int32_t favour;    /* log odds of damage at most, in a document that is damaged throughout */
    int32_t loss;      /* what it costs that bytes were lost */
    int32_t most_lone; /* what the original of a lone run may cost by letter */
    int32_t literal;   /* what it costs that a code point beyond ASCII in it stands as written */
    int32_t agreed;    /* evidence of classes and a language model, in the mean, for a run alone */
} mf_prior;

/* Add up, by decoder, what the runs of a text tell of it: evidence from `misfit` to `most` speaks
   for a decoder, evidence against damage speaks against it. Units. Returns 0 if nothing is to be
   undone then: no run speaks for a decoder, is accepted by itself, or leaves a doubt. */
int mf_weigh(const mf_text *text, const mf_prior *prior, int64_t weights[MF_DECODERS]);

/* List the edits that undo one layer, in order. A run is judged by its own evidence and by the
   weights of all other runs; what leaves a doubt where nothing else is damaged, by a language model
   as well, or left if that is NULL. Returns 0 when memory runs out. */
int mf_undo(const mf_text *text, const mf_prior *prior, const int64_t weights[MF_DECODERS],
            const mf_model *model, mf_edits *edits);

/* Does a sequence break off outside the edits, under a decoder that one of them names? */
int mf_breaks_off(const mf_text *text, const mf_edits *edits);
#endif
