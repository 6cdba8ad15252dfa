#include "bench/render/poses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run/task.h"
#include "bench/run/which_world.h"
#include "bench/stage/evaluation.h"
#include "results/dataset.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"

void mdp_poses_free(struct mdp_poses *poses) {
    free(poses->qpos);
    *poses = (struct mdp_poses){.n = 0};
}

int mdp_pose_can_be_drawn(const double *qpos, int n) {
    for (int i = 0; i < n; i++)
        if (!(fabs(qpos[i]) <= 1e6)) return 0;
    return 1;
}

/* ---- evaluations ---- */

/* an episode that turns out longer than recorded is refused once it is over; one that ended with numbers out of bounds
 * is shown up to there */
struct sight {
    struct mdp_poses *poses;
    long room;
};

static void see(void *context, uint32_t episode, int n_steps, const struct mdp_env_view *view) {
    const struct sight *sight = context;
    struct mdp_poses *poses = sight->poses;
    (void)episode;
    if (n_steps >= sight->room || n_steps > poses->n || !mdp_pose_can_be_drawn(view->qpos, MDP_ENV_MAX_DOF)) return;
    memcpy(poses->qpos + (long)n_steps * MDP_ENV_MAX_DOF, view->qpos, sizeof view->qpos);
    poses->n = n_steps + 1;
}

mdp_err mdp_poses_play(const struct mdp_recorded *e, long row, const struct mdp_engine *engine, struct mdp_poses *out) {
    struct sight sight = {out, (long)e->episodes->lengths[row] + 1};
    const struct mdp_replay replay = {e->path, e->info, e->episodes, row, engine, {&sight, see}, &out->spec};
    mdp_err err;
    MDP_TRY(mdp_calloc(&out->qpos, (unsigned long)sight.room * MDP_ENV_MAX_DOF, sizeof(double), "poses"));
    MDP_TRY(mdp_eval_replay(&replay));
out:
    return err;
}

/* ---- datasets ---- */

/* the rows of an episode: up to its end flag, or to the end of the file */
static mdp_err find_rows(struct mdp_h5 *file, const char *path, long episode, long n, long *first, long *end) {
    double *ends[2] = {NULL, NULL};
    static const char *const names[] = {"terminals", "timeouts"};
    const struct mdp_h5_shape shape = {1, {n}};
    long seen = 0;
    mdp_err err = MDP_OK;
    for (int k = 0; k < 2; k++)
        if (mdp_h5_exists(file, names[k])) MDP_TRY(mdp_h5_read_new(file, names[k], MDP_H5_F64, &shape, NULL, &ends[k]));
    for (*first = *end = 0; *end < n; ++*end) {
        if ((ends[0] == NULL || ends[0][*end] == 0) && (ends[1] == NULL || ends[1][*end] == 0)) continue;
        if (seen++ == episode) {
            ++*end;
            goto out;
        }
        *first = *end + 1;
    }
    if (seen != episode || *first == n)
        err = mdp_fail(MDP_E_USAGE, "%s: option --episode: expected a number from 0 to %ld, found %ld", path,
                       *first == n ? seen - 1 : seen, episode);
out:
    free(ends[0]);
    free(ends[1]);
    return err;
}

/* the environment that was named, or the first one that the file fits */
static mdp_err find_world(const char *path, const char *task, const struct mdp_env_spec **spec) {
    struct mdp_which_world which;
    struct mdp_task parsed;
    mdp_err err = MDP_OK;
    *spec = NULL;
    if (task != NULL) {
        MDP_TRY(mdp_task_parse(task, &parsed));
        *spec = parsed.spec;
        return MDP_OK;
    }
    MDP_TRY(mdp_which_world(NULL, path, &which));
    for (int i = 0; i < which.n && *spec == NULL; i++)
        if (which.worlds[i].fits) *spec = which.worlds[i].spec;
    if (*spec == NULL)
        err = mdp_fail(MDP_E_DATA,
                       "%s: expected data of a world of ours, found none that it fits; option --task says which one",
                       path);
out:
    return err;
}

static mdp_err read_positions(struct mdp_h5 *file, const char *path, long episode, struct mdp_poses *out) {
    const int n_dof = mdp_env_n_dof(out->spec);
    struct mdp_h5_shape shape;
    double *rows = NULL;
    long first, end;
    mdp_err err;
    if (!mdp_h5_exists(file, "infos/qpos"))
        return mdp_fail(MDP_E_DATA, "%s: infos/qpos: expected the positions of every step, found none", path);
    MDP_TRY(mdp_h5_expect(file, "infos/qpos", MDP_H5_2D(-1, n_dof)));
    MDP_TRY(mdp_h5_shape(file, "infos/qpos", &shape));
    MDP_TRY(find_rows(file, path, episode, shape.extent[0], &first, &end));
    out->n = end - first;
    MDP_TRY(mdp_calloc(&rows, (unsigned long)(out->n * n_dof), sizeof(double), "poses"));
    MDP_TRY(mdp_calloc(&out->qpos, (unsigned long)out->n * MDP_ENV_MAX_DOF, sizeof(double), "poses"));
    MDP_TRY(mdp_h5_read_rows(file, "infos/qpos", MDP_H5_F64, first, out->n, rows));
    for (long i = 0; i < out->n * n_dof; i++) {
        if (!mdp_pose_can_be_drawn(&rows[i], 1))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: infos/qpos: expected finite values of at most 1e6, found %g in row %ld",
                             path, rows[i], first + i / n_dof));
        out->qpos[i / n_dof * MDP_ENV_MAX_DOF + i % n_dof] = rows[i];
    }
out:
    free(rows);
    return err;
}

mdp_err mdp_poses_of_dataset(const char *path, long episode, const char *task, struct mdp_poses *out) {
    struct mdp_h5 *file = NULL;
    char name[MDP_PATH_MAX];
    mdp_err err;
    *out = (struct mdp_poses){.n = 0};
    MDP_TRY(mdp_dataset_file(path, name));
    MDP_TRY(find_world(path, task, &out->spec));
    MDP_TRY(mdp_h5_open(name, &file));
    MDP_TRY(read_positions(file, path, episode, out));
    snprintf(out->title, sizeof out->title, "%.120s, episode %ld: %ld recorded steps", out->spec->id, episode, out->n);
out:
    mdp_h5_close(file);
    if (err != MDP_OK) mdp_poses_free(out);
    return err;
}
