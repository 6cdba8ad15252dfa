#include "bench/perf_algos.h"

#include <math.h>
#include <stdlib.h>

#include "algos/learner.h"
#include "algos/nn/gemm.h"
#include "algos/policy.h"
#include "base/rng.h"

/* HalfCheetah's sizes; SPEC 5.4 and 7 for the rest */
enum { N_OBS = 26, N_ACT = 6, N_STATES = 50, GEMM_SIZE = 256 };

static double count(long n_rows, const struct mdp_mlp *mlp) {
    double sum = 0;
    for (int i = 0; i < mlp->n_layers; i++) sum += 2.0 * mlp->layers[i].n_in * mlp->layers[i].n_out;
    return sum * (double)n_rows;
}

/* restates result i_from in another unit, range included */
static mdp_err restate(struct mdp_perf_results *results, int i_from, const char *name, const char *unit,
                       double factor) {
    const struct mdp_perf_result from = results->items[i_from];
    mdp_err err = mdp_perf_add(results, name, unit, from.threads, &from.value, 1);
    if (err != MDP_OK) return err;
    struct mdp_perf_result *to = &results->items[results->n_items - 1];
    to->value = from.value * factor;
    to->min = from.min * factor;
    to->max = from.max * factor;
    to->n = from.n;
    return MDP_OK;
}

/* --- the matrix library ------------------------------------------------------------------------------------------ */

struct gemm {
    float *a, *b, *c; /* [GEMM_SIZE, GEMM_SIZE] */
};

static long work_gemm(void *context) {
    enum { N_AT_ONCE = 20 };
    struct gemm *g = context;
    for (int i = 0; i < N_AT_ONCE; i++) mdp_gemm_forward(GEMM_SIZE, GEMM_SIZE, GEMM_SIZE, g->a, g->b, g->c);
    return N_AT_ONCE;
}

static mdp_err measure_gemm(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    struct gemm g = {NULL, NULL, NULL};
    unsigned long n = (unsigned long)GEMM_SIZE * GEMM_SIZE;
    struct mdp_rng rng = mdp_rng_stream(0, MDP_RNG_INIT, 0, 0);
    MDP_TRY(mdp_calloc(&g.a, n, sizeof(float), "matrix"));
    MDP_TRY(mdp_calloc(&g.b, n, sizeof(float), "matrix"));
    MDP_TRY(mdp_calloc(&g.c, n, sizeof(float), "matrix"));
    mdp_rng_normal(&rng, g.a, (long)n);
    mdp_rng_normal(&rng, g.b, (long)n);
    MDP_TRY(mdp_perf_measure(options, "gemm/f32", "products/s", 1, work_gemm, &g, results));
    struct mdp_perf_result *result = &results->items[results->n_items - 1];
    double giga = 2.0 * GEMM_SIZE * GEMM_SIZE * GEMM_SIZE * 1e-9;
    snprintf(result->unit, sizeof result->unit, "GFLOP/s");
    result->value *= giga;
    result->min *= giga;
    result->max *= giga;
out:
    free(g.a);
    free(g.b);
    free(g.c);
    return err;
}

/* --- the two modules --------------------------------------------------------------------------------------------- */

struct modules {
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
};

static void free_modules(struct modules *m) {
    mdp_diffusion_free(m->diffusion);
    mdp_guidance_free(m->guidance);
}

static mdp_err make_modules(struct modules *m) {
    mdp_err err = MDP_OK;
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    mdp_diffusion_defaults(&diffusion, N_OBS, N_ACT);
    mdp_guidance_defaults(&guidance, N_OBS, N_ACT);
    MDP_TRY(mdp_diffusion_new(&diffusion, 0, &m->diffusion));
    MDP_TRY(mdp_guidance_new(&guidance, 0, &m->guidance));
out:
    return err;
}

static double denoiser_flops(const struct modules *m, long n_rows) { return count(n_rows, &m->diffusion->net.body); }

static double head_flops(const struct modules *m, long n_rows) {
    return count(n_rows, &m->guidance->nets[0].net.heads[0]);
}

/* --- inference --------------------------------------------------------------------------------------------------- */

struct inference {
    struct modules modules;
    struct mdp_policy *policy;
    int n_threads;
    float obs[N_STATES * N_OBS], actions[N_STATES * N_ACT];
    uint32_t episode[N_STATES], step[N_STATES];
};

static long work_inference(void *context) {
    struct inference *w = context;
    mdp_policy_act(w->policy, N_STATES, w->obs, w->episode, w->step, 0, w->actions, w->n_threads);
    for (int i = 0; i < N_STATES; i++) w->step[i]++;
    return 1;
}

