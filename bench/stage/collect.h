/* datasets from behaviour policies: whole episodes in parallel, written in episode order.
 *
 * the file is a function of (task, seed, steps, policies) alone. Source: D4RL's five data qualities. */
#ifndef MDP_BENCH_STAGE_COLLECT_H
#define MDP_BENCH_STAGE_COLLECT_H

#include "base/fsx.h"
#include "bench/run/settings.h"

/** Returns 1 if data of that quality comes from the medium policy. */
int mdp_collect_needs_medium(enum mdp_quality q);

/** Returns 1 if data of that quality comes from the expert policy. */
int mdp_collect_needs_expert(enum mdp_quality q);

/** Makes the dataset; a file that exists with the same settings is left alone. Errors: IO, DATA, USAGE if it exists
 * with other settings, INTERRUPTED. */
mdp_err mdp_collect(const struct mdp_collection *collection);

#endif
