#if !defined(_WIN32)
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#endif
#include "sieve.h"
#include <stdlib.h>

enum {
    LARGEST_FILE = 1 << 20, /* bytes that a file may have to be looked at beside many others */
    MOST_THREADS = 64,
};

static mf_room new_room(void) {
    return (mf_room){malloc(LARGEST_FILE + 1), LARGEST_FILE + 1};
}

static mf_verdict judged(const char *path, const mf_looks *looks, const mf_ways *ways,
                         const mf_room *room) {
    return path && room->bytes ? mf_judge_file(path, looks, ways, room) : MF_DOUBTFUL;
}

#if defined(_WIN32)

struct mf_sieve {
    mf_looks looks;
    const mf_ways *ways;
    mf_room room;
};

mf_sieve *mf_sieve_new(const mf_looks *looks, unsigned threads) {
    (void)threads;
    mf_sieve *sieve = malloc(sizeof *sieve);
    if (sieve) *sieve = (mf_sieve){*looks, NULL, new_room()};
    return sieve;
}

void mf_sieve_add(mf_sieve *sieve, mf_batch *batch) {
    (void)sieve, (void)batch;
}

void mf_sieve_wait(mf_sieve *sieve, mf_batch *batch) {
    for (; batch->taken < batch->count; batch->taken++, batch->done++) {
        batch->verdicts[batch->taken] = (char)mf_sieve_judge(sieve, batch->paths[batch->taken]);
    }
}

mf_verdict mf_sieve_judge(mf_sieve *sieve, const char *path) {
    return judged(path, &sieve->looks, sieve->ways, &sieve->room);
}

void mf_sieve_use(mf_sieve *sieve, const mf_ways *ways) {
    sieve->ways = ways;
}

void mf_sieve_free(mf_sieve *sieve) {
    free(sieve->room.bytes);
    free(sieve);
}

#else

/* A thread, and what it reads files into. */
typedef struct {
    pthread_t thread;
    mf_room room;
    struct mf_sieve *sieve;
} worker;

/* The mutex is held for all but `looks`, which do not change, the rooms, and what only the caller
   touches: its own room, and the workers. */
struct mf_sieve {
    mf_looks looks;
    mf_room room;
    pthread_mutex_t mutex;
    pthread_cond_t work, done; /* there is a file to be taken, or no more; a batch is done */
    const mf_ways *ways;       /* or NULL */
    mf_batch *first, *last;    /* those of which files are still to be taken */
    int is_closed;
    pid_t process;
    unsigned count, most;
    worker workers[MOST_THREADS];
};

/* Judge the next file of a batch. The mutex is held before and behind. */
static void judge_next(mf_sieve *sieve, mf_batch *batch, const mf_room *room) {
    size_t i = batch->taken++;
    if (batch->taken == batch->count && batch == sieve->first) sieve->first = batch->next;
    const mf_ways *ways = sieve->ways;
    pthread_mutex_unlock(&sieve->mutex);
    batch->verdicts[i] = (char)judged(batch->paths[i], &sieve->looks, ways, room);
    pthread_mutex_lock(&sieve->mutex);
    if (++batch->done == batch->count) pthread_cond_signal(&sieve->done);
}

static void *judge_all(void *given) {
    const worker *self = given;
    mf_sieve *sieve = self->sieve;
    pthread_mutex_lock(&sieve->mutex);
    while (!sieve->is_closed) {
        if (sieve->first) {
            judge_next(sieve, sieve->first, &self->room);
        } else {
            pthread_cond_wait(&sieve->work, &sieve->mutex);
        }
    }
    pthread_mutex_unlock(&sieve->mutex);
    return NULL;
}

mf_sieve *mf_sieve_new(const mf_looks *looks, unsigned threads) {
    mf_sieve *sieve = calloc(1, sizeof *sieve);
    if (!sieve) return NULL;
    sieve->looks = *looks;
    sieve->room = new_room();
    sieve->process = getpid();
    sieve->most = threads < MOST_THREADS ? threads : MOST_THREADS;
    pthread_mutex_init(&sieve->mutex, NULL);
    pthread_cond_init(&sieve->work, NULL);
    pthread_cond_init(&sieve->done, NULL);
    return sieve;
}

/* Start one more thread, unless there can be no more. Signals are left to those that were there. */
static void start_worker(mf_sieve *sieve) {
    worker *next = &sieve->workers[sieve->count];
    *next = (worker){.room = new_room(), .sieve = sieve};
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int started = next->room.bytes && !pthread_create(&next->thread, NULL, judge_all, next);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started) {
        sieve->count++;
        return;
    }
    free(next->room.bytes);
    sieve->most = sieve->count;
}

void mf_sieve_add(mf_sieve *sieve, mf_batch *batch) {
    if (!batch->count) return;
    pthread_mutex_lock(&sieve->mutex);
    batch->next = NULL;
    int is_busy = sieve->first != NULL; /* few files are looked at sooner than a thread is there */
    if (is_busy) {
        sieve->last->next = batch;
    } else {
        sieve->first = batch;
    }
    sieve->last = batch;
    pthread_cond_signal(&sieve->work);
    pthread_mutex_unlock(&sieve->mutex);
    if (is_busy && sieve->count < sieve->most) start_worker(sieve);
}

void mf_sieve_wait(mf_sieve *sieve, mf_batch *batch) {
    pthread_mutex_lock(&sieve->mutex);
    while (batch->taken < batch->count)
        judge_next(sieve, batch, &sieve->room);
    while (batch->done < batch->count)
        pthread_cond_wait(&sieve->done, &sieve->mutex);
    pthread_mutex_unlock(&sieve->mutex);
}

mf_verdict mf_sieve_judge(mf_sieve *sieve, const char *path) {
    return judged(path, &sieve->looks, sieve->ways, &sieve->room); /* only the caller sets it */
}

void mf_sieve_use(mf_sieve *sieve, const mf_ways *ways) {
    pthread_mutex_lock(&sieve->mutex);
    sieve->ways = ways;
    pthread_mutex_unlock(&sieve->mutex);
}

void mf_sieve_free(mf_sieve *sieve) {
    if (sieve->process == getpid()) {
        pthread_mutex_lock(&sieve->mutex);
        sieve->is_closed = 1;
        pthread_cond_broadcast(&sieve->work);
        pthread_mutex_unlock(&sieve->mutex);
        for (unsigned i = 0; i < sieve->count; i++)
            pthread_join(sieve->workers[i].thread, NULL);
        pthread_mutex_destroy(&sieve->mutex);
        pthread_cond_destroy(&sieve->work);
        pthread_cond_destroy(&sieve->done);
    }
    for (unsigned i = 0; i < sieve->count; i++)
        free(sieve->workers[i].room.bytes);
    free(sieve->room.bytes);
    free(sieve);
}

#endif
