/* verify env, recordings of the pybullet environments.
 *
 * Source: reference/envs/README.md, layout and the three checks. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bench/verify/recording.h"
#include "envs/action.h"
#include "results/h5/attr.h"
#include "results/h5/read.h"

enum { N_FREE_STEPS = 100 };

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

/* on failure the caller frees what was read */
static mdp_err read_recording(struct mdp_h5 *file, const struct mdp_env_spec *spec, const char *group,
                              struct mdp_recording *r) {
#define FIELD_ENTRY(id, label, width, has_reset, factor) {label, width, has_reset, factor},
    const struct mdp_recording_field fields[N_FIELDS] = {FIELD_LIST(FIELD_ENTRY)};
    mdp_err err;
    char name[MDP_H5_NAME_MAX + 32];
    MDP_TRY(mdp_recording_begin(file, spec, group, r));
    memcpy(r->fields, fields, sizeof fields);
    r->n_fields = N_FIELDS;
    r->n_compared = N_COMPARED;
    MDP_TRY(mdp_recording_flag(file, r, "fresh_env", &r->is_fresh));
    snprintf(name, sizeof name, "%s/initial_joint_noise", group);
    MDP_TRY(mdp_h5_read(file, name, MDP_H5_F64, MDP_H5_1D(spec->n_act), r->noise));
    if (!mdp_action_is_finite((struct mdp_action){.f64 = r->noise}, spec->n_act))
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected finite numbers, found others", r->file, name));
    MDP_TRY(mdp_recording_read(file, r));
out:
    return err;
}

/* what this build makes of one field after a step (or after the reset, for fields that have such a row) */
static void live_row(int i, const struct mdp_recording *r, const struct mdp_env_view *view, const float *observation,
                     const struct mdp_step *step, double *row) {
    const double *source = NULL;
    int width = r->fields[i].width ? r->fields[i].width : 1;
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

/* replays the first n_steps; with `guided` every step starts from the recorded positions and velocities */
static struct mdp_deviation replay(const struct mdp_recording *r, struct mdp_env *env, long n_steps, int guided) {
    struct mdp_deviation worst = {.is_exact = 1};
    struct mdp_step step = {0};
    float observation[MDP_ENV_MAX_OBS], narrow[MDP_ENV_MAX_ACT];
    long n_dof = mdp_env_n_dof(r->spec);
    mdp_env_reset_to(env, r->noise, r->is_fresh, observation);
    mdp_recording_compare(r, live_row, -1, env, observation, &step, &worst);
    for (long t = 0; t < n_steps; t++) {
        if (guided) mdp_env_set_state(env, r->data[QPOS] + t * n_dof, r->data[QVEL] + t * n_dof, NULL);
        mdp_env_step_raw(env, mdp_recording_action(r, r->data[ACTIONS] + t * r->spec->n_act, narrow), observation,
                         &step);
        mdp_recording_compare(r, live_row, t, env, observation, &step, &worst);
    }
    return worst;
}

static void verify_recording(struct mdp_env_report *report, const struct mdp_recording *r, struct mdp_env *env) {
    char what[96];
    struct mdp_deviation worst = replay(r, env, r->n_steps, 1);
    mdp_env_report_line(report, r, worst.error <= 1e-9, "one step at a time, bound 1e-9", &worst);

    long n_free = r->n_steps < N_FREE_STEPS ? r->n_steps : N_FREE_STEPS;
    worst = replay(r, env, n_free, 0);
    snprintf(what, sizeof what, "free for %ld steps, bound 1e-6", n_free);
    mdp_env_report_line(report, r, worst.error <= 1e-6, what, &worst);

    /* without fused multiply-add, sin and cos differ in their last bit and trajectories part after 200 to 300 steps */
    worst = replay(r, env, r->n_steps, 0);
    snprintf(what, sizeof what, "free for all %ld steps", r->n_steps);
    mdp_env_report_line(report, r, worst.is_exact || !report->has_fused_sine, what, &worst);
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
    mdp_text_print_line(stream, "# %s: recorded with Bullet%s, %s precision%s", mdp_recording_base(mdp_h5_path(file)),
                        version, is_double ? "double" : "single",
                        is_double && strstr(physics, version) != NULL ? "" : "; replayed on another build");
out:
    return err;
}

/* one environment replays all episodes of a file, as what one leaves behind must not reach the next */
mdp_err mdp_verify_bullet_file(struct mdp_h5 *file, struct mdp_env_report *report) {
    mdp_err err;
    struct mdp_h5_child *children = NULL;
    struct mdp_recording recording = {0};
    const struct mdp_env_spec *spec;
    struct mdp_env *env = NULL;
    int n_children, n_episodes = 0;
    MDP_TRY(find_spec(file, &spec));
    MDP_TRY(mdp_env_report_physics(report, spec));
    MDP_TRY(mdp_env_new_on(report->engine, spec, &env));
    if (report->stream != NULL) MDP_TRY(print_origin(file, report->physics.label, report->stream));
    MDP_TRY(mdp_h5_list(file, "/", &children, &n_children));
    for (int i = 0; i < n_children; i++) {
        if (!children[i].is_group || strncmp(children[i].name, "ep_", 3) != 0) continue;
        MDP_TRY(read_recording(file, spec, children[i].name, &recording));
        if (report->stream != NULL) verify_recording(report, &recording, env);
        mdp_recording_free(&recording);
        n_episodes++;
    }
    if (n_episodes == 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: /: expected groups ep_00, ep_01, ..., found none", mdp_h5_path(file)));
out:
    mdp_recording_free(&recording);
    free(children);
    mdp_env_free(env);
    return err;
}
