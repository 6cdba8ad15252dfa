/* performance profiles of arms: what their table and their figure share. */
#ifndef MDP_BENCH_REPORT_PROFILE_H
#define MDP_BENCH_REPORT_PROFILE_H

#include "bench/report/report.h"

enum { MDP_PROFILE_TAUS = 29 };

/** Writes the normalized returns at which profiles are shown, -0.2 to 1.2. */
void mdp_profile_taus(double taus[MDP_PROFILE_TAUS]);

/** Computes the share of an arm's runs above each tau; *n_runs is 0 where no run is whole. Shapes: taus, shares
 * [n_taus]. Errors: as mdp_arms_get. */
mdp_err mdp_profile_compute(struct mdp_report *report, const char *arm, int is_online, const double *taus, long n_taus,
                            double *shares, long *n_runs);

#endif
