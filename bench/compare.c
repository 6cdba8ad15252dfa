#include "bench/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/brunnermunzel.h"
#include "stats/curve.h"
#include "stats/effect.h"
#include "stats/levene.h"
#include "stats/mannwhitney.h"
#include "stats/moments.h"
#include "stats/multiple.h"
#include "stats/power.h"
#include "stats/ttest.h"
#include "stats/wilcoxon.h"

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
    [P] = {"p", "p", MDP_RIGHT, 0},
    [LOG10_P] = {"log10_p", "log10 p", MDP_RIGHT, 2},
    [P_HOLM] = {"p_holm", "p Holm", MDP_RIGHT, 0},
    [EFFECT] = {"effect", "effect", MDP_LEFT, 0},
    [SIZE] = {"size", "size [95 % CI]", MDP_RIGHT, 4},
    [MDE] = {"mde", "MDE", MDP_RIGHT, 4},
    [N_NEEDED] = {"n_needed", "n needed", MDP_RIGHT, 0},
};

/* one task's results; the first test is the one that decides */
struct finding {
    const struct mdp_compare_sample *a, *b;
    int is_paired, is_degenerate;
    long n, m;
    double p, holm; /* of the deciding test */
    double shift, low, high;
    double mde, n_needed; /* NaN if the difference is significant */
    struct mdp_wilcoxon wilcoxon;
    struct mdp_mannwhitney mannwhitney;
    struct mdp_brunnermunzel brunnermunzel;
    struct mdp_effect effect;
    struct mdp_ttest ttest;
    struct mdp_levene levene;
};

/* --- what belongs together ---------------------------------------------------------------------------------------- */

static mdp_err check_same(const char *what, const struct mdp_compare_sample *a, const char *x, const char *y) {
    if (strcmp(x, y) == 0) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected the same on both sides, found '%s' in A and '%s' in B", a->task, what,
                    x, y);
}

static mdp_err check_comparable(const struct mdp_compare_sample *a, const struct mdp_compare_sample *b) {
    mdp_err err;
    MDP_TRY(check_same("unit", a, a->unit, b->unit));
    MDP_TRY(check_same("reference scores", a, a->reference, b->reference));
    MDP_TRY(check_same("physics", a, a->physics, b->physics));
    MDP_TRY(check_same("return rule", a, a->return_rule, b->return_rule));
out:
    return err;
}

/* pairs need the same keys in the same order; files write them in ascending order */
static int are_paired(const struct mdp_compare_sample *a, const struct mdp_compare_sample *b) {
    size_t size = (size_t)a->n * sizeof(uint64_t);
    if (a->n != b->n || strcmp(a->unit, "file") == 0 || strcmp(a->unit, "run") == 0) return 0;
    return memcmp(a->major, b->major, size) == 0 && memcmp(a->minor, b->minor, size) == 0;
}

/* --- tests ---------------------------------------------------------------------------------------------------------
 */

/* the smallest difference that would have been found, and the n that would find the one seen; by t tests */
static mdp_err plan_ahead(const struct mdp_compare_plan *plan, struct finding *f, double sd) {
    mdp_err err;
    const struct mdp_test_plan test = {f->is_paired ? MDP_DESIGN_PAIRED : MDP_DESIGN_UNPAIRED, MDP_SIDES_TWO,
                                       plan->alpha};
    double n = f->is_paired ? (double)f->n : 2.0 / (1.0 / (double)f->n + 1.0 / (double)f->m), d;
    f->mde = f->n_needed = NAN;
    if (f->holm <= plan->alpha || !(sd > 0) || n < 2) return MDP_OK;
    MDP_TRY(mdp_power_detectable(&test, n, plan->power, &d));
    f->mde = d * sd;
    MDP_TRY(mdp_power_n_required(&test, fabs(f->ttest.diff) / sd, plan->power, &f->n_needed));
    f->n_needed = ceil(f->n_needed);
out:
    return err;
}

static mdp_err decide(struct finding *f, const struct mdp_sample *x, const struct mdp_sample *y) {
    mdp_err err;
    if (f->is_paired) {
        MDP_TRY(mdp_wilcoxon_compute(x, y, NULL, &f->wilcoxon));
        f->p = f->wilcoxon.p.two;
        f->shift = f->wilcoxon.hl_pseudomedian;
        f->low = f->wilcoxon.hl_low;
        f->high = f->wilcoxon.hl_high;
        f->is_degenerate = f->wilcoxon.is_degenerate;
        return MDP_OK;
    }
    MDP_TRY(mdp_mannwhitney_compute(x, y, NULL, &f->mannwhitney));
    MDP_TRY(mdp_brunnermunzel_compute(x, y, 0, &f->brunnermunzel));
    f->p = f->mannwhitney.p.two;
    f->shift = f->mannwhitney.hl_shift;
    f->low = f->mannwhitney.hl_low;
    f->high = f->mannwhitney.hl_high;
    f->is_degenerate = f->mannwhitney.is_degenerate;
out:
    return err;
}

