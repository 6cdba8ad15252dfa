/* how much more x spreads than y: the effect that belongs to Brown and Forsythe's test.
 *
 * spread is the mean distance from the median, which is what that test compares. Source: Bonett & Seier 2003 (ratio
 * and interval); docs/statistics.md, Levene. */
#ifndef MDP_STATS_SPREAD_H
#define MDP_STATS_SPREAD_H

#include "base/err.h"
#include "stats/check.h"

/* two spreads; a ratio above 1: x spreads more */
struct mdp_spread {
    long n, m;
    double spread_x, spread_y;      /* mean |x - median|, times n / (n - 1) */
    double ratio, low, high, level; /* NaN if degenerate */
    double d;                       /* difference of the mean distances over their average sd */
    double unit;                    /* that sd over the mean distance of y: d such units above 1 is a ratio */
    int is_degenerate;              /* a sample has no spread, or distances that are all the same */
};

/** Compares two spreads. Range: 0 < level < 1, 0 means 0.95. Errors: EMPTY, NAN, INF, DOMAIN, TOO_FEW below 2 values,
 * NOMEM. */
mdp_err mdp_spread_compute(const struct mdp_sample *x, const struct mdp_sample *y, double level,
                           struct mdp_spread *out);

#endif
