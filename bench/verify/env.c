#include "bench/verify/env.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "bench/run/physics.h"
#include "envs/env.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"

enum { N_FREE_STEPS = 100, MAX_WIDTH = MDP_ENV_MAX_OBS };

/* X(id, dataset, row width (0: one number a row, rank 1), 1 if it has a row for the reset, factor to a unit of
 * about 1). the factor turns the potential into metres to the target */
#define FIELD_LIST(X)                                                                                                  \
    X(OBSERVATIONS, "observations", spec->n_obs, 1, 1.0)                                                               \
    X(REWARDS, "rewards", 0, 0, 1.0)                                                                                   \
    X(TERMS, "reward_terms", MDP_ENV_N_TERMS, 0, 1.0)                                                                  \
    X(AT_LIMIT, "joints_at_limit", 0, 0, 1.0)                                                                          \
    X(TERMINATED, "terminated", 0, 0, 1.0)                                                                             \
    X(FEET, "feet_contact", spec->n_feet, 1, 1.0)                                                                      \
    X(QPOS, "state/qpos", mdp_env_n_dof(spec), 1, 1.0)                                                                 \
    X(QVEL, "state/qvel", mdp_env_n_dof(spec), 1, 1.0)                                                                 \
    X(TORSO_POS, "state/torso_pos", 3, 1, 1.0)                                                                         \
    X(TORSO_QUAT, "state/torso_quat", 4, 1, 1.0)                                                                       \
    X(TORSO_LINVEL, "state/torso_linvel", 3, 1, 1.0)                                                                   \
    X(TORSO_ANGVEL, "state/torso_angvel", 3, 1, 1.0)                                                                   \
    X(BODY_XYZ, "state/body_xyz", 3, 1, 1.0)                                                                           \
    X(RPY, "state/rpy", 3, 1, 1.0)                                                                                     \
    X(POTENTIAL, "state/potential", 1, 1, 0.0165)                                                                      \
    X(ACTIONS, "actions", spec->n_act, 0, 1.0)

#define FIELD_ID(id, name, width, has_reset, factor) id,
enum { FIELD_LIST(FIELD_ID) N_FIELDS, N_COMPARED = ACTIONS };

struct field {
    const char *name;
    int width, has_reset;
    double factor;
};

/* one recorded episode, whole */
struct recording {
    const char *file;
    char name[MDP_H5_NAME_MAX], kind[32];
    const struct mdp_env_spec *spec;
    int is_fresh, is_f64;
    long n_steps;
    double noise[MDP_ENV_MAX_JOINTS];
    struct field fields[N_FIELDS];
    double *data[N_FIELDS]; /* [n_steps (+ 1), width] */
};

/* the largest deviation of a replay and where it was */
struct deviation {
    double error, want, got;
    int is_exact; /* every bit equal so far */
    int i_field;
    long row;
};

struct report {
    FILE *stream;
    int n_lines, n_failed;
    int has_fused_sine;
};

static void free_recording(struct recording *r) {
    for (int i = 0; i < N_FIELDS; i++) free(r->data[i]);
    memset(r, 0, sizeof *r);
}

static long count_rows(const struct recording *r, int i) { return r->n_steps + r->fields[i].has_reset; }

static int row_width(const struct field *field) { return field->width ? field->width : 1; }

/* reads one dataset at its only allowed shape and refuses what is not a number */
static mdp_err read_field(struct mdp_h5 *file, struct recording *r, int i) {
    mdp_err err = MDP_OK;
    char name[MDP_H5_NAME_MAX + 32];
    const struct field *field = &r->fields[i];
    struct mdp_h5_shape shape = {field->width ? 2 : 1, {count_rows(r, i), field->width}};
    snprintf(name, sizeof name, "%s/%s", r->name, field->name);
    MDP_TRY(mdp_h5_read_new(file, name, MDP_H5_F64, &shape, NULL, &r->data[i]));
    for (long k = 0; k < mdp_h5_count(&shape); k++)
        if (!isfinite(r->data[i][k]))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected finite numbers, found %g in row %ld", r->file, name,
                             r->data[i][k], k / row_width(field)));
out:
    return err;
}

