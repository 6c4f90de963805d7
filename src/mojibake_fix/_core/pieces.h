/* Pieces: stretches of observed text, joined with what is known around them, and what a lattice
   made of them, and what that is worth. */
#ifndef MF_PIECES_H
#define MF_PIECES_H
#include "edits.h"
#include "model.h"

/* An observed text, and the same with its lossless spans undone. */
typedef struct {
    mf_text observed, text;
    const mf_edits *edits;
} mf_known;

/* A stretch of observed text, and where it is in the text of what is known. */
typedef struct {
    size_t start, end;  /* in what is observed */
    size_t begin, stop; /* in what is known */
    size_t at;          /* in what is joined */
} mf_joint;

/* Join stretches, which are in order, with up to `context` code points of what is known on both
   sides of them: those that are near each other in one line, others behind line ends. `begin`,
   `stop` and `at` are found. `text` takes as many code points as all stretches have, and two
   contexts and one more for each and for all; `given` takes 1 of what is known, else 0. Returns the
   length. */
size_t mf_join(const mf_known *known, mf_joint *joints, size_t count, size_t context,
               uint32_t *text, uint8_t *given);

/* Part of a text, and of another one that takes its place. */
typedef struct {
    size_t start, end, from, to;
} mf_exchange;

/* Put parts of another text, as many as there are, into a text, of which they are in order; `begin`
   takes where each begins there. `out` takes as many code points as both have. Returns the length.
 */
size_t mf_exchange_parts(const mf_text *text, const mf_text *other, const mf_exchange *parts,
                         size_t count, uint32_t *out, size_t *begins);

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
    size_t worth;            /* letters as much as which the original may cost; is found */
    uint64_t written;        /* cost of what is observed, with what stands behind it; is found */
    uint64_t meant, and_rest; /* cost of the original; with what stands behind it; are found */
} mf_piece;

/* Find where the originals of pieces, which are in order, begin and end. */
void mf_place_originals(const uint32_t *starts, size_t length, mf_piece *pieces, size_t count);

/* Judge pieces. Returns 0 when memory runs out. */
int mf_judge(const mf_model *model, const mf_reading *reading, mf_piece *pieces, size_t count);
#endif
