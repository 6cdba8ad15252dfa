/* Mann-Whitney: counts of arrangements without ties by their generating function, with ties by the shift algorithm. */
#include "stats/mannwhitney.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "stats/quantile.h"
#include "stats/rank.h"
#include "stats/rounding.h"

const char *mdp_mannwhitney_method_name(enum mdp_mannwhitney_method method) {
    static const char *const names[] = {"auto", "exact", "asymptotic"};
    return names[method];
}

static double binomial(long n, long k) {
    double out = 1;
    for (long i = 1; i <= k; i++) out *= (double)(n - k + i) / (double)i;
    return out;
}

/* C(n + m, n) by as few factors as there can be */
static double n_arrangements(long n, long m) { return binomial(n + m, n < m ? n : m); }

/* ---- the null distribution without ties ---- */

/* P(U <= u) for u up to the middle; beyond it, differences of rounded counts would turn negative: symmetry serves */
struct lower_half {
    double *cdf; /* [n m / 2 + 1] */
    long n_pairs;
};

static mdp_err lower_half_new(long n_x, long n_y, struct lower_half *out) {
    long n = n_x < n_y ? n_x : n_y, m = n_x < n_y ? n_y : n_x, last = n * m / 2;
    mdp_err err = mdp_calloc(&out->cdf, (unsigned long)(last + 1), sizeof *out->cdf, "null distribution");
    if (err) return err;
    double *c = out->cdf, sum = 0, total = n_arrangements(n, m);
    out->n_pairs = n * m;
    /* product over i of (1 - q^(m + i)) / (1 - q^i) */
    c[0] = 1;
    for (long i = 1; i <= n; i++) {
        for (long u = last; u >= m + i; u--) c[u] -= c[u - m - i];
        for (long u = i; u <= last; u++) c[u] += c[u - i];
    }
    for (long u = 0; u <= last; u++) {
        sum += c[u];
        c[u] = sum / total;
    }
    return MDP_OK;
}

static double lower_half_at(const struct lower_half *half, long u) {
    if (u < 0) return 0;
    if (u <= half->n_pairs / 2) return half->cdf[u];
    return u >= half->n_pairs ? 1 : 1 - half->cdf[half->n_pairs - u - 1];
}

mdp_err mdp_mannwhitney_null(long n, long m, double *cdf, double *log10_total) {
    struct lower_half half;
    if (n < 1 || m < 1)
        return mdp_refuse(MDP_REFUSE_EMPTY, "sizes: expected at least 1 and 1, found %ld and %ld", n, m);
    mdp_err err = mdp_check_range("n m", (double)n * (double)m, 1, MDP_MANNWHITNEY_MOST_PAIRS);
    if (!err) err = lower_half_new(n, m, &half);
    if (err) return err;
    for (long u = 0; u <= n * m; u++) cdf[u] = lower_half_at(&half, u);
    if (log10_total) *log10_total = log10(n_arrangements(n, m));
    free(half.cdf);
    return MDP_OK;
}

/* ---- the distribution given the ties ---- */

/* counts of arrangements by k, the values of the smaller sample met so far, and 2 U among what was met */
struct arrangements {
    double *counts; /* row k holds 2 k m + 1 values from row_start(k) */
    long n, m;      /* n <= m */
};

static long row_start(const struct arrangements *a, long k) { return k * (k - 1) * a->m + k; }

/* lets t equal values join the `seen` ones: j of them from the smaller sample raise 2 U by 2 j (larger sample's values
 * below) + j (t - j). rows are updated from the last, so that what a row is fed from is still the old state */
static void join_group(struct arrangements *a, long seen, long t) {
    long k_last = seen + t < a->n ? seen + t : a->n, k_first = seen + t > a->m ? seen + t - a->m : 0;
    for (long k_new = k_last; k_new >= k_first; k_new--) {
        double ways = 1;
        for (long j = 1; j <= t && j <= k_new; j++) {
            long k = k_new - j, others = seen - k;
            ways *= (double)(t - j + 1) / (double)j;
            if (others < 0 || others > a->m) continue;
            const double *from = a->counts + row_start(a, k);
            double *to = a->counts + row_start(a, k_new) + j * (2 * others + t - j);
            for (long s = 0; s <= 2 * k * others; s++) to[s] += ways * from[s];
        }
    }
}

