#include "pieces.h"
#include "lattice.h"
#include <stdlib.h>

enum { REPLACEMENT = 0xFFFD };

static void count_places(const mf_reading *reading, mf_piece *piece) {
    for (size_t i = piece->begin; i < piece->stop; i++) {
        uint32_t original = mf_at(&reading->original, i);
        int is_literal = reading->flags[i] & MF_LITERAL;
        piece->restored += !is_literal;
        piece->strange += reading->flags[i] & MF_UNKNOWN || original == REPLACEMENT ||
                          (is_literal && reading->starts[i] < piece->run_end && original >= 0x80);
    }
}

int mf_judge(const mf_model *model, const mf_reading *reading, mf_piece *pieces, size_t count) {
    mf_model_passage *passages = malloc((2 * count + 1) * sizeof *passages);
    if (!passages) return 0;
    size_t length = reading->original.length;
    for (size_t i = 0; i < count; i++) {
        mf_piece *piece = &pieces[i];
        count_places(reading, piece);
        size_t before = piece->begin > MF_BEFORE ? piece->begin - MF_BEFORE : 0;
        size_t behind = length - piece->stop > MF_BEHIND ? piece->stop + MF_BEHIND : length;
        mf_text original = mf_part(&reading->original, piece->begin, piece->stop);
        mf_text observed = mf_part(&reading->observed, piece->at, piece->end);
        for (size_t j = 0; j < 2; j++) {
            passages[2 * i + j] = (mf_model_passage){
                .parts = {mf_part(&reading->original, before, piece->begin),
                          j ? original : observed,
                          mf_part(&reading->original, piece->stop, behind)},
            };
        }
    }
    mf_model_read(model, passages, 2 * count);
    for (size_t i = 0; i < count; i++) {
        const mf_model_passage *written = &passages[2 * i], *meant = written + 1;
        pieces[i].written = written->cost + written->rest;
        pieces[i].meant = meant->cost;
        pieces[i].and_rest = meant->cost + meant->rest;
    }
    free(passages);
    return 1;
}
