/* tables 1 and 2: what a test arm gains over a base arm along training, and whether the difference is one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/experiment/printed.h"
#include "bench/report/report.h"
#include "stats/curve.h"
#include "stats/effect.h"
#include "stats/levene.h"
#include "stats/mannwhitney.h"
#include "stats/moments.h"
#include "stats/multiple.h"
#include "stats/wilcoxon.h"

enum {
    TASK,
    ARMS,
    ACTOR,
    SEEDS,
    CHECKPOINTS,
    PEAK,
    PEAK_PAPER,
    AUC,
    AUC_PAPER,
    EARLY,
    EARLY_PAPER,
    P,
    P_PAPER,
    F,
    F_PAPER,
    LEVENE_P,
    LEVENE_P_PAPER,
    N_COLUMNS
};
static const struct mdp_column columns[N_COLUMNS] = {
    [TASK] = {"task", "task", MDP_LEFT, 0},
    [ARMS] = {"arms", "arms", MDP_LEFT, 0},
    [ACTOR] = {"actor", "actor", MDP_LEFT, 0},
    [SEEDS] = {"seeds", "seeds", MDP_RIGHT, 0},
    [CHECKPOINTS] = {"checkpoints", "checkpoints", MDP_RIGHT, 0},
    [PEAK] = {"peak_gain_pct", "peak %", MDP_RIGHT, 2},
    [PEAK_PAPER] = {"peak_gain_pct_paper", "paper", MDP_RIGHT, 2},
    [AUC] = {"auc_gain_pct", "AUC %", MDP_RIGHT, 2},
    [AUC_PAPER] = {"auc_gain_pct_paper", "paper", MDP_RIGHT, 2},
    [EARLY] = {"early_gain", "early gain", MDP_RIGHT, 4},
    [EARLY_PAPER] = {"early_gain_paper", "paper", MDP_RIGHT, 4},
    [P] = {"p", "p", MDP_RIGHT, 4},
    [P_PAPER] = {"p_paper", "paper", MDP_RIGHT, 0},
    [F] = {"levene_f", "Levene F", MDP_RIGHT, 3},
    [F_PAPER] = {"levene_f_paper", "paper", MDP_RIGHT, 3},
    [LEVENE_P] = {"levene_p", "p", MDP_RIGHT, 4},
    [LEVENE_P_PAPER] = {"levene_p_paper", "paper", MDP_RIGHT, 4},
};

enum {
    T_TASK,
    T_ARMS,
    T_ACTOR,
    T_UNIT,
    T_N_TEST,
    T_N_BASE,
    T_TEST,
    T_METHOD,
    T_STATISTIC,
    T_P,
    T_LOG10_P,
    T_P_ADJUSTED,
    T_SMALLEST_P,
    T_SHIFT,
    T_EFFECT,
    T_WORD,
    T_LEVENE,
    T_DF1,
    T_DF2,
    T_F,
    T_LEVENE_P,
    N_TEST_COLUMNS
};
static const struct mdp_column test_columns[N_TEST_COLUMNS] = {
    [T_TASK] = {"task", "task", MDP_LEFT, 0},
    [T_ARMS] = {"arms", "arms", MDP_LEFT, 0},
    [T_ACTOR] = {"actor", "actor", MDP_LEFT, 0},
    [T_UNIT] = {"unit", "unit", MDP_LEFT, 0},
    [T_N_TEST] = {"n_test", "n test", MDP_RIGHT, 0},
    [T_N_BASE] = {"n_base", "n base", MDP_RIGHT, 0},
    [T_TEST] = {"test", "test", MDP_LEFT, 0},
    [T_METHOD] = {"method", "method", MDP_LEFT, 0},
    [T_STATISTIC] = {"statistic", "U or W+", MDP_RIGHT, 1},
    [T_P] = {"p", "p", MDP_RIGHT, 4},
    [T_LOG10_P] = {"log10_p", "log10 p", MDP_RIGHT, 2},
    [T_P_ADJUSTED] = {"p_adjusted", "p adjusted", MDP_RIGHT, 4},
    [T_SMALLEST_P] = {"smallest_p", "smallest p", MDP_RIGHT, 4},
    [T_SHIFT] = {"shift", "shift [95 % CI]", MDP_RIGHT, 4},
    [T_EFFECT] = {"rank_biserial", "rank-biserial", MDP_RIGHT, 3},
    [T_WORD] = {"effect", "effect", MDP_LEFT, 0},
    [T_LEVENE] = {"levene", "spread", MDP_LEFT, 0},
    [T_DF1] = {"df1", "df1", MDP_RIGHT, 0},
    [T_DF2] = {"df2", "df2", MDP_RIGHT, 0},
    [T_F] = {"levene_f", "F", MDP_RIGHT, 3},
    [T_LEVENE_P] = {"levene_p", "p", MDP_RIGHT, 4},
};

/* one row before it becomes cells */
struct row {
    const char *task, *unit, *method, *test;
    char arms[160];
    int is_online, is_empty, has_levene;
    long n_seeds, n_steps, n, m;
    double peak_pct, auc_pct, early;
    double statistic, p, log10_p, adjusted, smallest_p, shift, low, high, effect;
    struct mdp_levene levene;
};

