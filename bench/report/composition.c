/* section 4.4: do recombined modules end where their parents do, and do they get there sooner? */
#include <math.h>
#include <stdlib.h>

#include "bench/experiment/printed.h"
#include "bench/report/report.h"
#include "stats/curve.h"
#include "stats/moments.h"
#include "stats/ttest.h"
#include "stats/unseen.h"

/* what is known of a pair of arms on a task; what is missing is NaN, NULL or -1 */
struct row {
    const char *task, *test, *base, *actor, *verdict;
    long n_seeds, n;
    double test_final, test_sd, base_final, base_sd;
    double difference, low, high, df, welch_p, tost_p;
    struct mdp_shown test_step, base_step;
    double faster_pct, early_auc_pct;
    struct {
        double test, base, faster_pct;
    } paper;
};
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, task, TEXT, "task", "task"),
    MDP_COLUMN(struct row, test, TEXT, "test", "recombined"),
    MDP_COLUMN(struct row, base, TEXT, "base", "against"),
    MDP_COLUMN(struct row, actor, TEXT, "actor", "actor"),
    MDP_COLUMN(struct row, n_seeds, WHOLE, "seeds", "seeds"),
    MDP_COLUMN(struct row, n, WHOLE, "n", "n"),
    MDP_COLUMN(struct row, test_final, REAL, "test_final", "final", 3),
    MDP_COLUMN(struct row, test_sd, REAL, "test_sd", "sd", 3),
    MDP_COLUMN(struct row, paper.test, REAL, "test_paper", "paper", 2),
    MDP_COLUMN(struct row, base_final, REAL, "base_final", "base final", 3),
    MDP_COLUMN(struct row, base_sd, REAL, "base_sd", "sd", 3),
    MDP_COLUMN(struct row, paper.base, REAL, "base_paper", "paper", 2),
    MDP_INTERVAL_COLUMN(struct row, difference, low, high, "difference", "difference [95 % CI]", 3),
    MDP_COLUMN(struct row, df, REAL, "df", "df", 1),
    MDP_COLUMN(struct row, welch_p, P, "welch_p", "Welch p"),
    MDP_COLUMN(struct row, tost_p, P, "tost_p", "TOST p"),
    MDP_COLUMN(struct row, verdict, TEXT, "verdict", "verdict"),
    MDP_COLUMN(struct row, test_step, SHOWN, "test_step", "step reached"),
    MDP_COLUMN(struct row, base_step, SHOWN, "base_step", "base step"),
    MDP_COLUMN(struct row, faster_pct, REAL, "faster_pct", "faster %", 1),
    MDP_COLUMN(struct row, paper.faster_pct, REAL, "faster_pct_paper", "paper"),
    MDP_COLUMN(struct row, early_auc_pct, REAL, "early_auc_gain_pct", "early AUC %", 1),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

/* ---- final returns ---- */

/* could runs of `side` that fail, at a random policy's return, have taken the margin from its mean unseen? */
static mdp_err look_for_unseen(const struct mdp_sample *side, const struct mdp_sample *other, double margin,
                               double *p) {
    const struct mdp_unseen_claim claim = {.margin = margin, .range = mdp_unseen_range(side, other, 0, 1)};
    struct mdp_unseen found;
    mdp_err err = mdp_unseen_loss(side, other, &claim, &found);
    *p = fmax(*p, found.any);
    return err;
}

static const char *verdict(const struct mdp_ttest *welch, const struct mdp_equivalence *tost, double p_unseen) {
    if (tost->tost_p <= 0.05) return p_unseen <= 0.05 ? "equal within the margin" : "within the margin in these runs";
    if (welch->welch.p.two <= 0.05) return welch->diff > 0 ? "higher" : "lower";
    return "cannot tell";
}

