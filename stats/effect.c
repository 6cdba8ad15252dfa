/* effect sizes: from counted pairs and from the contrast of means. */
#include "stats/effect.h"

#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#include "stats/noncentral.h"
#include "stats/pvalue.h"
#include "stats/rank.h"
#include "stats/ttest.h"

const char *mdp_effect_label(double cliffs_delta) {
    double size = fabs(cliffs_delta);
    if (isnan(size)) return "undefined";
    if (size < 0.147) return "negligible";
    if (size < 0.33) return "small";
    return size < 0.474 ? "medium" : "large";
}

/* standard error of A if its true value were `a`: exact for exponential samples, close for others */
static double superiority_se(double a, long n, long m) {
    double size = 0.5 * ((double)n + (double)m) - 1;
    double pairs = (double)n * (double)m, shape = 1 + size * ((1 - a) / (2 - a) + a / (1 + a));
    return sqrt(fmax(a * (1 - a), 0) * shape / pairs);
}

/* the true value from which the estimate lies z standard errors away, between the estimate and an end of 0 to 1 */
static double superiority_limit(const struct mdp_effect *out, double z, double end) {
    double inside = out->prob_superiority, outside = end;
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (inside + outside);
        if (fabs(out->prob_superiority - middle) < z * superiority_se(middle, out->n, out->m))
            inside = middle;
        else
            outside = middle;
    }
    return inside == out->prob_superiority ? inside : outside;
}

static void fill_pairs(const struct mdp_pool *pool, struct mdp_effect *out) {
    double z = mdp_level_z(out->level), n_pairs = (double)pool->n * (double)pool->m;
    mdp_pool_count_pairs(pool, &out->n_greater, &out->n_less, &out->n_equal);
    out->prob_superiority = ((double)out->n_greater + 0.5 * (double)out->n_equal) / n_pairs;
    out->prob_superiority_low = superiority_limit(out, z, 0);
    out->prob_superiority_high = superiority_limit(out, z, 1);
    /* from the counts: 2 A - 1 would lose digits around no effect */
    out->cliffs_delta = out->rank_biserial = (double)(out->n_greater - out->n_less) / n_pairs;
    out->cliffs_delta_low = 2 * out->prob_superiority_low - 1;
    out->cliffs_delta_high = 2 * out->prob_superiority_high - 1;
    out->has_ties = pool->ties.has_ties;
}

static void fill_correction(double df, struct mdp_effect *out) {
    if (df >= 2)
        out->hedges_j_exact = exp(gsl_sf_lngamma(0.5 * df) - gsl_sf_lngamma(0.5 * (df - 1)) - 0.5 * log(0.5 * df));
    out->hedges_j_approx = 1 - 3 / (4 * df - 1);
}

static void fill_standardized(const struct mdp_contrast *c, struct mdp_effect *out) {
    double n = (double)c->n, m = (double)c->m, df = n + m - 2, scale = sqrt(n * m / (n + m));
    double pooled = ((n - 1) * c->var_x_units + (m - 1) * c->var_y_units) / df, tail = 0.5 * (1 - out->level);
    fill_correction(df, out);
    out->cohens_d = c->diff_units / sqrt(pooled);
    out->cohens_d_av = c->diff_units / sqrt(0.5 * (c->var_x_units + c->var_y_units));
    out->glass_delta = c->var_y_units > 0 ? c->diff_units / sqrt(c->var_y_units) : NAN;
    out->cohens_d_low = mdp_noncentral_t_shift(out->cohens_d * scale, df, tail) / scale;
    out->cohens_d_high = mdp_noncentral_t_shift(out->cohens_d * scale, df, 1 - tail) / scale;
    out->hedges_g = out->hedges_j_exact * out->cohens_d;
    out->hedges_g_low = out->hedges_j_exact * out->cohens_d_low;
    out->hedges_g_high = out->hedges_j_exact * out->cohens_d_high;
    out->hedges_g_approx = out->hedges_j_approx * out->cohens_d;
}

static void clear_standardized(struct mdp_effect *out) {
    out->cohens_d = out->cohens_d_low = out->cohens_d_high = NAN;
    out->hedges_g = out->hedges_g_approx = out->hedges_g_low = out->hedges_g_high = NAN;
    out->hedges_j_exact = out->hedges_j_approx = NAN;
    out->cohens_d_av = out->glass_delta = NAN;
}

mdp_err mdp_effect_compute(const struct mdp_sample *x, const struct mdp_sample *y, double level,
                           struct mdp_effect *out) {
    const struct mdp_sample samples[2] = {*x, *y};
    struct mdp_contrast contrast;
    struct mdp_pool pool;
    mdp_err err = mdp_check_samples(samples, 2);
    if (!err) err = mdp_level_settle(&level);
    if (!err) err = mdp_pool_new(x, y, &pool);
    if (err) return err;
    out->n = x->n;
    out->m = y->n;
    out->level = level;
    fill_pairs(&pool, out);
    mdp_pool_free(&pool);
    clear_standardized(out);
    mdp_contrast_compute(x, y, &contrast);
    /* NaN variances, of single values, compare false */
    out->is_degenerate = !(contrast.var_x_units + contrast.var_y_units > 0);
    if (!out->is_degenerate) fill_standardized(&contrast, out);
    return MDP_OK;
}
