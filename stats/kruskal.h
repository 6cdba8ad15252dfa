/* Kruskal-Wallis: does any of k groups tend to be larger than the others?
 *
 * Source: Kruskal & Wallis 1952; Tomczak & Tomczak 2014 (effect sizes); docs/statistics.md, Kruskal-Wallis. */
#ifndef MDP_STATS_KRUSKAL_H
#define MDP_STATS_KRUSKAL_H

#include "base/err.h"
#include "stats/check.h"

struct mdp_kruskal {
    long n; /* observations of all groups */
    int k;
    double h, df, p, log10_p;    /* by the chi-square distribution */
    double tie_correction;       /* 1 - sum(t^3 - t) / (n^3 - n) */
    double epsilon_sq, eta_sq;   /* H / (n - 1), (H - k + 1) / (n - k) */
    int has_ties, is_degenerate; /* degenerate: all values are equal; H is 0, p 1, effects NaN */
};

/** Tests k groups. Errors: EMPTY, NAN, INF, TOO_FEW below 2 groups, NOMEM. */
mdp_err mdp_kruskal_compute(const struct mdp_sample *groups, int k, struct mdp_kruskal *out);

#endif
