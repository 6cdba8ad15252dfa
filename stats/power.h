/* what a number of episodes can show: power of t tests, the smallest effect and the number needed.
 *
 * groups are of equal size; effects are in standard deviations (d, or dz of the differences for paired designs).
 * Source: non-central t distribution; Noether 1987 for P(x > y); docs/statistics.md, power. */
#ifndef MDP_STATS_POWER_H
#define MDP_STATS_POWER_H

#include "base/err.h"

enum mdp_sides { MDP_SIDES_TWO, MDP_SIDES_GREATER };
enum mdp_design { MDP_DESIGN_UNPAIRED, MDP_DESIGN_PAIRED };

/* a test that is planned */
struct mdp_test_plan {
    enum mdp_design design;
    enum mdp_sides sides;
    double alpha; /* level, 0: 0.05 */
};

/** Computes the power of a t test at an effect. Range: n per group (pairs for a paired design), need not be whole.
 * Errors: NAN, INF, DOMAIN, TOO_FEW below 2. */
mdp_err mdp_power_ttest(const struct mdp_test_plan *plan, double effect, double n, double *out);

/** Computes the smallest effect that is found with the given power, 0 if power is at most alpha. Range: 0 < power < 1.
 * Errors: as mdp_power_ttest. */
mdp_err mdp_power_detectable(const struct mdp_test_plan *plan, double n, double power, double *out);

/** Computes the n per group at which an effect is found with the given power, not rounded up; NaN if no n below 1e9
 * does (an effect of 0, or below 0 for a one-sided test). Errors: NAN, INF, DOMAIN. */
mdp_err mdp_power_n_required(const struct mdp_test_plan *plan, double effect, double power, double *out);

/** Computes the P(x > y) that a rank test finds with the given power; above 1 means that no sample would do.
 * Errors: as mdp_power_ttest. */
mdp_err mdp_power_detectable_superiority(const struct mdp_test_plan *plan, double n, double power, double *out);

/** Computes the n per group at which a rank test finds P(x > y) with the given power, not rounded up; NaN if no n below
 * 1e9 does (0.5, or less for a one-sided test). Errors: NAN, INF, DOMAIN. */
mdp_err mdp_power_n_required_superiority(const struct mdp_test_plan *plan, double superiority, double power,
                                         double *out);

/** Returns the n at which a test that saw this p with n values reaches its level with the given power, as its z grows
 * by the root of n: whole, above n (which did not do), infinite where nothing below 1e9 does. Range: p and alpha
 * one-sided, halves of two-sided ones; 0 < alpha, 0.5 <= power < 1; n >= 1. */
double mdp_power_n_of_p(double p, double alpha, double n, double power);

/** Returns the least n whose exact test of ranks can reach a level at all: its smallest two-sided p is 2 / 2^n for n
 * pairs, 2 / C(2n, n) for two samples of n. Range: 0 < alpha < 1. */
double mdp_power_least_n(int is_paired, double alpha);

/** Tells whether one of two sizes is more than twice the other: rare losses of the larger sample are not in the smaller
 * one, and tests and intervals of means and spreads do not keep their level where values are skewed. */
int mdp_power_is_uneven(long n, long m);

#endif