static mdp_err read_attributes(struct mdp_h5 *file, struct recording *r) {
    mdp_err err = MDP_OK;
    char type[16];
    int64_t is_fresh;
    MDP_TRY(mdp_h5_attr_text(file, r->name, "kind", r->kind, sizeof r->kind));
    MDP_TRY(mdp_h5_attr_text(file, r->name, "action_dtype", type, sizeof type));
    MDP_TRY(mdp_h5_attr_int(file, r->name, "fresh_env", &is_fresh));
    r->is_f64 = !strcmp(type, "float64");
    r->is_fresh = is_fresh == 1;
    if (!r->is_f64 && strcmp(type, "float32") != 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: action_dtype: expected float32 or float64, found \"%s\"", r->file,
                         r->name, type));
    if (is_fresh != 0 && is_fresh != 1)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: fresh_env: expected 0 or 1, found %lld", r->file, r->name,
                         (long long)is_fresh));
out:
    return err;
}

/* on failure the caller frees what was read */
static mdp_err read_recording(struct mdp_h5 *file, const struct mdp_env_spec *spec, const char *group,
                              struct recording *r) {
#define FIELD_ENTRY(id, label, width, has_reset, factor) {label, width, has_reset, factor},
    const struct field fields[N_FIELDS] = {FIELD_LIST(FIELD_ENTRY)};
    mdp_err err = MDP_OK;
    char name[MDP_H5_NAME_MAX + 32];
    struct mdp_h5_shape shape;
    memset(r, 0, sizeof *r);
    memcpy(r->fields, fields, sizeof fields);
    r->file = mdp_h5_path(file);
    r->spec = spec;
    snprintf(r->name, sizeof r->name, "%s", group);
    MDP_TRY(read_attributes(file, r));
    snprintf(name, sizeof name, "%s/rewards", group);
    MDP_TRY(mdp_h5_expect(file, name, MDP_H5_1D(-1)));
    MDP_TRY(mdp_h5_shape(file, name, &shape));
    r->n_steps = shape.extent[0];
    if (r->n_steps < 1) MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected at least 1 step, found 0", r->file, name));
    snprintf(name, sizeof name, "%s/initial_joint_noise", group);
    MDP_TRY(mdp_h5_read(file, name, MDP_H5_F64, MDP_H5_1D(spec->n_act), r->noise));
    for (int i = 0; i < spec->n_act; i++)
        if (!isfinite(r->noise[i]))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected finite numbers, found %g", r->file, name, r->noise[i]));
    for (int i = 0; i < N_FIELDS; i++) MDP_TRY(read_field(file, r, i));
out:
    return err;
}

/* what this build makes of one field after a step (or after the reset, for fields that have such a row) */
static void live_row(int i, const struct recording *r, const struct mdp_env_view *view, const float *observation,
                     const struct mdp_step *step, double *row) {
    const double *source = NULL;
    int width = row_width(&r->fields[i]);
    switch (i) {
    case OBSERVATIONS:
        for (int k = 0; k < width; k++) row[k] = (double)observation[k];
        return;
    case FEET:
        for (int k = 0; k < width; k++) row[k] = view->feet_contact[k];
        return;
    case AT_LIMIT: row[0] = view->n_at_limit; return;
    case TERMINATED: row[0] = step->terminated; return;
    case REWARDS: source = &step->reward; break;
    case TERMS: source = step->terms; break;
    case QPOS: source = view->qpos; break;
    case QVEL: source = view->qvel; break;
    case TORSO_POS: source = view->torso_pos; break;
    case TORSO_QUAT: source = view->torso_quat; break;
    case TORSO_LINVEL: source = view->torso_linvel; break;
    case TORSO_ANGVEL: source = view->torso_angvel; break;
    case BODY_XYZ: source = view->body_xyz; break;
    case RPY: source = view->rpy; break;
    default: source = &view->potential; break;
    }
    memcpy(row, source, sizeof(double) * (size_t)width);
}

