/* stratified bootstrap: replicates in parallel, each from its own stream. */
#include "stats/bootstrap.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "base/rng.h"
#include "stats/check.h"
#include "stats/moments.h"
#include "stats/quantile.h"

enum { MAX_REPLICATES = 10000000 };

static struct mdp_bootstrap_plan with_defaults(const struct mdp_bootstrap_plan *plan) {
    struct mdp_bootstrap_plan full = *plan;
    if (full.n_replicates == 0) full.n_replicates = MDP_BOOTSTRAP_REPLICATES;
    if (full.level == 0) full.level = 0.95;
    if (full.gamma == 0) full.gamma = 1;
    if (full.n_threads == 0) full.n_threads = omp_get_max_threads();
    return full;
}

static mdp_err check_index(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan) {
    long n = plan->index ? plan->n_replicates * scores->n_runs * scores->n_tasks : 0;
    for (long i = 0; i < n; i++) {
        if (plan->index[i] < 0 || plan->index[i] >= scores->n_runs)
            return mdp_refuse(MDP_REFUSE_DOMAIN, "index: expected 0 to %ld, found %d at %ld", scores->n_runs - 1,
                              (int)plan->index[i], i);
    }
    return MDP_OK;
}

static mdp_err check_plan(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan) {
    mdp_err err;
    MDP_TRY(mdp_scores_check("scores", scores));
    MDP_TRY(mdp_check_range("replicates", (double)plan->n_replicates, 1, MAX_REPLICATES));
    MDP_TRY(mdp_check_range("level", plan->level, nextafter(0, 1), nextafter(1, 0)));
    MDP_TRY(mdp_check_range("gamma", plan->gamma, -HUGE_VAL, HUGE_VAL));
    MDP_TRY(mdp_check_range("threads", plan->n_threads, 1, 4096));
    MDP_TRY(check_index(scores, plan));
out:
    return err;
}

/* draws run by run, in each run task by task */
static void draw_index(uint64_t seed, long i_replicate, const struct mdp_scores *scores, int32_t *index) {
    struct mdp_rng rng = mdp_rng_stream(seed, MDP_RNG_BOOTSTRAP, (uint32_t)i_replicate, 0);
    long n = scores->n_runs * scores->n_tasks;
    for (long i = 0; i < n; i++) index[i] = (int32_t)mdp_rng_below(&rng, (uint32_t)scores->n_runs);
}

static mdp_err replicate_all(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan,
                             double (*out)[MDP_N_AGGREGATES]) {
    struct mdp_ranked_scores *ranked = NULL;
    double *scratch = NULL;
    int32_t *drawn = NULL;
    long n_cells = scores->n_runs * scores->n_tasks;
    unsigned long n_threads = (unsigned long)plan->n_threads;
    mdp_err err;
    MDP_TRY(mdp_ranked_scores_new(scores, &ranked));
    unsigned long n_scratch = mdp_ranked_scratch(ranked);
    MDP_TRY(mdp_calloc(&scratch, n_threads * n_scratch, sizeof *scratch, "bootstrap scratch"));
    MDP_TRY(mdp_calloc(&drawn, n_threads * (unsigned long)n_cells, sizeof *drawn, "bootstrap index"));
#pragma omp parallel for schedule(static) num_threads(plan->n_threads)
    for (long b = 0; b < plan->n_replicates; b++) {
        long i_thread = omp_get_thread_num();
        const int32_t *index = plan->index ? plan->index + b * n_cells : drawn + i_thread * n_cells;
        if (!plan->index) draw_index(plan->seed, b, scores, drawn + i_thread * n_cells);
        mdp_ranked_aggregate(ranked, index, plan->gamma, scratch + (unsigned long)i_thread * n_scratch, out[b]);
    }
out:
    mdp_ranked_scores_free(ranked);
    free(scratch);
    free(drawn);
    return err;
}

mdp_err mdp_bootstrap_replicates(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan, double *out) {
    struct mdp_bootstrap_plan full = with_defaults(plan);
    mdp_err err = check_plan(scores, &full);
    return err ? err : replicate_all(scores, &full, (double(*)[MDP_N_AGGREGATES])out);
}

/* describes one aggregate's replicates; `column` is scratch [n, 2] */
static mdp_err summarize(const double (*replicates)[MDP_N_AGGREGATES], long n, int i_aggregate, double level,
                         double *column, struct mdp_interval *out) {
    struct mdp_moments moments;
    double *sorted = column + n;
    for (long b = 0; b < n; b++) column[b] = replicates[b][i_aggregate];
    mdp_err err = mdp_moments_compute(column, n, &moments);
    if (err) return mdp_fail_context(err, "replicates of %s", mdp_aggregate_name((enum mdp_aggregate)i_aggregate));
    mdp_sort(column, n, sorted);
    out->low = mdp_quantile_sorted(sorted, n, 0.5 * (1 - level), MDP_QUANTILE_DEFAULT);
    out->high = mdp_quantile_sorted(sorted, n, 1 - 0.5 * (1 - level), MDP_QUANTILE_DEFAULT);
    out->mean = moments.mean;
    out->se = moments.sd_ddof1;
    return MDP_OK;
}

mdp_err mdp_bootstrap_compute(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan,
                              struct mdp_bootstrap *out) {
    struct mdp_bootstrap_plan full = with_defaults(plan);
    double(*replicates)[MDP_N_AGGREGATES] = NULL, *column = NULL, estimates[MDP_N_AGGREGATES];
    mdp_err err;
    MDP_TRY(check_plan(scores, &full));
    unsigned long n = (unsigned long)full.n_replicates;
    MDP_TRY(mdp_calloc(&replicates, n, sizeof *replicates, "bootstrap replicates"));
    MDP_TRY(mdp_calloc(&column, 2 * n, sizeof *column, "bootstrap replicates"));
    MDP_TRY(mdp_aggregate_compute(scores, full.gamma, estimates));
    MDP_TRY(replicate_all(scores, &full, replicates));
    *out = (struct mdp_bootstrap){.level = full.level,
                                  .n_runs = scores->n_runs,
                                  .n_tasks = scores->n_tasks,
                                  .n_replicates = full.n_replicates,
                                  .has_few_runs = scores->n_runs < MDP_BOOTSTRAP_FEW_RUNS,
                                  .is_degenerate = 1};
    for (int i = 0; i < MDP_N_AGGREGATES; i++) {
        out->of[i].estimate = estimates[i];
        MDP_TRY(summarize((const double(*)[MDP_N_AGGREGATES])replicates, full.n_replicates, i, full.level, column,
                          &out->of[i]));
        if (out->of[i].se > 0) out->is_degenerate = 0;
    }
out:
    free(replicates);
    free(column);
    return err;
}
