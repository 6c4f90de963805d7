/* Vicinity: what stands around the signs of damage in UTF-8, as a text of its own. */
#ifndef MF_VICINITY_H
#define MF_VICINITY_H
#include "text.h"

/* How long all of a text is, in code points, and how many of them are beyond ASCII. */
typedef struct {
    size_t length, beyond;
} mf_extent;

/* `data` is allocated, and what the text lies in. */
typedef struct {
    mf_text text;
    mf_extent extent; /* of the whole, if something in it is foreign */
    void *data;
} mf_vicinity;

/* Take all of valid UTF-8, less its byte order mark. Returns 0 when memory runs out. */
int mf_vicinity_all(const uint8_t *bytes, size_t size, mf_vicinity *vicinity);

/* Take the lines around the signs of damage of valid UTF-8 in which no escape is, of long lines the
   words around them, on lines of their own. `suspect` and `foreign` are where the first signs of
   each kind are, in bytes. Returns 0 when memory runs out. */
int mf_vicinity_signs(const uint8_t *bytes, size_t size, size_t suspect, size_t foreign,
                      mf_vicinity *vicinity);

void mf_vicinity_free(mf_vicinity *vicinity);
#endif
