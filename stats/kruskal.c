/* Kruskal-Wallis: how far mean ranks of the groups lie apart. */
#include "stats/kruskal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/rank.h"
#include "stats/tails.h"

/* sum over groups of n (mean rank - its expectation)^2, which unlike the textbook's form cancels nothing */
static double rank_spread(const struct mdp_sample *groups, int k, const long *doubled, long n_all) {
    double spread = 0;
    for (int i = 0; i < k; i++) {
        long sum = 0;
        for (long j = 0; j < groups[i].n; j++) sum += *doubled++ - (n_all + 1);
        double gap = 0.5 * (double)sum;
        spread += gap * gap / (double)groups[i].n;
    }
    return spread;
}

static void test_ranks(double spread, const struct mdp_ties *ties, struct mdp_kruskal *out) {
    double n = (double)out->n;
    out->df = out->k - 1;
    out->has_ties = ties->has_ties;
    out->is_degenerate = ties->is_constant;
    out->tie_correction = ties->is_constant ? 0 : 1 - ties->term / (n * n * n - n);
    out->h = ties->is_constant ? 0 : 12 * spread / (n * (n + 1)) / out->tie_correction;
    out->log10_p = mdp_log10_chi2_sf(out->h, out->df);
    out->p = pow(10, out->log10_p);
    out->epsilon_sq = ties->is_constant ? NAN : out->h / (n - 1);
    out->eta_sq = ties->is_constant || out->n == out->k ? NAN : (out->h - out->df) / (n - out->k);
}

mdp_err mdp_kruskal_compute(const struct mdp_sample *groups, int k, struct mdp_kruskal *out) {
    double *pooled = NULL;
    long *doubled = NULL, n_all = 0, n_copied = 0;
    struct mdp_ties ties;
    mdp_err err;
    if (k < 1) return mdp_refuse(MDP_REFUSE_EMPTY, "groups: expected at least 2, found %d", k);
    MDP_TRY(mdp_check_samples(groups, k));
    MDP_TRY(mdp_check_enough("groups", k, 2));
    for (int i = 0; i < k; i++) n_all += groups[i].n;
    MDP_TRY(mdp_calloc(&pooled, (unsigned long)n_all, sizeof *pooled, "pooled groups"));
    MDP_TRY(mdp_calloc(&doubled, (unsigned long)n_all, sizeof *doubled, "pooled groups"));
    for (int i = 0; i < k; i++) {
        memcpy(pooled + n_copied, groups[i].values, (size_t)groups[i].n * sizeof *pooled);
        n_copied += groups[i].n;
    }
    MDP_TRY(mdp_rank_doubled(pooled, n_all, doubled, &ties));
    out->n = n_all;
    out->k = k;
    test_ranks(rank_spread(groups, k, doubled, n_all), &ties, out);
out:
    free(pooled);
    free(doubled);
    return err;
}
