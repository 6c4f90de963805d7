/* Lists that grow: one more item always has its place. */
#ifndef MF_GROWING_H
#define MF_GROWING_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Have place for the item behind `count` others; 0 if memory ran out, and nothing has changed. */
static inline int mf_reserve(void **items, size_t *capacity, size_t count, size_t size) {
    if (count < *capacity) return 1;
    size_t more = *capacity ? *capacity * 2 : 64;
    void *moved = more > SIZE_MAX / size ? NULL : realloc(*items, more * size);
    if (!moved) return 0;
    *items = moved;
    *capacity = more;
    return 1;
}

#define MF_RESERVE(items, capacity, count)                                                         \
    mf_reserve((void **)&(items), &(capacity), (count), sizeof *(items))

#endif
