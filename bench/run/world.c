#include "bench/run/world.h"

#include <math.h>
#include <stdio.h>

#include "envs/mujoco/gym.h"
#include "results/reference_scores.h"

mdp_err mdp_world_describe(const struct mdp_env_spec *spec, const struct mdp_engine_facts *physics,
                           struct mdp_episodes_info *info) {
    const struct mdp_reference_score *score;
    mdp_err err = mdp_reference_find(spec->reference, &score);
    if (err != MDP_OK) return err;
    snprintf(info->env_id, sizeof info->env_id, "%s", spec->id);
    info->env_hash = mdp_env_spec_hash(spec);
    snprintf(info->physics, sizeof info->physics, "%s", physics->label);
    snprintf(info->physics_library, sizeof info->physics_library, "%s", physics->files.names);
    info->physics_hash = physics->files.hash;
    snprintf(info->reference, sizeof info->reference, "%s", score->family);
    info->ref_min = score->ref_min;
    info->ref_max = score->ref_max;
    return MDP_OK;
}

mdp_err mdp_world_facts(const struct mdp_task *task, const struct mdp_engine *engine, struct mdp_facts *out) {
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_engine_facts physics;
    mdp_err err = mdp_engine_describe(engine, task->spec, &physics);
    if (err == MDP_OK) err = mdp_world_describe(task->spec, &physics, &info);
    if (err != MDP_OK) return err;
    mdp_facts_read(&info, out);
    out->known = MDP_FACTS_OF_WORLD;
    return MDP_OK;
}

/* HalfCheetah never ends: its torso, 0.7 m high at rest, is above the floor and on average not thrice as high */
#define CHEETAH_HEIGHT 0.7

mdp_err mdp_world_check_normalizer(const struct mdp_env_spec *spec, const char *path,
                                   const struct mdp_normalizer *normalizer) {
    if (spec->gym == NULL || normalizer->n != spec->n_obs) return MDP_OK;
    const struct mdp_gym_robot *robot = spec->gym->robot;
    double low = isfinite(robot->low) ? robot->low : -CHEETAH_HEIGHT;
    double high = isfinite(robot->high) ? robot->high : isfinite(robot->low) ? INFINITY : CHEETAH_HEIGHT;
    if (normalizer->mean[0] > low && normalizer->mean[0] < high) return MDP_OK;
    return mdp_fail(
        MDP_E_DATA,
        "%s: normaliser: expected a mean of the first observation between %g and %g, as the torso of %s has, "
        "found %g: of another robot?",
        path, low, high, spec->id, normalizer->mean[0]);
}