static mdp_err examine(struct finding *f, const struct mdp_compare_sample *a, const struct mdp_compare_sample *b) {
    mdp_err err;
    f->a = a;
    f->b = b;
    MDP_TRY(check_comparable(a, b));
    f->is_paired = are_paired(a, b);
    f->n = a->n;
    f->m = b->n;
    if (f->n < 2 || f->m < 2)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected at least 2 values a side, found %ld in A and %ld in B", a->task,
                         f->n, f->m));
    const struct mdp_sample groups[2] = {{"A", a->values, a->n}, {"B", b->values, b->n}};
    MDP_TRY(decide(f, &groups[0], &groups[1]));
    MDP_TRY(mdp_effect_compute(&groups[0], &groups[1], 0, &f->effect));
    MDP_TRY(mdp_ttest_compute(&groups[0], &groups[1], 0, &f->ttest));
    MDP_TRY(mdp_levene_compute(groups, 2, MDP_LEVENE_MEDIAN, 0, &f->levene));
out:
    return err;
}

/* the spread that a planned test has to see through: of the differences where values are paired */
static mdp_err planning_sd(const struct finding *f, double *sd) {
    mdp_err err;
    double *d = NULL;
    struct mdp_moments moments;
    *sd = f->ttest.sd_average;
    if (!f->is_paired) return MDP_OK;
    MDP_TRY(mdp_calloc(&d, (unsigned long)f->n, sizeof *d, "differences"));
    for (long i = 0; i < f->n; i++) d[i] = f->a->values[i] - f->b->values[i];
    MDP_TRY(mdp_moments_compute(d, f->n, &moments));
    *sd = moments.sd_ddof1;
out:
    free(d);
    return err;
}

/* --- the report ----------------------------------------------------------------------------------------------------
 */

/* a row before it becomes cells */
struct row {
    const char *test, *method, *effect;
    double statistic, df, p, log10_p, holm, size, low, high;
};

static void p_text(double p, char text[16]) {
    if (p < 1e-4)
        strcpy(text, "<1e-4");
    else
        snprintf(text, 16, "%.4f", p);
}

static mdp_err add_row(struct mdp_table *table, const struct finding *f, const struct row *row, int is_deciding) {
    mdp_err err;
    char text[16];
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(mdp_table_set_text(table, TASK, f->a->task));
    MDP_TRY(mdp_table_set_text(table, UNIT, f->a->unit));
    mdp_table_set_number(table, N_A, (double)f->n);
    mdp_table_set_number(table, N_B, (double)f->m);
    MDP_TRY(mdp_table_set_text(table, TEST, row->test));
    MDP_TRY(mdp_table_set_text(table, METHOD, row->method));
    if (isfinite(row->statistic)) mdp_table_set_number(table, STATISTIC, row->statistic);
    if (isfinite(row->df)) mdp_table_set_number(table, DF, row->df);
    p_text(row->p, text);
    if (!isnan(row->p)) MDP_TRY(mdp_table_set_text(table, P, text));
    if (isfinite(row->log10_p)) mdp_table_set_number(table, LOG10_P, row->log10_p);
    p_text(row->holm, text);
    if (!isnan(row->holm)) MDP_TRY(mdp_table_set_text(table, P_HOLM, text));
    MDP_TRY(mdp_table_set_text(table, EFFECT, row->effect));
    if (isfinite(row->low) && isfinite(row->high))
        mdp_table_set_interval(table, SIZE, row->size, row->low, row->high);
    else if (isfinite(row->size))
        mdp_table_set_number(table, SIZE, row->size);
    if (is_deciding && isfinite(f->mde)) mdp_table_set_number(table, MDE, f->mde);
    if (is_deciding && isfinite(f->n_needed)) mdp_table_set_number(table, N_NEEDED, f->n_needed);
out:
    return err;
}

