/* a row for every test and effect. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/compare/report.h"
#include "stats/curve.h"
#include "stats/proportion.h"

enum { TASK, UNIT, N_A, N_B, TEST, METHOD, STATISTIC, DF, P, LOG10_P, P_HOLM, EFFECT, SIZE, MDE, N_NEEDED, N_COLUMNS };
static const struct mdp_column columns[N_COLUMNS] = {
    [TASK] = {"task", "task", MDP_LEFT, 0},
    [UNIT] = {"unit", "unit", MDP_LEFT, 0},
    [N_A] = {"n_a", "n A", MDP_RIGHT, 0},
    [N_B] = {"n_b", "n B", MDP_RIGHT, 0},
    [TEST] = {"test", "test", MDP_LEFT, 0},
    [METHOD] = {"method", "method", MDP_LEFT, 0},
    [STATISTIC] = {"statistic", "statistic", MDP_RIGHT, 3},
    [DF] = {"df", "df", MDP_RIGHT, 1},
    [P] = {"p", "p two-sided", MDP_RIGHT, 0},
    [LOG10_P] = {"log10_p", "log10 p", MDP_RIGHT, 2},
    [P_HOLM] = {"p_holm", "p Holm", MDP_RIGHT, 0},
    [EFFECT] = {"effect", "effect", MDP_LEFT, 0},
    [SIZE] = {"size", "size [95 % CI]", MDP_RIGHT, 4},
    [MDE] = {"mde", "MDE", MDP_RIGHT, 4},
    [N_NEEDED] = {"n_needed", "n needed", MDP_RIGHT, 0},
};

/* a row before it becomes cells; NaN and NULL are missing cells */
struct row {
    const char *test, *method;
    int has_ties;
    double statistic, df, p, log10_p, holm;
    const char *effect;
    double size, low, high;
    const struct mdp_outlook *outlook;
    const char *unit; /* NULL: the finding's own, with its n and m */
    long n;
};

static void p_text(double p, char text[16]) {
    if (p < 1e-4)
        strcpy(text, "<1e-4");
    else
        snprintf(text, 16, "%.4f", p);
}

static mdp_err set_p(struct mdp_table *table, int column, double p) {
    char text[16];
    if (isnan(p)) return MDP_OK;
    p_text(p, text);
    return mdp_table_set_shown(table, column, p, text);
}

static void set_finite(struct mdp_table *table, int column, double value) {
    if (isfinite(value)) mdp_table_set_number(table, column, value);
}

/* a number, or the words for no such number */
static mdp_err set_or_say(struct mdp_table *table, int column, double value, const char *otherwise) {
    if (isinf(value)) return mdp_table_set_shown(table, column, value, otherwise);
    set_finite(table, column, value);
    return MDP_OK;
}

static mdp_err add_row(struct mdp_table *table, const struct mdp_finding *f, const struct row *row) {
    mdp_err err;
    char method[64];
    snprintf(method, sizeof method, "%s%s", row->method, row->has_ties ? ", ties" : "");
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(mdp_table_set_text(table, TASK, f->a->task));
    MDP_TRY(mdp_table_set_text(table, UNIT, row->unit != NULL ? row->unit : f->a->unit));
    mdp_table_set_number(table, N_A, (double)(row->unit != NULL ? row->n : f->n));
    mdp_table_set_number(table, N_B, (double)(row->unit != NULL ? row->n : f->m));
    MDP_TRY(mdp_table_set_text(table, TEST, row->test));
    MDP_TRY(mdp_table_set_text(table, METHOD, method));
    set_finite(table, STATISTIC, row->statistic);
    set_finite(table, DF, row->df);
    MDP_TRY(set_p(table, P, row->p));
    set_finite(table, LOG10_P, row->log10_p);
    MDP_TRY(set_p(table, P_HOLM, row->holm));
    MDP_TRY(mdp_table_set_text(table, EFFECT, row->effect));
    if (!isnan(row->low) && !isnan(row->high))
        mdp_table_set_interval(table, SIZE, row->size, row->low, row->high);
    else
        set_finite(table, SIZE, row->size);
    if (row->outlook) {
        MDP_TRY(set_or_say(table, MDE, row->outlook->mde, "none"));
        MDP_TRY(set_or_say(table, N_NEEDED, row->outlook->n_needed, ">1e9"));
    }
out:
    return err;
}

