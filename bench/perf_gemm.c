#include "bench/perf_gemm.h"

#include <stdlib.h>

#include "algos/nn/gemm.h"
#include "base/rng.h"

enum { SIZE = MDP_PERF_GEMM_SIZE, N_AT_ONCE = 20 };

struct mdp_perf_gemm {
    float a[SIZE * SIZE], b[SIZE * SIZE], c[SIZE * SIZE];
};

mdp_err mdp_perf_gemm_new(struct mdp_perf_gemm **out) {
    struct mdp_rng rng = mdp_rng_stream(0, MDP_RNG_INIT, 0, 0);
    mdp_err err = mdp_calloc(out, 1, sizeof **out, "matrices");
    if (err != MDP_OK) return err;
    mdp_rng_normal(&rng, (*out)->a, SIZE * SIZE);
    mdp_rng_normal(&rng, (*out)->b, SIZE * SIZE);
    return MDP_OK;
}

void mdp_perf_gemm_free(struct mdp_perf_gemm *gemm) { free(gemm); }

long mdp_perf_gemm_work(void *context) {
    struct mdp_perf_gemm *g = context;
    for (int i = 0; i < N_AT_ONCE; i++) mdp_gemm_forward(SIZE, SIZE, SIZE, g->a, g->b, g->c);
    return N_AT_ONCE;
}

mdp_err mdp_perf_gemm_report(const double rates[MDP_PERF_N_REPETITIONS], struct mdp_perf_results *results) {
    double values[MDP_PERF_N_REPETITIONS];
    for (int i = 0; i < MDP_PERF_N_REPETITIONS; i++) values[i] = rates[i] * MDP_PERF_GEMM_FLOPS * 1e-9;
    return mdp_perf_add(results, "gemm/f32", "GFLOP/s", 1, values, MDP_PERF_N_REPETITIONS);
}
