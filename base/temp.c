#define _GNU_SOURCE /* renameat2 */
#include "base/temp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/host.h"

/* five bits a letter */
static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567", mark[] = ".tmp-";
enum {
    N_BOOT = 4,
    N_RANDOM = 8,
    N_CHECK = 4,
    N_LETTERS = N_BOOT + N_RANDOM + N_CHECK,
    N_MARK = sizeof mark - 1,
    NAME_BYTES_MAX = 255, /* of one part of a path, on all usual file systems */
    N_TRIES = 100,
    FOREIGN_SECONDS = 3600
};

/* ---- names ---- */

static uint64_t hash(const char *text, size_t n) {
    uint64_t state = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++) state = (state ^ (unsigned char)text[i]) * 0x100000001b3u;
    return state ^ state >> 32;
}

static void spell(uint64_t bits, int n, char *out) {
    for (int i = 0; i < n; i++, bits >>= 5) out[i] = letters[bits & 31];
}

static void spell_boot(char out[N_BOOT]) {
    const char *boot = mdp_host_boot();
    spell(hash(boot, strlen(boot)), N_BOOT, out);
}

/* of all that stands before it in the name */
static void spell_check(const char *name, const char *end, char out[N_CHECK]) {
    spell(hash(name, (size_t)(end - name)), N_CHECK, out);
}

/* a name that leaves no room for the mark is cut */
static mdp_err make_name(const char *path, char temp[MDP_PATH_MAX]) {
    const char *name = mdp_path_name(path);
    size_t n_name = strlen(name), n_folder = (size_t)(name - path), n_most = NAME_BYTES_MAX - N_MARK - N_LETTERS;
    uint64_t random;
    if (n_name > n_most) n_name = n_most;
    if (strlen(path) >= MDP_PATH_MAX || n_folder + n_name + N_MARK + N_LETTERS >= MDP_PATH_MAX)
        return mdp_fail(MDP_E_USAGE, "path longer than %d bytes: %.64s...", MDP_PATH_MAX - 1, path);
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return mdp_fail(MDP_E_IO, "%s: no random name: %s", path, strerror(errno));
    snprintf(temp, MDP_PATH_MAX, "%.*s%s", (int)(n_folder + n_name), path, mark);
    char *end = temp + n_folder + n_name + N_MARK;
    spell_boot(end);
    spell(random, N_RANDOM, end + N_BOOT);
    spell_check(temp + n_folder, end + N_BOOT + N_RANDOM, end + N_BOOT + N_RANDOM);
    end[N_LETTERS] = 0;
    return MDP_OK;
}

/* what this program, and nobody else, calls a file; whether it was in this start of the machine */
static int is_ours(const char *name, int *is_of_this_boot) {
    char boot[N_BOOT], check[N_CHECK];
    size_t n = strlen(name);
    if (n <= N_MARK + N_LETTERS) return 0;
    const char *end = name + n - N_LETTERS;
    spell_check(name, name + n - N_CHECK, check);
    if (memcmp(end - N_MARK, mark, N_MARK) != 0 || memcmp(name + n - N_CHECK, check, N_CHECK) != 0) return 0;
    spell_boot(boot);
    *is_of_this_boot = memcmp(end, boot, N_BOOT) == 0;
    return 1;
}

int mdp_temp_is_ours(const char *name) {
    int is_of_this_boot;
    return is_ours(name, &is_of_this_boot);
}

/* ---- making ---- */

/* a sweep may have come between making and locking: what it has locked, or removed, is left to it. a file system
 * without locks has no sweeps either */
static int hold(int fd) {
    struct stat info;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) return errno != EWOULDBLOCK;
    return fstat(fd, &info) == 0 && info.st_nlink > 0;
}

