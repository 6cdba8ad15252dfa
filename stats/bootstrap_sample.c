/* bootstrap of one sample: a replicate is a histogram over the sorted sample, unrolled into a sorted one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/bootstrap.h"
#include "stats/check.h"
#include "stats/moments.h"
#include "stats/pairwise.h"
#include "stats/quantile.h"
#include "stats/resample.h"

/* the sample in both orders, and where each value of the given order stands in the ascending one */
struct ordered {
    const double *values; /* [n] */
    double *sorted;       /* [n] */
    int32_t *rank;        /* [n] */
    long n;
    int is_extreme; /* squares might leave the doubles */
};

/* every mean compensated, squares scaled */
static void describe_exactly(const double *sorted, long n, double out[MDP_N_SAMPLE_STATISTICS]) {
    struct mdp_moments moments;
    out[MDP_SAMPLE_MEAN] = mdp_mean(sorted, n);
    out[MDP_SAMPLE_IQM] = mdp_trimmed_mean_sorted(sorted, n, 0.25);
    out[MDP_SAMPLE_SD] = mdp_moments_compute(sorted, n, &moments) == MDP_OK ? moments.sd_ddof1 : NAN;
}

/* values in the order of the draw, and ascending; `work` is scratch [n] */
static void describe(const double *drawn, const double *sorted, long n, int is_extreme, double *work,
                     double out[MDP_N_SAMPLE_STATISTICS]) {
    long n_cut = n / 4, n_middle = n - 2 * n_cut;
    double mean = mdp_pairwise_sum(drawn, n) / (double)n;
    out[MDP_SAMPLE_MEDIAN] = mdp_quantile_sorted(sorted, n, 0.5, MDP_QUANTILE_DEFAULT);
    if (is_extreme) {
        describe_exactly(sorted, n, out);
        return;
    }
    for (long i = 0; i < n; i++) work[i] = (drawn[i] - mean) * (drawn[i] - mean);
    out[MDP_SAMPLE_MEAN] = mean;
    out[MDP_SAMPLE_IQM] = mdp_pairwise_sum(sorted + n_cut, n_middle) / (double)n_middle;
    out[MDP_SAMPLE_SD] = n > 1 ? sqrt(mdp_pairwise_sum(work, n) / (double)(n - 1)) : NAN;
}

static void work_sample(const void *context, const int32_t *const index[MDP_RESAMPLE_SETS], double *scratch,
                        double *out) {
    const struct ordered *ordered = context;
    long n = ordered->n;
    double *drawn = scratch, *sorted = drawn + n, *work = sorted + n;
    int32_t *counts = (int32_t *)(work + n);
    memset(counts, 0, (size_t)n * sizeof *counts);
    for (long i = 0; i < n; i++) {
        drawn[i] = ordered->values[index[0][i]];
        counts[ordered->rank[index[0][i]]]++;
    }
    for (long i = 0, k = 0; i < n; i++)
        for (int32_t left = counts[i]; left > 0; left--) sorted[k++] = ordered->sorted[i];
    describe(drawn, sorted, n, ordered->is_extreme, work, out);
}

/* between these sizes squares and their sums stay far from either end of the doubles */
static const double plain_largest = 1e120, plain_least = 1e-120;

struct place {
    double value;
    long index;
};

