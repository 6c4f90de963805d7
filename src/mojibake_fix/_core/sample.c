#include "sample.h"
#include <stdlib.h>
#include <string.h>

enum {
    SAMPLE = 800, /* code points of the passage, some */
    DRAWN = 4,    /* of one character, from which on they are drawn: lines of a table, say */
};

/* What is white space in every codec, and no half of a character. */
static int is_space(uint32_t character) {
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

/* Find the line around each place; none begins before the end of the one before. */
static void find_lines(const mf_text *text, const size_t *places, size_t count, mf_sample *sample) {
    size_t end = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = places[i], start = at;
        if (i && at < end) continue;
        while (start > end && at - start < MF_SAMPLE_AROUND && mf_at(text, start - 1) != '\n')
            start--;
        end = at;
        while (end < text->length && end - at < MF_SAMPLE_AROUND && mf_at(text, end) != '\n')
            end++;
        sample->lines[sample->line_count++] = (mf_sample_line){start, end};
    }
}

/* Write a line; of runs of one character, which are drawn, two. */
static uint32_t *write_line(const mf_text *text, const mf_sample_line *line, uint32_t *next) {
    size_t run = 0;
    for (size_t i = line->start; i < line->end; i++) {
        uint32_t character = mf_at(text, i);
        run = i > line->start && character == mf_at(text, i - 1) ? run + 1 : 1;
        if (run == DRAWN) next--;
        if (run < DRAWN) *next++ = character;
    }
    *next++ = '\n';
    return next;
}

/* Write lines from all over the text. */
static int write_passage(const mf_text *text, mf_sample *sample) {
    size_t length = 0;
    for (size_t i = 0; i < sample->line_count; i++)
        length += sample->lines[i].end - sample->lines[i].start;
    uint32_t *passage = malloc((length + sample->line_count + 1) * sizeof *passage);
    uint32_t *next = passage;
    if (!passage) return 0;
    for (size_t i = 0; i < sample->line_count; i += length / SAMPLE + 1)
        next = write_line(text, &sample->lines[i], next);
    sample->passage = (mf_text){passage, (size_t)(next - passage), 4};
    return 1;
}

/* Is a character in one word with a place? Only Latin-1 shows C1 controls, so what else stands
   beside one was not read with it. */
static int is_of_word(uint32_t place, uint32_t character) {
    return !is_space(character) && (!mf_is_control(place) || character < 0x100);
}

/* Find the words at places, up to white space; what goes on for long begins where a character does,
   behind ASCII. */
static void find_words(const mf_text *text, const size_t *places, size_t count, mf_sample *sample) {
    enum { NEAR = MF_SAMPLE_NEAR };
    size_t until = 0;
    for (size_t i = 0; i < count; i += count / MF_SAMPLE_WORDS + 1) {
        size_t at = places[i], first = at, last = at;
        if (at < until) continue;
        uint32_t place = mf_at(text, at);
        while (first > until && at - first < MF_SAMPLE_AROUND &&
               is_of_word(place, mf_at(text, first - 1)))
            first--;
        if (at - first > NEAR) {
            for (size_t j = at; j > first; j--) {
                if (mf_at(text, j - 1) < 0x80) first = j;
            }
        }
        while (last < text->length && last - at < NEAR && is_of_word(place, mf_at(text, last)))
            last++;
        if (last - first > 2 * NEAR) last = first + 2 * NEAR;
        sample->words[sample->word_count++] = mf_part(text, first, last);
        until = at + NEAR;
    }
}

int mf_sample_take(const mf_text *text, const size_t *places, size_t count, mf_sample *sample) {
    memset(sample, 0, sizeof *sample);
    sample->lines = malloc((count + 1) * sizeof *sample->lines);
    if (!sample->lines) return 0;
    find_lines(text, places, count, sample);
    find_words(text, places, count, sample);
    return write_passage(text, sample);
}

void mf_sample_free(mf_sample *sample) {
    free(sample->lines);
    free((void *)sample->passage.data);
}
