#include "edits.h"
#include <stdlib.h>

static int reserve(void **items, size_t *capacity, size_t count, size_t size) {
    if (count < *capacity) return 1;
    size_t more = *capacity ? *capacity * 2 : 64;
    if (more > SIZE_MAX / size) return 0;
    void *moved = realloc(*items, more * size);
    if (!moved) return 0;
    *items = moved;
    *capacity = more;
    return 1;
}

int mf_edits_add(mf_edits *list, const mf_edit *edit) {
    void *items = list->edits;
    if (!reserve(&items, &list->capacity, list->count, sizeof *edit)) return 0;
    list->edits = items;
    list->edits[list->count++] = *edit;
    return 1;
}

int mf_edits_add_original(mf_edits *list, uint32_t code_point) {
    void *items = list->originals;
    if (!reserve(&items, &list->originals_capacity, list->originals_count, sizeof code_point)) {
        return 0;
    }
    list->originals = items;
    list->originals[list->originals_count++] = code_point;
    return 1;
}

void mf_edits_free(mf_edits *list) {
    free(list->edits);
    free(list->originals);
    *list = (mf_edits){0};
}
