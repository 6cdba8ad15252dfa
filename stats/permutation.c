/* permutation tests: all splits in lexicographic order, or shuffles that are given or drawn. */
#include "stats/permutation.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "stats/moments.h"
#include "stats/quantile.h"
#include "stats/rounding.h"
#include "stats/ttest.h"

/* the streams (seed, MDP_RNG_BOOTSTRAP, shuffle, one of these); resampling with replacement has number 0 */
enum { STREAM_SPLIT = 1, STREAM_SIGNS = 2 };

/* shuffles that did at least as well, so far */
struct tally {
    double observed, slack;
    long n, n_ge, n_le, n_abs_ge;
};

static struct tally tally_new(double observed, double largest) {
    return (struct tally){observed, MDP_ROUNDING_OF_SUMS * fmax(fabs(observed), largest), 0, 0, 0, 0};
}

static void tally_add(struct tally *tally, double statistic) {
    tally->n++;
    tally->n_ge += statistic >= tally->observed - tally->slack;
    tally->n_le += statistic <= tally->observed + tally->slack;
    tally->n_abs_ge += fabs(statistic) >= fabs(tally->observed) - tally->slack;
}

/* Monte Carlo counts the observed order as one more shuffle; an exhaustive walk has met it already */
static void tally_report(const struct tally *tally, enum mdp_permutation_method method, struct mdp_permutation *out) {
    double own = method == MDP_PERMUTATION_MONTE_CARLO, n = (double)tally->n + own;
    out->n_perm = tally->n;
    out->observed = tally->observed;
    out->n_ge = tally->n_ge;
    out->n_le = tally->n_le;
    out->n_abs_ge = tally->n_abs_ge;
    out->p_greater = ((double)tally->n_ge + own) / n;
    out->p_less = ((double)tally->n_le + own) / n;
    out->p_two_abs = ((double)tally->n_abs_ge + own) / n;
    out->p_two_2min = fmin(2 * fmin(out->p_greater, out->p_less), 1);
    out->smallest_p = 1 / n;
    out->method = method;
}

/* the pooled values, moved so that the first is 0, which costs no digits of a difference */
struct pooled {
    double *values; /* x, then y */
    long n, m;
    double total, largest; /* largest: size of the largest value */
};

static mdp_err pooled_new(const struct mdp_sample *x, const struct mdp_sample *y, struct pooled *out) {
    *out = (struct pooled){NULL, x->n, y->n, 0, 0};
    mdp_err err = mdp_calloc(&out->values, (unsigned long)(x->n + y->n), sizeof *out->values, "pooled sample");
    if (err) return err;
    for (long i = 0; i < x->n + y->n; i++) {
        out->values[i] = (i < x->n ? x->values[i] : y->values[i - x->n]) - x->values[0];
        out->largest = fmax(out->largest, fabs(out->values[i]));
    }
    if (!isfinite(2 * out->largest * (double)(x->n + y->n))) {
        free(out->values);
        out->values = NULL;
        return mdp_refuse(MDP_REFUSE_INF, "spread: expected values whose differences add up to a double, found %g",
                          out->largest);
    }
    out->total = mdp_mean(out->values, out->n + out->m) * (double)(out->n + out->m);
    return MDP_OK;
}

static void fill_sizes(const struct pooled *pooled, struct mdp_permutation *out) {
    out->n = pooled->n;
    out->m = pooled->m;
    out->is_degenerate = pooled->largest == 0;
}

static double difference_of_means(const struct mdp_sample *x, const struct mdp_sample *y) {
    struct mdp_contrast contrast;
    mdp_contrast_compute(x, y, &contrast);
    return contrast.diff;
}

/* ---- all splits ---- */

/* positions c [n_in] that the smaller sample holds among the n_in + n_out ascending pooled values */
struct split {
    long *c, n_in, n_out;
    const double *sorted;
    double total;
    double sign; /* sign of (smaller - larger) in x - y */
};

/* the next subset in lexicographic order; 0 after the last */
static int split_next(struct split *s) {
    long i = s->n_in - 1;
    while (i >= 0 && s->c[i] == s->n_out + i) i--;
    if (i < 0) return 0;
    s->c[i]++;
    for (i++; i < s->n_in; i++) s->c[i] = s->c[i - 1] + 1;
    return 1;
}

static double split_means(const struct split *s) {
    double sum = 0;
    for (long i = 0; i < s->n_in; i++) sum += s->sorted[s->c[i]];
    return s->sign * (sum / (double)s->n_in - (s->total - sum) / (double)s->n_out);
}

/* the k-th, from 0, of the sorted values outside the group: each value of the group that comes before moves it on */
static double kth_outside(const struct split *s, long k) {
    for (long i = 0; i < s->n_in && s->c[i] <= k; i++) k++;
    return s->sorted[k];
}

