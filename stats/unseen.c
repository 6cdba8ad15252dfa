#include "stats/unseen.h"

#include <math.h>
#include <stdlib.h>

#include "stats/moments.h"
#include "stats/rounding.h"
#include "stats/tails.h"

/* the normal error of the needed mean is taken at the nodes of a Gauss-Hermite rule */
enum { N_NODES = 7, N_STEPS = 200 };
static const double nodes[N_NODES] = {-3.750439717725742, -2.366759410734541, -1.154405394739968, 0,
                                      1.154405394739968,  2.366759410734541,  3.750439717725742};
static const double weights[N_NODES] = {5.482688559722180e-4, 3.075712396758652e-2, 2.401231786050127e-1,
                                        4.571428571428571e-1, 2.401231786050127e-1, 3.075712396758652e-2,
                                        5.482688559722180e-4};

static const double root_2pi = 2.506628274631000502;

/* values and the worst one, each less the mean that is needed */
struct sum {
    const double *values;
    long n;
    double worst, needed;
};

static double term(const struct sum *s, long i) { return (i < s->n ? s->values[i] : s->worst) - s->needed; }

/* the cumulant function of the sum of terms, each times a standard exponential, and what is derived from it */
struct cumulants {
    double k, first, second;
};

static struct cumulants cumulants_at(const struct sum *s, double t) {
    struct cumulants c = {0, 0, 0};
    for (long i = 0; i <= s->n; i++) {
        double a = term(s, i), r = a / (1 - t * a);
        c.k -= log1p(-t * a);
        c.first += r;
        c.second += r * r;
    }
    return c;
}

/* where the first derivative is 0: it rises between the poles */
static double saddle_of(const struct sum *s, double low, double high) {
    double a = 1 / low, b = 1 / high, t = 0;
    for (int k = 0; k < N_STEPS && b - a > 1e-14 * (fabs(a) + fabs(b)); k++) {
        const struct cumulants c = cumulants_at(s, t);
        *(c.first > 0 ? &b : &a) = t;
        double next = t - c.first / c.second;
        if (fabs(next - t) <= 1e-12 * fabs(t)) return next;
        t = next > a && next < b ? next : 0.5 * (a + b);
    }
    return t;
}

/* half, but for the skew, where the saddle is at 0 */
static double near_half(const struct sum *s) {
    double second = 0, third = 0, first = 0;
    for (long i = 0; i <= s->n; i++) {
        double a = term(s, i);
        first += a;
        second += a * a;
        third += 2 * a * a * a;
    }
    return mdp_normal_sf(first / sqrt(second)) + third / (6 * root_2pi * pow(second, 1.5));
}

/* the chance of a sum of at most 0 */
static double chance(const struct sum *s) {
    double low = s->worst - s->needed, high = low;
    for (long i = 0; i < s->n; i++) {
        low = fmin(low, term(s, i));
        high = fmax(high, term(s, i));
    }
    if (low >= 0) return low > 0 || high > 0 ? 0 : 1;
    if (high <= 0) return 1;
    double t = saddle_of(s, low, high);
    const struct cumulants c = cumulants_at(s, t);
    double w = copysign(sqrt(fmax(0, -2 * c.k)), t), u = t * sqrt(c.second);
    if (fabs(w) < 1e-3) return near_half(s);
    double p = mdp_normal_sf(-w) + exp(-0.5 * w * w) / root_2pi * (1 / w - 1 / u);
    return fmin(1, fmax(0, p));
}

/* for n equal values p is known exactly: the weight of the worst of n + 1 has a Beta(1, n) distribution */
static double of_equal(const struct sum *s) {
    double lost = s->values[0] - s->needed, range = s->values[0] - s->worst;
    if (!(lost > 0)) return 1;
    return lost >= range ? 0 : exp((double)s->n * log1p(-lost / range));
}

static int are_equal(const double *values, long n) {
    for (long i = 1; i < n; i++)
        if (values[i] != values[0]) return 0;
    return 1;
}

mdp_err mdp_unseen_p(const double *values, long n, const struct mdp_unseen_plan *plan, double *p) {
    mdp_err err;
    struct sum sum = {values, n, plan->worst, plan->needed};
    *p = 1;
    MDP_TRY(mdp_check_values("values", values, n));
    MDP_TRY(mdp_check_values("needed mean", &plan->needed, 1));
    MDP_TRY(mdp_check_range("standard error", plan->se, 0, INFINITY));
    if (isnan(plan->worst)) MDP_TRY(mdp_check_values("worst", &plan->worst, 1));
    if (isinf(plan->worst)) goto out;
    for (long i = 0; i < n; i++) sum.worst = fmin(sum.worst, values[i]);
    int is_one_value = are_equal(values, n);
    *p = 0;
    for (int k = 0; k < N_NODES; k++) {
        sum.needed = plan->needed + plan->se * nodes[k];
        double here = is_one_value ? of_equal(&sum) : chance(&sum);
        if (!(plan->se > 0)) {
            *p = here;
            break;
        }
        *p += weights[k] * here;
    }
out:
    return err;
}

static mdp_err any_loss(const struct mdp_sample *side, const struct mdp_sample *baseline,
                        const struct mdp_unseen_claim *claim, double *p) {
    mdp_err err;
    double *d = NULL;
    struct mdp_moments moments;
    long n = side->n;
    MDP_TRY(mdp_moments_compute(baseline->values, baseline->n, &moments));
    struct mdp_unseen_plan plan = {claim->worst, moments.mean - claim->margin, moments.is_degenerate ? 0 : moments.sem};
    if (claim->is_paired) {
        MDP_TRY(mdp_check_paired((const struct mdp_sample[]){*baseline, *side}, 2));
        MDP_TRY(mdp_calloc(&d, (unsigned long)n, sizeof *d, "differences"));
        MDP_TRY(mdp_rounding_differences(side->values, baseline->values, n, 0, claim->rounding, d));
        plan = (struct mdp_unseen_plan){-claim->range, -claim->margin, 0};
    }
    MDP_TRY(mdp_unseen_p(d != NULL ? d : side->values, n, &plan, p));
out:
    free(d);
    return err;
}

mdp_err mdp_unseen_loss(const struct mdp_sample *side, const struct mdp_sample *baseline,
                        const struct mdp_unseen_claim *claim, struct mdp_unseen *out) {
    double share = claim->margin / claim->range;
    *out = (struct mdp_unseen){1, 1};
    if (isinf(claim->range)) return MDP_OK;
    out->rarest = share < 1 ? exp((double)side->n * log1p(-share)) : 0;
    mdp_err err = any_loss(side, baseline, claim, &out->any);
    out->any = fmax(out->any, out->rarest);
    return err;
}

static double largest(const struct mdp_sample *sample, double least) {
    for (long i = 0; i < sample->n; i++) least = fmax(least, sample->values[i]);
    return least;
}

static int has_lower(const struct mdp_sample *sample, double worst) {
    for (long i = 0; i < sample->n; i++)
        if (sample->values[i] < worst) return 1;
    return 0;
}

double mdp_unseen_range(const struct mdp_sample *side, const struct mdp_sample *other, double worst, double good) {
    if (has_lower(side, worst) || has_lower(other, worst)) return INFINITY;
    return mdp_mean(other->values, other->n) > worst ? largest(side, largest(other, good)) - worst : INFINITY;
}

double mdp_unseen_n(double margin, double range, double alpha) {
    if (!isfinite(range)) return INFINITY;
    if (margin >= range) return 1;
    return fmax(1, ceil(log(alpha) / log1p(-margin / range) - 1e-9));
}
