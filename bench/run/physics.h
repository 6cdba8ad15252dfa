/* which physics a verb simulates on (`--physics`, else the environment variable MDPBENCH_PHYSICS), and what files
 * record about it. */
#ifndef MDP_BENCH_RUN_PHYSICS_H
#define MDP_BENCH_RUN_PHYSICS_H

#include <jansson.h>

#include "envs/engine.h"
#include "results/head.h"

/** Opens the physics that an option names; NULL means MDPBENCH_PHYSICS, and without that the built-in world. Owns:
 * caller, mdp_engine_free. Errors: as mdp_engine_open. */
mdp_err mdp_physics_open(const char *option, struct mdp_engine **out);

/** Closes it, for rooms that do not know environments. Nullable: engine. */
void mdp_physics_close(struct mdp_engine *engine);

/** Adds "physics" to the settings of what is made on a user's library, so that it is never taken for the same thing
 * made on another physics. The built-in world adds nothing: its version has never been a setting. Nullable: engine,
 * settings (no effect). */
void mdp_physics_add_setting(const struct mdp_engine *engine, json_t *settings);

/** Writes machine and library facts as result files record them, with the physics of an environment. Nullable: engine.
 * Errors: as mdp_engine_describe. */
mdp_err mdp_physics_machine_text(const struct mdp_engine *engine, const struct mdp_env_spec *spec,
                                 char machine[MDP_MACHINE_MAX]);

#endif