static mdp_err add_location(struct mdp_table *table, const struct finding *f) {
    mdp_err err;
    const struct mdp_wilcoxon *w = &f->wilcoxon;
    const struct mdp_mannwhitney *u = &f->mannwhitney;
    const struct mdp_brunnermunzel *bm = &f->brunnermunzel;
    if (f->is_paired)
        return add_row(table, f,
                       &(struct row){"Wilcoxon signed rank", mdp_wilcoxon_method_name(w->method),
                                     "Hodges-Lehmann A - B", w->wilcox.w_plus, NAN, f->p, w->p.log10_two, f->holm,
                                     f->shift, f->low, f->high},
                       1);
    MDP_TRY(add_row(table, f,
                    &(struct row){"Mann-Whitney", mdp_mannwhitney_method_name(u->method), "Hodges-Lehmann A - B", u->u1,
                                  NAN, f->p, u->p.log10_two, f->holm, f->shift, f->low, f->high},
                    1));
    MDP_TRY(add_row(table, f,
                    &(struct row){"Brunner-Munzel", "t approximation", "A12", bm->statistic, bm->df, bm->p.two,
                                  bm->p.log10_two, NAN, bm->prob_superiority, bm->low, bm->high},
                    0));
out:
    return err;
}

/* what learning curves are compared by besides their checkpoints: areas and peaks; the window of "early" is the first
 * 5,000 steps, or all there are */
static mdp_err add_curve(struct mdp_table *table, const struct finding *f) {
    static const double early_steps = 5000;
    mdp_err err;
    double *steps = NULL;
    struct mdp_curve_gain gain;
    struct mdp_curve_early early;
    if (!f->is_paired || strcmp(f->a->unit, "checkpoint") != 0) return MDP_OK;
    MDP_TRY(mdp_calloc(&steps, (unsigned long)f->n, sizeof *steps, "learning curve"));
    for (long i = 0; i < f->n; i++) steps[i] = (double)f->a->major[i];
    const struct mdp_curve a = {steps, f->a->values, f->n}, b = {steps, f->b->values, f->n};
    double span = steps[f->n - 1] - steps[0], window = early_steps - steps[0];
    MDP_TRY(mdp_curve_compare(&b, &a, &gain));
    MDP_TRY(mdp_curve_compare_early(&b, &a, window > 0 && window < span ? window / span : 1, &early));
    const struct row rows[] = {
        {"curve", "trapezoid", "AUC gain of A, %", NAN, NAN, NAN, NAN, NAN, gain.auc_pct, NAN, NAN},
        {"curve", "maximum", "peak gain of A, %", NAN, NAN, NAN, NAN, NAN, gain.peak_pct, NAN, NAN},
        {"curve", "first 5,000 steps", "early gain A - B", NAN, NAN, NAN, NAN, NAN, early.gain_abs, NAN, NAN},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) MDP_TRY(add_row(table, f, &rows[i], 0));
out:
    free(steps);
    return err;
}

static mdp_err add_finding(struct mdp_table *table, const struct finding *f) {
    mdp_err err;
    const struct mdp_effect *e = &f->effect;
    const struct mdp_t *t = &f->ttest.welch;
    const struct mdp_levene *l = &f->levene;
    MDP_TRY(add_location(table, f));
    MDP_TRY(add_row(table, f,
                    &(struct row){"Cliff's delta", mdp_effect_label(e->cliffs_delta), "delta = 2 A12 - 1", NAN, NAN,
                                  NAN, NAN, NAN, e->cliffs_delta, e->cliffs_delta_low, e->cliffs_delta_high},
                    0));
    MDP_TRY(add_row(table, f,
                    &(struct row){"Welch t", "unpaired", "mean A - mean B", t->t, t->df, t->p.two, t->p.log10_two, NAN,
                                  f->ttest.diff, t->low, t->high},
                    0));
    MDP_TRY(add_row(table, f,
                    &(struct row){mdp_levene_center_name(l->center), "F(1, df)", "sd A / sd B", l->f, l->df2, l->p,
                                  l->log10_p, NAN, sqrt(f->ttest.var_x / f->ttest.var_y), NAN, NAN},
                    0));
    MDP_TRY(add_curve(table, f));
out:
    return err;
}

/* --- the verdict ---------------------------------------------------------------------------------------------------
 */

