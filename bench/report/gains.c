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
#include "stats/power.h"
#include "stats/wilcoxon.h"

/* a row of both tables; what is missing is NaN, NULL or -1 */
struct row {
    const char *task, *actor;
    char arms[160];
    int is_empty;
    long n_seeds, n_steps;
    double peak_pct, auc_pct, early, adjusted, levene_f, levene_p;
    struct {
        double peak_pct, auc_pct, early, levene_f, levene_p;
        struct mdp_shown p;
    } paper;
    const char *unit, *test, *method, *effect_word, *levene;
    long n, m, n_needed;
    double statistic, p, log10_p, smallest_p, shift, low, high, level_pct, effect, df1, df2;
};

static const struct mdp_column gain_list[] = {
    MDP_COLUMN(struct row, task, TEXT, "task", "task"),
    MDP_COLUMN(struct row, arms, LETTERS, "arms", "arms"),
    MDP_COLUMN(struct row, actor, TEXT, "actor", "actor"),
    MDP_COLUMN(struct row, n_seeds, WHOLE, "seeds", "seeds"),
    MDP_COLUMN(struct row, n_steps, WHOLE, "checkpoints", "checkpoints"),
    MDP_COLUMN(struct row, peak_pct, REAL, "peak_gain_pct", "peak %", 2),
    MDP_COLUMN(struct row, paper.peak_pct, REAL, "peak_gain_pct_paper", "paper", 2),
    MDP_COLUMN(struct row, auc_pct, REAL, "auc_gain_pct", "AUC %", 2),
    MDP_COLUMN(struct row, paper.auc_pct, REAL, "auc_gain_pct_paper", "paper", 2),
    MDP_COLUMN(struct row, early, REAL, "early_gain", "early gain", 4),
    MDP_COLUMN(struct row, paper.early, REAL, "early_gain_paper", "paper", 4),
    MDP_COLUMN(struct row, adjusted, P, "p", "p"),
    MDP_COLUMN(struct row, paper.p, SHOWN, "p_paper", "paper"),
    MDP_COLUMN(struct row, levene_f, REAL, "levene_f", "Levene F", 3),
    MDP_COLUMN(struct row, paper.levene_f, REAL, "levene_f_paper", "paper", 3),
    MDP_COLUMN(struct row, levene_p, P, "levene_p", "p"),
    MDP_COLUMN(struct row, paper.levene_p, REAL, "levene_p_paper", "paper", 4),
};
static const struct mdp_columns gain_columns = MDP_COLUMNS(struct row, gain_list);

static const struct mdp_column test_list[] = {
    MDP_COLUMN(struct row, task, TEXT, "task", "task"),
    MDP_COLUMN(struct row, arms, LETTERS, "arms", "arms"),
    MDP_COLUMN(struct row, actor, TEXT, "actor", "actor"),
    MDP_COLUMN(struct row, unit, TEXT, "unit", "unit"),
    MDP_COLUMN(struct row, n, WHOLE, "n_test", "n test"),
    MDP_COLUMN(struct row, m, WHOLE, "n_base", "n base"),
    MDP_COLUMN(struct row, test, TEXT, "test", "test"),
    MDP_COLUMN(struct row, method, TEXT, "method", "method"),
    MDP_COLUMN(struct row, statistic, REAL, "statistic", "U or W+", 1),
    MDP_COLUMN(struct row, p, P, "p", "p"),
    MDP_COLUMN(struct row, log10_p, REAL, "log10_p", "log10 p", 2),
    MDP_COLUMN(struct row, adjusted, P, "p_adjusted", "p adjusted"),
    MDP_COLUMN(struct row, smallest_p, P, "smallest_p", "smallest p"),
    MDP_COLUMN(struct row, n_needed, WHOLE, "n_needed", "n needed"),
    MDP_INTERVAL_COLUMN(struct row, shift, low, high, "shift", "shift [CI]", 4),
    MDP_COLUMN(struct row, level_pct, REAL, "shift_level_pct", "CI level %", 1),
    MDP_COLUMN(struct row, effect, REAL, "rank_biserial", "rank-biserial", 3),
    MDP_COLUMN(struct row, effect_word, TEXT, "effect", "effect"),
    MDP_COLUMN(struct row, levene, TEXT, "levene", "spread"),
    MDP_COLUMN(struct row, df1, REAL, "df1", "df1"),
    MDP_COLUMN(struct row, df2, REAL, "df2", "df2"),
    MDP_COLUMN(struct row, levene_f, REAL, "levene_f", "F", 3),
    MDP_COLUMN(struct row, levene_p, P, "levene_p", "p"),
};
static const struct mdp_columns test_columns = MDP_COLUMNS(struct row, test_list);

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

