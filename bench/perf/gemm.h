/* the matrix library's own rate, for comparison with the rates of the algorithms: products of 256^3 on one core. */
#ifndef MDP_BENCH_PERF_GEMM_H
#define MDP_BENCH_PERF_GEMM_H

#include "bench/perf/perf.h"

enum { MDP_PERF_GEMM_SIZE = 256 };

/* floating-point operations of one product */
#define MDP_PERF_GEMM_FLOPS (2.0 * MDP_PERF_GEMM_SIZE * MDP_PERF_GEMM_SIZE * MDP_PERF_GEMM_SIZE)

struct mdp_perf_gemm;

/** Makes the matrices. Owns: caller, mdp_perf_gemm_free. Errors: NOMEM. */
mdp_err mdp_perf_gemm_new(struct mdp_perf_gemm **out);

/** Frees them. Nullable: gemm. */
void mdp_perf_gemm_free(struct mdp_perf_gemm *gemm);

/** Fills an item that multiplies, gemm/f32, and returns 1: it is timed in turn with other items, so that all see the
 * same clock. Returns 0 if it is not to be measured. */
int mdp_perf_gemm_item(const struct mdp_perf_options *options, struct mdp_perf_gemm *gemm, struct mdp_perf_item *item);

#endif
