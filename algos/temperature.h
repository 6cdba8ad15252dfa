/* w_T, the selection temperature, that the authors found for each algorithm and task, and what plans are tuned to.
 *
 * Source: SPEC section 5.4, SPEC-trajectory sections 3, 4.5. */
#ifndef MDP_ALGOS_TEMPERATURE_H
#define MDP_ALGOS_TEMPERATURE_H

#include "algos/algorithm.h"
#include "base/err.h"

/** Looks up the per-task selection temperature w_T, e.g. ("dql", "halfcheetah-medium"); prefixes "bullet-", "mujoco-"
 * and "mujoco-v4-" and suffixes "-v0" to "-v2" are ignored (the authors' rows are those of D4RL's MuJoCo tasks),
 * "*-expert" without a row of its own is the robot's medium-expert row. Errors: USAGE, listing what is known; also for
 * an algorithm that plans, which takes the best. */
mdp_err mdp_selection_temperature(const char *algo, const char *task, double *out);

/** Returns what plans of a task are made with, the task named as there; NULL if there is no row, or the algorithm plans
 * nothing. */
const struct mdp_plan_tuning *mdp_plan_tuned(const struct mdp_algorithm *algorithm, const char *task);

/** Finds the weight w_cg with which an algorithm's energy guides on a task. Errors: USAGE, also for an algorithm that
 * has none. Source: SPEC-energy section 4. */
mdp_err mdp_guide_weight(const char *algo, const char *task, double *out);

#endif