static mdp_err add_location(struct mdp_table *table, const struct mdp_finding *f) {
    mdp_err err;
    const struct mdp_wilcoxon *w = &f->wilcoxon;
    const struct mdp_mannwhitney *u = &f->mannwhitney;
    const struct mdp_brunnermunzel *bm = &f->brunnermunzel;
    char effect[64];
    double level = f->is_paired ? w->hl.level : u->hl.level;
    if (level < 0.95 - 1e-9)
        snprintf(effect, sizeof effect, "Hodges-Lehmann A - B, %.3g %% CI", 100 * level);
    else
        strcpy(effect, "Hodges-Lehmann A - B");
    const struct row of_pairs = {"Wilcoxon signed rank",
                                 mdp_wilcoxon_method_name(w->method),
                                 f->has_ties,
                                 w->wilcox.w_plus,
                                 NAN,
                                 f->p,
                                 w->p.log10_two,
                                 f->holm,
                                 effect,
                                 f->shift,
                                 f->low,
                                 f->high,
                                 &f->location,
                                 NULL,
                                 0};
    const struct row of_samples = {"Mann-Whitney",
                                   mdp_mannwhitney_method_name(u->method),
                                   f->has_ties,
                                   u->u1,
                                   NAN,
                                   f->p,
                                   u->p.log10_two,
                                   f->holm,
                                   effect,
                                   f->shift,
                                   f->low,
                                   f->high,
                                   &f->location,
                                   NULL,
                                   0};
    const struct row beside = {"Brunner-Munzel",
                               "t approximation",
                               bm->has_ties,
                               bm->statistic,
                               bm->df,
                               bm->p.two,
                               bm->p.log10_two,
                               NAN,
                               "A12",
                               bm->prob_superiority,
                               bm->low,
                               bm->high,
                               &f->superiority,
                               NULL,
                               0};
    if (f->is_paired) return add_row(table, f, &of_pairs);
    MDP_TRY(add_row(table, f, &of_samples));
    MDP_TRY(add_row(table, f, &beside));
out:
    return err;
}

