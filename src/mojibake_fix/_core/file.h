/* File: is one clean? Its bytes are looked at where they are read, and never become an object. */
#ifndef MF_FILE_H
#define MF_FILE_H
#include "refute.h"

/* What a file is read into; `size` is one byte more than it may have. */
typedef struct {
    uint8_t *bytes;
    size_t size;
} mf_room;

/* How a file begins that is never called clean, how many bytes tell whether it is binary, and how
   probable damage is. */
typedef struct {
    const uint8_t *page;
    size_t page_length, head;
    mf_prior prior;
} mf_looks;

/* Is this a regular file of text in UTF-8 that is clean, as the core can tell? Doubtful also where
   that is not known: it cannot be read, does not fit, changes meanwhile, or the system has no such
   calls. The ways may be NULL. */
mf_verdict mf_judge_file(const char *path, const mf_looks *looks, const mf_ways *ways,
                         const mf_room *room);
#endif
