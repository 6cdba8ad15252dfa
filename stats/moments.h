/* moments of one sample: from episodes' returns to the numbers of every table.
 *
 * sums run in quadruple precision: neither an offset, nor a scale near the ends of the double range, nor cancellation
 * costs digits, and the order of the values does not matter. Source: docs/statistics.md, moments. */
#ifndef MDP_STATS_MOMENTS_H
#define MDP_STATS_MOMENTS_H

#include "base/err.h"

/* what is undefined is NaN: everything with n - 1 for one value, cv without spread and at mean 0 */
struct mdp_moments {
    long n;
    double sum, mean;
    double var_ddof0, var_ddof1; /* of the population, of the sample (unbiased) */
    double sd_ddof0, sd_ddof1;
    double sem;        /* sd_ddof1 / sqrt(n) */
    double cv;         /* sd_ddof1 / mean */
    int is_degenerate; /* no spread */
};

/* the higher moments, apart because few ask for them and they take longer than the others together. NaN without
 * spread */
struct mdp_asymmetry {
    double skew;     /* m3 / m2^1.5 */
    double kurtosis; /* m4 / m2^2 - 3 */
};

/** Computes the moments of a sample up to the second. Errors: EMPTY, NAN, INF. */
mdp_err mdp_moments_compute(const double *values, long n, struct mdp_moments *out);

/** Computes the third and fourth moment of a sample. Errors: EMPTY, NAN, INF. */
mdp_err mdp_asymmetry_compute(const double *values, long n, struct mdp_asymmetry *out);

/** Returns the mean of finite values, also where their sum is no double. Range: n >= 1, for callers that have checked.
 */
double mdp_mean(const double *values, long n);

#endif
