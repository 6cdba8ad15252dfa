/* verify env, transitions that others recorded: one step each from the stored observation.
 *
 * the world that the file names must be at the rounding of its own type; the others are said beside it. The 90 %
 * quantile decides: near a touch a rounding alone can move a robot by 1e-2. Source: reference/envs-mujoco/README.md. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bench/run/fit.h"
#include "bench/verify/recording.h"
#include "results/h5/attr.h"
#include "results/h5/read.h"
#include "results/show/markup.h"

enum { N_WORLDS = 3 };

/* groups, and the environments that each is replayed in, by the world that the file names */
static const struct robot {
    const char *group, *ids[N_WORLDS];
} robots[] = {{"halfcheetah", {"HalfCheetah-v2", "HalfCheetah-v4", "HalfCheetah-v5"}},
              {"walker2d", {"Walker2d-v2", "Walker2d-v4", "Walker2d-v5"}},
              {"hopper", {"Hopper-v2", "Hopper-v4", "Hopper-v5"}}};

/* what the 90 % quantile is below: a step's sensitivity to the rounding of its start; what builds differ by */
static const double bound_f32 = 3e-6, bound_f64 = 1e-12;

enum { N_ROBOTS = sizeof robots / sizeof robots[0] };

/* the worlds of files whose source says so; -1: it does not say, and any that fits will do */
static int find_world(const char *source) {
    if (strstr(source, "MuJoCo 2.0") != NULL || strstr(source, "mujoco-py") != NULL) return 0;
    if (strstr(source, "-v5") != NULL) return 2;
    return strstr(source, "-v4") != NULL ? 1 : -1;
}

static mdp_err read_array(struct mdp_h5 *file, const char *group, const char *name, long width, long *n, double **out) {
    char path[64];
    struct mdp_h5_shape shape = {2, {*n, width}}, found;
    snprintf(path, sizeof path, "%s/%s", group, name);
    mdp_err err = mdp_h5_read_new(file, path, MDP_H5_F64, &shape, &found, out);
    *n = err == MDP_OK ? found.extent[0] : *n;
    return err;
}

static mdp_err read_rows(struct mdp_h5 *file, const struct robot *robot, struct mdp_fit_rows *rows) {
    const struct mdp_env_spec *spec = mdp_env_find(robot->ids[0]);
    char path[64];
    mdp_err err;
    rows->n = -1;
    rows->n_obs = spec->n_obs;
    rows->n_act = spec->n_act;
    snprintf(path, sizeof path, "%s/next_observations", robot->group);
    MDP_TRY(read_array(file, robot->group, "observations", spec->n_obs, &rows->n, &rows->observations));
    MDP_TRY(read_array(file, robot->group, "actions", spec->n_act, &rows->n, &rows->actions));
    MDP_TRY(read_array(file, robot->group, "next_observations", spec->n_obs, &rows->n, &rows->next));
    MDP_TRY(mdp_h5_type_text(file, path, rows->type));
out:
    return err;
}

static void print_fit(struct mdp_env_report *report, const char *path, const struct robot *robot, int is_due,
                      const struct mdp_fit_rows *rows, const struct mdp_env_spec *spec, const struct mdp_fit *fit) {
    double bound = mdp_fit_is_f32(rows) ? bound_f32 : bound_f64;
    int is_ok = fit->q90 <= bound;
    if (!is_due) {
        mdp_text_print_line(report->stream, "# %s %s in %s: median %.2g, 90 %% %.2g, max %.2g",
                            mdp_recording_base(path), robot->group, spec->id, fit->median, fit->q90, fit->max);
        return;
    }
    report->n_lines++;
    report->n_failed += !is_ok;
    fprintf(report->stream, "%s %d - ", is_ok ? "ok" : "not ok", report->n_lines);
    mdp_put_tap(report->stream, mdp_recording_base(path));
    fprintf(report->stream, " %s, %ld steps in %s: median %.2g, 90 %% %.2g (%s, bound %.0e), max %.2g\n", robot->group,
            fit->n, spec->id, fit->median, fit->q90, rows->type, bound, fit->max);
}

/* without a word of the file, the nearest world is the one that has to fit */
static int find_nearest(const struct mdp_fit *fits) {
    int best = 0;
    for (int i = 1; i < N_WORLDS; i++)
        if (fits[i].q90 < fits[best].q90) best = i;
    return best;
}

static mdp_err verify_robot(struct mdp_h5 *file, const struct robot *robot, int world, struct mdp_env_report *report) {
    struct mdp_fit_rows rows = {.n = 0};
    struct mdp_fit fits[N_WORLDS];
    mdp_err err;
    MDP_TRY(read_rows(file, robot, &rows));
    if (report->stream == NULL) goto out;
    for (int i = 0; i < N_WORLDS; i++) {
        err = mdp_fit_world(report->engine, mdp_env_find(robot->ids[i]), &rows, &fits[i]);
        /* a newer library has no v2, which matters where that is asked for */
        if (err != MDP_OK && (err != MDP_E_USAGE || i == world)) goto out;
        err = MDP_OK;
    }
    if (world < 0) world = find_nearest(fits);
    for (int i = 0; i < N_WORLDS; i++) {
        const struct mdp_env_spec *spec = mdp_env_find(robot->ids[i]);
        if (fits[i].n == 0 && i != world) continue;
        MDP_TRY(mdp_env_report_physics(report, spec));
        print_fit(report, mdp_h5_path(file), robot, i == world, &rows, spec, &fits[i]);
    }
out:
    mdp_fit_rows_free(&rows);
    return err;
}

mdp_err mdp_verify_transitions_file(struct mdp_h5 *file, struct mdp_env_report *report) {
    char *source = NULL;
    int n_found = 0, world;
    mdp_err err;
    MDP_TRY(mdp_h5_attr_text_new(file, "/", "source", &source));
    world = find_world(source);
    for (int i = 0; i < N_ROBOTS; i++) {
        if (!mdp_h5_exists(file, robots[i].group)) continue;
        n_found++;
        MDP_TRY(verify_robot(file, &robots[i], world, report));
    }
    if (n_found == 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: /: expected groups halfcheetah, walker2d or hopper, found none",
                         mdp_h5_path(file)));
out:
    free(source);
    return err;
}
