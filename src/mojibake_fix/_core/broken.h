/* Broken: runs of sequences of one decoder in which at least one breaks off, as bytes were lost. */
#ifndef MF_BROKEN_H
#define MF_BROKEN_H
#include "edits.h"
#include "text.h"

typedef struct {
    size_t start, end;    /* code points */
    size_t rest;          /* end of what may be folded images behind it */
    size_t whole, broken; /* sequences */
    size_t bare;          /* those of which nothing but the lead is left */
} mf_broken;

/* Where the sequence that begins at a lead ends, with what stands for bytes that it lost; sets
   whether it is broken. */
size_t mf_pass_sequence(const mf_text *text, int decoder, size_t at, size_t end, int *is_broken);

/* Find the first broken run of a decoder within [at, end). For a byte that was lost there may
   stand U+FFFD, `?`, or up to three signs that images are folded to. Returns 0 if there is none. */
int mf_find_broken(const mf_text *text, int decoder, size_t at, size_t end, mf_broken *found);

/* Where what may be folded images behind a run ends, before `limit`. */
size_t mf_broken_rest(const mf_text *text, int decoder, size_t run_end, size_t limit);

/* Lossy runs of one decoder that touch, as one. */
typedef struct {
    size_t start, end; /* with what may be folded images behind it */
    size_t run_end;
    uint8_t decoder;
} mf_lossy;

/* Find the lossy runs of a text: no more than there are edits. Returns their number. */
size_t mf_find_lossy(const mf_text *text, const mf_edits *edits, mf_lossy *pieces);
#endif
