/* section 4.4: do recombined modules end where their parents do, and do they get there sooner? */
#include <math.h>
#include <stdlib.h>

#include "bench/experiment/printed.h"
#include "bench/report/report.h"
#include "stats/curve.h"
#include "stats/moments.h"
#include "stats/ttest.h"

enum {
    TASK,
    TEST,
    BASE,
    ACTOR,
    SEEDS,
    N,
    TEST_FINAL,
    TEST_SD,
    TEST_PAPER,
    BASE_FINAL,
    BASE_SD,
    BASE_PAPER,
    DIFFERENCE,
    DF,
    WELCH_P,
    TOST_P,
    VERDICT,
    TEST_STEP,
    BASE_STEP,
    FASTER,
    FASTER_PAPER,
    EARLY_AUC,
    N_COLUMNS
};
static const struct mdp_column columns[N_COLUMNS] = {
    [TASK] = {"task", "task", MDP_LEFT, 0},
    [TEST] = {"test", "recombined", MDP_LEFT, 0},
    [BASE] = {"base", "against", MDP_LEFT, 0},
    [ACTOR] = {"actor", "actor", MDP_LEFT, 0},
    [SEEDS] = {"seeds", "seeds", MDP_RIGHT, 0},
    [N] = {"n", "n", MDP_RIGHT, 0},
    [TEST_FINAL] = {"test_final", "final", MDP_RIGHT, 3},
    [TEST_SD] = {"test_sd", "sd", MDP_RIGHT, 3},
    [TEST_PAPER] = {"test_paper", "paper", MDP_RIGHT, 2},
    [BASE_FINAL] = {"base_final", "base final", MDP_RIGHT, 3},
    [BASE_SD] = {"base_sd", "sd", MDP_RIGHT, 3},
    [BASE_PAPER] = {"base_paper", "paper", MDP_RIGHT, 2},
    [DIFFERENCE] = {"difference", "difference [95 % CI]", MDP_RIGHT, 3},
    [DF] = {"df", "df", MDP_RIGHT, 1},
    [WELCH_P] = {"welch_p", "Welch p", MDP_RIGHT, 4},
    [TOST_P] = {"tost_p", "TOST p", MDP_RIGHT, 4},
    [VERDICT] = {"verdict", "verdict", MDP_LEFT, 0},
    [TEST_STEP] = {"test_step", "step reached", MDP_RIGHT, 0},
    [BASE_STEP] = {"base_step", "base step", MDP_RIGHT, 0},
    [FASTER] = {"faster_pct", "faster %", MDP_RIGHT, 1},
    [FASTER_PAPER] = {"faster_pct_paper", "paper", MDP_RIGHT, 0},
    [EARLY_AUC] = {"early_auc_gain_pct", "early AUC %", MDP_RIGHT, 1},
};

/* what is known of a pair of arms on a task */
struct finding {
    const struct mdp_contest *contest;
    long n;
    struct mdp_moments test, base;
    struct mdp_ttest welch;
    struct mdp_equivalence tost;
    int has_tests;
    double test_step, base_step, faster_pct, early_auc_pct;
};

/* ---- final returns ---- */

