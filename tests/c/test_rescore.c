/* The rescorer by itself: `test_rescore FILE MODEL ROUNDS` opens FILE as it is, cut short and with
   bytes changed, and weighs doubts in random text with whatever still opens. Built with sanitizers.
 */
#include "rescore.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                                \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static uint64_t random_state = 1;

static uint32_t below(uint32_t limit) {
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)((random_state >> 33) % limit);
}

typedef struct {
    uint8_t *bytes;
    size_t size;
} file;

static file read_file(const char *name) {
    FILE *opened = fopen(name, "rb");
    CHECK(opened && !fseek(opened, 0, SEEK_END));
    file read = {NULL, (size_t)ftell(opened)};
    rewind(opened);
    read.bytes = malloc(read.size);
    CHECK(read.bytes && fread(read.bytes, 1, read.size, opened) == read.size);
    fclose(opened);
    return read;
}

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

/* Open a copy in memory of exactly its size. */
static int opens(const uint8_t *bytes, size_t size, const file *model) {
    uint8_t *exact = malloc(size ? size : 1);
    CHECK(exact);
    if (size) memcpy(exact, bytes, size);
    mf_rescorer rescorer;
    const char *wrong = mf_rescorer_open(&rescorer, exact, size, model->bytes, model->size);
    if (!wrong) weigh(&rescorer);
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
    for (long round = strtol(arguments[3], NULL, 10); round > 0; round--) {
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
