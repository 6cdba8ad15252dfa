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

/* central sums divided by powers of `unit`, a power of two near the largest deviation, so that they fit doubles */
struct central {
    double unit;
    double m2, m3, m4; /* sums, not yet divided by n */
};

static struct central central_sums(const double *values, long n, mdp_quad mean) {
    mdp_quad largest = 0, largest_square = 0, m2 = 0, m3 = 0, m4 = 0;
    for (long i = 0; i < n; i++) {
        mdp_quad d = (mdp_quad)values[i] - mean, square = d * d;
        if (square > largest_square) {
            largest_square = square;
            largest = d < 0 ? -d : d;
        }
        m2 += square;
        m3 += square * d;
        m4 += square * square;
    }
    /* the largest deviation may be too large or too small for a double; the unit that is derived from it must not be */
    double size = fmin(fmax((double)largest, DBL_TRUE_MIN), DBL_MAX);
    int exponent;
    frexp(size, &exponent);
    mdp_quad unit = (mdp_quad)ldexp(1.0, exponent < 1023 ? exponent : 1023);
    return (struct central){(double)unit, (double)(m2 / (unit * unit)), (double)(m3 / (unit * unit * unit)),
                            (double)(m4 / (unit * unit * unit * unit))};
}

mdp_err mdp_moments_compute(const double *values, long n, struct mdp_moments *out) {
    mdp_err err = mdp_check_values("values", values, n);
    if (err) return err;
    double count = (double)n;
    mdp_quad sum = quad_sum(values, n), mean = sum / (mdp_quad)n;
    struct central c = central_sums(values, n, mean);
    int has_spread = c.m2 > 0;
    double mean_in_units = (double)(mean / (mdp_quad)c.unit);
    double sd0 = sqrt(c.m2 / count), sd1 = n > 1 ? sqrt(c.m2 / (count - 1)) : NAN;
    mdp_quad unit_squared = (mdp_quad)c.unit * (mdp_quad)c.unit;
    *out = (struct mdp_moments){
        .n = n,
        .sum = (double)sum,
        .mean = (double)mean,
        .var_ddof0 = (double)((mdp_quad)c.m2 * unit_squared / (mdp_quad)n),
        .var_ddof1 = n > 1 ? (double)((mdp_quad)c.m2 * unit_squared / (mdp_quad)(n - 1)) : NAN,
        .sd_ddof0 = sd0 * c.unit,
        .sd_ddof1 = sd1 * c.unit,
        .sem = sd1 / sqrt(count) * c.unit,
        .skew = has_spread ? c.m3 / count / (sd0 * sd0 * sd0) : NAN,
        .kurtosis = has_spread ? c.m4 / count / (sd0 * sd0 * sd0 * sd0) - 3 : NAN,
        .cv = has_spread && mean != 0 ? sd1 / mean_in_units : NAN,
        .is_degenerate = !has_spread,
    };
    return MDP_OK;
}
