/* Declarations of the generated tables: images of bytes under each decoder, names of characters,
   and how clean text looks. images.c and names.c come from tools/make_tables.py, statistics.c from
   tools/train_statistics.py. */
#ifndef MF_TABLES_H
#define MF_TABLES_H
#include <stdint.h>

enum {
    MF_DECODERS = 25,
    MF_CP1252 = 0, /* the most usual decoders */
    MF_LATIN_1 = 1,
    MF_IMAGES = 724, /* ids of images, 0 is none */
    MF_NAMES = 533,
    MF_LONGEST_NAME = 22,
    MF_CLASSES = 68,
    MF_LINE_ENTRY = 0,       /* entry of a line end, which also stands before and after a text */
    MF_UNITS_PER_NAT = 8,    /* all evidence in the core is in units of 1/8 nat */
    MF_TABLE_END = 0x20000,  /* first code point without an entry of its own */
    MF_BEYOND_ENTRY = 16800, /* entry of all code points from there on */
    MF_ODD_WORDS = (MF_IMAGES - 1) / 32 + 1,
    MF_FILTER_PAGES = 16, /* pages of 256 code points from 0 on that have a pair filter */
    MF_FILTER_GROUPS = 2, /* of eight buckets, a bit each */
};

/* An image is a character that stands for a byte of 80 to FF under some decoder. */
typedef struct {
    uint32_t lead2, lead3, lead4, continuation, any; /* one bit per decoder */
} mf_roles;

extern const char *const mf_decoder_name[MF_DECODERS];
extern const uint8_t mf_image_page[];
extern const uint16_t mf_image_id_of[];
extern const mf_roles mf_image_roles[MF_IMAGES];
extern const uint8_t mf_image_byte[MF_IMAGES][MF_DECODERS]; /* 0 for none */
/* Image id and decoder to the decoders in which the image stands for the same byte. */
extern const uint32_t mf_image_alike[MF_IMAGES][MF_DECODERS];
extern const uint16_t mf_decoded[MF_DECODERS][128];

/* HTML's named character references, in the order of their bytes: those of HTML 4, and those of
   images. */
typedef struct {
    const char *name;
    uint16_t code_point;
} mf_name;

extern const mf_name mf_names[MF_NAMES];

extern const uint8_t mf_class_is_letter[MF_CLASSES];
extern const uint16_t mf_entry_page[];
extern const uint16_t mf_entry_of[]; /* class << 8 | -log p(code point | class) */
extern const uint8_t mf_trigram[MF_CLASSES][MF_CLASSES][MF_CLASSES];
extern const uint32_t mf_odd[MF_IMAGES][MF_ODD_WORDS]; /* a bit per pair of images */

/* Eight buckets of pairs within a page, a bit each: tables of the left code point's low byte, high
   nibble and low nibble, and of the right one's. A pair is in none whose four entries have no bit
   in common. */
typedef uint8_t mf_buckets[4][16];

/* A pair that is in no bucket of its page is not odd. */
extern const mf_buckets mf_pair_filter[MF_FILTER_PAGES][MF_FILTER_GROUPS];

static inline unsigned mf_image_id(uint32_t code_point) {
    return code_point < 0x10000
               ? mf_image_id_of[mf_image_page[code_point >> 6] * 64 + (code_point & 63)]
               : 0;
}

static inline unsigned mf_entry(uint32_t code_point) {
    return code_point < MF_TABLE_END
               ? mf_entry_of[mf_entry_page[code_point >> 6] * 64 + (code_point & 63)]
               : MF_BEYOND_ENTRY;
}

/* May two neighbouring images belong to one sequence, and does clean text hardly show them? */
static inline int mf_is_odd(unsigned left, unsigned right) {
    return (int)(mf_odd[left][right / 32] >> (right % 32) & 1);
}
#endif
