/* Codec: a legacy codec of one or two bytes a character, from bytes to characters and back. */
#ifndef MF_CODEC_H
#define MF_CODEC_H
#include <stddef.h>
#include <stdint.h>

/* A code is one byte, or two as lead << 8 | trail. */
enum { MF_CODES = 0x10000, MF_BYTES = 0x100 };

typedef struct {
    uint16_t *character;     /* by code; 0 is none */
    uint16_t *codes;         /* those of one character lie together */
    uint16_t *first;         /* by character: where its codes begin; MF_CODES + 1 of them */
    uint8_t leads[MF_BYTES]; /* by byte: does it begin a pair? */
} mf_codec;

/* Make a codec of the characters of all codes, or of those of one byte if there are no leads.
   Returns 0 when memory runs out; the codec is to be freed in any case. */
int mf_codec_open(mf_codec *codec, const uint16_t *characters, const uint8_t leads[MF_BYTES]);
void mf_codec_free(mf_codec *codec);

static inline unsigned mf_codec_count(const mf_codec *codec, uint32_t character) {
    return character < MF_CODES ? (unsigned)codec->first[character + 1] - codec->first[character]
                                : 0;
}
#endif
