/* aggregates of score matrices; the bootstrap's inner loop is mdp_ranked_aggregate. */
#include "stats/aggregate.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/check.h"
#include "stats/moments.h"
#include "stats/pairwise.h"
#include "stats/quantile.h"

struct mdp_ranked_scores {
    struct mdp_scores scores;
    double *sorted; /* [n_runs * n_tasks], pooled, ascending */
    int32_t *rank;  /* [n_runs, n_tasks], where each score stands in `sorted` */
    int is_extreme; /* plain sums of these scores might leave the doubles, or lose digits to subnormals */
};

const char *mdp_aggregate_name(enum mdp_aggregate aggregate) {
#define NAME(name, text) text,
    static const char *const names[MDP_N_AGGREGATES] = {MDP_AGGREGATE_LIST(NAME)};
#undef NAME
    return names[aggregate];
}

static long count_of(const struct mdp_scores *scores) { return scores->n_runs * scores->n_tasks; }

mdp_err mdp_scores_check(const char *name, const struct mdp_scores *scores) {
    return mdp_check_values(name, scores->values, count_of(scores));
}

int mdp_scores_are_extreme(const struct mdp_scores *scores) {
    /* between these sizes sums of up to 2^31 scores stay far from either end of the doubles */
    const double plain_least = 1e-270;
    double largest = 0;
    for (long i = 0; i < count_of(scores); i++) largest = fmax(largest, fabs(scores->values[i]));
    return largest != 0 && !(largest < MDP_SCORES_PLAIN && largest > plain_least);
}

/* ---- resampling ---- */

struct place {
    double value;
    long cell;
};

static int compare_places(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

mdp_err mdp_ranked_scores_new(const struct mdp_scores *scores, struct mdp_ranked_scores **out) {
    struct mdp_ranked_scores *ranked = NULL;
    struct place *places = NULL;
    long n = count_of(scores);
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&ranked, 1, sizeof *ranked, "ranked scores"));
    MDP_TRY(mdp_calloc(&ranked->sorted, (unsigned long)n, sizeof *ranked->sorted, "ranked scores"));
    MDP_TRY(mdp_calloc(&ranked->rank, (unsigned long)n, sizeof *ranked->rank, "ranked scores"));
    MDP_TRY(mdp_check_range("number of scores", (double)n, 1, INT32_MAX));
    MDP_TRY(mdp_calloc(&places, (unsigned long)n, sizeof *places, "ranked scores"));
    ranked->scores = *scores;
    for (long i = 0; i < n; i++) places[i] = (struct place){scores->values[i], i};
    qsort(places, (size_t)n, sizeof *places, compare_places);
    for (long i = 0; i < n; i++) {
        ranked->sorted[i] = places[i].value;
        ranked->rank[places[i].cell] = (int32_t)i;
    }
    ranked->is_extreme = mdp_scores_are_extreme(scores);
    *out = ranked;
    ranked = NULL;
out:
    free(places);
    mdp_ranked_scores_free(ranked);
    return err;
}

void mdp_ranked_scores_free(struct mdp_ranked_scores *ranked) {
    if (!ranked) return;
    free(ranked->sorted);
    free(ranked->rank);
    free(ranked);
}

unsigned long mdp_ranked_scratch(const struct mdp_ranked_scores *ranked) {
    const struct mdp_scores *s = &ranked->scores;
    return (unsigned long)(s->n_runs + 3 * s->n_tasks + 3 * count_of(s));
}

/* sorts few values faster than a call of the library does */
static void sort_few(double *values, long n) {
    enum { FEW = 24 };
    if (n > FEW) {
        qsort(values, (size_t)n, sizeof *values, compare_doubles);
        return;
    }
    for (long i = 1; i < n; i++) {
        double value = values[i];
        long k = i;
        for (; k > 0 && values[k - 1] > value; k--) values[k] = values[k - 1];
        values[k] = value;
    }
}

/* writes out the values of the middle half, each as often as it occurs, and takes their mean */
static double exact_middle_mean(const double *sorted, const int32_t *counts, long n, double *values) {
    long n_cut = n / 4, seen = 0, n_values = 0;
    for (long i = 0; i < n && seen < n - n_cut; i++) {
        for (long k = 0; k < counts[i]; k++, seen++) {
            if (seen >= n_cut && seen < n - n_cut) values[n_values++] = sorted[i];
        }
    }
    return mdp_mean(values, n_values);
}