static double split_medians(const struct split *s) {
    double inside = 0.5 * s->sorted[s->c[(s->n_in - 1) / 2]] + 0.5 * s->sorted[s->c[s->n_in / 2]];
    double outside = 0.5 * kth_outside(s, (s->n_out - 1) / 2) + 0.5 * kth_outside(s, s->n_out / 2);
    return s->sign * (inside - outside);
}

static double n_splits(long n, long m) {
    long k = n < m ? n : m;
    double out = 1;
    for (long i = 1; i <= k && out <= MDP_PERMUTATION_MOST_SPLITS; i++) out *= (double)(n + m - k + i) / (double)i;
    return out;
}

static mdp_err check_exhaustive(const struct mdp_sample *x, const struct mdp_sample *y) {
    const struct mdp_sample samples[2] = {*x, *y};
    mdp_err err = mdp_check_samples(samples, 2);
    if (!err && n_splits(x->n, y->n) > MDP_PERMUTATION_MOST_SPLITS + 0.5)
        err = mdp_refuse(MDP_REFUSE_DOMAIN, "splits: expected up to %d, found more for %ld and %ld values",
                         MDP_PERMUTATION_MOST_SPLITS, x->n, y->n);
    return err;
}

static mdp_err observe_medians(const struct mdp_sample *x, const struct mdp_sample *y, double *out) {
    static const double half = 0.5;
    double of_x = 0, of_y = 0;
    mdp_err err = mdp_quantiles(x->values, x->n, &half, 1, MDP_QUANTILE_DEFAULT, &of_x);
    if (!err) err = mdp_quantiles(y->values, y->n, &half, 1, MDP_QUANTILE_DEFAULT, &of_y);
    *out = of_x - of_y;
    return err;
}

mdp_err mdp_permutation_exhaustive(const struct mdp_sample *x, const struct mdp_sample *y,
                                   struct mdp_permutation *of_means, struct mdp_permutation *of_medians) {
    struct pooled pooled = {NULL, 0, 0, 0, 0};
    double *sorted = NULL, medians;
    int x_is_smaller = x->n <= y->n;
    struct split s = {NULL, x_is_smaller ? x->n : y->n, x_is_smaller ? y->n : x->n, NULL, 0, x_is_smaller ? 1 : -1};
    mdp_err err;
    MDP_TRY(check_exhaustive(x, y));
    MDP_TRY(observe_medians(x, y, &medians));
    MDP_TRY(pooled_new(x, y, &pooled));
    MDP_TRY(mdp_calloc(&sorted, (unsigned long)(x->n + y->n), sizeof *sorted, "pooled sample"));
    MDP_TRY(mdp_calloc(&s.c, (unsigned long)s.n_in, sizeof *s.c, "split"));
    mdp_sort(pooled.values, x->n + y->n, sorted);
    s.sorted = sorted;
    s.total = pooled.total;
    for (long i = 0; i < s.n_in; i++) s.c[i] = i;
    struct tally means = tally_new(difference_of_means(x, y), pooled.largest), middles = means;
    middles.observed = medians;
    do {
        if (of_means) tally_add(&means, split_means(&s));
        if (of_medians) tally_add(&middles, split_medians(&s));
    } while (split_next(&s));
    if (of_means) fill_sizes(&pooled, of_means), tally_report(&means, MDP_PERMUTATION_EXHAUSTIVE, of_means);
    if (of_medians) fill_sizes(&pooled, of_medians), tally_report(&middles, MDP_PERMUTATION_EXHAUSTIVE, of_medians);
out:
    free(pooled.values);
    free(sorted);
    free(s.c);
    return err;
}

/* ---- Monte Carlo ---- */

static mdp_err settle(const struct mdp_permutation_plan *plan, long *n_perm) {
    *n_perm = plan->n_perm ? plan->n_perm : MDP_PERMUTATION_REPLICATES;
    return mdp_check_range("shuffles", (double)*n_perm, 1, INT32_MAX);
}

/* seen [n + m] holds the number of the last split that a value was in */
static mdp_err check_split(const int32_t *group1, const struct pooled *pooled, long i_perm, long *seen) {
    for (long i = 0; i < pooled->n; i++) {
        long k = group1[i];
        if (k < 0 || k >= pooled->n + pooled->m)
            return mdp_refuse(MDP_REFUSE_DOMAIN, "split %ld: expected positions 0 to %ld, found %ld", i_perm,
                              pooled->n + pooled->m - 1, k);
        if (seen[k] == i_perm + 1)
            return mdp_refuse(MDP_REFUSE_DOMAIN, "split %ld: expected positions once each, found %ld twice", i_perm, k);
        seen[k] = i_perm + 1;
    }
    return MDP_OK;
}

