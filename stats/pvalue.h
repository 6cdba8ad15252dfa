/* p values of every test, on all sides at once, in the house's sign: greater means that the candidate is better.
 *
 * Source: docs/statistics.md, tests. */
#ifndef MDP_STATS_PVALUE_H
#define MDP_STATS_PVALUE_H

#include "base/err.h"

/* the same null hypothesis against three alternatives; NaN where the method was not run or is not defined */
struct mdp_p {
    double two, less, greater;
    double log10_two; /* also where `two` underflows */
};

/* a normal approximation: the standardized statistic and what follows from it */
struct mdp_z {
    double z;
    struct mdp_p p;
};

/** Returns p values that are all NaN. */
struct mdp_p mdp_p_undefined(void);

/** Returns p values that are all 1: what data without any spread can show. */
struct mdp_p mdp_p_certain(void);

/** Returns exact one-sided p values with twice the smaller as `two`, capped at 1. Range: 0 to 1. */
struct mdp_p mdp_p_of_tails(double less, double greater);

/** Returns the p values of a t statistic, greater being its upper tail. Range: df > 0; t may be infinite. */
struct mdp_p mdp_p_of_t(double t, double df);

/** Returns the normal approximation of a statistic `distance` away from its mean. The correction moves it towards the
 * mean, never past it; sd 0 gives z 0 and p 1. Range: sd, correction >= 0. */
struct mdp_z mdp_z_of(double distance, double sd, double correction);

/** Returns the normal quantile of the middle of an interval, e.g. 1.96 for 0.95. Range: 0 < level < 1. */
double mdp_level_z(double level);

/** Puts the default of 0.95 in place of a level of 0, and checks that it lies inside 0 to 1. Errors: DOMAIN. */
mdp_err mdp_level_settle(double *level);

#endif
