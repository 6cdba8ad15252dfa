/* environments, one at a time. */
#include <stdlib.h>
#include <string.h>

#include "bench/lib/internal.h"
#include "envs/family.h"

_Static_assert(sizeof(struct mdpbench_env_facts) == 56, "the layout of mdpbench_env_facts is a part of the ABI");
_Static_assert(sizeof(struct mdpbench_step) == 64, "the layout of mdpbench_step is a part of the ABI");
_Static_assert(sizeof((struct mdpbench_step *)0)->terms == sizeof((struct mdp_step *)0)->terms, "terms of a step");

struct mdpbench_env {
    struct mdp_lib_world world;
    struct mdp_env *env;
    int is_open; /* an episode is under way */
};

const char *mdpbench_env_id(int32_t i) {
    const struct mdp_env_spec *spec = mdp_env_list(i);
    return spec != NULL ? spec->id : NULL;
}

int mdpbench_env_find(const char *name, struct mdpbench_env_facts *facts) {
    const struct mdp_env_spec *spec;
    const struct mdp_reference_score *score;
    mdp_err err;
    MDP_TRY(mdp_lib_need(facts, "facts"));
    MDP_TRY(mdp_lib_find_env(name, &spec));
    MDP_TRY(mdp_reference_find(spec->reference, &score));
    *facts = (struct mdpbench_env_facts){.id = spec->id,
                                         .robot = spec->robot,
                                         .physics = spec->family->physics,
                                         .ref_min = score->ref_min,
                                         .ref_max = score->ref_max,
                                         .n_obs = spec->n_obs,
                                         .n_act = spec->n_act,
                                         .max_steps = spec->max_steps};
out:
    return err;
}

int mdpbench_env_new(const char *name, const char *physics, struct mdpbench_env **out) {
    struct mdpbench_env *env = NULL;
    mdp_err err;
    MDP_TRY(mdp_lib_need(out, "env"));
    *out = NULL;
    MDP_TRY(mdp_calloc(&env, 1, sizeof *env, "environment"));
    MDP_TRY(mdp_lib_world_open(name, physics, &env->world));
    mdp_lib_lock();
    err = mdp_env_new_on(env->world.engine, env->world.spec, &env->env);
    mdp_lib_unlock();
    if (err != MDP_OK) goto out;
    *out = env;
    env = NULL;
out:
    mdpbench_env_free(env);
    return err;
}

void mdpbench_env_free(struct mdpbench_env *env) {
    if (env == NULL) return;
    mdp_env_free(env->env);
    mdp_lib_world_close(&env->world);
    free(env);
}

int mdpbench_env_reset(struct mdpbench_env *env, uint64_t seed, uint32_t episode, float *observation) {
    mdp_err err;
    MDP_TRY(mdp_lib_need(env, "env"));
    MDP_TRY(mdp_lib_need(observation, "observation"));
    mdp_env_reset(env->env, seed, episode, observation);
    env->is_open = 1;
out:
    return err;
}

int mdpbench_env_step(struct mdpbench_env *env, const float *action, float *observation, struct mdpbench_step *out) {
    struct mdp_step step;
    mdp_err err;
    MDP_TRY(mdp_lib_need(env, "env"));
    MDP_TRY(mdp_lib_need(action, "action"));
    MDP_TRY(mdp_lib_need(observation, "observation"));
    MDP_TRY(mdp_lib_need(out, "step"));
    if (!env->is_open)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: expected an episode under way, found none; reset begins one",
                         env->world.spec->id));
    MDP_TRY(mdp_lib_check_finite("action", 1, env->world.spec->n_act, action));
    mdp_env_step(env->env, action, observation, &step);
    *out = (struct mdpbench_step){.reward = step.reward,
                                  .terminated = step.terminated,
                                  .truncated = step.truncated,
                                  .non_finite = step.non_finite};
    memcpy(out->terms, step.terms, sizeof out->terms);
    env->is_open = !mdp_step_ended(&step);
out:
    return err;
}
