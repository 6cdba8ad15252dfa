/* distances from the median, in quadruple precision. */
#include "stats/spread.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "stats/pvalue.h"
#include "stats/quantile.h"

typedef __float128 quad;

/* a sample's distances from its median */
struct distances {
    double n;
    quad mean, var; /* var with ddof 1 */
    double log_var; /* of the logarithm of the mean, by the delta method */
};

static mdp_err distances_of(const struct mdp_sample *s, struct distances *out) {
    double *sorted = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&sorted, (unsigned long)s->n, sizeof *sorted, "sorted sample"));
    mdp_sort(s->values, s->n, sorted);
    quad n = (quad)s->n, median = ((quad)sorted[(s->n - 1) / 2] + (quad)sorted[s->n / 2]) / 2;
    quad sum = 0, offset = 0, squares = 0;
    for (long i = 0; i < s->n; i++) {
        quad d = (quad)sorted[i] - median;
        offset += d;
        sum += d < 0 ? -d : d;
    }
    *out = (struct distances){.n = (double)s->n, .mean = sum / n};
    offset /= n;
    quad of_values = 0;
    for (long i = 0; i < s->n; i++) {
        quad d = (quad)sorted[i] - median, size = d < 0 ? -d : d;
        squares += (size - out->mean) * (size - out->mean);
        of_values += (d - offset) * (d - offset);
    }
    out->var = squares / (n - 1);
    if (out->mean > 0)
        out->log_var = (double)((offset * offset + of_values / (n - 1)) / (out->mean * out->mean) - 1) / out->n;
out:
    free(sorted);
    return err;
}

static void compare(const struct distances *x, const struct distances *y, struct mdp_spread *out) {
    double z = gsl_cdf_ugaussian_Qinv(0.5 * (1 - out->level));
    double half = z * sqrt(fmax(x->log_var, 0) + fmax(y->log_var, 0));
    /* relative to the distances of y, where nothing leaves the doubles that the ratio does not leave itself */
    double of_x = (double)(x->mean / y->mean), sd = sqrt((double)((x->var + y->var) / (2 * y->mean * y->mean)));
    out->ratio = of_x * (x->n / (x->n - 1)) / (y->n / (y->n - 1));
    out->low = out->ratio * exp(-half);
    out->high = out->ratio * exp(half);
    out->d = (of_x - 1) / sd;
    out->unit = sd;
}

mdp_err mdp_spread_compute(const struct mdp_sample *x, const struct mdp_sample *y, double level,
                           struct mdp_spread *out) {
    const struct mdp_sample samples[2] = {*x, *y};
    struct distances of_x, of_y;
    mdp_err err;
    MDP_TRY(mdp_check_samples(samples, 2));
    MDP_TRY(mdp_level_settle(&level));
    MDP_TRY(mdp_check_enough(x->name, x->n, 2));
    MDP_TRY(mdp_check_enough(y->name, y->n, 2));
    MDP_TRY(distances_of(x, &of_x));
    MDP_TRY(distances_of(y, &of_y));
    *out = (struct mdp_spread){.n = x->n,
                               .m = y->n,
                               .spread_x = (double)(of_x.mean * (quad)(of_x.n / (of_x.n - 1))),
                               .spread_y = (double)(of_y.mean * (quad)(of_y.n / (of_y.n - 1))),
                               .ratio = NAN,
                               .low = NAN,
                               .high = NAN,
                               .level = level,
                               .d = NAN,
                               .unit = NAN};
    out->is_degenerate = of_x.mean == 0 || of_y.mean == 0 || of_x.var + of_y.var == 0;
    if (!out->is_degenerate) compare(&of_x, &of_y, out);
out:
    return err;
}
