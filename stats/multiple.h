/* many tests at once: p-values adjusted over their family, which is one table or one gate run.
 *
 * Source: Holm 1979; Hochberg 1988; Benjamini & Hochberg 1995; Benjamini & Yekutieli 2001; docs/statistics.md,
 * multiplicity. */
#ifndef MDP_STATS_MULTIPLE_H
#define MDP_STATS_MULTIPLE_H

#include "base/err.h"

/* X(name, text of reports); all but the last two bound the family-wise error, those the false discovery rate */
#define MDP_ADJUST_LIST(X)                                                                                             \
    X(HOLM, "holm") /* the default of gates */                                                                         \
    X(BONFERRONI, "bonferroni")                                                                                        \
    X(HOCHBERG, "hochberg")                                                                                            \
    X(HOLM_SIDAK, "holm_sidak")                                                                                        \
    X(SIDAK, "sidak")                                                                                                  \
    X(BH, "bh") /* the default of exploratory tables */                                                                \
    X(BY, "by")

#define MDP_ADJUST_ENUM(name, text) MDP_ADJUST_##name,
enum mdp_adjust { MDP_ADJUST_LIST(MDP_ADJUST_ENUM) MDP_N_ADJUSTS };
#undef MDP_ADJUST_ENUM

/** Returns a method's name, e.g. "holm"; borrowed. */
const char *mdp_adjust_name(enum mdp_adjust method);

/** Adjusts a family of p-values; the order is kept, values stay within [0, 1]. Shapes: p, out [n]. Errors: EMPTY, NAN,
 * INF, DOMAIN. */
mdp_err mdp_adjust(enum mdp_adjust method, const double *p, long n, double *out);

/** Adjusts a family whose tests have shares of its level, by Holm's weighted procedure: the one with the smallest p /
 * weight is tested at its share, and what holds leaves its share to the others. Equal weights are Holm's; a test of
 * weight 0 is none, and gets NaN. Shapes: p, weights, out [n]. Range: weights >= 0. Errors: as mdp_adjust. */
mdp_err mdp_adjust_weighted(const double *p, const double *weights, long n, double *out);

/** Returns 1 if an adjusted p rejects at level alpha; what differs from alpha by rounding alone rejects. */
int mdp_adjust_rejects(double adjusted, double alpha);

#endif
