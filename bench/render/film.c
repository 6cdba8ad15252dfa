#include "bench/render/film.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/number.h"
#include "bench/render/internal.h"
#include "bench/run/evaluations.h"
#include "bench/run/shown.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/read.h"
#include "results/h5/write.h"

static const char format[] = "mdpbench-film";

/* beside the file that the evaluation has, or had before it became part of a curve */
static mdp_err name_film(const char *path, char film[MDP_PATH_MAX]) {
    char own[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_evaluation_own(path, own));
    MDP_TRY(mdp_fsx_path(film, "%s.film", own));
out:
    return err;
}

/* ---- reading ---- */

/* which episodes a film has: rows as an evaluation's, without scores */
static mdp_err read_rows(struct mdp_h5 *file, struct mdp_episodes *kept) {
    struct mdp_h5_shape shape;
    mdp_err err;
    MDP_TRY(mdp_h5_expect(file, "episode", MDP_H5_1D(-1)));
    MDP_TRY(mdp_h5_shape(file, "episode", &shape));
    if (shape.extent[0] < 1 || shape.extent[0] > MDP_N_SHOWN)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: episode: expected 1 to %d episodes, found %ld", mdp_h5_path(file),
                         MDP_N_SHOWN, shape.extent[0]));
    MDP_TRY(mdp_episodes_alloc(kept, shape.extent[0]));
    MDP_TRY(mdp_h5_read(file, "episode", MDP_H5_I64, &shape, kept->indices));
    MDP_TRY(mdp_h5_read(file, "return", MDP_H5_F64, &shape, kept->returns));
    MDP_TRY(mdp_h5_read(file, "length", MDP_H5_I32, &shape, kept->lengths));
    MDP_TRY(mdp_h5_read(file, "end", MDP_H5_U8, &shape, kept->ends));
    MDP_TRY(mdp_h5_read(file, "seed", MDP_H5_U64, &shape, kept->seeds));
    MDP_TRY(mdp_episodes_check_rows(mdp_h5_path(file), kept));
out:
    return err;
}

/* the states of one row; only the last of an episode that broke off there may not be finite */
static mdp_err read_states(struct mdp_h5 *file, const struct mdp_episodes *kept, long row, struct mdp_poses *out) {
    const long n_dof = mdp_env_n_dof(out->spec), n = (long)kept->lengths[row] + 1;
    const long n_finite = kept->ends[row] == MDP_END_NON_FINITE ? n - 1 : n;
    long first = 0, total = 0;
    double *states = NULL;
    mdp_err err;
    for (long i = 0; i < kept->n; i++) {
        if (i == row) first = total;
        total += (long)kept->lengths[i] + 1;
    }
    MDP_TRY(mdp_h5_expect(file, "qpos", MDP_H5_2D(total, n_dof)));
    MDP_TRY(mdp_calloc(&states, (unsigned long)(n * n_dof), sizeof *states, "poses"));
    MDP_TRY(mdp_h5_read_rows(file, "qpos", MDP_H5_F64, first, n, states));
    MDP_TRY(mdp_calloc(&out->qpos, (unsigned long)n * MDP_ENV_MAX_DOF, sizeof(double), "poses"));
    for (long i = 0; i < n * n_dof; i++) {
        if (i < n_finite * n_dof && !isfinite(states[i]))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: qpos: expected finite values, found %g in row %ld", mdp_h5_path(file),
                             states[i], first + i / n_dof));
        out->qpos[i / n_dof * MDP_ENV_MAX_DOF + i % n_dof] = states[i];
    }
    out->n = n;
out:
    free(states);
    return err;
}

/* the row of an episode of the evaluation, -1 where it is not kept; one that went otherwise is another evaluation's */
static mdp_err find_kept(const char *film, const struct mdp_episodes *kept, const struct mdp_recorded *e, long row,
                         long *found) {
    const struct mdp_episodes *r = e->episodes;
    for (*found = kept->n - 1; *found >= 0; --*found)
        if (kept->seeds[*found] == r->seeds[row] && kept->indices[*found] == r->indices[row]) break;
    const long k = *found;
    if (k < 0 ||
        (kept->returns[k] == r->returns[row] && kept->lengths[k] == r->lengths[row] && kept->ends[k] == r->ends[row]))
        return MDP_OK;
    return mdp_fail(MDP_E_DATA,
                    "%s: episode %" PRId64 ": expected the return %.17g and %d steps of %s, found %.17g and %d: these "
                    "are the poses of another evaluation, remove them",
                    film, r->indices[row], r->returns[row], (int)r->lengths[row], e->path, kept->returns[k],
                    (int)kept->lengths[k]);
}

