#if !defined(_WIN32)
#define _POSIX_C_SOURCE 200809L
#endif
#include "file.h"
#include "utf8.h"
#include <string.h>

static mf_verdict judge(const uint8_t *bytes, size_t length, const mf_looks *looks,
                        const mf_ways *ways) {
    if (length >= looks->page_length && !memcmp(bytes, looks->page, looks->page_length)) {
        return MF_DOUBTFUL;
    }
    if (memchr(bytes, 0, length < looks->head ? length : looks->head)) return MF_DOUBTFUL;
    if (mf_find_invalid_utf8(bytes, length) != MF_NONE) return MF_DOUBTFUL;
    return mf_refute_utf8(bytes, length, &looks->prior, ways);
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
