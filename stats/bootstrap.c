/* stratified bootstrap of one matrix. */
#include "stats/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/check.h"
#include "stats/resample.h"

/* what the work on a replicate needs */
struct one {
    const struct mdp_ranked_scores *ranked;
    double gamma;
};

static void work_one(const void *context, const int32_t *const index[MDP_RESAMPLE_SETS], double *scratch, double *out) {
    const struct one *one = context;
    mdp_ranked_aggregate(one->ranked, index[0], one->gamma, scratch, out);
}

static struct mdp_resample resample_of(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan) {
    return (struct mdp_resample){.sets = {{scores->n_runs, scores->n_tasks, plan->index}},
                                 .n_sets = 1,
                                 .work = work_one,
                                 .n_out = MDP_N_AGGREGATES};
}

static mdp_err check_plan(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan) {
    const struct mdp_resample resample = resample_of(scores, plan);
    mdp_err err = mdp_scores_check("scores", scores);
    return err ? err : mdp_resample_check(&resample, plan);
}

static mdp_err replicate_all(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan, double *out) {
    struct mdp_ranked_scores *ranked = NULL;
    struct mdp_resample resample = resample_of(scores, plan);
    mdp_err err;
    MDP_TRY(mdp_ranked_scores_new(scores, &ranked));
    const struct one one = {ranked, plan->gamma};
    resample.context = &one;
    resample.n_scratch = (long)mdp_ranked_scratch(ranked);
    MDP_TRY(mdp_resample_run(&resample, plan, out));
out:
    mdp_ranked_scores_free(ranked);
    return err;
}

mdp_err mdp_bootstrap_replicates(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan, double *out) {
    struct mdp_bootstrap_plan full = mdp_resample_defaults(plan);
    mdp_err err = check_plan(scores, &full);
    return err ? err : replicate_all(scores, &full, out);
}

mdp_err mdp_jackknife(const struct mdp_scores *scores, double gamma, double *out) {
    double *rest = NULL;
    long n_runs = scores->n_runs, n_tasks = scores->n_tasks;
    size_t row = (size_t)n_tasks * sizeof *rest;
    mdp_err err;
    MDP_TRY(mdp_scores_check("scores", scores));
    MDP_TRY(mdp_check_enough("runs", n_runs, 2));
    MDP_TRY(mdp_calloc(&rest, (unsigned long)(n_runs * n_tasks), sizeof *rest, "jackknife"));
    const struct mdp_scores kept = {rest, n_runs - 1, n_tasks};
    memcpy(rest, scores->values + n_tasks, (size_t)(n_runs - 1) * row);
    /* the rows without run r differ from those without run r - 1 in one row */
    for (long r = 0; r < n_runs; r++) {
        if (r > 0) memcpy(rest + (r - 1) * n_tasks, scores->values + (r - 1) * n_tasks, row);
        MDP_TRY(mdp_aggregate_compute(&kept, gamma, out + r * MDP_N_AGGREGATES));
    }
out:
    free(rest);
    return err;
}

/* the aggregates of the matrix itself, computed as replicates are: equal to a replicate that draws it again */
static mdp_err estimate(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan,
                        double out[MDP_N_AGGREGATES]) {
    struct mdp_bootstrap_plan once = *plan;
    int32_t *index = NULL;
    long n = scores->n_runs * scores->n_tasks;
    mdp_err err = mdp_calloc(&index, (unsigned long)n, sizeof *index, "bootstrap index");
    for (long i = 0; !err && i < n; i++) index[i] = (int32_t)(i / scores->n_tasks);
    once.n_replicates = 1;
    once.index = index;
    if (!err) err = replicate_all(scores, &once, out);
    free(index);
    return err;
}

/* the jackknife column by column, [MDP_N_AGGREGATES, n_runs]; none where the method does without or one run is all */
static mdp_err jackknife_columns(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan, double **out) {
    double *rows = NULL;
    mdp_err err = MDP_OK;
    long n = scores->n_runs;
    int is_accelerated = plan->method == MDP_INTERVAL_BCA_STRICT || plan->method == MDP_INTERVAL_BCA_MID;
    *out = NULL;
    if (!is_accelerated || n < 2) return MDP_OK;
    MDP_TRY(mdp_calloc(&rows, (unsigned long)n * MDP_N_AGGREGATES, sizeof *rows, "jackknife"));
    MDP_TRY(mdp_jackknife(scores, plan->gamma, rows));
    MDP_TRY(mdp_calloc(out, (unsigned long)n * MDP_N_AGGREGATES, sizeof **out, "jackknife"));
    for (long i = 0; i < n * MDP_N_AGGREGATES; i++) (*out)[i % MDP_N_AGGREGATES * n + i / MDP_N_AGGREGATES] = rows[i];
out:
    free(rows);
    return err;
}

mdp_err mdp_bootstrap_compute(const struct mdp_scores *scores, const struct mdp_bootstrap_plan *plan,
                              struct mdp_bootstrap *out) {
    struct mdp_bootstrap_plan full = mdp_resample_defaults(plan);
    double *replicates = NULL, *work = NULL, *jackknife = NULL, estimates[MDP_N_AGGREGATES];
    mdp_err err;
    MDP_TRY(check_plan(scores, &full));
    unsigned long n = (unsigned long)full.n_replicates;
    MDP_TRY(mdp_calloc(&replicates, n, MDP_N_AGGREGATES * sizeof *replicates, "bootstrap replicates"));
    MDP_TRY(mdp_calloc(&work, 2 * n, sizeof *work, "bootstrap replicates"));
    MDP_TRY(estimate(scores, &full, estimates));
    MDP_TRY(replicate_all(scores, &full, replicates));
    MDP_TRY(jackknife_columns(scores, &full, &jackknife));
    *out = (struct mdp_bootstrap){.level = full.level,
                                  .method = full.method,
                                  .n_runs = scores->n_runs,
                                  .n_tasks = scores->n_tasks,
                                  .n_replicates = full.n_replicates,
                                  .has_few_runs = scores->n_runs < MDP_BOOTSTRAP_FEW_RUNS};
    int has_spread = 0, fell_back = 0;
    for (int i = 0; i < MDP_N_AGGREGATES; i++) {
        out->of[i].estimate = estimates[i];
        MDP_TRY(mdp_resample_summarize(replicates, &full, MDP_N_AGGREGATES, i,
                                       jackknife ? jackknife + i * scores->n_runs : NULL, scores->n_runs, work,
                                       &out->of[i]));
        has_spread |= out->of[i].se > 0;
        fell_back |= out->of[i].fell_back;
    }
    out->is_degenerate = !has_spread || fell_back;
out:
    free(replicates);
    free(work);
    free(jackknife);
    return err;
}
