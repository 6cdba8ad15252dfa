/* table 3: how much the return varies at each checkpoint, over training, with one guidance and with another. */
#include <math.h>
#include <stdlib.h>

#include "bench/experiment/printed.h"
#include "bench/report/report.h"
#include "stats/variance.h"

enum {
    TASK,
    GROUP,
    ACTOR,
    N_VARIANCES,
    N_EACH,
    MEDIAN,
    MEDIAN_PAPER,
    IQR,
    IQR_PAPER,
    MAX,
    MAX_PAPER,
    CV,
    CV_PAPER,
    N_COLUMNS
};
static const struct mdp_column columns[N_COLUMNS] = {
    [TASK] = {"task", "task", MDP_LEFT, 0},
    [GROUP] = {"group", "group", MDP_LEFT, 0},
    [ACTOR] = {"actor", "actor", MDP_LEFT, 0},
    [N_VARIANCES] = {"n_variances", "variances", MDP_RIGHT, 0},
    [N_EACH] = {"n_each", "n of each", MDP_RIGHT, 0},
    [MEDIAN] = {"median", "median", MDP_RIGHT, 2},
    [MEDIAN_PAPER] = {"median_paper", "paper", MDP_RIGHT, 2},
    [IQR] = {"iqr", "IQR", MDP_RIGHT, 2},
    [IQR_PAPER] = {"iqr_paper", "paper", MDP_RIGHT, 2},
    [MAX] = {"max", "max", MDP_RIGHT, 2},
    [MAX_PAPER] = {"max_paper", "paper", MDP_RIGHT, 2},
    [CV] = {"cv", "CV", MDP_RIGHT, 2},
    [CV_PAPER] = {"cv_paper", "paper", MDP_RIGHT, 2},
};

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
    unsigned long n_most = (unsigned long)(end - first) * e->is.seeds_count *
                           (unsigned long)(e->is.train.n_steps / e->is.evaluate_every) *
                           (over == MDP_OVER_SEEDS ? 1UL : (unsigned long)e->is.eval.n_episodes);
    struct mdp_contest contest;
    long n = 0;
    mdp_err err;
    *scores = (struct scores){NULL, NULL, 0, over == MDP_OVER_SEEDS ? (long)e->is.seeds_count : e->is.eval.n_episodes};
    MDP_TRY(mdp_calloc(&scores->base, n_most, sizeof(double), "variances"));
    MDP_TRY(mdp_calloc(&scores->test, n_most, sizeof(double), "variances"));
    for (int t = first; t < end; t++) {
        MDP_TRY(
            mdp_contest_get(report, report->spec->test[i_pair], report->spec->base[i_pair], is_online, t, &contest));
        if (over == MDP_OVER_SEEDS && contest.n_seeds < (int)e->is.seeds_count) continue;
        take(&contest, contest.base, over, scores->base + n);
        n += take(&contest, contest.test, over, scores->test + n);
    }
    scores->n_variances = n / scores->n_each;
out:
    return err;
}

/* ---- cells ---- */

static mdp_err set_small(struct mdp_table *table, int i_column, double value) {
    char text[32];
    if (!isfinite(value)) return MDP_OK;
    snprintf(text, sizeof text, "%.2e", value);
    return mdp_table_set_shown(table, i_column, value, text);
}

static mdp_err set_tenth(struct mdp_table *table, int i_column, double value) {
    char text[32];
    if (!isfinite(value)) return MDP_OK;
    snprintf(text, sizeof text, "%.1f %%", value);
    return mdp_table_set_shown(table, i_column, value, text);
}

/* the numbers of one line: variances in scientific notation, reductions in percent */
struct line {
    const char *task, *group;
    double median, iqr, max, cv;
    const struct mdp_paper_variance *paper; /* nullable */
    int is_reduction;
};

static mdp_err add_line(const struct mdp_report *report, const struct scores *scores, const struct line *line,
                        int is_online, struct mdp_table *table) {
    mdp_err (*const set)(struct mdp_table *, int, double) = line->is_reduction ? set_tenth : set_small;
    mdp_err err;
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(mdp_table_set_text(table, TASK, line->task));
    MDP_TRY(mdp_table_set_text(table, GROUP, line->group));
    MDP_TRY(mdp_table_set_text(table, ACTOR, mdp_actor_name(is_online)));
    mdp_table_set_number(table, N_VARIANCES, (double)scores->n_variances);
    mdp_table_set_number(table, N_EACH, (double)scores->n_each);
    MDP_TRY(set(table, MEDIAN, line->median));
    MDP_TRY(set(table, IQR, line->iqr));
    MDP_TRY(set(table, MAX, line->max));
    if (line->is_reduction)
        MDP_TRY(set_tenth(table, CV, line->cv));
    else
        mdp_table_set_finite(table, CV, line->cv);
    if (line->paper == NULL || mdp_paper_table_find(report->spec->printed) != MDP_PAPER_TABLE3) return MDP_OK;
    MDP_TRY(set(table, MEDIAN_PAPER, line->paper->median));
    MDP_TRY(set(table, IQR_PAPER, line->paper->iqr));
    MDP_TRY(set(table, MAX_PAPER, line->paper->max));
    if (line->is_reduction)
        MDP_TRY(set_tenth(table, CV_PAPER, line->paper->cv));
    else
        mdp_table_set_number(table, CV_PAPER, line->paper->cv);
out:
    return err;
}

