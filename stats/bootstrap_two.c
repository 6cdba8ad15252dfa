/* bootstrap of two matrices over the same tasks, each resampled on its own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/bootstrap.h"
#include "stats/check.h"
#include "stats/effect.h"
#include "stats/resample.h"

/* one task's scores of both matrices as ranks, equal scores sharing one: then a win is a smaller number */
struct two {
    const struct mdp_ranked_scores *ranked[2];
    const int32_t *rank[2]; /* [n_runs, n_tasks] */
    long n_runs[2], n_tasks, n_ranks;
    double gamma;
};

/* the wins of x over y (ties half) in one task: a walk over both histograms of ranks */
static double superiority(const struct two *two, const int32_t *const index[2], long t, int32_t *counts) {
    int32_t *of_x = counts, *of_y = counts + two->n_ranks;
    long n_tasks = two->n_tasks;
    memset(counts, 0, 2 * (size_t)two->n_ranks * sizeof *counts);
    for (long r = 0; r < two->n_runs[0]; r++) of_x[two->rank[0][index[0][r * n_tasks + t] * n_tasks + t]]++;
    for (long r = 0; r < two->n_runs[1]; r++) of_y[two->rank[1][index[1][r * n_tasks + t] * n_tasks + t]]++;
    double wins = 0, below = 0; /* whole numbers and halves: exact */
    for (long k = 0; k < two->n_ranks; k++) {
        wins += of_x[k] * (below + 0.5 * of_y[k]);
        below += of_y[k];
    }
    return wins / ((double)two->n_runs[0] * (double)two->n_runs[1]);
}

static void work_two(const void *context, const int32_t *const index[MDP_RESAMPLE_SETS], double *scratch, double *out) {
    const struct two *two = context;
    double aggregates[2][MDP_N_AGGREGATES], sum = 0;
    for (int i = 0; i < 2; i++) mdp_ranked_aggregate(two->ranked[i], index[i], two->gamma, scratch, aggregates[i]);
    for (long t = 0; t < two->n_tasks; t++) sum += superiority(two, index, t, (int32_t *)scratch);
    out[MDP_CONTRAST_MEAN] = aggregates[0][MDP_AGGREGATE_MEAN] - aggregates[1][MDP_AGGREGATE_MEAN];
    out[MDP_CONTRAST_IQM] = aggregates[0][MDP_AGGREGATE_IQM] - aggregates[1][MDP_AGGREGATE_IQM];
    out[MDP_CONTRAST_POI] = sum / (double)two->n_tasks;
}

struct cell {
    double value;
    int32_t *rank;
};