static mdp_err measure_inference(const struct mdp_perf_options *options, int n_threads,
                                 struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    struct inference w = {.n_threads = n_threads};
    struct mdp_policy_config config;
    struct mdp_rng rng = mdp_rng_stream(0, MDP_RNG_RESET, 0, 0);
    mdp_rng_normal(&rng, w.obs, N_STATES * N_OBS);
    for (int i = 0; i < N_STATES; i++) w.episode[i] = (uint32_t)i;
    mdp_policy_defaults(&config);
    config.max_threads = n_threads;
    MDP_TRY(make_modules(&w.modules));
    MDP_TRY(mdp_policy_new(&config, w.modules.diffusion, w.modules.guidance, NULL, NULL, &w.policy));
    long n_rows = (long)N_STATES * config.n_candidates;
    double flops =
        w.modules.diffusion->config.n_steps * denoiser_flops(&w.modules, n_rows) + 2 * head_flops(&w.modules, n_rows);
    int i_rate = results->n_items;
    MDP_TRY(mdp_perf_measure(options, "infer/dql/f32", "calls/s", n_threads, work_inference, &w, results));
    MDP_TRY(restate(results, i_rate, "infer/dql/f32/nominal", "GFLOP/s", flops * 1e-9));
    MDP_TRY(restate(results, i_rate, "infer/dql/f32/actions", "actions/s", N_STATES));
out:
    mdp_policy_free(w.policy);
    free_modules(&w.modules);
    return err;
}

mdp_err mdp_perf_infer(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    MDP_TRY(measure_gemm(options, results));
    MDP_TRY(measure_inference(options, 1, results));
    if (options->threads > 1) MDP_TRY(measure_inference(options, options->threads, results));
out:
    return err;
}

/* --- training ---------------------------------------------------------------------------------------------------- */

struct training {
    struct modules modules;
    struct mdp_learner *learner;
    struct mdp_batch batch;
    float *rows; /* everything the batch points to */
};

static long work_training(void *context) {
    struct training *w = context;
    struct mdp_learner_log log;
    struct mdp_learner_draws draws = mdp_learner_draw(w->learner, w->batch.n);
    mdp_learner_step(w->learner, &w->batch, &draws, &log);
    return 1;
}

static mdp_err make_batch(struct training *w, int n) {
    long width = 2 * N_OBS + N_ACT + 2;
    struct mdp_rng rng = mdp_rng_stream(0, MDP_RNG_RESET, 0, 0);
    mdp_err err = mdp_calloc(&w->rows, (unsigned long)(n * width), sizeof(float), "batch");
    if (err != MDP_OK) return err;
    float *obs = w->rows, *next_obs = obs + (long)n * N_OBS, *rew = next_obs + (long)n * N_OBS, *tml = rew + n,
          *act = tml + n;
    mdp_rng_normal(&rng, obs, 2L * n * N_OBS + n);
    for (int i = 0; i < n * N_ACT; i++) act[i] = (float)(2 * mdp_rng_uniform(&rng) - 1);
    w->batch = (struct mdp_batch){n, obs, act, rew, tml, next_obs, NULL};
    return MDP_OK;
}

/* denoiser: S forward for next actions, forward and backward of the cloning loss, S forward and backward for policy
 * actions; heads: two targets, two forward and backward, two forward, one backward to the action; backward counts twice
 */
static double training_flops(const struct modules *m, long n_rows) {
    int n_steps = m->diffusion->config.n_steps;
    return (n_steps + 3 + 3 * n_steps) * denoiser_flops(m, n_rows) + (2 + 6 + 2 + 1) * head_flops(m, n_rows);
}

static mdp_err measure_training(const struct mdp_perf_options *options, int n_threads,
                                struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    struct training w = {.learner = NULL};
    struct mdp_learner_config config;
    mdp_learner_defaults(&config);
    config.n_threads = n_threads;
    MDP_TRY(make_modules(&w.modules));
    MDP_TRY(mdp_learner_new(&config, w.modules.diffusion, w.modules.guidance, &w.learner));
    MDP_TRY(make_batch(&w, config.batch));
    MDP_TRY(mdp_perf_measure(options, "train/dql/joint/f32", "steps/s", n_threads, work_training, &w, results));
    MDP_TRY(restate(results, results->n_items - 1, "train/dql/joint/f32/nominal", "GFLOP/s",
                    training_flops(&w.modules, config.batch) * 1e-9));
out:
    mdp_learner_free(w.learner);
    free_modules(&w.modules);
    free(w.rows);
    return err;
}

mdp_err mdp_perf_train(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    MDP_TRY(measure_training(options, 1, results));
    if (options->threads > 1) MDP_TRY(measure_training(options, options->threads, results));
out:
    return err;
}
