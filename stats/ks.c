/* Kolmogorov-Smirnov: exact p values as the chance that a random lattice path leaves a band. */
#include "stats/ks.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "stats/rank.h"

static const double ln10 = 2.302585092994045684;

/* n m (Fx - Fy) at its largest and, negated, at its smallest: whole numbers */
struct gaps {
    long plus, minus;
};

static struct gaps find_gaps(const struct mdp_pool *pool) {
    struct gaps out = {0, 0};
    long i = 0, j = 0;
    for (long k = 0; k < pool->n_steps; k++) {
        i += pool->n_x[k];
        j += pool->n_y[k];
        long gap = i * pool->m - j * pool->n;
        if (gap > out.plus) out.plus = gap;
        if (-gap > out.minus) out.minus = -gap;
    }
    return out;
}

/* P(a gap of at least `plus` upwards or `minus` downwards somewhere), as the mass that leaves the band for the first
 * time: a sum of positive terms, precise however small. chance[j]: the chance to be at (i, j) and never to have left */
static double exit_chance(long n, long m, long plus, long minus, double *chance) {
    double gone = 0;
    if (plus <= 0 || minus <= 0) return 1;
    for (long j = 0; j <= m; j++) chance[j] = 0;
    for (long i = 0; i <= n; i++) {
        for (long j = 0; j <= m; j++) {
            double mass = i == 0 && j == 0;
            if (i > 0) mass += chance[j] * (double)(n - i + 1) / (double)(n - i + 1 + m - j);
            if (j > 0) mass += chance[j - 1] * (double)(m - j + 1) / (double)(n - i + m - j + 1);
            long gap = i * m - j * n;
            int has_left = gap >= plus || -gap >= minus;
            chance[j] = has_left ? 0 : mass;
            gone += has_left ? mass : 0;
        }
    }
    return fmin(gone, 1);
}

static mdp_err test_exactly(const struct gaps *gaps, struct mdp_ks *out) {
    double *chance;
    mdp_err err = mdp_calloc(&chance, (unsigned long)(out->m + 1), sizeof *chance, "lattice");
    if (err) return err;
    long widest = gaps->plus > gaps->minus ? gaps->plus : gaps->minus;
    out->exact.two = exit_chance(out->n, out->m, widest, widest, chance);
    out->exact.greater = exit_chance(out->n, out->m, gaps->plus, LONG_MAX, chance);
    out->exact.less = exit_chance(out->n, out->m, LONG_MAX, gaps->minus, chance);
    /* beyond the doubles the limit's own logarithm is left */
    out->exact.log10_two = out->exact.two > 0 ? log10(out->exact.two) : out->limit.log10_two;
    free(chance);
    return MDP_OK;
}

double mdp_kolmogorov_sf(double lambda) {
    enum { N_TERMS = 20 };
    static const double pi = 3.14159265358979323846;
    double sum = 0, sign = 1;
    if (lambda < 0.04) return 1;
    /* each series where a few terms do: the first alternates, the second is its theta-function form */
    if (lambda >= 1) {
        for (int k = 1; k <= N_TERMS; k++, sign = -sign) sum += sign * exp(-2.0 * k * k * lambda * lambda);
        return fmin(2 * sum, 1);
    }
    for (int k = 1; k <= N_TERMS; k++) {
        double odd = (2 * k - 1) * pi / lambda;
        sum += exp(-0.125 * odd * odd);
    }
    return fmin(fmax(1 - sqrt(2 * pi) / lambda * sum, 0), 1);
}

static void test_in_the_limit(struct mdp_ks *out) {
    double n = (double)out->n, m = (double)out->m, scale = n * m / (n + m), lambda = sqrt(scale) * out->d;
    out->limit.two = mdp_kolmogorov_sf(lambda);
    out->limit.less = exp(-2 * scale * out->d_minus * out->d_minus);
    out->limit.greater = exp(-2 * scale * out->d_plus * out->d_plus);
    /* far out the first term is all there is */
    out->limit.log10_two = lambda < 10 ? log10(out->limit.two) : log10(2.0) - 2 * lambda * lambda / ln10;
}

mdp_err mdp_ks_compute(const struct mdp_sample *x, const struct mdp_sample *y, struct mdp_ks *out) {
    const struct mdp_sample samples[2] = {*x, *y};
    struct mdp_pool pool;
    mdp_err err = mdp_check_samples(samples, 2);
    if (!err) err = mdp_pool_new(x, y, &pool);
    if (err) return err;
    struct gaps gaps = find_gaps(&pool);
    double n_pairs = (double)x->n * (double)y->n;
    out->n = x->n;
    out->m = y->n;
    out->d_plus = (double)gaps.plus / n_pairs;
    out->d_minus = (double)gaps.minus / n_pairs;
    out->d = fmax(out->d_plus, out->d_minus);
    out->has_ties = pool.ties.has_ties;
    out->is_degenerate = pool.ties.is_constant;
    out->exact = mdp_p_undefined();
    test_in_the_limit(out);
    out->method = n_pairs <= MDP_KS_EXACT_PAIRS ? MDP_KS_EXACT : MDP_KS_ASYMPTOTIC;
    if (out->method == MDP_KS_EXACT) err = test_exactly(&gaps, out);
    out->p = out->method == MDP_KS_EXACT ? out->exact : out->limit;
    mdp_pool_free(&pool);
    return err;
}
