/* what the episodes of an arm have to record, because the experiment asks for it.
 *
 * tables and figures hold every file to it before they read it, plans before they count an evaluation as done. */
#ifndef MDP_BENCH_EXPERIMENT_EXPECTED_H
#define MDP_BENCH_EXPERIMENT_EXPECTED_H

#include "bench/experiment/paths.h"
#include "results/alike.h"

/** Writes the facts that an evaluation is asked to have, with the experiment's path. What follows from the modules
 * alone is not known. Errors: USAGE for a path that does not fit. */
mdp_err mdp_arm_expect(const struct mdp_experiment *e, const struct mdp_arm_instance *arm, struct mdp_alike_file *out);

#endif
