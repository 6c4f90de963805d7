/* Fuse: the tables of cells that models and lexicons are looked up in; how they are filled. */
#ifndef FUSE_H
#define FUSE_H
#include "model.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 64 }; /* seeds to try for a table */

static inline void *get(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size);
    if (!memory) abort();
    return memory;
}

typedef struct {
    uint64_t *hashes; /* before the kind is added */
    uint8_t *kinds, *values;
    uint32_t count;
} keys;

/* Shape of a table for so many keys: Graf and Lemire 2022, section 4. */
static inline void fuse_shape(uint32_t found, uint32_t *reach, uint32_t *segment) {
    double count = found < 1000 ? 1000 : found;
    *segment = 1U << (uint32_t)floor(log(count) / log(3.33) + 2.25);
    double wanted = count * fmax(1.125, 0.875 + 0.25 * log(1e6) / log(count));
    uint32_t segments = (uint32_t)ceil(wanted / *segment);
    *reach = (segments > 3 ? segments - 2 : 1) * *segment;
}

/* Fill the table so that the cells of each key give its value, by taking away again and again a
   key that has a cell for itself. Returns 0 if some keys stand in each other's way. */
static inline int fuse_fill(const keys *list, uint32_t reach, uint32_t segment, uint16_t *cells) {
    size_t size = (size_t)reach + 2 * (size_t)segment;
    uint32_t *keys_at = get(size, sizeof *keys_at), *one_of = get(size, sizeof *one_of);
    uint32_t *alone = get(size, sizeof *alone);
    uint32_t *order = get(list->count, sizeof *order), *cell = get(list->count, sizeof *cell);
    uint32_t waiting = 0, done = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        mf_model_place place =
            mf_model_find(mf_model_key(list->hashes[i], list->kinds[i]), reach, segment);
        for (int j = 0; j < 3; j++) {
            keys_at[place.cell[j]]++;
            one_of[place.cell[j]] ^= i; /* the key itself once it is the only one */
        }
    }
    for (uint32_t i = 0; i < size; i++) {
        if (keys_at[i] == 1) alone[waiting++] = i;
    }
    while (waiting) {
        uint32_t at = alone[--waiting];
        if (keys_at[at] != 1) continue;
        uint32_t key = one_of[at];
        order[done] = key;
        cell[done++] = at;
        mf_model_place place =
            mf_model_find(mf_model_key(list->hashes[key], list->kinds[key]), reach, segment);
        for (int j = 0; j < 3; j++) {
            keys_at[place.cell[j]]--;
            one_of[place.cell[j]] ^= key;
            if (keys_at[place.cell[j]] == 1) alone[waiting++] = place.cell[j];
        }
    }
    memset(cells, 0, size * sizeof *cells);
    for (uint32_t i = done; i-- > 0;) {
        uint32_t key = order[i];
        mf_model_place place =
            mf_model_find(mf_model_key(list->hashes[key], list->kinds[key]), reach, segment);
        uint16_t others = cells[place.cell[0]] ^ cells[place.cell[1]] ^ cells[place.cell[2]];
        cells[cell[i]] = (uint16_t)(others ^ place.mark ^ list->values[key]);
    }
    free(keys_at);
    free(one_of);
    free(alone);
    free(order);
    free(cell);
    return done == list->count;
}

/* Seeds enter the hash of a key linearly: add what a seed adds to a hash of `order` ids. */
static inline uint64_t seed_term(uint64_t seed, int order) {
    for (int i = 0; i < order; i++)
        seed *= UINT64_C(0x9E3779B97F4A7C15);
    return seed;
}
#endif
