/* difference of two means: Welch's and the pooled t test, equivalence, non-inferiority.
 *
 * Source: Welch 1947; Satterthwaite 1946; Schuirmann 1987 (two one-sided tests); docs/statistics.md, t tests. */
#ifndef MDP_STATS_TTEST_H
#define MDP_STATS_TTEST_H

#include "base/err.h"
#include "stats/check.h"
#include "stats/pvalue.h"

/* means and spreads of two samples, in quadruple precision relative to a value of the data, free of over- and
 * underflow: everything with `_units` is a multiple of `unit`, a power of two */
struct mdp_contrast {
    long n, m;
    double mean_x, mean_y, diff;
    double var_x, var_y; /* ddof 1, NaN for one value; may be 0 or infinite where the square is no double */
    double unit, diff_units, var_x_units, var_y_units; /* variances in units squared */
};

/* one of the two tests */
struct mdp_t {
    double t, df, se;
    struct mdp_p p;   /* greater: the mean of x is larger */
    double low, high; /* interval of mean x - mean y */
};

/* both tests; Welch's is the default */
struct mdp_ttest {
    long n, m;
    double mean_x, mean_y, var_x, var_y;
    double diff, level;
    double sd_average; /* root of the mean of both variances, the scale of margins */
    struct mdp_t welch, pooled;
    int is_degenerate; /* no spread in either: t is 0 with p 1, or infinite with p 0; df is NaN */
};

/* Welch's test against a margin */
struct mdp_equivalence {
    double margin;
    double tost_p;   /* against a difference of at least the margin either way */
    double noninf_p; /* against x being worse by at least the margin */
};

/** Computes means, variances and their difference. Range: for callers that have checked. */
void mdp_contrast_compute(const struct mdp_sample *x, const struct mdp_sample *y, struct mdp_contrast *out);

/** Tests whether the means differ. Range: 0 < level < 1, 0 means 0.95. Errors: EMPTY, NAN, INF, DOMAIN, TOO_FEW below 2
 * values. */
mdp_err mdp_ttest_compute(const struct mdp_sample *x, const struct mdp_sample *y, double level, struct mdp_ttest *out);

/** Tests whether the means agree within a margin. Range: margin > 0. Errors: NAN, INF, DOMAIN. */
mdp_err mdp_ttest_equivalence(const struct mdp_ttest *test, double margin, struct mdp_equivalence *out);

#endif
