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

/** Tells what files record about the physics that MDPBENCH_PHYSICS names, else the built-in world. Errors: as
 * mdp_engine_open. */
mdp_err mdp_physics_usual_facts(struct mdp_engine_facts *facts);

/** Tells what files record about physics. Nullable: engine (the built-in world). Errors: IO. */
mdp_err mdp_physics_facts(const struct mdp_engine *engine, struct mdp_engine_facts *facts);

/** Adds "physics" to the settings of what is made on a user's library, so that it is never taken for the same thing
 * made on another physics. The built-in world adds nothing: its version has never been a setting. Nullable: engine,
 * settings (no effect). */
void mdp_physics_add_setting(const struct mdp_engine *engine, json_t *settings);

/** Writes machine and library facts as result files record them, with this physics. Nullable: engine. */
void mdp_physics_machine_text(const struct mdp_engine *engine, char machine[MDP_MACHINE_MAX]);

#endif
