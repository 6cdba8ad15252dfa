/* non-central t: the normal tail, integrated over the distribution of the standard deviation. */
#include "stats/noncentral.h"

#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#include "stats/check.h"
#include "stats/gauss.h"

/* s is the root of chi-square over df; T > t where the normal variate exceeds t s - shift */
struct noncentral {
    double t, df, shift;
    double log_scale; /* of the density of s */
};

static double integrand(const struct noncentral *p, double s) {
    double log_density = p->log_scale + (p->df - 1) * log(s) - 0.5 * p->df * s * s;
    return exp(log_density) * 0.5 * erfc((p->t * s - p->shift) * 0.707106781186547524);
}

static double integrate(const struct noncentral *p, double low, double high) {
    enum { N_PANELS = 10 };
    double nodes[MDP_GAUSS_NODES], weights[MDP_GAUSS_NODES], sum = 0, width = (high - low) / N_PANELS;
    if (!(width > 0)) return 0;
    for (int i = 0; i < N_PANELS; i++) {
        mdp_gauss_panel(low + i * width, low + (i + 1) * width, nodes, weights);
        for (int k = 0; k < MDP_GAUSS_NODES; k++) sum += weights[k] * integrand(p, nodes[k]);
    }
    return sum;
}

static double clamp(double value, double low, double high) { return fmin(fmax(value, low), high); }

double mdp_noncentral_t_sf(double t, double df, double shift) {
    static const double ln2 = 0.693147180559945309, reach = 9;
    mdp_stats_quiet_gsl();
    struct noncentral p = {t, df, shift, ln2 + 0.5 * df * log(0.5 * df) - gsl_sf_lngamma(0.5 * df)};
    double low = fmax(1 - 10 / sqrt(df), 0), high = 1 + 10 / sqrt(df);
    /* the normal tail is a step of width 1 / |t|, which panels of their own follow however steep it is */
    double center = t == 0 ? low : shift / t, half = t == 0 ? 0 : reach / fabs(t);
    double from = clamp(center - half, low, high), to = clamp(center + half, low, high);
    return fmin(integrate(&p, low, from) + integrate(&p, from, to) + integrate(&p, to, high), 1);
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
