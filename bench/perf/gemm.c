#include "bench/perf/gemm.h"

#include <stdlib.h>

#include "algos/nn/gemm.h"
#include "base/rng.h"

enum { SIZE = MDP_PERF_GEMM_SIZE, N_AT_ONCE = 20 };

struct mdp_perf_gemm {
    float a[SIZE * SIZE], b[SIZE * SIZE], c[SIZE * SIZE];
};

mdp_err mdp_perf_gemm_new(struct mdp_perf_gemm **out) {
    struct mdp_rng rng = mdp_rng_stream(0, MDP_RNG_INIT, 0, 0);
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_gemm_load());
    MDP_TRY(mdp_calloc(out, 1, sizeof **out, "matrices"));
    mdp_rng_normal(&rng, (*out)->a, SIZE * SIZE);
    mdp_rng_normal(&rng, (*out)->b, SIZE * SIZE);
out:
    return err;
}

void mdp_perf_gemm_free(struct mdp_perf_gemm *gemm) { free(gemm); }

static long work(void *context) {
    struct mdp_perf_gemm *g = context;
    for (int i = 0; i < N_AT_ONCE; i++) mdp_gemm_forward(SIZE, SIZE, SIZE, g->a, g->b, g->c);
    return N_AT_ONCE;
}

int mdp_perf_gemm_item(const struct mdp_perf_options *options, struct mdp_perf_gemm *gemm, struct mdp_perf_item *item) {
    *item = (struct mdp_perf_item){.name = "gemm/f32", .work = work, .context = gemm};
    return mdp_perf_is_timed(options) || mdp_perf_is_wanted(options, item->name);
}
