/* Makes chosen system calls fail, or end the process, for tests: preloaded before the C library.
 *
 * Only calls count that concern one folder: by a path in it, by a relative path, or by a descriptor
 * that was opened there. They are numbered from 0, and written to a log.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_CALLS = 1 << 14, MAX_FDS = 256, MAX_DIRS = 16 };

/* What happens to a chosen call: nothing at all; it fails; the process ends before it; the process
 * ends when half of it is done, if it writes. */
enum { PASS, FAIL, KILL, TEAR };

struct window {
    long first, end; /* numbers of the calls, the end not included */
    int deed;
    int error; /* for FAIL */
};

static char root[PATH_MAX];
static size_t root_length;
static struct window windows[2];
static int cut_short; /* every write and read does half of what it was asked for */
static long seen = -1;
static char *calls[MAX_CALLS];
static char *paths[MAX_FDS];
static struct {
    DIR *dir;
    char *path;
} dirs[MAX_DIRS];

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
    return dlsym(RTLD_NEXT, name);
}

void faults_arm(const char *folder, const struct window *two, int is_short);
long faults_seen(void);
const char *faults_call(long number);

void faults_arm(const char *folder, const struct window *two, int is_short) {
    snprintf(root, sizeof root, "%s", folder);
    root_length = strlen(root);
    windows[0] = two[0];
    windows[1] = two[1];
    cut_short = is_short;
    seen = 0;
}

long faults_seen(void) {
    return seen;
}

const char *faults_call(long number) {
    return calls[number];
}

static int inside(const char *path) {
    return seen >= 0 && path != NULL && (path[0] != '/' || strncmp(path, root, root_length) == 0);
}

static const char *path_of(int fd) {
    return seen >= 0 && fd >= 0 && fd < MAX_FDS ? paths[fd] : NULL;
}

static const char *path_of_dir(const DIR *dir) {
    for (int i = 0; i < MAX_DIRS; i++)
        if (dirs[i].dir == dir) return dirs[i].path;
    return NULL;
}

/* Count a call that concerns the folder; return what is to happen to it. */
static int deed(const char *name, const char *path) {
    int before = errno;
    long number = seen++;
    if (number < MAX_CALLS && asprintf(&calls[number], "%s %s", name, path) < 0) abort();
    for (int i = 0; i < 2; i++)
        if (windows[i].first <= number && number < windows[i].end) {
            if (windows[i].deed == KILL) kill(getpid(), SIGKILL);
            errno = windows[i].error;
            return windows[i].deed;
        }
    errno = before;
    return PASS;
}