/* every mean compensated, whatever the size of the scores */
static void exact_aggregate(const struct mdp_ranked_scores *ranked, const int32_t *index, double gamma, double *scratch,
                            double out[MDP_N_AGGREGATES]) {
    const struct mdp_scores *s = &ranked->scores;
    long n_runs = s->n_runs, n_tasks = s->n_tasks, n = count_of(s);
    double *column = scratch, *means = column + n_runs, *gaps = means + n_tasks, *middle = gaps + n_tasks;
    int32_t *counts = (int32_t *)(middle + n);
    memset(counts, 0, (size_t)n * sizeof *counts);
    for (long t = 0; t < n_tasks; t++) {
        for (long r = 0; r < n_runs; r++) {
            long cell = index[r * n_tasks + t] * n_tasks + t;
            column[r] = s->values[cell];
            counts[ranked->rank[cell]]++;
        }
        means[t] = mdp_mean(column, n_runs);
        for (long r = 0; r < n_runs; r++) column[r] = fmin(column[r], gamma);
        gaps[t] = gamma - mdp_mean(column, n_runs);
    }
    sort_few(means, n_tasks);
    out[MDP_AGGREGATE_MEAN] = mdp_mean(means, n_tasks);
    out[MDP_AGGREGATE_MEDIAN] = mdp_quantile_sorted(means, n_tasks, 0.5, MDP_QUANTILE_DEFAULT);
    out[MDP_AGGREGATE_IQM] = exact_middle_mean(ranked->sorted, counts, n, middle);
    out[MDP_AGGREGATE_OPTIMALITY_GAP] = mdp_mean(gaps, n_tasks);
}

/* the mean of the middle half of a histogram over ranks, unrolled into `values` */
static double middle_mean(const double *sorted, const int32_t *counts, long n, double *values) {
    long n_cut = n / 4, n_middle = n - 2 * n_cut, i = 0, left = -n_cut;
    /* `left`: how many of rank i are inside, once the first n_cut are passed */
    while ((left += counts[i]) <= 0) i++;
    for (long k = 0; k < n_middle; left = counts[++i]) {
        double value = sorted[i];
        long end = k + left < n_middle ? k + left : n_middle;
        while (k < end) values[k++] = value;
        if (k == n_middle) break;
    }
    return mdp_pairwise_sum(values, n_middle) / (double)n_middle;
}

/* one pass over the draws fills the sums of the tasks and the histogram; nothing is sorted but the tasks' means */
static void plain_aggregate(const struct mdp_ranked_scores *ranked, const int32_t *index, double gamma, double *scratch,
                            double out[MDP_N_AGGREGATES]) {
    const struct mdp_scores *s = &ranked->scores;
    const double *values = s->values;
    const int32_t *rank = ranked->rank;
    long n_tasks = s->n_tasks, n = count_of(s);
    double *means = scratch, *drawn = means + n_tasks, *clipped = drawn + n;
    int32_t *counts = (int32_t *)(clipped + n);
    memset(counts, 0, (size_t)n * sizeof *counts);
    memset(means, 0, (size_t)n_tasks * sizeof *means);
    for (long row = 0; row < n; row += n_tasks) {
        for (long t = 0; t < n_tasks; t++) {
            long cell = index[row + t] * n_tasks + t;
            double value = values[cell];
            means[t] += value;
            drawn[row + t] = value;
            clipped[row + t] = value < gamma ? value : gamma;
            counts[rank[cell]]++;
        }
    }
    if (n_tasks == 1) means[0] = mdp_pairwise_sum(drawn, n);
    for (long t = 0; t < n_tasks; t++) means[t] /= (double)s->n_runs;
    out[MDP_AGGREGATE_MEAN] = mdp_pairwise_sum(means, n_tasks) / (double)n_tasks;
    out[MDP_AGGREGATE_OPTIMALITY_GAP] = gamma - mdp_pairwise_sum(clipped, n) / (double)n;
    out[MDP_AGGREGATE_IQM] = middle_mean(ranked->sorted, counts, n, drawn);
    sort_few(means, n_tasks);
    out[MDP_AGGREGATE_MEDIAN] = n_tasks % 2 ? means[n_tasks / 2] : 0.5 * (means[n_tasks / 2 - 1] + means[n_tasks / 2]);
}

void mdp_ranked_aggregate(const struct mdp_ranked_scores *ranked, const int32_t *index, double gamma, double *scratch,
                          double out[MDP_N_AGGREGATES]) {
    if (ranked->is_extreme)
        exact_aggregate(ranked, index, gamma, scratch, out);
    else
        plain_aggregate(ranked, index, gamma, scratch, out);
}

/* ---- one matrix ---- */

