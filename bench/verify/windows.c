/* raw rows seen as windows, by every view that a file has of them */
#include <stdlib.h>
#include <string.h>

#include "bench/verify/planners.h"
#include "bench/verify/units.h"
#include "results/dataset_windows.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"

/* a view of one set of rows under test */
struct view {
    struct mdp_verify_report *report;
    const char *path;
    struct mdp_h5 *file;
    char group[MDP_H5_NAME_MAX];
};

static mdp_err read_options(const struct view *v, struct mdp_dataset_windows_options *o) {
    int64_t horizon, longest;
    mdp_err err;
    MDP_TRY(mdp_h5_attr_int(v->file, v->group, "horizon", &horizon));
    MDP_TRY(mdp_h5_attr_int(v->file, v->group, "max_path_length", &longest));
    MDP_TRY(mdp_h5_attr_real(v->file, v->group, "discount", &o->discount));
    MDP_TRY(mdp_h5_attr_real(v->file, v->group, "terminal_penalty", &o->terminal_penalty));
    if (horizon < 1 || horizon > 1 << 20 || longest < 1 || longest > 1 << 20)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected a horizon and a longest path of 1 to %d, found %lld and %lld",
                         v->path, v->group, 1 << 20, (long long)horizon, (long long)longest));
    o->horizon = (int)horizon;
    o->max_path = (int)longest;
out:
    return err;
}

/* one array, as a line of its own */
static mdp_err check(const struct view *v, const char *name, const struct mdp_h5_shape *shape, const double *got,
                     enum mdp_bound bound) {
    struct mdp_quantity quantity;
    char path[2 * MDP_H5_NAME_MAX];
    double *want = NULL;
    mdp_err err;
    snprintf(path, sizeof path, "%s/%s", v->group, name);
    mdp_quantity_start(&quantity, "%s", path);
    MDP_TRY(mdp_h5_read_new(v->file, path, MDP_H5_F64, shape, NULL, &want));
    mdp_quantity_compare(&quantity, 0, path, mdp_h5_count(shape), got, want, bound);
    mdp_verify_report_quantity(v->report, v->path, &quantity);
out:
    free(want);
    return err;
}

/* places and lengths, which are whole numbers */
static mdp_err check_places(const struct view *v, const struct mdp_windows *w) {
    double *places = NULL, *lengths = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&places, 2 * (unsigned long)w->n, sizeof *places, "windows"));
    MDP_TRY(mdp_calloc(&lengths, (unsigned long)w->n_paths, sizeof *lengths, "paths"));
    for (long i = 0; i < w->n; i++) {
        places[2 * i] = w->list[i].path;
        places[2 * i + 1] = w->list[i].start;
    }
    for (int p = 0; p < w->n_paths; p++) lengths[p] = w->path_lengths[p];
    MDP_TRY(check(v, "windows", MDP_H5_2D(w->n, 2), places, MDP_BOUND_EXACT));
    MDP_TRY(check(v, "path_lengths", MDP_H5_1D(w->n_paths), lengths, MDP_BOUND_EXACT));
out:
    free(places);
    free(lengths);
    return err;
}

/* all windows' numbers side by side: observations, actions, rewards, and the value of the first step */
static mdp_err check_contents(const struct view *v, const struct mdp_windows *w) {
    static const char *const names[4] = {"obs", "act", "rew", "val"};
    static const enum mdp_bound bounds[4] = {MDP_BOUND_WINDOW, MDP_BOUND_EXACT, MDP_BOUND_EXACT, MDP_BOUND_VALUE};
    const long n_steps = w->horizon, widths[4] = {w->n_obs, w->n_act, 1, 1};
    mdp_err err = MDP_OK;
    double *all[4] = {NULL};
    float *obs = NULL, *act = NULL, *rew = NULL;
    MDP_TRY(mdp_calloc(&obs, (unsigned long)(n_steps * w->n_obs), sizeof *obs, "window"));
    MDP_TRY(mdp_calloc(&act, (unsigned long)(n_steps * w->n_act), sizeof *act, "window"));
    MDP_TRY(mdp_calloc(&rew, (unsigned long)n_steps, sizeof *rew, "window"));
    for (int k = 0; k < 4; k++)
        MDP_TRY(mdp_calloc(&all[k], (unsigned long)(w->n * n_steps * widths[k]), sizeof **all, "windows"));
    for (long i = 0; i < w->n; i++) {
        const float *from[3] = {obs, act, rew};
        mdp_windows_get(w, i, obs, w->n_obs, act, w->n_act, rew);
        for (int k = 0; k < 3; k++)
            for (long j = 0; j < n_steps * widths[k]; j++) all[k][i * n_steps * widths[k] + j] = from[k][j];
        all[3][i] = w->values[w->list[i].row];
    }
    for (int k = 0; k < 4; k++)
        MDP_TRY(
            check(v, names[k], k < 3 ? MDP_H5_3D(w->n, n_steps, widths[k]) : MDP_H5_2D(w->n, 1), all[k], bounds[k]));
out:
    for (int k = 0; k < 4; k++) free(all[k]);
    free(obs);
    free(act);
    free(rew);
    return err;
}

static mdp_err verify_view(const struct view *v, const struct mdp_dataset_raw *raw) {
    struct mdp_dataset_windows_options options;
    struct mdp_windows windows = {0};
    struct mdp_normalizer *normalizer = NULL;
    mdp_err err;
    MDP_TRY(read_options(v, &options));
    MDP_TRY(mdp_calloc(&normalizer, 1, sizeof *normalizer, "normaliser"));
    if (mdp_dataset_windows(raw, &options, &windows, normalizer) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s: %s", v->path, v->group));
    MDP_TRY(check_places(v, &windows));
    MDP_TRY(check_contents(v, &windows));
    MDP_TRY(check(v, "mean", MDP_H5_1D(raw->n_obs), normalizer->mean, MDP_BOUND_WINDOW));
    MDP_TRY(check(v, "std", MDP_H5_1D(raw->n_obs), normalizer->std, MDP_BOUND_WINDOW));
out:
    free(normalizer);
    mdp_windows_free(&windows);
    return err;
}

/* every group beside the raw rows is a view of them */
static mdp_err verify_set(struct view *v, const char *set) {
    struct mdp_golden g = {.path = v->path, .file = v->file, .report = v->report};
    struct mdp_dataset_raw raw = {0};
    struct mdp_h5_child *children = NULL;
    int n;
    mdp_err err;
    MDP_TRY(mdp_verify_read_raw(&g, set, &raw));
    MDP_TRY(mdp_h5_list(v->file, set, &children, &n));
    for (int i = 0; i < n; i++) {
        if (!children[i].is_group || strcmp(children[i].name, "raw") == 0) continue;
        int length = snprintf(v->group, sizeof v->group, "%s/%s", set, children[i].name);
        if (length >= (int)sizeof v->group)
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected a shorter name", v->path, set));
        MDP_TRY(verify_view(v, &raw));
    }
out:
    free(children);
    mdp_dataset_raw_free(&raw);
    return err;
}

mdp_err mdp_verify_windows(struct mdp_verify_report *report, const char *path) {
    struct view view = {.report = report, .path = path};
    struct mdp_h5_child *children = NULL;
    int n;
    mdp_err err;
    MDP_TRY(mdp_h5_open(path, &view.file));
    MDP_TRY(mdp_h5_list(view.file, "/", &children, &n));
    for (int i = 0; i < n; i++)
        if (children[i].is_group) MDP_TRY(verify_set(&view, children[i].name));
out:
    free(children);
    mdp_h5_close(view.file);
    return err;
}
