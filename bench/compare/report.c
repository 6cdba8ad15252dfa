/* a row for every test and effect. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/compare/report.h"
#include "stats/curve.h"
#include "stats/proportion.h"

/* a row; what is missing is NaN, NULL or -1 */
struct row {
    const char *task, *unit, *test, *effect;
    char method[64];
    long n, m;
    double statistic, df, p, log10_p, holm, size, low, high;
    struct mdp_shown mde, n_needed;
};
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, task, TEXT, "task", "task"),
    MDP_COLUMN(struct row, unit, TEXT, "unit", "unit"),
    MDP_COLUMN(struct row, n, WHOLE, "n_a", "n A"),
    MDP_COLUMN(struct row, m, WHOLE, "n_b", "n B"),
    MDP_COLUMN(struct row, test, TEXT, "test", "test"),
    MDP_COLUMN(struct row, method, LETTERS, "method", "method"),
    MDP_COLUMN(struct row, statistic, REAL, "statistic", "statistic", 3),
    MDP_COLUMN(struct row, df, REAL, "df", "df", 1),
    MDP_COLUMN(struct row, p, P, "p", "p two-sided"),
    MDP_COLUMN(struct row, log10_p, REAL, "log10_p", "log10 p", 2),
    MDP_COLUMN(struct row, holm, P, "p_holm", "p Holm"),
    MDP_COLUMN(struct row, effect, TEXT, "effect", "effect"),
    MDP_INTERVAL_COLUMN(struct row, size, low, high, "size", "size [95 % CI]", 4),
    MDP_COLUMN(struct row, mde, SHOWN, "mde", "MDE", 4),
    MDP_COLUMN(struct row, n_needed, SHOWN, "n_needed", "n needed", .is_count = 1),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

/* ---- rows ---- */

/* a row of a finding's own samples, with nothing in it yet */
static struct row row_of(const struct mdp_finding *f, const char *test, const char *method, const char *effect) {
    struct row row;
    mdp_row_clear(&columns, &row);
    row.task = f->a->task;
    row.unit = f->a->unit;
    row.n = f->n;
    row.m = f->m;
    row.test = test;
    row.effect = effect;
    snprintf(row.method, sizeof row.method, "%s", method);
    return row;
}

static void set_tied(struct row *row, int has_ties) {
    size_t n = strlen(row->method);
    if (has_ties) snprintf(row->method + n, sizeof row->method - n, ", ties");
}

static void set_test(struct row *row, double statistic, double df, double p, double log10_p, double holm) {
    row->statistic = statistic;
    row->df = df;
    row->p = p;
    row->log10_p = log10_p;
    row->holm = holm;
}

static void set_size(struct row *row, double size, double low, double high) {
    row->size = size;
    row->low = low;
    row->high = high;
}

/* a number, or the words for no such number */
static struct mdp_shown number_or(double value, const char *otherwise) {
    struct mdp_shown shown = {value, ""};
    if (isinf(value)) snprintf(shown.text, sizeof shown.text, "%s", otherwise);
    return shown;
}

static void set_outlook(struct row *row, const struct mdp_outlook *outlook) {
    row->mde = number_or(outlook->mde, "none");
    row->n_needed = number_or(outlook->n_needed, ">1e9");
}

/* ---- tests and effects ---- */

/* what the test of location says of the shift */
static mdp_err add_shift(struct mdp_table *table, const struct mdp_finding *f) {
    const struct mdp_wilcoxon *w = &f->wilcoxon;
    const struct mdp_mannwhitney *u = &f->mannwhitney;
    double level = f->is_paired ? w->hl.level : u->hl.level;
    char effect[64] = "Hodges-Lehmann A - B";
    struct row row = f->is_paired ? row_of(f, "Wilcoxon signed rank", mdp_wilcoxon_method_name(w->method), effect)
                                  : row_of(f, "Mann-Whitney", mdp_mannwhitney_method_name(u->method), effect);
    if (level < 0.95 - 1e-9) snprintf(effect, sizeof effect, "Hodges-Lehmann A - B, %.3g %% CI", 100 * level);
    set_tied(&row, f->has_ties);
    set_test(&row, f->is_paired ? w->wilcox.w_plus : u->u1, NAN, f->p, f->is_paired ? w->p.log10_two : u->p.log10_two,
             f->adjusted[MDP_CLAIM_RANKS]);
    set_size(&row, f->shift, f->low, f->high);
    set_outlook(&row, &f->location);
    return mdp_table_fill(table, &row, 1);
}