/* an interval without both ends is none */
static void take_shift(struct row *row, double shift, const struct mdp_shift_interval *interval) {
    row->shift = isfinite(interval->low) && isfinite(interval->high) ? shift : NAN;
    row->low = interval->low;
    row->high = interval->high;
    if (!isnan(row->shift)) row->level_pct = 100 * interval->level;
}

static void take_effect(struct row *row, double effect) {
    row->effect = effect;
    row->effect_word = mdp_effect_label(effect);
}

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
    take_shift(row, w.hl_pseudomedian, &w.hl);
    take_effect(row, w.is_degenerate ? 0 : w.rank_biserial_matched);
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
    take_shift(row, u.hl_shift, &u.hl);
    take_effect(row, 2 * u.u1 / ((double)u.n * (double)u.m) - 1);
    return MDP_OK;
}

static mdp_err test_spread(const struct mdp_report *report, const struct mdp_sample *x, const struct mdp_sample *y,
                           struct row *row) {
    static const enum mdp_levene_center centers[] = {MDP_LEVENE_MEDIAN, MDP_LEVENE_MEAN, MDP_LEVENE_TRIMMED};
    const struct mdp_sample groups[2] = {*x, *y};
    struct mdp_levene levene;
    if (x->n < 2 || y->n < 2) return MDP_OK;
    mdp_err err = mdp_levene_compute(groups, 2, centers[MDP_CHOSE(&report->choices, levene)], 0.05, &levene);
    if (err != MDP_OK) return err;
    row->levene = mdp_levene_center_name(levene.center);
    row->df1 = levene.df1;
    row->df2 = levene.df2;
    if (levene.is_degenerate) return MDP_OK;
    row->levene_f = levene.f;
    row->levene_p = levene.p;
    return MDP_OK;
}

/* values a side, or pairs, that would find the difference seen: nothing is asked where it is found, and nothing follows
 * where values are no sample */
static void look_ahead(int is_paired, struct row *row) {
    static const double alpha = 0.05, power = 0.8;
    const double n = 2.0 / (1.0 / (double)row->n + 1.0 / (double)row->m);
    if ((strcmp(row->unit, "run") != 0 && strcmp(row->unit, "episode") != 0) || !(row->p > alpha)) return;
    double needed = fmax(mdp_power_n_of_p(0.5 * row->p, 0.5 * alpha, n, power), mdp_power_least_n(is_paired, alpha));
    if (isfinite(needed)) row->n_needed = (long)needed;
}

static mdp_err test_both(const struct mdp_report *report, const struct mdp_sample *x, const struct mdp_sample *y,
                         struct row *row) {
    mdp_err err;
    row->n = x->n;
    row->m = y->n;
    MDP_TRY(MDP_CHOSE(&report->choices, pairs) ? test_pairs(x, y, row) : test_samples(report, x, y, row));
    MDP_TRY(test_spread(report, x, y, row));
    look_ahead((int)MDP_CHOSE(&report->choices, pairs), row);
out:
    return err;
}

static mdp_err compute_row(struct mdp_report *report, const struct mdp_contest *contest, struct row *row) {
    mdp_err err;
    double *test = NULL, *base = NULL;
    long n, m;
    row->n_seeds = contest->n_seeds;
    row->is_empty = contest->n_seeds == 0;
    if (row->is_empty) return MDP_OK;
    row->n_steps = contest->n_steps;
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
    MDP_TRY(mdp_calloc(&test, (unsigned long)e->file.tasks_count * e->file.seeds_count, sizeof(double), "sample"));
    MDP_TRY(mdp_calloc(&base, (unsigned long)e->file.tasks_count * e->file.seeds_count, sizeof(double), "sample"));
    for (unsigned t = 0; t < e->file.tasks_count; t++) {
        MDP_TRY(mdp_contest_get(report, report->spec->test[i_pair], report->spec->base[i_pair], is_online, (int)t,
                                &contest));
        for (int k = 0; k < contest.n_seeds; k++, n++) {
            MDP_TRY(area_of_run(&contest, contest.test, k, &test[n]));
            MDP_TRY(area_of_run(&contest, contest.base, k, &base[n]));
        }
    }
    row->n_seeds = n;
    row->is_empty = n == 0;
    if (n == 0) goto out;
    row->n_steps = 0;
    MDP_TRY(test_pairs(&(struct mdp_sample){"test", test, n}, &(struct mdp_sample){"base", base, n}, row));
    row->n = row->m = n;
    look_ahead(1, row);
out:
    free(test);
    free(base);
    return err;
}

