/* the matrix library's own rate, which rates of the algorithms stand beside: products of 256^3 on one core. */
#ifndef MDP_BENCH_PERF_GEMM_H
#define MDP_BENCH_PERF_GEMM_H

#include "bench/perf.h"

enum { MDP_PERF_GEMM_SIZE = 256 };

/* floating-point operations of one product */
#define MDP_PERF_GEMM_FLOPS (2.0 * MDP_PERF_GEMM_SIZE * MDP_PERF_GEMM_SIZE * MDP_PERF_GEMM_SIZE)

struct mdp_perf_gemm;

/** Makes the matrices. Owns: caller, mdp_perf_gemm_free. Errors: NOMEM. */
mdp_err mdp_perf_gemm_new(struct mdp_perf_gemm **out);

/** Frees them. Nullable: gemm. */
void mdp_perf_gemm_free(struct mdp_perf_gemm *gemm);

/** Multiplies, as a piece of work whose context is a struct mdp_perf_gemm. */
long mdp_perf_gemm_work(void *context);

/** Adds gemm/f32 (GFLOP/s) from rates of mdp_perf_gemm_work. Errors: NOMEM. */
mdp_err mdp_perf_gemm_report(const double rates[MDP_PERF_N_REPETITIONS], struct mdp_perf_results *results);

#endif
