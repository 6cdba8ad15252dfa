/* what compare says: one sentence, and a row for every test and effect. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/compare/report.h"
#include "base/memstream.h"
#include "stats/curve.h"

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
    MDP_TRY(mdp_table_set_text(table, UNIT, f->a->unit));
    mdp_table_set_number(table, N_A, (double)f->n);
    mdp_table_set_number(table, N_B, (double)f->m);
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
    static const char effect[] = "Hodges-Lehmann A - B";
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
                                 &f->location};
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
                                   &f->location};
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
                               &f->superiority};
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
        const struct row row = {test,       e->method,     0,      NAN,     NAN, e->p, log10(e->p), e->holm,
                                effects[i], e->difference, e->low, e->high, NULL};
        mdp_err err = add_row(table, f, &row);
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

/* what learning curves are compared by besides their checkpoints: areas and peaks; "early" are the first 5,000 steps,
 * or all there are */
static mdp_err add_curve(struct mdp_table *table, const struct mdp_finding *f) {
    static const double early_steps = 5000;
    mdp_err err;
    double *steps = NULL;
    struct mdp_curve_gain gain;
    struct mdp_curve_window early;
    if (!f->is_paired || strcmp(f->a->unit, "checkpoint") != 0) return MDP_OK;
    MDP_TRY(mdp_calloc(&steps, (unsigned long)f->n, sizeof *steps, "learning curve"));
    for (long i = 0; i < f->n; i++) steps[i] = (double)f->a->major[i];
    const struct mdp_curve a = {steps, f->a->values, f->n}, b = {steps, f->b->values, f->n};
    MDP_TRY(mdp_curve_compare(&b, &a, &gain));
    MDP_TRY(mdp_curve_compare_until(&b, &a, early_steps, &early));
    const struct {
        const char *method, *effect;
        double size;
    } of[] = {{"trapezoid", "AUC gain of A, %", gain.auc_pct},
              {"maximum", "peak gain of A, %", gain.peak_pct},
              {early.n == 0     ? "no checkpoint in the first 5,000 steps"
               : early.is_whole ? "all steps"
                                : "first 5,000 steps",
               "early gain A - B", early.area.gain_abs}};
    for (int i = 0; i < 3; i++) {
        const struct row row = {"curve", of[i].method, 0,          NAN, NAN, NAN, NAN,
                                NAN,     of[i].effect, of[i].size, NAN, NAN, NULL};
        MDP_TRY(add_row(table, f, &row));
    }
out:
    free(steps);
    return err;
}

static mdp_err add_finding(struct mdp_table *table, const struct mdp_finding *f) {
    mdp_err err;
    const struct mdp_effect *e = &f->effect;
    const struct mdp_t *t = &f->ttest.welch;
    const struct mdp_levene *l = &f->levene;
    const struct mdp_spread *s = &f->spread;
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
                              NULL};
    const struct row means = {
        "Welch t",         "unpaired",    0,      t->t,    t->df,    t->p.two, t->p.log10_two, NAN,
        "mean A - mean B", f->ttest.diff, t->low, t->high, &f->means};
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
                                s->low,
                                s->high,
                                &f->spreads};
    MDP_TRY(add_location(table, f));
    MDP_TRY(add_equality(table, f));
    MDP_TRY(add_row(table, f, &delta));
    MDP_TRY(add_row(table, f, &means));
    MDP_TRY(add_row(table, f, &spreads));
    MDP_TRY(add_curve(table, f));
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

/* ---- the verdict ---- */

/* many equal values may leave the median difference at 0 where the ranks decide */
static void say_decided(const struct mdp_finding *f, FILE *out) {
    int is_better = f->sign > 0;
    const char *word = is_better ? "better" : "worse";
    char p[16];
    p_text(f->p, p);
    if (f->shift * f->sign > 0)
        fprintf(out, "A is %s than B on %s%s: normalized return %s by %.3f [%.3f, %.3f]", word, f->a->task, f->unlike,
                is_better ? "higher" : "lower", fabs(f->shift), is_better ? f->low : -f->high,
                is_better ? f->high : -f->low);
    else
        fprintf(out,
                "A tends to be %s than B on %s%s: rank-biserial correlation %.2f, but many values are equal and the "
                "median difference is %.3f [%.3f, %.3f]",
                word, f->a->task, f->unlike, f->is_paired ? f->wilcoxon.rank_biserial_matched : f->effect.rank_biserial,
                f->shift, f->low, f->high);
    fprintf(out, " (%s, p %s%s, n = %ld and %ld %ss)", f->is_paired ? "paired Wilcoxon" : "Mann-Whitney",
            p[0] == '<' ? "" : "= ", p, f->n, f->m, f->a->unit);
    if (f->ttest.diff * f->sign < 0)
        fprintf(out, "; but the means differ by %.3f the other way: look at the tails", f->ttest.diff);
}

