/* perf plan: rates of the algorithms that plan, and of the matrix library they stand on. */
#ifndef MDP_BENCH_PERF_PLANS_H
#define MDP_BENCH_PERF_PLANS_H

#include "bench/perf/perf.h"

/** Measures planners of full size with HalfCheetah's observations and actions, in turn with products of the matrix
 * library: plan/<algo>/h<horizon>/act (plans/s), all denoising steps of all candidates of one state with the
 * algorithm's own guide; plan/<algo>/h<horizon>/train (steps/s), gradient steps of denoiser and guidance together; of
 * both the nominal GFLOP/s, and that over gemm/f32 (vs_gemm). Errors: NOMEM, INTERRUPTED. */
mdp_err mdp_perf_plan(const struct mdp_perf_options *options, struct mdp_perf_results *results);

#endif