static mdp_err test_finals(const struct mdp_sample *test, const struct mdp_sample *base, double margin,
                           struct row *row) {
    struct mdp_ttest welch;
    struct mdp_equivalence tost;
    const struct mdp_t *t = &welch.welch;
    double p_unseen = 0;
    mdp_err err;
    MDP_TRY(mdp_ttest_compute(test, base, 0, &welch));
    MDP_TRY(mdp_ttest_equivalence(&welch, margin, &tost));
    if (isfinite(t->low) && isfinite(t->high)) row->difference = welch.diff;
    row->low = t->low;
    row->high = t->high;
    row->df = t->df;
    row->welch_p = t->p.two;
    row->tost_p = tost.tost_p;
    MDP_TRY(look_for_unseen(test, base, margin, &p_unseen));
    MDP_TRY(look_for_unseen(base, test, margin, &p_unseen));
    row->verdict = verdict(&welch, &tost, p_unseen);
out:
    return err;
}

/* episodes are no sample of trainings: with them as units there are intervals, but no verdict */
static mdp_err compare_finals(const struct mdp_report *report, const struct mdp_contest *contest, struct row *row) {
    int of_episodes = MDP_CHOSE(&report->choices, spread) == 0;
    double *test = NULL, *base = NULL;
    struct mdp_moments of_test, of_base;
    mdp_err err;
    row->n = contest->n_seeds * (of_episodes ? contest->test->n_episodes : 1);
    MDP_TRY(mdp_calloc(&test, (unsigned long)row->n, sizeof(double), "final returns"));
    MDP_TRY(mdp_calloc(&base, (unsigned long)row->n, sizeof(double), "final returns"));
    mdp_contest_finals(contest, contest->test, &report->choices, of_episodes, test);
    mdp_contest_finals(contest, contest->base, &report->choices, of_episodes, base);
    MDP_TRY(mdp_moments_compute(test, row->n, &of_test));
    MDP_TRY(mdp_moments_compute(base, row->n, &of_base));
    row->test_final = of_test.mean;
    row->test_sd = of_test.sd_ddof1;
    row->base_final = of_base.mean;
    row->base_sd = of_base.sd_ddof1;
    row->verdict = "one value";
    if (row->n > 1)
        MDP_TRY(test_finals(&(struct mdp_sample){"test", test, row->n}, &(struct mdp_sample){"base", base, row->n},
                            report->choices.value[MDP_CHOICE_margin], row));
    if (of_episodes) row->verdict = NULL;
out:
    free(test);
    free(base);
    return err;
}

/* ---- convergence ---- */

static double tail_mean(const double *curve, long n) {
    long n_tail = (n + 9) / 10;
    return mdp_mean(curve + n - n_tail, n_tail);
}

static double first_at(const double *steps, const double *curve, long n, double threshold) {
    for (long c = 0; c < n; c++)
        if (curve[c] >= threshold) return steps[c];
    return NAN;
}

static struct mdp_shown show_step(double step) {
    struct mdp_shown shown = {step, ""};
    if (isnan(step)) snprintf(shown.text, sizeof shown.text, "never");
    return shown;
}

/* the paper's "faster" has no definition, so two measures stand side by side: when a share of the final return is
 * reached, and the early area */
static mdp_err compare_starts(struct mdp_report *report, const struct mdp_contest *contest, struct row *row) {
    long n = contest->n_steps;
    const double *steps = contest->base->steps;
    double *test = NULL, *base = NULL, test_step = NAN, base_step = NAN;
    struct mdp_curve_window early;
    mdp_err err;
    MDP_TRY(mdp_calloc(&test, (unsigned long)n, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&base, (unsigned long)n, sizeof(double), "curve"));
    mdp_contest_mean_curve(contest, contest->test, test);
    mdp_contest_mean_curve(contest, contest->base, base);
    double final = tail_mean(base, n), threshold = report->choices.value[MDP_CHOICE_threshold] * final;
    /* a share of a return below that of a random policy is no threshold */
    if (final > 0) {
        test_step = first_at(steps, test, n, threshold);
        base_step = first_at(steps, base, n, threshold);
        row->faster_pct = 100 * (1 - test_step / base_step);
    }
    row->test_step = show_step(test_step);
    row->base_step = show_step(base_step);
    if (n < 2) goto out;
    MDP_TRY(mdp_report_early(report, &(struct mdp_curve){steps, base, n}, &(struct mdp_curve){steps, test, n}, &early));
    row->early_auc_pct = 100 * early.area.gain_rel;
out:
    free(test);
    free(base);
    return err;
}

/* ---- rows and notes ---- */