static struct line line_of(const struct mdp_report *report, const struct mdp_variance_summary *s) {
    double cv = MDP_CHOSE(&report->choices, cv_ddof) ? s->cv_ddof1 : s->cv_ddof0;
    return (struct line){NULL, NULL, s->median, s->iqr, s->max, cv, NULL, 0};
}

/* base, test and reduction of one heap of tasks; the paper's numbers stand beside the heap of all */
static mdp_err add_block(struct mdp_report *report, unsigned i_pair, int is_online, int first, int end,
                         struct mdp_table *table) {
    const struct mdp_experiment *e = report->arms->experiment;
    const char *const names[] = {report->spec->base[i_pair], report->spec->test[i_pair]};
    int is_all = end - first == (int)e->is.tasks_count;
    struct scores scores;
    struct mdp_variance_table result;
    mdp_err err;
    MDP_TRY(collect(report, i_pair, is_online, first, end, &scores));
    if (scores.n_variances == 0) goto out;
    const struct mdp_checkpoint_scores base = {scores.base, scores.n_variances, scores.n_each};
    const struct mdp_checkpoint_scores test = {scores.test, scores.n_variances, scores.n_each};
    MDP_TRY(mdp_variance_compare(&base, &test, MDP_CHOSE(&report->choices, ddof), &result));
    struct line lines[3] = {line_of(report, &result.base), line_of(report, &result.test),
                            line_of(report, &result.reduction_pct)};
    static const struct mdp_paper_variance *const paper[] = {&mdp_paper_same_guidance, &mdp_paper_other_guidance,
                                                             &mdp_paper_reduction_pct};
    for (int i = 0; i < 3; i++) {
        lines[i].task = is_all ? "all tasks" : e->is.tasks[first];
        lines[i].group = i < 2 ? mdp_arm_title(e, mdp_experiment_arm(&e->is, names[i])) : "reduction";
        lines[i].is_reduction = i == 2;
        lines[i].paper = is_all ? paper[i] : NULL;
        MDP_TRY(add_line(report, &scores, &lines[i], is_online, table));
    }
out:
    scores_free(&scores);
    return err;
}

static mdp_err add_notes(const struct mdp_report *report, struct mdp_table *table) {
    static const int keys[] = {MDP_CHOICE_over, MDP_CHOICE_ddof, MDP_CHOICE_cv_ddof, MDP_CHOICE_horizon};
    mdp_err err;
    MDP_TRY(mdp_table_add_note(table,
                               "Variance of the normalized return at each checkpoint, then median, IQR (type 7), "
                               "maximum and CV = sd / mean over checkpoints; 'n of each' values make a variance. "
                               "Reduction: 100 (1 - test / base) percent."));
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

mdp_err mdp_report_variance(struct mdp_report *report, struct mdp_report_tables *out) {
    const struct mdp_experiment *e = report->arms->experiment;
    int n_tasks = (int)e->is.tasks_count;
    mdp_err err;
    if (MDP_CHOSE(&report->choices, over) == MDP_OVER_SEEDS && e->is.seeds_count < 2)
        return mdp_fail(MDP_E_USAGE, "%s: expected at least 2 seeds for a variance over seeds, found 1", e->path);
    MDP_TRY(mdp_report_start(report, "", N_COLUMNS, columns, out));
    for (int is_online = 0; is_online < 2; is_online++)
        for (unsigned k = 0; mdp_report_shows(report, is_online) && k < report->spec->test_count; k++) {
            MDP_TRY(add_block(report, k, is_online, 0, n_tasks, out->of[0].table));
            for (int t = 0; n_tasks > 1 && t < n_tasks; t++)
                MDP_TRY(add_block(report, k, is_online, t, t + 1, out->of[0].table));
        }
    MDP_TRY(add_notes(report, out->of[0].table));
out:
    return err;
}
