/* verify algos, a training case of DQL: every quantity that the file holds, from forward passes to selection. */
#ifndef MDP_BENCH_VERIFY_DQL_H
#define MDP_BENCH_VERIFY_DQL_H

#include "bench/verify_report.h"

/** Adds the lines of one case file. Errors: IO, DATA if it is not of the layout; NOMEM. */
mdp_err mdp_verify_dql(struct mdp_verify_report *report, const char *path);

#endif
