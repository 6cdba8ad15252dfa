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

void mdp_physics_close(struct mdp_engine *engine) { mdp_engine_free(engine); }

void mdp_physics_add_setting(const struct mdp_engine *engine, json_t *settings) {
    if (engine == NULL || mdp_engine_is_built_in(engine)) return;
    json_object_set_new(settings, "physics", json_string(mdp_engine_get_facts(engine)->label));
}

mdp_err mdp_physics_machine_text(const struct mdp_engine *engine, const struct mdp_env_spec *spec,
                                 char machine[MDP_MACHINE_MAX]) {
    struct mdp_engine_facts facts;
    mdp_err err = mdp_engine_describe(engine, spec, &facts);
    if (err == MDP_OK) mdp_version_text(facts.label, machine);
    return err;
}