/* ---- gains ---- */

static double peak_of_runs(const struct mdp_contest *contest, const struct mdp_arm_data *arm) {
    double sum = 0;
    for (int k = 0; k < contest->n_seeds; k++) {
        const double *curve = mdp_contest_curve(contest, arm, k);
        double peak = curve[0];
        for (long c = 1; c < contest->n_steps; c++) peak = fmax(peak, curve[c]);
        sum += peak;
    }
    return sum / contest->n_seeds;
}

static double gain_pct(double test, double base) { return base != 0 ? 100 * (test - base) / fabs(base) : NAN; }

static double early_gain(const struct mdp_curve_window *early, const struct mdp_choices *choices) {
    switch (MDP_CHOSE(choices, early)) {
    case MDP_EARLY_MEAN: return early->mean_gain;
    case MDP_EARLY_RELATIVE: return early->area.gain_rel;
    case MDP_EARLY_RATIO: return early->area.gain_ratio;
    default: return early->area.gain_abs;
    }
}

static mdp_err compute_gains(struct mdp_report *report, const struct mdp_contest *contest, struct row *row) {
    mdp_err err;
    double *base_curve = NULL, *test_curve = NULL;
    struct mdp_curve_gain gain;
    struct mdp_curve_window early;
    MDP_TRY(mdp_calloc(&base_curve, (unsigned long)contest->n_steps, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&test_curve, (unsigned long)contest->n_steps, sizeof(double), "curve"));
    mdp_contest_mean_curve(contest, contest->base, base_curve);
    mdp_contest_mean_curve(contest, contest->test, test_curve);
    const struct mdp_curve base = {contest->base->steps, base_curve, contest->n_steps};
    const struct mdp_curve test = {contest->test->steps, test_curve, contest->n_steps};
    MDP_TRY(mdp_curve_compare(&base, &test, &gain));
    row->auc_pct = gain.auc_pct;
    row->peak_pct = MDP_CHOSE(&report->choices, peak) == MDP_PEAK_CURVE
                        ? gain.peak_pct
                        : gain_pct(peak_of_runs(contest, contest->test), peak_of_runs(contest, contest->base));
    MDP_TRY(mdp_report_early(report, &base, &test, &early));
    row->early = early_gain(&early, &report->choices);
out:
    free(base_curve);
    free(test_curve);
    return err;
}

/* ---- samples ---- */

static mdp_err area_of_run(const struct mdp_contest *contest, const struct mdp_arm_data *arm, int k, double *out) {
    struct mdp_curve_summary summary;
    const struct mdp_curve curve = {arm->steps, mdp_contest_curve(contest, arm, k), contest->n_steps};
    mdp_err err = mdp_curve_summarize(&curve, &summary);
    if (err == MDP_OK) *out = summary.auc_norm;
    return err;
}

