/* Unsure: what may stand at the places of a document that are not sure, by what the rescorer says
   of them. */
#ifndef MF_UNSURE_H
#define MF_UNSURE_H
#include "rescore.h"

/* Places of a text, in order, and what may stand there: the most probable one so far, which is what
   the text has, and then the others. */
typedef struct {
    const uint32_t *at;
    const uint32_t *ends;       /* of the candidates of each place */
    const uint32_t *characters; /* candidates */
    const double *posteriors;   /* of each */
    size_t count;               /* places */
} mf_unsure;

/* Weigh what may stand at places, in so many looks, 1 or 2: what the first makes sure counts in the
   second, and so does of the text what has a posterior of `sure` at least. `characters` and
   `posteriors` take all candidates, the best of each place first. Returns 0 when memory runs out.
 */
int mf_weigh_unsure(const mf_rescorer *rescorer, const mf_model *model, const mf_text *text,
                    const mf_unsure *unsure, double sure, int looks, uint32_t *characters,
                    double *posteriors);
#endif
