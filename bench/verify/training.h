/* verify algos, a training case of one algorithm: every quantity that the file holds, from forward passes to selection.
 */
#ifndef MDP_BENCH_VERIFY_TRAINING_H
#define MDP_BENCH_VERIFY_TRAINING_H

#include "bench/verify/replay.h"

/** Adds the lines of one case file of any algorithm. Errors: IO, DATA if it is not of the layout; NOMEM. */
mdp_err mdp_verify_training(struct mdp_verify_report *report, const char *path);

/** Adds the lines of its groups of sampled actions, with both modules on the initial weights. Errors: DATA, NOMEM. */
mdp_err mdp_verify_sampling(struct mdp_golden *golden, const struct mdp_replay_modules *modules);

#endif
