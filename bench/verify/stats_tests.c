/* families of the tests: two samples, k groups, pairs, shuffles. */
#include <math.h>
#include <stdio.h>

#include "bench/verify/stats_families.h"
#include "stats/brunnermunzel.h"
#include "stats/effect.h"
#include "stats/kruskal.h"
#include "stats/ks.h"
#include "stats/levene.h"
#include "stats/mannwhitney.h"
#include "stats/moments.h"
#include "stats/permutation.h"
#include "stats/quantile.h"
#include "stats/ttest.h"
#include "stats/wilcoxon.h"

#define N_OF(table) ((int)(sizeof(table) / sizeof *(table)))

static mdp_err read_two(struct mdp_case *c, struct mdp_sample *x, struct mdp_sample *y) {
    mdp_err err = mdp_case_sample(c, "in/x", x);
    return err ? err : mdp_case_sample(c, "in/y", y);
}

static void answer_p(struct mdp_case *c, const struct mdp_p *p, const char *prefix, const char *suffix) {
    mdp_case_answer(c, p->two, "%sp_two_%s", prefix, suffix);
    mdp_case_answer(c, p->less, "%sp_less_%s", prefix, suffix);
    mdp_case_answer(c, p->greater, "%sp_greater_%s", prefix, suffix);
    mdp_case_answer(c, p->log10_two, "%slog10p_two_%s", prefix, suffix);
}

static void answer_z(struct mdp_case *c, const struct mdp_z *z, const char *prefix, const char *suffix) {
    mdp_case_answer(c, z->z, "%sz_%s", prefix, suffix);
    answer_p(c, &z->p, prefix, suffix);
}

/* ---- Mann-Whitney ---- */

static void answer_u(struct mdp_case *c, const struct mdp_mannwhitney *u, const char *prefix) {
    const struct mdp_named table[] = {
        {"U1", u->u1},
        {"U2", u->u2},
        {"R1", u->r1},
        {"mean_U", u->mean_u},
        {"sd_U", u->sd_u},
        {"tie_term", u->tie_term},
        {"has_ties", u->has_ties},
        {"hl_shift", u->hl_shift},
        {"hl_ci95_lo", u->hl.low},
        {"hl_ci95_hi", u->hl.high},
    };
    char pattern[32];
    snprintf(pattern, sizeof pattern, "%s%%s", prefix);
    mdp_case_answer_table(c, pattern, table, N_OF(table));
    answer_z(c, &u->asym, prefix, "asym");
    answer_z(c, &u->asym_cc, prefix, "asym_cc");
    answer_p(c, &u->exact, prefix, "exact");
    answer_p(c, &u->condexact, prefix, "condexact");
}

/* the null distribution alone: cdf over all values of U */
static mdp_err answer_null(struct mdp_case *c) {
    long n, m;
    double *cdf, log10_total;
    mdp_err err;
    MDP_TRY(mdp_case_count(c, "in/n", 0, 1000000, &n));
    MDP_TRY(mdp_case_count(c, "in/m", 0, 1000000, &m));
    long n_cdf = n * m <= MDP_MANNWHITNEY_MOST_PAIRS ? n * m + 1 : 1;
    MDP_TRY(mdp_case_room(c, (unsigned long)n_cdf, sizeof *cdf, &cdf));
    MDP_TRY(mdp_mannwhitney_null(n, m, cdf, &log10_total));
    mdp_case_answer_array(c, cdf, n_cdf, "cdf");
    mdp_case_answer(c, log10_total, "log10_total");
out:
    return err;
}

/* cases whose data hold infinities are refused; some also list the results of ranking the infinities all the same */
static mdp_err answer_allowed(struct mdp_case *c, const struct mdp_sample *x, const struct mdp_sample *y) {
    const struct mdp_mannwhitney_plan allow = {.method = MDP_MANNWHITNEY_AUTO, .allow_inf = 1};
    struct mdp_mannwhitney u;
    mdp_err err = mdp_mannwhitney_compute(x, y, &allow, &u);
    if (!err) answer_u(c, &u, "allow_inf_");
    return err;
}