static int compare_cells(const void *a, const void *b) {
    const struct cell *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* ranks one task's scores of both matrices together, equal values alike */
static long rank_task(const struct mdp_scores *const sides[2], long t, struct cell *cells, int32_t *const ranks[2]) {
    long n = 0, n_ranks = 0;
    for (int i = 0; i < 2; i++) {
        for (long r = 0; r < sides[i]->n_runs; r++) {
            long score = r * sides[i]->n_tasks + t;
            cells[n++] = (struct cell){sides[i]->values[score], &ranks[i][score]};
        }
    }
    qsort(cells, (size_t)n, sizeof *cells, compare_cells);
    for (long k = 0; k < n; k++) {
        if (k > 0 && cells[k].value != cells[k - 1].value) n_ranks++;
        *cells[k].rank = (int32_t)n_ranks;
    }
    return n_ranks + 1;
}

static struct mdp_resample resample_of(const struct mdp_scores *x, const struct mdp_scores *y,
                                       const struct mdp_bootstrap_plan *plan) {
    return (struct mdp_resample){.sets = {{x->n_runs, x->n_tasks, plan->index}, {y->n_runs, y->n_tasks, plan->index_y}},
                                 .n_sets = 2,
                                 .work = work_two,
                                 .n_out = MDP_N_CONTRASTS};
}

static mdp_err check_plan(const struct mdp_scores *x, const struct mdp_scores *y,
                          const struct mdp_bootstrap_plan *plan) {
    const struct mdp_resample resample = resample_of(x, y, plan);
    double unused;
    mdp_err err = mdp_probability_of_improvement(x, y, NULL, &unused);
    if (err) return err;
    if (!plan->index != !plan->index_y)
        return mdp_refuse(MDP_REFUSE_SHAPE, "index: expected one for each matrix, found one for %s only",
                          plan->index ? "x" : "y");
    return mdp_resample_check(&resample, plan);
}

static long largest(long a, long b) { return a > b ? a : b; }

/* scores of both matrices are ranked together once, so that a replicate compares whole numbers only */
static mdp_err replicate_all(const struct mdp_scores *x, const struct mdp_scores *y,
                             const struct mdp_bootstrap_plan *plan, double *out) {
    const struct mdp_scores *const sides[2] = {x, y};
    struct mdp_ranked_scores *ranked[2] = {NULL, NULL};
    struct mdp_resample resample = resample_of(x, y, plan);
    struct two two = {.n_runs = {x->n_runs, y->n_runs}, .n_tasks = x->n_tasks, .gamma = plan->gamma};
    int32_t *ranks[2] = {NULL, NULL};
    struct cell *cells = NULL;
    mdp_err err;
    for (int i = 0; i < 2; i++) {
        MDP_TRY(mdp_ranked_scores_new(sides[i], &ranked[i]));
        MDP_TRY(
            mdp_calloc(&ranks[i], (unsigned long)(sides[i]->n_runs * sides[i]->n_tasks), sizeof *ranks[i], "ranks"));
        two.ranked[i] = ranked[i];
        two.rank[i] = ranks[i];
        resample.n_scratch = largest(resample.n_scratch, (long)mdp_ranked_scratch(ranked[i]));
    }
    MDP_TRY(mdp_calloc(&cells, (unsigned long)(x->n_runs + y->n_runs), sizeof *cells, "ranks"));
    for (long t = 0; t < x->n_tasks; t++) two.n_ranks = largest(two.n_ranks, rank_task(sides, t, cells, ranks));
    resample.n_scratch = largest(resample.n_scratch, two.n_ranks);
    resample.context = &two;
    MDP_TRY(mdp_resample_run(&resample, plan, out));
out:
    for (int i = 0; i < 2; i++) {
        mdp_ranked_scores_free(ranked[i]);
        free(ranks[i]);
    }
    free(cells);
    return err;
}

mdp_err mdp_bootstrap_two_replicates(const struct mdp_scores *x, const struct mdp_scores *y,
                                     const struct mdp_bootstrap_plan *plan, double *out) {
    struct mdp_bootstrap_plan full = mdp_resample_defaults(plan);
    mdp_err err = check_plan(x, y, &full);
    return err ? err : replicate_all(x, y, &full, out);
}

static mdp_err estimate(const struct mdp_scores *x, const struct mdp_scores *y, double gamma,
                        struct mdp_interval out[MDP_N_CONTRASTS]) {
    double of_x[MDP_N_AGGREGATES], of_y[MDP_N_AGGREGATES];
    mdp_err err;
    MDP_TRY(mdp_aggregate_compute(x, gamma, of_x));
    MDP_TRY(mdp_aggregate_compute(y, gamma, of_y));
    MDP_TRY(mdp_probability_of_improvement(x, y, NULL, &out[MDP_CONTRAST_POI].estimate));
    out[MDP_CONTRAST_MEAN].estimate = of_x[MDP_AGGREGATE_MEAN] - of_y[MDP_AGGREGATE_MEAN];
    out[MDP_CONTRAST_IQM].estimate = of_x[MDP_AGGREGATE_IQM] - of_y[MDP_AGGREGATE_IQM];
out:
    return err;
}

/* no replicate of sides that do not overlap differs, and t would leave 0 to 1: of few values the mean of the tasks'
 * A12, whose distances to their own ends add up as squares (Newcombe 1998, Zou and Donner 2008) */
static mdp_err improvement_interval(const struct mdp_scores *x, const struct mdp_scores *y, double level,
                                    struct mdp_interval *out) {
    double *columns, below = 0, above = 0, n_tasks = (double)x->n_tasks;
    mdp_err err;
    MDP_TRY(mdp_calloc(&columns, (unsigned long)(x->n_runs + y->n_runs), sizeof *columns, "runs of a task"));
    const struct mdp_sample of_x = {"x", columns, x->n_runs}, of_y = {"y", columns + x->n_runs, y->n_runs};
    for (long t = 0; t < x->n_tasks; t++) {
        struct mdp_effect effect;
        for (long r = 0; r < x->n_runs; r++) columns[r] = x->values[r * x->n_tasks + t];
        for (long r = 0; r < y->n_runs; r++) columns[x->n_runs + r] = y->values[r * y->n_tasks + t];
        MDP_TRY(mdp_effect_compute(&of_x, &of_y, level, &effect));
        below += pow(effect.prob_superiority - effect.prob_superiority_low, 2);
        above += pow(effect.prob_superiority_high - effect.prob_superiority, 2);
    }
    out->low = fmax(out->estimate - sqrt(below) / n_tasks, 0);
    out->high = fmin(out->estimate + sqrt(above) / n_tasks, 1);
    out->fell_back = 0;
out:
    free(columns);
    return err;
}

mdp_err mdp_bootstrap_two_compute(const struct mdp_scores *x, const struct mdp_scores *y,
                                  const struct mdp_bootstrap_plan *plan, struct mdp_bootstrap_two *out) {
    struct mdp_bootstrap_plan full = mdp_resample_defaults(plan);
    double *replicates = NULL, *work = NULL;
    mdp_err err;
    MDP_TRY(check_plan(x, y, &full));
    unsigned long n = (unsigned long)full.n_replicates;
    MDP_TRY(mdp_calloc(&replicates, n, MDP_N_CONTRASTS * sizeof *replicates, "bootstrap replicates"));
    MDP_TRY(mdp_calloc(&work, 2 * n, sizeof *work, "bootstrap replicates"));
    *out = (struct mdp_bootstrap_two){.level = full.level,
                                      .n_runs_x = x->n_runs,
                                      .n_runs_y = y->n_runs,
                                      .n_tasks = x->n_tasks,
                                      .n_replicates = full.n_replicates,
                                      .has_few_runs =
                                          x->n_runs < MDP_BOOTSTRAP_FEW_RUNS || y->n_runs < MDP_BOOTSTRAP_FEW_RUNS};
    MDP_TRY(estimate(x, y, full.gamma, out->interval));
    MDP_TRY(replicate_all(x, y, &full, replicates));
    /* the smaller side's freedom, which errs on the safe side */
    long n_least = x->n_runs < y->n_runs ? x->n_runs : y->n_runs;
    const struct mdp_resample_units units = {n_least, (double)(n_least - 1), NULL};
    int has_spread = 0, fell_back = 0;
    for (int i = 0; i < MDP_N_CONTRASTS; i++) {
        MDP_TRY(mdp_resample_summarize(replicates, &full, MDP_N_CONTRASTS, i, &units, work, &out->interval[i]));
        has_spread |= out->interval[i].se > 0;
        fell_back |= out->interval[i].fell_back;
    }
    if (full.method == MDP_INTERVAL_STUDENT)
        MDP_TRY(improvement_interval(x, y, full.level, &out->interval[MDP_CONTRAST_POI]));
    out->is_degenerate = !has_spread || fell_back;
out:
    free(replicates);
    free(work);
    return err;
}
