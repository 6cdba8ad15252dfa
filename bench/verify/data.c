/* verify algos, the dataset and returns files: what training reads from rows, and how returns are counted. */
#include <stdlib.h>
#include <string.h>

#include "bench/verify/golden.h"
#include "bench/verify/units.h"
#include "envs/episode.h"
#include "results/dataset.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"

/* ---- dataset view ---- */

static const char *member(char path[MDP_H5_NAME_MAX], const char *group, const char *name) {
    snprintf(path, MDP_H5_NAME_MAX, "%.128s/%s", group, name);
    return path;
}

static mdp_err read_flags(struct mdp_golden *g, const char *name, long n, uint8_t **out) {
    mdp_err err = mdp_h5_read_new(g->file, name, MDP_H5_U8, MDP_H5_1D(n), NULL, out);
    if (err != MDP_OK) return err;
    for (long i = 0; i < n; i++)
        if ((*out)[i] > 1)
            return mdp_fail(MDP_E_DATA, "%s: %s: element %ld: expected 0 or 1, found %d", g->path, name, i, (*out)[i]);
    return MDP_OK;
}

mdp_err mdp_verify_read_raw(struct mdp_golden *g, const char *group, struct mdp_dataset_raw *raw) {
    mdp_err err = MDP_OK;
    char path[MDP_H5_NAME_MAX];
    struct mdp_h5_shape obs, act;
    MDP_TRY(mdp_h5_expect(g->file, member(path, group, "raw/observations"), MDP_H5_2D(-1, -1)));
    MDP_TRY(mdp_h5_shape(g->file, path, &obs));
    MDP_TRY(mdp_golden_read(g, path, &obs, &raw->observations));
    MDP_TRY(mdp_h5_expect(g->file, member(path, group, "raw/actions"), MDP_H5_2D(obs.extent[0], -1)));
    MDP_TRY(mdp_h5_shape(g->file, path, &act));
    MDP_TRY(mdp_golden_read(g, path, &act, &raw->actions));
    raw->n = obs.extent[0];
    raw->n_obs = (int)obs.extent[1];
    raw->n_act = (int)act.extent[1];
    if (raw->n_obs > MDP_NORMALIZER_MAX)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected at most %d columns, found %d", g->path, group,
                         MDP_NORMALIZER_MAX, raw->n_obs));
    MDP_TRY(mdp_golden_read(g, member(path, group, "raw/rewards"), MDP_H5_1D(raw->n), &raw->rewards));
    MDP_TRY(read_flags(g, member(path, group, "raw/terminals"), raw->n, &raw->terminals));
    if (mdp_h5_exists(g->file, member(path, group, "raw/timeouts")))
        MDP_TRY(read_flags(g, path, raw->n, &raw->timeouts));
out:
    return err;
}

/* n values against one dataset, as one line */
static mdp_err check_array(struct mdp_golden *g, const char *group, const char *name, const struct mdp_h5_shape *shape,
                           const double *got, enum mdp_bound bound) {
    mdp_err err = MDP_OK;
    struct mdp_quantity quantity;
    char path[MDP_H5_NAME_MAX];
    double *want = NULL;
    mdp_quantity_start(&quantity, "%s/%s", group, name);
    MDP_TRY(mdp_h5_read_new(g->file, member(path, group, name), MDP_H5_F64, shape, NULL, &want));
    mdp_quantity_compare(&quantity, 1, path, mdp_h5_count(shape), got, want, bound);
    mdp_verify_report_quantity(g->report, g->path, &quantity);
out:
    free(want);
    return err;
}

static mdp_err check_floats(struct mdp_golden *g, const char *group, const char *name, const struct mdp_h5_shape *shape,
                            const float *got, enum mdp_bound bound) {
    double *wide = NULL;
    long n = mdp_h5_count(shape);
    mdp_err err = mdp_calloc(&wide, (unsigned long)n, sizeof *wide, name);
    if (err != MDP_OK) return err;
    for (long i = 0; i < n; i++) wide[i] = got[i];
    err = check_array(g, group, name, shape, wide, bound);
    free(wide);
    return err;
}

/* the stored rows were normalised with float32 statistics, which are stored too: ours are carried over to those */
static mdp_err check_normalized(struct mdp_golden *g, const char *group, const char *name, long n, const float *rows,
                                const struct mdp_normalizer *ours) {
    mdp_err err = MDP_OK;
    char path[MDP_H5_NAME_MAX];
    double *mean = NULL, *std = NULL, *got = NULL;
    int n_obs = ours->n;
    MDP_TRY(mdp_h5_read_new(g->file, member(path, group, "mean_f32"), MDP_H5_F64, MDP_H5_1D(n_obs), NULL, &mean));
    MDP_TRY(mdp_h5_read_new(g->file, member(path, group, "std_f32"), MDP_H5_F64, MDP_H5_1D(n_obs), NULL, &std));
    MDP_TRY(mdp_calloc(&got, (unsigned long)(n * n_obs), sizeof *got, name));
    for (long i = 0; i < n * n_obs; i++) {
        long j = i % n_obs;
        got[i] = (rows[i] * ours->std[j] + ours->mean[j] - mean[j]) / std[j];
    }
    MDP_TRY(check_array(g, group, name, MDP_H5_2D(n, n_obs), got, MDP_BOUND_NORMALIZED));
out:
    free(mean);
    free(std);
    free(got);
    return err;
}

