/* perf infer: policies of every algorithm, in turn with the matrix library */
#include "bench/perf_algos.h"

#include <stdlib.h>

#include "algos/algorithm.h"
#include "algos/flops.h"
#include "algos/precision.h"
#include "base/rng.h"
#include "bench/perf_gemm.h"

/* HalfCheetah's sizes; SPEC 7 for the rest */
enum { N_OBS = 26, N_ACT = 6, N_STATES = 50, N_CANDIDATES = 50, INFERENCES_MAX = 24 };

struct inference {
    const struct mdp_algorithm *algorithm;
    const char *precision;
    int n_threads;
    double flops; /* nominal, a call */
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    struct mdp_policy *policy;
    float obs[N_STATES * N_OBS], actions[N_STATES * N_ACT];
    uint32_t episode[N_STATES], step[N_STATES];
};

static void inference_free(struct inference *w) {
    if (w == NULL) return;
    mdp_policy_free(w->policy);
    mdp_diffusion_free(w->diffusion);
    mdp_guidance_free(w->guidance);
    free(w);
}

static long work_inference(void *context) {
    struct inference *w = context;
    mdp_policy_act(w->policy, N_STATES, w->obs, w->episode, w->step, 0, w->actions, w->n_threads);
    for (int i = 0; i < N_STATES; i++) w->step[i]++;
    return 1;
}

static mdp_err inference_new(const struct mdp_algorithm *algorithm, const char *precision,
                             const struct mdp_kernel *kernel, int n_threads, struct inference **out) {
    mdp_err err;
    struct inference *w = NULL;
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    struct mdp_policy_config policy;
    struct mdp_rng rng = mdp_rng_stream(0, MDP_RNG_RESET, 0, 0);
    MDP_TRY(mdp_calloc(&w, 1, sizeof *w, "inference"));
    w->algorithm = algorithm;
    w->precision = precision;
    w->n_threads = n_threads;
    mdp_rng_normal(&rng, w->obs, N_STATES * N_OBS);
    for (int i = 0; i < N_STATES; i++) w->episode[i] = (uint32_t)i;
    mdp_algorithm_diffusion(algorithm, N_OBS, N_ACT, &diffusion);
    mdp_algorithm_guidance(algorithm, N_OBS, N_ACT, &guidance);
    mdp_algorithm_policy(algorithm, &policy);
    policy.n_candidates = N_CANDIDATES;
    policy.max_threads = n_threads;
    policy.kernel = kernel;
    MDP_TRY(mdp_diffusion_new(&diffusion, 0, &w->diffusion));
    MDP_TRY(mdp_guidance_new(&guidance, 0, &w->guidance));
    MDP_TRY(mdp_policy_new(&policy, w->diffusion, w->guidance, NULL, NULL, &w->policy));
    w->flops = mdp_call_flops(w->diffusion, w->guidance, N_STATES * N_CANDIDATES);
    *out = w;
    return MDP_OK;
out:
    inference_free(w);
    return err;
}

/* the rates of an inference times a factor, over those of another item if there is one */
static mdp_err add(struct mdp_perf_results *results, const struct inference *w, const char *what, const char *unit,
                   const double *rates, double factor, const double *over) {
    double values[MDP_PERF_N_REPETITIONS];
    char name[MDP_PERF_NAME_MAX];
    for (int i = 0; i < MDP_PERF_N_REPETITIONS; i++) values[i] = factor * rates[i] / (over != NULL ? over[i] : 1.0);
    snprintf(name, sizeof name, "infer/%.16s/%.16s%.16s", w->algorithm->name, w->precision, what);
    return mdp_perf_add(results, name, unit, w->n_threads, values, MDP_PERF_N_REPETITIONS);
}

/* every algorithm, precision and number of threads that there is */
static mdp_err prepare(int n_threads, struct inference *inferences[INFERENCES_MAX], int *n) {
    static const char *const precisions[] = {"f32", "bf16", "bf16-avx512"};
    mdp_err err = MDP_OK;
    for (int i = 0; mdp_algorithm_at(i) != NULL; i++)
        for (int p = 0; p < 3; p++) {
            const struct mdp_kernel *kernel;
            if (mdp_precision_find(precisions[p], &kernel) != MDP_OK) continue;
            for (int t = 1; t <= (n_threads > 1 ? 2 : 1); t++) {
                if (*n == INFERENCES_MAX) return mdp_fail(MDP_E_INTERNAL, "perf infer: more than %d cases", *n);
                MDP_TRY(
                    inference_new(mdp_algorithm_at(i), precisions[p], kernel, t == 1 ? 1 : n_threads, &inferences[*n]));
                (*n)++;
            }
        }
out:
    return err;
}

static mdp_err report(const struct mdp_perf_item *items, struct inference *const *inferences, int n,
                      struct mdp_perf_results *results) {
    mdp_err err;
    const double *gemm = items[0].rates;
    MDP_TRY(mdp_perf_gemm_report(gemm, results));
    for (int i = 0; i < n; i++) {
        const struct inference *w = inferences[i];
        const double *rates = items[i + 1].rates;
        MDP_TRY(add(results, w, "", "calls/s", rates, 1, NULL));
        MDP_TRY(add(results, w, "/nominal", "GFLOP/s", rates, w->flops * 1e-9, NULL));
        MDP_TRY(add(results, w, "/vs_gemm", "GFLOP/s per GFLOP/s", rates, w->flops / MDP_PERF_GEMM_FLOPS, gemm));
        MDP_TRY(add(results, w, "/actions", "actions/s", rates, N_STATES, NULL));
    }
out:
    return err;
}

mdp_err mdp_perf_infer(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err;
    struct mdp_perf_gemm *gemm = NULL;
    struct inference *inferences[INFERENCES_MAX] = {NULL};
    struct mdp_perf_item items[INFERENCES_MAX + 1] = {{.work = mdp_perf_gemm_work}};
    int n = 0;
    MDP_TRY(prepare(options->threads, inferences, &n));
    MDP_TRY(mdp_perf_gemm_new(&gemm));
    items[0].context = gemm;
    for (int i = 0; i < n; i++) items[i + 1] = (struct mdp_perf_item){.work = work_inference, .context = inferences[i]};
    MDP_TRY(mdp_perf_measure_in_turn(options, items, n + 1));
    MDP_TRY(report(items, inferences, n, results));
out:
    for (int i = 0; i < n; i++) inference_free(inferences[i]);
    mdp_perf_gemm_free(gemm);
    return err;
}
