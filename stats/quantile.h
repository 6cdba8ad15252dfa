/* order statistics of one sample: quantiles of every common definition, spread, trimmed means.
 *
 * Source: Hyndman & Fan 1996 (types 1 to 9); docs/statistics.md, quantiles. */
#ifndef MDP_STATS_QUANTILE_H
#define MDP_STATS_QUANTILE_H

#include "base/err.h"

enum { MDP_QUANTILE_TYPES = 9, MDP_QUANTILE_DEFAULT = 7 };

/* order statistics that reports show together */
struct mdp_order {
    long n;
    double min, q1, median, q3, max; /* quantiles of type 7 */
    double iqr;                      /* q3 - q1 */
    double mad;                      /* median |x - median|, raw */
    double mad_normal;               /* scaled to estimate a normal sd */
    double iqm;                      /* mean without floor(n/4) values at each end */
    double iqm_fractional;           /* mean of exactly the middle half of the mass */
};

/** Sorts a copy. Shapes: values, out [n]. */
void mdp_sort(const double *values, long n, double *out);

/** Returns a quantile of ascending values. Range: n >= 1, 0 <= p <= 1, type 1 to 9; for callers that have checked. */
double mdp_quantile_sorted(const double *sorted, long n, double p, int type);

/** Returns the mean of ascending values without floor(fraction n) at each end. Range: n >= 1, 0 <= fraction < 0.5. */
double mdp_trimmed_mean_sorted(const double *sorted, long n, double fraction);

/** Computes quantiles of a sample. Shapes: p, out [n_p]. Range: type 1 to 9. Errors: EMPTY, NAN, INF, DOMAIN. */
mdp_err mdp_quantiles(const double *values, long n, const double *p, long n_p, int type, double *out);

/** Computes the mean without floor(fraction n) values at each end. Range: 0 <= fraction < 0.5. Errors: EMPTY, NAN, INF,
 * DOMAIN. */
mdp_err mdp_trimmed_mean(const double *values, long n, double fraction, double *out);

/** Computes the order statistics of a sample. Errors: EMPTY, NAN, INF. */
mdp_err mdp_order_compute(const double *values, long n, struct mdp_order *out);

#endif
