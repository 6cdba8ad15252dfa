/* Levene's family: do k groups spread alike?
 *
 * an analysis of variance over |x - centre of its group|. Source: Levene 1960; Brown & Forsythe 1974;
 * docs/statistics.md, Levene. */
#ifndef MDP_STATS_LEVENE_H
#define MDP_STATS_LEVENE_H

#include "base/err.h"
#include "stats/check.h"

/* MEDIAN, the default, is Brown and Forsythe's. TRIMMED: the trimmed mean, over all observations. CUT: observations
 * are trimmed themselves, as some programs do; for comparison only */
enum mdp_levene_center { MDP_LEVENE_MEDIAN, MDP_LEVENE_MEAN, MDP_LEVENE_TRIMMED, MDP_LEVENE_CUT };

/* greater F: spreads differ more */
struct mdp_levene {
    long n; /* observations that count, of all groups */
    int k;  /* groups */
    double f, p, log10_p;
    double df1, df2;
    enum mdp_levene_center center;
    double trim;       /* share dropped at each end, 0 unless trimmed */
    int is_degenerate; /* no spread of |x - centre| within any group: F and p are NaN */
};

/** Tests the spreads of k groups. Range: trim 0 to below 0.5, ignored for MEDIAN and MEAN. Errors: EMPTY, NAN, INF,
 * DOMAIN, TOO_FEW below 2 groups, NOMEM. */
mdp_err mdp_levene_compute(const struct mdp_sample *groups, int k, enum mdp_levene_center center, double trim,
                           struct mdp_levene *out);

/** Returns the centre's name as reports show it, e.g. "Brown-Forsythe"; borrowed. */
const char *mdp_levene_center_name(enum mdp_levene_center center);

#endif
