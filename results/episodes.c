#include "results/episodes.h"

#include <stdlib.h>
#include <string.h>

#include "results/curve_file.h"
#include "results/episodes_fields.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/h5/write.h"

static const char format[] = "mdpbench-episodes", objective[] = "objective_return";

/* ---- writing ---- */

static mdp_err write_info(struct mdp_h5 *file, const struct mdp_episodes_info *info) {
    const struct mdp_episodes_field *field;
    mdp_err err = mdp_head_write(file, format, &info->head);
    for (int i = 0; err == MDP_OK && (field = mdp_episodes_field_at(i)) != NULL; i++)
        err = mdp_episodes_field_write(file, field, info);
    return err;
}

static mdp_err write_scores(struct mdp_h5 *file, const struct mdp_episodes_info *info, const struct mdp_episodes *e) {
    double *scores = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&scores, (unsigned long)e->n, sizeof *scores, "normalized returns"));
    MDP_TRY(mdp_episodes_scores(info, e, scores));
    MDP_TRY(mdp_h5_write(file, "normalized_return", MDP_H5_F64, MDP_H5_1D(e->n), MDP_H5_PLAIN, scores));
out:
    free(scores);
    return err;
}

mdp_err mdp_episodes_write(const char *path, const struct mdp_episodes_info *info, const struct mdp_episodes *episodes,
                           enum mdp_publish how) {
    struct mdp_h5 *file = NULL;
    const struct mdp_h5_shape *shape = MDP_H5_1D(episodes->n);
    mdp_err err;
    MDP_TRY(mdp_episodes_check_info(path, info));
    MDP_TRY(mdp_episodes_check_rows(path, episodes));
    MDP_TRY(mdp_episodes_check_objective(path, info, episodes));
    MDP_TRY(mdp_h5_create_as(path, how, &file));
    MDP_TRY(write_info(file, info));
    MDP_TRY(mdp_h5_write(file, "episode", MDP_H5_I64, shape, MDP_H5_PLAIN, episodes->indices));
    MDP_TRY(mdp_h5_write(file, "return", MDP_H5_F64, shape, MDP_H5_PLAIN, episodes->returns));
    MDP_TRY(mdp_h5_write(file, "length", MDP_H5_I32, shape, MDP_H5_PLAIN, episodes->lengths));
    MDP_TRY(mdp_h5_write(file, "end", MDP_H5_U8, shape, MDP_H5_PLAIN, episodes->ends));
    MDP_TRY(mdp_h5_write(file, "seed", MDP_H5_U64, shape, MDP_H5_PLAIN, episodes->seeds));
    MDP_TRY(write_scores(file, info, episodes));
    if (episodes->objective_returns != NULL)
        MDP_TRY(mdp_h5_write(file, objective, MDP_H5_F64, shape, MDP_H5_PLAIN, episodes->objective_returns));
    MDP_TRY(mdp_h5_commit(&file));
out:
    mdp_h5_close(file);
    return err;
}

/* ---- reading ---- */

static mdp_err read_info(struct mdp_h5 *file, struct mdp_episodes_info *info) {
    const struct mdp_episodes_field *field;
    mdp_err err = mdp_head_read(file, format, &info->head);
    for (int i = 0; err == MDP_OK && (field = mdp_episodes_field_at(i)) != NULL; i++)
        err = mdp_episodes_field_read(file, field, info);
    return err == MDP_OK ? mdp_episodes_check_info(mdp_h5_path(file), info) : err;
}

static mdp_err read_rows(struct mdp_h5 *file, struct mdp_episodes *e) {
    struct mdp_h5_shape shape;
    mdp_err err;
    MDP_TRY(mdp_h5_expect(file, "return", MDP_H5_1D(-1)));
    MDP_TRY(mdp_h5_shape(file, "return", &shape));
    if (shape.extent[0] < 1 || shape.extent[0] > MDP_EPISODES_MAX) {
        err = mdp_fail(MDP_E_DATA, "%s: return: expected 1 to %d episodes, found %ld", mdp_h5_path(file),
                       MDP_EPISODES_MAX, shape.extent[0]);
        goto out;
    }
    MDP_TRY(mdp_episodes_alloc(e, shape.extent[0]));
    MDP_TRY(mdp_h5_read(file, "return", MDP_H5_F64, &shape, e->returns));
    MDP_TRY(mdp_h5_read(file, "normalized_return", MDP_H5_F64, &shape, e->normalized_returns));
    if (mdp_h5_exists(file, objective)) {
        MDP_TRY(mdp_episodes_add_objective(e));
        MDP_TRY(mdp_h5_read(file, objective, MDP_H5_F64, &shape, e->objective_returns));
    }
    MDP_TRY(mdp_h5_read(file, "length", MDP_H5_I32, &shape, e->lengths));
    MDP_TRY(mdp_h5_read(file, "end", MDP_H5_U8, &shape, e->ends));
    MDP_TRY(mdp_h5_read(file, "seed", MDP_H5_U64, &shape, e->seeds));
    MDP_TRY(mdp_h5_read(file, "episode", MDP_H5_I64, &shape, e->indices));
    MDP_TRY(mdp_episodes_check_rows(mdp_h5_path(file), e));
out:
    return err;
}

/* a score that does not follow from its return and reference belongs to another reference */
static mdp_err check_scores(const char *path, const struct mdp_episodes_info *info, const struct mdp_episodes *e) {
    double *wanted = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&wanted, (unsigned long)e->n, sizeof *wanted, "normalized returns"));
    MDP_TRY(mdp_episodes_scores(info, e, wanted));
    for (long i = 0; i < e->n; i++)
        if (e->normalized_returns[i] != wanted[i])
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: normalized_return: expected %.17g, found %.17g at row %ld", path,
                             wanted[i], e->normalized_returns[i], i));
out:
    free(wanted);
    return err;
}

static mdp_err read_by(mdp_err (*open)(const char *path, struct mdp_h5 **out), const char *path,
                       struct mdp_episodes_info *info, struct mdp_episodes *episodes) {
    struct mdp_h5 *file = NULL;
    mdp_err err;
    MDP_TRY(open(path, &file));
    MDP_TRY(read_info(file, info));
    MDP_TRY(read_rows(file, episodes));
    MDP_TRY(mdp_episodes_check_objective(path, info, episodes));
    MDP_TRY(check_scores(path, info, episodes));
out:
    mdp_h5_close(file);
    return err;
}

/* what cannot be read without libhdf5, or is refused then, is libhdf5's to judge */
static mdp_err read_file(const char *path, struct mdp_episodes_info *info, struct mdp_episodes *episodes) {
    if (read_by(mdp_h5_open_own, path, info, episodes) == MDP_OK) return MDP_OK;
    mdp_episodes_info_free(info);
    mdp_episodes_free(episodes);
    return read_by(mdp_h5_open, path, info, episodes);
}

mdp_err mdp_episodes_read(const char *path, struct mdp_episodes_info *info, struct mdp_episodes *episodes) {
    struct mdp_episodes_info found;
    struct mdp_curve_place place;
    memset(&found, 0, sizeof found);
    memset(episodes, 0, sizeof *episodes);
    if (info != NULL) memset(info, 0, sizeof *info);
    mdp_err err;
    MDP_TRY(mdp_curve_place_parse(path, &place) ? mdp_curve_file_read_one(&place, &found, episodes)
                                                : read_file(path, &found, episodes));
    if (info != NULL) {
        *info = found;
        memset(&found, 0, sizeof found);
    }
out:
    mdp_episodes_info_free(&found);
    if (err != MDP_OK) mdp_episodes_free(episodes);
    return err;
}