mdp_err mdp_answer_mannwhitney(struct mdp_case *c) {
    struct mdp_sample x, y;
    struct mdp_mannwhitney u;
    struct mdp_brunnermunzel bm;
    mdp_err err;
    if (mdp_case_has(c, "in/n")) return answer_null(c);
    MDP_TRY(read_two(c, &x, &y));
    /* the files' intervals are those of other programs, which count as if there were no ties */
    const struct mdp_mannwhitney_plan exact = {.method = x.n * y.n <= MDP_MANNWHITNEY_MOST_PAIRS ? MDP_MANNWHITNEY_EXACT
                                                                                                 : MDP_MANNWHITNEY_AUTO,
                                               .is_blind_to_ties = 1};
    if (mdp_case_has(c, "out/allow_inf_U1")) MDP_TRY(answer_allowed(c, &x, &y));
    MDP_TRY(mdp_mannwhitney_compute(&x, &y, &exact, &u));
    answer_u(c, &u, "");
    MDP_TRY(mdp_brunnermunzel_compute(&x, &y, 0, &bm));
    /* the file's statistic is positive where y is larger */
    mdp_case_answer(c, -bm.statistic, "bm_stat");
    mdp_case_answer(c, bm.p.two, "bm_p_two");
    c->is_degenerate = u.is_degenerate;
out:
    return err;
}

/* ---- effects and means ---- */

static void answer_effect(struct mdp_case *c, const struct mdp_effect *e) {
    const struct mdp_named table[] = {
        {"prob_superiority", e->prob_superiority},
        {"cliffs_delta", e->cliffs_delta},
        {"rank_biserial", e->rank_biserial},
        {"n_greater", (double)e->n_greater},
        {"n_less", (double)e->n_less},
        {"n_equal", (double)e->n_equal},
        {"cohens_d", e->cohens_d},
        {"cohens_d_av", e->cohens_d_av},
        {"glass_delta", e->glass_delta},
        {"hedges_g", e->hedges_g},
        {"hedges_g_approx", e->hedges_g_approx},
        {"hedges_j_exact", e->hedges_j_exact},
        {"hedges_j_approx", e->hedges_j_approx},
    };
    mdp_case_answer_table(c, "%s", table, N_OF(table));
}

mdp_err mdp_answer_effect(struct mdp_case *c) {
    struct mdp_sample x, y;
    struct mdp_effect effect;
    mdp_err err;
    MDP_TRY(read_two(c, &x, &y));
    MDP_TRY(mdp_effect_compute(&x, &y, 0, &effect));
    answer_effect(c, &effect);
    c->is_degenerate = effect.is_degenerate;
out:
    return err;
}

/* an end is the difference minus or plus half the width, and may cancel. the quantile behind the width is off by up to
 * 4e-9 in the files (ours by 1e-15): their tolerance, 1e-8, is kept for the half width alone */
static void answer_end(struct mdp_case *c, const struct mdp_t *t, double end, const char *name, const char *which) {
    struct mdp_answer *answer = mdp_case_answer_array(c, &end, 1, "%s_%s", name, which);
    double half = 0.5 * (t->high - t->low), *rounding;
    if (!answer || !isfinite(half)) return;
    c->err = mdp_case_room(c, 1, sizeof *rounding, &rounding);
    if (c->err) return;
    *rounding = c->tol * half;
    answer->rounding = rounding;
    answer->is_bound = 1;
}

static void answer_t(struct mdp_case *c, const struct mdp_t *t, const char *which) {
    const struct mdp_named table[] = {{"t", t->t}, {"df", t->df}, {"se", t->se}};
    char pattern[32];
    answer_end(c, t, t->low, "ci95_lo", which);
    answer_end(c, t, t->high, "ci95_hi", which);
    snprintf(pattern, sizeof pattern, "%%s_%s", which);
    mdp_case_answer_table(c, pattern, table, N_OF(table));
    answer_p(c, &t->p, "", which);
}

mdp_err mdp_answer_welch(struct mdp_case *c) {
    static const char *const margins[3] = {"0.2", "0.5", "1.0"};
    static const double factors[3] = {0.2, 0.5, 1};
    struct mdp_sample x, y;
    struct mdp_ttest t;
    mdp_err err;
    MDP_TRY(read_two(c, &x, &y));
    MDP_TRY(mdp_ttest_compute(&x, &y, 0, &t));
    const struct mdp_named table[] = {
        {"mean_x", t.mean_x}, {"mean_y", t.mean_y}, {"var_x", t.var_x}, {"var_y", t.var_y}, {"diff", t.diff}};
    mdp_case_answer_table(c, "%s", table, N_OF(table));
    answer_t(c, &t.welch, "welch");
    answer_t(c, &t.pooled, "pooled");
    c->is_degenerate = t.is_degenerate;
    for (int i = 0; i < 3 && t.sd_average > 0 && isfinite(t.sd_average); i++) {
        struct mdp_equivalence e;
        MDP_TRY(mdp_ttest_equivalence(&t, factors[i] * t.sd_average, &e));
        mdp_case_answer(c, e.margin, "tost_margin_%s", margins[i]);
        mdp_case_answer(c, e.tost_p, "tost_p_%s", margins[i]);
        mdp_case_answer(c, e.noninf_p, "noninf_p_%s", margins[i]);
    }
out:
    return err;
}

