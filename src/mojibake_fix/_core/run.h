/* Run: a stretch of observed text whose characters are all images under one decoder, cut into
   the whole sequences that it holds and what is left over beside them. */
#ifndef MF_RUN_H
#define MF_RUN_H
#include "edits.h"
#include "evidence.h"

typedef struct {
    size_t start, end; /* code points */
    mf_context left;   /* what was meant to stand before it */
    mf_context right;  /* what was meant to stand at its end */
    int64_t evidence;  /* units: of its whole sequences, that they were damaged and not written */
    int64_t lost;      /* units: the same of its truncated sequences */
    size_t strays;     /* what is left over in it, and letters beside it */
    int truncated;     /* holds a lead without all its continuations: bytes may be lost */
} mf_run;

/* Set start and end of the run of `decoder` around `at`, which does not reach before `floor`.
   Returns those of the decoders `alike` that have the same run, with the same bytes. */
uint32_t mf_bound_run(const mf_text *text, int decoder, size_t floor, size_t at, uint32_t alike,
                      mf_run *run);

/* Cut a run whose start, end and left are set, and weigh it. If `edits` is not NULL, add an edit
   for every stretch of whole sequences, odds and rival taken from `like`. Returns 0 when memory
   runs out. */
int mf_cut_run(const mf_text *text, int decoder, mf_run *run, mf_edits *edits, const mf_edit *like);

/* Proof: does an edit's original, damaged again, give exactly what was observed? */
int mf_proves(const mf_text *text, const mf_edits *edits, const mf_edit *edit);
#endif
