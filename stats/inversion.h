/* an interval of shifts by turning a test around: the shifts that the test does not reject.
 *
 * a rank test changes only where a shift makes two values (or two sizes) equal, so its interval ends at such a step.
 * with ties the null distribution changes from step to step, and no quantile of one distribution knows the ends: the
 * test itself is asked, at and between the steps. an end is closed if the shift there is not rejected, else open, and
 * then the interval excludes it.
 * Source: Bauer 1972; Hodges & Lehmann 1963; docs/statistics.md, intervals of shifts. */
#ifndef MDP_STATS_INVERSION_H
#define MDP_STATS_INVERSION_H

#include "base/err.h"
#include "stats/pvalue.h"
#include "stats/rank.h"

/* what a test says of one shift */
struct mdp_shift_test {
    struct mdp_p p;
    double distance; /* distance of the test's statistic from its mean: positive if the data lie above the shift */
    int has_ties;    /* where none, the ends are order statistics */
};

/* what is asked */
struct mdp_inversion {
    /* tests the data less a shift; rough: by a normal approximation, to know where to look. Errors: NOMEM, INF */
    mdp_err (*test)(const void *job, double shift, int is_rough, struct mdp_shift_test *out);
    const void *job;
    const struct mdp_pair_sums *steps; /* where the test can change */
    double level;
    double anchor; /* the shift at which interval and test must agree: 0, or a margin's */
    struct mdp_shift_test at_anchor;
    int is_by_sides;   /* an end from each one-sided p at (1 - level) / 2; else both from p.two at 1 - level */
    double smallest_p; /* the two-sided p of shifts beyond all steps */
};

/* the hull of the shifts that are not rejected, on the anchor's near side if the anchor is */
struct mdp_shift_interval {
    double low, high;
    int is_low_open, is_high_open;
    double level; /* achieved: 1 - p of the rejected shifts next to the ends; lower than asked for few values */
};

/** Finds both ends. Errors: of the test. */
mdp_err mdp_inversion_solve(const struct mdp_inversion *inversion, struct mdp_shift_interval *out);

/** Returns an interval that was not asked for: all NaN. */
struct mdp_shift_interval mdp_shift_interval_unknown(void);

/** Returns the interval from the k-th smallest step to the k-th largest, k being `rank` or 1, both ends closed: the
 * same inversion where there are no ties. Range: p_outside, the two-sided p of shifts beyond the ends. */
struct mdp_shift_interval mdp_shift_interval_of_rank(const struct mdp_pair_sums *steps, long rank, double p_outside);

/** Returns that k by the normal approximation with continuity correction, at least 1, and its p_outside. Range: mean
 * and sd of the statistic without ties. */
long mdp_shift_rank_asymptotic(double mean, double sd, double level, double *p_outside);

/** Tells whether an interval leaves a shift out, with regard to open ends. */
int mdp_shift_interval_excludes(const struct mdp_shift_interval *interval, double shift);

/** Tells whether a p rejects at a level: p <= 1 - level but for rounding. */
int mdp_level_rejects(double level, double p);

#endif
