#include "results/curve_file.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "results/curve_columns.h"
#include "results/episodes_fields.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/h5/write.h"

static const char format[] = "mdpbench-episodes-curve";

/* ---- what the evaluations of a file have in common ---- */

/* the modules, and what is recorded of them, are each checkpoint's own */
static json_t *settings_of(const struct mdp_episodes_info *info) {
    json_t *settings = json_loads(info->head.settings != NULL ? info->head.settings : "{}", 0, NULL);
    json_object_del(settings, "inputs");
    json_object_del(settings, "diffusion");
    json_object_del(settings, "guidance");
    return settings;
}

/* where: the evaluation, first: what it has to be like */
static mdp_err check_settings(const char *where, const struct mdp_episodes_info *first, const json_t *wanted,
                              const struct mdp_episodes_info *info) {
    json_t *found = settings_of(info);
    char *a = NULL, *b = NULL;
    mdp_err err = MDP_OK;
    if (!json_equal(wanted, found)) {
        a = json_dumps(wanted, JSON_SORT_KEYS | JSON_COMPACT);
        b = json_dumps(found, JSON_SORT_KEYS | JSON_COMPACT);
        err = mdp_fail(MDP_E_DATA, "%s: settings: expected %.300s as of step %" PRId64 ", found %.300s", where,
                       a != NULL ? a : "none", first->step, b != NULL ? b : "none");
    }
    json_decref(found);
    free(a);
    free(b);
    return err;
}

static mdp_err check_fields(const char *where, const struct mdp_episodes_info *first,
                            const struct mdp_episodes_info *info) {
    const struct mdp_episodes_field *field;
    for (int i = 0; (field = mdp_episodes_field_at(i)) != NULL; i++)
        if (!field->is_of_step && !mdp_episodes_field_equal(field, first, info))
            return mdp_fail(MDP_E_DATA, "%s: %s: expected the value of step %" PRId64 ", found another", where,
                            field->name, first->step);
    return MDP_OK;
}

static mdp_err check_episodes(const char *where, const struct mdp_episodes_info *info, const struct mdp_episodes *first,
                              const struct mdp_episodes *episodes) {
    if (episodes->n != first->n)
        return mdp_fail(MDP_E_DATA, "%s: expected %ld episodes as of step %" PRId64 ", found %ld", where, first->n,
                        info->step, episodes->n);
    if (memcmp(episodes->indices, first->indices, (size_t)first->n * sizeof *first->indices) != 0 ||
        memcmp(episodes->seeds, first->seeds, (size_t)first->n * sizeof *first->seeds) != 0)
        return mdp_fail(MDP_E_DATA, "%s: expected the episode numbers and seeds of step %" PRId64 ", found others",
                        where, info->step);
    return MDP_OK;
}

static mdp_err check_n(const char *path, long n) {
    if (n >= 1 && n <= MDP_CURVE_STEPS_MAX) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: step: expected 1 to %d evaluations, found %ld", path, MDP_CURVE_STEPS_MAX, n);
}

static mdp_err check_n_episodes(const char *path, int n, long n_episodes) {
    if (n_episodes >= 1 && n_episodes <= MDP_EPISODES_MAX && n_episodes <= MDP_CURVE_EPISODES_MAX / n) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: episode: expected 1 to %d episodes, and %d of all evaluations, found %ld", path,
                    MDP_EPISODES_MAX, MDP_CURVE_EPISODES_MAX, n_episodes);
}

static mdp_err check_steps(const char *path, long n, const int64_t *steps) {
    for (long i = 0; i < n; i++)
        if (steps[i] < 0 || (i > 0 && steps[i] <= steps[i - 1]))
            return mdp_fail(MDP_E_DATA, "%s: step: expected ascending steps from 0, found %" PRId64 " at row %ld", path,
                            steps[i], i);
    return MDP_OK;
}

/* as of single files, and alike */
static mdp_err check_all(const char *path, int n, const struct mdp_episodes_info *infos,
                         const struct mdp_episodes *episodes) {
    json_t *settings = settings_of(&infos[0]);
    char where[MDP_PATH_MAX];
    mdp_err err = MDP_OK;
    for (int i = 0; i < n; i++) {
        MDP_TRY(check_steps(path, i > 0 ? 2 : 1, (int64_t[]){infos[i > 0 ? i - 1 : 0].step, infos[i].step}));
        MDP_TRY(mdp_curve_place_path(path, (long)infos[i].step, where));
        MDP_TRY(mdp_episodes_check_info(where, &infos[i]));
        MDP_TRY(mdp_episodes_check_rows(where, &episodes[i]));
        MDP_TRY(check_fields(where, &infos[0], &infos[i]));
        MDP_TRY(check_settings(where, &infos[0], settings, &infos[i]));
        MDP_TRY(mdp_episodes_check_objective(where, &infos[i], &episodes[i]));
        MDP_TRY(check_episodes(where, &infos[0], &episodes[0], &episodes[i]));
    }
out:
    json_decref(settings);
    return err;
}

/* ---- rows of episodes ---- */