/* the values of one side, by what counts as one; values of equal position belong together */
static mdp_err take_sample(const struct mdp_report *report, const struct mdp_contest *contest,
                           const struct mdp_arm_data *arm, double **values, long *n) {
    mdp_err err;
    long n_seeds = contest->n_seeds, n_steps = contest->n_steps;
    const long sizes[] = {
        [MDP_UNIT_CHECKPOINTS] = n_seeds * n_steps,
        [MDP_UNIT_CURVE] = n_steps,
        [MDP_UNIT_EPISODES] = n_seeds * arm->n_episodes,
        [MDP_UNIT_RUNS] = n_seeds,
    };
    int unit = MDP_CHOSE(&report->choices, unit);
    *n = sizes[unit];
    MDP_TRY(mdp_calloc(values, (unsigned long)*n, sizeof(double), "sample"));
    switch (unit) {
    case MDP_UNIT_CURVE: mdp_contest_mean_curve(contest, arm, *values); break;
    case MDP_UNIT_EPISODES: mdp_contest_finals(contest, arm, &report->choices, 1, *values); break;
    case MDP_UNIT_RUNS:
        for (int k = 0; k < n_seeds; k++) MDP_TRY(area_of_run(contest, arm, k, &(*values)[k]));
        break;
    default:
        for (int k = 0; k < n_seeds; k++)
            memcpy(*values + k * n_steps, mdp_contest_curve(contest, arm, k), (size_t)n_steps * sizeof(double));
    }
out:
    return err;
}

/* ---- tests ---- */

static mdp_err test_pairs(const struct mdp_sample *x, const struct mdp_sample *y, struct row *row) {
    struct mdp_wilcoxon w;
    mdp_err err = mdp_wilcoxon_compute(x, y, NULL, &w);
    if (err != MDP_OK) return err;
    row->test = "Wilcoxon signed rank";
    row->method = mdp_wilcoxon_method_name(w.method);
    row->statistic = w.wilcox.w_plus;
    row->p = w.p.two;
    row->log10_p = w.p.log10_two;
    row->smallest_p = w.smallest_p;
    row->shift = w.hl_pseudomedian;
    row->low = w.hl.low;
    row->high = w.hl.high;
    row->effect = w.is_degenerate ? 0 : w.rank_biserial_matched;
    return MDP_OK;
}

static mdp_err test_samples(const struct mdp_report *report, const struct mdp_sample *x, const struct mdp_sample *y,
                            struct row *row) {
    static const enum mdp_mannwhitney_method methods[] = {
        [MDP_U_ASYMPTOTIC] = MDP_MANNWHITNEY_ASYMPTOTIC,
        [MDP_U_EXACT] = MDP_MANNWHITNEY_EXACT,
        [MDP_U_AUTO] = MDP_MANNWHITNEY_AUTO,
    };
    const struct mdp_mannwhitney_plan plan = {.method = methods[MDP_CHOSE(&report->choices, u_test)]};
    struct mdp_mannwhitney u;
    mdp_err err = mdp_mannwhitney_compute(x, y, &plan, &u);
    if (err != MDP_OK) return err;
    row->test = "Mann-Whitney";
    row->method = mdp_mannwhitney_method_name(u.method);
    row->statistic = u.u1;
    row->p = u.p.two;
    row->log10_p = u.p.log10_two;
    row->smallest_p = u.smallest_p;
    row->shift = u.hl_shift;
    row->low = u.hl.low;
    row->high = u.hl.high;
    row->effect = 2 * u.u1 / ((double)u.n * (double)u.m) - 1;
    return MDP_OK;
}

static mdp_err test_both(const struct mdp_report *report, const struct mdp_sample *x, const struct mdp_sample *y,
                         struct row *row) {
    static const enum mdp_levene_center centers[] = {MDP_LEVENE_MEDIAN, MDP_LEVENE_MEAN, MDP_LEVENE_TRIMMED};
    const struct mdp_sample groups[2] = {*x, *y};
    mdp_err err;
    row->n = x->n;
    row->m = y->n;
    MDP_TRY(MDP_CHOSE(&report->choices, pairs) ? test_pairs(x, y, row) : test_samples(report, x, y, row));
    row->has_levene = x->n > 1 && y->n > 1;
    if (row->has_levene)
        MDP_TRY(mdp_levene_compute(groups, 2, centers[MDP_CHOSE(&report->choices, levene)], 0.05, &row->levene));
out:
    return err;
}

static mdp_err compute_row(struct mdp_report *report, const struct mdp_contest *contest, struct row *row) {
    mdp_err err;
    double *test = NULL, *base = NULL;
    long n, m;
    row->n_seeds = contest->n_seeds;
    row->n_steps = contest->n_steps;
    row->is_empty = contest->n_seeds == 0;
    if (row->is_empty) return MDP_OK;
    MDP_TRY(compute_gains(report, contest, row));
    MDP_TRY(take_sample(report, contest, contest->test, &test, &n));
    MDP_TRY(take_sample(report, contest, contest->base, &base, &m));
    MDP_TRY(test_both(report, &(struct mdp_sample){"test", test, n}, &(struct mdp_sample){"base", base, m}, row));
out:
    free(test);
    free(base);
    return err;
}

