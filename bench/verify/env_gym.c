/* verify env, recordings of gym's and Gymnasium's MuJoCo environments.
 *
 * on the library that they were made with every step and every free run has the recorded bits. Another library is held
 * to its single steps, and it is said how long it stays near. Source: reference/envs-mujoco/README.md. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bench/verify/recording.h"
#include "results/h5/attr.h"
#include "results/show/markup.h"

/* X(id, dataset, row width (0: one number a row, rank 1), 1 if it has a row for the reset) */
#define FIELD_LIST(X)                                                                                                  \
    X(OBSERVATIONS, "observations", spec->n_obs, 1)                                                                    \
    X(REWARDS, "rewards", 0, 0)                                                                                        \
    X(TERMS, "reward_terms", 3, 0)                                                                                     \
    X(TERMINATED, "terminated", 0, 0)                                                                                  \
    X(QPOS, "state/qpos", mdp_env_n_dof(spec), 1)                                                                      \
    X(QVEL, "state/qvel", mdp_env_n_dof(spec), 1)                                                                      \
    X(WARM_START, "state/qacc_warmstart", mdp_env_n_dof(spec), 1)                                                      \
    X(ACTIONS, "actions", spec->n_act, 0)

#define FIELD_ID(id, name, width, has_reset) id,
enum { FIELD_LIST(FIELD_ID) N_FIELDS, N_COMPARED = WARM_START };

/* on failure the caller frees what was read */
static mdp_err read_recording(struct mdp_h5 *file, const struct mdp_env_spec *spec, const char *group,
                              struct mdp_recording *r) {
#define FIELD_ENTRY(id, label, width, has_reset) {label, width, has_reset, 1.0},
    const struct mdp_recording_field fields[N_FIELDS] = {FIELD_LIST(FIELD_ENTRY)};
    mdp_err err;
    MDP_TRY(mdp_recording_begin(file, spec, group, r));
    memcpy(r->fields, fields, sizeof fields);
    r->n_fields = N_FIELDS;
    r->n_compared = N_COMPARED;
    MDP_TRY(mdp_recording_flag(file, r, "wrapped", &r->is_wrapped));
    MDP_TRY(mdp_recording_read(file, r));
out:
    return err;
}

/* recorded terms are forward, control and survive; ours stand in the order in which they are added */
static void live_row(int i, const struct mdp_recording *r, const struct mdp_env_view *view, const float *observation,
                     const struct mdp_step *step, double *row) {
    size_t n_dof = (size_t)mdp_env_n_dof(r->spec);
    (void)observation;
    switch (i) {
    case OBSERVATIONS: memcpy(row, view->observation, sizeof(double) * (size_t)r->spec->n_obs); return;
    case REWARDS: row[0] = step->reward; return;
    case TERMS:
        row[0] = step->terms[1];
        row[1] = step->terms[2];
        row[2] = step->terms[0];
        return;
    case TERMINATED: row[0] = step->terminated; return;
    case QPOS: memcpy(row, view->qpos, sizeof(double) * n_dof); return;
    default: memcpy(row, view->qvel, sizeof(double) * n_dof); return;
    }
}

static void set_row(const struct mdp_recording *r, struct mdp_env *env, long t) {
    long n = mdp_env_n_dof(r->spec);
    mdp_env_set_state(env, r->data[QPOS] + t * n, r->data[QVEL] + t * n, r->data[WARM_START] + t * n);
}

static struct mdp_action action_of(const struct mdp_recording *r, long t, float *narrow, float *wrapped,
                                   double *wrapped_wide) {
    struct mdp_action action = mdp_recording_action(r, r->data[ACTIONS] + t * r->spec->n_act, narrow);
    if (!r->is_wrapped) return action;
    if (action.f32 != NULL) {
        mdp_action_wrap_f32(r->spec->n_act, action.f32, wrapped);
        return (struct mdp_action){.f32 = wrapped};
    }
    mdp_action_wrap_f64(r->spec->n_act, action.f64, wrapped_wide);
    return (struct mdp_action){.f64 = wrapped_wide};
}

/* replays all steps, from row 0 or, with `guided`, each from its own row */
static struct mdp_deviation replay(const struct mdp_recording *r, struct mdp_env *env, int guided) {
    struct mdp_deviation worst = {.is_exact = 1};
    struct mdp_step step = {0};
    float observation[MDP_ENV_MAX_OBS], narrow[MDP_ENV_MAX_ACT], wrapped[MDP_ENV_MAX_ACT];
    double wide[MDP_ENV_MAX_ACT];
    mdp_env_reset(env, 0, 0, observation);
    set_row(r, env, 0);
    mdp_recording_compare(r, live_row, -1, env, observation, &step, &worst);
    for (long t = 0; t < r->n_steps; t++) {
        if (guided) set_row(r, env, t);
        mdp_env_step_raw(env, action_of(r, t, narrow, wrapped, wide), observation, &step);
        mdp_recording_compare(r, live_row, t, env, observation, &step, &worst);
    }
    return worst;
}

