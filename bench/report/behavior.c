/* does a policy beat the data? final returns beside those of the behaviour policies that collected the task's data.
 *
 * behaviour policies act as they did when the data was collected (they draw their actions); the expert that shares are
 * taken of takes the mode, which is the harder mark. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "bench/report/report.h"
#include "bench/run/names.h"
#include "bench/run/task.h"
#include "stats/moments.h"
#include "stats/ttest.h"

/* a row; what is missing is NaN, NULL or -1 */
struct row {
    const char *task, *arm, *actor, *verdict;
    char said[64]; /* what `verdict` is then */
    long n_seeds, n, n_data;
    double final, sd, data, difference, low, high, ratio, expert, expert_ratio;
};
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, task, TEXT, "task", "task"),
    MDP_COLUMN(struct row, arm, TEXT, "arm", "arm"),
    MDP_COLUMN(struct row, actor, TEXT, "actor", "actor"),
    MDP_COLUMN(struct row, n_seeds, WHOLE, "seeds", "seeds"),
    MDP_COLUMN(struct row, n, WHOLE, "n", "n"),
    MDP_COLUMN(struct row, final, REAL, "final", "final", 3),
    MDP_COLUMN(struct row, sd, REAL, "sd", "sd", 3),
    MDP_COLUMN(struct row, n_data, WHOLE, "behavior_n", "n of data"),
    MDP_COLUMN(struct row, data, REAL, "behavior", "data", 3),
    MDP_INTERVAL_COLUMN(struct row, difference, low, high, "difference", "final - data [95 % CI]", 3),
    MDP_COLUMN(struct row, ratio, REAL, "ratio", "final / data", 2),
    MDP_COLUMN(struct row, expert, REAL, "expert", "expert", 3),
    MDP_COLUMN(struct row, expert_ratio, REAL, "expert_ratio", "final / expert", 2),
    MDP_COLUMN(struct row, verdict, TEXT, "verdict", "verdict"),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

/* normalized returns of the policies behind a task's data */
struct behavior {
    double *values; /* [n], owned */
    long n;
    double expert; /* mean of the robot's expert */
};

/* ---- the behaviour policies ---- */

static mdp_err name_episodes(const struct mdp_report *report, const struct mdp_task *task, const char *quality,
                             const char *label, char path[MDP_PATH_MAX]) {
    char stem[MDP_TASK_MAX];
    snprintf(stem, sizeof stem, "%.24s-%.24s", task->spec->robot, quality);
    return mdp_named_path(report->arms->experiment->file.collect.behavior, stem, label, MDP_FILE_EPISODES, path);
}

/* appends the episodes of one policy, e.g. "medium", that took the mode of its actions or drew them */
static mdp_err append(struct mdp_report *report, int i_task, const struct mdp_task *task, const char *quality,
                      const char *label, struct behavior *to) {
    struct mdp_episodes episodes = {.n = 0};
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_alike_file file;
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(name_episodes(report, task, quality, label, path));
    MDP_TRY(mdp_episodes_read(path, &info, &episodes));
    MDP_TRY(mdp_alike_read(path, &info, &file));
    MDP_TRY(mdp_arms_join(report->arms, i_task, &file));
    double *values = realloc(to->values, (size_t)(to->n + episodes.n) * sizeof *values);
    if (values == NULL) MDP_TRY(mdp_fail(MDP_E_NOMEM, "%s: no memory for %ld episodes", path, to->n + episodes.n));
    to->values = values;
    memcpy(to->values + to->n, episodes.normalized_returns, (size_t)episodes.n * sizeof *values);
    to->n += episodes.n;
    report->n_behavior += episodes.n;
    report->n_behavior_non_finite += mdp_episodes_ended(&episodes, MDP_END_NON_FINITE);
out:
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    return err;
}