static mdp_err open_film(const char *film, const struct mdp_recorded *e, struct mdp_h5 **file,
                         struct mdp_episodes *kept) {
    char env[MDP_LABEL_MAX];
    mdp_err err;
    MDP_TRY(mdp_h5_open(film, file));
    MDP_TRY(mdp_head_check_format(*file, format));
    MDP_TRY(mdp_h5_attr_text(*file, "/", "env", env, sizeof env));
    if (strcmp(env, e->info->env_id) != 0)
        MDP_TRY(mdp_fail(MDP_E_DATA,
                         "%s: /@env: expected %s of %s, found %s: these are the poses of another "
                         "evaluation, remove them",
                         film, e->info->env_id, e->path, env));
    MDP_TRY(read_rows(*file, kept));
out:
    return err;
}

static mdp_err find_film(const struct mdp_recorded *e, long row, struct mdp_poses *out) {
    struct mdp_h5 *file = NULL;
    struct mdp_episodes kept = {.n = 0};
    char film[MDP_PATH_MAX];
    long found = -1;
    mdp_err err;
    MDP_TRY(name_film(e->path, film));
    if (!mdp_fsx_exists(film)) goto out;
    MDP_TRY(open_film(film, e, &file, &kept));
    MDP_TRY(find_kept(film, &kept, e, row, &found));
    if (found < 0) goto out;
    out->spec = mdp_env_find(e->info->env_id);
    if (out->spec == NULL)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: /@env: expected a world of ours, found %s", film, e->info->env_id));
    MDP_TRY(read_states(file, &kept, found, out));
    out->is_kept = 1;
out:
    mdp_episodes_free(&kept);
    mdp_h5_close(file);
    return err;
}

static mdp_err find_row(const char *path, const struct mdp_episodes *episodes, long episode, long *row) {
    for (*row = 0; *row < episodes->n; ++*row)
        if (episodes->indices[*row] == episode) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "%s: option --episode: expected a number from %" PRId64 " to %" PRId64 ", found %ld",
                    path, episodes->indices[0], episodes->indices[episodes->n - 1], episode);
}

mdp_err mdp_poses_of_evaluation(const char *path, long episode, const struct mdp_engine *engine,
                                struct mdp_poses *out) {
    static const char *const ends[] = {"fell", "time limit", "not finite"};
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_episodes episodes = {.n = 0};
    const struct mdp_recorded evaluation = {path, &info, &episodes};
    char score[MDP_NUMBER_MAX];
    long k;
    mdp_err err;
    *out = (struct mdp_poses){.n = 0};
    MDP_TRY(mdp_evaluation_read(&cache, path, &info, &episodes));
    MDP_TRY(find_row(path, &episodes, episode, &k));
    MDP_TRY(find_film(&evaluation, k, out));
    if (!out->is_kept) MDP_TRY(mdp_poses_play(&evaluation, k, engine, out));
    mdp_number_fixed(episodes.normalized_returns[k], 3, score);
    snprintf(out->title, sizeof out->title, "%.63s, episode %ld: normalized return %.24s, %d steps, %s", info.task,
             episode, score, (int)episodes.lengths[k], ends[episodes.ends[k]]);
out:
    if (err != MDP_OK) mdp_poses_free(out);
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    mdp_evaluations_free(&cache);
    return err;
}

/* ---- writing ---- */

/* the three in the order of their numbers, each once */
static mdp_err choose(const struct mdp_episodes *episodes, long rows[MDP_N_SHOWN], int *n) {
    long all[MDP_N_SHOWN];
    mdp_err err = mdp_shown_rows(episodes, all);
    *n = 0;
    for (long row = 0; err == MDP_OK && row < episodes->n; row++)
        if (row == all[MDP_SHOWN_WORST] || row == all[MDP_SHOWN_MEDIAN] || row == all[MDP_SHOWN_BEST])
            rows[(*n)++] = row;
    return err;
}

/* all of the three are kept */
static mdp_err is_kept(const char *film, const struct mdp_recorded *e, const long *rows, int n, int *is_whole) {
    struct mdp_h5 *file = NULL;
    struct mdp_episodes kept = {.n = 0};
    long found;
    mdp_err err = MDP_OK;
    *is_whole = 0;
    if (!mdp_fsx_exists(film)) goto out;
    MDP_TRY(open_film(film, e, &file, &kept));
    *is_whole = 1;
    for (int i = 0; i < n; i++) {
        MDP_TRY(find_kept(film, &kept, e, rows[i], &found));
        *is_whole &= found >= 0;
    }
out:
    mdp_episodes_free(&kept);
    mdp_h5_close(file);
    return err;
}

