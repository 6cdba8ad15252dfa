/* x against y with a margin: is x surely not worse by that much, or surely worse by more?
 *
 * both questions have a p value of their own, and an interval of level 1 - 2 alpha answers them alike: it lies above
 * -margin where the first is at most alpha, below it where the second is. greater is better. a loss of exactly the
 * margin, but for rounding, is neither.
 * Source: non-inferiority by inversion of each test; docs/statistics.md, margins. */
#ifndef MDP_STATS_MARGIN_H
#define MDP_STATS_MARGIN_H

#include "base/err.h"
#include "stats/check.h"

/* the property of two samples that is compared, and its test */
enum mdp_margin_test {
    MDP_MARGIN_TEST_RANK,   /* Hodges-Lehmann shift; Wilcoxon signed rank of pairs, else Mann-Whitney */
    MDP_MARGIN_TEST_MEAN,   /* difference of means; t of the differences of pairs, else Welch's */
    MDP_MARGIN_TEST_SHARE,  /* difference of shares of values of 1, of 0 and 1; Newcombe, for pairs and without */
    MDP_MARGIN_TEST_SPREAD, /* y - x of mean distances from a median, which are the values: smaller is better */
    MDP_N_MARGIN_TESTS
};

/* what is asked */
struct mdp_margin_plan {
    enum mdp_margin_test test;
    int is_paired;
    double margin;    /* > 0 */
    double level;     /* of the interval, 0: 0.95 */
    double rounding;  /* as in mdp_wilcoxon_plan; 0: values are as they were given */
    int is_test_only; /* for ranks: no interval, its ends are NaN; p-values and the estimate are the same */
};

/* what was found */
struct mdp_margin {
    double estimate, low, high;    /* shift x - y; for spreads y - x */
    int is_low_open, is_high_open; /* for ranks with ties: the end itself is left out */
    double level;                  /* achieved level of the interval; with ranks of few values lower than asked */
    double p_not_worse;        /* one-sided p; a small one shows that x is worse by less than the margin, if at all */
    double p_worse;            /* one-sided p; a small one shows that x is worse by more than the margin */
    double p_worse_any_shape;  /* for ranks of unpaired values: p_worse of the median difference alone, whatever the
                                  shapes of both; else NaN */
    double smallest_p;         /* the smallest p that either test can reach with so many values; 0 unless by ranks */
    double sd;                 /* for planning: of the differences of pairs, else the root mean variance */
    const char *name, *method; /* e.g. "Wilcoxon signed rank", "exact"; borrowed */
    int is_degenerate;         /* no spread: the question is a matter of fact, p is 0 or 1 */
};

/** Tests x against y, of a spread the distances that mdp_spread_distances computes. Errors: EMPTY, SHAPE for pairs that
 * are none, NAN, INF, DOMAIN, TOO_FEW below 2 values, NOMEM. */
mdp_err mdp_margin_compute(const struct mdp_sample *x, const struct mdp_sample *y, const struct mdp_margin_plan *plan,
                           struct mdp_margin *out);

#endif
