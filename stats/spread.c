/* distances from the median, and contrasts of their means. */
#include "stats/spread.h"

#include <math.h>
#include <stdlib.h>

#include "stats/pvalue.h"
#include "stats/quad.h"
#include "stats/quantile.h"
#include "stats/rounding.h"
#include "stats/tails.h"

/* ratios are sought on a grid of this step */
static const double grid = 1.1;
enum { GRID_MAX = 400, HALVINGS = 60 };

/* cumulants of the mean distances of x and y, in units of the largest distance; mixed ones are 0 unless the samples are
 * paired */
struct joint {
    double n, m;
    int is_paired;
    double unit;
    mdp_quad x, y;
    mdp_quad second[3]; /* xx, xy, yy */
    mdp_quad third[4];  /* xxx, xxy, xyy, yyy */
};

/* mean x - r mean y */
struct contrast {
    double estimate, se, df;
    double skew; /* skewness of the estimate: its third cumulant over se^3 */
};

/* ---- distances ---- */

mdp_err mdp_spread_distances(const double *values, long n, double *out) {
    double *sorted = NULL;
    mdp_err err;
    MDP_TRY(mdp_check_values("distances", values, n));
    MDP_TRY(mdp_calloc(&sorted, (unsigned long)n, sizeof *sorted, "sorted sample"));
    mdp_sort(values, n, sorted);
    mdp_quad median = ((mdp_quad)sorted[(n - 1) / 2] + (mdp_quad)sorted[n / 2]) / 2;
    for (long i = 0; i < n; i++) {
        mdp_quad d = (mdp_quad)values[i] - median;
        out[i] = n > 1 ? (double)((d < 0 ? -d : d) * (mdp_quad)n / (mdp_quad)(n - 1)) : 0;
    }
out:
    free(sorted);
    return err;
}

/* ---- contrasts ---- */

static mdp_quad mean_of(const struct mdp_sample *s, double unit) {
    mdp_quad sum = 0;
    for (long i = 0; i < s->n; i++) sum += (mdp_quad)s->values[i] / (mdp_quad)unit;
    return sum / (mdp_quad)s->n;
}

/* the deviations of a pair, or of one value with 0 in the place of the other, n values in all */
static void add(struct joint *j, mdp_quad x, mdp_quad y, mdp_quad n) {
    mdp_quad of_square = 1 / (n * (n - 1)), of_cube = n > 2 ? of_square / (n - 2) : 0;
    j->second[0] += of_square * x * x;
    j->second[1] += of_square * x * y;
    j->second[2] += of_square * y * y;
    j->third[0] += of_cube * x * x * x;
    j->third[1] += of_cube * x * x * y;
    j->third[2] += of_cube * x * y * y;
    j->third[3] += of_cube * y * y * y;
}

static struct joint joint_of(const struct mdp_sample *x, const struct mdp_sample *y, int is_paired) {
    struct joint j = {.n = (double)x->n, .m = (double)y->n, .is_paired = is_paired};
    for (long i = 0; i < x->n; i++) j.unit = fmax(j.unit, x->values[i]);
    for (long i = 0; i < y->n; i++) j.unit = fmax(j.unit, y->values[i]);
    if (!(j.unit > 0)) return j;
    j.x = mean_of(x, j.unit);
    j.y = mean_of(y, j.unit);
    for (long i = 0; i < x->n; i++)
        add(&j, (mdp_quad)x->values[i] / (mdp_quad)j.unit - j.x,
            is_paired ? (mdp_quad)y->values[i] / (mdp_quad)j.unit - j.y : 0, (mdp_quad)x->n);
    for (long i = 0; i < y->n && !is_paired; i++)
        add(&j, 0, (mdp_quad)y->values[i] / (mdp_quad)j.unit - j.y, (mdp_quad)y->n);
    return j;
}

/* degrees of freedom for pairs are Student's, else Satterthwaite's */
static struct contrast contrast_at(const struct joint *j, double ratio) {
    mdp_quad r = (mdp_quad)ratio, v = j->second[0] - 2 * r * j->second[1] + r * r * j->second[2];
    double third = (double)(j->third[0] - 3 * r * j->third[1] + 3 * r * r * j->third[2] - r * r * r * j->third[3]);
    double of_x = (double)j->second[0], of_y = (double)(r * r * j->second[2]), x = (double)j->x, y = (double)(r * j->y);
    double se = v > 0 ? sqrt((double)v) : 0;
    struct contrast c = {.estimate = (double)(j->x - r * j->y), .se = se > MDP_ROUNDING_OF_SUMS * fmax(x, y) ? se : 0};
    c.df =
        j->is_paired ? j->n - 1 : (of_x + of_y) * (of_x + of_y) / (of_x * of_x / (j->n - 1) + of_y * of_y / (j->m - 1));
    c.skew = c.se > 0 ? third / (c.se * c.se * c.se) : 0;
    return c;
}

/* Hall's transformation: of a t of skewed values it makes one that is nearly symmetric */
static double hall(const struct contrast *c, double t) {
    double a = c->skew;
    return t + a * t * t / 3 + a * a * t * t * t / 27 + a / 6;
}

/* its inverse */
static double unhall(const struct contrast *c, double t) {
    double a = c->skew, z = a * (t - a / 6);
    if (a == 0) return t;
    return 3 / a * (z > -0.5 ? expm1(log1p(z) / 3) : cbrt(1 + z) - 1);
}

/* p-values for a contrast above a value, and below it: t and Hall's transformed t are both computed, and the more
 * cautious of the two, with the larger p, is taken */
static double p_above(const struct contrast *c, double value) {
    double t = (c->estimate - value) / c->se;
    return mdp_t_sf(fmin(t, hall(c, t)), c->df);
}

