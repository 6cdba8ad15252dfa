/* what all rank statistics share: midranks, ties, and order statistics of many sums that are never stored.
 *
 * midranks are kept doubled, so that they and their sums are whole numbers and exact.
 * Source: Lehmann 1975; docs/statistics.md, ranks. */
#ifndef MDP_STATS_RANK_H
#define MDP_STATS_RANK_H

#include "base/err.h"
#include "stats/check.h"

/* how often values repeat; -0 and 0 are the same value */
struct mdp_ties {
    double term; /* sum of t^3 - t over groups of t equal values */
    long n_groups;
    int has_ties, is_constant;
};

/* two samples as a walk over their pooled values in ascending order, a step per distinct value */
struct mdp_pool {
    long n, m, n_steps;
    long *n_x, *n_y; /* [n_steps] values of each sample that are equal to the step's */
    struct mdp_ties ties;
};

/** Ranks a sample: doubled[i] is twice the midrank of values[i]. Shapes: doubled [n]. Range: n >= 1, no NaN, for
 * callers that have checked. Errors: NOMEM. */
mdp_err mdp_rank_doubled(const double *values, long n, long *doubled, struct mdp_ties *ties);

/** Pools two samples. Range: no NaN, for callers that have checked. Owns: caller, mdp_pool_free. Errors: NOMEM. */
mdp_err mdp_pool_new(const struct mdp_sample *x, const struct mdp_sample *y, struct mdp_pool *out);

/** Frees what a pool holds. */
void mdp_pool_free(struct mdp_pool *pool);

/** Counts pairs by how x compares with y; greater + less + equal = n m. */
void mdp_pool_count_pairs(const struct mdp_pool *pool, long *n_greater, long *n_less, long *n_equal);

/* sorted numbers a_i and b_j of which all sums weight (a_i + b_j) are looked at, or those with i <= j of one sample */
struct mdp_pair_sums {
    const double *a, *b; /* ascending [n_a], [n_b] */
    long n_a, n_b;
    double weight;   /* 1, or 0.5 for means */
    int is_triangle; /* a is b, pairs i <= j only */
};

/** Returns the number of pairs. */
long mdp_pair_sums_count(const struct mdp_pair_sums *sums);

/** Returns the number of sums at or below a limit. Range: finite numbers. */
long mdp_pair_sums_count_at_most(const struct mdp_pair_sums *sums, double limit);

/** Returns the k-th smallest sum, k from 1, without storing any. Range: finite numbers. */
double mdp_pair_sums_select(const struct mdp_pair_sums *sums, long k);

/** Returns the median of all sums. Range: finite numbers. */
double mdp_pair_sums_median(const struct mdp_pair_sums *sums);

#endif
