/* stability over training: the variance of scores at each checkpoint, and its summary over checkpoints.
 *
 * Source: arXiv 2506.03154, table 3; docs/statistics.md, variance table. */
#ifndef MDP_STATS_VARIANCE_H
#define MDP_STATS_VARIANCE_H

#include "base/err.h"

/* scores of one arm, borrowed: values [n_checkpoints, n_episodes], row-major; episodes may also be seeds */
struct mdp_checkpoint_scores {
    const double *values;
    long n_checkpoints, n_episodes;
};

/* variances over checkpoints in numbers; quantiles of type 7 */
struct mdp_variance_summary {
    double median, q1, q3, iqr, max, mean;
    double cv_ddof0; /* sd / mean, the default; NaN at mean 0 */
    double cv_ddof1; /* NaN at mean 0, and for a single checkpoint */
};

/* two arms and how much lower the test's variance is, in percent of the base's; NaN where the base is 0 */
struct mdp_variance_table {
    struct mdp_variance_summary base, test;
    struct mdp_variance_summary reduction_pct;
    int is_degenerate; /* one of the printed reductions (median, iqr, max, cv) is undefined */
};

/** Computes the variance over episodes at every checkpoint. Shapes: out [n_checkpoints]. Range: ddof 0 or 1, 1 by
 * default. Errors: EMPTY, NAN, INF, DOMAIN, TOO_FEW below 2 episodes. */
mdp_err mdp_variance_by_checkpoint(const struct mdp_checkpoint_scores *scores, int ddof, double *out);

/** Describes variances over checkpoints. Shapes: variances [n]. Errors: EMPTY, NAN, INF. */
mdp_err mdp_variance_summarize(const double *variances, long n, struct mdp_variance_summary *out);

/** Returns 100 (1 - test / base), NaN for base 0. */
double mdp_reduction_pct(double base, double test);

/** Compares the variances of two arms. Errors: EMPTY, SHAPE unless the numbers of checkpoints agree, NAN, INF, DOMAIN,
 * TOO_FEW. */
mdp_err mdp_variance_compare(const struct mdp_checkpoint_scores *base, const struct mdp_checkpoint_scores *test,
                             int ddof, struct mdp_variance_table *out);

#endif
