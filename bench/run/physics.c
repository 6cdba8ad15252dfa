#include "bench/run/physics.h"

#include <stdlib.h>

#include "bench/run/version.h"
#include "envs/env.h"

static const char variable[] = "MDPBENCH_PHYSICS";

mdp_err mdp_physics_open(const char *option, struct mdp_engine **out) {
    const char *from_variable = getenv(variable);
    if (option != NULL || from_variable == NULL || from_variable[0] == 0) return mdp_engine_open(option, out);
    mdp_err err = mdp_engine_open(from_variable, out);
    return err == MDP_OK ? MDP_OK : mdp_fail_context(err, "%s", variable);
}

static mdp_err take_facts(mdp_err err, struct mdp_engine *opened, struct mdp_engine_facts *facts) {
    if (err != MDP_OK) return err;
    *facts = *mdp_engine_get_facts(opened);
    mdp_engine_free(opened);
    return MDP_OK;
}

mdp_err mdp_physics_usual_facts(struct mdp_engine_facts *facts) {
    struct mdp_engine *opened = NULL;
    mdp_err err = mdp_physics_open(NULL, &opened);
    return take_facts(err, opened, facts);
}

mdp_err mdp_physics_facts(const struct mdp_engine *engine, struct mdp_engine_facts *facts) {
    struct mdp_engine *opened = NULL;
    mdp_err err = engine == NULL ? mdp_engine_open(NULL, &opened) : MDP_OK;
    if (engine == NULL) return take_facts(err, opened, facts);
    *facts = *mdp_engine_get_facts(engine);
    return MDP_OK;
}

void mdp_physics_add_setting(const struct mdp_engine *engine, json_t *settings) {
    if (engine == NULL || mdp_engine_is_built_in(engine)) return;
    json_object_set_new(settings, "physics", json_string(mdp_engine_get_facts(engine)->label));
}

void mdp_physics_machine_text(const struct mdp_engine *engine, char machine[MDP_MACHINE_MAX]) {
    mdp_version_text(engine != NULL ? mdp_engine_get_facts(engine)->label : mdp_env_physics_version(), machine);
}