/* how far another library is, over the episodes of a file */
struct distance {
    double one_step;
    long first[2][2], n_never[2]; /* earliest and latest step at which 1e-9 and 1e-3 were passed, and how often not */
};

static void note_distance(struct distance *d, const struct mdp_deviation *one, const struct mdp_deviation *free) {
    if (one->error > d->one_step) d->one_step = one->error;
    for (int i = 0; i < 2; i++) {
        long first = free->first_above[i];
        d->n_never[i] += first == 0;
        if (first == 0) continue;
        if (d->first[i][0] == 0 || first < d->first[i][0]) d->first[i][0] = first;
        if (first > d->first[i][1]) d->first[i][1] = first;
    }
}

static void print_distance(const char *path, const struct distance *d, int n_episodes, FILE *stream) {
    static const char *const limits[] = {"1e-9", "1e-3"};
    fputs("# ", stream);
    mdp_put_tap(stream, mdp_recording_base(path));
    fprintf(stream, ": one step at most %.2g off; free running", d->one_step);
    for (int i = 0; i < 2; i++) {
        fprintf(stream, "%s beyond %s ", i > 0 ? ";" : "", limits[i]);
        if (d->first[i][0] == 0)
            fprintf(stream, "in none of %d episodes", n_episodes);
        else
            fprintf(stream, "after %ld to %ld steps in %ld of %d episodes", d->first[i][0], d->first[i][1],
                    n_episodes - d->n_never[i], n_episodes);
    }
    fputc('\n', stream);
}

/* whether the same bits are due: the library that the file names, as this program loads it by itself */
static int is_same(const struct mdp_env_report *report, const char *version, const struct mdp_env_spec *spec) {
    char same[MDP_ENGINE_LABEL_MAX];
    const char *world = strrchr(spec->id, '-');
    snprintf(same, sizeof same, "mujoco %.16s %.8s", version, world != NULL ? world + 1 : "");
    return report->has_fused_sine && strcmp(same, report->physics.label) == 0;
}

static void verify_recording(struct mdp_env_report *report, const struct mdp_recording *r, struct mdp_env *env,
                             int same, struct distance *distance) {
    char what[96];
    struct mdp_deviation worst = replay(r, env, 1);
    mdp_env_report_line(report, r, worst.error <= 1e-9, "one step at a time, bound 1e-9", &worst);
    struct mdp_deviation free = replay(r, env, 0);
    snprintf(what, sizeof what, "free for all %ld steps", r->n_steps);
    mdp_env_report_line(report, r, free.is_exact || !same, what, &free);
    note_distance(distance, &worst, &free);
}

static mdp_err find_spec(struct mdp_h5 *file, const struct mdp_env_spec **spec) {
    char id[64];
    mdp_err err = mdp_h5_attr_text(file, "/", "env", id, sizeof id);
    if (err != MDP_OK) return err;
    *spec = mdp_env_find(id);
    if (*spec != NULL && (*spec)->gym != NULL && !strcmp((*spec)->id, id)) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: env: expected a known environment of MuJoCo, found \"%s\"", mdp_h5_path(file), id);
}

static mdp_err visit_episodes(struct mdp_h5 *file, const struct mdp_env_spec *spec, struct mdp_env *env, int same,
                              struct mdp_env_report *report) {
    mdp_err err;
    struct mdp_h5_child *children = NULL;
    struct mdp_recording recording = {0};
    struct distance distance = {0};
    int n_children, n_episodes = 0;
    MDP_TRY(mdp_h5_list(file, "/", &children, &n_children));
    for (int i = 0; i < n_children; i++) {
        if (!children[i].is_group || strncmp(children[i].name, "ep_", 3) != 0) continue;
        MDP_TRY(read_recording(file, spec, children[i].name, &recording));
        if (report->stream != NULL) verify_recording(report, &recording, env, same, &distance);
        mdp_recording_free(&recording);
        n_episodes++;
    }
    if (n_episodes == 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: /: expected groups ep_00, ep_01, ..., found none", mdp_h5_path(file)));
    if (report->stream != NULL && !same) print_distance(mdp_h5_path(file), &distance, n_episodes, report->stream);
out:
    mdp_recording_free(&recording);
    free(children);
    return err;
}

mdp_err mdp_verify_gym_file(struct mdp_h5 *file, struct mdp_env_report *report) {
    mdp_err err;
    char version[32];
    const struct mdp_env_spec *spec;
    struct mdp_env *env = NULL;
    MDP_TRY(find_spec(file, &spec));
    MDP_TRY(mdp_h5_attr_text(file, "/", "mujoco_version", version, sizeof version));
    MDP_TRY(mdp_env_report_physics(report, spec));
    MDP_TRY(mdp_env_new_on(report->engine, spec, &env));
    int same = report->stream != NULL && is_same(report, version, spec);
    if (report->stream != NULL)
        mdp_text_print_line(report->stream, "# %s: recorded with MuJoCo %s%s", mdp_recording_base(mdp_h5_path(file)),
                            version, same ? "" : "; replayed on another build");
    MDP_TRY(visit_episodes(file, spec, env, same, report));
out:
    mdp_env_free(env);
    return err;
}
