/* Sieve: which of many files are clean, found out by threads of its own while more are named. */
#ifndef MF_SIEVE_H
#define MF_SIEVE_H
#include "file.h"

/* Files that are judged one after the other; `verdicts` has a byte of each. A path that is NULL
   stands for none, and is doubtful. */
typedef struct mf_batch {
    const char **paths;
    char *verdicts;
    size_t count, taken, done;
    struct mf_batch *next;
} mf_batch;

typedef struct mf_sieve mf_sieve;

/* A sieve with so many threads at most, which are started when there is more for them to do than
   the caller has soon done. NULL if memory runs out. */
mf_sieve *mf_sieve_new(const mf_looks *looks, unsigned threads);

/* Have the files of a batch judged, which belongs to the sieve until it was waited for. */
void mf_sieve_add(mf_sieve *sieve, mf_batch *batch);

/* Wait until all files of a batch are judged, and judge some of them meanwhile. */
void mf_sieve_wait(mf_sieve *sieve, mf_batch *batch);

/* Judge one file now. */
mf_verdict mf_sieve_judge(mf_sieve *sieve, const char *path);

/* Judge files that are looked at from now on with ways, too. */
void mf_sieve_use(mf_sieve *sieve, const mf_ways *ways);

/* End the threads; what is not judged yet is left so. A process that was forked has none. */
void mf_sieve_free(mf_sieve *sieve);
#endif
