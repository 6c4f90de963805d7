/* Transcode: all readings of a text of which parts were read with a wrong codec, and how probable
   each is by the language model. */
#ifndef MF_TRANSCODE_H
#define MF_TRANSCODE_H
#include "codec.h"
#include "lattice.h"

/* How a text was damaged, if it was. All costs in units of the model. */
typedef struct {
    const mf_codec *wrong;  /* what it was read with */
    const mf_codec *source; /* what it was written with; NULL is UTF-8 */
    uint32_t marker;        /* stands for bytes that mean nothing to `wrong`; 0 is none */
    int takes_ascii;        /* may it stand for two bytes of which the second is ASCII? */
    int returns;            /* do its lines end in a carriage return, too? */
    int drops_80;           /* may bytes 80 be gone, which `wrong` reads by themselves? */
    uint32_t enter, leave;  /* what it costs that damage begins, once a line, and ends */
    uint32_t literal;       /* ... that a character that `wrong` reads stands as it was written */
} mf_transcoding;

/* Read a text of whole lines. Of each place of the result MF_LITERAL says that it stands as it was
   written, ASCII always does; U+FFFD without it, that half a character is left over, or that an
   original outside the model's vocabulary was lost. Takes linear time; memory beyond the result
   is bounded. Returns 0 when memory runs out; the result is to be freed in any case. */
int mf_transcode(const mf_model *model, const mf_transcoding *transcoding, const mf_text *text,
                 mf_restored *restored);
#endif
