#if !defined(_WIN32)
#define _POSIX_C_SOURCE 200809L
#endif
#include "file.h"
#include "escape.h"
#include "foreign.h"
#include "utf8.h"
#include <stdlib.h>
#include <string.h>

/* Are these 8 bytes all ASCII? */
static inline int is_ascii(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return !(word & UINT64_C(0x8080808080808080));
}

/* Valid UTF-8 as code points, less its byte order mark; NULL if memory runs out. */
static uint32_t *decoded(const uint8_t *bytes, size_t size, size_t *length) {
    uint32_t *code_points = malloc(size * sizeof *code_points), *next = code_points;
    size_t i = size >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3) ? 3 : 0;
    while (code_points && i < size) {
        if (size - i >= 8 && is_ascii(bytes + i)) {
            for (int k = 0; k < 8; k++)
                *next++ = bytes[i++];
        } else if (bytes[i] < 0x80) {
            *next++ = bytes[i++];
        } else {
            int count = mf_sequence_length(bytes[i]);
            *next++ = mf_decode_sequence(bytes + i, count);
            i += (size_t)count;
        }
    }
    *length = (size_t)(next - code_points);
    return code_points;
}

static mf_verdict refuted(const uint8_t *bytes, size_t size, const mf_prior *prior,
                          const mf_ways *ways) {
    mf_text text = {.width = 4};
    uint32_t *code_points = decoded(bytes, size, &text.length);
    text.data = code_points;
    mf_verdict verdict = code_points ? mf_refute(&text, prior, ways) : MF_DOUBTFUL;
    free(code_points);
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
