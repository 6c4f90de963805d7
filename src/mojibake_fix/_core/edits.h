/* Edits: a growing list of spans of observed text with what they were meant to be. */
#ifndef MF_EDITS_H
#define MF_EDITS_H
#include <stddef.h>
#include <stdint.h>

enum {
    MF_EDIT_LOSSY = 1,      /* bytes were lost: the span stays as observed */
    MF_EDIT_SURROGATES = 2, /* the source was CESU-8 */
    MF_EDIT_NULLS = 4,      /* the source was Java's modified UTF-8 */
};

typedef struct {
    size_t start, end;      /* observed code points */
    size_t original, count; /* its code points in `originals` */
    int64_t evidence;       /* units of 1/8 nat */
    int32_t odds, rival;    /* units: log posterior odds, and those of the best rival reading */
    uint8_t decoder, flags;
} mf_edit;

typedef struct {
    mf_edit *edits;
    size_t count, capacity;
    uint32_t *originals;
    size_t originals_count, originals_capacity;
    int is_untold;  /* more may be found with a language model */
    uint32_t alone; /* decoders that were accepted by a run alone, a bit for each */
} mf_edits;

/* Both return 0 when memory runs out, and leave the list as it was. */
int mf_edits_add(mf_edits *list, const mf_edit *edit);
int mf_edits_add_original(mf_edits *list, uint32_t code_point);

void mf_edits_free(mf_edits *list);
#endif