static mdp_err check_attribute(struct mdp_golden *g, const char *group, const char *name, double got,
                               enum mdp_bound bound) {
    struct mdp_quantity quantity;
    double want;
    mdp_err err = mdp_h5_attr_real(g->file, group, name, &want);
    if (err != MDP_OK) return err;
    mdp_quantity_start(&quantity, "%s/%s", group, name);
    mdp_quantity_compare(&quantity, 1, name, 1, &got, &want, bound);
    mdp_verify_report_quantity(g->report, g->path, &quantity);
    return MDP_OK;
}

static mdp_err check_view(struct mdp_golden *g, const char *group, const struct mdp_transitions *t, const long *kept,
                          const struct mdp_normalizer *normalizer, const struct mdp_dataset_summary *summary) {
    mdp_err err = MDP_OK;
    double *rows = NULL;
    MDP_TRY(mdp_calloc(&rows, (unsigned long)t->n, sizeof *rows, "kept rows"));
    for (long i = 0; i < t->n; i++) rows[i] = (double)kept[i];
    MDP_TRY(check_array(g, group, "kept_index", MDP_H5_1D(t->n), rows, MDP_BOUND_EXACT));
    MDP_TRY(check_attribute(g, group, "min_return", summary->min_return, MDP_BOUND_DOUBLE));
    MDP_TRY(check_attribute(g, group, "max_return", summary->max_return, MDP_BOUND_DOUBLE));
    MDP_TRY(check_array(g, group, "mean_f64", MDP_H5_1D(t->n_obs), normalizer->mean, MDP_BOUND_DOUBLE));
    MDP_TRY(check_array(g, group, "std_f64", MDP_H5_1D(t->n_obs), normalizer->std, MDP_BOUND_DOUBLE));
    MDP_TRY(check_normalized(g, group, "obs", t->n, t->observations, normalizer));
    MDP_TRY(check_normalized(g, group, "next_obs", t->n, t->next_observations, normalizer));
    MDP_TRY(check_floats(g, group, "rew", MDP_H5_2D(t->n, 1), t->rewards, MDP_BOUND_REWARD));
    MDP_TRY(check_floats(g, group, "tml", MDP_H5_2D(t->n, 1), t->terminals, MDP_BOUND_EXACT));
out:
    free(rows);
    return err;
}

static mdp_err verify_set(struct mdp_golden *g, const char *group) {
    mdp_err err = MDP_OK;
    const struct mdp_dataset_options options = {.normalize_rewards = 1, .normalize_observations = 1};
    struct mdp_dataset_raw raw = {0};
    struct mdp_transitions transitions = {0};
    struct mdp_normalizer normalizer;
    struct mdp_dataset_summary summary;
    long *kept = NULL;
    MDP_TRY(mdp_verify_read_raw(g, group, &raw));
    if (mdp_dataset_view(&raw, &options, &transitions, &kept, &normalizer, &summary) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s: %s", g->path, group));
    MDP_TRY(check_view(g, group, &transitions, kept, &normalizer, &summary));
out:
    free(kept);
    mdp_transitions_free(&transitions);
    mdp_dataset_raw_free(&raw);
    return err;
}

/* ---- return rules ---- */

static mdp_err verify_episodes(struct mdp_golden *g, const char *group) {
    mdp_err err = MDP_OK;
    static const char *const names[] = {
        [MDP_RETURN_STANDARD] = "return_standard", [MDP_RETURN_CLEANDIFFUSER] = "return_cleandiffuser"};
    struct mdp_h5_shape shape;
    char path[MDP_H5_NAME_MAX];
    double *rewards = NULL, *got = NULL;
    uint8_t *dones = NULL;
    MDP_TRY(mdp_h5_read_new(g->file, member(path, group, "rew"), MDP_H5_F64, MDP_H5_2D(-1, -1), &shape, &rewards));
    long n_steps = shape.extent[0], n = shape.extent[1];
    MDP_TRY(mdp_h5_read_new(g->file, member(path, group, "done"), MDP_H5_U8, &shape, NULL, &dones));
    MDP_TRY(mdp_calloc(&got, (unsigned long)n, sizeof *got, "returns"));
    for (int rule = MDP_RETURN_STANDARD; rule <= MDP_RETURN_CLEANDIFFUSER; rule++) {
        for (long i = 0; i < n; i++)
            got[i] = mdp_episode_return((enum mdp_return_rule)rule, (int)n_steps, n, rewards + i, dones + i);
        MDP_TRY(check_array(g, group, names[rule], MDP_H5_1D(n), got, MDP_BOUND_DOUBLE));
    }
out:
    free(rewards);
    free(dones);
    free(got);
    return err;
}

/* ---- both: every group of the root ---- */

static mdp_err each_group(struct mdp_verify_report *report, const char *path,
                          mdp_err (*verify)(struct mdp_golden *g, const char *group)) {
    mdp_err err = MDP_OK;
    struct mdp_golden g = {.path = path, .report = report};
    struct mdp_h5_child *children = NULL;
    int n_children;
    MDP_TRY(mdp_h5_open(path, &g.file));
    MDP_TRY(mdp_h5_list(g.file, "/", &children, &n_children));
    for (int i = 0; i < n_children; i++)
        if (children[i].is_group) MDP_TRY(verify(&g, children[i].name));
out:
    free(children);
    mdp_golden_close(&g);
    return err;
}

mdp_err mdp_verify_dataset(struct mdp_verify_report *report, const char *path) {
    return each_group(report, path, verify_set);
}

mdp_err mdp_verify_returns(struct mdp_verify_report *report, const char *path) {
    return each_group(report, path, verify_episodes);
}
