/* which tests follow from the data, and how much they could have shown. */
#include "bench/compare/finding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/moments.h"
#include "stats/multiple.h"
#include "stats/power.h"
#include "stats/pvalue.h"
#include "stats/rounding.h"
#include "stats/tails.h"

/* ---- what belongs together ---- */

static mdp_err check_comparable(const struct mdp_compare_sample *a, const struct mdp_compare_sample *b) {
    mdp_err err;
    if (strcmp(a->unit, b->unit) != 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: unit: expected the same on both sides, found '%s' in A and '%s' in B",
                         a->task, a->unit, b->unit));
    MDP_TRY(mdp_compare_check_alike(a, b));
    if (strcmp(a->unit, "run") == 0 && a->steps_hash != b->steps_hash)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected curves over the same steps, found %s in A and %s in B", a->task,
                         a->steps, b->steps));
    if (a->n < 2 || b->n < 2)
        MDP_TRY(mdp_refuse(MDP_REFUSE_TOO_FEW, "%s: expected at least 2 %ss a side, found %ld in A and %ld in B",
                           a->task, a->unit, a->n, b->n));
out:
    return err;
}

/* units with the same key; files write keys in ascending order. whole files and runs have none */
static long count_shared(const struct mdp_compare_sample *a, const struct mdp_compare_sample *b) {
    long n_shared = 0;
    if (strcmp(a->unit, "file") == 0 || strcmp(a->unit, "run") == 0) return 0;
    for (long i = 0, k = 0; i < a->n && k < b->n;) {
        int is_before = a->major[i] < b->major[k] || (a->major[i] == b->major[k] && a->minor[i] < b->minor[k]);
        int is_same = a->major[i] == b->major[k] && a->minor[i] == b->minor[k];
        n_shared += is_same;
        i += is_same || is_before;
        k += is_same || !is_before;
    }
    return n_shared;
}

/* files and runs of A that B has, too, by their bytes */
static long count_common(const struct mdp_compare_sample *a, const struct mdp_compare_sample *b) {
    long n_common = 0;
    if (strcmp(a->unit, "file") != 0 && strcmp(a->unit, "run") != 0) return 0;
    for (long i = 0; i < a->n; i++)
        for (long k = 0; k < b->n; k++) n_common += a->major[i] == b->major[k];
    return n_common;
}

/* ---- tests ---- */

static mdp_err test_pairs(struct mdp_finding *f, const struct mdp_sample *x, const struct mdp_sample *y) {
    const struct mdp_wilcoxon *w = &f->wilcoxon;
    const struct mdp_wilcoxon_plan plan = {.rounding = f->a->rounding};
    mdp_err err = mdp_wilcoxon_compute(x, y, &plan, &f->wilcoxon);
    if (err) return err;
    f->p = w->p.two;
    f->smallest_p = w->smallest_p;
    f->sign = w->p.greater < w->p.less ? 1 : -1;
    f->shift = w->hl_pseudomedian;
    f->low = w->hl.low;
    f->high = w->hl.high;
    f->is_degenerate = w->is_degenerate;
    f->has_ties = w->has_ties;
    return MDP_OK;
}

static mdp_err test_samples(struct mdp_finding *f, const struct mdp_sample *x, const struct mdp_sample *y) {
    const struct mdp_mannwhitney *u = &f->mannwhitney;
    mdp_err err = mdp_mannwhitney_compute(x, y, NULL, &f->mannwhitney);
    if (err) return err;
    f->p = u->p.two;
    f->smallest_p = u->smallest_p;
    f->sign = u->p.greater < u->p.less ? 1 : -1;
    f->shift = u->hl_shift;
    f->low = u->hl.low;
    f->high = u->hl.high;
    f->is_degenerate = u->is_degenerate;
    f->has_ties = u->has_ties;
    return mdp_brunnermunzel_compute(x, y, 0, &f->brunnermunzel);
}

/* the mean's own p and interval, which may say something else than the ranks */
static mdp_err test_means(struct mdp_finding *f) {
    mdp_err err;
    double *d = NULL;
    struct mdp_moments moments;
    f->mean_t = f->ttest.welch.t;
    f->mean_df = f->ttest.welch.df;
    f->mean_p = f->ttest.welch.p.two;
    f->mean_log10_p = f->ttest.welch.p.log10_two;
    f->mean_low = f->ttest.welch.low;
    f->mean_high = f->ttest.welch.high;
    if (!f->is_paired) return MDP_OK;
    MDP_TRY(mdp_calloc(&d, (unsigned long)f->n, sizeof *d, "differences"));
    MDP_TRY(mdp_rounding_differences(f->a->values, f->b->values, f->n, 0, f->a->rounding, d));
    MDP_TRY(mdp_moments_compute(d, f->n, &moments));
    double df = (double)(f->n - 1), half = mdp_t_quantile_sf(0.025, df) * moments.sem;
    f->mean_df = df;
    f->mean_t = moments.is_degenerate ? NAN : moments.mean / moments.sem;
    const struct mdp_p p = mdp_p_of_t(f->mean_t, df);
    f->mean_p = moments.is_degenerate ? (double)(moments.mean == 0) : p.two;
    f->mean_log10_p = moments.is_degenerate ? NAN : p.log10_two;
    f->mean_low = moments.mean - (moments.is_degenerate ? 0 : half);
    f->mean_high = moments.mean + (moments.is_degenerate ? 0 : half);
out:
    free(d);
    return err;
}

