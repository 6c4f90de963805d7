/* Escapes: characters that a text spells in ASCII, and suspects among them.

   An escape stands for one code point beyond ASCII:

       \u00e9 \ud83d\ude00     JSON, JavaScript, Java, C#; a lone surrogate is none
       &eacute; &#233; &#xE9;  HTML; 128 to 159 as browsers read them, by cp1252
       %C3%A9                  the bytes of its UTF-8 in a URL,
       \xc3\xa9 \303\251       in source and logs,
       =C3=A9                  and in quoted-printable

   A backslash behind an odd number of others escapes nothing. */
#ifndef MF_ESCAPE_H
#define MF_ESCAPE_H
#include "text.h"

enum {
    MF_NOTATION_NONE,
    MF_NOTATION_UNICODE,
    MF_NOTATION_NAMED,
    MF_NOTATION_DECIMAL,
    MF_NOTATION_HEX,
    MF_NOTATION_PERCENT,
    MF_NOTATION_BYTES,
    MF_NOTATION_OCTAL,
    MF_NOTATION_PRINTABLE,
};

typedef struct {
    uint32_t code_point;
    uint32_t size; /* code points that spell it */
    uint8_t notation;
} mf_escape;

/* Read the escape at an offset; 0 if there is none. An escaped backslash is not noticed. */
int mf_read_escape(const mf_text *text, size_t at, mf_escape *escape);

/* Offset of the first escape at or after `start`, MF_NONE if there is none. */
size_t mf_find_escape(const mf_text *text, size_t start);

/* Offset of the first place at or after `start` where text begins of which nobody read the
   encoding: every other character is NUL, or the text begins with a byte order mark (UTF-16); "$B"
   up to "(B" (ISO-2022-JP); a pair of surrogates. */
size_t mf_find_unread(const mf_text *text, size_t start);

/* Does such text begin at an offset? */
int mf_is_unread(const mf_text *text, size_t at);

/* As mf_find_suspect and mf_find_unread, but the characters of a suspect may be spelt as escapes.
 */
size_t mf_find_any_suspect(const mf_text *text, size_t start);

/* mf_find_any_suspect over valid UTF-8, offsets in bytes; `start` is at a character. */
size_t mf_find_any_suspect_utf8(const uint8_t *bytes, size_t length, size_t start);

/* Escapes of one notation and size that follow each other. */
typedef struct {
    size_t at, start; /* where they begin in the text as it reads, and as it is spelt */
    size_t size, count;
    uint8_t notation;
} mf_escapes;

/* A text as it reads with its escapes resolved. */
typedef struct {
    uint32_t *code_points;
    size_t length;
    mf_escapes *runs; /* in order */
    size_t count, capacity;
} mf_view;

/* Resolve the escapes of a text: those of a URL only inside a word that looks like one, those of
   quoted-printable only if `printable`, those of C1 controls only beside what is beyond ASCII.
   Returns 0 when memory runs out. */
int mf_resolve(const mf_text *text, int printable, mf_view *view);

void mf_view_free(mf_view *view);
#endif
