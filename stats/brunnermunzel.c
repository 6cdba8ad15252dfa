/* Brunner-Munzel: a Welch test on placements, a value's number of smaller values in the other sample. */
#include "stats/brunnermunzel.h"

#include <math.h>

#include "stats/rank.h"
#include "stats/tails.h"

/* variance (ddof 1) of the placements of `own` values among `other` ones; ties count half */
static double placement_variance(const long *own, const long *other, const struct mdp_pool *pool, long n) {
    double mean = 0, sum = 0;
    long below = 0;
    for (int pass = 0; pass < 2; pass++) {
        below = 0;
        for (long i = 0; i < pool->n_steps; i++) {
            double placement = (double)below + 0.5 * (double)other[i], weight = (double)own[i];
            if (pass == 0)
                mean += weight * placement / (double)n;
            else
                sum += weight * (placement - mean) * (placement - mean);
            below += other[i];
        }
    }
    return sum / (double)(n - 1);
}

static void test_placements(const struct mdp_pool *pool, struct mdp_brunnermunzel *out) {
    double n = (double)pool->n, m = (double)pool->m;
    /* variances of P(x > y) as estimated from either side */
    double of_x = placement_variance(pool->n_x, pool->n_y, pool, pool->n) / (n * m * m);
    double of_y = placement_variance(pool->n_y, pool->n_x, pool, pool->m) / (m * n * n);
    double variance = of_x + of_y, se = sqrt(variance);
    /* placements are multiples of a half: what is not rounding noise is far above this */
    if (variance < 1e-14 / (n * m)) return;
    out->is_degenerate = 0;
    out->statistic = (out->prob_superiority - 0.5) / se;
    out->df = variance * variance / (of_x * of_x / (n - 1) + of_y * of_y / (m - 1));
    out->p = mdp_p_of_t(out->statistic, out->df);
    double half = mdp_t_quantile_sf(0.5 * (1 - out->level), out->df) * se;
    out->low = fmax(out->prob_superiority - half, 0);
    out->high = fmin(out->prob_superiority + half, 1);
}

mdp_err mdp_brunnermunzel_compute(const struct mdp_sample *x, const struct mdp_sample *y, double level,
                                  struct mdp_brunnermunzel *out) {
    const struct mdp_sample samples[2] = {*x, *y};
    long n_greater, n_less, n_equal;
    struct mdp_pool pool;
    mdp_err err = mdp_check_samples(samples, 2);
    if (!err) err = mdp_level_settle(&level);
    if (!err) err = mdp_pool_new(x, y, &pool);
    if (err) return err;
    mdp_pool_count_pairs(&pool, &n_greater, &n_less, &n_equal);
    *out = (struct mdp_brunnermunzel){
        .n = x->n,
        .m = y->n,
        .statistic = NAN,
        .df = NAN,
        .p = mdp_p_undefined(),
        .prob_superiority = ((double)n_greater + 0.5 * (double)n_equal) / ((double)x->n * (double)y->n),
        .low = NAN,
        .high = NAN,
        .level = level,
        .has_ties = pool.ties.has_ties,
        .is_degenerate = 1,
    };
    if (x->n > 1 && y->n > 1) test_placements(&pool, out);
    mdp_pool_free(&pool);
    return MDP_OK;
}
