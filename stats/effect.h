/* effect sizes of x against y: how much, where a p value only says whether.
 *
 * Source: Vargha & Delaney 2000; Cliff 1993; Hedges 1981; Newcombe 2006 (interval of A, method 5); Steiger & Fouladi
 * 1997 (interval of d); Romano et al. 2006 (labels); docs/statistics.md, effect sizes. */
#ifndef MDP_STATS_EFFECT_H
#define MDP_STATS_EFFECT_H

#include "base/err.h"
#include "stats/check.h"

/* positive, or above one half: x is larger. what is undefined is NaN */
struct mdp_effect {
    long n, m;
    long n_greater, n_less, n_equal; /* of all n m pairs */
    double prob_superiority;         /* A12 = P(x > y) + P(x = y) / 2 */
    double prob_superiority_low, prob_superiority_high;
    double cliffs_delta, rank_biserial; /* both 2 A12 - 1 */
    double cliffs_delta_low, cliffs_delta_high;
    double cohens_d; /* over the pooled sd */
    double cohens_d_low, cohens_d_high;
    double hedges_g, hedges_g_approx; /* d without its small-sample bias, exactly and by 1 - 3/(4 df - 1) */
    double hedges_g_low, hedges_g_high;
    double hedges_j_exact, hedges_j_approx;
    double cohens_d_av; /* over the root of the mean variance */
    double glass_delta; /* over the sd of y */
    double level;       /* of all intervals */
    int has_ties;
    int is_degenerate; /* a sample of one value or no spread: effects in standard deviations are undefined */
};

/** Computes all effect sizes. Range: 0 < level < 1, 0 means 0.95. Errors: EMPTY, NAN, INF, DOMAIN, NOMEM. */
mdp_err mdp_effect_compute(const struct mdp_sample *x, const struct mdp_sample *y, double level,
                           struct mdp_effect *out);

/** Returns the customary word for a Cliff's delta: "negligible", "small", "medium" or "large", "undefined" for NaN;
 * borrowed. */
const char *mdp_effect_label(double cliffs_delta);

#endif