/* the distribution is that of the smaller sample's 2 U */
static mdp_err arrangements_new(const struct mdp_pool *pool, struct arrangements *out) {
    long seen = 0;
    out->n = pool->n < pool->m ? pool->n : pool->m;
    out->m = pool->n < pool->m ? pool->m : pool->n;
    mdp_err err =
        mdp_calloc(&out->counts, (unsigned long)row_start(out, out->n + 1), sizeof *out->counts, "arrangements");
    if (err) return err;
    out->counts[0] = 1;
    for (long i = 0; i < pool->n_steps; i++) {
        long t = pool->n_x[i] + pool->n_y[i];
        join_group(out, seen, t);
        seen += t;
    }
    return MDP_OK;
}

static double sum_counts(const double *counts, long from, long to) {
    double sum = 0;
    for (long s = from; s <= to; s++) sum += counts[s];
    return sum;
}

/* P(|W - E W| >= distance), both ends summed from the outside */
static double outer_share(const double *counts, long n_pairs, long distance, double total) {
    if (distance == 0) return 1;
    return (sum_counts(counts, 0, n_pairs - distance) + sum_counts(counts, n_pairs + distance, 2 * n_pairs)) / total;
}

static mdp_err test_given_ties(const struct mdp_pool *pool, struct mdp_mannwhitney *out) {
    struct arrangements a;
    mdp_err err = arrangements_new(pool, &a);
    if (err) return err;
    int x_is_smaller = pool->n <= pool->m;
    long n_pairs = a.n * a.m, w = lround(2 * (x_is_smaller ? out->u1 : out->u2)), low = 0, high = 2 * n_pairs;
    const double *counts = a.counts + row_start(&a, a.n);
    double total = n_arrangements(a.n, a.m);
    double below = fmin(sum_counts(counts, 0, w) / total, 1);
    double above = fmin(sum_counts(counts, w, 2 * n_pairs) / total, 1);
    double two = fmin(outer_share(counts, n_pairs, labs(w - n_pairs), total), 1);
    out->condexact = (struct mdp_p){two, x_is_smaller ? below : above, x_is_smaller ? above : below, log10(two)};
    while (counts[low] == 0) low++;
    while (counts[high] == 0) high--;
    long farthest = n_pairs - low > high - n_pairs ? n_pairs - low : high - n_pairs;
    out->smallest_p = fmin(outer_share(counts, n_pairs, farthest, total), 1);
    out->smallest_one_sided_p = fmin(counts[low], counts[high]) / total;
    free(a.counts);
    return MDP_OK;
}

/* ---- the test ---- */

static void describe(const struct mdp_pool *pool, struct mdp_mannwhitney *out) {
    long n_greater, n_less, n_equal;
    double n = (double)pool->n, m = (double)pool->m, n_all = n + m;
    mdp_pool_count_pairs(pool, &n_greater, &n_less, &n_equal);
    out->n = pool->n;
    out->m = pool->m;
    out->u1 = (double)n_greater + 0.5 * (double)n_equal;
    out->u2 = (double)n_less + 0.5 * (double)n_equal;
    out->r1 = out->u1 + 0.5 * n * (n + 1);
    out->mean_u = 0.5 * n * m;
    out->tie_term = pool->ties.term;
    out->is_degenerate = pool->ties.is_constant;
    out->has_ties = pool->ties.has_ties;
    double in_ties = out->tie_term / (n_all * (n_all - 1));
    out->sd_u = out->is_degenerate ? 0 : sqrt(n * m / 12 * (n_all + 1 - in_ties));
    out->asym = mdp_z_of(out->u1 - out->mean_u, out->sd_u, 0);
    out->asym_cc = mdp_z_of(out->u1 - out->mean_u, out->sd_u, 0.5);
    out->exact = out->condexact = mdp_p_undefined();
    out->smallest_one_sided_p = 1 / n_arrangements(pool->n, pool->m);
    out->smallest_p = fmin(2 * out->smallest_one_sided_p, 1);
}

