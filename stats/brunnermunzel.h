/* Brunner-Munzel: does one sample tend to be larger, if their spreads may differ?
 *
 * Source: Brunner & Munzel 2000; docs/statistics.md, Brunner-Munzel. */
#ifndef MDP_STATS_BRUNNERMUNZEL_H
#define MDP_STATS_BRUNNERMUNZEL_H

#include "base/err.h"
#include "stats/check.h"
#include "stats/pvalue.h"

/* greater: x tends to be larger. other programs print the statistic with the opposite sign, y over x */
struct mdp_brunnermunzel {
    long n, m;
    double statistic, df;
    struct mdp_p p;          /* by the t distribution */
    double prob_superiority; /* P(x > y) + P(x = y) / 2, what is tested against 1/2 */
    double low, high, level; /* its interval, inside 0 to 1 */
    int has_ties;
    int is_degenerate; /* a sample of one value, or samples that do not overlap: all but the estimate is NaN */
};

/** Tests x against y. Range: 0 < level < 1, 0 means 0.95. Errors: EMPTY, NAN, INF, DOMAIN, NOMEM. */
mdp_err mdp_brunnermunzel_compute(const struct mdp_sample *x, const struct mdp_sample *y, double level,
                                  struct mdp_brunnermunzel *out);

#endif