/* an array over evaluations and episodes, and where its values are in the rows of one */
struct matrix {
    const char *name;
    enum mdp_h5_type type;
    size_t offset; /* of a pointer in mdp_episodes */
};
static const struct matrix objective = {"objective_return", MDP_H5_F64,
                                        offsetof(struct mdp_episodes, objective_returns)};
static const struct matrix matrices[] = {{"return", MDP_H5_F64, offsetof(struct mdp_episodes, returns)},
                                         {"length", MDP_H5_I32, offsetof(struct mdp_episodes, lengths)},
                                         {"end", MDP_H5_U8, offsetof(struct mdp_episodes, ends)}};
enum { N_MATRICES = sizeof matrices / sizeof matrices[0] };

static char *rows_in(const struct mdp_episodes *episodes, const struct matrix *matrix) {
    return *(char *const *)(const void *)((const char *)episodes + matrix->offset);
}

static mdp_err write_matrix(struct mdp_h5 *file, const struct matrix *matrix, int n,
                            const struct mdp_episodes *episodes) {
    const size_t size = (size_t)episodes->n * mdp_h5_type_size(matrix->type);
    char *all = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&all, (unsigned long)n, size, matrix->name));
    for (int i = 0; i < n; i++) memcpy(all + (size_t)i * size, rows_in(&episodes[i], matrix), size);
    MDP_TRY(mdp_h5_write(file, matrix->name, matrix->type, MDP_H5_2D(n, episodes->n), MDP_H5_COMPRESS, all));
out:
    free(all);
    return err;
}

static mdp_err read_matrix(struct mdp_h5 *file, const struct matrix *matrix, int n, struct mdp_episodes *episodes) {
    const size_t size = (size_t)episodes->n * mdp_h5_type_size(matrix->type);
    char *all = NULL;
    mdp_err err;
    MDP_TRY(mdp_h5_read_new(file, matrix->name, matrix->type, MDP_H5_2D(n, episodes->n), NULL, &all));
    for (int i = 0; i < n; i++) memcpy(rows_in(&episodes[i], matrix), all + (size_t)i * size, size);
out:
    free(all);
    return err;
}

/* ---- writing ---- */

mdp_err mdp_curve_file_write(const char *path, int n, const struct mdp_episodes_info *infos,
                             const struct mdp_episodes *episodes) {
    struct mdp_h5 *file = NULL;
    mdp_err err;
    MDP_TRY(check_n(path, n));
    MDP_TRY(check_n_episodes(path, n, episodes->n));
    MDP_TRY(check_all(path, n, infos, episodes));
    const struct mdp_h5_shape *shape = MDP_H5_1D(episodes->n);
    MDP_TRY(mdp_h5_create(path, &file));
    MDP_TRY(mdp_head_write_format(file, format));
    MDP_TRY(mdp_curve_facts_write(file, n, infos));
    MDP_TRY(mdp_h5_write(file, "episode", MDP_H5_I64, shape, MDP_H5_COMPRESS, episodes->indices));
    MDP_TRY(mdp_h5_write(file, "seed", MDP_H5_U64, shape, MDP_H5_COMPRESS, episodes->seeds));
    for (int i = 0; i < N_MATRICES; i++) MDP_TRY(write_matrix(file, &matrices[i], n, episodes));
    if (episodes->objective_returns != NULL) MDP_TRY(write_matrix(file, &objective, n, episodes));
    MDP_TRY(mdp_h5_commit(&file));
out:
    mdp_h5_close(file);
    return err;
}

/* ---- reading ---- */

static mdp_err read_steps(struct mdp_h5 *file, int64_t **steps, int *n) {
    struct mdp_h5_shape shape;
    const char *path = mdp_h5_path(file);
    mdp_err err;
    *steps = NULL;
    MDP_TRY(mdp_head_check_format(file, format));
    MDP_TRY(mdp_h5_expect(file, "step", MDP_H5_1D(-1)));
    MDP_TRY(mdp_h5_shape(file, "step", &shape));
    MDP_TRY(check_n(path, shape.extent[0]));
    *n = (int)shape.extent[0];
    MDP_TRY(mdp_h5_read_new(file, "step", MDP_H5_I64, &shape, NULL, steps));
    MDP_TRY(check_steps(path, *n, *steps));
out:
    if (err != MDP_OK) {
        free(*steps);
        *steps = NULL;
    }
    return err;
}

mdp_err mdp_curve_file_steps(const char *path, int64_t **steps, int *n) {
    struct mdp_h5 *file = NULL;
    *steps = NULL;
    mdp_err err = mdp_h5_open(path, &file);
    if (err == MDP_OK) err = read_steps(file, steps, n);
    mdp_h5_close(file);
    return err;
}