static mdp_err add_equality(struct mdp_table *table, const struct mdp_finding *f) {
    static const char *const effects[MDP_N_EQUALITIES] = {"Hodges-Lehmann A - B, level 1 - 2 alpha",
                                                          "mean A - mean B, level 1 - 2 alpha"};
    for (int i = 0; i < MDP_N_EQUALITIES && f->equality[i].name != NULL; i++) {
        const struct mdp_equality *e = &f->equality[i];
        char test[64];
        snprintf(test, sizeof test, "TOST, %s", e->name);
        const struct row row = {test,          e->method, 0,       NAN,  NAN,  e->p, log10(e->p), e->holm, effects[i],
                                e->difference, e->low,    e->high, NULL, NULL, 0};
        mdp_err err = add_row(table, f, &row);
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

/* curves of one run a side are described, without a p: checkpoints of a run are no sample. "early" are the first 5,000
 * steps, or all there are */
static mdp_err add_curve(struct mdp_table *table, const struct mdp_finding *f) {
    static const double early_steps = 5000;
    mdp_err err;
    const struct mdp_compare_sample *of_a = f->curve_a, *of_b = f->curve_b;
    double *steps = NULL, distance = 0;
    struct mdp_curve_gain gain;
    struct mdp_curve_window early;
    if (of_a == NULL || of_a->steps_hash != of_b->steps_hash) return MDP_OK;
    MDP_TRY(mdp_calloc(&steps, (unsigned long)of_a->n, sizeof *steps, "learning curve"));
    for (long i = 0; i < of_a->n; i++) {
        steps[i] = (double)of_a->major[i];
        distance += (of_a->values[i] - of_b->values[i]) / (double)of_a->n;
    }
    const struct mdp_curve a = {steps, of_a->values, of_a->n}, b = {steps, of_b->values, of_b->n};
    if (of_a->n >= 2) {
        MDP_TRY(mdp_curve_compare(&b, &a, &gain));
        MDP_TRY(mdp_curve_compare_until(&b, &a, early_steps, &early));
    }
    const struct {
        const char *method, *effect;
        double size;
    } of[] = {{"mean", "mean of A - B over checkpoints", distance},
              {"trapezoid", "AUC gain of A, %", of_a->n < 2 ? NAN : gain.auc_pct},
              {"maximum", "peak gain of A, %", of_a->n < 2 ? NAN : gain.peak_pct},
              {of_a->n < 2 || early.n == 0 ? "no checkpoint in the first 5,000 steps"
               : early.is_whole            ? "all steps"
                                           : "first 5,000 steps",
               "early gain A - B", of_a->n < 2 ? NAN : early.area.gain_abs}};
    for (int i = 0; i < (of_a->n < 2 ? 1 : 4); i++) {
        const struct row row = {"curve",      of[i].method, 0,   NAN, NAN,  NAN,          NAN,    NAN,
                                of[i].effect, of[i].size,   NAN, NAN, NULL, "checkpoint", of_a->n};
        MDP_TRY(add_row(table, f, &row));
    }
out:
    free(steps);
    return err;
}

/* ends that a return does not tell: shares of both sides, wherever there are any */
static mdp_err add_ends(struct mdp_table *table, const struct mdp_finding *f) {
    const struct {
        const char *method, *effect;
        long k_a, k_b;
    } of[] = {{"ended early", "share of A - share of B", f->a->n_fell, f->b->n_fell},
              {"not finite", "share of A - share of B", f->a->n_non_finite, f->b->n_non_finite}};
    mdp_err err = MDP_OK;
    for (int i = 0; i < 2; i++) {
        struct mdp_share share;
        char method[64];
        const struct mdp_share_counts counts = {.n_x = (double)f->a->n_episodes,
                                                .k_x = (double)of[i].k_a,
                                                .n_y = (double)f->b->n_episodes,
                                                .k_y = (double)of[i].k_b};
        if (of[i].k_a + of[i].k_b == 0) continue;
        MDP_TRY(mdp_share_difference(&counts, 0, &share));
        snprintf(method, sizeof method, "%s: %ld of %ld, %ld of %ld", of[i].method, of[i].k_a, f->a->n_episodes,
                 of[i].k_b, f->b->n_episodes);
        const struct row row = {"episodes' ends", method,         0,         NAN,        NAN,  NAN,  NAN, NAN,
                                of[i].effect,     share.estimate, share.low, share.high, NULL, NULL, 0};
        MDP_TRY(add_row(table, f, &row));
    }
out:
    return err;
}

static mdp_err add_finding(struct mdp_table *table, const struct mdp_finding *f) {
    mdp_err err;
    const struct mdp_effect *e = &f->effect;
    const struct mdp_t *t = &f->ttest.welch;
    const struct mdp_levene *l = &f->levene;
    const struct mdp_spread *s = &f->spread;
    int is_sure = !f->is_lopsided;
    const struct row delta = {"Cliff's delta",
                              mdp_effect_label(e->cliffs_delta),
                              0,
                              NAN,
                              NAN,
                              NAN,
                              NAN,
                              NAN,
                              "delta = 2 A12 - 1",
                              e->cliffs_delta,
                              e->cliffs_delta_low,
                              e->cliffs_delta_high,
                              NULL,
                              NULL,
                              0};
    const struct row means = {"Welch t",
                              "unpaired",
                              0,
                              t->t,
                              t->df,
                              t->p.two,
                              t->p.log10_two,
                              NAN,
                              "mean A - mean B",
                              f->ttest.diff,
                              is_sure ? t->low : NAN,
                              is_sure ? t->high : NAN,
                              &f->means,
                              NULL,
                              0};
    const struct row spreads = {mdp_levene_center_name(l->center),
                                "F(1, df)",
                                0,
                                l->f,
                                l->df2,
                                l->p,
                                l->log10_p,
                                NAN,
                                "spread A / spread B",
                                s->ratio,
                                is_sure ? s->low : NAN,
                                is_sure ? s->high : NAN,
                                &f->spreads,
                                NULL,
                                0};
    MDP_TRY(add_location(table, f));
    MDP_TRY(add_equality(table, f));
    MDP_TRY(add_row(table, f, &delta));
    MDP_TRY(add_row(table, f, &means));
    MDP_TRY(add_row(table, f, &spreads));
    MDP_TRY(add_ends(table, f));
    MDP_TRY(add_curve(table, f));
    if (f->is_lopsided)
        MDP_TRY(mdp_table_add_note(table,
                                   "%s: %ld against %ld %ss: no intervals of means and spreads, which rare "
                                   "losses of the larger side leave untrue.",
                                   f->a->task, f->n, f->m, f->a->unit));
out:
    return err;
}

mdp_err mdp_compare_report(const char *title, const struct mdp_finding *findings, int n, struct mdp_table **table) {
    mdp_err err;
    MDP_TRY(mdp_table_new(title, N_COLUMNS, columns, table));
    for (int i = 0; i < n; i++) MDP_TRY(add_finding(*table, &findings[i]));
out:
    if (err != MDP_OK) {
        mdp_table_free(*table);
        *table = NULL;
    }
    return err;
}
