/* Phrase: where does a text first hold one of some phrases? */
#ifndef MF_PHRASE_H
#define MF_PHRASE_H
#include "text.h"

/* Offset of the first of some phrases at or after `start`, MF_NONE if there is none. Each has two
   code points at least, and small letters, which stand for capitals of ASCII as well. */
size_t mf_find_phrase(const mf_text *text, size_t start, const mf_text *phrases, size_t count);
#endif
