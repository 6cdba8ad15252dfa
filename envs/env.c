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

/* counts a step; returns 1 if its action can be simulated */
static int begin_step(struct mdp_env *env, struct mdp_action action, struct mdp_step *step) {
    memset(step, 0, sizeof *step);
    env->simulation.view->n_steps++;
    step->non_finite = !mdp_action_is_finite(action, env->spec->n_act);
    return !step->non_finite;
}

static void end_step(const struct mdp_env *env, float *observation, struct mdp_step *step) {
    int is_over = env->simulation.view->n_steps >= env->spec->max_steps;
    step->truncated = !step->terminated && !step->non_finite && is_over;
    mdp_env_observe(env, observation);
}

void mdp_env_step_raw(struct mdp_env *env, struct mdp_action action, float *observation, struct mdp_step *step) {
    if (begin_step(env, action, step)) env->spec->family->step(env->simulation.state, action, step);
    end_step(env, observation, step);
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

/* those of a group whose action is finite, and so are simulated */
struct acting {
    int n;
    void *states[MDP_ENV_AT_ONCE];
    struct mdp_action actions[MDP_ENV_AT_ONCE];
    struct mdp_step *steps[MDP_ENV_AT_ONCE];
};

int mdp_env_n_at_once(const struct mdp_env *env) {
    return env->simulation.n_at_once > 1 ? env->simulation.n_at_once : 1;
}

static void step_group(int n, struct mdp_env *const *envs, const int *i_rows, const float *actions, float *observations,
                       struct mdp_step *steps) {
    const struct mdp_env_spec *spec = envs[0]->spec;
    float wrapped[MDP_ENV_AT_ONCE][MDP_ENV_MAX_ACT];
    struct acting acting;
    acting.n = 0;
    for (int i = 0; i < n; i++) {
        const struct mdp_action action = {.f32 = as_it_acts(spec, actions + (long)i_rows[i] * spec->n_act, wrapped[i])};
        struct mdp_step *step = &steps[i_rows[i]];
        if (!begin_step(envs[i], action, step)) continue;
        acting.states[acting.n] = envs[i]->simulation.state;
        acting.actions[acting.n] = action;
        acting.steps[acting.n++] = step;
    }
    if (acting.n > 0) spec->family->step_many(acting.n, acting.states, acting.actions, acting.steps);
    for (int i = 0; i < n; i++) end_step(envs[i], observations + (long)i_rows[i] * spec->n_obs, &steps[i_rows[i]]);
}

void mdp_env_step_many(int n, struct mdp_env *const *envs, const int *i_rows, const float *actions, float *observations,
                       struct mdp_step *steps) {
    const struct mdp_env_spec *spec = envs[0]->spec;
    const long row = i_rows[0];
    if (n > 1)
        step_group(n, envs, i_rows, actions, observations, steps);
    else
        mdp_env_step(envs[0], actions + row * spec->n_act, observations + row * spec->n_obs, &steps[row]);
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
