/* perf stats: how fast intervals and exact tests are. */
#ifndef MDP_BENCH_PERF_STATS_H
#define MDP_BENCH_PERF_STATS_H

#include "bench/perf.h"

/** Measures 50,000 stratified bootstrap replicates with their intervals, all four aggregates in one pass, on one core
 * and on all: stats/bootstrap_<runs>x<tasks>/<stream> (replicates/s); and the exact Mann-Whitney test of 50 against 50
 * values with ties: stats/mannwhitney_50x50_ties (ms). Errors: NOMEM, INTERRUPTED. */
mdp_err mdp_perf_stats(const struct mdp_perf_options *options, struct mdp_perf_results *results);

#endif
