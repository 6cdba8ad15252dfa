#include "stats/power.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "stats/check.h"
#include "stats/noncentral.h"
#include "stats/tails.h"

static const double most_n = 1e9;

static double alpha_of(const struct mdp_test_plan *plan) { return plan->alpha == 0 ? 0.05 : plan->alpha; }

static double tail_of(const struct mdp_test_plan *plan) {
    return plan->sides == MDP_SIDES_TWO ? 0.5 * alpha_of(plan) : alpha_of(plan);
}

static double power_at(const struct mdp_test_plan *plan, double effect, double n) {
    int is_paired = plan->design == MDP_DESIGN_PAIRED;
    double df = is_paired ? n - 1 : 2 * n - 2, shift = effect * sqrt(is_paired ? n : 0.5 * n);
    double critical = mdp_t_quantile_sf(tail_of(plan), df), power = mdp_noncentral_t_sf(critical, df, shift);
    if (plan->sides == MDP_SIDES_TWO) power += mdp_noncentral_t_sf(critical, df, -shift);
    return fmin(power, 1);
}

static mdp_err check_plan(const struct mdp_test_plan *plan, double value, double power) {
    const double values[3] = {alpha_of(plan), value, power};
    mdp_err err = mdp_check_values("alpha, effect or n, power", values, 3);
    if (!err) err = mdp_check_range("alpha", values[0], nextafter(0, 1), nextafter(1, 0));
    return err ? err : mdp_check_range("power", power, nextafter(0, 1), nextafter(1, 0));
}

static mdp_err check_n(double n) {
    mdp_err err = mdp_check_range("n per group", n, 0, most_n);
    if (!err && n < 2) return mdp_refuse(MDP_REFUSE_TOO_FEW, "n per group: expected at least 2, found %g", n);
    return err;
}

mdp_err mdp_power_ttest(const struct mdp_test_plan *plan, double effect, double n, double *out) {
    const double values[2] = {effect, n};
    mdp_err err;
    MDP_TRY(mdp_check_values("effect, n per group", values, 2));
    MDP_TRY(check_plan(plan, effect, 0.5));
    MDP_TRY(check_n(n));
    *out = power_at(plan, effect, n);
out:
    return err;
}

mdp_err mdp_power_detectable(const struct mdp_test_plan *plan, double n, double power, double *out) {
    mdp_err err;
    double low = 0, high = 1;
    MDP_TRY(check_plan(plan, n, power));
    MDP_TRY(check_n(n));
    *out = 0;
    if (power <= alpha_of(plan)) return MDP_OK;
    while (power_at(plan, high, n) < power) high *= 2;
    for (int i = 0; i < 60 && high - low > 1e-12 * high; i++) {
        double middle = 0.5 * (low + high);
        if (power_at(plan, middle, n) < power)
            low = middle;
        else
            high = middle;
    }
    *out = 0.5 * (low + high);
out:
    return err;
}

mdp_err mdp_power_n_required(const struct mdp_test_plan *plan, double effect, double power, double *out) {
    mdp_err err;
    MDP_TRY(check_plan(plan, effect, power));
    *out = NAN;
    if (effect == 0 || (effect < 0 && plan->sides == MDP_SIDES_GREATER)) return MDP_OK;
    /* the search starts just above the least n that has a degree of freedom; if that is enough, it is the answer */
    double low = 1.01, high = 4;
    while (high < most_n && power_at(plan, effect, high) < power) high *= 2;
    if (high >= most_n) return MDP_OK;
    for (int i = 0; i < 60 && high - low > 1e-12 * high; i++) {
        double middle = 0.5 * (low + high);
        if (power_at(plan, effect, middle) < power)
            low = middle;
        else
            high = middle;
    }
    *out = 0.5 * (low + high);
out:
    return err;
}

mdp_err mdp_power_detectable_superiority(const struct mdp_test_plan *plan, double n, double power, double *out) {
    mdp_err err;
    MDP_TRY(check_plan(plan, n, power));
    MDP_TRY(check_n(n));
    *out = 0.5 + (gsl_cdf_ugaussian_Qinv(tail_of(plan)) + gsl_cdf_ugaussian_Pinv(power)) / sqrt(6 * n);
out:
    return err;
}

mdp_err mdp_power_n_required_superiority(const struct mdp_test_plan *plan, double superiority, double power,
                                         double *out) {
    mdp_err err;
    MDP_TRY(check_plan(plan, superiority, power));
    MDP_TRY(mdp_check_range("P(x > y)", superiority, 0, 1));
    double distance = superiority - 0.5;
    double z = gsl_cdf_ugaussian_Qinv(tail_of(plan)) + gsl_cdf_ugaussian_Pinv(power);
    *out = NAN;
    if (distance == 0 || (distance < 0 && plan->sides == MDP_SIDES_GREATER)) return MDP_OK;
    double n = z <= 0 ? 0 : z * z / (6 * distance * distance);
    if (n < most_n) *out = n;
out:
    return err;
}

double mdp_power_n_of_p(double p, double alpha, double n, double power) {
    if (!(p < 0.5)) return INFINITY;
    double seen = p > 0 ? gsl_cdf_ugaussian_Qinv(p) : INFINITY;
    double ratio = (gsl_cdf_ugaussian_Qinv(alpha) + gsl_cdf_ugaussian_Pinv(power)) / seen;
    double found = fmax(ceil(n * ratio * ratio), floor(n) + 1);
    return found < most_n ? found : INFINITY;
}

double mdp_power_least_n(int is_paired, double alpha) {
    double p = 1, n = 1;
    while (p > alpha) {
        n++;
        p *= is_paired ? 0.5 : n / (2 * (2 * n - 1));
    }
    return n;
}

int mdp_power_is_uneven(long n, long m) { return n > 2 * m || m > 2 * n; }
