/* how two samples of pairs go together: the line of one over the other, correlation, and rank correlation.
 *
 * for calibration x is what was predicted and y what came; for agreement both are judgements of the same things.
 * Source: Spearman 1904; Kendall & Gibbons 1990 (ties); docs/statistics.md, association. */
#ifndef MDP_STATS_ASSOCIATION_H
#define MDP_STATS_ASSOCIATION_H

#include "stats/check.h"

enum { MDP_SPEARMAN_EXACT_MAX = 9 };

/* what is undefined is NaN: the line where x is constant, correlations where either is */
struct mdp_association {
    long n;
    double bias;             /* mean of x - y */
    double slope, intercept; /* of the least-squares line of y over x */
    double pearson;
    double spearman;   /* Pearson's of the midranks */
    int is_degenerate; /* x or y is constant */
};

/* Spearman's test of no association, two-sided */
struct mdp_rank_test {
    long n;
    double rho, p;     /* NaN if degenerate */
    double p_least;    /* the smallest p that these values could reach, in whatever order; exact only, else 0 */
    int is_exact;      /* over all orders of y; else by Student's t with n - 2 degrees of freedom */
    int is_degenerate; /* x or y is constant */
};

/** Describes pairs. Errors: EMPTY, SHAPE, NAN, INF, TOO_FEW below 2 pairs, NOMEM. */
mdp_err mdp_associate(const struct mdp_sample *x, const struct mdp_sample *y, struct mdp_association *out);

/** Tests Spearman's rho against 0: exact up to MDP_SPEARMAN_EXACT_MAX pairs, ties or not. Errors: EMPTY, SHAPE, NAN,
 * INF, TOO_FEW below 3 pairs, NOMEM. */
mdp_err mdp_spearman_test(const struct mdp_sample *x, const struct mdp_sample *y, struct mdp_rank_test *out);

#endif
