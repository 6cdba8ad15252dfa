/* the reading side of datasets: blocks of rows, each checked before it is handed out. */
#include "results/dataset.h"
#include "base/text.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/minari.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* float rounding of a clipped action may pass 1 by this much */
#define ACTION_SLACK 1e-5f

enum { FEWEST_ROWS = 2, BLOCK_ROWS = 1 << 15 };

enum { TERMINALS, TIMEOUTS, OBSERVATIONS, ACTIONS, REWARDS, NEXT, QVEL, N_ARRAYS };
static const char *const names[N_ARRAYS] = {"terminals", "timeouts",          "observations", "actions",
                                            "rewards",   "next_observations", "infos/qvel"};
static const char *const minari_names[N_ARRAYS] = {"terminations", "truncations", "observations", "actions", "rewards",
                                                   "observations", NULL};

/* one array of the file, and the rows of it that are at hand */
struct array {
    struct mdp_h5_rows *rows; /* NULL if the file has none, or one an episode */
    long width;               /* 0 if the file has none */
    size_t row_bytes;
    void *values; /* [room, width]: float, uint8_t for flags */
};

struct mdp_dataset_reader {
    struct mdp_h5 *file;
    struct mdp_minari *minari; /* NULL for D4RL's layout */
    struct array arrays[N_ARRAYS];
    struct mdp_dataset_raw head;
    struct mdp_dataset_bounds bounds; /* of actions in the file */
    int keeps_actions;                /* they are not mapped to [-1, 1] */
    long room, n_read, n_block;       /* rows that fit, that were read so far, that are at hand */
};

/* ---- shapes ---- */

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

/* the view never uses next_observations, but a wrong shape means that something is wrong with the file */
static mdp_err check_next(struct mdp_h5 *file, long n_file, int n_obs) {
    if (!mdp_h5_exists(file, "next_observations")) return MDP_OK;
    return mdp_h5_expect(file, "next_observations", MDP_H5_2D(n_file, n_obs));
}

static mdp_err check_n(struct mdp_h5 *file, long n_file) {
    if (n_file >= FEWEST_ROWS && n_file <= MDP_DATASET_ROWS_MAX) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: observations: expected %d to %d rows, found %ld", mdp_h5_path(file), FEWEST_ROWS,
                    MDP_DATASET_ROWS_MAX, n_file);
}

/* what our own datasets name must be lines that people can be shown; others may lack any of it, or have other things
 * there */
static mdp_err check_names(struct mdp_h5 *file) {
    static const char *const texts[] = {"task",    "env_id",          "algorithm", "policy/file", "reference",
                                        "physics", "physics_library", "isa",       "version",     "machine"};
    mdp_err err = MDP_OK;
    for (size_t i = 0; err == MDP_OK && i < sizeof texts / sizeof *texts; i++) {
        char name[64], *text = NULL;
        snprintf(name, sizeof name, "metadata/%s", texts[i]);
        if (!mdp_h5_exists(file, name)) continue;
        err = mdp_h5_read_text(file, name, &text);
        if (err != MDP_E_IO && err != MDP_E_NOMEM) err = MDP_OK;
        if (text != NULL && text[0] != 0 && !mdp_text_is_name(text, strlen(text)))
            err = mdp_fail(MDP_E_DATA, "%s: %s: expected a line of plain UTF-8, found '%s'", mdp_h5_path(file), name,
                           text);
        free(text);
    }
    return err;
}

static mdp_err read_sizes(struct mdp_h5 *file, long max_rows, struct mdp_dataset_raw *head) {
    struct mdp_h5_shape shape;
    mdp_err err;
    MDP_TRY(matrix_width(file, "observations", -1, &head->n_obs));
    MDP_TRY(mdp_h5_shape(file, "observations", &shape));
    long n_file = shape.extent[0];
    MDP_TRY(check_n(file, n_file));
    MDP_TRY(matrix_width(file, "actions", n_file, &head->n_act));
    MDP_TRY(check_column(file, "rewards", n_file));
    MDP_TRY(check_next(file, n_file, head->n_obs));
    MDP_TRY(check_column(file, "terminals", n_file));
    if (mdp_h5_exists(file, "timeouts")) MDP_TRY(check_column(file, "timeouts", n_file));
    head->n = max_rows > 0 && max_rows < n_file ? max_rows : n_file;
out:
    return err;
}