/* compares everything after step t; t = -1 is the reset. a number that is not finite is infinitely wrong */
static void compare(const struct recording *r, long t, const struct mdp_env *env, const float *observation,
                    const struct mdp_step *step, struct deviation *worst) {
    double row[MAX_WIDTH];
    for (int i = 0; i < N_COMPARED; i++) {
        const struct field *field = &r->fields[i];
        if (t < 0 && !field->has_reset) continue;
        int width = row_width(field);
        const double *want = r->data[i] + (t + field->has_reset) * width;
        live_row(i, r, mdp_env_get_view(env), observation, step, row);
        for (int k = 0; k < width; k++) {
            double error = fabs(row[k] - want[k]) * field->factor;
            if (!isfinite(error)) error = INFINITY;
            if (row[k] != want[k]) worst->is_exact = 0;
            if (error > worst->error)
                *worst = (struct deviation){error, want[k], row[k], worst->is_exact, i, t + field->has_reset};
        }
    }
}

static void take_step(const struct recording *r, long t, struct mdp_env *env, float *observation,
                      struct mdp_step *step) {
    const double *action = r->data[ACTIONS] + t * r->spec->n_act;
    float narrow[MDP_ENV_MAX_ACT];
    for (int i = 0; i < r->spec->n_act; i++) narrow[i] = (float)action[i];
    if (r->is_f64)
        mdp_env_step_raw_f64(env, action, observation, step);
    else
        mdp_env_step_raw_f32(env, narrow, observation, step);
}

