/* bootstrap intervals of one statistic. */
#include "stats/interval.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#include "stats/quad.h"
#include "stats/quantile.h"

static const char *const names[MDP_N_INTERVALS] = {
#define NAME(name, text) text,
    MDP_INTERVAL_LIST(NAME)
#undef NAME
};

const char *mdp_interval_name(enum mdp_interval_method method) { return names[method]; }

/* the number of ascending values below `limit` */
static long count_below(const double *sorted, long n, double limit) {
    long low = 0, high = n;
    while (low < high) {
        long middle = low + (high - low) / 2;
        if (sorted[middle] < limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double normal_quantile(double p) {
    if (p <= 0 || p >= 1) return p <= 0 ? -INFINITY : INFINITY;
    return gsl_cdf_ugaussian_Pinv(p);
}

/* sum u^3 / (6 (sum u^2)^1.5), u = mean - value, in units of the largest u */
static double acceleration(const double *jackknife, long n) {
    mdp_quad mean = 0, largest = 0, squares = 0, cubes = 0;
    double size = 0;
    for (long i = 0; i < n; i++) mean += (mdp_quad)jackknife[i];
    mean /= (mdp_quad)n;
    for (long i = 0; i < n; i++) {
        mdp_quad u = mean - (mdp_quad)jackknife[i];
        if (u > largest || -u > largest) largest = u < 0 ? -u : u;
        size = fmax(size, fabs(jackknife[i]));
    }
    /* deviations of the size of rounding are none */
    if (!((double)largest > 4e-16 * size)) return NAN;
    for (long i = 0; i < n; i++) {
        mdp_quad u = (mean - (mdp_quad)jackknife[i]) / largest;
        squares += u * u;
        cubes += u * u * u;
    }
    return (double)cubes / (6 * (double)squares * sqrt((double)squares));
}

void mdp_resampled_describe(double estimate, const double *sorted, long n, const double *jackknife, long n_jackknife,
                            struct mdp_resampled *out) {
    double n_below = (double)count_below(sorted, n, estimate);
    double n_up_to = (double)count_below(sorted, n, nextafter(estimate, INFINITY));
    *out = (struct mdp_resampled){
        .estimate = estimate,
        .sorted = sorted,
        .n = n,
        .z0_strict = normal_quantile(n_below / (double)n),
        .z0_mid = normal_quantile((n_below + n_up_to) / (2 * (double)n)),
        .accel = jackknife && n_jackknife > 1 ? acceleration(jackknife, n_jackknife) : NAN,
        .half = NAN,
    };
}

static double quantile(const struct mdp_resampled *r, double p) {
    return mdp_quantile_sorted(r->sorted, r->n, p, MDP_QUANTILE_DEFAULT);
}

/* the probability whose quantile a correction puts in the place of p */
static double corrected(double p, double z0, double accel) {
    double z = z0 + gsl_cdf_ugaussian_Pinv(p);
    return gsl_cdf_ugaussian_P(z0 + z / (1 - accel * z));
}

void mdp_resampled_interval(const struct mdp_resampled *resampled, enum mdp_interval_method method, double level,
                            struct mdp_ends *out) {
    double p_low = 0.5 * (1 - level), p_high = 1 - p_low;
    double low = quantile(resampled, p_low), high = quantile(resampled, p_high);
    int is_accelerated = method == MDP_INTERVAL_BCA_STRICT || method == MDP_INTERVAL_BCA_MID;
    int is_strict = method == MDP_INTERVAL_BC_STRICT || method == MDP_INTERVAL_BCA_STRICT;
    double z0 = is_strict ? resampled->z0_strict : resampled->z0_mid, accel = is_accelerated ? resampled->accel : 0;
    *out = (struct mdp_ends){low, high, 0};
    if (method == MDP_INTERVAL_PERCENTILE) return;
    if (method == MDP_INTERVAL_BASIC) {
        *out = (struct mdp_ends){2 * resampled->estimate - high, 2 * resampled->estimate - low, 0};
        return;
    }
    if (method == MDP_INTERVAL_STUDENT) {
        /* the hull: where replicates are skewed, their far end is farther than t says. fmin and fmax pass over NaN */
        *out = (struct mdp_ends){fmin(low, resampled->estimate - resampled->half),
                                 fmax(high, resampled->estimate + resampled->half), isnan(resampled->half)};
        return;
    }
    out->fell_back = !isfinite(z0) || !isfinite(accel);
    if (out->fell_back) return;
    out->low = quantile(resampled, corrected(p_low, z0, accel));
    out->high = quantile(resampled, corrected(p_high, z0, accel));
}
