/* w_T, the selection temperature, that the authors found for each algorithm and task.
 *
 * Source: SPEC section 5.4. */
#ifndef MDP_ALGOS_TEMPERATURE_H
#define MDP_ALGOS_TEMPERATURE_H

#include "base/err.h"

/** Looks up the per-task selection temperature w_T, e.g. ("dql", "halfcheetah-medium"); prefixes "bullet-", "mujoco-"
 * and "mujoco-v4-" and suffixes "-v0" to "-v2" are ignored (the authors' rows are those of D4RL's MuJoCo tasks),
 * "*-expert" without a row of its own is the robot's medium-expert row. Errors: USAGE, listing what is known. */
mdp_err mdp_selection_temperature(const char *algo, const char *task, double *out);

#endif
