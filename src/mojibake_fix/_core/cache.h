/* Cache: what a document has said already makes it more probable to be said again.

   Counts of sequences of up to three originals in the document's sure text; their share is mixed
   into the model's probability, the longer context weighing more. */
#ifndef MF_CACHE_H
#define MF_CACHE_H
#include "text.h"

enum { MF_CACHE_CONTEXT = 3 };

typedef struct {
    uint64_t *keys;
    uint32_t *counts;
    size_t used, size; /* size is a power of two */
} mf_cache;

int mf_cache_open(mf_cache *cache);
void mf_cache_free(mf_cache *cache);

/* Count a text, line by line. Returns 0 when memory runs out. */
int mf_cache_add(mf_cache *cache, const mf_text *text);

/* Probability of a code point behind `before` (latest first, 0 is none), given the model's. */
double mf_cache_mix(const mf_cache *cache, const uint32_t before[MF_CACHE_CONTEXT],
                    uint32_t code_point, double probability);
#endif