static mdp_err add_superiority(struct mdp_table *table, const struct mdp_finding *f) {
    const struct mdp_brunnermunzel *bm = &f->brunnermunzel;
    struct row row = row_of(f, "Brunner-Munzel", "t approximation", "A12");
    set_tied(&row, bm->has_ties);
    set_test(&row, bm->statistic, bm->df, bm->p.two, bm->p.log10_two, NAN);
    set_size(&row, bm->prob_superiority, bm->low, bm->high);
    set_outlook(&row, &f->superiority);
    return mdp_table_fill(table, &row, 1);
}

static mdp_err add_equality(struct mdp_table *table, const struct mdp_finding *f) {
    static const char *const effects[MDP_N_EQUALITIES] = {"Hodges-Lehmann A - B, level 1 - 2 alpha",
                                                          "mean A - mean B, level 1 - 2 alpha"};
    const struct mdp_equality *e = &f->equality;
    for (int i = 0; i < MDP_N_EQUALITIES && e->n_needed > 0; i++) {
        const struct mdp_equality_part *part = &e->parts[i];
        char test[64];
        snprintf(test, sizeof test, "TOST, %s", part->name);
        struct row row = row_of(f, test, part->method, effects[i]);
        set_test(&row, NAN, NAN, part->p, log10(part->p), f->equality_holm);
        set_size(&row, part->difference, part->low, part->high);
        mdp_err err = mdp_table_fill(table, &row, 1);
        if (err != MDP_OK) return err;
    }
    if (!(e->n_needed > 0)) return MDP_OK;
    struct row row = row_of(f, "unseen losses", "Gaffke", "loss of the margin by rare failures");
    set_test(&row, NAN, NAN, e->p_unseen, log10(e->p_unseen), f->equality_holm);
    if (e->n_needed > fmin((double)f->n, (double)f->m)) row.n_needed = number_or(e->n_needed, ">1e9");
    return mdp_table_fill(table, &row, 1);
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
    if (of_a == NULL || of_a->n < 2 || of_a->steps_hash != of_b->steps_hash) return MDP_OK;
    MDP_TRY(mdp_calloc(&steps, (unsigned long)of_a->n, sizeof *steps, "learning curve"));
    for (long i = 0; i < of_a->n; i++) {
        steps[i] = (double)of_a->major[i];
        distance += (of_a->values[i] - of_b->values[i]) / (double)of_a->n;
    }
    const struct mdp_curve a = {steps, of_a->values, of_a->n}, b = {steps, of_b->values, of_b->n};
    MDP_TRY(mdp_curve_compare(&b, &a, &gain));
    MDP_TRY(mdp_curve_compare_until(&b, &a, early_steps, &early));
    const struct {
        const char *method, *effect;
        double size;
    } measures[] = {{"mean", "mean of A - B over checkpoints", distance},
                    {"trapezoid", "AUC gain of A, %", gain.auc_pct},
                    {"maximum", "peak gain of A, %", gain.peak_pct},
                    {early.n == 0     ? "no checkpoint in the first 5,000 steps"
                     : early.is_whole ? "all steps"
                                      : "first 5,000 steps",
                     "early gain A - B", early.area.gain_abs}};
    for (int i = 0; i < 4; i++) {
        struct row row = row_of(f, "curve", measures[i].method, measures[i].effect);
        row.unit = "checkpoint";
        row.n = row.m = of_a->n;
        row.size = measures[i].size;
        MDP_TRY(mdp_table_fill(table, &row, 1));
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
    } ends[] = {{"ended early", "share of A - share of B", f->a->n_fell, f->b->n_fell},
                {"not finite", "share of A - share of B", f->a->n_non_finite, f->b->n_non_finite}};
    mdp_err err = MDP_OK;
    for (int i = 0; i < 2; i++) {
        struct mdp_share share;
        char method[64];
        const struct mdp_share_counts counts = {.n_x = (double)f->a->n_episodes,
                                                .k_x = (double)ends[i].k_a,
                                                .n_y = (double)f->b->n_episodes,
                                                .k_y = (double)ends[i].k_b};
        if (ends[i].k_a + ends[i].k_b == 0) continue;
        MDP_TRY(mdp_share_difference(&counts, 0, &share));
        snprintf(method, sizeof method, "%s: %ld of %ld, %ld of %ld", ends[i].method, ends[i].k_a, f->a->n_episodes,
                 ends[i].k_b, f->b->n_episodes);
        struct row row = row_of(f, "episodes' ends", method, ends[i].effect);
        set_size(&row, share.estimate, share.low, share.high);
        MDP_TRY(mdp_table_fill(table, &row, 1));
    }
out:
    return err;
}

