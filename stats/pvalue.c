/* p values: tails of the t and the normal distribution. */
#include "stats/pvalue.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "stats/check.h"
#include "stats/tails.h"

static const double default_level = 0.95;
static const double log10_2 = 0.301029995663981195;

struct mdp_p mdp_p_undefined(void) {
    return (struct mdp_p){NAN, NAN, NAN, NAN};
}

struct mdp_p mdp_p_certain(void) {
    return (struct mdp_p){1, 1, 1, 0};
}

struct mdp_p mdp_p_of_tails(double less, double greater) {
    double two = fmin(1, 2 * fmin(less, greater));
    return (struct mdp_p){two, fmin(less, 1), fmin(greater, 1), log10(two)};
}

struct mdp_p mdp_p_of_t(double t, double df) {
    if (isinf(t)) return (struct mdp_p){0, t < 0 ? 0 : 1, t > 0 ? 0 : 1, -INFINITY};
    double log10_two = fmin(log10_2 + mdp_log10_t_sf(fabs(t), df), 0);
    return (struct mdp_p){fmin(2 * mdp_t_sf(fabs(t), df), 1), mdp_t_sf(-t, df), mdp_t_sf(t, df), log10_two};
}

static double normal_sf(double z) { return 0.5 * erfc(z * 0.707106781186547524); }

struct mdp_z mdp_z_of(double distance, double sd, double correction) {
    if (sd == 0) return (struct mdp_z){0, mdp_p_certain()};
    double size = fmax(fabs(distance) - correction, 0) / sd;
    struct mdp_z out = {distance < 0 ? -size : size, {0, 0, 0, 0}};
    out.p.two = fmin(1, 2 * normal_sf(size));
    out.p.log10_two = fmin(log10_2 + mdp_log10_normal_sf(size), 0);
    out.p.less = normal_sf(-(distance + correction) / sd);
    out.p.greater = normal_sf((distance - correction) / sd);
    return out;
}

double mdp_level_z(double level) {
    mdp_stats_quiet_gsl();
    return gsl_cdf_ugaussian_Qinv(0.5 * (1 - level));
}

mdp_err mdp_level_settle(double *level) {
    if (*level == 0) *level = default_level;
    return mdp_check_range("level", *level, nextafter(0, 1), nextafter(1, 0));
}
