/* what tables of simulated trials say about themselves: how many there were, and how exact their shares are. */
#ifndef MDP_BENCH_RUN_TRIALS_H
#define MDP_BENCH_RUN_TRIALS_H

#include <stdint.h>

enum { MDP_TRIALS_TEXT_MAX = 160 };

/** Writes e.g. "2000 trials a row, seed 1, standard error at most 0.011, at 0.05 0.005." and returns it: the errors of
 * a share of 1/2, which is the largest, and of the usual level. */
const char *mdp_trials_describe(long n, uint64_t seed, char text[MDP_TRIALS_TEXT_MAX]);

#endif