static mdp_err add_delta(struct mdp_table *table, const struct mdp_finding *f) {
    const struct mdp_effect *e = &f->effect;
    struct row row = row_of(f, "Cliff's delta", mdp_effect_label(e->cliffs_delta), "delta = 2 A12 - 1");
    set_size(&row, e->cliffs_delta, e->cliffs_delta_low, e->cliffs_delta_high);
    return mdp_table_fill(table, &row, 1);
}

/* of pairs, the mean's own test */
static mdp_err add_paired_mean(struct mdp_table *table, const struct mdp_finding *f) {
    struct row row = row_of(f, "t of differences", "paired", "mean A - mean B");
    set_test(&row, f->mean_t, f->mean_df, f->mean_p, f->mean_log10_p, f->adjusted[MDP_CLAIM_MEANS]);
    set_size(&row, f->ttest.diff, f->mean_low, f->mean_high);
    return mdp_table_fill(table, &row, 1);
}

/* without intervals where one side is so much smaller that nobody vouches for them */
static mdp_err add_means_and_spreads(struct mdp_table *table, const struct mdp_finding *f) {
    const struct mdp_t *t = &f->ttest.welch;
    const struct mdp_levene *l = &f->levene;
    const struct mdp_spread *s = &f->spread;
    int is_sure = !f->is_lopsided;
    struct row rows[] = {row_of(f, "Welch t", "unpaired", "mean A - mean B"),
                         row_of(f, mdp_levene_center_name(l->center), "F(1, df)", "spread A / spread B")};
    set_test(&rows[0], t->t, t->df, t->p.two, t->p.log10_two, f->is_paired ? NAN : f->adjusted[MDP_CLAIM_MEANS]);
    set_size(&rows[0], f->ttest.diff, is_sure ? t->low : NAN, is_sure ? t->high : NAN);
    set_outlook(&rows[0], &f->means);
    set_test(&rows[1], l->f, l->df2, l->p, l->log10_p, f->adjusted[MDP_CLAIM_SPREADS]);
    set_size(&rows[1], s->ratio, is_sure ? s->low : NAN, is_sure ? s->high : NAN);
    set_outlook(&rows[1], &f->spreads);
    return mdp_table_fill(table, rows, 2);
}

static mdp_err add_finding(struct mdp_table *table, const struct mdp_finding *f) {
    mdp_err err;
    MDP_TRY(add_shift(table, f));
    if (!f->is_paired) MDP_TRY(add_superiority(table, f));
    MDP_TRY(add_equality(table, f));
    MDP_TRY(add_delta(table, f));
    if (f->is_paired) MDP_TRY(add_paired_mean(table, f));
    MDP_TRY(add_means_and_spreads(table, f));
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
    MDP_TRY(mdp_table_new(title, &columns, table));
    for (int i = 0; i < n; i++) MDP_TRY(add_finding(*table, &findings[i]));
out:
    if (err != MDP_OK) {
        mdp_table_free(*table);
        *table = NULL;
    }
    return err;
}
