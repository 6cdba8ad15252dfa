/* association of pairs: moments around the means in quadruple precision, ranks as whole numbers. */
#include "stats/association.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quad.h"
#include "stats/rank.h"
#include "stats/tails.h"

/* sums of squares and products around the means */
struct products {
    mdp_quad mean_x, mean_y, xx, yy, xy;
};

static struct products products_of(const double *x, const double *y, long n) {
    struct products p = {0, 0, 0, 0, 0};
    for (long i = 0; i < n; i++) {
        p.mean_x += (mdp_quad)x[i];
        p.mean_y += (mdp_quad)y[i];
    }
    p.mean_x /= (mdp_quad)n;
    p.mean_y /= (mdp_quad)n;
    for (long i = 0; i < n; i++) {
        mdp_quad dx = (mdp_quad)x[i] - p.mean_x, dy = (mdp_quad)y[i] - p.mean_y;
        p.xx += dx * dx;
        p.yy += dy * dy;
        p.xy += dx * dy;
    }
    return p;
}

/* the root of a quotient that fits a double, whatever its parts are */
static double correlation(const struct products *p) {
    double square = (double)(p->xy * p->xy / (p->xx * p->yy)), r = sqrt(fmin(1, square));
    return p->xy < 0 ? -r : r;
}

/* midranks around their mean, doubled, [n] */
static mdp_err centred_ranks(const double *values, long n, long *out) {
    struct mdp_ties ties;
    mdp_err err = mdp_rank_doubled(values, n, out, &ties);
    for (long i = 0; !err && i < n; i++) out[i] -= n + 1;
    return err;
}

static mdp_quad rank_product(const long *a, const long *b, long n) {
    mdp_quad sum = 0;
    for (long i = 0; i < n; i++) sum += (mdp_quad)a[i] * (mdp_quad)b[i];
    return sum;
}

/* ranks of both, x's before y's; rho NaN where one has no spread */
static mdp_err rank_both(const double *x, const double *y, long n, long **ranks, double *rho) {
    mdp_err err;
    MDP_TRY(mdp_calloc(ranks, 2 * (unsigned long)n, sizeof **ranks, "ranks"));
    MDP_TRY(centred_ranks(x, n, *ranks));
    MDP_TRY(centred_ranks(y, n, *ranks + n));
    const long *a = *ranks, *b = *ranks + n;
    double xx = (double)rank_product(a, a, n), yy = (double)rank_product(b, b, n);
    *rho = xx > 0 && yy > 0 ? (double)rank_product(a, b, n) / sqrt(xx) / sqrt(yy) : NAN;
    if (fabs(*rho) > 1) *rho = copysign(1, *rho);
out:
    return err;
}

static mdp_err check_pairs(const struct mdp_sample *x, const struct mdp_sample *y, long n_least) {
    const struct mdp_sample both[2] = {*x, *y};
    mdp_err err = mdp_check_paired(both, 2);
    return err ? err : mdp_check_enough(x->name, x->n, n_least);
}

mdp_err mdp_associate(const struct mdp_sample *x, const struct mdp_sample *y, struct mdp_association *out) {
    long *ranks = NULL;
    mdp_err err;
    MDP_TRY(check_pairs(x, y, 2));
    struct products p = products_of(x->values, y->values, x->n);
    int has_x = p.xx > 0, has_y = p.yy > 0;
    mdp_quad slope = has_x ? p.xy / p.xx : 0;
    *out = (struct mdp_association){.n = x->n,
                                    .bias = (double)(p.mean_x - p.mean_y),
                                    .slope = has_x ? (double)slope : NAN,
                                    .intercept = has_x ? (double)(p.mean_y - slope * p.mean_x) : NAN,
                                    .pearson = has_x && has_y ? correlation(&p) : NAN,
                                    .is_degenerate = !has_x || !has_y};
    MDP_TRY(rank_both(x->values, y->values, x->n, &ranks, &out->spearman));
out:
    free(ranks);
    return err;
}

/* ---- the test ---- */

/* how many orders of b give a product with a that is at least as far from 0 as the observed one, and as the largest */
struct orders {
    long n;
    const long *a;
    long b[MDP_SPEARMAN_EXACT_MAX];
    long observed, largest; /* absolute values */
    double n_orders, n_as_far, n_largest;
};

static void look_at(struct orders *o) {
    long product = 0;
    for (long i = 0; i < o->n; i++) product += o->a[i] * o->b[i];
    product = labs(product);
    o->n_orders++;
    o->n_as_far += product >= o->observed;
    if (product > o->largest) o->n_largest = 0;
    if (product > o->largest) o->largest = product;
    o->n_largest += product == o->largest;
}

/* Heap's algorithm: one exchange from order to order */
static void visit_orders(struct orders *o, long k) {
    if (k <= 1) {
        look_at(o);
        return;
    }
    for (long i = 0; i < k; i++) {
        visit_orders(o, k - 1);
        long other = k % 2 == 0 ? i : 0, kept = o->b[other];
        if (i == k - 1) continue;
        o->b[other] = o->b[k - 1];
        o->b[k - 1] = kept;
    }
}

static void test_exactly(const long *ranks, struct mdp_rank_test *out) {
    struct orders o = {.n = out->n, .a = ranks, .largest = -1};
    for (long i = 0; i < o.n; i++) {
        o.b[i] = ranks[o.n + i];
        o.observed += o.a[i] * o.b[i];
    }
    o.observed = labs(o.observed);
    visit_orders(&o, o.n);
    out->p = o.n_as_far / o.n_orders;
    out->p_least = o.n_largest / o.n_orders;
}

mdp_err mdp_spearman_test(const struct mdp_sample *x, const struct mdp_sample *y, struct mdp_rank_test *out) {
    long *ranks = NULL;
    mdp_err err;
    MDP_TRY(check_pairs(x, y, 3));
    *out = (struct mdp_rank_test){.n = x->n, .p = NAN, .p_least = NAN, .is_exact = x->n <= MDP_SPEARMAN_EXACT_MAX};
    MDP_TRY(rank_both(x->values, y->values, x->n, &ranks, &out->rho));
    out->is_degenerate = isnan(out->rho);
    if (out->is_degenerate) goto out;
    if (out->is_exact) {
        test_exactly(ranks, out);
    } else {
        double df = (double)(x->n - 2), rest = 1 - out->rho * out->rho;
        out->p = rest > 0 ? 2 * mdp_t_sf(fabs(out->rho) * sqrt(df / rest), df) : 0;
        out->p_least = 0;
    }
out:
    free(ranks);
    return err;
}
