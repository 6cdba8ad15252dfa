/* Wilcoxon: ranks of the sizes of differences, and the distribution of their sum under random signs. */
#include "stats/wilcoxon.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "stats/quantile.h"
#include "stats/rank.h"
#include "stats/rounding.h"

const char *mdp_wilcoxon_method_name(enum mdp_wilcoxon_method method) {
    static const char *const names[] = {"auto", "exact", "asymptotic"};
    return names[method];
}

/* differences with those of 0 first; sizes and doubled ranks of the others start at n_zero */
struct signed_sizes {
    double *d, *size;
    long *doubled;
    long n, n_zero;
    struct mdp_ties ties; /* of the ranked sizes */
};

static void signed_sizes_free(struct signed_sizes *s) {
    free(s->d);
    free(s->size);
    free(s->doubled);
}

static mdp_err signed_sizes_new(const struct mdp_sample *x, const struct mdp_sample *y,
                                const struct mdp_wilcoxon_plan *plan, struct signed_sizes *out) {
    unsigned long n = (unsigned long)x->n;
    mdp_err err;
    MDP_TRY(mdp_calloc(&out->d, n, sizeof *out->d, "differences"));
    MDP_TRY(mdp_calloc(&out->size, n, sizeof *out->size, "differences"));
    MDP_TRY(mdp_calloc(&out->doubled, n, sizeof *out->doubled, "differences"));
    out->n = x->n;
    MDP_TRY(mdp_rounding_differences(x->values, y->values, out->n, plan->shift, plan->rounding, out->d));
    MDP_TRY(mdp_check_values("differences", out->d, out->n));
    for (long i = 0; i < out->n; i++) {
        if (out->d[i] != 0) continue;
        out->d[i] = out->d[out->n_zero];
        out->d[out->n_zero++] = 0;
    }
    for (long i = 0; i < out->n; i++) out->size[i] = fabs(out->d[i]);
out:
    return err;
}

/* zeros rank below all others: dropping them first or later moves every rank by their number */
static void fill_ranks(const struct signed_sizes *s, long n_below, struct mdp_signed_ranks *out) {
    double n = (double)(s->n - s->n_zero + n_below), n0 = (double)n_below;
    out->w_plus = out->w_minus = 0;
    for (long i = s->n_zero; i < s->n; i++) {
        double rank = 0.5 * (double)s->doubled[i] + n0;
        if (s->d[i] > 0)
            out->w_plus += rank;
        else
            out->w_minus += rank;
    }
    double mean = 0.25 * (n * (n + 1) - n0 * (n0 + 1));
    double squares = n * (n + 1) * (2 * n + 1) - n0 * (n0 + 1) * (2 * n0 + 1), ties = 0.5 * s->ties.term;
    double sd = s->n == s->n_zero ? 0 : sqrt((squares - ties) / 24);
    out->asym = mdp_z_of(out->w_plus - mean, sd, 0);
    out->asym_cc = mdp_z_of(out->w_plus - mean, sd, 0.5);
}

/* ---- the distribution under random signs ---- */

/* P(sum of the chosen doubled ranks = s), each rank chosen with probability 1/2; ranks 2, 4, .. where none are given */
static mdp_err sign_distribution(const long *doubled, long n, double **out) {
    mdp_err err = mdp_calloc(out, (unsigned long)(n * (n + 1) + 1), sizeof **out, "sign distribution");
    if (err) return err;
    double *p = *out;
    long reached = 0;
    p[0] = 1;
    for (long i = 0; i < n; i++) {
        long rank = doubled ? doubled[i] : 2 * (i + 1);
        reached += rank;
        for (long s = reached; s >= rank; s--) p[s] = 0.5 * (p[s] + p[s - rank]);
        for (long s = rank - 1; s >= 0; s--) p[s] *= 0.5;
    }
    return MDP_OK;
}

static mdp_err test_exactly(const struct signed_sizes *s, struct mdp_wilcoxon *out) {
    double *p, less = 0, greater = 0;
    long n = s->n - s->n_zero, w = lround(2 * out->wilcox.w_plus);
    mdp_err err = sign_distribution(s->doubled + s->n_zero, n, &p);
    if (err) return err;
    for (long i = 0; i <= w; i++) less += p[i];
    for (long i = n * (n + 1); i >= w; i--) greater += p[i];
    out->exact = mdp_p_of_tails(less, greater);
    free(p);
    return MDP_OK;
}

/* ---- the test ---- */

/* p if all n pairs differ to the same side */
static double smallest_p(long n) { return fmin(exp2(1 - (double)n), 1); }

static mdp_err check(const struct mdp_sample *samples, struct mdp_wilcoxon_plan *plan) {
    mdp_err err = mdp_check_paired(samples, 2);
    if (!err) err = mdp_level_settle(&plan->level);
    if (!err) err = mdp_check_values("shift", &plan->shift, 1);
    if (!err) err = mdp_check_values("anchor", &plan->anchor, 1);
    if (!err) err = mdp_check_range("rounding", plan->rounding, 0, DBL_MAX);
    if (!err && plan->method == MDP_WILCOXON_EXACT && samples[0].n > MDP_WILCOXON_MOST_PAIRS)
        err = mdp_refuse(MDP_REFUSE_DOMAIN, "exact method: expected up to %d pairs, found %ld", MDP_WILCOXON_MOST_PAIRS,
                         samples[0].n);
    return err;
}

