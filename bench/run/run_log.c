#include "bench/run/run_log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "base/memstream.h"

enum { LOG_BYTES_MAX = 64 << 20 };

/* drops, in place, the rows that are not to stay, and a last one that was cut */
static void keep_rows(char *text, long newest) {
    char *kept = text;
    long before = -1;
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        long step = line == text ? -1 : strtol(line, NULL, 10);
        if (line != text && (step > newest || step <= before)) continue;
        before = step;
        memmove(kept, line, (size_t)(end + 1 - line));
        kept += end + 1 - line;
    }
    *kept = 0;
}

mdp_err mdp_run_log_open(const char *path, const char *header, long step, const char *saved) {
    char *there = NULL, *text = NULL;
    size_t n_header = strlen(header);
    int is_saved = saved != NULL && strncmp(saved, header, n_header) == 0;
    mdp_err err;
    MDP_TRY(mdp_run_log_text(path, &there));
    text = strdup(is_saved ? saved : there != NULL ? there : "");
    if (text == NULL) MDP_TRY(mdp_fail(MDP_E_NOMEM, "%s: no memory for its rows", path));
    keep_rows(text, step);
    if (text[0] != 0 && strncmp(text, header, n_header) != 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected the columns %.*s, found %.*s; delete it to begin a new one", path,
                         (int)n_header - 1, header, (int)strcspn(text, "\n"), text));
    const char *wanted = text[0] != 0 ? text : header;
    if (there == NULL || strcmp(there, wanted) != 0) MDP_TRY(mdp_fsx_write(path, wanted, strlen(wanted)));
out:
    free(there);
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
    struct mdp_memstream row;
    int is_full = 0;
    mdp_err err;
    MDP_TRY(mdp_memstream_open(&row, "row of a log"));
    fprintf(row.stream, "%ld", step);
    for (int i = 0; i < n; i++)
        isfinite(values[i]) ? fprintf(row.stream, ",%.6g", values[i]) : fprintf(row.stream, ",");
    fputc('\n', row.stream);
    MDP_TRY(mdp_memstream_close(&row, MDP_OK));
    err = mdp_fsx_append(path, row.text, strlen(row.text), LOG_BYTES_MAX, &is_full);
    free(row.text);
    if (is_full)
        err = mdp_fail(MDP_E_IO, "%s: expected at most %d bytes, found no room for a row", path, LOG_BYTES_MAX);
out:
    return err;
}

/* ---- a copy in the state ---- */

static const char array_name[] = "log";

mdp_err mdp_run_log_text(const char *path, char **text) {
    size_t size;
    *text = NULL;
    return mdp_fsx_exists(path) ? mdp_fsx_read(path, LOG_BYTES_MAX, text, &size) : MDP_OK;
}

void mdp_run_log_array(const char *text, struct mdp_named_array *array) {
    *array = (struct mdp_named_array){array_name, MDP_H5_U8, {1, {(long)strlen(text)}}, (void *)(uintptr_t)text};
}

mdp_err mdp_run_log_saved(const char *state, char **text) {
    struct mdp_named_array array = {.name = array_name, .type = MDP_H5_U8};
    int is_there;
    mdp_err err;
    *text = NULL;
    MDP_TRY(mdp_checkpoint_has_array(state, array_name, &is_there));
    if (!is_there) return MDP_OK;
    MDP_TRY(mdp_checkpoint_array_shape(state, array_name, &array.shape));
    if (array.shape.rank != 1 || array.shape.extent[0] > LOG_BYTES_MAX)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected a row of at most %d bytes, found rank %d", state, array_name,
                         LOG_BYTES_MAX, array.shape.rank));
    MDP_TRY(mdp_calloc(text, (unsigned long)array.shape.extent[0] + 1, 1, array_name));
    array.data = *text;
    MDP_TRY(mdp_checkpoint_read_arrays(state, 1, &array));
out:
    if (err != MDP_OK) {
        free(*text);
        *text = NULL;
    }
    return err;
}

mdp_err mdp_run_log_refuse_finer(const char *folder, long every, long step) {
    return mdp_fail(MDP_E_USAGE,
                    "%s: option --checkpoint-every: expected steps at which the run, which is over, has checkpoints, "
                    "found %ld: there is none for step %ld; another --out trains it with them",
                    folder, every, step);
}
