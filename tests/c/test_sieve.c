/* The sieve by itself: the same verdicts whoever judges, and nothing left when it ends early. Takes
   a folder to write files into. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"
#include "sieve.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The list of edits has its memory from the program. */
void *test_realloc(void *block, size_t size);

void *test_realloc(void *block, size_t size) {
    return realloc(block, size);
}

enum { FILES = 60, BATCHES = 12, OF_BATCH = FILES / BATCHES, LONGEST = 4096 };

/* What files hold, and what is to be said of them: clean, damaged, a sign that others have to
   judge, one that a model would tell of, one that the core refutes, not UTF-8. */
static const struct {
    const char *text;
    mf_verdict verdict;
} kinds[] = {
    {"K\xC3\xB6ln und Malm\xC3\xB6\n", MF_CLEAN},
    {"K\xC3\x83\xC2\xB6ln und Malm\xC3\x83\xC2\xB6, caf\xC3\x83\xC2\xA9\n", MF_DOUBTFUL},
    {"fixmoji: \xC3\x9A\xC4\x8D"
     "et\n",
     MF_DOUBTFUL},
    {"Pod\xC4\x9Bkov\xC3\xA1n\xC3\xAD. \xC3\x9A\xC4\x8D"
     "et byl uzav\xC5\x99"
     "en\n",
     MF_UNSETTLED},
    {"\xD0\xBA\xD0\xB0\xD1\x84\xD0\xB5 \xD1\x81\xD0\xBE\xD1\x98\xD1\x83\n", MF_CLEAN},
    {"K\xF6ln\n", MF_DOUBTFUL},
};

static const mf_looks *looks(void) {
    static mf_looks looks = {.page = (const uint8_t *)"<page>", .page_length = 6, .head = 8192};
    for (int i = 0; i < MF_DECODERS; i++)
        looks.prior.log_odds[i] = -72;
    looks.prior.accept = 24;
    looks.prior.misfit = 80;
    looks.prior.most = 160;
    looks.prior.stranger = 64;
    looks.prior.favour = 48;
    return &looks;
}

static char paths[FILES][LONGEST];

static mf_verdict expected(int file) {
    return kinds[(size_t)file % (sizeof kinds / sizeof *kinds)].verdict;
}

static void write_files(const char *folder) {
    for (int i = 0; i < FILES; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%d", folder, i);
        FILE *file = fopen(paths[i], "wb");
        CHECK(file);
        CHECK(fputs(kinds[(size_t)i % (sizeof kinds / sizeof *kinds)].text, file) >= 0);
        CHECK(fclose(file) == 0);
    }
}

/* Judge all files with so many threads; `until` batches are waited for. */
static void sift(unsigned threads, int until) {
    mf_sieve *sieve = mf_sieve_new(looks(), threads);
    CHECK(sieve);
    static const char *batch_paths[BATCHES][OF_BATCH + 1];
    static char verdicts[BATCHES][OF_BATCH + 1];
    static mf_batch batches[BATCHES];
    for (int i = 0; i < BATCHES; i++) {
        for (int j = 0; j < OF_BATCH; j++)
            batch_paths[i][j] = paths[i * OF_BATCH + j];
        batch_paths[i][OF_BATCH] = NULL;
        batches[i] =
            (mf_batch){.paths = batch_paths[i], .verdicts = verdicts[i], .count = OF_BATCH + 1};
        memset(verdicts[i], -1, sizeof verdicts[i]);
        mf_sieve_add(sieve, &batches[i]);
    }
    mf_batch nothing = {0};
    mf_sieve_add(sieve, &nothing);
    for (int i = 0; i < until; i++) {
        mf_sieve_wait(sieve, &batches[i]);
        for (int j = 0; j < OF_BATCH; j++)
            CHECK(verdicts[i][j] == (char)expected(i * OF_BATCH + j));
        CHECK(verdicts[i][OF_BATCH] == MF_DOUBTFUL);
    }
    mf_sieve_wait(sieve, &nothing);
    CHECK(mf_sieve_judge(sieve, paths[0]) == MF_CLEAN);
    mf_sieve_free(sieve);
}

int main(int count, char **arguments) {
    CHECK(count == 2);
    write_files(arguments[1]);
    for (int round = 0; round < 20; round++) {
        for (unsigned threads = 0; threads < 5; threads++)
            sift(threads, round % (BATCHES + 1));
    }
    sift(1000, BATCHES);
    return 0;
}
