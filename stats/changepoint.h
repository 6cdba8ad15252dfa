/* history: where the level of a series of results changed.
 *
 * Source: optimal partition, Jackson et al. 2005; Page 1954 (cumulative sums); docs/statistics.md, change points. */
#ifndef MDP_STATS_CHANGEPOINT_H
#define MDP_STATS_CHANGEPOINT_H

#include "base/err.h"

enum { MDP_CHANGEPOINT_MIN_SEGMENT = 2, MDP_CHANGEPOINT_MAX = 20000 /* values of a series */ };

/* the partition of a series with the least cost: squared deviations from the segments' means, plus a penalty a cut */
struct mdp_changepoints {
    long *first; /* [n], first index of each new segment, ascending */
    long n;
    double total_cost;
};

/* the largest excursion of the cumulative sum of deviations from the mean */
struct mdp_cusum {
    double max; /* its size */
    long i_max; /* index of the last value in it */
};

/** Finds the partition of least cost. Range: penalty >= 0, segments of at least n_least >= 1 values. Owns: caller,
 * mdp_changepoints_free. Errors: EMPTY, NAN, INF, DOMAIN, TOO_FEW below n_least values, NOMEM. */
mdp_err mdp_changepoints_find(const double *values, long n, double penalty, long n_least, struct mdp_changepoints *out);

/** Frees a partition's indices and clears it. */
void mdp_changepoints_free(struct mdp_changepoints *changepoints);

/** Computes the two-sided cumulative sum statistic. Errors: EMPTY, NAN, INF, NOMEM. */
mdp_err mdp_cusum_compute(const double *values, long n, struct mdp_cusum *out);

/** Estimates the noise of a series whose level may jump: normal-consistent MAD of its first differences over sqrt 2.
 * Errors: EMPTY, NAN, INF, TOO_FEW below 2 values, NOMEM. */
mdp_err mdp_noise_scale(const double *values, long n, double *out);

#endif
