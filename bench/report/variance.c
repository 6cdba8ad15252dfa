/* table 3: how much the return varies at each checkpoint, over training, with one guidance and with another. */
#include <math.h>
#include <stdlib.h>

#include "bench/experiment/printed.h"
#include "bench/report/report.h"
#include "stats/variance.h"

/* the four numbers of a line: variances in scientific notation, reductions in percent */
struct numbers {
    struct mdp_shown median, iqr, max, cv;
};
struct row {
    const char *task, *group, *actor;
    long n_variances, n_each;
    struct numbers ours, paper;
};
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, task, TEXT, "task", "task"),
    MDP_COLUMN(struct row, group, TEXT, "group", "group"),
    MDP_COLUMN(struct row, actor, TEXT, "actor", "actor"),
    MDP_COLUMN(struct row, n_variances, WHOLE, "n_variances", "variances"),
    MDP_COLUMN(struct row, n_each, WHOLE, "n_each", "n of each"),
    MDP_COLUMN(struct row, ours.median, SHOWN, "median", "median"),
    MDP_COLUMN(struct row, paper.median, SHOWN, "median_paper", "paper"),
    MDP_COLUMN(struct row, ours.iqr, SHOWN, "iqr", "IQR"),
    MDP_COLUMN(struct row, paper.iqr, SHOWN, "iqr_paper", "paper"),
    MDP_COLUMN(struct row, ours.max, SHOWN, "max", "max"),
    MDP_COLUMN(struct row, paper.max, SHOWN, "max_paper", "paper"),
    MDP_COLUMN(struct row, ours.cv, SHOWN, "cv", "CV", 2),
    MDP_COLUMN(struct row, paper.cv, SHOWN, "cv_paper", "paper", 2),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

/* scores of both arms [n_variances, n_each] */
struct scores {
    double *base, *test;
    long n_variances, n_each;
};

static void scores_free(struct scores *scores) {
    free(scores->base);
    free(scores->test);
}

/* ---- scores ---- */

/* a row per checkpoint, over seeds; or per seed and checkpoint, over episodes. returns how many values it wrote */
static long take(const struct mdp_contest *contest, const struct mdp_arm_data *arm, int over, double *out) {
    long n = 0;
    if (over == MDP_OVER_SEEDS) {
        for (long c = 0; c < contest->n_steps; c++)
            for (int k = 0; k < contest->n_seeds; k++) out[n++] = mdp_contest_curve(contest, arm, k)[c];
        return n;
    }
    for (int k = 0; k < contest->n_seeds; k++)
        for (long c = 0; c < contest->n_steps; c++)
            for (long i = 0; i < arm->n_episodes; i++)
                out[n++] = mdp_arm_episodes(arm, contest->i_task, contest->seeds[k], c)[i];
    return n;
}

/* tasks from `first` to before `end` in one heap; a task without all seeds has variances over fewer and is left out */
static mdp_err collect(struct mdp_report *report, unsigned i_pair, int is_online, int first, int end,
                       struct scores *scores) {
    const struct mdp_experiment *e = report->arms->experiment;
    int over = MDP_CHOSE(&report->choices, over);
    unsigned long n_most = (unsigned long)(end - first) * e->file.seeds_count *
                           (unsigned long)(e->file.train.n_steps / e->file.evaluate_every) *
                           (over == MDP_OVER_SEEDS ? 1UL : (unsigned long)e->file.eval.n_episodes);
    struct mdp_contest contest;
    long n = 0;
    mdp_err err;
    *scores =
        (struct scores){NULL, NULL, 0, over == MDP_OVER_SEEDS ? (long)e->file.seeds_count : e->file.eval.n_episodes};
    MDP_TRY(mdp_calloc(&scores->base, n_most, sizeof(double), "variances"));
    MDP_TRY(mdp_calloc(&scores->test, n_most, sizeof(double), "variances"));
    for (int t = first; t < end; t++) {
        MDP_TRY(
            mdp_contest_get(report, report->spec->test[i_pair], report->spec->base[i_pair], is_online, t, &contest));
        if (over == MDP_OVER_SEEDS && contest.n_seeds < (int)e->file.seeds_count) continue;
        take(&contest, contest.base, over, scores->base + n);
        n += take(&contest, contest.test, over, scores->test + n);
    }
    scores->n_variances = n / scores->n_each;
out:
    return err;
}

/* ---- rows ---- */

static struct mdp_shown show(const char *format, double value) __attribute__((format(printf, 1, 0)));
static struct mdp_shown show(const char *format, double value) {
    struct mdp_shown shown = {value, ""};
    if (isfinite(value)) snprintf(shown.text, sizeof shown.text, format, value);
    return shown;
}

