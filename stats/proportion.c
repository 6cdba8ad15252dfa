#include "stats/proportion.h"

#include <math.h>

#include "stats/check.h"
#include "stats/pvalue.h"
#include "stats/tails.h"

/* both counts of a comparison */
struct counts {
    double k_x, n_x, k_y, n_y;
};

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

static struct mdp_share newcombe(const struct counts *c, double z) {
    struct mdp_share x = wilson(c->k_x, c->n_x, z), y = wilson(c->k_y, c->n_y, z);
    double diff = x.estimate - y.estimate;
    return (struct mdp_share){diff, diff - hypot(x.estimate - x.low, y.high - y.estimate),
                              diff + hypot(x.high - x.estimate, y.estimate - y.low), NAN};
}

mdp_err mdp_share_compute(double k, double n, double level, struct mdp_share *out) {
    mdp_err err = check_counts("k", k, n);
    if (err == MDP_OK) err = mdp_level_settle(&level);
    if (err != MDP_OK) return err;
    *out = wilson(k, n, mdp_level_z(level));
    out->level = level;
    return MDP_OK;
}

mdp_err mdp_share_difference(double k_x, double n_x, double k_y, double n_y, double level, struct mdp_share *out) {
    mdp_err err = check_counts("k of x", k_x, n_x);
    if (err == MDP_OK) err = check_counts("k of y", k_y, n_y);
    if (err == MDP_OK) err = mdp_level_settle(&level);
    if (err != MDP_OK) return err;
    *out = newcombe(&(struct counts){k_x, n_x, k_y, n_y}, mdp_level_z(level));
    out->level = level;
    return MDP_OK;
}

/* the z at which an end of the interval reaches the bound; ends move outwards with z, up to -1 and 1 */
static double z_at(const struct counts *c, double bound, int is_low) {
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

mdp_err mdp_share_difference_p(double k_x, double n_x, double k_y, double n_y, double bound, double *out) {
    const struct counts c = {k_x, n_x, k_y, n_y};
    mdp_err err = check_counts("k of x", k_x, n_x);
    if (err == MDP_OK) err = check_counts("k of y", k_y, n_y);
    if (err == MDP_OK) err = mdp_check_values("bound", &bound, 1);
    if (err != MDP_OK) return err;
    int is_above = newcombe(&c, 0).estimate > bound;
    double z = z_at(&c, bound, is_above);
    *out = mdp_normal_sf(is_above ? z : -z);
    return MDP_OK;
}
