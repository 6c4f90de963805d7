/* Codec: a legacy codec of one or two bytes a character, from bytes to characters and back. */
#ifndef MF_CODEC_H
#define MF_CODEC_H
#include "multibyte.h"
#include "tables.h"
#include "text.h"

/* A code is one byte, or two as lead << 8 | trail. */
enum { MF_CODES = 0x10000, MF_BYTES = 0x100, MF_CODECS = MF_DECODERS + MF_MULTIBYTE };

typedef struct {
    uint16_t *character;     /* by code, of one byte only if none leads; 0 is none */
    uint16_t *codes;         /* those of one character lie together, first what is written */
    uint16_t *first;         /* where those of a character begin, page by page; page 0 is empty */
    uint16_t page[MF_BYTES]; /* by high byte of a character */
    uint8_t leads[MF_BYTES]; /* by byte: does it begin a pair? */
} mf_codec;

/* The number of a codec: first those of one byte, then those of several. -1 if there is none. */
int mf_codec_number(const char *name);

const char *mf_codec_name(int number);

/* Make a codec, as what it reads is after NFC if it is to be composed, and without a character, or
   0. Returns 0 when memory runs out; the codec is to be freed in any case. */
int mf_codec_open(mf_codec *codec, int number, int is_composed, uint32_t lacking);
void mf_codec_free(mf_codec *codec);

/* Where the codes of a character begin; those of the next place are behind them. */
static inline const uint16_t *mf_codec_first(const mf_codec *codec, uint32_t character) {
    uint32_t page = character < MF_CODES ? codec->page[character / MF_BYTES] : 0;
    return &codec->first[page * MF_BYTES + character % MF_BYTES];
}

static inline unsigned mf_codec_count(const mf_codec *codec, uint32_t character) {
    const uint16_t *first = mf_codec_first(codec, character);
    return (unsigned)first[1] - first[0];
}

static inline const uint16_t *mf_codec_codes(const mf_codec *codec, uint32_t character) {
    return &codec->codes[*mf_codec_first(codec, character)];
}

/* What stands in place of a character in one of the lists of replacements, or itself. */
uint32_t mf_replaced(const mf_replacement *replacements, size_t count, uint32_t character);

/* Write a text, of which each character takes two bytes at most. Returns their number; MF_NONE if
   the codec lacks a character, `*lacks` is its offset then. */
size_t mf_codec_encode(const mf_codec *codec, const mf_text *text, uint8_t *bytes, size_t *lacks);

/* Read a character from bytes that begin beyond ASCII; sets `*size` to how many it has. 0 if they
   mean nothing: then they are one, or two of which the second is no ASCII unless it `takes_ascii`.
 */
uint32_t mf_codec_decode(const mf_codec *codec, const uint8_t *bytes, size_t left, int takes_ascii,
                         size_t *size);
#endif
