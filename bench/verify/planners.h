/* verify algos, the planners: training cases of Diffuser and of Decision Diffuser, and the view of data as windows. */
#ifndef MDP_BENCH_VERIFY_PLANNERS_H
#define MDP_BENCH_VERIFY_PLANNERS_H

#include "bench/verify/report.h"

/** Adds the lines of a case of Diffuser. Errors: IO, DATA if it is not of the layout; NOMEM. */
mdp_err mdp_verify_diffuser(struct mdp_verify_report *report, const char *path);

/** Adds the lines of a case of Decision Diffuser. Errors: as mdp_verify_diffuser. */
mdp_err mdp_verify_decision(struct mdp_verify_report *report, const char *path);

/** Adds the lines of a file of sets of raw rows and their windows. Errors: as mdp_verify_diffuser. */
mdp_err mdp_verify_windows(struct mdp_verify_report *report, const char *path);

#endif
