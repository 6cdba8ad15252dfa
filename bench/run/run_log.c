#include "bench/run/run_log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"

enum { LOG_BYTES_MAX = 64 << 20 };

mdp_err mdp_run_log_open(const char *path, const char *header, long step) {
    char *text = NULL;
    size_t size, kept = 0;
    if (!mdp_fsx_exists(path)) return mdp_fsx_write(path, header, strlen(header));
    mdp_err err = mdp_fsx_read(path, LOG_BYTES_MAX, &text, &size);
    if (err != MDP_OK) return err;
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        if (line != text && strtol(line, NULL, 10) > step) break;
        kept = (size_t)(end + 1 - text);
    }
    if (kept > 0 && strncmp(text, header, strlen(header)) != 0)
        err = mdp_fail(MDP_E_DATA, "%s: expected the columns %.*s, found %.*s; delete it to begin a new one", path,
                       (int)strlen(header) - 1, header, (int)strcspn(text, "\n"), text);
    else
        err = kept > 0 ? mdp_fsx_write(path, text, kept) : mdp_fsx_write(path, header, strlen(header));
    free(text);
    return err;
}

/* every line but the first that begins with a number */
mdp_err mdp_run_log_steps(const char *path, struct mdp_steps *out) {
    char *text = NULL, *end;
    size_t size;
    mdp_err err;
    *out = (struct mdp_steps){0, NULL};
    if (!mdp_fsx_exists(path)) return MDP_OK;
    MDP_TRY(mdp_fsx_read(path, LOG_BYTES_MAX, &text, &size));
    MDP_TRY(mdp_calloc(&out->steps, size + 1, sizeof *out->steps, path));
    for (char *line = strchr(text, '\n'); line != NULL && line[1] != 0; line = strchr(line + 1, '\n')) {
        long step = strtol(line + 1, &end, 10);
        if (end != line + 1) out->steps[out->n++] = step;
    }
out:
    free(text);
    return err;
}

mdp_err mdp_run_log_append(const char *path, long step, const double *values, int n) {
    FILE *file = fopen(path, "a");
    if (file == NULL) return mdp_fail(MDP_E_IO, "%s: cannot append: %s", path, strerror(errno));
    int failed = fprintf(file, "%ld", step) < 0;
    for (int i = 0; i < n; i++)
        failed |= (isfinite(values[i]) ? fprintf(file, ",%.6g", values[i]) : fprintf(file, ",")) < 0;
    failed |= fprintf(file, "\n") < 0;
    if (fclose(file) != 0 || failed) return mdp_fail(MDP_E_IO, "%s: cannot append: %s", path, strerror(errno));
    return MDP_OK;
}