mdp_err mdp_aggregate_compute(const struct mdp_scores *scores, double gamma, double out[MDP_N_AGGREGATES]) {
    struct mdp_ranked_scores *ranked = NULL;
    int32_t *index = NULL;
    double *scratch = NULL;
    mdp_err err;
    MDP_TRY(mdp_scores_check("scores", scores));
    MDP_TRY(mdp_check_range("gamma", gamma, -DBL_MAX, DBL_MAX));
    MDP_TRY(mdp_ranked_scores_new(scores, &ranked));
    MDP_TRY(mdp_calloc(&index, (unsigned long)count_of(scores), sizeof *index, "index"));
    MDP_TRY(mdp_calloc(&scratch, mdp_ranked_scratch(ranked), sizeof *scratch, "scratch"));
    for (long i = 0; i < count_of(scores); i++) index[i] = (int32_t)(i / scores->n_tasks);
    exact_aggregate(ranked, index, gamma, scratch, out);
out:
    mdp_ranked_scores_free(ranked);
    free(index);
    free(scratch);
    return err;
}

/* copies task t's scores out of the matrix */
static void gather_task(const struct mdp_scores *scores, long t, double *column) {
    for (long r = 0; r < scores->n_runs; r++) column[r] = scores->values[r * scores->n_tasks + t];
}

static double share_above(const double *values, long n, double tau) {
    long n_above = 0;
    for (long i = 0; i < n; i++) n_above += values[i] > tau;
    return (double)n_above / (double)n;
}

mdp_err mdp_performance_profile(const struct mdp_scores *scores, const double *taus, long n_taus, double *of_runs,
                                double *of_task_means) {
    double *means = NULL, *column = NULL;
    const struct mdp_sample samples[2] = {{"scores", scores->values, count_of(scores)}, {"taus", taus, n_taus}};
    mdp_err err;
    MDP_TRY(mdp_check_samples(samples, 2));
    MDP_TRY(mdp_calloc(&means, (unsigned long)scores->n_tasks, sizeof *means, "task means"));
    MDP_TRY(mdp_calloc(&column, (unsigned long)scores->n_runs, sizeof *column, "task scores"));
    for (long t = 0; t < scores->n_tasks; t++) {
        gather_task(scores, t, column);
        means[t] = mdp_mean(column, scores->n_runs);
    }
    for (long i = 0; i < n_taus; i++) {
        if (of_runs) of_runs[i] = share_above(scores->values, count_of(scores), taus[i]);
        if (of_task_means) of_task_means[i] = share_above(means, scores->n_tasks, taus[i]);
    }
out:
    free(means);
    free(column);
    return err;
}

/* P(x > y) + P(x = y) / 2 of two ascending samples, by one walk through both */
static double superiority_sorted(const double *x, long n, const double *y, long m) {
    long below = 0, not_above = 0;
    double sum = 0; /* of halves: exact */
    for (long i = 0; i < n; i++) {
        while (below < m && y[below] < x[i]) below++;
        while (not_above < m && y[not_above] <= x[i]) not_above++;
        sum += 0.5 * (double)(below + not_above);
    }
    return sum / ((double)n * (double)m);
}

static mdp_err check_two(const struct mdp_scores *x, const struct mdp_scores *y) {
    const struct mdp_sample samples[2] = {{"x", x->values, count_of(x)}, {"y", y->values, count_of(y)}};
    if (count_of(x) > 0 && count_of(y) > 0 && x->n_tasks != y->n_tasks)
        return mdp_refuse(MDP_REFUSE_SHAPE, "y: expected %ld tasks as in x, found %ld", x->n_tasks, y->n_tasks);
    return mdp_check_samples(samples, 2);
}

mdp_err mdp_probability_of_improvement(const struct mdp_scores *x, const struct mdp_scores *y, double *per_task,
                                       double *out) {
    double *work = NULL, *shares = NULL;
    mdp_err err;
    MDP_TRY(check_two(x, y));
    MDP_TRY(mdp_calloc(&work, 2 * (unsigned long)(x->n_runs + y->n_runs), sizeof *work, "task scores"));
    MDP_TRY(mdp_calloc(&shares, (unsigned long)x->n_tasks, sizeof *shares, "shares"));
    double *column_x = work, *sorted_x = column_x + x->n_runs;
    double *column_y = sorted_x + x->n_runs, *sorted_y = column_y + y->n_runs;
    for (long t = 0; t < x->n_tasks; t++) {
        gather_task(x, t, column_x);
        gather_task(y, t, column_y);
        mdp_sort(column_x, x->n_runs, sorted_x);
        mdp_sort(column_y, y->n_runs, sorted_y);
        shares[t] = superiority_sorted(sorted_x, x->n_runs, sorted_y, y->n_runs);
        if (per_task) per_task[t] = shares[t];
    }
    *out = mdp_mean(shares, x->n_tasks);
out:
    free(work);
    free(shares);
    return err;
}
