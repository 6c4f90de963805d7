/* Foreign: where does a text first look as if it was read with a codec of several bytes, or with
   another legacy codec than it was written with?

   Four things tell. A C1 control by itself, unless it ends a line. Characters of the codecs of
   several bytes that clean text hardly shows, and that such misreadings show often; their bytes may
   make UTF-8, too. Two images of bytes in a row that are strange beside each other. An image inside
   a word of ASCII where none belongs. */
#ifndef MF_FOREIGN_H
#define MF_FOREIGN_H
#include "text.h"

/* Offset (code points) of the first place at or after `start`, MF_NONE if there is none. */
size_t mf_find_foreign(const mf_text *text, size_t start);

/* The same over valid UTF-8, offsets in bytes; `start` is at a character. */
size_t mf_find_foreign_utf8(const uint8_t *bytes, size_t length, size_t start);

/* Does a foreign place that ends at an offset look as codecs of several bytes make it, or is it a
   C1 control? */
int mf_is_of_several_bytes(const mf_text *text, size_t at);

/* Does a foreign place that ends at an offset tell more than one strange image does? */
int mf_tells_much(const mf_text *text, size_t at);

/* Is what is foreign at an offset one letter that lost a byte? */
int mf_is_lone_lead(const mf_text *text, size_t at);
#endif