/* replays the first n_steps; with `guided` every step starts from the recorded positions and velocities */
static struct deviation replay(const struct recording *r, struct mdp_env *env, long n_steps, int guided) {
    struct deviation worst = {.is_exact = 1};
    struct mdp_step step = {0};
    float observation[MDP_ENV_MAX_OBS];
    long n_dof = mdp_env_n_dof(r->spec);
    mdp_env_reset_to(env, r->noise, r->is_fresh, observation);
    compare(r, -1, env, observation, &step, &worst);
    for (long t = 0; t < n_steps; t++) {
        if (guided) mdp_env_set_state(env, r->data[QPOS] + t * n_dof, r->data[QVEL] + t * n_dof, NULL);
        take_step(r, t, env, observation, &step);
        compare(r, t, env, observation, &step, &worst);
    }
    return worst;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void print_line(struct report *report, const struct recording *r, int is_ok, const char *what,
                       const struct deviation *worst) {
    report->n_lines++;
    report->n_failed += !is_ok;
    fprintf(report->stream, "%s %d - %s %s (%s) %s, max error %.3g%s\n", is_ok ? "ok" : "not ok", report->n_lines,
            base_name(r->file), r->name, r->kind, what, worst->error, worst->is_exact ? ", bit-identical" : "");
    if (!is_ok)
        fprintf(report->stream, "  ---\n  dataset: %s/%s\n  row: %ld\n  expected: %.17g\n  found: %.17g\n  ...\n",
                r->name, r->fields[worst->i_field].name, worst->row, worst->want, worst->got);
}

static void verify_recording(struct report *report, const struct recording *r, struct mdp_env *env) {
    char what[96];
    struct deviation worst = replay(r, env, r->n_steps, 1);
    print_line(report, r, worst.error <= 1e-9, "one step at a time, bound 1e-9", &worst);

    long n_free = r->n_steps < N_FREE_STEPS ? r->n_steps : N_FREE_STEPS;
    worst = replay(r, env, n_free, 0);
    snprintf(what, sizeof what, "free for %ld steps, bound 1e-6", n_free);
    print_line(report, r, worst.error <= 1e-6, what, &worst);

    /* without fused multiply-add, sin and cos differ in their last bit and trajectories part after 200 to 300 steps */
    worst = replay(r, env, r->n_steps, 0);
    snprintf(what, sizeof what, "free for all %ld steps", r->n_steps);
    print_line(report, r, worst.is_exact || !report->has_fused_sine, what, &worst);
    if (!worst.is_exact && !report->has_fused_sine)
        fputs("# not bit-identical: the C library computes sin and cos here without fused multiply-add, and last bits "
              "differ\n",
              report->stream);
}

/* finds the environment that a file was recorded from */
static mdp_err find_spec(struct mdp_h5 *file, const struct mdp_env_spec **spec) {
    mdp_err err = MDP_OK;
    char recorded[64], id[64];
    MDP_TRY(mdp_h5_attr_text(file, "/", "env_id", recorded, sizeof recorded));
    /* the original's ids end in "Env-v0", ours in "-v0" */
    memcpy(id, recorded, sizeof id);
    char *tail = strstr(id, "Env-v");
    if (tail) memmove(tail, tail + 3, strlen(tail + 3) + 1);
    *spec = mdp_env_find(id);
    if (!*spec)
        err =
            mdp_fail(MDP_E_DATA, "%s: env_id: expected a known environment, found \"%s\"", mdp_h5_path(file), recorded);
out:
    return err;
}

/* says which physics a file was recorded with, if the file tells, and whether it is replayed on the same */
static mdp_err print_origin(struct mdp_h5 *file, const char *physics, FILE *stream) {
    mdp_err err = MDP_OK;
    char text[16], version[32];
    int64_t is_double = 1;
    if (!mdp_h5_attr_exists(file, "/", "bullet_version")) return MDP_OK;
    MDP_TRY(mdp_h5_attr_text(file, "/", "bullet_version", text, sizeof text));
    if (mdp_h5_attr_exists(file, "/", "double_precision"))
        MDP_TRY(mdp_h5_attr_int(file, "/", "double_precision", &is_double));
    long number = strtol(text, NULL, 10);
    snprintf(version, sizeof version, " %ld.%02ld", number / 100, number % 100);
    fprintf(stream, "# %s: recorded with Bullet%s, %s precision%s\n", base_name(mdp_h5_path(file)), version,
            is_double ? "double" : "single",
            is_double && strstr(physics, version) != NULL ? "" : "; replayed on another build");
out:
    return err;
}

/* reads each episode of a file and, with a report, replays it */
static mdp_err visit_file(const char *path, const struct mdp_engine *engine, const char *physics,
                          struct report *report) {
    mdp_err err = MDP_OK;
    struct mdp_h5 *file = NULL;
    struct mdp_h5_child *children = NULL;
    struct recording recording = {0};
    const struct mdp_env_spec *spec;
    struct mdp_env *env = NULL;
    int n_children, n_episodes = 0;
    MDP_TRY(mdp_h5_open(path, &file));
    MDP_TRY(find_spec(file, &spec));
    MDP_TRY(mdp_env_new_on(engine, spec, &env));
    if (report != NULL) MDP_TRY(print_origin(file, physics, report->stream));
    MDP_TRY(mdp_h5_list(file, "/", &children, &n_children));
    for (int i = 0; i < n_children; i++) {
        if (!children[i].is_group || strncmp(children[i].name, "ep_", 3) != 0) continue;
        MDP_TRY(read_recording(file, spec, children[i].name, &recording));
        if (report) verify_recording(report, &recording, env);
        free_recording(&recording);
        n_episodes++;
    }
    if (n_episodes == 0) MDP_TRY(mdp_fail(MDP_E_DATA, "%s: /: expected groups ep_00, ep_01, ..., found none", path));
out:
    free_recording(&recording);
    free(children);
    mdp_env_free(env);
    mdp_h5_close(file);
    return err;
}

mdp_err mdp_verify_env(const struct mdp_engine *engine, int n_files, char **files, FILE *stream) {
    mdp_err err = MDP_OK;
    struct mdp_engine_facts physics;
    struct report report = {.has_fused_sine = mdp_cpu_has_fused_sine(), .stream = stream};
    if (n_files < 1) return mdp_fail(MDP_E_USAGE, "verify env: expected at least one recording, found none");
    MDP_TRY(mdp_engine_describe(engine, mdp_env_list(0), &physics));
    for (int i = 0; i < n_files; i++) MDP_TRY(visit_file(files[i], engine, physics.label, NULL));
    fprintf(stream, "TAP version 13\n# %s (%s) on %s, %s\n", physics.label, physics.files.names, mdp_cpu_model(),
            mdp_cpu_isa());
    for (int i = 0; i < n_files; i++) MDP_TRY(visit_file(files[i], engine, physics.label, &report));
    fprintf(stream, "1..%d\n", report.n_lines);
    if (report.n_failed) err = mdp_fail(MDP_E_FAILED, "%d of %d checks failed", report.n_failed, report.n_lines);
out:
    return err;
}