static double p_below(const struct contrast *c, double value) {
    double t = (c->estimate - value) / c->se;
    return mdp_t_sf(-fmax(t, hall(c, t)), c->df);
}

/* ---- ratios ---- */

/* what is sought: where x is surely above r y, or below it */
struct search {
    const struct joint *joint;
    int is_above;
    double alpha;
};

static int is_sure(const struct search *s, double r) {
    struct contrast c = contrast_at(s->joint, r);
    return c.se > 0 && (s->is_above ? p_above(&c, 0) : p_below(&c, 0)) <= s->alpha;
}

/* the ratio nearest to the one seen of which that holds */
static double end_of(const struct search *s, double seen) {
    double r = seen, last = seen, step = s->is_above ? 1 / grid : grid;
    for (int k = 0; k < GRID_MAX && !is_sure(s, r); k++) {
        last = r;
        r *= step;
    }
    if (!is_sure(s, r)) return s->is_above ? 0 : INFINITY;
    for (int k = 0; k < HALVINGS; k++) {
        double middle = 0.5 * (r + last);
        *(is_sure(s, middle) ? &r : &last) = middle;
    }
    return r;
}

/* sd of the plain distances, which Brown and Forsythe's test sees */
static void standardize(const struct joint *j, struct mdp_spread *out) {
    double plain_x = (j->n - 1) / j->n, plain_y = (j->m - 1) / j->m;
    double var_x = plain_x * plain_x * (double)j->second[0] * j->n,
           var_y = plain_y * plain_y * (double)j->second[2] * j->m, sd = sqrt(0.5 * (var_x + var_y));
    out->d = (plain_x * (double)j->x - plain_y * (double)j->y) / sd;
    out->unit = sd / (plain_y * (double)j->y);
}

static void compare(const struct joint *j, struct mdp_spread *out) {
    const struct search above = {j, 1, 0.5 * (1 - out->level)}, below = {j, 0, 0.5 * (1 - out->level)};
    out->spread_x = (double)(j->x * (mdp_quad)j->unit);
    out->spread_y = (double)(j->y * (mdp_quad)j->unit);
    if (!(j->x > 0 && j->y > 0)) return;
    out->ratio = (double)(j->x / j->y);
    out->is_degenerate = !(sqrt((double)(j->second[0] + j->second[2])) > MDP_ROUNDING_OF_SUMS * (double)(j->x + j->y));
    if (out->is_degenerate) return;
    standardize(j, out);
    out->low = end_of(&above, out->ratio);
    out->high = end_of(&below, out->ratio);
}

static mdp_err check(const struct mdp_sample samples[2], int is_paired, double *level) {
    mdp_err err;
    MDP_TRY(is_paired ? mdp_check_paired(samples, 2) : mdp_check_samples(samples, 2));
    MDP_TRY(mdp_level_settle(level));
    for (int i = 0; i < 2; i++) MDP_TRY(mdp_check_enough(samples[i].name, samples[i].n, 2));
out:
    return err;
}

mdp_err mdp_spread_compute(const struct mdp_sample *x, const struct mdp_sample *y, int is_paired, double level,
                           struct mdp_spread *out) {
    const struct mdp_sample samples[2] = {*x, *y};
    double *distances = NULL;
    mdp_err err;
    MDP_TRY(check(samples, is_paired, &level));
    MDP_TRY(mdp_calloc(&distances, (unsigned long)(x->n + y->n), sizeof *distances, "distances"));
    MDP_TRY(mdp_spread_distances(x->values, x->n, distances));
    MDP_TRY(mdp_spread_distances(y->values, y->n, distances + x->n));
    const struct mdp_sample of_x = {x->name, distances, x->n}, of_y = {y->name, distances + x->n, y->n};
    *out = (struct mdp_spread){.n = x->n,
                               .m = y->n,
                               .ratio = NAN,
                               .level = level,
                               .low = NAN,
                               .high = NAN,
                               .d = NAN,
                               .unit = NAN,
                               .is_degenerate = 1};
    const struct joint joint = joint_of(&of_x, &of_y, is_paired);
    compare(&joint, out);
out:
    free(distances);
    return err;
}

/* ---- differences ---- */

mdp_err mdp_spread_against(const struct mdp_sample *x, const struct mdp_sample *y, int is_paired, double margin,
                           double level, struct mdp_spread_difference *out) {
    const struct mdp_sample samples[2] = {*x, *y};
    mdp_err err;
    MDP_TRY(check(samples, is_paired, &level));
    for (int i = 0; i < 2; i++)
        for (long k = 0; k < samples[i].n; k++)
            MDP_TRY(mdp_check_range(samples[i].name, samples[i].values[k], 0, INFINITY));
    const struct joint j = joint_of(x, y, is_paired);
    struct contrast c = {.se = 0};
    if (j.unit > 0) c = contrast_at(&j, 1);
    double estimate = c.estimate * j.unit, beyond = estimate - margin;
    int is_fact = x->n > 2 && y->n > 2 && fabs(beyond) > MDP_ROUNDING_OF_SUMS * fmax(j.unit, margin);
    *out = (struct mdp_spread_difference){
        estimate, estimate, estimate, !(is_fact && beyond < 0), !(is_fact && beyond > 0), 1};
    if (!(c.se > 0)) goto out;
    double t = mdp_t_quantile_sf(0.5 * (1 - level), c.df);
    out->is_degenerate = 0;
    out->p_below = p_below(&c, margin / j.unit);
    out->p_above = p_above(&c, margin / j.unit);
    out->low = j.unit * (c.estimate - c.se * fmax(t, unhall(&c, t)));
    out->high = j.unit * (c.estimate + c.se * fmax(t, -unhall(&c, -t)));
out:
    return err;
}
