/* Pieces: what a lattice made of stretches of observed text, and what that is worth. */
#ifndef MF_PIECES_H
#define MF_PIECES_H
#include "model.h"

enum {
    MF_BEFORE = 8, /* code points of the original before a piece, and behind it, with which it is */
    MF_BEHIND = 4, /* priced */
};

/* What was restored of an observed text: of each code point where it starts there, and the flags of
   its place; see lattice.h. */
typedef struct {
    mf_text observed, original;
    const uint32_t *starts;
    const uint8_t *flags;
} mf_reading;

/* A stretch of observed text and its original. Costs are units. */
typedef struct {
    size_t at, end, run_end; /* in the observed text: it, and its run */
    size_t begin, stop;      /* in the original */
    uint32_t restored;       /* code points that do not stay as observed; is found */
    uint32_t strange;        /* ... that are outside the vocabulary, or stay in the run; is found */
    uint64_t written;        /* cost of what is observed, with what stands behind it; is found */
    uint64_t meant, and_rest; /* cost of the original; with what stands behind it; are found */
} mf_piece;

/* Judge pieces. Returns 0 when memory runs out. */
int mf_judge(const mf_model *model, const mf_reading *reading, mf_piece *pieces, size_t count);
#endif
