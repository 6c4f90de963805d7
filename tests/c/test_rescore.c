/* The rescorer by itself: `test_rescore FILE MODEL ROUNDS` opens FILE as it is, cut short and with
   bytes changed, and weighs doubts in random text with whatever still opens. Built with sanitizers.
 */
#include "check.h"
#include "unsure.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Gains are the same whether doubts are weighed together or one by one. */
static void weigh(const mf_rescorer *rescorer) {
    enum { LENGTH = 300, DOUBTS = 40 };
    size_t length = below(8) ? below(LENGTH) + 1 : 1;
    uint16_t *ids = malloc((length + 2 * MF_FAR) * sizeof *ids);
    uint8_t *known = malloc(length);
    mf_doubt doubts[DOUBTS] = {0};
    int32_t together[DOUBTS * MF_CANDIDATES], alone[MF_CANDIDATES];
    CHECK(ids && known);
    uint32_t alphabet = below(3) ? 5 : rescorer->ids;
    for (size_t i = 0; i < length + 2 * MF_FAR; i++)
        ids[i] = (uint16_t)below(alphabet);
    for (size_t i = 0; i < length; i++)
        known[i] = below(8) > 0;
    size_t count = 0;
    for (size_t at = below(4); at < length && count < DOUBTS; at += 1 + below(9)) {
        doubts[count].at = (uint32_t)at;
        uint32_t candidates = below(MF_CANDIDATES + 1);
        for (uint32_t i = 0; i < candidates; i++)
            doubts[count].candidates[i] = (uint16_t)below(alphabet);
        count++;
    }
    static int16_t said[DOUBTS][MF_OUTPUTS], again[1][MF_OUTPUTS];
    uint8_t kept[DOUBTS];
    mf_ask(rescorer, ids + MF_FAR, doubts, count, NULL, said);
    for (size_t i = 0; i < count; i++) {
        kept[i] = below(2) > 0;
        if (!kept[i]) memset(said[i], 1, sizeof said[i]);
    }
    mf_ask(rescorer, ids + MF_FAR, doubts, count, kept, said);
    CHECK(mf_rescore(rescorer, ids + MF_FAR, known, length, doubts, count,
                     (const int16_t (*)[MF_OUTPUTS])said, together));
    for (size_t i = 0; i < count; i++) {
        mf_ask(rescorer, ids + MF_FAR, &doubts[i], 1, NULL, again);
        CHECK(!memcmp(again[0], said[i], sizeof said[i]));
        CHECK(mf_rescore(rescorer, ids + MF_FAR, known, length, &doubts[i], 1,
                         (const int16_t (*)[MF_OUTPUTS])again, alone));
        for (int c = 0; c < MF_CANDIDATES && doubts[i].candidates[c]; c++)
            CHECK(alone[c] == together[i * MF_CANDIDATES + (size_t)c]);
    }
    free(ids);
    free(known);
}

/* What may stand at places stays as probable in sum, and is sorted. */
static void weigh_unsure(const mf_rescorer *rescorer, const mf_model *model) {
    enum { LENGTH = 200, PLACES = 20, ALL = PLACES * MF_CANDIDATES };
    static uint32_t code_points[LENGTH], at[PLACES], ends[PLACES], characters[ALL], best[ALL];
    static double posteriors[ALL], weighed[ALL];
    const mf_text text = {code_points, 1 + below(LENGTH), 4};
    mf_unsure unsure = {at, ends, characters, posteriors, 0};
    for (size_t i = 0; i < text.length; i++)
        code_points[i] = below(4) ? 0x4E00 + below(300) : below(0x110000);
    uint32_t end = 0;
    for (size_t place = below(4); place < text.length && unsure.count < PLACES;
         place += 1 + below(9)) {
        for (uint32_t i = 0, candidates = 1 + below(MF_CANDIDATES); i < candidates; i++, end++) {
            characters[end] = i ? below(0x110000) : code_points[place];
            posteriors[end] = (1 + below(1000)) / (1000.0 * candidates);
        }
        at[unsure.count] = (uint32_t)place;
        ends[unsure.count++] = end;
    }
    for (int looks = 1; looks <= 2; looks++) {
        CHECK(mf_weigh_unsure(rescorer, model, &text, &unsure, 0.9, looks, best, weighed));
        for (uint32_t i = 0, first = 0; i < unsure.count; first = ends[i++]) {
            double before = 0, behind = 0;
            for (uint32_t j = first; j < ends[i]; j++) {
                before += posteriors[j];
                behind += weighed[j];
                CHECK(weighed[j] >= 0 && (j == first || weighed[j] <= weighed[j - 1]));
            }
            CHECK(looks == 2 || fabs(before - behind) < 1e-9);
        }
    }
}

/* Open a copy in memory of exactly its size. */
static int opens(const uint8_t *bytes, size_t size, const file *model) {
    uint8_t *exact = malloc(size ? size : 1);
    CHECK(exact);
    if (size) memcpy(exact, bytes, size);
    mf_rescorer rescorer;
    const char *wrong = mf_rescorer_open(&rescorer, exact, size, model->bytes, model->size);
    mf_model ngrams;
    CHECK(!mf_model_open(&ngrams, model->bytes, model->size));
    if (!wrong) weigh(&rescorer);
    if (!wrong && rescorer.ids == ngrams.ids) weigh_unsure(&rescorer, &ngrams);
    mf_rescorer_free(&rescorer);
    free(exact);
    return !wrong;
}

int main(int count, char **arguments) {
    CHECK(count == 4);
    file whole = read_file(arguments[1]), model = read_file(arguments[2]);
    uint8_t *changed = malloc(whole.size + 1);
    CHECK(changed);
    CHECK(opens(whole.bytes, whole.size, &model));
    enum { HEAD = 828 };
    for (size_t cut = 0; cut < whole.size; cut += cut < HEAD ? 1 : 9973)
        CHECK(!opens(whole.bytes, cut, &model));
    memcpy(changed, whole.bytes, whole.size);
    changed[whole.size] = 0;
    CHECK(!opens(changed, whole.size + 1, &model));
    long rounds = strtol(arguments[3], NULL, 10);
    for (current_round = 1; current_round <= rounds; current_round++) {
        memcpy(changed, whole.bytes, whole.size);
        for (uint32_t changes = below(8) ? 1 + below(60) : 0; changes; changes--) {
            size_t at = below(2) ? 88 + below(HEAD) : 108 + below((uint32_t)whole.size - 108);
            changed[at] = (uint8_t)(below(3) ? changed[at] ^ 1U << below(8) : below(256));
        }
        opens(changed, whole.size, &model);
    }
    free(changed);
    free(whole.bytes);
    free(model.bytes);
    return 0;
}