mdp_err mdp_finding_examine(const struct mdp_compare_sample *a, const struct mdp_compare_sample *b,
                            struct mdp_finding *out) {
    if (a->last != NULL && b->last != NULL) {
        mdp_err of_last = mdp_compare_check_alike(a, b);
        if (of_last == MDP_OK) of_last = mdp_finding_examine(a->last, b->last, out);
        out->curve_a = a;
        out->curve_b = b;
        return of_last;
    }
    const struct mdp_sample groups[2] = {{"A", a->values, a->n}, {"B", b->values, b->n}};
    mdp_err err;
    MDP_TRY(check_comparable(a, b));
    *out = (struct mdp_finding){.a = a, .b = b, .n = a->n, .m = b->n, .n_shared = count_shared(a, b)};
    out->n_common = count_common(a, b);
    mdp_compare_say_unlike(a, b, out->unlike);
    out->is_paired = out->n_shared == a->n && out->n_shared == b->n;
    MDP_TRY(out->is_paired ? test_pairs(out, &groups[0], &groups[1]) : test_samples(out, &groups[0], &groups[1]));
    MDP_TRY(mdp_effect_compute(&groups[0], &groups[1], 0, &out->effect));
    MDP_TRY(mdp_ttest_compute(&groups[0], &groups[1], 0, &out->ttest));
    MDP_TRY(test_means(out));
    /* of 10 against 50 a t interval of means errs in a quarter of all cases, that of a ratio of spreads covers 0.75 */
    out->is_lopsided = mdp_power_is_uneven(a->n, b->n);
    MDP_TRY(mdp_levene_compute(groups, 2, MDP_LEVENE_MEDIAN, 0, &out->levene));
    MDP_TRY(mdp_spread_compute(&groups[0], &groups[1], out->is_paired, 0, &out->spread));
out:
    return err;
}

/* ---- what could have been found ---- */

/* needed n, from a row's own two-sided p */
static double n_for(double p, const struct mdp_test_plan *test, double n, double power) {
    return mdp_power_n_of_p(0.5 * p, 0.5 * test->alpha, n, power);
}

/* effects in units of sd, by t tests */
static mdp_err look_by_t(const struct mdp_test_plan *test, double n, double power, double p, struct mdp_outlook *out) {
    out->n_needed = n_for(p, test, n, power);
    return mdp_power_detectable(test, n, power, &out->mde);
}

/* the spread that a test of pairs has to see through */
static mdp_err sd_of_differences(const struct mdp_finding *f, double *sd) {
    mdp_err err;
    double *d = NULL;
    struct mdp_moments moments;
    MDP_TRY(mdp_calloc(&d, (unsigned long)f->n, sizeof *d, "differences"));
    for (long i = 0; i < f->n; i++) d[i] = f->a->values[i] - f->b->values[i];
    MDP_TRY(mdp_moments_compute(d, f->n, &moments));
    *sd = moments.sd_ddof1;
out:
    free(d);
    return err;
}

static mdp_err look_at_location(struct mdp_finding *f, const struct mdp_test_plan *unpaired, double n, double power) {
    mdp_err err;
    struct mdp_test_plan test = *unpaired;
    double sd = f->ttest.sd_average;
    if (f->is_paired) {
        test.design = MDP_DESIGN_PAIRED;
        MDP_TRY(sd_of_differences(f, &sd));
    }
    MDP_TRY(look_by_t(&test, n, power, f->p, &f->location));
    f->location.mde = f->smallest_p > test.alpha ? INFINITY : f->location.mde * sd;
    f->location.n_needed = fmax(f->location.n_needed, mdp_power_least_n(f->is_paired, test.alpha));
out:
    return err;
}

static mdp_err look_at_superiority(struct mdp_finding *f, const struct mdp_test_plan *test, double n, double power) {
    mdp_err err;
    struct mdp_outlook *out = &f->superiority;
    MDP_TRY(mdp_power_detectable_superiority(test, n, power, &out->mde));
    if (out->mde > 1) out->mde = INFINITY;
    out->n_needed = n_for(f->brunnermunzel.p.two, test, n, power);
out:
    return err;
}

/* a difference of the distances from the median, said as a ratio */
static mdp_err look_at_spreads(struct mdp_finding *f, const struct mdp_test_plan *test, double n, double power) {
    mdp_err err = look_by_t(test, n, power, f->levene.p, &f->spreads);
    if (!err) f->spreads.mde = 1 + f->spreads.mde * f->spread.unit;
    return err;
}

