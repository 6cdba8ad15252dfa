#include "envs/env.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "envs/engine.h"
#include "envs/list.h"
#include "envs/locomotion.h"

struct mdp_env {
    const struct mdp_env_spec *spec;
    const struct mdp_physics *physics;
    void *world; /* opaque, the backend's */
    struct mdp_world_state read_out;
    struct mdp_locomotion state;
};

#define DECLARE_ENV(name) extern const struct mdp_env_spec mdp_env_spec_##name;
MDP_ENV_LIST(DECLARE_ENV)

#define ADDRESS_OF_ENV(name) &mdp_env_spec_##name,
static const struct mdp_env_spec *const specs[] = {MDP_ENV_LIST(ADDRESS_OF_ENV)};

enum { N_SPECS = sizeof specs / sizeof specs[0] };

#define ROBOT_OF_ENV(name) #name,
static const char *const robots[] = {MDP_ENV_LIST(ROBOT_OF_ENV)};
static const struct mdp_names robot_names = MDP_NAMES_OF_TEXTS(robots);

const struct mdp_names *mdp_env_names(void) { return &robot_names; }

const struct mdp_env_spec *mdp_env_list(int i_env) { return i_env >= 0 && i_env < N_SPECS ? specs[i_env] : NULL; }

const struct mdp_env_spec *mdp_env_find(const char *id_or_robot) {
    for (int i = 0; i < N_SPECS; i++)
        if (!strcmp(id_or_robot, specs[i]->id) || !strcmp(id_or_robot, specs[i]->robot)) return specs[i];
    return NULL;
}

int mdp_env_n_dof(const struct mdp_env_spec *spec) { return mdp_robot_n_dof(spec->model); }

const char *mdp_env_physics_version(void) { return mdp_physics_find(NULL)->version(); }

mdp_err mdp_env_new(const struct mdp_env_spec *spec, struct mdp_env **out) { return mdp_env_new_on(NULL, spec, out); }

mdp_err mdp_env_new_on(const struct mdp_engine *engine, const struct mdp_env_spec *spec, struct mdp_env **out) {
    mdp_err err = MDP_OK;
    struct mdp_env *env = NULL;
    *out = NULL;
    MDP_TRY(mdp_calloc(&env, 1, sizeof *env, spec->id));
    env->spec = spec;
    MDP_TRY(mdp_engine_new_world(engine, spec->model, &env->physics, &env->world));
    *out = env;
    env = NULL;
out:
    free(env);
    return err;
}

void mdp_env_free(struct mdp_env *env) {
    if (!env) return;
    env->physics->destroy(env->world);
    free(env);
}

const struct mdp_env_spec *mdp_env_get_spec(const struct mdp_env *env) { return env->spec; }

const struct mdp_env_view *mdp_env_get_view(const struct mdp_env *env) { return &env->state.view; }

static void copy_observation(const struct mdp_env *env, float *observation) {
    memcpy(observation, env->state.raw, sizeof(float) * (size_t)env->spec->n_obs);
}

void mdp_env_reset_to(struct mdp_env *env, const double *noise, int is_first_ever, float *observation) {
    double qpos[MDP_ENV_MAX_DOF] = {0};
    memcpy(qpos + 3, noise, sizeof(double) * (size_t)env->spec->model->n_joints);
    env->physics->reset(env->world, qpos);
    env->physics->read(env->world, &env->read_out);
    mdp_locomotion_begin(env->spec->model, &env->read_out, is_first_ever, &env->state);
    copy_observation(env, observation);
}

void mdp_env_reset(struct mdp_env *env, uint64_t seed, uint32_t episode, float *observation) {
    struct mdp_rng rng = mdp_rng_stream(seed, MDP_RNG_RESET, episode, 0);
    double noise[MDP_ENV_MAX_JOINTS];
    for (int i = 0; i < env->spec->model->n_joints; i++) noise[i] = -0.1 + 0.2 * mdp_rng_uniform(&rng);
    mdp_env_reset_to(env, noise, 0, observation);
}

void mdp_env_set_joints(struct mdp_env *env, const double *qpos, const double *qvel) {
    env->physics->set_joints(env->world, qpos, qvel);
}

static void step_raw(struct mdp_env *env, struct mdp_action action, float *observation, struct mdp_step *step) {
    struct mdp_env_view *view = &env->state.view;
    memset(step, 0, sizeof *step);
    view->n_steps++;
    if (!mdp_locomotion_is_finite(env->spec->model, action)) {
        step->non_finite = 1;
    } else {
        double torques[MDP_ENV_MAX_JOINTS];
        mdp_locomotion_torques(env->spec->model, action, torques);
        env->physics->step(env->world, torques);
        env->physics->read(env->world, &env->read_out);
        mdp_locomotion_advance(env->spec->model, &env->read_out, action, &env->state, step);
    }
    step->truncated = !step->terminated && !step->non_finite && view->n_steps >= env->spec->max_steps;
    copy_observation(env, observation);
}

void mdp_env_step_raw_f32(struct mdp_env *env, const float *action, float *observation, struct mdp_step *step) {
    step_raw(env, (struct mdp_action){.f32 = action}, observation, step);
}

void mdp_env_step_raw_f64(struct mdp_env *env, const double *action, float *observation, struct mdp_step *step) {
    step_raw(env, (struct mdp_action){.f64 = action}, observation, step);
}

void mdp_env_step(struct mdp_env *env, const float *action, float *observation, struct mdp_step *step) {
    float wrapped[MDP_ENV_MAX_JOINTS];
    struct mdp_action given = {.f32 = action};
    mdp_locomotion_wrap(env->spec->model, action, wrapped);
    /* the clip would hide an infinity, so what is not finite passes unwrapped and fails there */
    if (mdp_locomotion_is_finite(env->spec->model, given)) given.f32 = wrapped;
    step_raw(env, given, observation, step);
}
