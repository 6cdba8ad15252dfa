/* non-central t: the normal tail, integrated over the distribution of the standard deviation. */
#include "stats/noncentral.h"

#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#include "stats/check.h"
#include "stats/gauss.h"
#include "stats/tails.h"

/* P(T > t), T non-central t: T = (Z + shift) / s with s the root of chi-square over df */
struct noncentral {
    double t, df, shift;
    double log_scale; /* log of the constant of the density of s */
};

/* log of the integrand. it is concave in s, and the search for its mode relies on that */
static double log_integrand(const struct noncentral *p, double s) {
    static const double ln10 = 2.302585092994045684;
    double log_density = p->log_scale + (p->df - 1) * log(s) - 0.5 * p->df * s * s;
    return log_density + ln10 * mdp_log10_normal_sf(p->t * s - p->shift);
}

static double find_mode(const struct noncentral *p, double low, double high) {
    static const double golden = 0.618033988749894848;
    for (int i = 0; i < 80; i++) {
        double a = high - golden * (high - low), b = low + golden * (high - low);
        if (log_integrand(p, a) < log_integrand(p, b))
            low = a;
        else
            high = b;
    }
    return 0.5 * (low + high);
}

/* where, going from `inside` towards `outside`, the integrand has fallen by e^-40 */
static double find_edge(const struct noncentral *p, double inside, double outside) {
    double level = log_integrand(p, inside) - 40;
    if (log_integrand(p, outside) >= level) return outside;
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (inside + outside);
        if (log_integrand(p, middle) >= level)
            inside = middle;
        else
            outside = middle;
    }
    return outside;
}

double mdp_noncentral_t_sf(double t, double df, double shift) {
    enum { N_PANELS = 24 };
    static const double ln2 = 0.693147180559945309, smallest = 1e-12;
    mdp_stats_quiet_gsl();
    struct noncentral p = {t, df, shift, ln2 + 0.5 * df * log(0.5 * df) - gsl_sf_lngamma(0.5 * df)};
    double nodes[MDP_GAUSS_NODES], weights[MDP_GAUSS_NODES];
    double far = 2 + 12 / sqrt(df), mode = find_mode(&p, smallest, far);
    double low = find_edge(&p, mode, smallest), high = find_edge(&p, mode, far), sum = 0;
    for (int i = 0; i < N_PANELS; i++) {
        double width = (high - low) / N_PANELS;
        mdp_gauss_panel(low + i * width, low + (i + 1) * width, nodes, weights);
        for (int k = 0; k < MDP_GAUSS_NODES; k++) sum += weights[k] * exp(log_integrand(&p, nodes[k]));
    }
    return fmin(sum, 1);
}

double mdp_noncentral_t_shift(double t, double df, double p) {
    double low = t, high = t, step = 1 + fabs(t);
    while (mdp_noncentral_t_sf(t, df, low) > p) low -= step, step *= 2;
    step = 1 + fabs(t);
    while (mdp_noncentral_t_sf(t, df, high) < p) high += step, step *= 2;
    for (int i = 0; i < 60 && high - low > 1e-12 * (1 + fabs(low)); i++) {
        double middle = 0.5 * (low + high);
        if (mdp_noncentral_t_sf(t, df, middle) < p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}
