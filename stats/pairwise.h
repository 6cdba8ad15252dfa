/* sums in NumPy's order, for the numbers that replicates are compared by. */
#ifndef MDP_STATS_PAIRWISE_H
#define MDP_STATS_PAIRWISE_H

/** Returns the sum in blocks of eight and halves: replicates that tie in NumPy tie here, which the share of replicates
 * below an estimate depends on. Range: n >= 0. */
double mdp_pairwise_sum(const double *values, long n);

#endif
