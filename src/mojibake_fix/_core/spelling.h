/* Spelling: what texts cost in the spelling that costs least, as they stand, in small letters, or
   with usual characters in place of half-width kana, circled digits and so on. A model has seen
   few of the others. */
#ifndef MF_SPELLING_H
#define MF_SPELLING_H
#include "model.h"

/* Costs of texts, in units; `change` is what it costs that a word is spelt in another way. Returns
   0 when memory runs out. */
int mf_least_costs(const mf_model *model, const mf_text *texts, size_t count, uint32_t change,
                   uint64_t *costs);
#endif
