/* Declarations of foreign_tables.c, which tools/train_foreign.py generates: what text looks like
   that a wrong codec has made foreign. */
#ifndef MF_FOREIGN_TABLES_H
#define MF_FOREIGN_TABLES_H
#include "tables.h"

enum {
    MF_FOREIGN_CODECS = 4, /* of several bytes */
    MF_FOREIGN_ROLES = 11, /* that a character's bytes may have in UTF-8; 0 is none */
    MF_FOREIGN_CONTEXTS = 6,
    MF_STRANGE_WORDS = MF_ODD_WORDS,
    MF_LOW_GROUPS = 2,
    MF_STRANGE_GROUPS = 4, /* of eight buckets, a bit each */
};

/* A bit per code point: is it a C1 control that ends no line, or worth looking at together with
   what stands beside it? None of 400 to 1FFF is. */
extern const uint32_t mf_foreign_telling[];
/* A bit per code point: is it a Latin letter of UTF-8 in a codec of several bytes? */
extern const uint32_t mf_latin_letter[];
/* By code point, 0 for one of no codec: roles, four bits a codec; what it tells in a chain of
   roles, and what it tells alone, signed bytes in units of 1/8 nat. */
extern const uint16_t mf_foreign_page[];
extern const uint32_t mf_foreign_of[];
extern const uint16_t mf_foreign_chain[MF_FOREIGN_ROLES]; /* a bit per role that may stand behind */

extern const uint32_t mf_strange[MF_IMAGES][MF_STRANGE_WORDS]; /* a bit per pair of images */
/* As mf_pair_filter, for pairs that are strange. */
extern const mf_buckets mf_strange_filter[MF_FILTER_PAGES][MF_STRANGE_GROUPS];
/* A bit for each context between ASCII letters in which an image is strange. */
extern const uint8_t mf_strange_inside[MF_IMAGES];

/* Sets of code points below 400 for vectors, eight rows a group, a bit each: tables of bits 6 to 9,
   of bits 4 and 5 and of bits 0 to 3, which in UTF-8 are nibbles of the two bytes. One is in the
   set if its three entries have a bit in common. */
extern const uint8_t mf_low_telling[MF_LOW_GROUPS][3][16];
/* Letters that are not strange behind a small one, unless a capital is behind them. */
extern const uint8_t mf_low_usual[MF_LOW_GROUPS][3][16];

static inline uint32_t mf_foreign(uint32_t code_point) {
    return code_point < 0x10000
               ? mf_foreign_of[mf_foreign_page[code_point >> 6] * 64 + (code_point & 63)]
               : 0;
}

static inline int mf_is_telling(uint32_t code_point) {
    return code_point < 0x10000 &&
           (int)(mf_foreign_telling[code_point >> 5] >> (code_point & 31) & 1);
}

static inline int mf_is_latin_letter(uint32_t code_point) {
    return code_point < 0x10000 && (int)(mf_latin_letter[code_point >> 5] >> (code_point & 31) & 1);
}

static inline int mf_is_strange(unsigned left, unsigned right) {
    return (int)(mf_strange[left][right / 32] >> (right % 32) & 1);
}
#endif
