/* learning curves: trapezoids over checked steps. */
#include "stats/curve.h"

#include <float.h>
#include <math.h>

#include "stats/check.h"
#include "stats/moments.h"

static const double threshold_share = 0.9; /* of the base's peak */

static mdp_err check_steps(const struct mdp_curve *curve) {
    for (long i = 1; i < curve->n; i++) {
        if (curve->steps[i] <= curve->steps[i - 1])
            return mdp_refuse(MDP_REFUSE_DOMAIN, "steps: expected strictly increasing values, found %g after %g at %ld",
                              curve->steps[i], curve->steps[i - 1], i);
    }
    return mdp_check_enough("curve", curve->n, 2);
}

static mdp_err check_curve(const struct mdp_curve *curve) {
    const struct mdp_sample samples[2] = {{"steps", curve->steps, curve->n}, {"values", curve->values, curve->n}};
    mdp_err err = mdp_check_paired(samples, 2);
    return err ? err : check_steps(curve);
}

static mdp_err check_both(const struct mdp_curve *base, const struct mdp_curve *test, double window) {
    const struct mdp_sample samples[4] = {{"base", base->values, base->n},
                                          {"base steps", base->steps, base->n},
                                          {"test", test->values, test->n},
                                          {"test steps", test->steps, test->n}};
    mdp_err err = mdp_check_paired(samples, 4);
    if (err) return err;
    for (long i = 0; i < base->n; i++) {
        if (base->steps[i] != test->steps[i])
            return mdp_refuse(MDP_REFUSE_SHAPE, "test steps: expected %g as in base, found %g at %ld", base->steps[i],
                              test->steps[i], i);
    }
    err = mdp_check_range("window", window, nextafter(0, 1), 1);
    return err ? err : check_steps(base);
}

/* the area under a curve up to step `end`, where the curve is cut by linear interpolation */
static double area_until(const struct mdp_curve *curve, double end) {
    const double *s = curve->steps, *v = curve->values;
    double area = 0;
    for (long i = 1; i < curve->n && s[i - 1] < end; i++) {
        double width = fmin(s[i], end) - s[i - 1], share = width / (s[i] - s[i - 1]);
        double right = s[i] <= end ? v[i] : (1 - share) * v[i - 1] + share * v[i];
        area += width * (0.5 * v[i - 1] + 0.5 * right);
    }
    return area;
}

static double last_step(const struct mdp_curve *curve) { return curve->steps[curve->n - 1]; }

static long position_of_peak(const struct mdp_curve *curve) {
    long i_peak = 0;
    for (long i = 1; i < curve->n; i++) {
        if (curve->values[i] > curve->values[i_peak]) i_peak = i;
    }
    return i_peak;
}

mdp_err mdp_curve_summarize(const struct mdp_curve *curve, struct mdp_curve_summary *out) {
    mdp_err err = check_curve(curve);
    if (err) return err;
    long n_last = curve->n < MDP_CURVE_LAST ? curve->n : MDP_CURVE_LAST;
    out->auc = area_until(curve, last_step(curve));
    out->auc_norm = out->auc / (last_step(curve) - curve->steps[0]);
    out->i_peak = position_of_peak(curve);
    out->peak = curve->values[out->i_peak];
    out->last10_mean = mdp_mean(curve->values + curve->n - n_last, n_last);
    return MDP_OK;
}

static double relative(double test, double base) { return base == 0 ? NAN : (test - base) / fabs(base); }

static double first_step_at(const struct mdp_curve *curve, double threshold) {
    for (long i = 0; i < curve->n; i++) {
        if (curve->values[i] >= threshold) return curve->steps[i];
    }
    return NAN;
}

mdp_err mdp_curve_compare(const struct mdp_curve *base, const struct mdp_curve *test, struct mdp_curve_gain *out) {
    mdp_err err = check_both(base, test, 1);
    if (err) return err;
    double end = last_step(base), peak_base = base->values[position_of_peak(base)];
    out->auc_pct = 100 * relative(area_until(test, end), area_until(base, end));
    out->peak_pct = 100 * relative(test->values[position_of_peak(test)], peak_base);
    out->threshold = threshold_share * peak_base;
    out->first_step_base = first_step_at(base, out->threshold);
    out->first_step_test = first_step_at(test, out->threshold);
    out->is_degenerate = isnan(out->auc_pct) || isnan(out->peak_pct);
    return MDP_OK;
}

/* a window of no width holds one point: the area over it tends to that point's value */
static double mean_until(const struct mdp_curve *curve, double window) {
    return window > 0 ? area_until(curve, curve->steps[0] + window) / window : curve->values[0];
}

static void compare_window(const struct mdp_curve *base, const struct mdp_curve *test, double fraction,
                           struct mdp_curve_early *out) {
    double window = fraction * (last_step(base) - base->steps[0]);
    out->auc_base = mean_until(base, window);
    out->auc_test = mean_until(test, window);
    out->gain_abs = out->auc_test - out->auc_base;
    out->gain_rel = relative(out->auc_test, out->auc_base);
    out->gain_ratio = out->auc_base == 0 ? NAN : out->auc_test / out->auc_base;
    out->is_degenerate = out->auc_base == 0;
}

mdp_err mdp_curve_compare_early(const struct mdp_curve *base, const struct mdp_curve *test, double fraction,
                                struct mdp_curve_early *out) {
    mdp_err err = check_both(base, test, fraction);
    if (err == MDP_OK) compare_window(base, test, fraction, out);
    return err;
}

mdp_err mdp_curve_compare_until(const struct mdp_curve *base, const struct mdp_curve *test, double until,
                                struct mdp_curve_window *out) {
    *out = (struct mdp_curve_window){0, 0, NAN, {NAN, NAN, NAN, NAN, NAN, 0}};
    mdp_err err = check_both(base, test, 1);
    if (err == MDP_OK) err = mdp_check_range("until", until, -DBL_MAX, DBL_MAX);
    if (err != MDP_OK) return err;
    double sum = 0, first = base->steps[0];
    for (; out->n < base->n && base->steps[out->n] <= until; out->n++)
        sum += test->values[out->n] - base->values[out->n];
    if (out->n == 0) return MDP_OK;
    out->is_whole = out->n == base->n;
    out->mean_gain = sum / (double)out->n;
    compare_window(base, test, fmin(1, (until - first) / (last_step(base) - first)), &out->area);
    return MDP_OK;
}