/* the states of all episodes, one behind the other, without the places that this world does not use */
static mdp_err write_states(struct mdp_h5 *file, const struct mdp_poses *poses, int n) {
    const long n_dof = mdp_env_n_dof(poses[0].spec);
    double *states = NULL;
    long total = 0, n_done = 0;
    mdp_err err;
    for (int i = 0; i < n; i++) total += poses[i].n;
    MDP_TRY(mdp_calloc(&states, (unsigned long)(total * n_dof), sizeof *states, "poses"));
    for (int i = 0; i < n; i++)
        for (long k = 0; k < poses[i].n; k++, n_done++)
            memcpy(states + n_done * n_dof, mdp_pose(&poses[i], k), (size_t)n_dof * sizeof *states);
    MDP_TRY(mdp_h5_write(file, "qpos", MDP_H5_F64, MDP_H5_2D(total, n_dof), MDP_H5_COMPRESS, states));
out:
    free(states);
    return err;
}

/* settings and inputs say what was played: a film may outlive its evaluation, too */
static mdp_err write_film(const char *film, const struct mdp_recorded *e, const long *rows,
                          const struct mdp_poses *poses, int n) {
    const struct mdp_h5_shape *shape = MDP_H5_1D(n);
    const struct mdp_head head = {.settings = e->info->head.settings, .inputs = e->info->head.inputs};
    struct mdp_episodes kept = {.n = 0};
    struct mdp_h5 *file = NULL;
    mdp_err err;
    MDP_TRY(mdp_episodes_alloc(&kept, n));
    for (int i = 0; i < n; i++) {
        kept.indices[i] = e->episodes->indices[rows[i]];
        kept.returns[i] = e->episodes->returns[rows[i]];
        kept.lengths[i] = e->episodes->lengths[rows[i]];
        kept.ends[i] = e->episodes->ends[rows[i]];
        kept.seeds[i] = e->episodes->seeds[rows[i]];
    }
    MDP_TRY(mdp_h5_create(film, &file));
    MDP_TRY(mdp_head_write(file, format, &head));
    MDP_TRY(mdp_h5_put_text(file, "/", "env", e->info->env_id));
    MDP_TRY(mdp_h5_write(file, "episode", MDP_H5_I64, shape, MDP_H5_PLAIN, kept.indices));
    MDP_TRY(mdp_h5_write(file, "return", MDP_H5_F64, shape, MDP_H5_PLAIN, kept.returns));
    MDP_TRY(mdp_h5_write(file, "length", MDP_H5_I32, shape, MDP_H5_PLAIN, kept.lengths));
    MDP_TRY(mdp_h5_write(file, "end", MDP_H5_U8, shape, MDP_H5_PLAIN, kept.ends));
    MDP_TRY(mdp_h5_write(file, "seed", MDP_H5_U64, shape, MDP_H5_PLAIN, kept.seeds));
    MDP_TRY(write_states(file, poses, n));
    MDP_TRY(mdp_h5_commit(&file));
out:
    mdp_h5_close(file);
    mdp_episodes_free(&kept);
    return err;
}

static mdp_err keep(const struct mdp_recorded *e, const struct mdp_engine *engine) {
    struct mdp_poses poses[MDP_N_SHOWN] = {{.n = 0}};
    char film[MDP_PATH_MAX];
    long rows[MDP_N_SHOWN];
    int n, is_whole;
    mdp_err err;
    MDP_TRY(name_film(e->path, film));
    MDP_TRY(choose(e->episodes, rows, &n));
    MDP_TRY(is_kept(film, e, rows, n, &is_whole));
    if (is_whole) goto out;
    for (int i = 0; i < n; i++) MDP_TRY(mdp_poses_play(e, rows[i], engine, &poses[i]));
    MDP_TRY(write_film(film, e, rows, poses, n));
    mdp_log("%s: keeps the worst, the median and the best episode", film);
out:
    for (int i = 0; i < MDP_N_SHOWN; i++) mdp_poses_free(&poses[i]);
    return err;
}

mdp_err mdp_film_keep(const char *path, const struct mdp_engine *engine) {
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_episodes episodes = {.n = 0};
    mdp_err err;
    MDP_TRY(mdp_evaluation_read(&cache, path, &info, &episodes));
    MDP_TRY(keep(&(struct mdp_recorded){path, &info, &episodes}, engine));
out:
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    mdp_evaluations_free(&cache);
    return err;
}
