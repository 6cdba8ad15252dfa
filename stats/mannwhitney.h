/* Mann-Whitney U: does one sample tend to be larger? exact wherever that is affordable, with or without ties.
 *
 * Source: Mann & Whitney 1947; Lehmann 1975; Streitberg & Roehmel 1986 (shift algorithm); Hodges & Lehmann 1963;
 * docs/statistics.md, Mann-Whitney. */
#ifndef MDP_STATS_MANNWHITNEY_H
#define MDP_STATS_MANNWHITNEY_H

#include "base/err.h"
#include "stats/check.h"
#include "stats/inversion.h"
#include "stats/pvalue.h"

/* n m up to which AUTO is exact (50 x 50 takes a millisecond or two), and up to which EXACT is accepted */
enum { MDP_MANNWHITNEY_AUTO_PAIRS = 10000, MDP_MANNWHITNEY_MOST_PAIRS = 40000 };

enum mdp_mannwhitney_method { MDP_MANNWHITNEY_AUTO, MDP_MANNWHITNEY_EXACT, MDP_MANNWHITNEY_ASYMPTOTIC };

/* zeroed fields take their defaults */
struct mdp_mannwhitney_plan {
    enum mdp_mannwhitney_method method;
    double level;         /* of the interval of the shift; 0: 0.95 */
    double anchor;        /* the shift at which interval and test have to agree, e.g. minus a margin */
    double rounding;      /* rounding that moved values carry besides their own: mdp_score_rounding, or 0 */
    int is_by_sides;      /* each end by a one-sided test at (1 - level) / 2, as margins ask; else both by p.two */
    int is_test_only;     /* no interval: its ends are NaN */
    int is_blind_to_ties; /* the interval as if there were no ties, which other programs print: for reference vectors */
    int allow_inf;        /* rank infinities instead of refusing them; the shift is then NaN */
};

/* what was found; greater: x tends to be larger */
struct mdp_mannwhitney {
    long n, m;
    double u1, u2;                      /* pairs with x > y, with x < y; equal pairs count half */
    double r1;                          /* sum of the midranks of x */
    double mean_u, sd_u;                /* under the null hypothesis, corrected for ties */
    double tie_term;                    /* sum of t^3 - t over groups of equal values */
    struct mdp_z asym;                  /* normal approximation */
    struct mdp_z asym_cc;               /* with continuity correction */
    struct mdp_p exact;                 /* NaN with ties, or if not run */
    struct mdp_p condexact;             /* given the ties; the same as `exact` without any; NaN if not run */
    enum mdp_mannwhitney_method method; /* the one that ran, never AUTO: condexact or asym_cc */
    struct mdp_p p;                     /* of that method */
    double smallest_p;                  /* smallest two-sided p that these sizes (and ties, if exact) can reach */
    double smallest_one_sided_p;        /* smallest that p.greater or p.less can be; with ties more than half of it */
    double hl_shift;                    /* Hodges-Lehmann: median of all x - y */
    struct mdp_shift_interval hl;       /* of the shift: it leaves out 0 exactly where p.two <= 1 - level */
    int has_ties, is_degenerate;        /* degenerate: all values are equal */
};

/** Tests x against y. Nullable: plan (all defaults). Errors: EMPTY, NAN, INF, DOMAIN (level, or EXACT beyond
 * MDP_MANNWHITNEY_MOST_PAIRS), NOMEM. */
mdp_err mdp_mannwhitney_compute(const struct mdp_sample *x, const struct mdp_sample *y,
                                const struct mdp_mannwhitney_plan *plan, struct mdp_mannwhitney *out);

/** Computes the null distribution without ties: cdf[u] = P(U <= u). Shapes: cdf [n m + 1]. Nullable: log10_total
 * (log10 of the number of arrangements). Errors: EMPTY below 1, DOMAIN beyond MDP_MANNWHITNEY_MOST_PAIRS, NOMEM. */
mdp_err mdp_mannwhitney_null(long n, long m, double *cdf, double *log10_total);

/** Returns a method's name as reports show it, e.g. "exact"; borrowed. */
const char *mdp_mannwhitney_method_name(enum mdp_mannwhitney_method method);

#endif