mdp_err mdp_temp_open(const char *path, struct mdp_temp *out) {
    *out = MDP_TEMP_NONE;
    for (int i = 0; i < N_TRIES; i++) {
        mdp_err err = make_name(path, out->path);
        if (err != MDP_OK) return err;
        int fd = open(out->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (fd < 0 && errno == EEXIST) continue;
        if (fd < 0) return mdp_fail(MDP_E_IO, "%s: cannot create: %s", path, strerror(errno));
        if (hold(fd)) {
            out->fd = fd;
            return MDP_OK;
        }
        close(fd);
    }
    return mdp_fail(MDP_E_IO, "%s: cannot create: expected a free name beside it, found none in %d", path, N_TRIES);
}

mdp_err mdp_temp_open_aside(const char *name, struct mdp_temp *out) {
    char path[MDP_PATH_MAX];
    const char *folder = getenv("TMPDIR");
    int n = snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : "/tmp", name);
    *out = MDP_TEMP_NONE;
    if (n >= (int)sizeof path) return mdp_fail(MDP_E_USAGE, "path longer than %d bytes: %.64s...", MDP_PATH_MAX, path);
    return mdp_temp_open(path, out);
}

void mdp_temp_close(struct mdp_temp *temp) {
    if (temp->fd >= 0) close(temp->fd);
    *temp = MDP_TEMP_NONE;
}

void mdp_temp_discard(struct mdp_temp *temp) {
    if (temp->fd >= 0) (void)unlink(temp->path);
    mdp_temp_close(temp);
}

/* ---- publishing ---- */

static int cannot(int reason) {
    return reason == EPERM || reason == EOPNOTSUPP || reason == ENOSYS || reason == EINVAL || reason == EMLINK;
}

/* a new name in one step: by a rename that does not replace, or by a second name. on a file system that has neither,
 * the last moment is left to chance. returns the reason of a failure, 0 if there is none */
static int move_new(const char *from, const char *path) {
    struct stat info;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, path, RENAME_NOREPLACE) == 0) return 0;
    if (!cannot(errno)) return errno;
    if (link(from, path) == 0) return unlink(from) == 0 ? 0 : errno;
    if (!cannot(errno)) return errno;
    if (lstat(path, &info) == 0) return EEXIST;
    return rename(from, path) == 0 ? 0 : errno;
}

/* a device or a pipe, also behind a link as /dev/stdout is one */
static int is_special(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

mdp_err mdp_temp_move(const char *from, const char *path, enum mdp_publish how, int *is_taken) {
    *is_taken = 0;
    if (is_special(path))
        return mdp_fail(MDP_E_IO, "%s: expected a file or none, found a device or pipe, which is not replaced", path);
    int reason = how == MDP_PUBLISH_NEW ? move_new(from, path) : rename(from, path) == 0 ? 0 : errno;
    *is_taken = how == MDP_PUBLISH_NEW && reason == EEXIST;
    if (reason == 0 || *is_taken) return MDP_OK;
    return mdp_fail(MDP_E_IO, "%s: cannot rename from %s: %s", path, from, strerror(reason));
}

/* ---- what the dead leave ---- */

static int is_left(int fd, int is_of_this_boot) {
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || flock(fd, LOCK_EX | LOCK_NB) != 0) return 0;
    return is_of_this_boot || time(NULL) - info.st_mtime > FOREIGN_SECONDS;
}

void mdp_temp_sweep(const char *folder) {
    DIR *dir = opendir(folder);
    int is_of_this_boot;
    if (dir == NULL) return;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (!is_ours(entry->d_name, &is_of_this_boot)) continue;
        int fd = openat(dirfd(dir), entry->d_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0) continue;
        if (is_left(fd, is_of_this_boot)) (void)unlinkat(dirfd(dir), entry->d_name, 0);
        close(fd);
    }
    closedir(dir);
}

void mdp_temp_sweep_beside(const char *path) {
    char folder[MDP_PATH_MAX];
    mdp_path_folder(path, folder);
    mdp_temp_sweep(folder);
}
