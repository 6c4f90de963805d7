/* The model's look-ups by themselves: `test_model FILE ROUNDS` opens FILE as it is, cut short and
   with bytes changed, and reads random text with whatever still opens. Built with sanitizers. */
#include "check.h"
#include "model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_text(const mf_model *model) {
    enum { CANDIDATES = 20 };
    mf_model_state state, same, behind;
    mf_model_start(model, &state);
    for (int i = 0; i < 50; i++) {
        uint16_t ids[CANDIDATES];
        uint32_t costs[CANDIDATES];
        uint8_t matched[CANDIDATES];
        for (int j = 0; j < CANDIDATES; j++) {
            uint32_t code_point = below(4) ? below(0x3000) : below(0x120000);
            ids[j] = (uint16_t)(below(50) ? mf_model_id(model, code_point) : below(0x10000));
        }
        mf_model_costs(model, &state, ids, CANDIDATES, costs, matched);
        uint32_t pairs[CANDIDATES];
        uint8_t known[CANDIDATES];
        for (int j = 0; j < CANDIDATES; j++)
            pairs[j] = mf_model_pair(state.ids[0], ids[j]);
        mf_model_know(model, pairs, CANDIDATES, known);
        for (int j = 0; j < CANDIDATES; j++) {
            CHECK(!state.length || known[j] == (matched[j] > 0));
            if (!matched[j] && ids[j] < model->ids) {
                CHECK(costs[j] >= mf_model_alone(model, ids[j]));
            }
            same = state;
            CHECK(mf_model_cost(model, &state, ids[j], NULL) == costs[j]);
            CHECK(mf_model_cost(model, &state, ids[j], &behind) == costs[j]);
            CHECK(mf_model_cost(model, &same, ids[j], &same) == costs[j]);
            CHECK(!memcmp(&same, &behind, sizeof same));
            CHECK(matched[j] <= state.length);
            mf_model_follow(model, &state, ids[j], matched[j], &same);
            CHECK(!memcmp(&same, &behind, sizeof same));
            CHECK(behind.length <= MF_MODEL_CONTEXT);
        }
        mf_model_cost(model, &state, UINT32_MAX, &same);
        state = behind;
    }
}

/* Passages that are read together cost what each costs by itself. */
static void read_passages(const mf_model *model) {
    enum { PASSAGES = 20, LENGTH = 30 };
    static uint32_t texts[PASSAGES][LENGTH];
    mf_model_passage passages[PASSAGES];
    for (int i = 0; i < PASSAGES; i++) {
        for (int j = 0; j < LENGTH; j++)
            texts[i][j] = below(4) ? below(0x500) : below(0x110000);
        const mf_text text = {texts[i], below(LENGTH + 1), 4};
        size_t stop = below((uint32_t)text.length + 1), start = below((uint32_t)stop + 1);
        passages[i] = (mf_model_passage){
            .parts = {mf_part(&text, 0, start), mf_part(&text, start, stop),
                      mf_part(&text, stop, text.length)},
        };
    }
    mf_model_read(model, passages, PASSAGES);
    for (int i = 0; i < PASSAGES; i++) {
        uint64_t cost, rest;
        mf_model_state state;
        mf_model_start(model, &state);
        const mf_text *parts = passages[i].parts;
        const uint32_t *part = texts[i] + parts[0].length;
        mf_model_text_cost(model, &state, texts[i], parts[0].length);
        cost = mf_model_text_cost(model, &state, part, parts[1].length);
        rest = mf_model_text_cost(model, &state, part + parts[1].length, parts[2].length);
        CHECK(passages[i].cost == cost && passages[i].rest == rest);
    }
}

/* Open a copy in memory of exactly its size. */
static int opens(const uint8_t *bytes, size_t size) {
    uint8_t *exact = malloc(size ? size : 1);
    CHECK(exact);
    if (size) memcpy(exact, bytes, size);
    mf_model model;
    const char *wrong = mf_model_open(&model, exact, size);
    if (!wrong) {
        read_text(&model);
        read_passages(&model);
    }
    free(exact);
    return !wrong;
}

int main(int count, char **arguments) {
    CHECK(count == 3);
    file whole = read_file(arguments[1]);
    uint8_t *changed = malloc(whole.size + 2);
    CHECK(changed && opens(whole.bytes, whole.size));
    enum { HEAD = 1144 };
    for (size_t cut = 0; cut < whole.size; cut += cut < HEAD ? 1 : 997)
        CHECK(!opens(whole.bytes, cut));
    memcpy(changed, whole.bytes, whole.size);
    CHECK(!opens(changed, whole.size + 2));
    long rounds = strtol(arguments[2], NULL, 10);
    for (current_round = 1; current_round <= rounds; current_round++) {
        memcpy(changed, whole.bytes, whole.size);
        for (uint32_t changes = 1 + below(4); changes; changes--) {
            size_t at = below(2) ? 56 + below(64) : below((uint32_t)whole.size);
            changed[at] = (uint8_t)(below(3) ? changed[at] ^ 1U << below(8) : below(256));
        }
        opens(changed, whole.size);
    }
    free(whole.bytes);
    free(changed);
    return 0;
}
