/* ranks: one sort, one walk over equal values. */
#include "stats/rank.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quantile.h"

/* ---- midranks ---- */

struct place {
    double value;
    long i;
};

static int compare_places(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static void count_group(struct mdp_ties *ties, long size) {
    double t = (double)size;
    ties->n_groups++;
    ties->term += t * t * t - t;
    ties->has_ties |= size > 1;
}

mdp_err mdp_rank_doubled(const double *values, long n, long *doubled, struct mdp_ties *ties) {
    struct place *places;
    mdp_err err = mdp_calloc(&places, (unsigned long)n, sizeof *places, "ranks");
    if (err) return err;
    for (long i = 0; i < n; i++) places[i] = (struct place){values[i], i};
    qsort(places, (size_t)n, sizeof *places, compare_places);
    *ties = (struct mdp_ties){0, 0, 0, 0};
    for (long from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && places[to].value == places[from].value;) to++;
        /* ranks from + 1 .. to, whose mean is half of from + 1 + to */
        for (long i = from; i < to; i++) doubled[places[i].i] = from + 1 + to;
        count_group(ties, to - from);
    }
    ties->is_constant = ties->n_groups == 1;
    free(places);
    return MDP_OK;
}

/* ---- two samples ---- */

static void walk(const double *x, const double *y, struct mdp_pool *pool) {
    long i = 0, j = 0;
    while (i < pool->n || j < pool->m) {
        double value = j == pool->m || (i < pool->n && x[i] < y[j]) ? x[i] : y[j];
        long from_x = i, from_y = j, k = pool->n_steps++;
        while (i < pool->n && x[i] == value) i++;
        while (j < pool->m && y[j] == value) j++;
        pool->n_x[k] = i - from_x;
        pool->n_y[k] = j - from_y;
        count_group(&pool->ties, pool->n_x[k] + pool->n_y[k]);
    }
    pool->ties.is_constant = pool->n_steps == 1;
}

mdp_err mdp_pool_new(const struct mdp_sample *x, const struct mdp_sample *y, struct mdp_pool *out) {
    double *sorted = NULL;
    unsigned long n_all = (unsigned long)(x->n + y->n);
    mdp_err err;
    memset(out, 0, sizeof *out);
    out->n = x->n;
    out->m = y->n;
    MDP_TRY(mdp_calloc(&sorted, n_all, sizeof *sorted, "pooled sample"));
    MDP_TRY(mdp_calloc(&out->n_x, n_all, sizeof *out->n_x, "pooled sample"));
    MDP_TRY(mdp_calloc(&out->n_y, n_all, sizeof *out->n_y, "pooled sample"));
    mdp_sort(x->values, x->n, sorted);
    mdp_sort(y->values, y->n, sorted + x->n);
    walk(sorted, sorted + x->n, out);
out:
    free(sorted);
    if (err) mdp_pool_free(out);
    return err;
}

void mdp_pool_free(struct mdp_pool *pool) {
    free(pool->n_x);
    free(pool->n_y);
    pool->n_x = pool->n_y = NULL;
}

void mdp_pool_count_pairs(const struct mdp_pool *pool, long *n_greater, long *n_less, long *n_equal) {
    long y_below = 0;
    *n_greater = *n_equal = 0;
    for (long i = 0; i < pool->n_steps; i++) {
        *n_greater += pool->n_x[i] * y_below;
        *n_equal += pool->n_x[i] * pool->n_y[i];
        y_below += pool->n_y[i];
    }
    *n_less = pool->n * pool->m - *n_greater - *n_equal;
}

/* ---- order statistics of sums ---- */

/* doubles in their order as whole numbers, -0 and 0 the same */
static int64_t key_of(double value) {
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >= 0 ? bits : -(bits & INT64_MAX);
}

static double value_of(int64_t key) {
    int64_t bits = key >= 0 ? key : -key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return key >= 0 ? value : -value;
}

/* rounding keeps the order: the sum never falls when i or j grows, which is all that counting relies on */
static double sum_at(const struct mdp_pair_sums *s, long i, long j) {
    return s->weight * s->a[i] + s->weight * s->b[j];
}

/* one walk along the border between the sums at or below the limit and the others */
long mdp_pair_sums_count_at_most(const struct mdp_pair_sums *s, double limit) {
    long count = 0, n_left = s->n_b;
    for (long i = 0; i < s->n_a; i++) {
        while (n_left > 0 && sum_at(s, i, n_left - 1) > limit) n_left--;
        long n_skipped = s->is_triangle ? i : 0;
        if (n_left <= n_skipped) break;
        count += n_left - n_skipped;
    }
    return count;
}

long mdp_pair_sums_count(const struct mdp_pair_sums *sums) {
    return sums->is_triangle ? sums->n_a * (sums->n_a + 1) / 2 : sums->n_a * sums->n_b;
}

double mdp_pair_sums_select(const struct mdp_pair_sums *sums, long k) {
    int64_t low = key_of(sum_at(sums, 0, 0)), high = key_of(sum_at(sums, sums->n_a - 1, sums->n_b - 1));
    /* bisection over all doubles between the smallest and the largest sum: 64 walks at most */
    while (low < high) {
        int64_t middle = low + (int64_t)(((uint64_t)high - (uint64_t)low) / 2);
        if (mdp_pair_sums_count_at_most(sums, value_of(middle)) >= k)
            high = middle;
        else
            low = middle + 1;
    }
    return value_of(low);
}

double mdp_pair_sums_median(const struct mdp_pair_sums *sums) {
    long n = mdp_pair_sums_count(sums);
    double upper = mdp_pair_sums_select(sums, n / 2 + 1);
    return n % 2 ? upper : 0.5 * mdp_pair_sums_select(sums, n / 2) + 0.5 * upper;
}
