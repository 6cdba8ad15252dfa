/* perf infer, perf train: rates of the algorithms, and of the matrix library they stand on. */
#ifndef MDP_BENCH_PERF_ALGOS_H
#define MDP_BENCH_PERF_ALGOS_H

#include "bench/perf.h"

/** Measures policies at inference, one call = 50 states x 50 candidates, all denoising steps, scores and selection:
 * infer/<algo>/<precision> (calls/s), its nominal GFLOP/s and actions/s, and gemm/<precision>. Errors: NOMEM,
 * INTERRUPTED. */
mdp_err mdp_perf_infer(const struct mdp_perf_options *options, struct mdp_perf_results *results);

/** Measures joint gradient steps on batches of 256: train/<algo>/joint/<precision> (steps/s) and its nominal GFLOP/s.
 * Errors: NOMEM, INTERRUPTED. */
mdp_err mdp_perf_train(const struct mdp_perf_options *options, struct mdp_perf_results *results);

#endif
