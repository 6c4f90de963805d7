/* Scan: where does a text first look as if it were damaged?

   A suspect is a pair of neighbouring characters that are the images of a lead byte and a
   continuation byte, or of two continuation bytes behind a lead, under one wrong decoder, and
   that clean text of no known language usually shows. Text without suspects is clean, and
   nothing else ever looks at it. */
#ifndef MF_SCAN_H
#define MF_SCAN_H
#include "text.h"

/* Offset (code points) of the first suspect at or after `start`, MF_NONE if there is none. */
size_t mf_find_suspect(const mf_text *text, size_t start);

/* Offset of the first lead and continuation at or after `start` under one of these decoders,
   usual or not: for a text that is known to be damaged. */
size_t mf_find_pair(const mf_text *text, size_t start, uint32_t decoders);

/* Offset of the first image of a lead byte at or after `start` under one of these decoders: no
   sequence of theirs is before it. */
size_t mf_find_lead(const mf_text *text, size_t start, uint32_t decoders);

/* mf_find_suspect over valid UTF-8, offsets in bytes; `start` is at a character. */
size_t mf_find_suspect_utf8(const uint8_t *bytes, size_t length, size_t start);

/* Use the plain C loops only, also to validate; for tests that hold the vector loops to them. */
void mf_scan_without_vectors(int on);
#endif
