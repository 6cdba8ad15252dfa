#include "bench/run/world.h"

#include <stdio.h>

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
    out->known = MDP_FACTS_OF_ENV | MDP_FACT_BIT(MDP_FACT_PHYSICS);
    return MDP_OK;
}