/* the rows that all evaluations share, in each of them */
static mdp_err read_episodes(struct mdp_h5 *file, struct mdp_curve_file *curve) {
    struct mdp_h5_shape shape;
    mdp_err err;
    MDP_TRY(mdp_h5_expect(file, "episode", MDP_H5_1D(-1)));
    MDP_TRY(mdp_h5_shape(file, "episode", &shape));
    const long n = shape.extent[0];
    MDP_TRY(check_n_episodes(curve->path, curve->n, n));
    /* claims of its size are checked before memory is taken by them */
    for (int i = 0; i < N_MATRICES; i++) MDP_TRY(mdp_h5_expect(file, matrices[i].name, MDP_H5_2D(curve->n, n)));
    for (int i = 0; i < curve->n; i++) MDP_TRY(mdp_episodes_alloc(&curve->episodes[i], n));
    MDP_TRY(mdp_h5_read(file, "episode", MDP_H5_I64, &shape, curve->episodes[0].indices));
    MDP_TRY(mdp_h5_read(file, "seed", MDP_H5_U64, &shape, curve->episodes[0].seeds));
    for (int i = 1; i < curve->n; i++) {
        memcpy(curve->episodes[i].indices, curve->episodes[0].indices, (size_t)n * sizeof(int64_t));
        memcpy(curve->episodes[i].seeds, curve->episodes[0].seeds, (size_t)n * sizeof(uint64_t));
    }
    for (int i = 0; i < N_MATRICES; i++) MDP_TRY(read_matrix(file, &matrices[i], curve->n, curve->episodes));
    if (!mdp_h5_exists(file, objective.name)) goto out;
    MDP_TRY(mdp_h5_expect(file, objective.name, MDP_H5_2D(curve->n, n)));
    for (int i = 0; i < curve->n; i++) MDP_TRY(mdp_episodes_add_objective(&curve->episodes[i]));
    MDP_TRY(read_matrix(file, &objective, curve->n, curve->episodes));
out:
    return err;
}

mdp_err mdp_curve_file_read(const char *path, struct mdp_curve_file *out) {
    struct mdp_h5 *file = NULL;
    int64_t *steps = NULL;
    mdp_err err;
    memset(out, 0, sizeof *out);
    MDP_TRY(mdp_fsx_path(out->path, "%s", path));
    MDP_TRY(mdp_h5_open(path, &file));
    MDP_TRY(read_steps(file, &steps, &out->n));
    MDP_TRY(mdp_calloc(&out->infos, (unsigned long)out->n, sizeof *out->infos, "evaluations"));
    MDP_TRY(mdp_calloc(&out->episodes, (unsigned long)out->n, sizeof *out->episodes, "evaluations"));
    MDP_TRY(mdp_curve_facts_read(file, out->n, out->infos));
    MDP_TRY(read_episodes(file, out));
    MDP_TRY(check_all(path, out->n, out->infos, out->episodes));
    for (int i = 0; i < out->n; i++)
        MDP_TRY(mdp_episodes_scores(&out->infos[i], &out->episodes[i], out->episodes[i].normalized_returns));
out:
    free(steps);
    mdp_h5_close(file);
    if (err != MDP_OK) mdp_curve_file_free(out);
    return err;
}

static mdp_err find(const struct mdp_curve_file *curve, long step, int *i) {
    for (*i = 0; *i < curve->n; ++*i)
        if (curve->infos[*i].step == step) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: expected an evaluation of step %ld, found none", curve->path, step);
}

/* a text that may be missing */
static char *copy_of(const char *text) { return text != NULL ? strdup(text) : NULL; }

mdp_err mdp_curve_file_get(const struct mdp_curve_file *curve, long step, struct mdp_episodes_info *info,
                           struct mdp_episodes *episodes) {
    mdp_err err;
    int i;
    memset(info, 0, sizeof *info);
    memset(episodes, 0, sizeof *episodes);
    MDP_TRY(find(curve, step, &i));
    *info = curve->infos[i];
    info->head.settings = info->head.owned_settings = copy_of(curve->infos[i].head.settings);
    info->head.inputs = info->head.owned_inputs = copy_of(curve->infos[i].head.inputs);
    if (info->head.settings == NULL || info->head.inputs == NULL)
        MDP_TRY(mdp_fail(MDP_E_NOMEM, "%s: no memory for its texts", curve->path));
    MDP_TRY(mdp_episodes_copy(&curve->episodes[i], episodes));
out:
    if (err != MDP_OK) mdp_episodes_info_free(info);
    return err;
}

mdp_err mdp_curve_file_read_one(const struct mdp_curve_place *place, struct mdp_episodes_info *info,
                                struct mdp_episodes *episodes) {
    struct mdp_curve_file curve;
    mdp_err err = mdp_curve_file_read(place->file, &curve);
    if (err == MDP_OK) err = mdp_curve_file_get(&curve, place->step, info, episodes);
    mdp_curve_file_free(&curve);
    return err;
}

void mdp_curve_file_free(struct mdp_curve_file *curve) {
    for (int i = 0; i < curve->n && curve->infos != NULL; i++) mdp_episodes_info_free(&curve->infos[i]);
    for (int i = 0; i < curve->n && curve->episodes != NULL; i++) mdp_episodes_free(&curve->episodes[i]);
    free(curve->infos);
    free(curve->episodes);
    memset(curve, 0, sizeof *curve);
}
