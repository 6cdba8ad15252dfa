/* perf plan: planners, in turn with the matrix library */
#include "bench/perf/plans.h"

#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/diffusion/window_diffusion.h"
#include "algos/flops.h"
#include "base/rng.h"
#include "bench/perf/gemm.h"

enum { N_OBS = 26, N_ACT = 6, PLANS_MAX = 16 };

/* what is measured of each; the horizons are those of tasks of HalfCheetah and of the others */
static const struct {
    const char *algo;
    int horizon;
} listed[] = {{"diffuser", 4}, {"diffuser", 32}, {"dd", 32}};
enum { N_LISTED = sizeof listed / sizeof listed[0] };

/* a policy or, without one, a training, of untrained parameters: arithmetic does not depend on their values */
struct planning {
    char name[MDP_PERF_NAME_MAX];
    int n_threads;
    double flops; /* nominal, of a plan or a step */
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    struct mdp_policy *policy;
    struct mdp_learner *learner;
    struct mdp_batch batch;
    float *numbers; /* what the batch points to, or an observation */
    uint32_t step;
};

static void planning_free(struct planning *w) {
    if (w == NULL) return;
    mdp_learner_free(w->learner);
    mdp_policy_free(w->policy);
    mdp_diffusion_free(w->diffusion);
    mdp_guidance_free(w->guidance);
    free(w->numbers);
    free(w);
}

static long work_act(void *context) {
    struct planning *w = context;
    float action[N_ACT];
    const uint32_t episode = 0;
    mdp_policy_act(w->policy, 1, w->numbers, &episode, &w->step, 0, action, 1);
    w->step++;
    return 1;
}

static long work_train(void *context) {
    struct planning *w = context;
    struct mdp_learner_log log;
    struct mdp_learner_draws draws = mdp_learner_draw(w->learner, w->batch.n);
    mdp_learner_step(w->learner, &w->batch, &draws, &log);
    return 1;
}

static mdp_err draw(struct planning *w, long n) {
    struct mdp_rng rng = mdp_rng_stream(0, MDP_RNG_RESET, 0, 0);
    mdp_err err = mdp_calloc(&w->numbers, (unsigned long)n, sizeof(float), "plans");
    if (err == MDP_OK) mdp_rng_normal(&rng, w->numbers, n);
    return err;
}

static mdp_err new_policy(const struct mdp_algorithm *algorithm, struct planning *w) {
    struct mdp_policy_config config;
    mdp_err err;
    mdp_algorithm_policy(algorithm, &config);
    config.guide = (struct mdp_guide_rule){.guide = algorithm->planning->guide, .weight = 2};
    config.wanted = 1;
    MDP_TRY(mdp_policy_new(&config, w->diffusion, w->guidance, NULL, NULL, &w->policy));
    MDP_TRY(draw(w, N_OBS));
    w->flops = mdp_plan_flops(&config, w->diffusion, w->guidance);
out:
    return err;
}

static mdp_err new_learner(const struct mdp_algorithm *algorithm, struct planning *w) {
    struct mdp_learner_config config;
    long rows, n = w->diffusion->window->n;
    mdp_err err;
    mdp_algorithm_learner(algorithm, &config);
    config.mode = w->guidance != NULL ? MDP_MODE_JOINT : MDP_MODE_NONE;
    config.n_threads = w->n_threads;
    rows = config.batch;
    MDP_TRY(mdp_learner_new(&config, w->diffusion, w->guidance, &w->learner));
    long n_actions = (long)w->diffusion->config.windows.horizon * N_ACT;
    MDP_TRY(draw(w, rows * (n + n_actions + 1)));
    w->batch = (struct mdp_batch){.n = config.batch,
                                  .windows = w->numbers,
                                  .window_act = w->numbers + rows * n,
                                  .returns = w->numbers + rows * (n + n_actions)};
    const struct mdp_step_flops flops = mdp_step_flops_count(w->learner);
    w->flops = mdp_step_flops_total(&flops);
out:
    return err;
}

static void name_of(int i_listed, int is_training, char name[MDP_PERF_NAME_MAX]) {
    mdp_rate_plan_name(name, listed[i_listed].algo, listed[i_listed].horizon, is_training);
}

