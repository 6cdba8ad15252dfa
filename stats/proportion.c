#include "stats/proportion.h"

#include <math.h>

#include "stats/check.h"
#include "stats/pvalue.h"
#include "stats/tails.h"

static mdp_err check_counts(const char *name, double k, double n) {
    if (!(n >= 1) || !isfinite(n))
        return mdp_refuse(MDP_REFUSE_DOMAIN, "n of %s: expected 1 or more, found %g", name, n);
    return mdp_check_range(name, k, 0, n);
}

static struct mdp_share wilson(double k, double n, double z) {
    double share = k / n, z2 = z * z, centre = (k + 0.5 * z2) / (n + z2);
    double half = z * sqrt(share * (1 - share) * n + 0.25 * z2) / (n + z2);
    /* rounding must not leave a share that was never seen above 0, nor one that always was below 1 */
    return (struct mdp_share){share, k == 0 ? 0 : centre - half, k == n ? 1 : centre + half, NAN};
}

/* how pairs go together: the correlation of their fourfold table, moved towards 0 by half a pair */
static double correlation(const struct mdp_share_counts *c) {
    double n = c->n_x, both = c->n_both, only_x = c->k_x - both, only_y = c->k_y - both;
    double neither = n - both - only_x - only_y, product = both * neither - only_x * only_y;
    double scale = sqrt(c->k_x * (n - c->k_x) * c->k_y * (n - c->k_y));
    if (!c->is_paired || !(scale > 0)) return 0;
    if (product > 0) product = fmax(product - 0.5 * n, 0);
    return product / scale;
}

/* the distance of an end, from those of both shares; rounding must not leave the root of less than nothing */
static double distance(double a, double b, double phi) { return sqrt(fmax(a * a - 2 * phi * a * b + b * b, 0)); }

static struct mdp_share newcombe(const struct mdp_share_counts *c, double z) {
    struct mdp_share x = wilson(c->k_x, c->n_x, z), y = wilson(c->k_y, c->n_y, z);
    double diff = x.estimate - y.estimate, phi = correlation(c);
    return (struct mdp_share){diff, diff - distance(x.estimate - x.low, y.high - y.estimate, phi),
                              diff + distance(x.high - x.estimate, y.estimate - y.low, phi), NAN};
}

static mdp_err check_pairs(const struct mdp_share_counts *c) {
    mdp_err err = check_counts("k of x", c->k_x, c->n_x);
    if (err == MDP_OK) err = check_counts("k of y", c->k_y, c->n_y);
    if (err != MDP_OK || !c->is_paired) return err;
    if (c->n_x != c->n_y)
        return mdp_refuse(MDP_REFUSE_SHAPE, "pairs: expected n of %g twice, found %g", c->n_x, c->n_y);
    return mdp_check_range("n_both", c->n_both, fmax(0, c->k_x + c->k_y - c->n_x), fmin(c->k_x, c->k_y));
}

mdp_err mdp_share_compute(double k, double n, double level, struct mdp_share *out) {
    mdp_err err = check_counts("k", k, n);
    if (err == MDP_OK) err = mdp_level_settle(&level);
    if (err != MDP_OK) return err;
    *out = wilson(k, n, mdp_level_z(level));
    out->level = level;
    return MDP_OK;
}

mdp_err mdp_share_difference(const struct mdp_share_counts *counts, double level, struct mdp_share *out) {
    mdp_err err = check_pairs(counts);
    if (err == MDP_OK) err = mdp_level_settle(&level);
    if (err != MDP_OK) return err;
    *out = newcombe(counts, mdp_level_z(level));
    out->level = level;
    return MDP_OK;
}

/* the z at which an end of the interval reaches the bound; ends move outwards with z, up to -1 and 1 */
static double z_at(const struct mdp_share_counts *c, double bound, int is_low) {
    double inside = 0, outside = 40;
    for (int i = 0; i < 80; i++) {
        double z = 0.5 * (inside + outside);
        struct mdp_share share = newcombe(c, z);
        if (is_low ? share.low > bound : share.high < bound)
            inside = z;
        else
            outside = z;
    }
    return inside;
}

mdp_err mdp_share_difference_p(const struct mdp_share_counts *counts, double bound, double *out) {
    mdp_err err = check_pairs(counts);
    if (err == MDP_OK) err = mdp_check_values("bound", &bound, 1);
    if (err != MDP_OK) return err;
    int is_above = newcombe(counts, 0).estimate > bound;
    double z = z_at(counts, bound, is_above);
    *out = mdp_normal_sf(is_above ? z : -z);
    return MDP_OK;
}