mdp_err mdp_answer_ks(struct mdp_case *c) {
    struct mdp_sample x, y;
    struct mdp_ks ks;
    mdp_err err;
    MDP_TRY(read_two(c, &x, &y));
    MDP_TRY(mdp_ks_compute(&x, &y, &ks));
    const struct mdp_named table[] = {
        {"D", ks.d}, {"D_plus", ks.d_plus}, {"D_minus", ks.d_minus}, {"has_ties", ks.has_ties}};
    mdp_case_answer_table(c, "%s", table, N_OF(table));
    answer_p(c, &ks.exact, "", "exact");
    mdp_case_answer(c, ks.limit.two, "p_two_kolmogorov_limit");
    mdp_case_answer(c, ks.limit.less, "p_less_limit");
    mdp_case_answer(c, ks.limit.greater, "p_greater_limit");
    c->is_degenerate = ks.is_degenerate;
out:
    return err;
}

/* ---- groups ---- */

enum { MAX_GROUPS = 24 };

static mdp_err read_groups(struct mdp_case *c, struct mdp_sample groups[MAX_GROUPS], int *k) {
    static const char *const names[MAX_GROUPS] = {"in/g0",  "in/g1",  "in/g2",  "in/g3",  "in/g4",  "in/g5",
                                                  "in/g6",  "in/g7",  "in/g8",  "in/g9",  "in/g10", "in/g11",
                                                  "in/g12", "in/g13", "in/g14", "in/g15", "in/g16", "in/g17",
                                                  "in/g18", "in/g19", "in/g20", "in/g21", "in/g22", "in/g23"};
    long n;
    mdp_err err = mdp_case_count(c, "in/k", 0, MAX_GROUPS, &n);
    for (long i = 0; !err && i < n; i++) err = mdp_case_sample(c, names[i], &groups[i]);
    *k = (int)n;
    return err;
}

/* degrees of freedom stand in the file once, those of the default, the median */
mdp_err mdp_answer_levene(struct mdp_case *c) {
    static const struct {
        const char *suffix;
        enum mdp_levene_center center;
        double trim;
    } kinds[] = {{"mean", MDP_LEVENE_MEAN, 0},
                 {"median", MDP_LEVENE_MEDIAN, 0},
                 {"trim05_bf", MDP_LEVENE_TRIMMED, 0.05},
                 {"trim10_bf", MDP_LEVENE_TRIMMED, 0.10},
                 {"trim05_scipy", MDP_LEVENE_CUT, 0.05},
                 {"trim10_scipy", MDP_LEVENE_CUT, 0.10}};
    struct mdp_sample groups[MAX_GROUPS];
    int k;
    mdp_err err;
    MDP_TRY(read_groups(c, groups, &k));
    for (int i = 0; i < N_OF(kinds); i++) {
        struct mdp_levene found;
        MDP_TRY(mdp_levene_compute(groups, k, kinds[i].center, kinds[i].trim, &found));
        mdp_case_answer(c, found.f, "F_%s", kinds[i].suffix);
        mdp_case_answer(c, found.p, "p_%s", kinds[i].suffix);
        if (kinds[i].center != MDP_LEVENE_MEDIAN) continue;
        mdp_case_answer(c, found.df1, "df1");
        mdp_case_answer(c, found.df2, "df2");
        c->is_degenerate = found.is_degenerate;
    }
out:
    return err;
}

mdp_err mdp_answer_kruskal(struct mdp_case *c) {
    struct mdp_sample groups[MAX_GROUPS];
    struct mdp_kruskal found;
    int k;
    mdp_err err;
    MDP_TRY(read_groups(c, groups, &k));
    MDP_TRY(mdp_kruskal_compute(groups, k, &found));
    const struct mdp_named table[] = {{"H", found.h},
                                      {"p", found.p},
                                      {"df", found.df},
                                      {"tie_correction", found.tie_correction},
                                      {"epsilon_sq", found.epsilon_sq},
                                      {"eta_sq", found.eta_sq}};
    mdp_case_answer_table(c, "%s", table, N_OF(table));
    c->is_degenerate = found.is_degenerate;
out:
    return err;
}

/* ---- pairs ---- */

