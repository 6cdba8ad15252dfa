/* tails in natural logarithms; each function picks the side on which its continued fraction converges. */
#include "stats/tails.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#include "stats/check.h"

enum { MAX_TERMS = 200000 };

static const double ln10 = 2.302585092994045684;
static const double tiny = 1e-300;

/* log(1 - e^x) for x <= 0 */
static double log_complement(double x) { return x > -0.6931471805599453 ? log(-expm1(x)) : log1p(-exp(x)); }

static double not_zero(double value) { return fabs(value) < tiny ? tiny : value; }

/* one step of the modified Lentz rule with partial numerator a and denominator b; returns the factor */
static double lentz_step(double a, double b, double *c, double *d) {
    *d = 1 / not_zero(b + a * *d);
    *c = not_zero(b + a / *c);
    return *c * *d;
}

/* the continued fraction of I_x(a, b) */
static double beta_fraction(double a, double b, double x) {
    double c = 1, d = 1 / not_zero(1 - (a + b) * x / (a + 1)), h = d;
    for (int m = 1; m < MAX_TERMS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        h *= lentz_step(even, 1, &c, &d);
        double factor = lentz_step(odd, 1, &c, &d);
        h *= factor;
        if (fabs(factor - 1) < 2 * DBL_EPSILON) break;
    }
    return h;
}

/* a shape that has a distribution; the library would call its error handler for others */
static int is_shape(double a) {
    mdp_stats_quiet_gsl();
    return a > 0 && isfinite(a);
}

/* log I_x(a, b) at x = 1 / (1 + u); ln_u stands in where u is no double any more */
static double log_beta_tail(double a, double b, double u, double ln_u) {
    if (!is_shape(a) || !is_shape(b) || isnan(u)) return NAN;
    if (u == 0) return 0;
    double ln_x = isinf(u) ? -ln_u : -log1p(u), ln_y = -log1p(1 / u);
    double x = 1 / (1 + u), front = a * ln_x + b * ln_y - gsl_sf_lnbeta(a, b);
    if (x < (a + 1) / (a + b + 2)) return front - log(a) + log(beta_fraction(a, b, x));
    return fmin(log_complement(front - log(b) + log(beta_fraction(b, a, u / (1 + u)))), 0);
}

/* log Q(a, x), the upper incomplete gamma function over the complete one */
static double log_gamma_tail(double a, double x) {
    if (!is_shape(a) || isnan(x)) return NAN;
    double front = a * log(x) - x - gsl_sf_lngamma(a);
    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (int n = 1; n < MAX_TERMS && term > sum * DBL_EPSILON / 4; n++) sum += term *= x / (a + n);
        return log_complement(front + log(sum));
    }
    double b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d;
    for (int i = 1; i < MAX_TERMS; i++) {
        b += 2;
        double factor = lentz_step(-i * (i - a), b, &c, &d);
        h *= factor;
        if (fabs(factor - 1) < 2 * DBL_EPSILON) break;
    }
    return front + log(h);
}

static const double root_half = 0.707106781186547524;

double mdp_normal_sf(double z) { return 0.5 * erfc(z * root_half); }

double mdp_log10_normal_sf(double z) {
    enum { N_TERMS = 60 };
    static const double far = 25, half_log_2pi = 0.918938533204672742;
    if (z < 0) return log1p(-0.5 * erfc(-z * root_half)) / ln10;
    if (z < far) return log10(mdp_normal_sf(z));
    double fraction = z;
    for (int i = N_TERMS; i >= 1; i--) fraction = z + i / fraction;
    return (-0.5 * z * z - half_log_2pi - log(fraction)) / ln10;
}

static double log_f_sf(double f, double d1, double d2) {
    return log_beta_tail(0.5 * d2, 0.5 * d1, d1 / d2 * f, log(d1 / d2) + log(f));
}

static double log_t_sf(double t, double df) {
    static const double ln2 = 0.693147180559945309;
    double size = fabs(t), u = size / df * size;
    double log_tail = log_beta_tail(0.5 * df, 0.5, u, 2 * log(size) - log(df)) - ln2;
    return t < 0 ? log1p(-exp(log_tail)) : log_tail;
}

double mdp_log10_t_sf(double t, double df) { return log_t_sf(t, df) / ln10; }

double mdp_t_sf(double t, double df) { return exp(log_t_sf(t, df)); }

double mdp_log10_f_sf(double f, double d1, double d2) { return f <= 0 ? 0 : log_f_sf(f, d1, d2) / ln10; }

double mdp_log10_chi2_sf(double x, double df) { return x <= 0 ? 0 : log_gamma_tail(0.5 * df, 0.5 * x) / ln10; }

double mdp_t_quantile_sf(double p, double df) {
    enum { N_STEPS = 4 };
    if (!is_shape(df) || !(p >= 0 && p <= 1)) return NAN;
    if (p > 0.5) return -mdp_t_quantile_sf(1 - p, df);
    if (p == 0.5) return 0;
    /* the library's quantile, polished by Newton's rule on the logarithm of the tail */
    double t = gsl_cdf_tdist_Qinv(p, df);
    for (int i = 0; i < N_STEPS && isfinite(t); i++) {
        double tail = mdp_t_sf(t, df), density = gsl_ran_tdist_pdf(t, df);
        if (!(tail > 0 && density > 0)) break;
        t += (log(tail) - log(p)) * tail / density;
    }
    return t;
}

mdp_err mdp_tail_check(double value, const double *df, int n_df) {
    const struct mdp_sample samples[2] = {{"value", &value, 1}, {"degrees of freedom", df, n_df}};
    mdp_err err = mdp_check_samples(samples, n_df > 0 ? 2 : 1);
    for (int i = 0; err == MDP_OK && i < n_df; i++)
        if (df[i] <= 0) err = mdp_refuse(MDP_REFUSE_DOMAIN, "degrees of freedom: expected above 0, found %g", df[i]);
    return err;
}
