/* Sample: what is read of a text to tell what became of its foreign places. */
#ifndef MF_SAMPLE_H
#define MF_SAMPLE_H
#include "text.h"

enum {
    MF_SAMPLE_AROUND = 200, /* code points on each side of a place that are of its line, at most */
    MF_SAMPLE_NEAR = 24,    /* ... that are of its word */
    MF_SAMPLE_WORDS = 30,   /* words at places, at most */
};

/* A line of a text, or a part of a very long one, in which places are; without its end. */
typedef struct {
    size_t start, end;
} mf_sample_line;

typedef struct {
    mf_sample_line *lines; /* all of them, in order */
    size_t line_count;
    mf_text passage; /* some of the lines from all over the text, each with a line end */
    mf_text words[MF_SAMPLE_WORDS]; /* around places up to white space; parts of the text */
    size_t word_count;
} mf_sample;

/* Take a sample of a text, which it does not own, around places in order. Returns 0 when memory
   runs out; it is to be freed in any case. */
int mf_sample_take(const mf_text *text, const size_t *places, size_t count, mf_sample *sample);

void mf_sample_free(mf_sample *sample);
#endif
