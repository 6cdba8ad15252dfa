/* perf infer, perf train: rates of the algorithms, and of the matrix library they stand on. */
#ifndef MDP_BENCH_PERF_ALGOS_H
#define MDP_BENCH_PERF_ALGOS_H

#include "bench/perf/perf.h"

/** Measures policies at inference, in turn with products of the matrix library, one call = 50 states x 50 candidates,
 * all denoising steps, scores and selection: infer/<algo>/<precision> (calls/s) for every precision of this machine,
 * its nominal GFLOP/s, actions/s, and vs_gemm, the nominal rate over gemm/f32. Errors: NOMEM, INTERRUPTED. */
mdp_err mdp_perf_infer(const struct mdp_perf_options *options, struct mdp_perf_results *results);

/** Measures gradient steps on batches of 256 in guidance mode joint and in options->guidance, NULL for frozen and none,
 * in every precision of this machine, in turn with products of the matrix library: train/<algo>/<mode>/<precision>
 * (steps/s), its nominal GFLOP/s and that over gemm/f32 (vs_gemm), its rate over that in f32 (vs_f32), the time of a
 * step over that of a joint one (vs_joint), a step's nominal arithmetic (step) and what a run adds to resident memory,
 * by a process of its own (memory). Errors: NOMEM, INTERRUPTED, IO. */
mdp_err mdp_perf_train(const struct mdp_perf_options *options, struct mdp_perf_results *results);

/** Lists the guidance modes that mdp_perf_train measures. */
const struct mdp_names *mdp_perf_guidance_names(void);

#endif