static mdp_err planning_new(int i_listed, int is_training, int n_threads, struct planning **out) {
    struct planning *w = NULL;
    const struct mdp_algorithm *algorithm;
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    mdp_err err;
    MDP_TRY(mdp_calloc(&w, 1, sizeof *w, "plans"));
    w->n_threads = n_threads;
    name_of(i_listed, is_training, w->name);
    MDP_TRY(mdp_algorithm_find(listed[i_listed].algo, &algorithm));
    mdp_algorithm_diffusion(algorithm, N_OBS, N_ACT, &diffusion);
    mdp_algorithm_guidance(algorithm, N_OBS, N_ACT, &guidance);
    mdp_window_make_usual(listed[i_listed].horizon, &diffusion.windows);
    guidance.windows = diffusion.windows;
    MDP_TRY(mdp_diffusion_new(&diffusion, 0, &w->diffusion));
    if (algorithm->guidance->sees_windows) MDP_TRY(mdp_guidance_new(&guidance, 0, &w->guidance));
    MDP_TRY(is_training ? new_learner(algorithm, w) : new_policy(algorithm, w));
    *out = w;
    return MDP_OK;
out:
    planning_free(w);
    return err;
}

/* a plan is made by one thread, a step by several */
static mdp_err prepare(const struct mdp_perf_options *options, struct planning *plannings[PLANS_MAX], int *n) {
    char name[MDP_PERF_NAME_MAX];
    mdp_err err = MDP_OK;
    for (int i = 0; i < N_LISTED; i++)
        for (int k = 0; k < (options->threads > 1 ? 3 : 2); k++) {
            name_of(i, k > 0, name);
            if (!mdp_perf_is_wanted(options, name)) continue;
            MDP_TRY(planning_new(i, k > 0, k == 2 ? options->threads : 1, &plannings[*n]));
            ++*n;
        }
out:
    return err;
}

/* of one kind of plan or step */
static mdp_err add(struct mdp_perf_results *results, const struct planning *w, const char *what, const char *unit,
                   const double *rates, double factor, const double *over) {
    return mdp_perf_add_derived(results, w->name, what, unit, w->n_threads, rates, factor, over);
}

static mdp_err report(const struct mdp_perf_item *items, struct planning *const *plannings, int n,
                      struct mdp_perf_results *results) {
    mdp_err err;
    MDP_TRY(mdp_perf_add_rates(results, &items[n], "GFLOP/s", 1, MDP_PERF_GEMM_FLOPS * 1e-9));
    for (int i = 0; i < n; i++) {
        const struct planning *w = plannings[i];
        const double *rates = items[i].rates;
        MDP_TRY(add(results, w, "", w->policy != NULL ? "plans/s" : "steps/s", rates, 1, NULL));
        MDP_TRY(add(results, w, "/nominal", "GFLOP/s", rates, w->flops * 1e-9, NULL));
        MDP_TRY(
            add(results, w, "/vs_gemm", "GFLOP/s per GFLOP/s", rates, w->flops / MDP_PERF_GEMM_FLOPS, items[n].rates));
    }
out:
    return err;
}

mdp_err mdp_perf_plan(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    struct mdp_perf_gemm *gemm = NULL;
    struct planning *plannings[PLANS_MAX] = {NULL};
    struct mdp_perf_item items[PLANS_MAX + 1];
    int n = 0;
    mdp_err err;
    MDP_TRY(prepare(options, plannings, &n));
    for (int i = 0; i < n; i++) {
        items[i] = (struct mdp_perf_item){.work = plannings[i]->policy != NULL ? work_act : work_train,
                                          .context = plannings[i]};
        memcpy(items[i].name, plannings[i]->name, sizeof items[i].name);
    }
    MDP_TRY(mdp_perf_gemm_new(&gemm));
    MDP_TRY(mdp_perf_measure_in_turn(options, items, n + mdp_perf_gemm_item(options, gemm, &items[n])));
    if (mdp_perf_is_timed(options)) MDP_TRY(report(items, plannings, n, results));
out:
    for (int i = 0; i < n; i++) planning_free(plannings[i]);
    mdp_perf_gemm_free(gemm);
    return err;
}
