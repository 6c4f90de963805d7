#if !defined(_WIN32)
#define _POSIX_C_SOURCE 200809L
#endif
#include "file.h"
#include "escape.h"
#include "foreign.h"
#include "utf8.h"
#include "vectors.h"
#include <stdlib.h>
#include <string.h>

/* Are these 8 bytes all ASCII? */
static inline int is_ascii(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return !(word & UINT64_C(0x8080808080808080));
}

/* Has valid UTF-8 a code point beyond FFFF? Without branches, so that it becomes vectors. */
static int is_wide(const uint8_t *bytes, size_t size) {
    uint8_t greatest = 0;
    for (size_t i = 0; i < size; i++)
        greatest = bytes[i] > greatest ? bytes[i] : greatest;
    return greatest >= 0xF0;
}

/* Write valid UTF-8 as code points of a storage; returns how many they are. */
static inline MF_INLINED size_t decode(const uint8_t *bytes, size_t size, void *data, int width) {
    uint16_t *narrow = data;
    uint32_t *wide = data;
    size_t length = 0;
    for (size_t i = 0; i < size;) {
        int count = 1;
        if (size - i >= 8 && is_ascii(bytes + i)) {
            count = 8;
            for (size_t k = 0; k < 8; k++) {
                if (width == 2) narrow[length + k] = bytes[i + k];
                if (width == 4) wide[length + k] = bytes[i + k];
            }
            length += 8;
        } else {
            uint32_t code_point = bytes[i];
            if (code_point >= 0x80) {
                count = code_point < 0xE0 ? 2 : code_point < 0xF0 ? 3 : 4;
                code_point = mf_decode_sequence(bytes + i, count);
            }
            if (width == 2) narrow[length++] = (uint16_t)code_point;
            if (width == 4) wide[length++] = code_point;
        }
        i += (size_t)count;
    }
    return length;
}

/* Valid UTF-8 as a text, less its byte order mark, in memory of its own; NULL if that runs out. */
static void *decoded(const uint8_t *bytes, size_t size, mf_text *text) {
    size_t mark = size >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3) ? 3 : 0;
    int width = is_wide(bytes, size) ? 4 : 2;
    void *data = malloc(size * (size_t)width + 1);
    if (!data) return NULL;
    size_t length = width == 2 ? decode(bytes + mark, size - mark, data, 2)
                               : decode(bytes + mark, size - mark, data, 4);
    *text = (mf_text){data, length, width};
    return data;
}

static mf_verdict refuted(const uint8_t *bytes, size_t size, const mf_prior *prior,
                          const mf_ways *ways) {
    mf_text text;
    void *data = decoded(bytes, size, &text);
    mf_verdict verdict = data ? mf_refute(&text, prior, ways) : MF_DOUBTFUL;
    free(data);
    return verdict;
}

static mf_verdict judge(const uint8_t *bytes, size_t length, const mf_looks *looks,
                        const mf_ways *ways) {
    if (length >= looks->page_length && !memcmp(bytes, looks->page, looks->page_length)) {
        return MF_DOUBTFUL;
    }
    if (memchr(bytes, 0, length < looks->head ? length : looks->head)) return MF_DOUBTFUL;
    if (mf_find_invalid_utf8(bytes, length) != MF_NONE) return MF_DOUBTFUL;
    if (mf_find_any_suspect_utf8(bytes, length, 0) == MF_NONE &&
        mf_find_foreign_utf8(bytes, length, 0) == MF_NONE) {
        return MF_CLEAN;
    }
    return refuted(bytes, length, &looks->prior, ways);
}

#if defined(_WIN32)

mf_verdict mf_judge_file(const char *path, const mf_looks *looks, const mf_ways *ways,
                         const mf_room *room) {
    (void)path, (void)looks, (void)ways, (void)room, (void)judge;
    return MF_DOUBTFUL;
}

#else

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

mf_verdict mf_judge_file(const char *path, const mf_looks *looks, const mf_ways *ways,
                         const mf_room *room) {
    /* The path is resolved: a link or a pipe that took its place in the meantime is refused. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (file < 0) return MF_DOUBTFUL;
    struct stat state;
    int known = fstat(file, &state) == 0 && S_ISREG(state.st_mode) && state.st_size >= 0 &&
                (uint64_t)state.st_size < room->size;
    /* One byte more is asked for than there should be. */
    ssize_t length = known ? read(file, room->bytes, (size_t)state.st_size + 1) : -1;
    close(file);
    if (length < 0 || length != state.st_size) return MF_DOUBTFUL;
    return judge(room->bytes, (size_t)length, looks, ways);
}

#endif
