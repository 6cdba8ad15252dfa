/* how much more x spreads than y: the effect that belongs to Brown and Forsythe's test, and its test against a margin.
 *
 * spread is the mean distance from the median, which is what that test compares, times n / (n - 1), which makes up for
 * the median being the sample's own. distances are skewed, and a t test of skewed values errs on one side: claims are
 * held against Hall's skewness-corrected t as well, and have to stand before both.
 * Source: Bonett & Seier 2003 (ratio, scale); Hall 1992, Zhou & Dinh 2005 (transformation); docs/statistics.md, spread.
 */
#ifndef MDP_STATS_SPREAD_H
#define MDP_STATS_SPREAD_H

#include "base/err.h"
#include "stats/check.h"

/* two spreads; a ratio above 1: x spreads more */
struct mdp_spread {
    long n, m;
    double spread_x, spread_y;
    double ratio; /* NaN if a sample has no spread */
    double level, low,
        high;          /* 0 and infinity if the values are too few to say; NaN if degenerate, as all that follows */
    double d;          /* difference of the mean distances over their average sd */
    double unit;       /* sd over the mean distance of y: an effect of d is a ratio of 1 + d units */
    int is_degenerate; /* a sample has no spread, or distances do not differ */
};

/* spread x - spread y against a margin */
struct mdp_spread_difference {
    double estimate, low, high;
    double p_below;    /* against x spreading more than y by the margin or more */
    double p_above;    /* against x spreading more than y by the margin or less */
    int is_degenerate; /* distances do not differ: a matter of fact, p is 0 or 1. of two values always: both are 1 */
};

/** Computes every value's distance from the median, times n / (n - 1): their mean is the spread. Shapes: values, out
 * [n]. Errors: EMPTY, NAN, INF, NOMEM. */
mdp_err mdp_spread_distances(const double *values, long n, double *out);

/** Compares the spreads of two samples, or of pairs. Range: 0 < level < 1, 0 means 0.95. Errors: EMPTY, SHAPE for pairs
 * that are none, NAN, INF, DOMAIN, TOO_FEW below 2 values, NOMEM. */
mdp_err mdp_spread_compute(const struct mdp_sample *x, const struct mdp_sample *y, int is_paired, double level,
                           struct mdp_spread *out);

/** Tests the difference of two spreads, given as distances, against a margin. Range: margin > 0, level as above.
 * Errors: as above; DOMAIN for distances below 0. */
mdp_err mdp_spread_against(const struct mdp_sample *x, const struct mdp_sample *y, int is_paired, double margin,
                           double level, struct mdp_spread_difference *out);

#endif
