#include "results/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* float rounding of a clipped action may pass 1 by this much */
#define ACTION_SLACK 1e-5f

enum { FEWEST_ROWS = 2 };

/* --- arrays of a file -------------------------------------------------------------------------------------------- */

/* the rows of an array must agree with those of observations */
static mdp_err check_rows(struct mdp_h5 *file, const char *name, long n_file, const struct mdp_h5_shape *shape) {
    if (shape->extent[0] == n_file) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected %ld rows as observations has, found %ld", mdp_h5_path(file), name,
                    n_file, shape->extent[0]);
}

static mdp_err matrix_width(struct mdp_h5 *file, const char *name, long n_file, int *width) {
    struct mdp_h5_shape shape;
    mdp_err err = mdp_h5_shape(file, name, &shape);
    if (err == MDP_OK) err = mdp_h5_expect(file, name, MDP_H5_2D(-1, -1));
    if (err == MDP_OK && n_file >= 0) err = check_rows(file, name, n_file, &shape);
    if (err != MDP_OK) return err;
    if (shape.extent[1] < 1 || shape.extent[1] > MDP_NORMALIZER_MAX)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected 1 to %d columns, found %ld", mdp_h5_path(file), name,
                        MDP_NORMALIZER_MAX, shape.extent[1]);
    *width = (int)shape.extent[1];
    return MDP_OK;
}

/* rewards and flags come as [N] or [N, 1] */
static mdp_err check_column(struct mdp_h5 *file, const char *name, long n_file) {
    struct mdp_h5_shape shape;
    mdp_err err = mdp_h5_shape(file, name, &shape);
    if (err != MDP_OK) return err;
    if (shape.rank == 2)
        err = mdp_h5_expect(file, name, MDP_H5_2D(-1, 1));
    else
        err = mdp_h5_expect(file, name, MDP_H5_1D(-1));
    return err != MDP_OK ? err : check_rows(file, name, n_file, &shape);
}

static mdp_err read_floats(struct mdp_h5 *file, const char *name, long n, int width, float **out) {
    mdp_err err = mdp_calloc(out, (unsigned long)n * (unsigned long)width, sizeof **out, name);
    if (err == MDP_OK) err = mdp_h5_read_rows(file, name, MDP_H5_F32, 0, n, *out);
    if (err != MDP_OK) return err;
    for (long i = 0; i < n * width; i++)
        if (!isfinite((*out)[i]))
            return mdp_fail(MDP_E_DATA, "%s: %s: expected finite values, found %g at row %ld, column %ld",
                            mdp_h5_path(file), name, (double)(*out)[i], i / width, i % width);
    return MDP_OK;
}

static mdp_err read_flags(struct mdp_h5 *file, const char *name, long n_file, long n, uint8_t **out) {
    mdp_err err = check_column(file, name, n_file);
    if (err == MDP_OK) err = mdp_calloc(out, (unsigned long)n, 1, name);
    if (err == MDP_OK) err = mdp_h5_read_rows(file, name, MDP_H5_U8, 0, n, *out);
    if (err != MDP_OK) return err;
    for (long i = 0; i < n; i++)
        if ((*out)[i] > 1)
            return mdp_fail(MDP_E_DATA, "%s: %s: expected 0 or 1, found %d at row %ld", mdp_h5_path(file), name,
                            (*out)[i], i);
    return MDP_OK;
}

static mdp_err check_actions(struct mdp_h5 *file, const struct mdp_dataset_raw *raw) {
    for (long i = 0; i < raw->n * raw->n_act; i++)
        if (fabsf(raw->actions[i]) > 1.0f + ACTION_SLACK)
            return mdp_fail(MDP_E_DATA, "%s: actions: expected values in [-1, 1], found %g at row %ld, column %ld",
                            mdp_h5_path(file), (double)raw->actions[i], i / raw->n_act, i % raw->n_act);
    return MDP_OK;
}

/* the view never uses next_observations, but a wrong shape means that the file is not what it says */
static mdp_err check_next(struct mdp_h5 *file, long n_file, int n_obs) {
    if (!mdp_h5_exists(file, "next_observations")) return MDP_OK;
    return mdp_h5_expect(file, "next_observations", MDP_H5_2D(n_file, n_obs));
}

static mdp_err read_sizes(struct mdp_h5 *file, long max_rows, long *n_file, struct mdp_dataset_raw *raw) {
    struct mdp_h5_shape shape;
    mdp_err err;
    MDP_TRY(matrix_width(file, "observations", -1, &raw->n_obs));
    MDP_TRY(mdp_h5_shape(file, "observations", &shape));
    *n_file = shape.extent[0];
    if (*n_file < FEWEST_ROWS || *n_file > MDP_DATASET_ROWS_MAX) {
        err = mdp_fail(MDP_E_DATA, "%s: observations: expected %d to %d rows, found %ld", mdp_h5_path(file),
                       FEWEST_ROWS, MDP_DATASET_ROWS_MAX, *n_file);
        goto out;
    }
    MDP_TRY(matrix_width(file, "actions", *n_file, &raw->n_act));
    raw->n = max_rows > 0 && max_rows < *n_file ? max_rows : *n_file;
out:
    return err;
}

static mdp_err read_arrays(struct mdp_h5 *file, long max_rows, struct mdp_dataset_raw *raw) {
    long n_file;
    mdp_err err;
    MDP_TRY(read_sizes(file, max_rows, &n_file, raw));
    MDP_TRY(check_column(file, "rewards", n_file));
    MDP_TRY(check_next(file, n_file, raw->n_obs));
    MDP_TRY(read_flags(file, "terminals", n_file, raw->n, &raw->terminals));
    if (mdp_h5_exists(file, "timeouts")) MDP_TRY(read_flags(file, "timeouts", n_file, raw->n, &raw->timeouts));
    MDP_TRY(read_floats(file, "observations", raw->n, raw->n_obs, &raw->observations));
    MDP_TRY(read_floats(file, "actions", raw->n, raw->n_act, &raw->actions));
    MDP_TRY(read_floats(file, "rewards", raw->n, 1, &raw->rewards));
    MDP_TRY(check_actions(file, raw));
out:
    return err;
}

mdp_err mdp_dataset_read(const char *path, long max_rows, struct mdp_dataset_raw *raw) {
    struct mdp_h5 *file = NULL;
    memset(raw, 0, sizeof *raw);
    mdp_err err = mdp_h5_open(path, &file);
    if (err == MDP_OK) err = read_arrays(file, max_rows, raw);
    mdp_h5_close(file);
    if (err != MDP_OK) mdp_dataset_raw_free(raw);
    return err;
}

void mdp_dataset_raw_free(struct mdp_dataset_raw *raw) {
    free(raw->observations);
    free(raw->actions);
    free(raw->rewards);
    free(raw->terminals);
    free(raw->timeouts);
    memset(raw, 0, sizeof *raw);
}

mdp_err mdp_dataset_load(const char *path, const struct mdp_dataset_options *options,
                         struct mdp_transitions *transitions, struct mdp_normalizer *normalizer,
                         struct mdp_dataset_summary *summary) {
    struct mdp_dataset_raw raw;
    memset(transitions, 0, sizeof *transitions);
    mdp_err err = mdp_dataset_read(path, options->max_rows, &raw);
    if (err != MDP_OK) return err;
    err = mdp_dataset_view(&raw, options, transitions, NULL, normalizer, summary);
    mdp_dataset_raw_free(&raw);
    return err == MDP_OK ? MDP_OK : mdp_fail_context(err, "%s", path);
}