static void verdict_of_one(const struct mdp_compare_plan *plan, const struct finding *f, char *text, size_t size) {
    char p[16];
    const char *test = f->is_paired ? "paired Wilcoxon" : "Mann-Whitney";
    p_text(f->p, p);
    if (f->is_degenerate) {
        snprintf(text, size, "A and B are the same on %s: all values are equal (n = %ld and %ld %ss).", f->a->task,
                 f->n, f->m, f->a->unit);
    } else if (f->holm <= plan->alpha) {
        int n = snprintf(
            text, size,
            "A is %s than B on %s: normalized return %s by %.3f [%.3f, %.3f] (%s, p %s%s, n = %ld and %ld %ss)",
            f->shift > 0 ? "better" : "worse", f->a->task, f->shift > 0 ? "higher" : "lower", fabs(f->shift),
            f->shift > 0 ? f->low : -f->high, f->shift > 0 ? f->high : -f->low, test, p[0] == '<' ? "" : "= ", p, f->n,
            f->m, f->a->unit);
        if (f->ttest.diff * f->shift < 0)
            n += snprintf(text + n, size - (size_t)n, "; but the means differ by %.3f the other way: look at the tails",
                          f->ttest.diff);
        snprintf(text + n, size - (size_t)n, ".");
    } else {
        int n = snprintf(text, size,
                         "Cannot tell A from B on %s: difference %.3f [%.3f, %.3f] (%s, p = %s, n = %ld and %ld %ss)",
                         f->a->task, f->shift, f->low, f->high, test, p, f->n, f->m, f->a->unit);
        if (isfinite(f->mde))
            n += snprintf(text + n, size - (size_t)n, "; %.3f would have been found with %.0f %% power", f->mde,
                          100 * plan->power);
        if (isfinite(f->n_needed))
            n += snprintf(text + n, size - (size_t)n, ", the difference seen needs n = %.0f", f->n_needed);
        snprintf(text + n, size - (size_t)n, ".");
    }
}

static mdp_err make_verdict(const struct mdp_compare_plan *plan, const struct finding *findings, int n,
                            char **verdict) {
    enum { SIZE_MAX_TEXT = 1024 };
    int better = 0, worse = 0;
    mdp_err err = mdp_calloc(verdict, 1, SIZE_MAX_TEXT, "verdict");
    if (err != MDP_OK) return err;
    for (int i = 0; i < n; i++) {
        if (findings[i].holm > plan->alpha || findings[i].is_degenerate) continue;
        if (findings[i].shift > 0)
            better++;
        else
            worse++;
    }
    if (n == 1)
        verdict_of_one(plan, &findings[0], *verdict, SIZE_MAX_TEXT);
    else
        snprintf(*verdict, SIZE_MAX_TEXT,
                 "A is better than B on %d of %d tasks, worse on %d, and cannot be told apart on %d (Holm over the "
                 "tasks, alpha %g).",
                 better, n, worse, n - better - worse, plan->alpha);
    return MDP_OK;
}

/* --- all tasks -----------------------------------------------------------------------------------------------------
 */

static mdp_err adjust(const struct mdp_compare_plan *plan, struct finding *findings, int n) {
    mdp_err err;
    double *p = NULL, *holm = NULL, sd;
    MDP_TRY(mdp_calloc(&p, (unsigned long)n, sizeof *p, "p values"));
    MDP_TRY(mdp_calloc(&holm, (unsigned long)n, sizeof *holm, "p values"));
    for (int i = 0; i < n; i++) p[i] = findings[i].p;
    MDP_TRY(mdp_adjust(MDP_ADJUST_HOLM, p, n, holm));
    for (int i = 0; i < n; i++) {
        findings[i].holm = holm[i];
        MDP_TRY(planning_sd(&findings[i], &sd));
        MDP_TRY(plan_ahead(plan, &findings[i], sd));
    }
out:
    free(p);
    free(holm);
    return err;
}

static const struct mdp_compare_sample *find_task(const struct mdp_compare_side *side, const char *task) {
    for (int i = 0; i < side->n; i++)
        if (strcmp(side->samples[i].task, task) == 0) return &side->samples[i];
    return NULL;
}

mdp_err mdp_compare(const struct mdp_compare_plan *plan, const struct mdp_compare_side *a,
                    const struct mdp_compare_side *b, char **verdict, struct mdp_table **table) {
    mdp_err err;
    struct finding *findings = NULL;
    int n = 0;
    *verdict = NULL;
    *table = NULL;
    MDP_TRY(mdp_calloc(&findings, (unsigned long)a->n, sizeof *findings, "comparisons"));
    for (int i = 0; i < a->n; i++) {
        const struct mdp_compare_sample *other = find_task(b, a->samples[i].task);
        if (other != NULL) MDP_TRY(examine(&findings[n++], &a->samples[i], other));
    }
    if (n == 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "compare: expected a task that both sides have, found %s in A and %s in B",
                         a->samples[0].task, b->samples[0].task));
    MDP_TRY(adjust(plan, findings, n));
    MDP_TRY(make_verdict(plan, findings, n, verdict));
    MDP_TRY(mdp_table_new(*verdict, N_COLUMNS, columns, table));
    for (int i = 0; i < n; i++) MDP_TRY(add_finding(*table, &findings[i]));
out:
    free(findings);
    if (err != MDP_OK) {
        mdp_table_free(*table);
        *table = NULL;
        free(*verdict);
        *verdict = NULL;
    }
    return err;
}