/* of a file that was made of another layout, whose actions are kept as they were */
static mdp_err read_bounds(struct mdp_dataset_reader *reader) {
    struct mdp_dataset_bounds *bounds = &reader->bounds;
    const int n = reader->head.n_act;
    double ends[2 * MDP_NORMALIZER_MAX];
    if (!mdp_h5_exists(reader->file, MDP_DATASET_BOUNDS)) return MDP_OK;
    mdp_err err = mdp_h5_read(reader->file, MDP_DATASET_BOUNDS, MDP_H5_F64, MDP_H5_2D(2, n), ends);
    if (err != MDP_OK) return err;
    for (int j = 0; j < n; j++) {
        if (!isfinite(ends[j]) || !isfinite(ends[n + j]) || !(ends[j] < ends[n + j]))
            return mdp_fail(MDP_E_DATA, "%s: %s: expected a lower and a higher number, found %g and %g of column %d",
                            mdp_h5_path(reader->file), MDP_DATASET_BOUNDS, ends[j], ends[n + j], j);
        bounds->low[j] = ends[j];
        bounds->high[j] = ends[n + j];
    }
    bounds->n = n;
    return MDP_OK;
}

static mdp_err read_d4rl_sizes(struct mdp_dataset_reader *reader, long max_rows) {
    mdp_err err = read_sizes(reader->file, max_rows, &reader->head);
    return err == MDP_OK ? read_bounds(reader) : err;
}

static mdp_err read_minari_sizes(struct mdp_dataset_reader *reader, long max_rows) {
    struct mdp_dataset_raw *head = &reader->head;
    mdp_err err = mdp_minari_new(reader->file, &reader->minari);
    if (err != MDP_OK) return err;
    long n_file = mdp_minari_first(reader->minari, mdp_minari_episodes(reader->minari));
    head->n = max_rows > 0 && max_rows < n_file ? max_rows : n_file;
    head->n_obs = mdp_minari_width(reader->minari, 0);
    head->n_act = mdp_minari_width(reader->minari, 1);
    reader->bounds.n = mdp_minari_bounds(reader->minari, reader->bounds.low, reader->bounds.high);
    return check_n(reader->file, n_file);
}

/* ---- values ---- */

/* Minari's rows are counted in their episode */
static mdp_err refuse_value(const struct mdp_dataset_reader *reader, int k, const char *expected, double found,
                            long i) {
    long row = reader->n_read + i / reader->arrays[k].width, column = i % reader->arrays[k].width;
    char name[MDP_H5_NAME_MAX];
    snprintf(name, sizeof name, "%s", names[k]);
    if (reader->minari != NULL) row = mdp_minari_name_row(reader->minari, minari_names[k], row, name);
    return mdp_fail(MDP_E_DATA, "%s: %s: expected %s, found %g at row %ld, column %ld%s", mdp_h5_path(reader->file),
                    name, expected, found, row, column,
                    k == ACTIONS && isfinite(found) ? "; train --bounds says another range" : "");
}

static mdp_err check_finite(const struct mdp_dataset_reader *reader, int k, const float *values, long n) {
    for (long i = 0; i < n * reader->arrays[k].width; i++)
        if (!isfinite(values[i])) return refuse_value(reader, k, "finite values", (double)values[i], i);
    return MDP_OK;
}

static double bound_of(const struct mdp_dataset_bounds *bounds, int is_high, long column) {
    if (bounds->n == 0) return is_high ? 1 : -1;
    return (is_high ? bounds->high : bounds->low)[bounds->n == 1 ? 0 : column];
}

/* what lies in the bounds becomes [-1, 1]; where they are that, nothing changes by a bit */
static mdp_err map_actions(const struct mdp_dataset_reader *reader, float *values, long n) {
    const struct mdp_dataset_bounds *bounds = &reader->bounds;
    char expected[80];
    for (long i = 0; i < n * reader->head.n_act; i++) {
        double low = bound_of(bounds, 0, i % reader->head.n_act), high = bound_of(bounds, 1, i % reader->head.n_act);
        double mapped = bounds->n == 0 ? (double)values[i] : (values[i] - low) * 2 / (high - low) - 1;
        if (!(fabs(mapped) <= 1.0 + ACTION_SLACK)) {
            snprintf(expected, sizeof expected, "values in [%g, %g]", low, high);
            return refuse_value(reader, ACTIONS, expected, (double)values[i], i);
        }
        if (bounds->n > 0) values[i] = (float)mapped;
    }
    return MDP_OK;
}

