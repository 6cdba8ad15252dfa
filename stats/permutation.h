/* permutation tests: how often would shuffled labels do as well?
 *
 * Source: Fisher 1935; Phipson & Smyth 2010 (Monte Carlo p values are never 0); docs/statistics.md, permutation. */
#ifndef MDP_STATS_PERMUTATION_H
#define MDP_STATS_PERMUTATION_H

#include <stdint.h>

#include "base/err.h"
#include "stats/check.h"

/* splits that the exhaustive test is willing to walk through: 12 v 12 are 2.7 million */
enum { MDP_PERMUTATION_MOST_SPLITS = 10000000, MDP_PERMUTATION_REPLICATES = 9999 };

enum mdp_permutation_method { MDP_PERMUTATION_EXHAUSTIVE, MDP_PERMUTATION_MONTE_CARLO };

/* one statistic T, mean x - mean y or median x - median y (or the mean of differences), against all of its shuffles.
 * values within 1e-12 of the observed one count as equal to it */
struct mdp_permutation {
    long n, m; /* m is 0 for a paired test */
    long n_perm;
    double observed;
    long n_ge, n_le, n_abs_ge;    /* shuffles with T >= observed, <=, |T| >= |observed| */
    double p_greater, p_less;     /* exhaustive: shares; Monte Carlo: (1 + count) / (1 + n_perm) */
    double p_two_abs, p_two_2min; /* |T| (the default); twice the smaller one-sided p, at most 1 */
    double smallest_p;            /* smallest that p_greater and p_less can be */
    enum mdp_permutation_method method;
    int is_degenerate; /* all values are equal (paired: all differences 0) */
};

/* where Monte Carlo shuffles come from; zeroed fields take their defaults */
struct mdp_permutation_plan {
    uint64_t seed;
    long n_perm;           /* 0: MDP_PERMUTATION_REPLICATES */
    const int32_t *group1; /* two samples: [n_perm, n] which of x then y go into the first group; nullable: draws */
    const int8_t *signs;   /* paired: [n_perm, n] of -1 and 1; nullable: draws */
    double *statistics;    /* receives T of every shuffle [n_perm]; nullable */
};

/** Walks through all C(n + m, n) splits. Nullable: of_means, of_medians. Errors: EMPTY, NAN, INF, DOMAIN beyond
 * MDP_PERMUTATION_MOST_SPLITS, NOMEM. */
mdp_err mdp_permutation_exhaustive(const struct mdp_sample *x, const struct mdp_sample *y,
                                   struct mdp_permutation *of_means, struct mdp_permutation *of_medians);

/** Tests the difference of means by given or drawn splits. Errors: EMPTY, NAN, INF, DOMAIN (n_perm, an index out of
 * range or twice in a split), NOMEM. */
mdp_err mdp_permutation_monte_carlo(const struct mdp_sample *x, const struct mdp_sample *y,
                                    const struct mdp_permutation_plan *plan, struct mdp_permutation *out);

/** Tests whether the mean of paired differences is 0 by given or drawn signs. Errors: EMPTY, NAN, INF, DOMAIN (n_perm,
 * a sign that is none), NOMEM. */
mdp_err mdp_permutation_sign_flips(const struct mdp_sample *differences, const struct mdp_permutation_plan *plan,
                                   struct mdp_permutation *out);

#endif