static int compare_places(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static void ordered_free(struct ordered *ordered) {
    free(ordered->sorted);
    free(ordered->rank);
}

static mdp_err ordered_new(const double *values, long n, struct ordered *out) {
    struct place *places = NULL;
    mdp_err err;
    *out = (struct ordered){.values = values, .n = n};
    MDP_TRY(mdp_calloc(&places, (unsigned long)n, sizeof *places, "sorted sample"));
    MDP_TRY(mdp_calloc(&out->sorted, (unsigned long)n, sizeof *out->sorted, "sorted sample"));
    MDP_TRY(mdp_calloc(&out->rank, (unsigned long)n, sizeof *out->rank, "sorted sample"));
    for (long i = 0; i < n; i++) places[i] = (struct place){values[i], i};
    qsort(places, (size_t)n, sizeof *places, compare_places);
    for (long i = 0; i < n; i++) {
        out->sorted[i] = places[i].value;
        out->rank[places[i].index] = (int32_t)i;
    }
    double size = fmax(fabs(out->sorted[0]), fabs(out->sorted[n - 1]));
    out->is_extreme = size != 0 && !(size < plain_largest && size > plain_least);
out:
    free(places);
    return err;
}

static struct mdp_resample resample_of(long n, const struct mdp_bootstrap_plan *plan) {
    return (struct mdp_resample){.sets = {{n, 1, plan->index}},
                                 .n_sets = 1,
                                 .work = work_sample,
                                 .n_scratch = 3 * n + n / 2 + 1,
                                 .n_out = MDP_N_SAMPLE_STATISTICS};
}

static mdp_err check_plan(const double *values, long n, const struct mdp_bootstrap_plan *plan) {
    const struct mdp_resample resample = resample_of(n, plan);
    mdp_err err;
    MDP_TRY(mdp_check_values("values", values, n));
    MDP_TRY(mdp_resample_check(&resample, plan));
    MDP_TRY(mdp_check_enough("values", n, 2));
out:
    return err;
}

static mdp_err replicate_all(const double *values, long n, const struct mdp_bootstrap_plan *plan, double *out) {
    struct ordered ordered;
    struct mdp_resample resample = resample_of(n, plan);
    mdp_err err;
    resample.context = &ordered;
    MDP_TRY(ordered_new(values, n, &ordered));
    MDP_TRY(mdp_resample_run(&resample, plan, out));
out:
    ordered_free(&ordered);
    return err;
}

mdp_err mdp_bootstrap_sample_replicates(const double *values, long n, const struct mdp_bootstrap_plan *plan,
                                        double *out) {
    struct mdp_bootstrap_plan full = mdp_resample_defaults(plan);
    mdp_err err = check_plan(values, n, &full);
    return err ? err : replicate_all(values, n, &full, out);
}

mdp_err mdp_jackknife_sample(const double *values, long n, double *out) {
    struct ordered ordered = {0};
    double *rest = NULL;
    mdp_err err;
    MDP_TRY(mdp_check_values("values", values, n));
    MDP_TRY(mdp_check_enough("values", n, 3));
    MDP_TRY(ordered_new(values, n, &ordered));
    MDP_TRY(mdp_calloc(&rest, 2 * (unsigned long)n, sizeof *rest, "jackknife"));
    for (long i = 0; i < n; i++) {
        long rank = ordered.rank[i];
        memcpy(rest, ordered.sorted, (size_t)rank * sizeof *rest);
        memcpy(rest + rank, ordered.sorted + rank + 1, (size_t)(n - 1 - rank) * sizeof *rest);
        describe(rest, rest, n - 1, ordered.is_extreme, rest + n, out + i * MDP_N_SAMPLE_STATISTICS);
    }
out:
    ordered_free(&ordered);
    free(rest);
    return err;
}

/* the statistics of the sample itself, computed as replicates are */
static mdp_err estimate(const double *values, long n, const struct mdp_bootstrap_plan *plan,
                        double out[MDP_N_SAMPLE_STATISTICS]) {
    struct mdp_bootstrap_plan once = *plan;
    int32_t *index = NULL;
    mdp_err err = mdp_calloc(&index, (unsigned long)n, sizeof *index, "bootstrap index");
    for (long i = 0; !err && i < n; i++) index[i] = (int32_t)i;
    once.n_replicates = 1;
    once.index = index;
    if (!err) err = replicate_all(values, n, &once, out);
    free(index);
    return err;
}

/* one statistic: its jackknife column, its replicates, its interval */
static mdp_err summarize(const double *replicates, const double *jackknife, long n, int i_statistic,
                         const struct mdp_bootstrap_plan *plan, double *work, struct mdp_interval *out) {
    double *column = work + 2 * plan->n_replicates;
    for (long i = 0; jackknife && i < n; i++) column[i] = jackknife[i * MDP_N_SAMPLE_STATISTICS + i_statistic];
    const struct mdp_resample_units units = {n, (double)(n - 1), jackknife ? column : NULL};
    return mdp_resample_summarize(replicates, plan, MDP_N_SAMPLE_STATISTICS, i_statistic, &units, work, out);
}

mdp_err mdp_bootstrap_sample_compute(const double *values, long n, const struct mdp_bootstrap_plan *plan,
                                     struct mdp_bootstrap_sample *out) {
    enum { N = MDP_N_SAMPLE_STATISTICS };
    struct mdp_bootstrap_plan full = mdp_resample_defaults(plan);
    double *replicates = NULL, *work = NULL, *jackknife = NULL, estimates[N];
    mdp_err err;
    int is_accelerated = full.method == MDP_INTERVAL_BCA_STRICT || full.method == MDP_INTERVAL_BCA_MID;
    MDP_TRY(check_plan(values, n, &full));
    unsigned long n_replicates = (unsigned long)full.n_replicates;
    MDP_TRY(mdp_calloc(&replicates, n_replicates, N * sizeof *replicates, "bootstrap replicates"));
    MDP_TRY(mdp_calloc(&work, 2 * n_replicates + (unsigned long)n, sizeof *work, "bootstrap replicates"));
    MDP_TRY(replicate_all(values, n, &full, replicates));
    if (is_accelerated && n > 2) {
        MDP_TRY(mdp_calloc(&jackknife, (unsigned long)n, N * sizeof *jackknife, "jackknife"));
        MDP_TRY(mdp_jackknife_sample(values, n, jackknife));
    }
    MDP_TRY(estimate(values, n, &full, estimates));
    *out = (struct mdp_bootstrap_sample){
        .level = full.level, .n = n, .n_replicates = full.n_replicates, .has_few_runs = n < MDP_BOOTSTRAP_FEW_RUNS};
    int has_spread = 0, fell_back = 0;
    for (int i = 0; i < N; i++) {
        out->interval[i].estimate = estimates[i];
        MDP_TRY(summarize(replicates, jackknife, n, i, &full, work, &out->interval[i]));
        has_spread |= out->interval[i].se > 0;
        fell_back |= out->interval[i].fell_back;
    }
    out->is_degenerate = !has_spread || fell_back;
out:
    free(replicates);
    free(work);
    free(jackknife);
    return err;
}