/* Let a call on a path, or on a descriptor, fail if it is chosen. */
#define PATH_CALL(type, name, declared, path, given)                                               \
    type name declared;                                                                            \
    type name declared {                                                                           \
        if (inside(path) && deed(#name, path) == FAIL) return -1;                                  \
        return REAL(name) given;                                                                   \
    }

#define FD_CALL(type, name, declared, fd, given)                                                   \
    type name declared;                                                                            \
    type name declared {                                                                           \
        if (path_of(fd) != NULL && deed(#name, path_of(fd)) == FAIL) return -1;                    \
        return REAL(name) given;                                                                   \
    }

static int remember(int fd, const char *path) {
    if (fd >= 0 && fd < MAX_FDS) paths[fd] = strdup(path);
    return fd;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...) {                                                   \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(rest, int) : 0;                      \
        va_end(rest);                                                                              \
        if (!inside(path)) return REAL(name)(path, flags, mode);                                   \
        if (deed((flags & O_CREAT) != 0 ? "open(O_CREAT)" : "open", path) == FAIL) return -1;      \
        return remember(REAL(name)(path, flags, mode), path);                                      \
    }

OPEN(open)
OPEN(open64)

int close(int fd) {
    int is_chosen = path_of(fd) != NULL && deed("close", path_of(fd)) == FAIL;
    int error = errno;
    if (path_of(fd) != NULL) {
        free(paths[fd]);
        paths[fd] = NULL;
    }
    int result = REAL(close)(fd); /* even a close that fails closes */
    if (!is_chosen) return result;
    errno = error;
    return -1;
}

ssize_t write(int fd, const void *data, size_t size) {
    int what = path_of(fd) != NULL ? deed("write", path_of(fd)) : PASS;
    if (what == FAIL) return -1;
    if (what == TEAR || (cut_short && path_of(fd) != NULL && size > 1)) size /= 2;
    ssize_t written = REAL(write)(fd, data, size);
    if (what == TEAR) kill(getpid(), SIGKILL);
    return written;
}

ssize_t read(int fd, void *data, size_t size) {
    if (path_of(fd) != NULL && deed("read", path_of(fd)) == FAIL) return -1;
    if (cut_short && path_of(fd) != NULL && size > 1) size /= 2;
    return REAL(read)(fd, data, size);
}

/* The disk itself is not tested: not to wait for it makes the tests quick. */
int fsync(int fd) {
    if (path_of(fd) == NULL) return REAL(fsync)(fd);
    return deed("fsync", path_of(fd)) == FAIL ? -1 : 0;
}

int rename(const char *from, const char *to) {
    char both[2 * PATH_MAX];
    snprintf(both, sizeof both, "%s\n%s", from, to);
    if (inside(from) && deed("rename", both) == FAIL) return -1;
    return REAL(rename)(from, to);
}

#define OPENDIR(name)                                                                              \
    DIR *name(const char *path) {                                                                  \
        if (!inside(path)) return REAL(name)(path);                                                \
        if (deed(#name, path) == FAIL) return NULL;                                                \
        DIR *dir = REAL(name)(path);                                                               \
        for (int i = 0; dir != NULL && i < MAX_DIRS; i++)                                          \
            if (dirs[i].dir == NULL) {                                                             \
                dirs[i].dir = dir;                                                                 \
                dirs[i].path = strdup(path);                                                       \
                break;                                                                             \
            }                                                                                      \
        return dir;                                                                                \
    }

OPENDIR(opendir)

#define READDIR(type, name)                                                                        \
    struct type *name(DIR *dir) {                                                                  \
        const char *path = path_of_dir(dir);                                                       \
        if (path != NULL && deed("readdir", path) == FAIL) return NULL;                            \
        return REAL(name)(dir);                                                                    \
    }

READDIR(dirent, readdir)
READDIR(dirent64, readdir64)

int closedir(DIR *dir) {
    for (int i = 0; i < MAX_DIRS; i++)
        if (dirs[i].dir == dir) {
            free(dirs[i].path);
            dirs[i].dir = NULL;
            dirs[i].path = NULL;
        }
    return REAL(closedir)(dir);
}

PATH_CALL(int, access, (const char *path, int how), path, (path, how))
PATH_CALL(int, link, (const char *path, const char *to), path, (path, to))
PATH_CALL(int, linkat, (int at, const char *path, int to_at, const char *to, int flags), path,
          (at, path, to_at, to, flags))
PATH_CALL(int, lstat, (const char *path, struct stat *state), path, (path, state))
PATH_CALL(int, lstat64, (const char *path, struct stat64 *state), path, (path, state))
PATH_CALL(int, mkdir, (const char *path, mode_t mode), path, (path, mode))
PATH_CALL(int, renameat2, (int at, const char *path, int to_at, const char *to, unsigned flags),
          path, (at, path, to_at, to, flags))
PATH_CALL(int, stat, (const char *path, struct stat *state), path, (path, state))
PATH_CALL(int, stat64, (const char *path, struct stat64 *state), path, (path, state))
PATH_CALL(int, unlink, (const char *path), path, (path))
PATH_CALL(ssize_t, lgetxattr, (const char *path, const char *name, void *to, size_t size), path,
          (path, name, to, size))
PATH_CALL(ssize_t, llistxattr, (const char *path, char *to, size_t size), path, (path, to, size))
PATH_CALL(ssize_t, readlink, (const char *path, char *to, size_t size), path, (path, to, size))
FD_CALL(int, fchmod, (int fd, mode_t mode), fd, (fd, mode))
FD_CALL(int, fchown, (int fd, uid_t owner, gid_t group), fd, (fd, owner, group))
FD_CALL(int, flock, (int fd, int how), fd, (fd, how))
FD_CALL(int, fsetxattr, (int fd, const char *name, const void *data, size_t size, int how), fd,
        (fd, name, data, size, how))
FD_CALL(int, fstat, (int fd, struct stat *state), fd, (fd, state))
FD_CALL(int, fstat64, (int fd, struct stat64 *state), fd, (fd, state))
FD_CALL(int, ftruncate, (int fd, off_t size), fd, (fd, size))
FD_CALL(int, ftruncate64, (int fd, off64_t size), fd, (fd, size))
FD_CALL(off_t, lseek, (int fd, off_t offset, int from), fd, (fd, offset, from))
FD_CALL(off64_t, lseek64, (int fd, off64_t offset, int from), fd, (fd, offset, from))
