#include "results/dataset_windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static mdp_err check(const struct mdp_dataset_windows_options *o) {
    if (o->max_path < 1)
        return mdp_fail(MDP_E_USAGE, "windows: expected paths of at least 1 step, found %d", o->max_path);
    if (o->horizon < 1 || o->horizon > o->max_path)
        return mdp_fail(MDP_E_USAGE, "windows: expected 1 to %d steps, found %d", o->max_path, o->horizon);
    if (!(o->discount >= 0 && o->discount <= 1))
        return mdp_fail(MDP_E_USAGE, "windows: expected a discount from 0 to 1, found %g", o->discount);
    return MDP_OK;
}

/* whether a path ends with a row; one without time-outs is cut when it has its full length */
static int ends(const struct mdp_dataset_raw *raw, long row, long length, int max_path) {
    if (raw->terminals[row] || (raw->timeouts != NULL && raw->timeouts[row])) return 1;
    return raw->timeouts == NULL && length == max_path;
}

static long starts_of(int length, const struct mdp_dataset_windows_options *o) {
    int last = o->max_path - o->horizon < length - 1 ? o->max_path - o->horizon : length - 1;
    return last + 1;
}

/* counts rows that belong to paths, paths and windows; lengths [paths] are written once there is room */
static mdp_err measure(const struct mdp_dataset_raw *raw, const struct mdp_dataset_windows_options *o,
                       struct mdp_windows *out) {
    long first = 0;
    out->n_paths = 0;
    out->n = 0;
    for (long row = 0; row < raw->n; row++) {
        long length = row - first + 1;
        if (!ends(raw, row, length, o->max_path)) continue;
        if (length > o->max_path)
            return mdp_fail(MDP_E_DATA, "dataset: path %d: expected at most %d steps, found %ld", out->n_paths,
                            o->max_path, length);
        if (out->path_lengths != NULL) out->path_lengths[out->n_paths] = (int)length;
        out->n_paths++;
        out->n += starts_of((int)length, o);
        first = row + 1;
    }
    out->n_rows = first;
    if (out->n_paths == 0)
        return mdp_fail(MDP_E_DATA, "dataset: expected a path that ends, found %ld steps without an end", raw->n);
    return MDP_OK;
}

static mdp_err alloc(struct mdp_windows *w) {
    mdp_err err;
    unsigned long n = (unsigned long)w->n_rows;
    const char *what = "windows of a dataset";
    MDP_TRY(mdp_calloc(&w->observations, n * (unsigned long)w->n_obs, sizeof(float), what));
    MDP_TRY(mdp_calloc(&w->actions, n * (unsigned long)w->n_act, sizeof(float), what));
    MDP_TRY(mdp_calloc(&w->rewards, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&w->values, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&w->path_lengths, (unsigned long)w->n_paths, sizeof(int), what));
    MDP_TRY(mdp_calloc(&w->list, (unsigned long)w->n, sizeof *w->list, what));
out:
    return err;
}

/* values from the end of a path back; nothing is known of what would have come behind it */
static void fill_path(struct mdp_windows *w, long first, int length, const struct mdp_dataset_windows_options *o) {
    double value = 0;
    for (long row = first + length - 1; row >= first; row--) {
        value = (double)w->rewards[row] + o->discount * value;
        w->values[row] = (float)value;
    }
}

static void fill(struct mdp_windows *w, const struct mdp_dataset_windows_options *o) {
    long first = 0, i = 0;
    for (int p = 0; p < w->n_paths; p++) {
        int length = w->path_lengths[p];
        fill_path(w, first, length, o);
        for (int s = 0; s < starts_of(length, o); s++)
            w->list[i++] = (struct mdp_window){p, s, length - s < o->horizon ? length - s : o->horizon, first + s};
        first += length;
    }
}

mdp_err mdp_dataset_windows(const struct mdp_dataset_raw *raw, const struct mdp_dataset_windows_options *options,
                            struct mdp_windows *out, struct mdp_normalizer *normalizer) {
    struct mdp_normalizer *measured = NULL;
    mdp_err err;
    *out = (struct mdp_windows){.n_obs = raw->n_obs, .n_act = raw->n_act, .horizon = options->horizon};
    MDP_TRY(check(options));
    MDP_TRY(measure(raw, options, out));
    MDP_TRY(alloc(out));
    MDP_TRY(measure(raw, options, out));
    MDP_TRY(mdp_calloc(&measured, 1, sizeof *measured, "normaliser"));
    mdp_normalizer_measure(raw->observations, raw->n, raw->n_obs, measured);
    memcpy(out->observations, raw->observations, (size_t)out->n_rows * (size_t)raw->n_obs * sizeof(float));
    memcpy(out->actions, raw->actions, (size_t)out->n_rows * (size_t)raw->n_act * sizeof(float));
    memcpy(out->rewards, raw->rewards, (size_t)out->n_rows * sizeof(float));
    mdp_normalizer_apply(measured, out->observations, out->n_rows);
    for (long row = 0; row < out->n_rows && !isnan(options->terminal_penalty); row++)
        if (raw->terminals[row] && (raw->timeouts == NULL || !raw->timeouts[row]))
            out->rewards[row] = (float)options->terminal_penalty;
    fill(out, options);
    if (normalizer != NULL) *normalizer = *measured;
out:
    free(measured);
    if (err != MDP_OK) mdp_windows_free(out);
    return err;
}

mdp_err mdp_dataset_windows_load(const char *path, const struct mdp_dataset_bounds *bounds,
                                 const struct mdp_dataset_windows_options *options, struct mdp_windows *out,
                                 struct mdp_normalizer *normalizer, struct mdp_dataset_bounds *found) {
    struct mdp_dataset_reader *reader = NULL;
    struct mdp_dataset_raw all;
    mdp_err err;
    *out = (struct mdp_windows){.n = 0};
    MDP_TRY(mdp_dataset_reader_new(path, 0, MDP_DATASET_ROWS_MAX, &reader));
    if (bounds != NULL) MDP_TRY(mdp_dataset_reader_set_bounds(reader, bounds));
    MDP_TRY(mdp_dataset_reader_next(reader, &all));
    if (mdp_dataset_windows(&all, options, out, normalizer) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", path));
    *found = *mdp_dataset_reader_bounds(reader);
out:
    mdp_dataset_reader_free(reader);
    return err;
}