static void say_undecided(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    char p[16];
    p_text(f->p, p);
    fprintf(out, "Cannot tell A from B on %s%s: difference %.3f [%.3f, %.3f] (%s, p = %s, n = %ld and %ld %ss)",
            f->a->task, f->unlike, f->shift, f->low, f->high, f->is_paired ? "paired Wilcoxon" : "Mann-Whitney", p,
            f->n, f->m, f->a->unit);
    if (isinf(f->location.mde))
        fprintf(out, "; no p below %.3g can come of so few values, whatever the difference", f->smallest_p);
    else
        fprintf(out, "; %.3f would have been found with %.0f %% power", f->location.mde, 100 * plan->power);
    if (isfinite(f->location.n_needed)) fprintf(out, "; the one seen needs n = %.0f", f->location.n_needed);
}

/* the deciding test's own equality; what the test itself found is said beside it */
static void say_equal(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    const struct mdp_equality *e = &f->equality[MDP_EQUALITY_RANKS];
    char p[16], p_equal[16];
    p_text(f->p, p);
    p_text(e->p, p_equal);
    fprintf(out,
            "A and B are equal within %g on %s%s: difference %.4f [%.4f, %.4f] (%s, two one-sided tests, p %s%s, level "
            "%g, n = %ld and %ld %ss); %s (p %s%s)",
            plan->margin, f->a->task, f->unlike, e->difference, e->low, e->high, e->name, p_equal[0] == '<' ? "" : "= ",
            p_equal, 1 - 2 * plan->alpha, f->n, f->m, f->a->unit,
            f->holm <= plan->alpha ? "a difference within it is seen" : "no difference is seen",
            p[0] == '<' ? "" : "= ", p);
}

static int is_equal(const struct mdp_compare_plan *plan, const struct mdp_finding *f) {
    return plan->margin > 0 && f->equality[MDP_EQUALITY_RANKS].holm <= plan->alpha;
}

static void say_not_equal(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    char p[16];
    p_text(f->equality[MDP_EQUALITY_RANKS].p, p);
    fprintf(out, "; equality within %g is not shown (p %s%s)", plan->margin, p[0] == '<' ? "" : "= ", p);
}

static void say_one(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    if (f->is_degenerate)
        fprintf(out, "A and B are the same on %s%s: all values are equal (n = %ld and %ld %ss)", f->a->task, f->unlike,
                f->n, f->m, f->a->unit);
    else if (is_equal(plan, f))
        say_equal(plan, f, out);
    else if (f->holm <= plan->alpha)
        say_decided(f, out);
    else
        say_undecided(plan, f, out);
    if (plan->margin > 0 && !f->is_degenerate && !is_equal(plan, f)) say_not_equal(plan, f, out);
    if (f->n_shared > 0 && !f->is_paired)
        fprintf(out, "; %ld %ss are common to both sides: equal sets would be compared as pairs", f->n_shared,
                f->a->unit);
    fputc('.', out);
}

/* of several tasks: once where it is the same of all */
static void say_unlike(const struct mdp_finding *findings, int n, FILE *out) {
    int n_same = 0, n_unlike = 0;
    for (int i = 0; i < n; i++) {
        n_same += strcmp(findings[i].unlike, findings[0].unlike) == 0;
        n_unlike += findings[i].unlike[0] != 0;
    }
    if (n_unlike == 0) return;
    fputs(" Not alike", out);
    if (n_same == n) fprintf(out, "%s", findings[0].unlike);
    for (int i = 0, k = 0; i < n && n_same < n; i++)
        if (findings[i].unlike[0] != 0)
            fprintf(out, "%s %s%s", k++ > 0 ? ";" : ":", findings[i].a->task, findings[i].unlike);
    fputc('.', out);
}

static void say_all(const struct mdp_compare_plan *plan, const struct mdp_finding *findings, int n, FILE *out) {
    int better = 0, worse = 0, equal = 0;
    for (int i = 0; i < n; i++) {
        equal += is_equal(plan, &findings[i]);
        if (findings[i].holm > plan->alpha || findings[i].is_degenerate) continue;
        if (findings[i].sign > 0)
            better++;
        else
            worse++;
    }
    fprintf(out,
            "A is better than B on %d of %d tasks, worse on %d, and cannot be told apart on %d (Holm over the tasks, "
            "alpha %g).",
            better, n, worse, n - better - worse, plan->alpha);
    if (plan->margin > 0)
        fprintf(out, " Both are equal within %g on %d of them (two one-sided tests, Holm over the tasks).",
                plan->margin, equal);
    say_unlike(findings, n, out);
}

mdp_err mdp_compare_verdict(const struct mdp_compare_plan *plan, const struct mdp_finding *findings, int n,
                            char **verdict) {
    struct mdp_memstream memory;
    mdp_err err = mdp_memstream_open(&memory, "verdict");
    if (err != MDP_OK) return err;
    if (n == 1)
        say_one(plan, &findings[0], memory.stream);
    else
        say_all(plan, findings, n, memory.stream);
    err = mdp_memstream_close(&memory, MDP_OK);
    *verdict = memory.text;
    return err;
}