/* ---- rows ---- */

static void take_printed(const struct mdp_report *report, struct row *row) {
    int printed = mdp_paper_table_find(report->spec->printed);
    if (printed != MDP_PAPER_TABLE1 && printed != MDP_PAPER_TABLE2) return;
    const struct mdp_paper_gain *paper = mdp_paper_gain_of(printed, row->task);
    if (paper == NULL) return;
    row->paper.peak_pct = paper->peak_pct;
    row->paper.auc_pct = paper->auc_pct;
    row->paper.early = paper->early;
    row->paper.levene_f = paper->levene_f;
    row->paper.levene_p = paper->levene_p;
    snprintf(row->paper.p.text, sizeof row->paper.p.text, paper->has_dagger ? "<%g" : "-",
             mdp_paper_dagger_level(printed));
}

struct rows {
    struct row *list;
    int n;
};

static struct row *next_row(const struct mdp_report *report, struct rows *rows, unsigned i_pair, int is_online,
                            const char *task, const char *unit) {
    const struct mdp_experiment *e = report->arms->experiment;
    struct row *row = &rows->list[rows->n++];
    mdp_row_clear(&gain_columns, row);
    mdp_row_clear(&test_columns, row);
    row->task = task;
    row->unit = unit;
    row->actor = mdp_actor_name(is_online);
    snprintf(row->arms, sizeof row->arms, "%.70s - %.70s",
             mdp_arm_title(e, mdp_experiment_arm(&e->file, report->spec->test[i_pair])),
             mdp_arm_title(e, mdp_experiment_arm(&e->file, report->spec->base[i_pair])));
    take_printed(report, row);
    return row;
}

static mdp_err compute_pair(struct mdp_report *report, struct rows *rows, unsigned i_pair, int is_online) {
    static const char *const units[] = {"checkpoint of a run", "checkpoint of the mean curve", "episode", "run"};
    const struct mdp_experiment *e = report->arms->experiment;
    struct mdp_contest contest;
    mdp_err err;
    for (unsigned t = 0; t < e->file.tasks_count; t++) {
        struct row *row =
            next_row(report, rows, i_pair, is_online, e->file.tasks[t], units[MDP_CHOSE(&report->choices, unit)]);
        MDP_TRY(mdp_contest_get(report, report->spec->test[i_pair], report->spec->base[i_pair], is_online, (int)t,
                                &contest));
        MDP_TRY(compute_row(report, &contest, row));
    }
    if (MDP_CHOSE(&report->choices, unit) != MDP_UNIT_RUNS || !MDP_CHOSE(&report->choices, pairs) ||
        e->file.tasks_count < 2)
        return MDP_OK;
    MDP_TRY(compute_all(report, i_pair, is_online, next_row(report, rows, i_pair, is_online, "all tasks", "run")));
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
        if (!isnan(rows->list[i].p)) p[n++] = rows->list[i].p;
    if (n > 0 && chosen != 0) MDP_TRY(mdp_adjust(methods[chosen], p, n, adjusted));
    n = 0;
    for (int i = 0; i < rows->n; i++)
        if (!isnan(rows->list[i].p)) rows->list[i].adjusted = chosen != 0 ? adjusted[n++] : rows->list[i].p;
out:
    free(p);
    free(adjusted);
    return err;
}

/* ---- tables ---- */