/* ---- all tasks together ---- */

/* pairs of runs of every task in one test: what a few seeds cannot show on one task they may show on six */
static mdp_err compute_all(struct mdp_report *report, unsigned i_pair, int is_online, struct row *row) {
    const struct mdp_experiment *e = report->arms->experiment;
    struct mdp_contest contest;
    double *test = NULL, *base = NULL;
    long n = 0;
    mdp_err err;
    MDP_TRY(mdp_calloc(&test, (unsigned long)e->is.tasks_count * e->is.seeds_count, sizeof(double), "sample"));
    MDP_TRY(mdp_calloc(&base, (unsigned long)e->is.tasks_count * e->is.seeds_count, sizeof(double), "sample"));
    for (unsigned t = 0; t < e->is.tasks_count; t++) {
        MDP_TRY(mdp_contest_get(report, report->spec->test[i_pair], report->spec->base[i_pair], is_online, (int)t,
                                &contest));
        for (int k = 0; k < contest.n_seeds; k++, n++) {
            MDP_TRY(area_of_run(&contest, contest.test, k, &test[n]));
            MDP_TRY(area_of_run(&contest, contest.base, k, &base[n]));
        }
    }
    row->n_seeds = n;
    row->is_empty = n == 0;
    row->peak_pct = row->auc_pct = row->early = NAN;
    if (n == 0) goto out;
    MDP_TRY(test_pairs(&(struct mdp_sample){"test", test, n}, &(struct mdp_sample){"base", base, n}, row));
    row->n = row->m = n;
out:
    free(test);
    free(base);
    return err;
}

/* ---- cells ---- */

static mdp_err add_paper(const struct mdp_report *report, const struct row *row, struct mdp_table *table) {
    int printed = mdp_paper_table_find(report->spec->printed);
    if (printed != MDP_PAPER_TABLE1 && printed != MDP_PAPER_TABLE2) return MDP_OK;
    const struct mdp_paper_gain *paper = mdp_paper_gain_of(printed, row->task);
    char dagger[16];
    mdp_err err;
    if (paper == NULL) return MDP_OK;
    mdp_table_set_number(table, PEAK_PAPER, paper->peak_pct);
    mdp_table_set_number(table, AUC_PAPER, paper->auc_pct);
    mdp_table_set_number(table, EARLY_PAPER, paper->early);
    mdp_table_set_finite(table, F_PAPER, paper->levene_f);
    snprintf(dagger, sizeof dagger, paper->has_dagger ? "<%g" : "-", mdp_paper_dagger_level(printed));
    MDP_TRY(mdp_table_set_text(table, P_PAPER, dagger));
    if (paper->levene_p == 0)
        MDP_TRY(mdp_table_set_shown(table, LEVENE_P_PAPER, 0, "0.0000"));
    else
        mdp_table_set_finite(table, LEVENE_P_PAPER, paper->levene_p);
out:
    return err;
}

static mdp_err add_gains(const struct mdp_report *report, const struct row *row, struct mdp_table *table) {
    mdp_err err;
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(mdp_table_set_text(table, TASK, row->task));
    MDP_TRY(mdp_table_set_text(table, ARMS, row->arms));
    MDP_TRY(mdp_table_set_text(table, ACTOR, mdp_actor_name(row->is_online)));
    mdp_table_set_number(table, SEEDS, (double)row->n_seeds);
    MDP_TRY(add_paper(report, row, table));
    if (row->is_empty) return MDP_OK;
    mdp_table_set_number(table, CHECKPOINTS, (double)row->n_steps);
    mdp_table_set_finite(table, PEAK, row->peak_pct);
    mdp_table_set_finite(table, AUC, row->auc_pct);
    mdp_table_set_finite(table, EARLY, row->early);
    MDP_TRY(mdp_table_set_p(table, P, row->adjusted));
    if (!row->has_levene || row->levene.is_degenerate) return MDP_OK;
    mdp_table_set_finite(table, F, row->levene.f);
    MDP_TRY(mdp_table_set_p(table, LEVENE_P, row->levene.p));
out:
    return err;
}

