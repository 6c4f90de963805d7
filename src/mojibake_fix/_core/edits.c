#include "edits.h"
#include "growing.h"

int mf_edits_add(mf_edits *list, const mf_edit *edit) {
    if (!MF_RESERVE(list->edits, list->capacity, list->count)) return 0;
    list->edits[list->count++] = *edit;
    return 1;
}

int mf_edits_add_original(mf_edits *list, uint32_t code_point) {
    if (!MF_RESERVE(list->originals, list->originals_capacity, list->originals_count)) return 0;
    list->originals[list->originals_count++] = code_point;
    return 1;
}

void mf_edits_free(mf_edits *list) {
    free(list->edits);
    free(list->originals);
    *list = (mf_edits){0};
}