static mdp_err check_floats(const struct mdp_dataset_reader *reader, int k, float *values, long n) {
    mdp_err err = check_finite(reader, k, values, n);
    return err != MDP_OK || k != ACTIONS || reader->keeps_actions ? err : map_actions(reader, values, n);
}

static int is_flag(int k) { return k == TERMINALS || k == TIMEOUTS; }

static enum mdp_h5_type type_of(int k) { return is_flag(k) ? MDP_H5_BOOL : k == QVEL ? MDP_H5_F64 : MDP_H5_F32; }

static mdp_err read_values(const struct mdp_dataset_reader *reader, int k, long n, void *values) {
    const struct array *array = &reader->arrays[k];
    if (reader->minari == NULL) return mdp_h5_rows_read(array->rows, reader->n_read, n, values);
    return mdp_minari_read(reader->minari, minari_names[k], type_of(k), k == OBSERVATIONS || k == NEXT, k == NEXT,
                           reader->n_read, n, array->row_bytes, values);
}

static mdp_err check_rates(const struct mdp_dataset_reader *reader, const void *rows, long n) {
    const double *values = rows;
    for (long i = 0; i < n * reader->arrays[QVEL].width; i++)
        if (!isfinite(values[i])) return refuse_value(reader, QVEL, "finite values", values[i], i);
    return MDP_OK;
}

/* n rows behind the n_old that stay */
static mdp_err read_array(struct mdp_dataset_reader *reader, int k, long n_old, long n) {
    struct array *array = &reader->arrays[k];
    char *values = array->values;
    if (array->values == NULL) return MDP_OK;
    if (n_old > 0) memmove(values, values + (size_t)(reader->n_block - 1) * array->row_bytes, array->row_bytes);
    values += (size_t)n_old * array->row_bytes;
    mdp_err err = read_values(reader, k, n, values);
    if (err != MDP_OK) return err;
    if (k == QVEL) return check_rates(reader, values, n);
    return is_flag(k) ? MDP_OK : check_floats(reader, k, (float *)values, n);
}

/* ---- the reader ---- */

/* blocks end where the chunks of observations end, and hold a chunk of every array */
static void choose_room(struct mdp_dataset_reader *reader, long block_rows) {
    long rows = block_rows;
    if (rows == 0 && reader->minari != NULL) rows = BLOCK_ROWS;
    if (rows == 0) rows = mdp_h5_rows_block(reader->arrays[OBSERVATIONS].rows, BLOCK_ROWS);
    for (int k = 0; block_rows == 0 && k < N_ARRAYS; k++)
        if (reader->arrays[k].rows != NULL && mdp_h5_rows_block(reader->arrays[k].rows, 1) > rows)
            rows = mdp_h5_rows_block(reader->arrays[k].rows, 1);
    reader->room = rows < reader->head.n ? rows : reader->head.n;
}

/* one that the file lacks stays empty, where it may */
static mdp_err open_array(struct mdp_dataset_reader *reader, int k) {
    const int n_obs = reader->head.n_obs;
    const long widths[N_ARRAYS] = {1, 1, n_obs, reader->head.n_act, 1, n_obs, reader->head.n_qvel};
    struct array *array = &reader->arrays[k];
    const int may_lack = (k == TIMEOUTS || k >= NEXT) && reader->minari == NULL;
    if (may_lack && !mdp_h5_exists(reader->file, names[k])) return MDP_OK;
    array->width = widths[k];
    array->row_bytes = (size_t)widths[k] * mdp_h5_type_size(type_of(k));
    return reader->minari != NULL ? MDP_OK : mdp_h5_rows_open(reader->file, names[k], type_of(k), &array->rows);
}

static mdp_err open_arrays(struct mdp_dataset_reader *reader) {
    mdp_err err = MDP_OK;
    for (int k = 0; err == MDP_OK && k < NEXT; k++) err = open_array(reader, k);
    return err;
}

/* a row more than is read at a time: the last one of the block before */
static mdp_err alloc_array(struct mdp_dataset_reader *reader, int k) {
    struct array *array = &reader->arrays[k];
    if (array->width == 0) return MDP_OK;
    return mdp_calloc(&array->values, (unsigned long)reader->room + 1, array->row_bytes, names[k]);
}

static mdp_err alloc_arrays(struct mdp_dataset_reader *reader) {
    mdp_err err = MDP_OK;
    for (int k = 0; err == MDP_OK && k < NEXT; k++) err = alloc_array(reader, k);
    return err;
}

mdp_err mdp_dataset_file(const char *path, char file[MDP_PATH_MAX]) {
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) return mdp_minari_file(path, file);
    return mdp_fsx_path(file, "%s", path);
}

