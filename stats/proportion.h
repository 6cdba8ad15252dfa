/* shares of episodes: how far off a share could be, and how far apart two of them are.
 *
 * Source: Wilson 1927 (one share); Newcombe 1998, method 10 (difference of two); docs/statistics.md, shares. */
#ifndef MDP_STATS_PROPORTION_H
#define MDP_STATS_PROPORTION_H

#include "base/err.h"

/* a share, or the difference of two, with its interval */
struct mdp_share {
    double estimate, low, high, level;
};

/** Computes k of n with Wilson's interval. Range: 0 <= k <= n, n >= 1; 0 < level < 1, 0 means 0.95. Errors: DOMAIN. */
mdp_err mdp_share_compute(double k, double n, double level, struct mdp_share *out);

/** Computes k_x / n_x - k_y / n_y with Newcombe's interval, which needs no failures to be finite and stays within -1
 * and 1. Range: as above. Errors: DOMAIN. */
mdp_err mdp_share_difference(double k_x, double n_x, double k_y, double n_y, double level, struct mdp_share *out);

/** Computes the one-sided p of the difference being above `bound`: half of 1 - level where the interval begins there.
 * Range: as above. Errors: NAN, INF, DOMAIN. */
mdp_err mdp_share_difference_p(double k_x, double n_x, double k_y, double n_y, double bound, double *out);

#endif
