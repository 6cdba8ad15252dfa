/* replicates as weights of rows: how often each row's cluster was drawn. */
#include "stats/cluster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/check.h"
#include "stats/moments.h"
#include "stats/resample.h"

/* rows to be weighted; y and the orders NULL for a mean */
struct rows {
    long n, n_clusters; /* clusters that have rows */
    long *cluster;      /* [n]: renumbered without gaps */
    const double *x, *y;
    long *order_x, *order_y; /* [n]: rows by ascending values */
};

enum { BIAS, SLOPE, SPEARMAN, N_OUT };

/* ---- clusters and orders ---- */

static void rows_free(struct rows *rows) {
    free(rows->cluster);
    free(rows->order_x);
    free(rows->order_y);
}

/* clusters get new numbers in the order of the old ones, those with rows alone */
static mdp_err number_clusters(const struct mdp_clusters *clusters, struct rows *rows) {
    long *number = NULL;
    mdp_err err;
    MDP_TRY(mdp_check_range("clusters", (double)clusters->n_clusters, 1, INT32_MAX));
    MDP_TRY(mdp_calloc(&number, (unsigned long)clusters->n_clusters, sizeof *number, "clusters"));
    MDP_TRY(mdp_calloc(&rows->cluster, (unsigned long)rows->n, sizeof *rows->cluster, "clusters"));
    for (long i = 0; i < rows->n; i++) {
        if (clusters->cluster[i] < 0 || clusters->cluster[i] >= clusters->n_clusters)
            MDP_TRY(mdp_refuse(MDP_REFUSE_DOMAIN, "cluster: expected 0 to %ld, found %ld at %ld",
                               clusters->n_clusters - 1, clusters->cluster[i], i));
        number[clusters->cluster[i]] = 1;
    }
    for (long c = 0; c < clusters->n_clusters; c++)
        if (number[c]) number[c] = rows->n_clusters++;
    for (long i = 0; i < rows->n; i++) rows->cluster[i] = number[clusters->cluster[i]];
out:
    free(number);
    return err;
}

struct place {
    double value;
    long i;
};

static int compare_places(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    return x->value != y->value ? (x->value > y->value) - (x->value < y->value) : (x->i > y->i) - (x->i < y->i);
}

static mdp_err order_by(const double *values, long n, long **order) {
    struct place *places = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(order, (unsigned long)n, sizeof **order, "order"));
    MDP_TRY(mdp_calloc(&places, (unsigned long)n, sizeof *places, "order"));
    for (long i = 0; i < n; i++) places[i] = (struct place){values[i], i};
    qsort(places, (size_t)n, sizeof *places, compare_places);
    for (long i = 0; i < n; i++) (*order)[i] = places[i].i;
out:
    free(places);
    return err;
}

/* ---- one replicate ---- */

static void count_draws(const struct rows *rows, const int32_t *index, double *drawn, double *weight) {
    memset(drawn, 0, (size_t)rows->n_clusters * sizeof *drawn);
    for (long c = 0; c < rows->n_clusters; c++) drawn[index[c]]++;
    for (long i = 0; i < rows->n; i++) weight[i] = drawn[rows->cluster[i]];
}

static double weighted_mean(const double *values, const double *weight, long n) {
    double sum = 0, total = 0;
    for (long i = 0; i < n; i++) {
        sum += weight[i] * values[i];
        total += weight[i];
    }
    return sum / total;
}

static void mean_work(const void *context, const int32_t *const index[MDP_RESAMPLE_SETS], double *scratch,
                      double *out) {
    const struct rows *rows = context;
    double *weight = scratch + rows->n_clusters;
    count_draws(rows, index[0], scratch, weight);
    out[0] = weighted_mean(rows->x, weight, rows->n);
}

/* midranks, doubled and around their mean, of the rows as often as they were drawn */
static void weighted_ranks(const double *values, const long *order, const double *weight, long n, double total,
                           double *rank) {
    double before = 0;
    for (long from = 0, to; from < n; from = to) {
        double here = 0;
        for (to = from; to < n && values[order[to]] == values[order[from]]; to++) here += weight[order[to]];
        for (long k = from; k < to; k++) rank[order[k]] = 2 * before + here - total;
        before += here;
    }
}

/* whole numbers, exact in doubles up to 2^17 rows drawn */
static double weighted_spearman(const double *a, const double *b, const double *weight, long n) {
    double aa = 0, bb = 0, ab = 0;
    for (long i = 0; i < n; i++) {
        aa += weight[i] * a[i] * a[i];
        bb += weight[i] * b[i] * b[i];
        ab += weight[i] * a[i] * b[i];
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa) / sqrt(bb) : NAN;
}

static void association_work(const void *context, const int32_t *const index[MDP_RESAMPLE_SETS], double *scratch,
                             double *out) {
    const struct rows *rows = context;
    long n = rows->n;
    double *weight = scratch + rows->n_clusters, *rank_x = weight + n, *rank_y = rank_x + n, total = 0, xx = 0, xy = 0;
    count_draws(rows, index[0], scratch, weight);
    double mean_x = weighted_mean(rows->x, weight, n), mean_y = weighted_mean(rows->y, weight, n);
    for (long i = 0; i < n; i++) {
        double dx = rows->x[i] - mean_x;
        total += weight[i];
        xx += weight[i] * dx * dx;
        xy += weight[i] * dx * (rows->y[i] - mean_y);
    }
    weighted_ranks(rows->x, rows->order_x, weight, n, total, rank_x);
    weighted_ranks(rows->y, rows->order_y, weight, n, total, rank_y);
    out[BIAS] = mean_x - mean_y;
    out[SLOPE] = xx > 0 ? xy / xx : NAN;
    out[SPEARMAN] = weighted_spearman(rank_x, rank_y, weight, n);
}