static mdp_err test_exactly(const struct mdp_pool *pool, struct mdp_mannwhitney *out) {
    struct lower_half half;
    if (out->has_ties) return test_given_ties(pool, out);
    mdp_err err = lower_half_new(pool->n, pool->m, &half);
    if (err) return err;
    out->exact = mdp_p_of_tails(lower_half_at(&half, lround(out->u1)), lower_half_at(&half, lround(out->u2)));
    out->condexact = out->exact;
    free(half.cdf);
    return MDP_OK;
}

/* ---- the shift ---- */

/* what an inversion asks of the test */
struct job {
    const struct mdp_sample *x, *y;
    const struct mdp_mannwhitney_plan *plan;
};

static struct mdp_shift_test shift_test_of(const struct mdp_mannwhitney *found) {
    return (struct mdp_shift_test){found->p, found->u1 - found->mean_u, found->has_ties};
}

/* x moved by a shift, and y, with values that are equal but for rounding made equal; both in one block */
static mdp_err move(const struct job *job, double shift, struct mdp_sample *x, struct mdp_sample *y, double **block) {
    long n = job->x->n, m = job->y->n;
    mdp_err err = mdp_calloc(block, (unsigned long)(n + m), sizeof **block, "moved values");
    if (err != MDP_OK) return err;
    *x = (struct mdp_sample){job->x->name, *block, n};
    *y = (struct mdp_sample){job->y->name, *block + n, m};
    return mdp_rounding_shift(job->x->values, n, shift, job->y->values, m, job->plan->rounding, *block, *block + n);
}

static mdp_err test_pool(const struct mdp_pool *pool, enum mdp_mannwhitney_method method, struct mdp_mannwhitney *out) {
    mdp_err err = MDP_OK;
    describe(pool, out);
    out->method = method;
    if (method == MDP_MANNWHITNEY_EXACT) err = test_exactly(pool, out);
    out->p = method == MDP_MANNWHITNEY_EXACT ? out->condexact : out->asym_cc.p;
    return err;
}

/* tests x - shift against y, with the p that somebody gets who subtracts the shift first */
static mdp_err test_shift(const void *context, double shift, int is_rough, struct mdp_shift_test *out) {
    const struct job *job = context;
    struct mdp_sample x, y;
    struct mdp_pool pool = {0, 0, 0, NULL, NULL, {0, 0, 0, 0}};
    struct mdp_mannwhitney found;
    double *block = NULL;
    mdp_err err;
    MDP_TRY(move(job, -shift, &x, &y, &block));
    MDP_TRY(mdp_pool_new(&x, &y, &pool));
    MDP_TRY(test_pool(&pool, is_rough ? MDP_MANNWHITNEY_ASYMPTOTIC : job->plan->method, &found));
    *out = shift_test_of(&found);
out:
    mdp_pool_free(&pool);
    free(block);
    return err;
}

/* the rank of the lower end among the differences, by the distribution without ties, and p of shifts beyond the ends */
static mdp_err rank_without_ties(const struct mdp_mannwhitney *out, double level, long *rank, double *p) {
    double n = (double)out->n, m = (double)out->m;
    struct lower_half half;
    *rank = mdp_shift_rank_asymptotic(0.5 * n * m, sqrt(n * m * (n + m + 1) / 12), level, p);
    if (out->method == MDP_MANNWHITNEY_ASYMPTOTIC) return MDP_OK;
    mdp_err err = lower_half_new(out->n, out->m, &half);
    if (err) return err;
    *p = fmin(2 * lower_half_at(&half, 0), 1);
    for (*rank = 0; mdp_level_rejects(level, 2 * lower_half_at(&half, *rank)); ++*rank)
        *p = 2 * lower_half_at(&half, *rank);
    free(half.cdf);
    return MDP_OK;
}

static mdp_err invert(const struct job *job, const struct mdp_pair_sums *differences, struct mdp_mannwhitney *out) {
    const struct mdp_mannwhitney_plan *plan = job->plan;
    struct mdp_inversion inversion = {test_shift,        job,
                                      differences,       plan->level,
                                      plan->anchor,      shift_test_of(out),
                                      plan->is_by_sides, fmin(2 / n_arrangements(out->n, out->m), 1)};
    long rank;
    double p;
    mdp_err err;
    if (plan->anchor != 0) MDP_TRY(test_shift(job, plan->anchor, 0, &inversion.at_anchor));
    if (inversion.at_anchor.has_ties && !plan->is_blind_to_ties) return mdp_inversion_solve(&inversion, &out->hl);
    MDP_TRY(rank_without_ties(out, plan->level, &rank, &p));
    out->hl = mdp_shift_interval_of_rank(differences, rank, p);
out:
    return err;
}

