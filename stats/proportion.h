/* shares of episodes: how far off a share could be, and how far apart two of them are.
 *
 * Source: Wilson 1927 (one share); Newcombe 1998, "Interval estimation for the difference between independent
 * proportions" and "Improved confidence intervals .. based on paired data", method 10 of both; docs/statistics.md,
 * shares. */
#ifndef MDP_STATS_PROPORTION_H
#define MDP_STATS_PROPORTION_H

#include "base/err.h"

/* a share, or the difference of two, with its interval */
struct mdp_share {
    double estimate, low, high, level;
};

/** Computes k of n with Wilson's interval. Range: 0 <= k <= n, n >= 1; 0 < level < 1, 0 means 0.95. Errors: DOMAIN. */
mdp_err mdp_share_compute(double k, double n, double level, struct mdp_share *out);

/* two samples of 0 and 1: of x and y alone, and how they go together where they are pairs */
struct mdp_share_counts {
    double n_x, k_x, n_y, k_y; /* how many there are, how many of them are 1 */
    int is_paired;
    double n_both; /* pairs of 1 and 1 */
};

/** Computes k_x / n_x - k_y / n_y with Newcombe's interval, which stays within -1 and 1, and has a width where nothing
 * was counted; pairs that agree make it narrower. Range: 0 <= k <= n, n >= 1; of pairs n_x = n_y and n_both that fits;
 * level as above. Errors: SHAPE, DOMAIN. */
mdp_err mdp_share_difference(const struct mdp_share_counts *counts, double level, struct mdp_share *out);

/** Computes the one-sided p of the difference being above `bound`: half of 1 - level where the interval begins there.
 * Range: as above. Errors: SHAPE, NAN, INF, DOMAIN. */
mdp_err mdp_share_difference_p(const struct mdp_share_counts *counts, double bound, double *out);

#endif