static mdp_err look_ahead(const struct mdp_compare_plan *plan, struct mdp_finding *f) {
    const struct mdp_outlook none = {NAN, NAN};
    const struct mdp_test_plan deciding = {MDP_DESIGN_UNPAIRED, MDP_SIDES_TWO, plan->alpha * f->level_share},
                               beside = {MDP_DESIGN_UNPAIRED, MDP_SIDES_TWO, plan->alpha};
    /* two sizes count as their harmonic mean, which has the same standard error */
    double n = 2.0 / (1.0 / (double)f->n + 1.0 / (double)f->m);
    mdp_err err = MDP_OK;
    f->location = f->superiority = f->means = f->spreads = none;
    if (f->adjusted[MDP_CLAIM_RANKS] > plan->alpha) MDP_TRY(look_at_location(f, &deciding, n, plan->power));
    if (!f->is_paired && f->brunnermunzel.p.two > plan->alpha) MDP_TRY(look_at_superiority(f, &beside, n, plan->power));
    if (f->ttest.welch.p.two > plan->alpha) {
        double sd = f->ttest.sd_average;
        MDP_TRY(look_by_t(&beside, n, plan->power, f->ttest.welch.p.two, &f->means));
        f->means.mde *= sd;
    }
    if (f->levene.p > plan->alpha && !f->spread.is_degenerate) MDP_TRY(look_at_spreads(f, &beside, n, plan->power));
out:
    return err;
}

/* ---- what is said together ---- */

/* room for numbers of all findings */
struct family {
    double *p, *weight, *adjusted;
};

static void family_free(struct family *family) {
    free(family->p);
    free(family->weight);
    free(family->adjusted);
}

static mdp_err family_new(int n, struct family *out) {
    unsigned long n_all = (unsigned long)n * MDP_N_CLAIMS;
    mdp_err err;
    *out = (struct family){NULL, NULL, NULL};
    MDP_TRY(mdp_calloc(&out->p, n_all, sizeof(double), "p values"));
    MDP_TRY(mdp_calloc(&out->weight, n_all, sizeof(double), "p values"));
    MDP_TRY(mdp_calloc(&out->adjusted, n_all, sizeof(double), "p values"));
out:
    return err;
}

/* of several tasks, the sentence counts what ranks and means say, and leaves out spreads */
static mdp_err adjust_claims(struct mdp_finding *findings, int n, struct family *family) {
    int n_claims = 0;
    double sum = 0;
    for (int i = 0; i < n * MDP_N_CLAIMS; i++) {
        const struct mdp_finding *f = &findings[i / MDP_N_CLAIMS];
        enum mdp_claim claim = (enum mdp_claim)(i % MDP_N_CLAIMS);
        const double p[MDP_N_CLAIMS] = {f->p, f->mean_p, f->levene.p};
        int is_said = !isnan(p[claim]) && (claim != MDP_CLAIM_SPREADS || n == 1);
        family->p[i] = p[claim];
        family->weight[i] = is_said ? mdp_claim_weight(claim, f->n, f->m) : 0;
        n_claims += family->weight[i] > 0;
        sum += family->weight[i];
    }
    mdp_err err = mdp_adjust_weighted(family->p, family->weight, n * MDP_N_CLAIMS, family->adjusted);
    for (int i = 0; i < n; i++) {
        findings[i].n_claims = n_claims;
        findings[i].level_share = family->weight[i * MDP_N_CLAIMS] / sum;
        memcpy(findings[i].adjusted, &family->adjusted[i * MDP_N_CLAIMS], sizeof findings[i].adjusted);
    }
    return err;
}

/* a side that is so much smaller than the other need not show the other's rare losses */
static mdp_err ask_equality(const struct mdp_compare_plan *plan, struct mdp_finding *f) {
    const struct mdp_sample a = {"A", f->a->values, f->n}, b = {"B", f->b->values, f->m};
    const struct mdp_equality_plan asked = {.margin = plan->margin,
                                            .alpha = plan->alpha,
                                            .worst = plan->worst,
                                            .good = 1,
                                            .rounding = f->a->rounding,
                                            .is_paired = f->is_paired};
    mdp_err err = mdp_equality_compute(&a, &b, &asked, &f->equality);
    if (f->is_lopsided) f->equality.p = 1;
    return err;
}

static mdp_err adjust_equality(const struct mdp_compare_plan *plan, struct mdp_finding *findings, int n,
                               struct family *family) {
    mdp_err err = MDP_OK;
    for (int i = 0; i < n; i++) {
        MDP_TRY(ask_equality(plan, &findings[i]));
        family->p[i] = findings[i].equality.p;
    }
    MDP_TRY(mdp_adjust(MDP_ADJUST_HOLM, family->p, n, family->adjusted));
    for (int i = 0; i < n; i++) findings[i].equality_holm = family->adjusted[i];
out:
    return err;
}

mdp_err mdp_findings_conclude(const struct mdp_compare_plan *plan, struct mdp_finding *findings, int n) {
    struct family family;
    mdp_err err;
    MDP_TRY(family_new(n, &family));
    MDP_TRY(adjust_claims(findings, n, &family));
    for (int i = 0; i < n; i++) MDP_TRY(look_ahead(plan, &findings[i]));
    if (plan->margin > 0) MDP_TRY(adjust_equality(plan, findings, n, &family));
out:
    family_free(&family);
    return err;
}