mdp_err mdp_dataset_reader_new(const char *path, long max_rows, long block_rows, struct mdp_dataset_reader **out) {
    struct mdp_dataset_reader *reader = NULL;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&reader, 1, sizeof *reader, "dataset reader"));
    MDP_TRY(mdp_h5_open(path, &reader->file));
    MDP_TRY(mdp_minari_is(reader->file) ? read_minari_sizes(reader, max_rows) : read_d4rl_sizes(reader, max_rows));
    MDP_TRY(check_names(reader->file));
    MDP_TRY(open_arrays(reader));
    choose_room(reader, block_rows);
    MDP_TRY(alloc_arrays(reader));
    reader->head.observations = reader->arrays[OBSERVATIONS].values;
    reader->head.actions = reader->arrays[ACTIONS].values;
    reader->head.rewards = reader->arrays[REWARDS].values;
    reader->head.terminals = reader->arrays[TERMINALS].values;
    reader->head.timeouts = reader->arrays[TIMEOUTS].values;
    *out = reader;
    return MDP_OK;
out:
    mdp_dataset_reader_free(reader);
    return err;
}

const struct mdp_dataset_bounds *mdp_dataset_reader_bounds(const struct mdp_dataset_reader *reader) {
    return &reader->bounds;
}

mdp_err mdp_dataset_reader_set_bounds(struct mdp_dataset_reader *reader, const struct mdp_dataset_bounds *bounds) {
    if (bounds->n > 1 && bounds->n != reader->head.n_act)
        return mdp_fail(MDP_E_DATA, "%s: actions: expected %d columns as there are bounds, found %d",
                        mdp_h5_path(reader->file), bounds->n, reader->head.n_act);
    reader->bounds = *bounds;
    return MDP_OK;
}

mdp_err mdp_dataset_reader_add_next(struct mdp_dataset_reader *reader) {
    const int has_rates = reader->minari == NULL && mdp_h5_exists(reader->file, names[QVEL]);
    struct mdp_h5_shape shape;
    mdp_err err = MDP_OK;
    if (has_rates) {
        MDP_TRY(mdp_h5_shape(reader->file, names[OBSERVATIONS], &shape));
        MDP_TRY(matrix_width(reader->file, names[QVEL], shape.extent[0], &reader->head.n_qvel));
    }
    for (int k = NEXT; k <= (has_rates ? QVEL : NEXT); k++) {
        MDP_TRY(open_array(reader, k));
        MDP_TRY(alloc_array(reader, k));
    }
    reader->head.next_observations = reader->arrays[NEXT].values;
    reader->head.qvel = reader->arrays[QVEL].values;
out:
    return err;
}

void mdp_dataset_reader_keep_actions(struct mdp_dataset_reader *reader) { reader->keeps_actions = 1; }

void mdp_dataset_reader_free(struct mdp_dataset_reader *reader) {
    if (reader == NULL) return;
    for (int k = 0; k < N_ARRAYS; k++) {
        mdp_h5_rows_close(reader->arrays[k].rows);
        free(reader->arrays[k].values);
    }
    mdp_minari_free(reader->minari);
    mdp_h5_close(reader->file);
    free(reader);
}

const struct mdp_dataset_raw *mdp_dataset_reader_head(const struct mdp_dataset_reader *reader) { return &reader->head; }

mdp_err mdp_dataset_reader_next(struct mdp_dataset_reader *reader, struct mdp_dataset_raw *block) {
    long left = reader->head.n - reader->n_read, n = left < reader->room ? left : reader->room;
    long n_old = n > 0 && reader->n_read > 0;
    *block = reader->head;
    block->n = n_old + n;
    block->first = reader->n_read - n_old;
    for (int k = 0; n > 0 && k < N_ARRAYS; k++) {
        mdp_err err = read_array(reader, k, n_old, n);
        if (err != MDP_OK) return err;
    }
    if (reader->minari != NULL)
        mdp_minari_close_episodes(reader->minari, reader->n_read, n, block->terminals + n_old, block->timeouts + n_old);
    reader->n_read += n;
    reader->n_block = block->n;
    return MDP_OK;
}

void mdp_dataset_raw_free(struct mdp_dataset_raw *raw) {
    free(raw->observations);
    free(raw->actions);
    free(raw->rewards);
    free(raw->terminals);
    free(raw->timeouts);
    memset(raw, 0, sizeof *raw);
}
