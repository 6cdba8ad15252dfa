/* perf stats: how fast intervals and exact tests are. */
#ifndef MDP_BENCH_PERF_STATS_H
#define MDP_BENCH_PERF_STATS_H

#include "bench/perf/perf.h"

/** Measures 50,000 stratified bootstrap replicates of a matrix of n_runs x 6 scores, intervals included, on one core
 * and on all: stats/bootstrap_<runs>x6/<stream>/<what> (replicates/s), <what> the IQM alone ("iqm") or all four
 * aggregates
 * ("all"). Errors: NOMEM, INTERRUPTED. */
mdp_err mdp_perf_bootstrap(const struct mdp_perf_options *options, long n_runs, struct mdp_perf_results *results);

/** Measures the bootstrap of 10, 50 and 150 runs, and the exact Mann-Whitney test of 50 against 50 values with ties:
 * stats/mannwhitney_50x50_ties (ms). Errors: NOMEM, INTERRUPTED. */
mdp_err mdp_perf_stats(const struct mdp_perf_options *options, struct mdp_perf_results *results);

#endif