static mdp_err compare_finals(const struct mdp_report *report, struct finding *f) {
    const struct mdp_contest *contest = f->contest;
    int of_episodes = MDP_CHOSE(&report->choices, spread) == 0;
    double *test = NULL, *base = NULL;
    mdp_err err;
    f->n = contest->n_seeds * (of_episodes ? contest->test->n_episodes : 1);
    MDP_TRY(mdp_calloc(&test, (unsigned long)f->n, sizeof(double), "final returns"));
    MDP_TRY(mdp_calloc(&base, (unsigned long)f->n, sizeof(double), "final returns"));
    mdp_contest_finals(contest, contest->test, &report->choices, of_episodes, test);
    mdp_contest_finals(contest, contest->base, &report->choices, of_episodes, base);
    MDP_TRY(mdp_moments_compute(test, f->n, &f->test));
    MDP_TRY(mdp_moments_compute(base, f->n, &f->base));
    f->has_tests = f->n > 1;
    if (!f->has_tests) goto out;
    MDP_TRY(mdp_ttest_compute(&(struct mdp_sample){"test", test, f->n}, &(struct mdp_sample){"base", base, f->n}, 0,
                              &f->welch));
    MDP_TRY(mdp_ttest_equivalence(&f->welch, report->choices.of[MDP_CHOICE_margin], &f->tost));
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

static mdp_err compare_starts(struct mdp_report *report, struct finding *f) {
    const struct mdp_contest *contest = f->contest;
    long n = contest->n_steps;
    const double *steps = contest->base->steps;
    double *test = NULL, *base = NULL;
    struct mdp_curve_window early;
    mdp_err err;
    MDP_TRY(mdp_calloc(&test, (unsigned long)n, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&base, (unsigned long)n, sizeof(double), "curve"));
    mdp_contest_mean_curve(contest, contest->test, test);
    mdp_contest_mean_curve(contest, contest->base, base);
    double final = tail_mean(base, n), threshold = report->choices.of[MDP_CHOICE_threshold] * final;
    f->test_step = f->base_step = f->faster_pct = f->early_auc_pct = NAN;
    /* a share of a return below that of a random policy is no threshold */
    if (final > 0) {
        f->test_step = first_at(steps, test, n, threshold);
        f->base_step = first_at(steps, base, n, threshold);
        f->faster_pct = 100 * (1 - f->test_step / f->base_step);
    }
    if (n < 2) goto out;
    MDP_TRY(mdp_report_early(report, &(struct mdp_curve){steps, base, n}, &(struct mdp_curve){steps, test, n}, &early));
    f->early_auc_pct = 100 * early.area.gain_rel;
out:
    free(test);
    free(base);
    return err;
}

/* ---- cells ---- */

static const char *verdict(const struct finding *f) {
    if (!f->has_tests) return "one value";
    if (f->tost.tost_p <= 0.05) return "equal within the margin";
    if (f->welch.welch.p.two <= 0.05) return f->welch.diff > 0 ? "higher" : "lower";
    return "cannot tell";
}

static mdp_err add_finals(const struct finding *f, struct mdp_table *table) {
    mdp_err err;
    mdp_table_set_number(table, N, (double)f->n);
    mdp_table_set_number(table, TEST_FINAL, f->test.mean);
    mdp_table_set_finite(table, TEST_SD, f->test.sd_ddof1);
    mdp_table_set_number(table, BASE_FINAL, f->base.mean);
    mdp_table_set_finite(table, BASE_SD, f->base.sd_ddof1);
    MDP_TRY(mdp_table_set_text(table, VERDICT, verdict(f)));
    if (!f->has_tests) return MDP_OK;
    const struct mdp_t *t = &f->welch.welch;
    if (isfinite(t->low) && isfinite(t->high))
        mdp_table_set_interval(table, DIFFERENCE, f->welch.diff, t->low, t->high);
    mdp_table_set_finite(table, DF, t->df);
    MDP_TRY(mdp_table_set_p(table, WELCH_P, t->p.two));
    MDP_TRY(mdp_table_set_p(table, TOST_P, f->tost.tost_p));
out:
    return err;
}

static mdp_err set_step(struct mdp_table *table, int i_column, double step) {
    if (isnan(step)) return mdp_table_set_text(table, i_column, "never");
    mdp_table_set_number(table, i_column, step);
    return MDP_OK;
}

static mdp_err add_row(const struct mdp_report *report, const struct finding *f, unsigned i_test, unsigned i_base,
                       int is_online, struct mdp_table *table) {
    const struct mdp_experiment *e = report->arms->experiment;
    const struct mdp_paper_composition *paper = &mdp_paper_composition;
    mdp_err err;
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(mdp_table_set_text(table, TASK, e->is.tasks[f->contest->i_task]));
    MDP_TRY(mdp_table_set_text(table, TEST, mdp_arm_title(e, mdp_experiment_arm(&e->is, report->spec->test[i_test]))));
    MDP_TRY(mdp_table_set_text(table, BASE, mdp_arm_title(e, mdp_experiment_arm(&e->is, report->spec->base[i_base]))));
    MDP_TRY(mdp_table_set_text(table, ACTOR, mdp_actor_name(is_online)));
    mdp_table_set_number(table, SEEDS, (double)f->contest->n_seeds);
    if (mdp_paper_table_find(report->spec->printed) == MDP_PAPER_COMPOSITION && i_test == 0 && i_base == 0) {
        mdp_table_set_number(table, TEST_PAPER, paper->hybrid);
        mdp_table_set_number(table, BASE_PAPER, paper->base);
        mdp_table_set_number(table, FASTER_PAPER, paper->faster_pct);
    }
    if (f->contest->n_seeds == 0) return MDP_OK;
    MDP_TRY(add_finals(f, table));
    MDP_TRY(set_step(table, TEST_STEP, f->test_step));
    MDP_TRY(set_step(table, BASE_STEP, f->base_step));
    mdp_table_set_finite(table, FASTER, f->faster_pct);
    mdp_table_set_finite(table, EARLY_AUC, f->early_auc_pct);
out:
    return err;
}

static mdp_err add_notes(const struct mdp_report *report, struct mdp_table *table) {
    static const int keys[] = {MDP_CHOICE_final,     MDP_CHOICE_spread,      MDP_CHOICE_margin,
                               MDP_CHOICE_threshold, MDP_CHOICE_early_steps, MDP_CHOICE_horizon};
    mdp_err err;
    MDP_TRY(mdp_table_add_note(table, "Final normalized return of n values a side, sd with n - 1; Welch's interval; "
                                      "TOST: two one-sided tests against a difference of at least the margin. 'Step "
                                      "reached': first checkpoint of the mean curve at the threshold's share of the "
                                      "base's mean over its last tenth; faster: 100 (1 - step / base step)."));
    if (report->spec->printed != NULL)
        MDP_TRY(mdp_table_add_note(table,
                                   "paper: %.2f +- %.2f against %.2f +- %.2f and %.0f percent faster initial "
                                   "convergence, of section 4.4 of arXiv 2506.03154v1; task, n and kind of +- "
                                   "are not printed.",
                                   mdp_paper_composition.hybrid, mdp_paper_composition.hybrid_spread,
                                   mdp_paper_composition.base, mdp_paper_composition.base_spread,
                                   mdp_paper_composition.faster_pct));
    MDP_TRY(mdp_report_note_early(report, "gain of the early area", table));
    MDP_TRY(mdp_report_note_choices(report, keys, sizeof keys / sizeof keys[0], table));
out:
    return err;
}

static mdp_err add_pair(struct mdp_report *report, unsigned i_test, unsigned i_base, int is_online,
                        struct mdp_table *table) {
    const struct mdp_experiment *e = report->arms->experiment;
    struct mdp_contest contest;
    mdp_err err = MDP_OK;
    for (unsigned t = 0; t < e->is.tasks_count; t++) {
        struct finding f = {.contest = &contest};
        MDP_TRY(mdp_contest_get(report, report->spec->test[i_test], report->spec->base[i_base], is_online, (int)t,
                                &contest));
        if (contest.n_seeds > 0) MDP_TRY(compare_finals(report, &f));
        if (contest.n_seeds > 0) MDP_TRY(compare_starts(report, &f));
        MDP_TRY(add_row(report, &f, i_test, i_base, is_online, table));
    }
out:
    return err;
}

mdp_err mdp_report_composition(struct mdp_report *report, struct mdp_report_tables *out) {
    const struct mdp_table_spec *spec = report->spec;
    mdp_err err;
    MDP_TRY(mdp_report_start(report, "", N_COLUMNS, columns, out));
    for (int is_online = 0; is_online < 2; is_online++)
        for (unsigned i = 0; mdp_report_shows(report, is_online) && i < spec->test_count; i++)
            for (unsigned k = 0; k < spec->base_count; k++)
                MDP_TRY(add_pair(report, i, k, is_online, out->of[0].table));
    MDP_TRY(add_notes(report, out->of[0].table));
out:
    return err;
}
