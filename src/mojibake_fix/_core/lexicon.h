/* Lexicon: is it a word that a candidate makes with the letters beside it, does an emoji go along
   with a word of its line, and does the document write in the variant of Han that the candidate is
   of?

   The words are keys of a table of cells as the model's is, in the rescorer's file;
   model/rescorer_format.py has the format. */
#ifndef MF_LEXICON_H
#define MF_LEXICON_H
#include "model.h"

enum {
    MF_CANDIDATES = 16, /* of a place in doubt, at most */
    MF_FAR = 40,        /* ids on each side of it that are looked at */
    MF_WORD_CODES = 16, /* how usual a word is; 0 is no word that is known */
    MF_LENGTHS = 4,     /* lengths of words that are told apart: 2, 4, 6, more */
    MF_SPELLINGS = MF_LENGTHS * MF_WORD_CODES, /* and one more, that says nothing */
    MF_LONGEST_WORD = 24,                      /* letters */
    MF_COMPOUND = 4,                           /* the longest word in Han, */
    MF_BESIDE = 6,        /* characters beside a place that words are made of, */
    MF_LETTER_WORTH = 20, /* and what each but its first is worth, in codes */
    MF_STEM = 8,          /* letters of a word, at most, and */
    MF_SHORT_STEM = 4,    /* at least, if it goes on, that tell which emoji go along with it */
    MF_ASSOCIATED = 1,    /* code of an emoji with such a stem */
    MF_LETTER = 1,        /* flags of an id: words between spaces are made of it; */
    MF_LISTED = 2,        /* all words with it, or that begin with its small one, are listed; */
    MF_HAN = 4,           /* words without spaces are made of it; */
    MF_EMOJI = 8,         /* there are words that go along with it */
    MF_WORDS = 0x3,       /* kind of the keys */
    MF_VARIANTS = 3,      /* in which Han is written */
    MF_VARIANT_UNIT = 16, /* to the nat */
    MF_CLEAR_VARIANT = 5 * MF_VARIANT_UNIT /* least by which one must be more probable */
};

/* A lexicon in memory that it does not own. */
typedef struct {
    const uint8_t *cells;
    const uint8_t *flags;   /* of each id */
    const uint8_t *folds;   /* uint16 of each id: the one that stands for it in words */
    const int8_t *variants; /* MF_VARIANTS of each id: how much more probable it is in each */
    uint64_t seed;
    uint32_t reach, segment;
} mf_lexicon;

/* Cells of a table of its shape; 0 if look-ups cannot rely on that. */
size_t mf_lexicon_cells(const mf_lexicon *lexicon);

/* Hash of a word; see mf_model_key. `ids` are folded. */
uint64_t mf_word_hash(uint64_t seed, const uint16_t *ids, int length);

/* What each of some candidates makes with the letters beside their place: the row of its length
   and of how usual it is, or MF_SPELLINGS where that says nothing. Where `other` is not 0, of the
   place so far away any of `others` may stand, and the most usual word counts. */
void mf_spellings(const mf_lexicon *lexicon, const uint16_t *around, const uint16_t *candidates,
                  int count, int other, const uint16_t *others, uint8_t *rows);

/* Give those of some candidates that are emoji, and go along with a word of their line, the row of
   their code. */
void mf_associate(const mf_lexicon *lexicon, const uint16_t *around, const uint16_t *candidates,
                  int count, uint8_t *rows);

/* How well words in Han cover what stands around a place, with each of some candidates in it. */
void mf_covers(const mf_lexicon *lexicon, const uint16_t *around, const uint16_t *candidates,
               int count, uint8_t *covers);

/* The variant that a text is written in; MF_VARIANTS if that is not clear. */
int mf_variant(const mf_lexicon *lexicon, const uint16_t *ids, size_t start, size_t end);
#endif