/* ---- intervals ---- */

static int is_defined(const double *replicates, long n, long n_out, int i_out) {
    for (long b = 0; b < n; b++)
        if (!isfinite(replicates[b * n_out + i_out])) return 0;
    return 1;
}

/* intervals of n_out statistics whose estimates are set; one cluster says nothing of how far they could be off */
static mdp_err bootstrap(const struct rows *rows, mdp_resample_work work, long n_out,
                         const struct mdp_bootstrap_plan *plan, struct mdp_interval *const out[]) {
    struct mdp_bootstrap_plan full = mdp_resample_defaults(plan);
    const struct mdp_resample resample = {.sets = {{rows->n_clusters, 1, NULL}},
                                          .n_sets = 1,
                                          .work = work,
                                          .context = rows,
                                          .n_scratch = rows->n_clusters + 3 * rows->n,
                                          .n_out = n_out};
    const struct mdp_resample_units units = {rows->n_clusters, (double)(rows->n_clusters - 1), NULL};
    double *replicates = NULL, *column = NULL;
    mdp_err err;
    full.method = mdp_bootstrap_method(rows->n_clusters, MDP_INTERVAL_PERCENTILE);
    unsigned long n = (unsigned long)full.n_replicates;
    for (int i = 0; i < n_out; i++)
        *out[i] = (struct mdp_interval){.estimate = out[i]->estimate, .low = NAN, .high = NAN, .mean = NAN, .se = NAN};
    MDP_TRY(mdp_resample_check(&resample, &full));
    if (rows->n_clusters < 2) return MDP_OK;
    MDP_TRY(mdp_calloc(&replicates, n * (unsigned long)n_out, sizeof *replicates, "bootstrap replicates"));
    MDP_TRY(mdp_calloc(&column, 2 * n, sizeof *column, "bootstrap replicates"));
    MDP_TRY(mdp_resample_run(&resample, &full, replicates));
    for (int i = 0; i < n_out; i++)
        if (isfinite(out[i]->estimate) && is_defined(replicates, full.n_replicates, n_out, i))
            MDP_TRY(mdp_resample_summarize(replicates, &full, n_out, i, &units, column, out[i]));
out:
    free(replicates);
    free(column);
    return err;
}

mdp_err mdp_cluster_mean_compute(const double *values, const struct mdp_clusters *clusters,
                                 const struct mdp_bootstrap_plan *plan, struct mdp_cluster_mean *out) {
    struct rows rows = {.n = clusters->n, .x = values};
    struct mdp_interval *const intervals[] = {&out->mean};
    mdp_err err;
    MDP_TRY(mdp_check_values("values", values, clusters->n));
    MDP_TRY(number_clusters(clusters, &rows));
    out->mean.estimate = mdp_mean(values, clusters->n);
    MDP_TRY(bootstrap(&rows, mean_work, 1, plan, intervals));
    out->n = rows.n;
    out->n_clusters = rows.n_clusters;
    out->has_few = rows.n_clusters < MDP_BOOTSTRAP_FEW_RUNS;
out:
    rows_free(&rows);
    return err;
}

mdp_err mdp_cluster_associate(const struct mdp_sample *x, const struct mdp_sample *y,
                              const struct mdp_clusters *clusters, const struct mdp_bootstrap_plan *plan,
                              struct mdp_cluster_association *out) {
    struct rows rows = {.n = x->n, .x = x->values, .y = y->values};
    struct mdp_interval *const intervals[N_OUT] = {&out->bias, &out->slope, &out->spearman};
    mdp_err err;
    MDP_TRY(mdp_associate(x, y, &out->whole));
    if (clusters->n != x->n)
        MDP_TRY(mdp_refuse(MDP_REFUSE_SHAPE, "clusters: expected %ld rows as in %s, found %ld", x->n, x->name,
                           clusters->n));
    MDP_TRY(number_clusters(clusters, &rows));
    MDP_TRY(order_by(x->values, x->n, &rows.order_x));
    MDP_TRY(order_by(y->values, y->n, &rows.order_y));
    out->bias.estimate = out->whole.bias;
    out->slope.estimate = out->whole.slope;
    out->spearman.estimate = out->whole.spearman;
    MDP_TRY(bootstrap(&rows, association_work, N_OUT, plan, intervals));
    /* Student's interval does not know that a correlation ends at 1 */
    if (isfinite(out->spearman.low)) out->spearman.low = fmax(out->spearman.low, -1);
    if (isfinite(out->spearman.high)) out->spearman.high = fmin(out->spearman.high, 1);
    out->n_clusters = rows.n_clusters;
    out->has_few = rows.n_clusters < MDP_BOOTSTRAP_FEW_RUNS;
out:
    rows_free(&rows);
    return err;
}
