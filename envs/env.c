#include "envs/env.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "envs/engine.h"
#include "envs/family.h"
#include "envs/list.h"
#include "envs/physics/world.h"

struct mdp_env {
    const struct mdp_env_spec *spec;
    struct mdp_simulation simulation;
};

#define DECLARE_ENV(name, robot) extern const struct mdp_env_spec mdp_env_spec_##name;
MDP_ENV_LIST(DECLARE_ENV)

#define ADDRESS_OF_ENV(name, robot) &mdp_env_spec_##name,
static const struct mdp_env_spec *const specs[] = {MDP_ENV_LIST(ADDRESS_OF_ENV)};

enum { N_SPECS = sizeof specs / sizeof specs[0] };

#define ROBOT_OF_ENV(name, robot) robot,
static const char *const robots[] = {MDP_ENV_LIST(ROBOT_OF_ENV)};
static const struct mdp_names robot_names = MDP_NAMES_OF_TEXTS(robots);

const struct mdp_names *mdp_env_names(void) { return &robot_names; }

const struct mdp_env_spec *mdp_env_list(int i_env) { return i_env >= 0 && i_env < N_SPECS ? specs[i_env] : NULL; }

const struct mdp_env_spec *mdp_env_find(const char *id_or_robot) {
    for (int i = 0; i < N_SPECS; i++)
        if (!strcmp(id_or_robot, specs[i]->id) || !strcmp(id_or_robot, specs[i]->robot)) return specs[i];
    return NULL;
}

int mdp_env_n_dof(const struct mdp_env_spec *spec) { return spec->family->n_dof(spec); }

const char *mdp_env_physics_version(void) { return mdp_physics_find(NULL)->version(); }

mdp_err mdp_env_new(const struct mdp_env_spec *spec, struct mdp_env **out) { return mdp_env_new_on(NULL, spec, out); }

mdp_err mdp_env_new_on(const struct mdp_engine *engine, const struct mdp_env_spec *spec, struct mdp_env **out) {
    mdp_err err = MDP_OK;
    struct mdp_env *env = NULL;
    *out = NULL;
    MDP_TRY(mdp_calloc(&env, 1, sizeof *env, spec->id));
    env->spec = spec;
    MDP_TRY(mdp_engine_check(engine, spec));
    MDP_TRY(spec->family->create(engine, spec, &env->simulation));
    *out = env;
    env = NULL;
out:
    free(env);
    return err;
}

void mdp_env_free(struct mdp_env *env) {
    if (!env) return;
    env->spec->family->destroy(env->simulation.state);
    free(env);
}

const struct mdp_env_spec *mdp_env_get_spec(const struct mdp_env *env) { return env->spec; }

const struct mdp_env_view *mdp_env_get_view(const struct mdp_env *env) { return env->simulation.view; }

void mdp_env_observe(const struct mdp_env *env, float *observation) {
    memcpy(observation, env->simulation.observation, sizeof(float) * (size_t)env->spec->n_obs);
}

void mdp_env_reset_to(struct mdp_env *env, const double *noise, int is_first_ever, float *observation) {
    env->spec->family->reset_to(env->simulation.state, noise, is_first_ever);
    mdp_env_observe(env, observation);
}

void mdp_env_reset(struct mdp_env *env, uint64_t seed, uint32_t episode, float *observation) {
    struct mdp_rng rng = mdp_rng_stream(seed, MDP_RNG_RESET, episode, 0);
    env->spec->family->reset(env->simulation.state, &rng);
    mdp_env_observe(env, observation);
}

void mdp_env_set_state(struct mdp_env *env, const double *qpos, const double *qvel, const double *warm_start) {
    env->spec->family->set_state(env->simulation.state, qpos, qvel, warm_start);
}

void mdp_env_step_raw(struct mdp_env *env, struct mdp_action action, float *observation, struct mdp_step *step) {
    struct mdp_env_view *view = env->simulation.view;
    memset(step, 0, sizeof *step);
    view->n_steps++;
    if (mdp_action_is_finite(action, env->spec->n_act))
        env->spec->family->step(env->simulation.state, action, step);
    else
        step->non_finite = 1;
    step->truncated = !step->terminated && !step->non_finite && view->n_steps >= env->spec->max_steps;
    mdp_env_observe(env, observation);
}

void mdp_env_step_raw_f32(struct mdp_env *env, const float *action, float *observation, struct mdp_step *step) {
    mdp_env_step_raw(env, (struct mdp_action){.f32 = action}, observation, step);
}

void mdp_env_step_raw_f64(struct mdp_env *env, const double *action, float *observation, struct mdp_step *step) {
    mdp_env_step_raw(env, (struct mdp_action){.f64 = action}, observation, step);
}

/* the clip would hide an infinity, so what is not finite passes unwrapped and fails there */
static const float *as_it_acts(const struct mdp_env_spec *spec, const float *action, float *wrapped) {
    if (!spec->is_wrapped || !mdp_action_is_finite((struct mdp_action){.f32 = action}, spec->n_act)) return action;
    mdp_action_wrap_f32(spec->n_act, action, wrapped);
    return wrapped;
}

void mdp_env_step(struct mdp_env *env, const float *action, float *observation, struct mdp_step *step) {
    float wrapped[MDP_ENV_MAX_ACT];
    mdp_env_step_raw(env, (struct mdp_action){.f32 = as_it_acts(env->spec, action, wrapped)}, observation, step);
}

void mdp_env_place(struct mdp_env *env, const double *qpos, const double *qvel) {
    env->spec->family->place(env->simulation.state, qpos, qvel);
}

void mdp_env_simulate(struct mdp_env *env, const float *action) {
    float wrapped[MDP_ENV_MAX_ACT];
    const struct mdp_action acts = {.f32 = as_it_acts(env->spec, action, wrapped)};
    env->spec->family->simulate(env->simulation.state, acts);
}

void mdp_env_locate(struct mdp_env *env, double *qpos) { env->spec->family->locate(env->simulation.state, qpos); }

int mdp_env_sketch(const struct mdp_env_spec *spec, const double *qpos, struct mdp_env_shape *shapes) {
    return spec->family->sketch(spec, qpos, shapes);
}

double mdp_env_step_seconds(const struct mdp_env_spec *spec) { return spec->family->step_seconds(spec); }
