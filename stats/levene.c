/* Levene: analysis of variance of distances from the centre, in quadruple precision. */
#include "stats/levene.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "stats/quad.h"
#include "stats/quantile.h"
#include "stats/rounding.h"
#include "stats/tails.h"

const char *mdp_levene_center_name(enum mdp_levene_center center) {
    static const char *const names[] = {"Brown-Forsythe", "Levene", "Brown-Forsythe, trimmed", "Levene, cut samples"};
    return names[center];
}

/* a group's observations that count, ascending, and its centre */
struct group {
    double *values;
    long n;
    mdp_quad center, mean; /* mean of the distances */
};

static mdp_quad distance(const struct group *g, long i) {
    mdp_quad d = (mdp_quad)g->values[i] - g->center;
    return d < 0 ? -d : d;
}

static mdp_quad mean_of(const double *values, long n) {
    mdp_quad sum = 0;
    for (long i = 0; i < n; i++) sum += (mdp_quad)values[i] - (mdp_quad)values[0];
    return (mdp_quad)values[0] + sum / (mdp_quad)n;
}

static mdp_quad median_of(const double *sorted, long n) {
    return ((mdp_quad)sorted[(n - 1) / 2] + (mdp_quad)sorted[n / 2]) / 2;
}

static void prepare_group(struct group *g, const struct mdp_levene *what) {
    long n_cut = (long)floor(what->trim * (double)g->n * (1 + 4 * DBL_EPSILON));
    g->center =
        what->center == MDP_LEVENE_MEDIAN ? median_of(g->values, g->n) : mean_of(g->values + n_cut, g->n - 2 * n_cut);
    if (what->center == MDP_LEVENE_CUT) {
        g->values += n_cut;
        g->n -= 2 * n_cut;
    }
    mdp_quad sum = 0;
    for (long i = 0; i < g->n; i++) sum += distance(g, i);
    g->mean = sum / (mdp_quad)g->n;
}

static void analyse(const struct group *groups, int k, struct mdp_levene *out) {
    mdp_quad mean = 0, between = 0, within = 0, largest = 0, widest = 0, farthest = 0;
    for (int i = 0; i < k; i++) mean += groups[i].mean * (mdp_quad)groups[i].n / (mdp_quad)out->n;
    for (int i = 0; i < k; i++) {
        mdp_quad gap = groups[i].mean - mean;
        between += (mdp_quad)groups[i].n * gap * gap;
        if (gap * gap > farthest * farthest) farthest = gap;
        for (long j = 0; j < groups[i].n; j++) {
            mdp_quad z = distance(&groups[i], j), d = z - groups[i].mean;
            within += d * d;
            if (z > largest) largest = z;
            if (d * d > widest * widest) widest = d;
        }
    }
    mdp_quad least = (mdp_quad)MDP_ROUNDING_OF_SUMS * largest;
    out->is_degenerate = out->df2 < 1 || largest == 0 || widest * widest < least * least;
    if (out->is_degenerate) return;
    out->f = farthest * farthest < least * least ? 0 : (double)(between / within) * out->df2 / out->df1;
    out->log10_p = mdp_log10_f_sf(out->f, out->df1, out->df2);
    out->p = pow(10, out->log10_p);
}

static mdp_err check(const struct mdp_sample *groups, int k, double trim) {
    if (k < 1) return mdp_refuse(MDP_REFUSE_EMPTY, "groups: expected at least 2, found %d", k);
    mdp_err err = mdp_check_samples(groups, k);
    if (!err) err = mdp_check_range("trimmed share", trim, 0, nextafter(0.5, 0));
    return err ? err : mdp_check_enough("groups", k, 2);
}

mdp_err mdp_levene_compute(const struct mdp_sample *groups, int k, enum mdp_levene_center center, double trim,
                           struct mdp_levene *out) {
    struct group *prepared = NULL;
    double *sorted = NULL;
    long n_all = 0, n_used = 0;
    int is_trimmed = center == MDP_LEVENE_TRIMMED || center == MDP_LEVENE_CUT;
    mdp_err err;
    MDP_TRY(check(groups, k, is_trimmed ? trim : 0));
    for (int i = 0; i < k; i++) n_all += groups[i].n;
    MDP_TRY(mdp_calloc(&prepared, (unsigned long)k, sizeof *prepared, "groups"));
    MDP_TRY(mdp_calloc(&sorted, (unsigned long)n_all, sizeof *sorted, "groups"));
    *out = (struct mdp_levene){
        .k = k, .f = NAN, .p = NAN, .log10_p = NAN, .center = center, .trim = is_trimmed ? trim : 0};
    for (int i = 0; i < k; i++) {
        prepared[i] = (struct group){sorted + n_used, groups[i].n, 0, 0};
        mdp_sort(groups[i].values, groups[i].n, prepared[i].values);
        n_used += groups[i].n;
        prepare_group(&prepared[i], out);
        out->n += prepared[i].n;
    }
    out->df1 = k - 1;
    out->df2 = (double)(out->n - k);
    analyse(prepared, k, out);
out:
    free(prepared);
    free(sorted);
    return err;
}
