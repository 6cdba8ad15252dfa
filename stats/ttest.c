/* t tests: sums in quadruple precision around a value of the data, everything else in units near the spread. */
#include "stats/ttest.h"

#include <float.h>
#include <math.h>

#include "stats/quad.h"
#include "stats/rounding.h"
#include "stats/tails.h"

/* mean and sum of squared deviations of values - origin */
struct centered {
    mdp_quad mean, squares;
};

static struct centered center(const struct mdp_sample *s, mdp_quad origin) {
    struct centered out = {0, 0};
    for (long i = 0; i < s->n; i++) out.mean += (mdp_quad)s->values[i] - origin;
    out.mean /= (mdp_quad)s->n;
    for (long i = 0; i < s->n; i++) {
        mdp_quad d = (mdp_quad)s->values[i] - origin - out.mean;
        out.squares += d * d;
    }
    return out;
}

/* a power of two near the largest deviation from the origin */
static double unit_of(const struct mdp_sample *x, const struct mdp_sample *y, double origin) {
    double largest = 0;
    int exponent;
    for (long i = 0; i < x->n; i++) largest = fmax(largest, fabs(0.5 * x->values[i] - 0.5 * origin));
    for (long i = 0; i < y->n; i++) largest = fmax(largest, fabs(0.5 * y->values[i] - 0.5 * origin));
    frexp(fmax(largest, DBL_MIN), &exponent);
    return ldexp(1.0, exponent < 1023 ? exponent : 1023);
}

/* a sample of equal values has no spread, whatever its mean rounds to */
static mdp_quad variance_of(const struct centered *c, const struct mdp_sample *s) {
    int is_constant = 1;
    for (long i = 1; i < s->n && is_constant; i++) is_constant = s->values[i] == s->values[0];
    return is_constant ? 0 : c->squares / (mdp_quad)(s->n - 1);
}

void mdp_contrast_compute(const struct mdp_sample *x, const struct mdp_sample *y, struct mdp_contrast *out) {
    double origin = y->values[0], unit = unit_of(x, y, origin);
    struct centered of_x = center(x, (mdp_quad)origin), of_y = center(y, (mdp_quad)origin);
    mdp_quad u = (mdp_quad)unit, var_x = variance_of(&of_x, x), var_y = variance_of(&of_y, y);
    mdp_quad diff = of_x.mean - of_y.mean;
    *out = (struct mdp_contrast){
        .n = x->n,
        .m = y->n,
        .mean_x = (double)((mdp_quad)origin + of_x.mean),
        .mean_y = (double)((mdp_quad)origin + of_y.mean),
        .diff = (double)diff,
        .var_x = x->n > 1 ? (double)var_x : NAN,
        .var_y = y->n > 1 ? (double)var_y : NAN,
        .unit = unit,
        .diff_units = (double)(diff / u),
        .var_x_units = x->n > 1 ? (double)(var_x / (u * u)) : NAN,
        .var_y_units = y->n > 1 ? (double)(var_y / (u * u)) : NAN,
    };
}

/* the result if there is no spread */
static void test_without_spread(const struct mdp_contrast *c, struct mdp_t *out) {
    double t = c->diff_units == 0 ? 0 : copysign(INFINITY, c->diff_units);
    *out = (struct mdp_t){t, NAN, 0, t == 0 ? mdp_p_certain() : mdp_p_of_t(t, 1), c->diff, c->diff};
}

static void test_with_spread(const struct mdp_contrast *c, double se_units, double df, double level,
                             struct mdp_t *out) {
    double half = mdp_t_quantile_sf(0.5 * (1 - level), df) * se_units;
    out->t = c->diff_units / se_units;
    out->df = df;
    out->se = se_units * c->unit;
    out->p = mdp_p_of_t(out->t, df);
    out->low = (c->diff_units - half) * c->unit;
    out->high = (c->diff_units + half) * c->unit;
}

static void test_both_ways(const struct mdp_contrast *c, double level, struct mdp_ttest *out) {
    double n = (double)c->n, m = (double)c->m;
    double of_x = c->var_x_units / n, of_y = c->var_y_units / m, sum = of_x + of_y;
    double pooled = ((n - 1) * c->var_x_units + (m - 1) * c->var_y_units) / (n + m - 2);
    /* shares of the sum: squares of small variances would leave the doubles */
    double share_x = of_x / sum, share_y = of_y / sum;
    double df = 1 / (share_x * share_x / (n - 1) + share_y * share_y / (m - 1));
    test_with_spread(c, sqrt(sum), df, level, &out->welch);
    test_with_spread(c, sqrt(pooled * (1 / n + 1 / m)), n + m - 2, level, &out->pooled);
}

mdp_err mdp_ttest_compute(const struct mdp_sample *x, const struct mdp_sample *y, double level, struct mdp_ttest *out) {
    const struct mdp_sample samples[2] = {*x, *y};
    struct mdp_contrast c;
    mdp_err err = mdp_check_samples(samples, 2);
    if (!err) err = mdp_level_settle(&level);
    if (!err) err = mdp_check_enough(x->name, x->n, 2);
    if (!err) err = mdp_check_enough(y->name, y->n, 2);
    if (err) return err;
    mdp_contrast_compute(x, y, &c);
    *out = (struct mdp_ttest){.n = c.n,
                              .m = c.m,
                              .mean_x = c.mean_x,
                              .mean_y = c.mean_y,
                              .var_x = c.var_x,
                              .var_y = c.var_y,
                              .diff = c.diff,
                              .level = level,
                              .sd_average = sqrt(0.5 * (c.var_x_units + c.var_y_units)) * c.unit};
    out->is_degenerate = c.var_x_units + c.var_y_units == 0;
    if (out->is_degenerate) {
        test_without_spread(&c, &out->welch);
        out->pooled = out->welch;
    } else {
        test_both_ways(&c, level, out);
    }
    return MDP_OK;
}

/* P(T > distance / se); without spread it is a matter of fact, and no distance but for rounding decides nothing */
static double upper_tail(const struct mdp_ttest *test, double margin, double distance) {
    if (test->welch.se > 0) {
        double t = distance / test->welch.se;
        return isinf(t) ? (double)(t < 0) : mdp_t_sf(t, test->welch.df);
    }
    return distance > mdp_rounding_of(fmax(fmax(fabs(test->mean_x), fabs(test->mean_y)), margin)) ? 0 : 1;
}

mdp_err mdp_ttest_equivalence(const struct mdp_ttest *test, double margin, struct mdp_equivalence *out) {
    mdp_err err = mdp_check_values("margin", &margin, 1);
    if (!err) err = mdp_check_range("margin", margin, DBL_TRUE_MIN, DBL_MAX);
    if (err) return err;
    out->margin = margin;
    out->noninf_p = upper_tail(test, margin, test->diff + margin);
    out->tost_p = fmax(out->noninf_p, upper_tail(test, margin, margin - test->diff));
    return MDP_OK;
}