/* a folder that is not there says nothing about robots, and an expert without its episodes is one */
static mdp_err has_expert(const struct mdp_report *report, const struct mdp_task *task, int *is_there) {
    const char *folder = report->arms->experiment->file.collect.behavior;
    char episodes[MDP_PATH_MAX], policy[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(name_episodes(report, task, "expert", "", episodes));
    MDP_TRY(mdp_fsx_path(policy, "%s/%s-expert.h5", folder, task->spec->robot));
    *is_there = !mdp_fsx_exists(folder) || mdp_fsx_exists(policy) || mdp_fsx_exists(episodes);
out:
    return err;
}

/* medium-expert data is one half of each; what replays and random data were collected with has no episodes of its own,
 * and not every robot has an expert */
static mdp_err read_behavior(struct mdp_report *report, int i_task, struct behavior *out) {
    struct mdp_task task;
    struct behavior expert = {NULL, 0, NAN};
    int is_there;
    mdp_err err;
    *out = (struct behavior){NULL, 0, NAN};
    MDP_TRY(mdp_task_parse(report->arms->experiment->file.tasks[i_task], &task));
    if (task.quality == MDP_QUALITY_MEDIUM || task.quality == MDP_QUALITY_MEDIUM_EXPERT)
        MDP_TRY(append(report, i_task, &task, "medium", MDP_LABEL_STOCHASTIC, out));
    if (task.quality == MDP_QUALITY_EXPERT || task.quality == MDP_QUALITY_MEDIUM_EXPERT)
        MDP_TRY(append(report, i_task, &task, "expert", MDP_LABEL_STOCHASTIC, out));
    MDP_TRY(has_expert(report, &task, &is_there));
    if (!is_there) goto out;
    MDP_TRY(append(report, i_task, &task, "expert", "", &expert));
    out->expert = mdp_mean(expert.values, expert.n);
out:
    free(expert.values);
    return err;
}

/* ---- rows ---- */

/* episodes are the units: the verdict is one about the policies of these runs, and none about how they were trained */
static void say_verdict(const struct mdp_ttest *test, struct row *row) {
    int is_above = test->welch.low > 0, is_one = row->n_seeds == 1;
    if (!is_above && !(test->welch.high < 0))
        snprintf(row->said, sizeof row->said, "cannot tell");
    else
        snprintf(row->said, sizeof row->said, "%s %s the data (%ld run%s)", is_one ? "this policy" : "these policies",
                 is_above ? (is_one ? "beats" : "beat") : (is_one ? "is below" : "are below"), row->n_seeds,
                 is_one ? "" : "s");
}

static mdp_err set_against(const struct behavior *data, const double *finals, long n, struct row *row) {
    struct mdp_ttest test;
    double base = mdp_mean(data->values, data->n);
    row->n_data = data->n;
    row->data = base;
    /* a share of a return at or below that of a random policy means nothing */
    if (base > 0) row->ratio = mdp_mean(finals, n) / base;
    if (n < 2 || data->n < 2) return MDP_OK;
    mdp_err err = mdp_ttest_compute(&(struct mdp_sample){"finals", finals, n},
                                    &(struct mdp_sample){"behaviour", data->values, data->n}, 0, &test);
    if (err != MDP_OK || !isfinite(test.welch.low) || !isfinite(test.welch.high)) return err;
    row->difference = test.diff;
    row->low = test.welch.low;
    row->high = test.welch.high;
    say_verdict(&test, row);
    row->verdict = row->said;
    return MDP_OK;
}

static mdp_err set_finals(const struct mdp_report *report, const struct mdp_contest *contest,
                          const struct behavior *data, struct row *row) {
    double *finals = NULL;
    struct mdp_moments moments;
    mdp_err err;
    row->n = contest->n_seeds * contest->test->n_episodes;
    MDP_TRY(mdp_calloc(&finals, (unsigned long)row->n, sizeof *finals, "final returns"));
    mdp_contest_finals(contest, contest->test, &report->choices, 1, finals);
    MDP_TRY(mdp_moments_compute(finals, row->n, &moments));
    row->final = moments.mean;
    row->sd = moments.sd_ddof1;
    if (data->n > 0) MDP_TRY(set_against(data, finals, row->n, row));
    row->expert = data->expert;
    if (data->expert > 0) row->expert_ratio = moments.mean / data->expert;
out:
    free(finals);
    return err;
}

static mdp_err add_row(struct mdp_report *report, const char *arm, int is_online, int i_task,
                       const struct behavior *data, struct mdp_table *table) {
    const struct mdp_experiment *e = report->arms->experiment;
    struct mdp_contest contest;
    struct row row;
    mdp_err err;
    mdp_row_clear(&columns, &row);
    MDP_TRY(mdp_contest_get(report, arm, NULL, is_online, i_task, &contest));
    row.task = e->file.tasks[i_task];
    row.arm = mdp_arm_title(e, mdp_experiment_arm(&e->file, arm));
    row.actor = mdp_actor_name(is_online);
    row.n_seeds = contest.n_seeds;
    if (contest.n_seeds > 0) MDP_TRY(set_finals(report, &contest, data, &row));
    MDP_TRY(mdp_table_fill(table, &row, 1));
out:
    return err;
}

static mdp_err add_task(struct mdp_report *report, int i_task, struct mdp_table *table) {
    const struct mdp_table_spec *spec = report->spec;
    struct behavior data;
    mdp_err err;
    MDP_TRY(read_behavior(report, i_task, &data));
    if (isnan(data.expert))
        MDP_TRY(mdp_table_add_note(table, "%s: its robot has no expert in %s.",
                                   report->arms->experiment->file.tasks[i_task],
                                   report->arms->experiment->file.collect.behavior));
    for (int is_online = 0; is_online < 2; is_online++)
        for (unsigned i = 0; mdp_report_shows(report, is_online) && i < spec->test_count; i++)
            MDP_TRY(add_row(report, spec->test[i], is_online, i_task, &data, table));
out:
    free(data.values);
    return err;
}

static mdp_err make(struct mdp_report *report, struct mdp_table *const tables[]) {
    static const int keys[] = {MDP_CHOICE_final, MDP_CHOICE_horizon};
    const struct mdp_experiment *e = report->arms->experiment;
    mdp_err err = MDP_OK;
    struct mdp_table *table = tables[0];
    for (int t = 0; t < (int)e->file.tasks_count; t++) MDP_TRY(add_task(report, t, table));
    MDP_TRY(mdp_table_add_note(table, "Final: mean normalized return over the n episodes of all seeds. Data: the "
                                      "behaviour policies drawing their actions, as they collected it; of "
                                      "medium-expert, one half of each. Expert: its mode. Interval: Welch, episodes as "
                                      "units: what these runs' policies are worth, not what another seed would give."));
    MDP_TRY(mdp_report_note_choices(report, keys, sizeof keys / sizeof keys[0], table));
out:
    return err;
}

const struct mdp_report_kind mdp_report_behavior = {.tables = {{": final returns beside the data's", "", &columns}},
                                                    .make = make};
