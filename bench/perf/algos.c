/* perf infer: policies of every algorithm but planners, in turn with the matrix library */
#include "bench/perf/algos.h"

#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/flops.h"
#include "algos/precision.h"
#include "base/rng.h"
#include "bench/perf/child.h"
#include "bench/perf/gemm.h"

/* HalfCheetah's sizes; 50 candidates are SPEC 7's, and the rule that names need not tell */
enum { N_OBS = 26, N_ACT = 6, N_STATES = MDP_RATE_STATES, INFERENCES_MAX = 24 };

struct inference {
    char name[MDP_PERF_NAME_MAX];
    const struct mdp_algorithm *algorithm;
    const struct mdp_kernel *kernel;
    int n_threads;
    double bytes; /* memory; measured with one thread */
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

/* a policy of full size with untrained parameters: its arithmetic does not depend on their values */
static mdp_err inference_new(const struct inference *what, int n_candidates, struct inference **out) {
    mdp_err err;
    struct inference *w = NULL;
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    struct mdp_policy_config policy;
    struct mdp_rng rng = mdp_rng_stream(0, MDP_RNG_RESET, 0, 0);
    MDP_TRY(mdp_calloc(&w, 1, sizeof *w, "inference"));
    *w = *what;
    mdp_rng_normal(&rng, w->obs, N_STATES * N_OBS);
    for (int i = 0; i < N_STATES; i++) w->episode[i] = (uint32_t)i;
    mdp_algorithm_diffusion(w->algorithm, N_OBS, N_ACT, &diffusion);
    mdp_algorithm_guidance(w->algorithm, N_OBS, N_ACT, &guidance);
    mdp_algorithm_policy(w->algorithm, &policy);
    policy.n_candidates = n_candidates;
    policy.max_threads = w->n_threads;
    policy.kernel = w->kernel;
    MDP_TRY(mdp_diffusion_new(&diffusion, 0, &w->diffusion));
    MDP_TRY(mdp_guidance_new(&guidance, 0, &w->guidance));
    MDP_TRY(mdp_policy_new(&policy, w->diffusion, w->guidance, NULL, NULL, &w->policy));
    w->flops = mdp_call_flops(w->diffusion, w->guidance, N_STATES * n_candidates);
    *out = w;
    return MDP_OK;
out:
    inference_free(w);
    return err;
}

/* ---- memory ---- */

/* request to the process that measures */
struct request {
    const struct inference *what;
    int n_candidates;
};

static mdp_err make_and_call(void *context) {
    const struct request *request = context;
    struct inference *w;
    mdp_err err = inference_new(request->what, request->n_candidates, &w);
    if (err == MDP_OK) work_inference(w);
    return err;
}

/* ---- results ---- */

/* the rates of an inference times a factor, over those of another item if there is one */
static mdp_err add(struct mdp_perf_results *results, const struct inference *w, const char *what, const char *unit,
                   const double *rates, double factor, const double *over) {
    return mdp_perf_add_derived(results, w->name, what, unit, w->n_threads, rates, factor, over);
}

/* memory comes while this process has no other threads */
static mdp_err prepare_one(const struct mdp_perf_options *options, const struct mdp_algorithm *algorithm,
                           const char *precision, int n_threads, struct inference **out) {
    mdp_err err;
    int n_candidates = options->n_candidates > 0 ? options->n_candidates : MDP_RATE_CANDIDATES;
    struct inference what = {.algorithm = algorithm, .n_threads = n_threads};
    const struct request request = {&what, n_candidates};
    char candidates[16];
    snprintf(candidates, sizeof candidates, "c%d", n_candidates);
    mdp_rate_name(what.name, MDP_RATE_INFER, algorithm->name, precision,
                  n_candidates != MDP_RATE_CANDIDATES ? candidates : NULL);
    *out = NULL;
    if (mdp_precision_find(precision, &what.kernel) != MDP_OK || !mdp_perf_is_wanted(options, what.name)) return MDP_OK;
    err = inference_new(&what, n_candidates, out);
    /* one that its networks have no layers for is left out, as one that the machine has not */
    if (err == MDP_E_USAGE && strcmp(precision, MDP_PRECISION_DEFAULT) != 0) return MDP_OK;
    if (err == MDP_OK && n_threads == 1 && mdp_perf_is_timed(options))
        err = mdp_perf_memory(what.name, make_and_call, (void *)&request, &(*out)->bytes);
    return err;
}

/* every algorithm but planners, precision and number of threads that there is */
static mdp_err prepare(const struct mdp_perf_options *options, struct inference *inferences[INFERENCES_MAX], int *n) {
    const struct mdp_names *precisions = mdp_precision_names();
    mdp_err err = MDP_OK;
    for (int t = 0; t < (options->threads > 1 ? 2 : 1); t++)
        for (int i = 0; mdp_algorithm_at(i) != NULL; i++)
            for (int p = 0; p < precisions->n; p++) {
                if (!mdp_precision_is_for_work(p) || mdp_algorithm_at(i)->planning != NULL) continue;
                if (*n == INFERENCES_MAX) return mdp_fail(MDP_E_INTERNAL, "perf infer: more than %d cases", *n);
                MDP_TRY(prepare_one(options, mdp_algorithm_at(i), mdp_names_at(precisions, p),
                                    t == 0 ? 1 : options->threads, &inferences[*n]));
                *n += inferences[*n] != NULL;
            }
out:
    return err;
}

static mdp_err report(const struct mdp_perf_item *items, struct inference *const *inferences, int n,
                      struct mdp_perf_results *results) {
    mdp_err err;
    const double *gemm = items[n].rates;
    MDP_TRY(mdp_perf_add_rates(results, &items[n], "GFLOP/s", 1, MDP_PERF_GEMM_FLOPS * 1e-9));
    for (int i = 0; i < n; i++) {
        const struct inference *w = inferences[i];
        const double *rates = items[i].rates;
        MDP_TRY(add(results, w, "", "calls/s", rates, 1, NULL));
        MDP_TRY(add(results, w, "/nominal", "GFLOP/s", rates, w->flops * 1e-9, NULL));
        MDP_TRY(add(results, w, "/vs_gemm", "GFLOP/s per GFLOP/s", rates, w->flops / MDP_PERF_GEMM_FLOPS, gemm));
        MDP_TRY(add(results, w, "/actions", "actions/s", rates, N_STATES, NULL));
        if (w->bytes > 0) MDP_TRY(mdp_perf_add_one(results, w->name, "/memory", "bytes", w->bytes));
    }
out:
    return err;
}

mdp_err mdp_perf_infer(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err;
    struct mdp_perf_gemm *gemm = NULL;
    struct inference *inferences[INFERENCES_MAX] = {NULL};
    struct mdp_perf_item items[INFERENCES_MAX + 1];
    int n = 0;
    MDP_TRY(prepare(options, inferences, &n));
    for (int i = 0; i < n; i++) {
        items[i] = (struct mdp_perf_item){.work = work_inference, .context = inferences[i]};
        memcpy(items[i].name, inferences[i]->name, sizeof items[i].name);
    }
    MDP_TRY(mdp_perf_gemm_new(&gemm));
    MDP_TRY(mdp_perf_measure_in_turn(options, items, n + mdp_perf_gemm_item(options, gemm, &items[n])));
    if (mdp_perf_is_timed(options)) MDP_TRY(report(items, inferences, n, results));
out:
    for (int i = 0; i < n; i++) inference_free(inferences[i]);
    mdp_perf_gemm_free(gemm);
    return err;
}