/* the file has exact p for more pairs than the default takes, so exactness is asked for as far as it is accepted */
mdp_err mdp_answer_wilcoxon(struct mdp_case *c) {
    struct mdp_sample x, y;
    struct mdp_wilcoxon w;
    mdp_err err;
    MDP_TRY(read_two(c, &x, &y));
    const struct mdp_wilcoxon_plan plan = {.method =
                                               x.n <= MDP_WILCOXON_MOST_PAIRS ? MDP_WILCOXON_EXACT : MDP_WILCOXON_AUTO};
    MDP_TRY(mdp_wilcoxon_compute(&x, &y, &plan, &w));
    const struct mdp_named table[] = {{"n", (double)w.n},
                                      {"n_zero", (double)w.n_zero},
                                      {"W_plus", w.wilcox.w_plus},
                                      {"W_minus", w.wilcox.w_minus},
                                      {"W_plus_pratt", w.pratt.w_plus},
                                      {"W_minus_pratt", w.pratt.w_minus},
                                      {"rank_biserial_matched", w.rank_biserial_matched},
                                      {"hl_pseudomedian", w.hl_pseudomedian}};
    mdp_case_answer_table(c, "%s", table, N_OF(table));
    answer_z(c, &w.wilcox.asym, "", "wilcox");
    answer_z(c, &w.wilcox.asym_cc, "", "wilcox_cc");
    answer_z(c, &w.pratt.asym, "", "pratt");
    answer_z(c, &w.pratt.asym_cc, "", "pratt_cc");
    answer_p(c, &w.exact, "", "exact");
    c->is_degenerate = w.is_degenerate;
out:
    return err;
}

/* ---- shuffles ---- */

static mdp_err answer_exhaustive(struct mdp_case *c, const struct mdp_sample *x, const struct mdp_sample *y) {
    struct mdp_permutation results[2];
    static const char *const names[2] = {"mean", "median"};
    mdp_err err = mdp_permutation_exhaustive(x, y, &results[0], &results[1]);
    if (err) return err;
    mdp_case_answer(c, (double)results[0].n_perm, "n_perm");
    for (int i = 0; i < 2; i++) {
        mdp_case_answer(c, results[i].observed, "obs_%s_diff", names[i]);
        mdp_case_answer(c, results[i].p_greater, "p_greater_%s", names[i]);
        mdp_case_answer(c, results[i].p_less, "p_less_%s", names[i]);
        mdp_case_answer(c, results[i].p_two_abs, "p_two_abs_%s", names[i]);
        mdp_case_answer(c, results[i].p_two_2min, "p_two_2min_%s", names[i]);
    }
    c->is_degenerate = results[0].is_degenerate;
    return MDP_OK;
}

static mdp_err check_rows(struct mdp_case *c, const char *dataset, const struct mdp_h5_shape *shape, long n) {
    if (shape->rank == 2 && shape->extent[1] == n) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s/%s: expected rows of %ld values, found rank %d and rows of %ld", c->path,
                    c->name, dataset, n, shape->rank, shape->rank > 1 ? shape->extent[1] : 1);
}

static mdp_err answer_monte_carlo(struct mdp_case *c, const struct mdp_sample *x, const struct mdp_sample *y) {
    struct mdp_permutation found;
    struct mdp_h5_shape shape;
    int32_t *group1;
    double *statistics;
    mdp_err err;
    MDP_TRY(mdp_case_integers(c, "in/group1_index", &shape, &group1));
    MDP_TRY(check_rows(c, "in/group1_index", &shape, x->n));
    MDP_TRY(mdp_case_room(c, (unsigned long)shape.extent[0], sizeof *statistics, &statistics));
    const struct mdp_permutation_plan plan = {.n_perm = shape.extent[0], .group1 = group1, .statistics = statistics};
    MDP_TRY(mdp_permutation_monte_carlo(x, y, &plan, &found));
    const struct mdp_named table[] = {{"n_perm", (double)found.n_perm}, {"obs_mean_diff", found.observed},
                                      {"n_ge", (double)found.n_ge},     {"n_abs_ge", (double)found.n_abs_ge},
                                      {"p_greater", found.p_greater},   {"p_two_abs", found.p_two_abs}};
    mdp_case_answer_table(c, "%s", table, N_OF(table));
    mdp_case_answer_array(c, statistics, shape.extent[0], "perm_stat");
    c->is_degenerate = found.is_degenerate;
out:
    return err;
}

