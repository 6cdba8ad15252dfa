/* choosing one of the candidate actions of a state: softmax weights of scores, and exact draws from them.
 *
 * Source: SPEC sections 5.4 and 7. */
#ifndef MDP_ALGOS_SELECTION_H
#define MDP_ALGOS_SELECTION_H

#include "base/err.h"

/** Writes the weights softmax(score * temperature), maximum subtracted. Shapes: score [n], weights [n]. */
void mdp_selection_weights(int n, const float *score, double temperature, double *weights);

/** Returns the first index whose cumulative weight exceeds u times the total. Range: u in [0, 1). */
int mdp_selection_by_uniform(int n, const double *weights, double u);

/** Returns argmax weights / draws for draws from Exp(1). */
int mdp_selection_by_exponential(int n, const double *weights, const float *draws);

/** Looks up the per-task selection temperature w_T, e.g. ("dql", "halfcheetah-medium"); prefixes "bullet-" and suffixes
 * "-v0" to "-v2" are ignored, "*-expert" without a row of its own is the robot's medium-expert row. Errors: USAGE,
 * listing what is known. */
mdp_err mdp_selection_temperature(const char *algo, const char *task, double *out);

#endif