static struct numbers numbers_of(double median, double iqr, double max, double cv, int is_reduction) {
    const char *format = is_reduction ? "%.1f %%" : "%.2e";
    return (struct numbers){show(format, median), show(format, iqr), show(format, max),
                            is_reduction ? show(format, cv) : (struct mdp_shown){cv, ""}};
}

/* base, test and reduction over some tasks; the paper's numbers are shown for all tasks together */
static mdp_err add_block(struct mdp_report *report, unsigned i_pair, int is_online, int first, int end,
                         struct mdp_table *table) {
    static const struct mdp_paper_variance *const paper[] = {&mdp_paper_same_guidance, &mdp_paper_other_guidance,
                                                             &mdp_paper_reduction_pct};
    const struct mdp_experiment *e = report->arms->experiment;
    const char *const names[] = {report->spec->base[i_pair], report->spec->test[i_pair]};
    int is_all = end - first == (int)e->file.tasks_count, is_ddof1 = MDP_CHOSE(&report->choices, cv_ddof);
    int has_paper = is_all && mdp_paper_table_find(report->spec->printed) == MDP_PAPER_TABLE3;
    struct scores scores;
    struct mdp_variance_table found;
    mdp_err err;
    MDP_TRY(collect(report, i_pair, is_online, first, end, &scores));
    if (scores.n_variances == 0) goto out;
    const struct mdp_checkpoint_scores base = {scores.base, scores.n_variances, scores.n_each};
    const struct mdp_checkpoint_scores test = {scores.test, scores.n_variances, scores.n_each};
    MDP_TRY(mdp_variance_compare(&base, &test, MDP_CHOSE(&report->choices, ddof), &found));
    const struct mdp_variance_summary *const summaries[] = {&found.base, &found.test, &found.reduction_pct};
    for (int i = 0; i < 3; i++) {
        const struct mdp_variance_summary *s = summaries[i];
        const struct mdp_paper_variance *p = paper[i];
        struct row row;
        mdp_row_clear(&columns, &row);
        row.task = is_all ? "all tasks" : e->file.tasks[first];
        row.group = i < 2 ? mdp_arm_title(e, mdp_experiment_arm(&e->file, names[i])) : "reduction";
        row.actor = mdp_actor_name(is_online);
        row.n_variances = scores.n_variances;
        row.n_each = scores.n_each;
        row.ours = numbers_of(s->median, s->iqr, s->max, is_ddof1 ? s->cv_ddof1 : s->cv_ddof0, i == 2);
        if (has_paper) row.paper = numbers_of(p->median, p->iqr, p->max, p->cv, i == 2);
        MDP_TRY(mdp_table_fill(table, &row, 1));
    }
out:
    scores_free(&scores);
    return err;
}

static mdp_err add_notes(const struct mdp_report *report, struct mdp_table *table) {
    static const int keys[] = {MDP_CHOICE_over, MDP_CHOICE_ddof, MDP_CHOICE_cv_ddof, MDP_CHOICE_horizon};
    mdp_err err;
    MDP_TRY(
        mdp_table_add_note(table,
                           "Variance of the %s at each checkpoint, then median, IQR (type 7), maximum and CV = sd / "
                           "mean over checkpoints; 'n of each' values make a variance. Reduction: 100 (1 - test / "
                           "base) percent.",
                           mdp_report_return_name(report)));
    if (report->spec->printed != NULL)
        MDP_TRY(mdp_table_add_note(table,
                                   "paper: values printed in %s of arXiv 2506.03154v1; of which tasks it does "
                                   "not say. From its own rounded values its reductions of maximum and CV would "
                                   "be 86.0 and 10.5 percent.",
                                   report->spec->printed));
    MDP_TRY(mdp_report_note_choices(report, keys, sizeof keys / sizeof keys[0], table));
out:
    return err;
}

static mdp_err make(struct mdp_report *report, struct mdp_table *const tables[]) {
    const struct mdp_experiment *e = report->arms->experiment;
    int n_tasks = (int)e->file.tasks_count;
    mdp_err err = MDP_OK;
    if (MDP_CHOSE(&report->choices, over) == MDP_OVER_SEEDS && e->file.seeds_count < 2)
        return mdp_fail(MDP_E_USAGE, "%s: expected at least 2 seeds for a variance over seeds, found 1", e->path);
    for (int is_online = 0; is_online < 2; is_online++)
        for (unsigned k = 0; mdp_report_shows(report, is_online) && k < report->spec->test_count; k++) {
            MDP_TRY(add_block(report, k, is_online, 0, n_tasks, tables[0]));
            for (int t = 0; n_tasks > 1 && t < n_tasks; t++)
                MDP_TRY(add_block(report, k, is_online, t, t + 1, tables[0]));
        }
    MDP_TRY(add_notes(report, tables[0]));
out:
    return err;
}

const struct mdp_report_kind mdp_report_variance = {.tables = {{"", "", &columns}}, .make = make};