static mdp_err add_notes(const struct mdp_report *report, struct mdp_table *gains, struct mdp_table *tests) {
    static const int of_gains[] = {MDP_CHOICE_early, MDP_CHOICE_early_steps, MDP_CHOICE_peak,   MDP_CHOICE_horizon,
                                   MDP_CHOICE_unit,  MDP_CHOICE_pairs,       MDP_CHOICE_adjust, MDP_CHOICE_levene};
    static const int of_tests[] = {MDP_CHOICE_unit,   MDP_CHOICE_pairs, MDP_CHOICE_u_test,
                                   MDP_CHOICE_adjust, MDP_CHOICE_final, MDP_CHOICE_levene};
    mdp_err err;
    MDP_TRY(
        mdp_table_add_note(gains,
                           "Positive: the first arm is better. Peak and AUC gains in percent of the base; early "
                           "gain in %s. p is adjusted; units, n, df and effects are in the table of tests.",
                           report->arms->cache.by_objective ? "return" : "normalized return (0: random, 1: expert)"));
    if (report->spec->printed != NULL)
        MDP_TRY(mdp_table_add_note(gains, "paper: values printed in %s of arXiv 2506.03154v1.", report->spec->printed));
    MDP_TRY(mdp_report_note_early(report, "early gain", gains));
    MDP_TRY(mdp_report_note_choices(report, of_gains, sizeof of_gains / sizeof of_gains[0], gains));
    MDP_TRY(mdp_table_add_note(tests,
                               "n needed: values a side, or pairs, that would find the shift seen with p <= 0.05 "
                               "(not adjusted) in 80 %% of cases."));
    MDP_TRY(mdp_report_note_choices(report, of_tests, sizeof of_tests / sizeof of_tests[0], tests));
out:
    return err;
}

/* checkpoints as units: what stands there is called no p wherever it stands. the table of gains has the first two */
static mdp_err disown_p(struct mdp_table *table, int n_columns) {
    static const char *const headings[][2] = {{"p", "p*"},
                                              {"levene_p", "p*"},
                                              {"log10_p", "log10 p*"},
                                              {"p_adjusted", "p* adjusted"},
                                              {"smallest_p", "smallest p*"}};
    mdp_err err = MDP_OK;
    for (int i = 0; i < n_columns; i++) MDP_TRY(mdp_table_set_heading(table, headings[i][0], headings[i][1]));
    MDP_TRY(mdp_table_add_note(table, "p*: no p. Checkpoints of one run depend on each other and are no sample, so "
                                      "nothing follows from it; --unit runs makes one."));
out:
    return err;
}

/* intervals of few values have a lower level than 95 %: if all rows share one level the heading names it, otherwise
 * only the column of levels does */
static mdp_err name_level(const struct rows *rows, struct mdp_table *tests) {
    double least = 95, most = 0;
    char heading[64];
    for (int i = 0; i < rows->n; i++) {
        if (isnan(rows->list[i].level_pct)) continue;
        least = fmin(least, rows->list[i].level_pct);
        most = fmax(most, fmin(rows->list[i].level_pct, 95));
    }
    if (most - least > 1e-7) return MDP_OK;
    snprintf(heading, sizeof heading, "shift [%.3g %% CI]", least);
    return mdp_table_set_heading(tests, "shift", heading);
}

static mdp_err make(struct mdp_report *report, struct mdp_table *const tables[]) {
    const struct mdp_experiment *e = report->arms->experiment;
    struct rows rows = {NULL, 0};
    mdp_err err;
    if (e->file.train.n_steps / e->file.evaluate_every < 2)
        return mdp_fail(MDP_E_USAGE, "%s: expected at least 2 checkpoints for a learning curve, found 1", e->path);
    MDP_TRY(
        mdp_calloc(&rows.list, 2UL * report->spec->test_count * (e->file.tasks_count + 1), sizeof *rows.list, "rows"));
    for (int is_online = 0; is_online < 2; is_online++)
        for (unsigned k = 0; mdp_report_shows(report, is_online) && k < report->spec->test_count; k++)
            MDP_TRY(compute_pair(report, &rows, k, is_online));
    MDP_TRY(adjust(report, &rows));
    MDP_TRY(mdp_table_fill(tables[0], rows.list, rows.n));
    for (int i = 0; i < rows.n; i++)
        if (!rows.list[i].is_empty) MDP_TRY(mdp_table_fill(tables[1], &rows.list[i], 1));
    MDP_TRY(name_level(&rows, tables[1]));
    MDP_TRY(add_notes(report, tables[0], tables[1]));
    for (int i = 0; i < 2 && MDP_CHOSE(&report->choices, unit) <= MDP_UNIT_CURVE; i++)
        MDP_TRY(disown_p(tables[i], i == 0 ? 2 : 5));
out:
    free(rows.list);
    return err;
}

const struct mdp_report_kind mdp_report_gains = {
    .tables = {{"", "", &gain_columns}, {": tests", "-tests", &test_columns}}, .make = make};
