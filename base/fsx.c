#include "base/fsx.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/claim.h"

int mdp_fsx_exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

static mdp_err make_dir(const char *path) {
    if (mkdir(path, 0777) == 0) return MDP_OK;
    struct stat info;
    if (errno == EEXIST && stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode)) return MDP_OK;
        return mdp_fail(MDP_E_IO, "%s: expected a folder, found a file", path);
    }
    return mdp_fail(MDP_E_IO, "%s: cannot create folder: %s", path, strerror(errno));
}

mdp_err mdp_fsx_make_dirs(const char *path) {
    char part[MDP_PATH_MAX];
    if (strlen(path) >= sizeof part)
        return mdp_fail(MDP_E_USAGE, "path longer than %d bytes: %.64s...", MDP_PATH_MAX, path);
    strcpy(part, path);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mdp_err err = make_dir(part);
        if (err != MDP_OK) return err;
        *slash = '/';
    }
    return part[0] == 0 ? MDP_OK : make_dir(part);
}

/* the folder above a folder, in its place */
static void go_up(char folder[MDP_PATH_MAX]) {
    char below[MDP_PATH_MAX];
    strcpy(below, folder);
    mdp_path_folder(below, folder);
}

void mdp_fsx_deepest(const char *path, char folder[MDP_PATH_MAX]) {
    mdp_path_folder(path, folder);
    while (!mdp_fsx_exists(folder) && strcmp(folder, ".") != 0 && strcmp(folder, "/") != 0) go_up(folder);
}

void mdp_fsx_remove_empty(const char *path, const char *kept) {
    char folder[MDP_PATH_MAX];
    mdp_path_folder(path, folder);
    while (strcmp(folder, kept) != 0 && rmdir(folder) == 0) go_up(folder);
}

mdp_err mdp_fsx_make_parents(const char *path) {
    char folder[MDP_PATH_MAX];
    mdp_path_folder(path, folder);
    return mdp_fsx_make_dirs(folder);
}

static mdp_err sync_file(int fd, const char *path) {
    if (fsync(fd) == 0 || errno == EINVAL) return MDP_OK;
    return mdp_fail(MDP_E_IO, "%s: cannot sync: %s", path, strerror(errno));
}

static mdp_err sync_path(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0) return mdp_fail(MDP_E_IO, "%s: cannot open to sync: %s", path, strerror(errno));
    mdp_err err = sync_file(fd, path);
    close(fd);
    return err;
}

static mdp_err sync_folder_of(const char *path) {
    char folder[MDP_PATH_MAX];
    mdp_path_folder(path, folder);
    return sync_path(folder, O_RDONLY | O_DIRECTORY);
}

/* what is synced already gets its name */
static mdp_err rename_synced(const char *from, const char *path, enum mdp_publish how, int *is_taken) {
    mdp_err err = mdp_claims_check();
    if (err == MDP_OK) err = mdp_temp_move(from, path, how, is_taken);
    return err == MDP_OK && !*is_taken ? sync_folder_of(path) : err;
}

static mdp_err taken(const char *path) {
    return mdp_fail(MDP_E_IO, "%s: expected none yet, found one that was made meanwhile; it is not replaced", path);
}

mdp_err mdp_fsx_publish(struct mdp_temp *temp, const char *path, enum mdp_publish how) {
    int is_taken = 0;
    mdp_err err = sync_file(temp->fd, path);
    if (err == MDP_OK) err = rename_synced(temp->path, path, how, &is_taken);
    if (err == MDP_OK && !is_taken) {
        mdp_temp_close(temp);
        return MDP_OK;
    }
    mdp_temp_discard(temp);
    return is_taken ? taken(path) : err;
}

mdp_err mdp_fsx_move(const char *from, const char *path, enum mdp_publish how) {
    int is_taken = 0;
    mdp_err err = sync_path(from, O_RDONLY);
    if (err == MDP_OK) err = rename_synced(from, path, how, &is_taken);
    return is_taken ? taken(path) : err;
}

mdp_err mdp_fsx_remove(const char *path) {
    if (unlink(path) == 0 || errno == ENOENT) return MDP_OK;
    return mdp_fail(MDP_E_IO, "%s: cannot remove: %s", path, strerror(errno));
}

static mdp_err write_all(int fd, const char *path, const char *data, size_t size) {
    for (size_t used = 0; used < size;) {
        ssize_t got = write(fd, data + used, size - used);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            return mdp_fail(MDP_E_IO, "%s: cannot write %zu bytes: %s", path, size, strerror(got < 0 ? errno : ENOSPC));
        used += (size_t)got;
    }
    return MDP_OK;
}

static mdp_err write_temp(const char *path, const void *data, size_t size, struct mdp_temp *temp) {
    mdp_err err = mdp_temp_open(path, temp);
    if (err != MDP_OK) return err;
    err = write_all(temp->fd, path, data, size);
    if (err != MDP_OK) mdp_temp_discard(temp);
    return err;
}

