/* Lone: a sequence that breaks off in a text where nothing else is damaged. */
#ifndef MF_LONE_H
#define MF_LONE_H
#include "broken.h"
#include "layer.h"
#include "model.h"

/* The broken run of a decoder that holds `at`, as far as it reaches a few words around, if there is
   one that is not probably chance. Words are damaged whole, so no letter beyond ASCII is beside
   damage; and most sequences are whole, or break off behind a continuation. */
int mf_find_lone(const mf_text *text, int decoder, size_t at, mf_broken *found);

/* May such a run be restored: is there an original that has enough evidence under a model? 1 also
   where that would take long to tell: `*lookups` counts those for all runs at a place, from 0 on.
 */
int mf_may_restore(const mf_text *text, int decoder, const mf_broken *run, const mf_prior *prior,
                   const mf_model *model, size_t *lookups);
#endif
