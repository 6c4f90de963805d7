/* Sieve: which of many files are clean, found out by threads of its own while more are named. */
#ifndef MF_SIEVE_H
#define MF_SIEVE_H
#include "file.h"

/* Files that are looked at one after the other; `clean` is a byte of each, 1 where it is clean. A
   path that is NULL stands for none, and is not. */
typedef struct mf_batch {
    const char **paths;
    char *clean;
    size_t count, taken, done;
    struct mf_batch *next;
} mf_batch;

typedef struct mf_sieve mf_sieve;

/* A sieve with so many threads at most, which are started when there is more for them to do than
   the caller has soon done. NULL if memory runs out. */
mf_sieve *mf_sieve_new(const mf_looks *looks, unsigned threads);

/* Look at the files of a batch, which belongs to the sieve until it was waited for. */
void mf_sieve_add(mf_sieve *sieve, mf_batch *batch);

/* Wait until all files of a batch were looked at, and look at some of them meanwhile. */
void mf_sieve_wait(mf_sieve *sieve, mf_batch *batch);

/* End the threads; what was not looked at is left so. A process that was forked has none. */
void mf_sieve_free(mf_sieve *sieve);
#endif
