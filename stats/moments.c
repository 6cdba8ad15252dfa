/* moments in two passes: the mean first, then powers of the deviations from it. */
#include "stats/moments.h"

#include <float.h>
#include <math.h>

#include "stats/check.h"
#include "stats/quad.h"

static mdp_quad quad_sum(const double *values, long n) {
    mdp_quad sum = 0;
    for (long i = 0; i < n; i++) sum += (mdp_quad)values[i];
    return sum;
}

/* a compensated sum in doubles, exact enough wherever nothing overflows; many times faster than quad_sum */
static double compensated_sum(const double *values, long n) {
    double sum = 0, lost = 0;
    for (long i = 0; i < n; i++) {
        double next = sum + values[i];
        lost += fabs(sum) >= fabs(values[i]) ? (sum - next) + values[i] : (values[i] - next) + sum;
        sum = next;
    }
    return sum + lost;
}

double mdp_mean(const double *values, long n) {
    double sum = compensated_sum(values, n);
    if (isfinite(sum) && fabs(sum) > DBL_MIN) return sum / (double)n;
    return (double)(quad_sum(values, n) / (mdp_quad)n);
}

/* the mean, and a unit near the largest deviation from it: a power of two, so that nothing is lost by dividing */
struct centre {
    mdp_quad mean, unit;
};

static struct centre find_centre(const double *values, long n, mdp_quad sum) {
    double low = values[0], high = values[0];
    int exponent;
    for (long i = 1; i < n; i++) {
        if (values[i] < low) low = values[i];
        if (values[i] > high) high = values[i];
    }
    mdp_quad mean = sum / (mdp_quad)n, below = mean - (mdp_quad)low, above = (mdp_quad)high - mean;
    /* the largest deviation may be too large or too small for a double; the unit that is derived from it must not be */
    double size = fmin(fmax((double)(above > below ? above : below), DBL_TRUE_MIN), DBL_MAX);
    frexp(size, &exponent);
    return (struct centre){mean, (mdp_quad)ldexp(1.0, exponent < 1023 ? exponent : 1023)};
}

/* the sum of squared deviations, in squared units, where it fits a double */
static double square_sum(const double *values, long n, const struct centre *centre) {
    mdp_quad m2 = 0;
    for (long i = 0; i < n; i++) {
        mdp_quad d = (mdp_quad)values[i] - centre->mean;
        m2 += d * d;
    }
    return (double)(m2 / (centre->unit * centre->unit));
}

mdp_err mdp_moments_compute(const double *values, long n, struct mdp_moments *out) {
    mdp_err err = mdp_check_values("values", values, n);
    if (err) return err;
    double count = (double)n;
    mdp_quad sum = quad_sum(values, n);
    struct centre centre = find_centre(values, n, sum);
    double m2 = square_sum(values, n, &centre), unit = (double)centre.unit;
    int has_spread = m2 > 0;
    double mean_in_units = (double)(centre.mean / centre.unit);
    double sd0 = sqrt(m2 / count), sd1 = n > 1 ? sqrt(m2 / (count - 1)) : NAN;
    mdp_quad squares = (mdp_quad)m2 * (centre.unit * centre.unit);
    *out = (struct mdp_moments){
        .n = n,
        .sum = (double)sum,
        .mean = (double)centre.mean,
        .var_ddof0 = (double)(squares / (mdp_quad)n),
        .var_ddof1 = n > 1 ? (double)(squares / (mdp_quad)(n - 1)) : NAN,
        .sd_ddof0 = sd0 * unit,
        .sd_ddof1 = sd1 * unit,
        .sem = sd1 / sqrt(count) * unit,
        .cv = has_spread && centre.mean != 0 ? sd1 / mean_in_units : NAN,
        .is_degenerate = !has_spread,
    };
    return MDP_OK;
}

mdp_err mdp_asymmetry_compute(const double *values, long n, struct mdp_asymmetry *out) {
    mdp_err err = mdp_check_values("values", values, n);
    if (err) return err;
    mdp_quad m3 = 0, m4 = 0;
    struct centre centre = find_centre(values, n, quad_sum(values, n));
    double count = (double)n, variance = square_sum(values, n, &centre) / count, sd = sqrt(variance);
    for (long i = 0; i < n; i++) {
        mdp_quad d = (mdp_quad)values[i] - centre.mean, square = d * d;
        m3 += square * d;
        m4 += square * square;
    }
    mdp_quad unit = centre.unit;
    *out = (struct mdp_asymmetry){NAN, NAN};
    if (variance > 0)
        *out = (struct mdp_asymmetry){(double)(m3 / (unit * unit * unit)) / count / (sd * sd * sd),
                                      (double)(m4 / (unit * unit * unit * unit)) / count / (sd * sd * sd * sd) - 3};
    return MDP_OK;
}