/* what the numbers are, before the choices that made them */
static mdp_err add_notes(const struct mdp_report *report, struct mdp_table *table) {
    static const int keys[] = {MDP_CHOICE_final,     MDP_CHOICE_spread,      MDP_CHOICE_margin,
                               MDP_CHOICE_threshold, MDP_CHOICE_early_steps, MDP_CHOICE_horizon};
    mdp_err err;
    MDP_TRY(
        mdp_table_add_note(table,
                           "Final %s of n values a side, sd with n - 1; Welch's interval; TOST: two one-sided tests "
                           "against a difference of at least the margin. 'Step reached': first checkpoint of the "
                           "mean curve at the threshold's share of the base's mean over its last tenth; faster: "
                           "100 (1 - step / base step).",
                           mdp_report_return_name(report)));
    if (report->spec->printed != NULL)
        MDP_TRY(mdp_table_add_note(table,
                                   "paper: %.2f +- %.2f against %.2f +- %.2f and %.0f percent faster initial "
                                   "convergence, of section 4.4 of arXiv 2506.03154v1; task, n and kind of +- "
                                   "are not printed.",
                                   mdp_paper_composition.hybrid, mdp_paper_composition.hybrid_spread,
                                   mdp_paper_composition.base, mdp_paper_composition.base_spread,
                                   mdp_paper_composition.faster_pct));
    if (MDP_CHOSE(&report->choices, spread) == 0)
        MDP_TRY(mdp_table_add_note(table, "Episodes are the units: intervals and p say what these runs' policies are "
                                          "worth, not what other seeds would give, so that there is no verdict; it "
                                          "takes seeds as units."));
    MDP_TRY(mdp_report_note_early(report, "gain of the early area", table));
    MDP_TRY(mdp_report_note_choices(report, keys, sizeof keys / sizeof keys[0], table));
out:
    return err;
}

static void take_printed(struct row *row) {
    row->paper.test = mdp_paper_composition.hybrid;
    row->paper.base = mdp_paper_composition.base;
    row->paper.faster_pct = mdp_paper_composition.faster_pct;
}

static mdp_err add_row(struct mdp_report *report, unsigned i_test, unsigned i_base, int is_online, int i_task,
                       struct mdp_table *table) {
    const struct mdp_experiment *e = report->arms->experiment;
    const char *test = report->spec->test[i_test], *base = report->spec->base[i_base];
    int has_paper = mdp_paper_table_find(report->spec->printed) == MDP_PAPER_COMPOSITION;
    struct mdp_contest contest;
    struct row row;
    mdp_err err;
    mdp_row_clear(&columns, &row);
    MDP_TRY(mdp_contest_get(report, test, base, is_online, i_task, &contest));
    row.task = e->file.tasks[i_task];
    row.test = mdp_arm_title(e, mdp_experiment_arm(&e->file, test));
    row.base = mdp_arm_title(e, mdp_experiment_arm(&e->file, base));
    row.actor = mdp_actor_name(is_online);
    row.n_seeds = contest.n_seeds;
    if (has_paper && i_test == 0 && i_base == 0) take_printed(&row);
    if (contest.n_seeds > 0) MDP_TRY(compare_finals(report, &contest, &row));
    if (contest.n_seeds > 0) MDP_TRY(compare_starts(report, &contest, &row));
    MDP_TRY(mdp_table_fill(table, &row, 1));
out:
    return err;
}

static mdp_err make(struct mdp_report *report, struct mdp_table *const tables[]) {
    const struct mdp_table_spec *spec = report->spec;
    int n_tasks = (int)report->arms->experiment->file.tasks_count;
    mdp_err err = MDP_OK;
    for (int is_online = 0; is_online < 2; is_online++)
        for (unsigned i = 0; mdp_report_shows(report, is_online) && i < spec->test_count; i++)
            for (unsigned k = 0; k < spec->base_count; k++)
                for (int t = 0; t < n_tasks; t++) MDP_TRY(add_row(report, i, k, is_online, t, tables[0]));
    MDP_TRY(add_notes(report, tables[0]));
out:
    return err;
}

const struct mdp_report_kind mdp_report_composition = {.tables = {{"", "", &columns}}, .make = make};
