#include "base/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsx.h"

struct mdp_scratch {
    int fd;
    char folder[MDP_PATH_MAX];
};

/* the name lives for a few system calls; a kill between them leaves an empty temporary file, which a sweep knows */
static mdp_err open_nameless(struct mdp_scratch *scratch) {
    struct mdp_temp temp = MDP_TEMP_NONE;
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_fsx_path(path, "%s/scratch", scratch->folder));
    if (mdp_temp_open(path, &temp) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_IO, "%s: cannot create a scratch file", scratch->folder));
    scratch->fd = temp.fd;
    if (unlink(temp.path) != 0)
        err = mdp_fail(MDP_E_IO, "%s: cannot remove the name of a scratch file: %s", temp.path, strerror(errno));
out:
    return err;
}

mdp_err mdp_scratch_new(const char *folder, struct mdp_scratch **out) {
    struct mdp_scratch *scratch = NULL;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&scratch, 1, sizeof *scratch, "scratch file"));
    scratch->fd = -1;
    MDP_TRY(mdp_fsx_path(scratch->folder, "%s", folder));
    MDP_TRY(mdp_fsx_make_dirs(folder));
    MDP_TRY(open_nameless(scratch));
    *out = scratch;
    return MDP_OK;
out:
    mdp_scratch_free(scratch);
    return err;
}

void mdp_scratch_free(struct mdp_scratch *scratch) {
    if (scratch == NULL) return;
    if (scratch->fd >= 0) close(scratch->fd);
    free(scratch);
}

mdp_err mdp_scratch_write(struct mdp_scratch *scratch, size_t offset, const void *data, size_t size) {
    const char *from = data;
    while (size > 0) {
        ssize_t done = pwrite(scratch->fd, from, size, (off_t)offset);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0)
            return mdp_fail(MDP_E_IO, "%s: cannot write %zu bytes to a scratch file that has %zu: %s", scratch->folder,
                            size, offset, strerror(done < 0 ? errno : ENOSPC));
        from += done;
        offset += (size_t)done;
        size -= (size_t)done;
    }
    return MDP_OK;
}

void mdp_scratch_expect(const struct mdp_scratch *scratch, size_t offset, size_t size) {
    (void)posix_fadvise(scratch->fd, (off_t)offset, (off_t)size, POSIX_FADV_WILLNEED);
}

mdp_err mdp_scratch_read(const struct mdp_scratch *scratch, size_t offset, void *data, size_t size) {
    char *to = data;
    while (size > 0) {
        ssize_t done = pread(scratch->fd, to, size, (off_t)offset);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0)
            return mdp_fail(MDP_E_IO, "%s: cannot read %zu bytes at %zu of a scratch file: %s", scratch->folder, size,
                            offset, done < 0 ? strerror(errno) : "it ends before them");
        to += done;
        offset += (size_t)done;
        size -= (size_t)done;
    }
    return MDP_OK;
}
