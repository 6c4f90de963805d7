/* Ways: in which ones may text have become foreign, and which of them explain words best? A way is
   a codec that text was written in, and another one that it was read with. */
#ifndef MF_WAYS_H
#define MF_WAYS_H
#include "codec.h"
#include "model.h"

/* What is known of all ways, and what tells of them. All costs in units. */
typedef struct {
    const mf_model *model;
    mf_codec codecs[MF_CODECS];
    mf_codec composed[MF_MULTIBYTE]; /* those of several bytes, after NFC */
    uint8_t drops_80[MF_MULTIBYTE];  /* may bytes 80 be gone from UTF-8 that they read? */
    uint32_t as_source[MF_CODECS],
        as_decoder[MF_CODECS]; /* that a legacy codec is one of the two */
    uint32_t utf8, lost;       /* that text was written in UTF-8; that bytes are gone */
    uint32_t less;             /* that cp1252 was called Latin-1, by so much less */
    uint32_t change;           /* that a word is spelt in another way than usual */
    uint32_t enter, leave;
    uint32_t accept; /* evidence from which a way is taken */
} mf_ways;

/* A way from one legacy codec to another, and by how much less words cost as it reads them than as
   they stand, less its own cost. */
typedef struct {
    int64_t gain;
    uint8_t source, decoder; /* numbers of codecs */
} mf_way;

/* What it costs that text was written in one codec and read with another one. */
uint32_t mf_way_cost(const mf_ways *ways, int source, int decoder);

/* Legacy ways that explain words, of which none is empty, the best first; of those that read the
   same the best one. Only the first decoders are tried: MF_DECODERS, or all MF_CODECS. `found`
   takes MF_CODECS * MF_CODECS. Returns 0 when memory runs out. */
int mf_explain(const mf_ways *ways, const mf_text *words, size_t count, int decoders, mf_way *found,
               size_t *found_count);
#endif
