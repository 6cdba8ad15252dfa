/* far tails: log10 of upper tail probabilities that a double may not hold.
 *
 * Source: incomplete beta and gamma functions by continued fractions, DLMF 8.17.22 and 8.9.2, in logarithms;
 * docs/statistics.md, tails. */
#ifndef MDP_STATS_TAILS_H
#define MDP_STATS_TAILS_H

#include "base/err.h"

/* outside their ranges all of these are NaN */

/** Returns log10 P(Z > z) of the normal distribution. Range: z finite. */
double mdp_log10_normal_sf(double z);

/** Returns log10 P(T > t) of Student's t. Range: t finite, df > 0. */
double mdp_log10_t_sf(double t, double df);

/** Returns log10 P(F > f). Range: f finite, d1, d2 > 0; 0 for f <= 0. */
double mdp_log10_f_sf(double f, double d1, double d2);

/** Returns log10 P(X > x) of the chi-square distribution. Range: x finite, df > 0; 0 for x <= 0. */
double mdp_log10_chi2_sf(double x, double df);

/** Returns P(Z > z) of the normal distribution, of full relative precision. */
double mdp_normal_sf(double z);

/** Returns P(T > t) of Student's t, of full relative precision down to the smallest doubles. Range: as above. */
double mdp_t_sf(double t, double df);

/** Returns the t with P(T > t) = p. Range: 0 <= p <= 1 (infinite at the ends), df > 0. */
double mdp_t_quantile_sf(double p, double df);

/** Checks what a tail is taken of, for callers with input from outside: `value` and up to two degrees of freedom
 * [n_df]. Errors: NAN, INF, DOMAIN unless df > 0. */
mdp_err mdp_tail_check(double value, const double *df, int n_df);

#endif