static mdp_err add_levene(const struct row *row, struct mdp_table *table) {
    mdp_err err = MDP_OK;
    if (!row->has_levene) return MDP_OK;
    MDP_TRY(mdp_table_set_text(table, T_LEVENE, mdp_levene_center_name(row->levene.center)));
    mdp_table_set_number(table, T_DF1, row->levene.df1);
    mdp_table_set_number(table, T_DF2, row->levene.df2);
    if (row->levene.is_degenerate) return MDP_OK;
    mdp_table_set_finite(table, T_F, row->levene.f);
    MDP_TRY(mdp_table_set_p(table, T_LEVENE_P, row->levene.p));
out:
    return err;
}

static mdp_err add_tests(const struct row *row, struct mdp_table *table) {
    mdp_err err;
    if (row->is_empty) return MDP_OK;
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(mdp_table_set_text(table, T_TASK, row->task));
    MDP_TRY(mdp_table_set_text(table, T_ARMS, row->arms));
    MDP_TRY(mdp_table_set_text(table, T_ACTOR, mdp_actor_name(row->is_online)));
    MDP_TRY(mdp_table_set_text(table, T_UNIT, row->unit));
    mdp_table_set_number(table, T_N_TEST, (double)row->n);
    mdp_table_set_number(table, T_N_BASE, (double)row->m);
    MDP_TRY(mdp_table_set_text(table, T_TEST, row->test));
    MDP_TRY(mdp_table_set_text(table, T_METHOD, row->method));
    mdp_table_set_number(table, T_STATISTIC, row->statistic);
    MDP_TRY(mdp_table_set_p(table, T_P, row->p));
    mdp_table_set_finite(table, T_LOG10_P, row->log10_p);
    MDP_TRY(mdp_table_set_p(table, T_P_ADJUSTED, row->adjusted));
    MDP_TRY(mdp_table_set_p(table, T_SMALLEST_P, row->smallest_p));
    if (isfinite(row->low) && isfinite(row->high))
        mdp_table_set_interval(table, T_SHIFT, row->shift, row->low, row->high);
    mdp_table_set_finite(table, T_EFFECT, row->effect);
    MDP_TRY(mdp_table_set_text(table, T_WORD, mdp_effect_label(row->effect)));
    MDP_TRY(add_levene(row, table));
out:
    return err;
}

static mdp_err add_notes(const struct mdp_report *report, struct mdp_table *gains, struct mdp_table *tests) {
    static const int of_gains[] = {MDP_CHOICE_early, MDP_CHOICE_early_steps, MDP_CHOICE_peak,   MDP_CHOICE_horizon,
                                   MDP_CHOICE_unit,  MDP_CHOICE_pairs,       MDP_CHOICE_adjust, MDP_CHOICE_levene};
    static const int of_tests[] = {MDP_CHOICE_unit,   MDP_CHOICE_pairs, MDP_CHOICE_u_test,
                                   MDP_CHOICE_adjust, MDP_CHOICE_final, MDP_CHOICE_levene};
    int is_unit_checkpoint = MDP_CHOSE(&report->choices, unit) <= MDP_UNIT_CURVE;
    mdp_err err;
    MDP_TRY(mdp_table_add_note(gains,
                               "Positive: the first arm is better. Peak and AUC gains in percent of the base; early "
                               "gain in normalized return (0: random, 1: expert). p is adjusted; units, n, df "
                               "and effects are in the table of tests."));
    if (report->spec->printed != NULL)
        MDP_TRY(mdp_table_add_note(gains, "paper: values printed in %s of arXiv 2506.03154v1.", report->spec->printed));
    MDP_TRY(mdp_report_note_early(report, "early gain", gains));
    MDP_TRY(mdp_report_note_choices(report, of_gains, sizeof of_gains / sizeof of_gains[0], gains));
    MDP_TRY(mdp_report_note_choices(report, of_tests, sizeof of_tests / sizeof of_tests[0], tests));
    if (is_unit_checkpoint)
        MDP_TRY(mdp_table_add_note(tests, "Checkpoints of one run depend on each other: as units they make p too "
                                          "small."));
out:
    return err;
}

/* ---- rows ---- */

struct rows {
    struct row *of;
    int n;
};