static mdp_err answer_sign_flips(struct mdp_case *c) {
    struct mdp_permutation found;
    struct mdp_sample d;
    struct mdp_h5_shape shape;
    int32_t *wide;
    int8_t *signs;
    double *statistics;
    mdp_err err;
    MDP_TRY(mdp_case_sample(c, "in/d", &d));
    MDP_TRY(mdp_case_integers(c, "in/signs", &shape, &wide));
    MDP_TRY(check_rows(c, "in/signs", &shape, d.n));
    long n_perm = shape.extent[0], n_signs = mdp_h5_count(&shape);
    MDP_TRY(mdp_case_room(c, (unsigned long)n_signs, sizeof *signs, &signs));
    MDP_TRY(mdp_case_room(c, (unsigned long)n_perm, sizeof *statistics, &statistics));
    for (long i = 0; i < n_signs; i++) signs[i] = (int8_t)(wide[i] == 1 || wide[i] == -1 ? wide[i] : 0);
    const struct mdp_permutation_plan plan = {.n_perm = n_perm, .signs = signs, .statistics = statistics};
    MDP_TRY(mdp_permutation_sign_flips(&d, &plan, &found));
    mdp_case_answer(c, found.observed, "obs_mean");
    mdp_case_answer(c, found.p_two_abs, "p_two");
    mdp_case_answer_array(c, statistics, n_perm, "perm_stat");
    c->is_degenerate = found.is_degenerate;
out:
    return err;
}

mdp_err mdp_answer_permutation(struct mdp_case *c) {
    struct mdp_sample x, y;
    mdp_err err;
    if (mdp_case_has(c, "in/d")) return answer_sign_flips(c);
    MDP_TRY(read_two(c, &x, &y));
    if (mdp_case_has(c, "in/group1_index"))
        MDP_TRY(answer_monte_carlo(c, &x, &y));
    else
        MDP_TRY(answer_exhaustive(c, &x, &y));
out:
    return err;
}

/* ---- 100,000 values ---- */

static mdp_err answer_big_x(struct mdp_case *c, const struct mdp_sample *x) {
    double *probs, *quantiles;
    long n_probs;
    struct mdp_moments moments;
    struct mdp_order order;
    mdp_err err;
    MDP_TRY(mdp_case_vector(c, "in/probs", &probs, &n_probs));
    MDP_TRY(mdp_case_room(c, (unsigned long)n_probs, sizeof *quantiles, &quantiles));
    MDP_TRY(mdp_quantiles(x->values, x->n, probs, n_probs, MDP_QUANTILE_DEFAULT, quantiles));
    MDP_TRY(mdp_moments_compute(x->values, x->n, &moments));
    MDP_TRY(mdp_order_compute(x->values, x->n, &order));
    mdp_case_answer_array(c, quantiles, n_probs, "x_quantiles_type7");
    mdp_case_answer(c, order.iqm, "x_iqm");
    mdp_case_answer(c, moments.mean, "x_mean");
    mdp_case_answer(c, moments.var_ddof1, "x_var");
out:
    return err;
}

/* the file's interval is that of other programs, which take no notice of ties: ours is computed likewise here */
mdp_err mdp_answer_big(struct mdp_case *c) {
    static const struct mdp_mannwhitney_plan blind = {.is_blind_to_ties = 1};
    struct mdp_sample sides[2];
    struct mdp_mannwhitney u;
    struct mdp_effect effect;
    struct mdp_ttest t;
    struct mdp_levene mean, median;
    struct mdp_kruskal kruskal;
    struct mdp_ks ks;
    mdp_err err;
    MDP_TRY(read_two(c, &sides[0], &sides[1]));
    MDP_TRY(mdp_mannwhitney_compute(&sides[0], &sides[1], &blind, &u));
    MDP_TRY(mdp_effect_compute(&sides[0], &sides[1], 0, &effect));
    MDP_TRY(mdp_ttest_compute(&sides[0], &sides[1], 0, &t));
    MDP_TRY(mdp_levene_compute(sides, 2, MDP_LEVENE_MEAN, 0, &mean));
    MDP_TRY(mdp_levene_compute(sides, 2, MDP_LEVENE_MEDIAN, 0, &median));
    MDP_TRY(mdp_kruskal_compute(sides, 2, &kruskal));
    MDP_TRY(mdp_ks_compute(&sides[0], &sides[1], &ks));
    answer_u(c, &u, "mwu_");
    answer_effect(c, &effect);
    answer_t(c, &t.welch, "welch");
    const struct mdp_named table[] = {{"levene_F_mean", mean.f},
                                      {"levene_p_mean", mean.p},
                                      {"levene_F_median", median.f},
                                      {"levene_p_median", median.p},
                                      {"kw_H", kruskal.h},
                                      {"kw_p", kruskal.p},
                                      {"ks_D", ks.d},
                                      {"ks_p_kolmogorov_limit", ks.limit.two}};
    mdp_case_answer_table(c, "%s", table, N_OF(table));
    MDP_TRY(answer_big_x(c, &sides[0]));
out:
    return err;
}