static mdp_err test_ranks(struct signed_sizes *s, enum mdp_wilcoxon_method method, struct mdp_wilcoxon *out) {
    long n_used = s->n - s->n_zero;
    mdp_err err = MDP_OK;
    out->n = s->n;
    out->n_zero = s->n_zero;
    if (n_used > 0) err = mdp_rank_doubled(s->size + s->n_zero, n_used, s->doubled + s->n_zero, &s->ties);
    if (err) return err;
    fill_ranks(s, 0, &out->wilcox);
    fill_ranks(s, s->n_zero, &out->pratt);
    double both = out->wilcox.w_plus + out->wilcox.w_minus;
    out->rank_biserial_matched = both > 0 ? (out->wilcox.w_plus - out->wilcox.w_minus) / both : NAN;
    out->has_ties = s->ties.has_ties;
    out->is_degenerate = n_used == 0;
    out->smallest_p = smallest_p(n_used);
    out->exact = mdp_p_undefined();
    if (method == MDP_WILCOXON_AUTO)
        method = n_used <= MDP_WILCOXON_AUTO_PAIRS ? MDP_WILCOXON_EXACT : MDP_WILCOXON_ASYMPTOTIC;
    if (method == MDP_WILCOXON_EXACT) err = test_exactly(s, out);
    out->method = method;
    out->p = method == MDP_WILCOXON_EXACT ? out->exact : out->wilcox.asym_cc.p;
    return err;
}

/* ---- the pseudomedian ---- */

/* what an inversion asks of the test */
struct job {
    const struct mdp_sample *x, *y;
    const struct mdp_wilcoxon_plan *plan;
};

static struct mdp_shift_test shift_test_of(const struct mdp_wilcoxon *found) {
    return (struct mdp_shift_test){found->p, found->wilcox.w_plus - found->wilcox.w_minus,
                                   found->has_ties || found->n_zero > 0};
}

/* the test that anybody gets who moves x down by a shift */
static mdp_err test_shift(const void *context, double shift, int is_rough, struct mdp_shift_test *out) {
    const struct job *job = context;
    struct signed_sizes sizes = {NULL, NULL, NULL, 0, 0, {0, 0, 0, 0}};
    struct mdp_wilcoxon_plan plan = *job->plan;
    struct mdp_wilcoxon found;
    mdp_err err;
    plan.shift -= shift;
    MDP_TRY(signed_sizes_new(job->x, job->y, &plan, &sizes));
    MDP_TRY(test_ranks(&sizes, is_rough ? MDP_WILCOXON_ASYMPTOTIC : plan.method, &found));
    *out = shift_test_of(&found);
out:
    signed_sizes_free(&sizes);
    return err;
}

/* the rank of the lower end among the averages, by the distribution without ties, and p of shifts beyond the ends */
static mdp_err rank_without_ties(const struct mdp_wilcoxon *out, double level, long *rank, double *p) {
    double n = (double)out->n, *shares, below = 0;
    *rank = mdp_shift_rank_asymptotic(0.25 * n * (n + 1), sqrt(n * (n + 1) * (2 * n + 1) / 24), level, p);
    if (out->method == MDP_WILCOXON_ASYMPTOTIC) return MDP_OK;
    mdp_err err = sign_distribution(NULL, out->n, &shares);
    if (err) return err;
    *p = smallest_p(out->n);
    for (*rank = 0; mdp_level_rejects(level, 2 * (below += shares[2 * *rank])); ++*rank) *p = 2 * below;
    free(shares);
    return MDP_OK;
}

static mdp_err invert(const struct job *job, const struct mdp_pair_sums *averages, struct mdp_wilcoxon *out) {
    const struct mdp_wilcoxon_plan *plan = job->plan;
    struct mdp_inversion inversion = {
        test_shift,        job, averages, plan->level, plan->anchor, shift_test_of(out), plan->is_by_sides,
        smallest_p(out->n)};
    long rank;
    double p;
    mdp_err err;
    if (plan->anchor != 0) MDP_TRY(test_shift(job, plan->anchor, 0, &inversion.at_anchor));
    if (inversion.at_anchor.has_ties) return mdp_inversion_solve(&inversion, &out->hl);
    MDP_TRY(rank_without_ties(out, plan->level, &rank, &p));
    out->hl = mdp_shift_interval_of_rank(averages, rank, p);
out:
    return err;
}

/* the sizes' memory takes the sorted differences: they are not needed any more */
static mdp_err estimate_pseudomedian(const struct job *job, struct signed_sizes *s, struct mdp_wilcoxon *out) {
    mdp_sort(s->d, s->n, s->size);
    const struct mdp_pair_sums averages = {s->size, s->size, s->n, s->n, 0.5, 1};
    out->hl_pseudomedian = mdp_pair_sums_median(&averages);
    out->hl = mdp_shift_interval_unknown();
    return job->plan->is_test_only ? MDP_OK : invert(job, &averages, out);
}

mdp_err mdp_wilcoxon_compute(const struct mdp_sample *x, const struct mdp_sample *y,
                             const struct mdp_wilcoxon_plan *plan, struct mdp_wilcoxon *out) {
    const struct mdp_sample samples[2] = {*x, *y};
    struct mdp_wilcoxon_plan settled = plan ? *plan : (struct mdp_wilcoxon_plan){.method = MDP_WILCOXON_AUTO};
    struct signed_sizes sizes = {NULL, NULL, NULL, 0, 0, {0, 0, 0, 0}};
    mdp_err err;
    MDP_TRY(check(samples, &settled));
    MDP_TRY(signed_sizes_new(x, y, &settled, &sizes));
    MDP_TRY(test_ranks(&sizes, settled.method, out));
    MDP_TRY(estimate_pseudomedian(&(struct job){x, y, &settled}, &sizes, out));
out:
    signed_sizes_free(&sizes);
    return err;
}