static struct row *next_row(const struct mdp_report *report, struct rows *rows, unsigned i_pair, int is_online) {
    const struct mdp_experiment *e = report->arms->experiment;
    struct row *row = &rows->of[rows->n++];
    row->is_online = is_online;
    row->p = row->adjusted = row->log10_p = row->smallest_p = NAN;
    snprintf(row->arms, sizeof row->arms, "%.70s - %.70s",
             mdp_arm_title(e, mdp_experiment_arm(&e->is, report->spec->test[i_pair])),
             mdp_arm_title(e, mdp_experiment_arm(&e->is, report->spec->base[i_pair])));
    return row;
}

static mdp_err compute_pair(struct mdp_report *report, struct rows *rows, unsigned i_pair, int is_online) {
    static const char *const units[] = {"checkpoint of a run", "checkpoint of the mean curve", "episode", "run"};
    const struct mdp_experiment *e = report->arms->experiment;
    struct mdp_contest contest;
    mdp_err err;
    for (unsigned t = 0; t < e->is.tasks_count; t++) {
        struct row *row = next_row(report, rows, i_pair, is_online);
        row->task = e->is.tasks[t];
        row->unit = units[MDP_CHOSE(&report->choices, unit)];
        MDP_TRY(mdp_contest_get(report, report->spec->test[i_pair], report->spec->base[i_pair], is_online, (int)t,
                                &contest));
        MDP_TRY(compute_row(report, &contest, row));
    }
    if (MDP_CHOSE(&report->choices, unit) != MDP_UNIT_RUNS || !MDP_CHOSE(&report->choices, pairs) ||
        e->is.tasks_count < 2)
        return MDP_OK;
    struct row *all = next_row(report, rows, i_pair, is_online);
    all->task = "all tasks";
    all->unit = "run";
    MDP_TRY(compute_all(report, i_pair, is_online, all));
out:
    return err;
}

/* the family is every p of the table */
static mdp_err adjust(const struct mdp_report *report, struct rows *rows) {
    static const enum mdp_adjust methods[] = {MDP_ADJUST_HOLM, MDP_ADJUST_HOLM, MDP_ADJUST_BH};
    int chosen = MDP_CHOSE(&report->choices, adjust), n = 0;
    double *p = NULL, *adjusted = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&p, (unsigned long)rows->n, sizeof *p, "p values"));
    MDP_TRY(mdp_calloc(&adjusted, (unsigned long)rows->n, sizeof *p, "p values"));
    for (int i = 0; i < rows->n; i++)
        if (!isnan(rows->of[i].p)) p[n++] = rows->of[i].p;
    if (n > 0 && chosen != 0) MDP_TRY(mdp_adjust(methods[chosen], p, n, adjusted));
    n = 0;
    for (int i = 0; i < rows->n; i++)
        if (!isnan(rows->of[i].p)) rows->of[i].adjusted = chosen != 0 ? adjusted[n++] : rows->of[i].p;
out:
    free(p);
    free(adjusted);
    return err;
}

mdp_err mdp_report_gains(struct mdp_report *report, struct mdp_report_tables *out) {
    const struct mdp_experiment *e = report->arms->experiment;
    struct rows rows = {NULL, 0};
    mdp_err err;
    if (e->is.train.n_steps / e->is.evaluate_every < 2)
        return mdp_fail(MDP_E_USAGE, "%s: expected at least 2 checkpoints for a learning curve, found 1", e->path);
    MDP_TRY(mdp_calloc(&rows.of, 2UL * report->spec->test_count * (e->is.tasks_count + 1), sizeof *rows.of, "rows"));
    for (int is_online = 0; is_online < 2; is_online++)
        for (unsigned k = 0; mdp_report_shows(report, is_online) && k < report->spec->test_count; k++)
            MDP_TRY(compute_pair(report, &rows, k, is_online));
    MDP_TRY(adjust(report, &rows));
    MDP_TRY(mdp_report_start(report, "", N_COLUMNS, columns, out));
    MDP_TRY(mdp_report_start(report, ": tests", N_TEST_COLUMNS, test_columns, out));
    for (int i = 0; i < rows.n; i++) {
        MDP_TRY(add_gains(report, &rows.of[i], out->of[0].table));
        MDP_TRY(add_tests(&rows.of[i], out->of[1].table));
    }
    MDP_TRY(add_notes(report, out->of[0].table, out->of[1].table));
out:
    free(rows.of);
    return err;
}