mdp_err mdp_fsx_write(const char *path, const void *data, size_t size) {
    struct mdp_temp temp;
    mdp_err err = write_temp(path, data, size, &temp);
    return err == MDP_OK ? mdp_fsx_publish(&temp, path, MDP_PUBLISH_REPLACE) : err;
}

mdp_err mdp_fsx_write_new(const char *path, const void *data, size_t size, int *is_taken) {
    struct mdp_temp temp;
    *is_taken = 0;
    mdp_err err = write_temp(path, data, size, &temp);
    if (err != MDP_OK) return err;
    err = sync_file(temp.fd, path);
    if (err == MDP_OK) err = rename_synced(temp.path, path, MDP_PUBLISH_NEW, is_taken);
    if (err == MDP_OK && !*is_taken)
        mdp_temp_close(&temp);
    else
        mdp_temp_discard(&temp);
    return err;
}

/* what a full disk has cut off is taken back */
static mdp_err append_all(int fd, const char *path, const char *data, size_t size, off_t end) {
    for (size_t used = 0; used < size;) {
        ssize_t got = write(fd, data + used, size - used);
        if (got < 0 && errno == EINTR) continue;
        int reason = errno;
        if (got < 0 && ftruncate(fd, end) != 0)
            return mdp_fail(MDP_E_IO, "%s: cannot append: %s; a part of it stays there", path, strerror(reason));
        if (got < 0) return mdp_fail(MDP_E_IO, "%s: cannot append %zu bytes: %s", path, size, strerror(reason));
        used += (size_t)got;
    }
    return MDP_OK;
}

mdp_err mdp_fsx_append(const char *path, const void *data, size_t size, size_t limit, int *is_full) {
    mdp_err err = mdp_claims_check();
    struct stat info;
    *is_full = 0;
    if (err != MDP_OK) return err;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) return mdp_fail(MDP_E_IO, "%s: cannot open to append: %s", path, strerror(errno));
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        err = mdp_fail(MDP_E_IO, "%s: cannot append: expected a regular file", path);
    else if ((size_t)info.st_size + size > limit)
        *is_full = 1;
    else
        err = append_all(fd, path, data, size, info.st_size);
    if (err == MDP_OK && !*is_full && (err = sync_file(fd, path)) != MDP_OK && ftruncate(fd, info.st_size) != 0)
        err = mdp_fail_context(err, "what was appended stays there");
    close(fd);
    return err;
}

/* a pipe would wait for its other end, a folder only fails when it is read */
mdp_err mdp_fsx_open(const char *path, FILE **file) {
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return mdp_fail(MDP_E_IO, "%s: cannot read: expected a regular file, found a %s", path,
                        S_ISDIR(info.st_mode) ? "folder" : "device or pipe");
    *file = fopen(path, "rb");
    return *file != NULL ? MDP_OK : mdp_fail(MDP_E_IO, "%s: cannot open: %s", path, strerror(errno));
}

mdp_err mdp_fsx_read(const char *path, size_t limit, char **data, size_t *size) {
    *data = NULL;
    *size = 0;
    FILE *file;
    mdp_err err = mdp_fsx_open(path, &file);
    if (err != MDP_OK) return err;
    size_t used = 0, room = 0, got;
    char *text = NULL;
    do {
        if (used + 1 >= room) {
            room = room == 0 ? 65536 : 2 * room;
            char *grown = realloc(text, room);
            if (grown == NULL) {
                err = mdp_fail(MDP_E_NOMEM, "%s: no memory for %zu bytes", path, room);
                goto out;
            }
            text = grown;
        }
        got = fread(text + used, 1, room - used - 1, file);
        used += got;
        if (used > limit) {
            err = mdp_fail(MDP_E_DATA, "%s: expected at most %zu bytes, found more", path, limit);
            goto out;
        }
    } while (got > 0);
    if (ferror(file)) {
        err = mdp_fail(MDP_E_IO, "%s: cannot read: %s", path, strerror(errno));
        goto out;
    }
    text[used] = 0;
    *data = text;
    *size = used;
    text = NULL;
out:
    free(text);
    fclose(file);
    return err;
}

mdp_err mdp_fsx_hash(const char *path, uint64_t *hash) {
    unsigned char buffer[65536];
    FILE *file;
    mdp_err err = mdp_fsx_open(path, &file);
    if (err != MDP_OK) return err;
    uint64_t state = 0xcbf29ce484222325u;
    size_t got;
    while ((got = fread(buffer, 1, sizeof buffer, file)) > 0)
        for (size_t i = 0; i < got; i++) state = (state ^ buffer[i]) * 0x100000001b3u;
    int failed = ferror(file);
    fclose(file);
    if (failed) return mdp_fail(MDP_E_IO, "%s: cannot read", path);
    *hash = state;
    return MDP_OK;
}

mdp_err mdp_fsx_path(char path[MDP_PATH_MAX], const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(path, MDP_PATH_MAX, format, args);
    va_end(args);
    if (n < 0 || n >= MDP_PATH_MAX)
        return mdp_fail(MDP_E_USAGE, "path longer than %d bytes: %.64s...", MDP_PATH_MAX - 1, path);
    return MDP_OK;
}
