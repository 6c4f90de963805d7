#include "cache.h"
#include <stdlib.h>

enum {
    FIRST_SIZE = 1 << 10,
    MOST_ENTRIES = 1 << 21,
    ALL = 0x110000, /* stands for any code point */
};

/* How many times a context must have been seen to weigh as much as all shorter ones and the model:
   by its length. Without a context what is frequent in a document says nothing of a place. */
static const double strength[MF_CACHE_CONTEXT] = {2000, 150, 25};

/* The finaliser of MurmurHash3. */
static inline uint64_t mix(uint64_t hash) {
    hash = (hash ^ hash >> 33) * UINT64_C(0xFF51AFD7ED558CCD);
    hash = (hash ^ hash >> 33) * UINT64_C(0xC4CEB9FE1A85EC53);
    return hash ^ hash >> 33;
}

/* Key of a context, and of a code point behind it; never 0. */
static inline uint64_t extended(uint64_t key, uint32_t code_point) {
    return mix(key + code_point + 1) | 1;
}

static inline uint64_t followed(uint64_t key, uint32_t code_point) {
    return mix(key ^ (uint64_t)(code_point + 1) << 40) | 1;
}

static size_t slot_of(const mf_cache *cache, uint64_t key) {
    size_t slot = (size_t)(key >> 1) & (cache->size - 1);
    while (cache->keys[slot] && cache->keys[slot] != key)
        slot = (slot + 1) & (cache->size - 1);
    return slot;
}

int mf_cache_open(mf_cache *cache) {
    *cache = (mf_cache){.size = FIRST_SIZE};
    cache->keys = calloc(FIRST_SIZE, sizeof *cache->keys);
    cache->counts = calloc(FIRST_SIZE, sizeof *cache->counts);
    if (cache->keys && cache->counts) return 1;
    mf_cache_free(cache);
    return 0;
}

void mf_cache_free(mf_cache *cache) {
    free(cache->keys);
    free(cache->counts);
    *cache = (mf_cache){0};
}

static int grow(mf_cache *cache) {
    mf_cache more = {.size = cache->size * 2, .used = cache->used};
    more.keys = calloc(more.size, sizeof *more.keys);
    more.counts = calloc(more.size, sizeof *more.counts);
    if (!more.keys || !more.counts) {
        mf_cache_free(&more);
        return 0;
    }
    for (size_t i = 0; i < cache->size; i++) {
        if (!cache->keys[i]) continue;
        size_t slot = slot_of(&more, cache->keys[i]);
        more.keys[slot] = cache->keys[i];
        more.counts[slot] = cache->counts[i];
    }
    mf_cache_free(cache);
    *cache = more;
    return 1;
}

/* Count a key. A full cache counts only what it knows. */
static int add(mf_cache *cache, uint64_t key) {
    size_t slot = slot_of(cache, key);
    if (!cache->keys[slot]) {
        if (cache->used >= MOST_ENTRIES) return 1;
        if (cache->used * 2 >= cache->size) {
            if (!grow(cache)) return 0;
            slot = slot_of(cache, key);
        }
        cache->keys[slot] = key;
        cache->used++;
    }
    if (cache->counts[slot] < UINT32_MAX) cache->counts[slot]++;
    return 1;
}

static inline uint32_t count_of(const mf_cache *cache, uint64_t key) {
    size_t slot = slot_of(cache, key);
    return cache->keys[slot] ? cache->counts[slot] : 0;
}

int mf_cache_add(mf_cache *cache, const mf_text *text) {
    size_t line = 0;
    for (size_t i = 0; i < text->length; i++) {
        uint32_t code_point = mf_at(text, i);
        if (code_point == '\n') {
            line = i + 1;
            continue;
        }
        uint64_t context = 0;
        for (size_t length = 1; length <= MF_CACHE_CONTEXT && length <= i - line; length++) {
            context = extended(context, mf_at(text, i - length));
            if (!add(cache, extended(context, ALL)) || !add(cache, followed(context, code_point))) {
                return 0;
            }
        }
    }
    return 1;
}

double mf_cache_mix(const mf_cache *cache, const uint32_t before[MF_CACHE_CONTEXT],
                    uint32_t code_point, double probability) {
    uint64_t context = 0;
    for (size_t length = 0; length < MF_CACHE_CONTEXT && before[length]; length++) {
        context = extended(context, before[length]);
        uint32_t seen = count_of(cache, extended(context, ALL));
        if (!seen) break;
        uint32_t here = count_of(cache, followed(context, code_point));
        probability = (here + strength[length] * probability) / (seen + strength[length]);
    }
    return probability;
}
