/* intervals from the replicates of one statistic: percentile, basic, bias-corrected, accelerated.
 *
 * Source: Efron & Tibshirani 1993; Efron 1987 (BCa); docs/statistics.md, bootstrap. */
#ifndef MDP_STATS_INTERVAL_H
#define MDP_STATS_INTERVAL_H

#include "base/err.h"

/* X(name, text of reports); strict and mid say how replicates equal to the estimate count for the bias: not, or half */
#define MDP_INTERVAL_LIST(X)                                                                                           \
    X(PERCENTILE, "percentile") /* the default */                                                                      \
    X(BASIC, "basic")                                                                                                  \
    X(BC_STRICT, "bc_strict")                                                                                          \
    X(BC_MID, "bc_mid")                                                                                                \
    X(BCA_STRICT, "bca_strict")                                                                                        \
    X(BCA_MID, "bca_mid")                                                                                              \
    X(STUDENT, "student") /* Student's t on the replicates' error, and no narrower than percentile: for few values */

#define MDP_INTERVAL_ENUM(name, text) MDP_INTERVAL_##name,
enum mdp_interval_method { MDP_INTERVAL_LIST(MDP_INTERVAL_ENUM) MDP_N_INTERVALS };
#undef MDP_INTERVAL_ENUM

/* the replicates of one statistic and what corrects them */
struct mdp_resampled {
    double estimate;
    const double *sorted; /* [n], ascending, borrowed */
    long n;
    double z0_strict, z0_mid; /* bias on the normal scale; infinite if no (or every) replicate is below the estimate */
    double accel;             /* acceleration; NaN without a jackknife, or without spread in it */
    double half;              /* of Student's interval around the estimate; NaN where there is none */
};

/* both ends */
struct mdp_ends {
    double low, high;
    int fell_back; /* the method was not defined here: these are percentile ends */
};

/** Returns a method's name, e.g. "bca_mid"; borrowed. */
const char *mdp_interval_name(enum mdp_interval_method method);

/** Describes replicates of finite values. Shapes: sorted [n], jackknife [n_jackknife]: the statistic without one unit
 * at a time. Nullable: jackknife. Range: n >= 1, for callers that have checked. */
void mdp_resampled_describe(double estimate, const double *sorted, long n, const double *jackknife, long n_jackknife,
                            struct mdp_resampled *out);

/** Computes an interval. Range: 0 < level < 1. */
void mdp_resampled_interval(const struct mdp_resampled *resampled, enum mdp_interval_method method, double level,
                            struct mdp_ends *out);

#endif
