/* Declarations of the generated tables of codecs of two bytes a character: Python's, with what
   Windows and browsers add to them. multibyte.c comes from tools/make_tables.py. */
#ifndef MF_MULTIBYTE_H
#define MF_MULTIBYTE_H
#include <stdint.h>

enum {
    MF_MULTIBYTE = 5,
    MF_ROWS = 533,         /* pairs with one first byte each */
    MF_FIRST_TRAIL = 0x40, /* of the bytes that may be the second of two */
    MF_TRAILS = 0xC0,
    MF_COMPOSED = 292,
    MF_USUAL = 686,
    MF_CHOSEN = 2,
};

/* A character, and another one in place of it. */
typedef struct {
    uint16_t character, other;
} mf_replacement;

/* A code that is written, though its character has a lower one, too. */
typedef struct {
    uint8_t codec;
    uint16_t code;
} mf_choice;

extern const char *const mf_multibyte_name[MF_MULTIBYTE];
/* What Windows puts in place of two bytes that mean nothing together. */
extern const uint16_t mf_multibyte_marker[MF_MULTIBYTE];
extern const uint16_t mf_multibyte_single[MF_MULTIBYTE][128]; /* of bytes from 80 on; 0 is none */
extern const uint16_t mf_multibyte_row[MF_MULTIBYTE][128];    /* the same: row, from 1, or 0 */
extern const uint16_t mf_multibyte_pairs[MF_ROWS][MF_TRAILS + 1];
/* By character: what it is after NFC, and after NFKC if that is one character. */
extern const mf_replacement mf_composed[MF_COMPOSED], mf_usual[MF_USUAL];
extern const mf_choice mf_chosen[MF_CHOSEN];
#endif
