/* order statistics: everything works on a sorted copy. */
#include "stats/quantile.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/check.h"
#include "stats/moments.h"

/* n * p that misses a whole number by rounding alone counts as that number */
static const double fuzz = 4 * DBL_EPSILON;
static const double mad_to_sd = 1.482602218505602; /* 1 / normal quantile of 3/4 */

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void mdp_sort(const double *values, long n, double *out) {
    memcpy(out, values, (size_t)n * sizeof *out);
    qsort(out, (size_t)n, sizeof *out, compare);
}

/* how the definitions differ: position n p + a + p (1 - a - b) for the continuous types */
static const struct {
    double a, b;
} continuous[] = {
    [4] = {0, 1}, [5] = {0.5, 0.5}, [6] = {0, 0}, [7] = {1, 1}, [8] = {1.0 / 3, 1.0 / 3}, [9] = {0.375, 0.375}};

/* the share of the upper neighbour for the types that jump */
static double jump_share(int type, double whole, double rest) {
    if (type == 1) return rest > 0;
    if (type == 2) return rest > 0 ? 1 : 0.5;
    return rest != 0 || fmod(whole, 2) == 1;
}

double mdp_quantile_sorted(const double *sorted, long n, double p, int type) {
    double count = (double)n, position;
    if (type <= 3) {
        position = type == 3 ? count * p - 0.5 : count * p;
    } else {
        position = continuous[type].a + p * (count + 1 - continuous[type].a - continuous[type].b);
    }
    double whole = floor(position + fuzz), rest = position - whole;
    if (fabs(rest) < fuzz) rest = 0;
    double share = type <= 3 ? jump_share(type, whole, rest) : rest;
    /* 1-based neighbours `whole` and the next, held inside the sample */
    long low = (long)fmin(fmax(whole, 1), count), high = (long)fmin(fmax(whole + 1, 1), count);
    if (share == 0) return sorted[low - 1];
    if (share == 1) return sorted[high - 1];
    if (sorted[low - 1] == sorted[high - 1]) return sorted[low - 1];
    return (1 - share) * sorted[low - 1] + share * sorted[high - 1];
}

double mdp_trimmed_mean_sorted(const double *sorted, long n, double fraction) {
    long n_cut = (long)floor(fraction * (double)n + fuzz * (double)n);
    return mdp_mean(sorted + n_cut, n - 2 * n_cut);
}

/* each value is a stretch [i, i + 1] of the mass n; what lies in [n/4, 3n/4] counts */
static double fractional_iqm(const double *sorted, long n) {
    double from = 0.25 * (double)n, to = (double)n - from, sum = 0;
    for (long i = (long)from; i < n && (double)i < to; i++) {
        double weight = fmin((double)(i + 1), to) - fmax((double)i, from);
        sum += weight / (to - from) * sorted[i];
    }
    return sum;
}

static mdp_err sorted_copy(const double *values, long n, double **out) {
    mdp_err err = mdp_calloc(out, (unsigned long)n, sizeof **out, "sorted copy");
    if (!err) mdp_sort(values, n, *out);
    return err;
}

mdp_err mdp_quantiles(const double *values, long n, const double *p, long n_p, int type, double *out) {
    double *sorted = NULL;
    mdp_err err;
    const struct mdp_sample samples[2] = {{"values", values, n}, {"probabilities", p, n_p}};
    MDP_TRY(mdp_check_samples(samples, n_p > 0 ? 2 : 1));
    MDP_TRY(mdp_check_range("quantile type", type, 1, MDP_QUANTILE_TYPES));
    for (long i = 0; i < n_p; i++) MDP_TRY(mdp_check_range("probability", p[i], 0, 1));
    MDP_TRY(sorted_copy(values, n, &sorted));
    for (long i = 0; i < n_p; i++) out[i] = mdp_quantile_sorted(sorted, n, p[i], type);
out:
    free(sorted);
    return err;
}

mdp_err mdp_trimmed_mean(const double *values, long n, double fraction, double *out) {
    double *sorted = NULL;
    mdp_err err;
    MDP_TRY(mdp_check_values("values", values, n));
    MDP_TRY(mdp_check_range("trimmed fraction", fraction, 0, nextafter(0.5, 0)));
    MDP_TRY(sorted_copy(values, n, &sorted));
    *out = mdp_trimmed_mean_sorted(sorted, n, fraction);
out:
    free(sorted);
    return err;
}

/* turns the sorted values into their deviations, so it comes last */
static double median_deviation(double *sorted, long n, double median) {
    for (long i = 0; i < n; i++) sorted[i] = fabs(sorted[i] - median);
    qsort(sorted, (size_t)n, sizeof *sorted, compare);
    return mdp_quantile_sorted(sorted, n, 0.5, MDP_QUANTILE_DEFAULT);
}

mdp_err mdp_order_compute(const double *values, long n, struct mdp_order *out) {
    double *sorted = NULL;
    mdp_err err;
    MDP_TRY(mdp_check_values("values", values, n));
    MDP_TRY(sorted_copy(values, n, &sorted));
    *out = (struct mdp_order){
        .n = n,
        .min = sorted[0],
        .q1 = mdp_quantile_sorted(sorted, n, 0.25, MDP_QUANTILE_DEFAULT),
        .median = mdp_quantile_sorted(sorted, n, 0.5, MDP_QUANTILE_DEFAULT),
        .q3 = mdp_quantile_sorted(sorted, n, 0.75, MDP_QUANTILE_DEFAULT),
        .max = sorted[n - 1],
        .iqm = mdp_trimmed_mean_sorted(sorted, n, 0.25),
        .iqm_fractional = fractional_iqm(sorted, n),
    };
    out->iqr = out->q3 - out->q1;
    out->mad = median_deviation(sorted, n, out->median);
    out->mad_normal = mad_to_sd * out->mad;
out:
    free(sorted);
    return err;
}