static double shuffled_means(const struct pooled *pooled, const int32_t *group1) {
    double sum = 0;
    for (long i = 0; i < pooled->n; i++) sum += pooled->values[group1[i]];
    return sum / (double)pooled->n - (pooled->total - sum) / (double)pooled->m;
}

mdp_err mdp_permutation_monte_carlo(const struct mdp_sample *x, const struct mdp_sample *y,
                                    const struct mdp_permutation_plan *plan, struct mdp_permutation *out) {
    const struct mdp_sample samples[2] = {*x, *y};
    struct pooled pooled = {NULL, 0, 0, 0, 0};
    uint32_t *order = NULL;
    long *seen = NULL, n_perm;
    mdp_err err;
    MDP_TRY(mdp_check_samples(samples, 2));
    MDP_TRY(settle(plan, &n_perm));
    MDP_TRY(pooled_new(x, y, &pooled));
    MDP_TRY(mdp_calloc(&order, (unsigned long)(x->n + y->n), sizeof *order, "split"));
    MDP_TRY(mdp_calloc(&seen, (unsigned long)(x->n + y->n), sizeof *seen, "split"));
    struct tally tally = tally_new(difference_of_means(x, y), pooled.largest);
    for (long b = 0; b < n_perm; b++) {
        const int32_t *group1 = plan->group1 ? plan->group1 + b * x->n : (const int32_t *)order;
        if (plan->group1) {
            MDP_TRY(check_split(group1, &pooled, b, seen));
        } else {
            struct mdp_rng rng = mdp_rng_stream(plan->seed, MDP_RNG_BOOTSTRAP, (uint32_t)b, STREAM_SPLIT);
            mdp_rng_permutation(&rng, order, (uint32_t)(x->n + y->n));
        }
        double statistic = shuffled_means(&pooled, group1);
        if (plan->statistics) plan->statistics[b] = statistic;
        tally_add(&tally, statistic);
    }
    fill_sizes(&pooled, out);
    tally_report(&tally, MDP_PERMUTATION_MONTE_CARLO, out);
out:
    free(pooled.values);
    free(order);
    free(seen);
    return err;
}

/* ---- sign flips ---- */

static mdp_err check_signs(const int8_t *signs, long n_perm, long n) {
    for (long i = 0; signs && i < n_perm * n; i++) {
        if (signs[i] != 1 && signs[i] != -1)
            return mdp_refuse(MDP_REFUSE_DOMAIN, "sign: expected -1 or 1, found %d at %ld", signs[i], i);
    }
    return MDP_OK;
}

/* the differences under shuffle b's signs, 32 of them to a draw */
static void flip(const struct mdp_sample *d, const struct mdp_permutation_plan *plan, long b, double *flipped) {
    struct mdp_rng rng = mdp_rng_stream(plan->seed, MDP_RNG_BOOTSTRAP, (uint32_t)b, STREAM_SIGNS);
    uint32_t bits = 0;
    for (long i = 0; i < d->n; i++, bits >>= 1) {
        if (!plan->signs && i % 32 == 0) bits = mdp_rng_bits(&rng);
        int is_kept = plan->signs ? plan->signs[b * d->n + i] > 0 : (int)(bits & 1);
        flipped[i] = is_kept ? d->values[i] : -d->values[i];
    }
}

mdp_err mdp_permutation_sign_flips(const struct mdp_sample *differences, const struct mdp_permutation_plan *plan,
                                   struct mdp_permutation *out) {
    double *flipped = NULL, largest = 0;
    long n = differences->n, n_perm;
    mdp_err err;
    MDP_TRY(mdp_check_samples(differences, 1));
    MDP_TRY(settle(plan, &n_perm));
    MDP_TRY(check_signs(plan->signs, n_perm, n));
    MDP_TRY(mdp_calloc(&flipped, (unsigned long)n, sizeof *flipped, "differences"));
    for (long i = 0; i < n; i++) largest = fmax(largest, fabs(differences->values[i]));
    struct tally tally = tally_new(mdp_mean(differences->values, n), largest);
    for (long b = 0; b < n_perm; b++) {
        flip(differences, plan, b, flipped);
        double statistic = mdp_mean(flipped, n);
        if (plan->statistics) plan->statistics[b] = statistic;
        tally_add(&tally, statistic);
    }
    out->n = n;
    out->m = 0;
    out->is_degenerate = largest == 0;
    tally_report(&tally, MDP_PERMUTATION_MONTE_CARLO, out);
out:
    free(flipped);
    return err;
}
