/* the non-central t distribution, behind intervals of standardized effects.
 *
 * Source: its definition as a normal over the root of a chi-square over df; docs/statistics.md, effect sizes. */
#ifndef MDP_STATS_NONCENTRAL_H
#define MDP_STATS_NONCENTRAL_H

/** Returns P(T > t). Range: finite, df > 0; precise to 1e-12 for whole df, to 1e-9 otherwise. */
double mdp_noncentral_t_sf(double t, double df, double shift);

/** Returns the shift with P(T > t) = p, which grows with p. Range: t finite, df > 0, 0 < p < 1. */
double mdp_noncentral_t_shift(double t, double df, double p);

#endif