static mdp_err estimate_shift(const struct job *job, struct mdp_mannwhitney *out) {
    const struct mdp_sample *x = job->x, *y = job->y;
    double *sorted, *minus_y;
    mdp_err err = mdp_calloc(&sorted, (unsigned long)(x->n + 2 * y->n), sizeof *sorted, "sorted samples");
    if (err) return err;
    minus_y = sorted + x->n + y->n;
    mdp_sort(x->values, x->n, sorted);
    mdp_sort(y->values, y->n, sorted + x->n);
    for (long i = 0; i < y->n; i++) minus_y[i] = -sorted[x->n + y->n - 1 - i];
    const struct mdp_pair_sums differences = {sorted, minus_y, x->n, y->n, 1, 0};
    out->hl_shift = NAN;
    out->hl = mdp_shift_interval_unknown();
    if (isfinite(sorted[0]) && isfinite(sorted[x->n - 1]) && isfinite(minus_y[0]) && isfinite(minus_y[y->n - 1])) {
        out->hl_shift = mdp_pair_sums_median(&differences);
        if (!job->plan->is_test_only) err = invert(job, &differences, out);
    }
    free(sorted);
    return err;
}

/* ---- the test, checked ---- */

static mdp_err check_without_inf(const struct mdp_sample *samples, int n_samples) {
    for (int i = 0; i < n_samples; i++) {
        /* one number stands for all: only emptiness is looked for here */
        const double zero = 0;
        mdp_err err = mdp_check_values(samples[i].name, &zero, samples[i].n < 1 ? samples[i].n : 1);
        if (err) return err;
    }
    for (int i = 0; i < n_samples; i++) {
        for (long k = 0; k < samples[i].n; k++) {
            if (isnan(samples[i].values[k]))
                return mdp_refuse(MDP_REFUSE_NAN, "%s: expected no NaN, found one at %ld of %ld", samples[i].name, k,
                                  samples[i].n);
        }
    }
    return MDP_OK;
}

static mdp_err check(const struct mdp_sample *samples, struct mdp_mannwhitney_plan *plan) {
    double n_pairs = (double)samples[0].n * (double)samples[1].n;
    mdp_err err = plan->allow_inf ? check_without_inf(samples, 2) : mdp_check_samples(samples, 2);
    if (!err) err = mdp_level_settle(&plan->level);
    if (!err) err = mdp_check_values("anchor", &plan->anchor, 1);
    if (!err) err = mdp_check_range("rounding", plan->rounding, 0, DBL_MAX);
    if (!err && plan->method == MDP_MANNWHITNEY_EXACT && n_pairs > MDP_MANNWHITNEY_MOST_PAIRS)
        err = mdp_refuse(MDP_REFUSE_DOMAIN, "exact method: expected n m up to %d, found %.0f",
                         MDP_MANNWHITNEY_MOST_PAIRS, n_pairs);
    if (!err && plan->method == MDP_MANNWHITNEY_AUTO)
        plan->method = n_pairs <= MDP_MANNWHITNEY_AUTO_PAIRS ? MDP_MANNWHITNEY_EXACT : MDP_MANNWHITNEY_ASYMPTOTIC;
    return err;
}

mdp_err mdp_mannwhitney_compute(const struct mdp_sample *x, const struct mdp_sample *y,
                                const struct mdp_mannwhitney_plan *plan, struct mdp_mannwhitney *out) {
    struct mdp_mannwhitney_plan settled = plan ? *plan : (struct mdp_mannwhitney_plan){.method = MDP_MANNWHITNEY_AUTO};
    const struct mdp_sample samples[2] = {*x, *y};
    struct mdp_pool pool = {0, 0, 0, NULL, NULL, {0, 0, 0, 0}};
    mdp_err err;
    MDP_TRY(check(samples, &settled));
    MDP_TRY(mdp_pool_new(x, y, &pool));
    MDP_TRY(test_pool(&pool, settled.method, out));
    MDP_TRY(estimate_shift(&(struct job){x, y, &settled}, out));
out:
    mdp_pool_free(&pool);
    return err;
}
