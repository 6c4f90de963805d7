/* What all programs here need: checks, random numbers, texts in exactly their storage, files. */
#ifndef MF_CHECK_H
#define MF_CHECK_H

#include "text.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Which round of random input it is, so that a failure can be seen again; 0 before the first. */
static long current_round;

#define CHECK(truth)                                                                               \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            fprintf(stderr, "%s:%d: not so: %s (round %ld)\n", __FILE__, __LINE__, #truth,         \
                    current_round);                                                                \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* Marsaglia's xorshift: the same numbers everywhere. */
static inline uint32_t below(uint32_t limit) {
    static uint64_t state = 0x9E3779B97F4A7C15u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 32) % limit);
}

/* Return a text of code points of 1, 2 or 4 bytes; to be dropped. */
static inline mf_text text_of(const uint32_t *code_points, size_t length, int width) {
    size_t size = length * (size_t)width;
    uint8_t *data = malloc(size ? size : 1);
    CHECK(data);
    for (size_t i = 0; i < length; i++) {
        switch (width) {
        case 1:
            data[i] = (uint8_t)code_points[i];
            break;
        case 2:
            ((uint16_t *)(void *)data)[i] = (uint16_t)code_points[i];
            break;
        default:
            ((uint32_t *)(void *)data)[i] = code_points[i];
        }
    }
    return (mf_text){data, length, width};
}

static inline void drop(const mf_text *text) {
    free((void *)(uintptr_t)text->data);
}

typedef struct {
    uint8_t *bytes;
    size_t size;
} file;

static inline file read_file(const char *name) {
    FILE *opened = fopen(name, "rb");
    CHECK(opened && !fseek(opened, 0, SEEK_END));
    file read = {NULL, (size_t)ftell(opened)};
    rewind(opened);
    read.bytes = malloc(read.size);
    CHECK(read.bytes && fread(read.bytes, 1, read.size, opened) == read.size);
    fclose(opened);
    return read;
}

#endif
