/* every arm: final return with its aggregates over runs and tasks, and how likely it beats the base arm; performance
 * profiles. Source: Agarwal et al. 2021; docs/statistics.md. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report/aggregates.h"
#include "bench/report/profile.h"
#include "bench/report/report.h"

/* a row; what is missing is NaN */
struct row {
    const char *task, *arm, *actor;
    long n_runs, n_episodes;
    int has_few;
    struct mdp_aggregates numbers;
    struct mdp_interval improvement;
};

static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, task, TEXT, "task", "task"),
    MDP_COLUMN(struct row, arm, TEXT, "arm", "arm"),
    MDP_COLUMN(struct row, actor, TEXT, "actor", "actor"),
    MDP_COUNT_COLUMN(struct row, n_runs, has_few, "runs", "runs"),
    MDP_COLUMN(struct row, n_episodes, WHOLE, "episodes", "episodes"),
    MDP_AGGREGATE_COLUMNS(struct row, numbers),
    MDP_AGGREGATE_INTERVAL(struct row, improvement, "probability_of_improvement", "P(better than base) [95 % CI]"),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

/* final returns of an arm as a matrix of runs x tasks */
struct matrix {
    double *values;
    struct mdp_scores scores;
};

/* ---- scores ---- */

/* an arm's final returns, a column for each task; the rows are as many seeds as are whole in all of these tasks */
static mdp_err take(struct mdp_report *report, const char *arm, int is_online, const int *tasks, int n_tasks,
                    struct matrix *out) {
    struct mdp_contest contest;
    double finals[MDP_SEEDS_MAX];
    int n_runs = (int)report->arms->experiment->file.seeds_count;
    mdp_err err;
    *out = (struct matrix){NULL, {NULL, 0, 0}};
    MDP_TRY(mdp_calloc(&out->values, (unsigned long)n_tasks * (unsigned long)n_runs, sizeof(double), "scores"));
    for (int t = 0; t < n_tasks; t++) {
        MDP_TRY(mdp_contest_get(report, arm, NULL, is_online, tasks[t], &contest));
        mdp_contest_finals(&contest, contest.test, &report->choices, 0, finals);
        for (int k = 0; k < contest.n_seeds; k++) out->values[k * n_tasks + t] = finals[k];
        if (contest.n_seeds < n_runs) n_runs = contest.n_seeds;
    }
    out->scores = (struct mdp_scores){out->values, n_runs, n_tasks};
out:
    return err;
}

/* tasks for which an arm has a whole run; a matrix has as many runs as the task with the fewest */
static mdp_err whole_tasks(struct mdp_report *report, const char *arm, int is_online, int *tasks, int *n) {
    struct mdp_contest contest;
    mdp_err err = MDP_OK;
    *n = 0;
    for (int t = 0; t < (int)report->arms->experiment->file.tasks_count; t++) {
        MDP_TRY(mdp_contest_get(report, arm, NULL, is_online, t, &contest));
        if (contest.n_seeds > 0) tasks[(*n)++] = t;
    }
out:
    return err;
}

/* ---- rows ---- */

static mdp_err set_against(const struct mdp_scores *x, const struct mdp_scores *base, struct row *row) {
    const struct mdp_bootstrap_plan plan = {
        .method = mdp_bootstrap_method(x->n_runs < base->n_runs ? x->n_runs : base->n_runs, MDP_INTERVAL_PERCENTILE),
        .n_threads = 1};
    struct mdp_bootstrap_two two;
    mdp_err err = mdp_bootstrap_two_compute(x, base, &plan, &two);
    if (err == MDP_OK) mdp_interval_take(&two.interval[MDP_CONTRAST_POI], &row->improvement);
    return err;
}

static mdp_err add_row(const struct mdp_report *report, const char *task, const char *arm, int is_online,
                       const struct mdp_scores *x, const struct mdp_scores *base, struct mdp_table *table) {
    const struct mdp_experiment *e = report->arms->experiment;
    struct row row;
    mdp_err err;
    mdp_row_clear(&columns, &row);
    row.task = task;
    row.arm = mdp_arm_title(e, mdp_experiment_arm(&e->file, arm));
    row.actor = mdp_actor_name(is_online);
    row.n_runs = x->n_runs * x->n_tasks;
    row.has_few = x->n_runs < MDP_BOOTSTRAP_FEW_RUNS;
    row.n_episodes = row.n_runs * e->file.eval.n_episodes;
    const struct mdp_interval none = row.numbers.gap;
    if (x->n_runs > 0) MDP_TRY(mdp_aggregates_compute(x, &row.numbers));
    /* a gap to 1 is one of normalized returns */
    if (report->arms->cache.by_objective) row.numbers.gap = none;
    if (x->n_runs > 0 && base != NULL && base->n_runs > 0 && base->n_tasks == x->n_tasks)
        MDP_TRY(set_against(x, base, &row));
    MDP_TRY(mdp_table_fill(table, &row, 1));
out:
    return err;
}

static mdp_err add_arm(struct mdp_report *report, const char *arm, int is_online, const char *task, const int *tasks,
                       int n_tasks, struct mdp_table *table) {
    const char *base = report->spec->base_count > 0 ? report->spec->base[0] : NULL;
    int has_base = base != NULL && strcmp(base, arm) != 0;
    struct matrix x = {NULL, {NULL, 0, 0}}, y = {NULL, {NULL, 0, 0}};
    mdp_err err;
    MDP_TRY(take(report, arm, is_online, tasks, n_tasks, &x));
    if (has_base) MDP_TRY(take(report, base, is_online, tasks, n_tasks, &y));
    MDP_TRY(add_row(report, task, arm, is_online, &x.scores, has_base ? &y.scores : NULL, table));
out:
    free(x.values);
    free(y.values);
    return err;
}

static mdp_err add_actor(struct mdp_report *report, int is_online, struct mdp_table *table) {
    const struct mdp_experiment *e = report->arms->experiment;
    int tasks[MDP_SEEDS_MAX], n;
    mdp_err err = MDP_OK;
    for (unsigned i = 0; i < report->spec->test_count && e->file.tasks_count > 1; i++) {
        MDP_TRY(whole_tasks(report, report->spec->test[i], is_online, tasks, &n));
        if (n > 1) MDP_TRY(add_arm(report, report->spec->test[i], is_online, "all tasks", tasks, n, table));
    }
    for (int t = 0; t < (int)e->file.tasks_count; t++)
        for (unsigned i = 0; i < report->spec->test_count; i++)
            MDP_TRY(add_arm(report, report->spec->test[i], is_online, e->file.tasks[t], &t, 1, table));
out:
    return err;
}

static mdp_err make(struct mdp_report *report, struct mdp_table *const tables[]) {
    static const int keys[] = {MDP_CHOICE_final, MDP_CHOICE_horizon};
    const struct mdp_experiment *e = report->arms->experiment;
    mdp_err err = MDP_OK;
    for (int is_online = 0; is_online < 2; is_online++)
        if (mdp_report_shows(report, is_online)) MDP_TRY(add_actor(report, is_online, tables[0]));
    MDP_TRY(mdp_table_add_note(tables[0],
                               "A run's score is its mean %s over episodes. Intervals: bootstrap of "
                               "runs within tasks, 2,000 replicates, BCa (probability: percentile); below %d runs a "
                               "task (few) Student's t on its error (probability: Newcombe's).",
                               mdp_report_return_name(report), MDP_BOOTSTRAP_FEW_RUNS));
    if (e->file.seeds_count < MDP_BOOTSTRAP_FEW_RUNS) MDP_TRY(mdp_aggregates_note_few(tables[0]));
    if (report->spec->base_count > 0)
        MDP_TRY(mdp_table_add_note(tables[0], "Base: %s.",
                                   mdp_arm_title(e, mdp_experiment_arm(&e->file, report->spec->base[0]))));
    MDP_TRY(mdp_report_note_choices(report, keys, sizeof keys / sizeof keys[0], tables[0]));
out:
    return err;
}

const struct mdp_report_kind mdp_report_arms = {.tables = {{": final returns", "", &columns}}, .make = make};

/* ---- profiles ---- */

mdp_err mdp_profile_compute(struct mdp_report *report, const char *arm, int is_online, const double *taus, long n_taus,
                            double *shares, long *n_runs) {
    struct matrix x = {NULL, {NULL, 0, 0}};
    int tasks[MDP_SEEDS_MAX], n;
    mdp_err err;
    *n_runs = 0;
    MDP_TRY(whole_tasks(report, arm, is_online, tasks, &n));
    if (n == 0) goto out;
    MDP_TRY(take(report, arm, is_online, tasks, n, &x));
    *n_runs = x.scores.n_runs * x.scores.n_tasks;
    MDP_TRY(mdp_performance_profile(&x.scores, taus, n_taus, shares, NULL));
out:
    free(x.values);
    return err;
}

void mdp_profile_taus(double taus[MDP_PROFILE_TAUS]) {
    for (int i = 0; i < MDP_PROFILE_TAUS; i++) taus[i] = 0.05 * (i - 4);
}

struct profile_row {
    double tau, share;
    const char *arm, *actor;
    long n_runs;
};
static const struct mdp_column profile_list[] = {
    MDP_COLUMN(struct profile_row, tau, REAL, "tau", "tau", 2),
    MDP_COLUMN(struct profile_row, arm, TEXT, "arm", "arm"),
    MDP_COLUMN(struct profile_row, actor, TEXT, "actor", "actor"),
    MDP_COLUMN(struct profile_row, n_runs, WHOLE, "runs", "runs"),
    MDP_COLUMN(struct profile_row, share, REAL, "share", "share above tau", 3),
};
static const struct mdp_columns profile_columns = MDP_COLUMNS(struct profile_row, profile_list);

static mdp_err add_profile(struct mdp_report *report, const char *arm, int is_online, struct mdp_table *table) {
    const struct mdp_experiment *e = report->arms->experiment;
    double taus[MDP_PROFILE_TAUS], shares[MDP_PROFILE_TAUS];
    struct profile_row row = {.arm = mdp_arm_title(e, mdp_experiment_arm(&e->file, arm)),
                              .actor = mdp_actor_name(is_online)};
    mdp_err err;
    mdp_profile_taus(taus);
    MDP_TRY(mdp_profile_compute(report, arm, is_online, taus, MDP_PROFILE_TAUS, shares, &row.n_runs));
    for (int k = 0; row.n_runs > 0 && k < MDP_PROFILE_TAUS; k++) {
        row.tau = taus[k];
        row.share = shares[k];
        MDP_TRY(mdp_table_fill(table, &row, 1));
    }
out:
    return err;
}

static mdp_err make_profiles(struct mdp_report *report, struct mdp_table *const tables[]) {
    mdp_err err = MDP_OK;
    for (int is_online = 0; is_online < 2; is_online++)
        for (unsigned i = 0; mdp_report_shows(report, is_online) && i < report->spec->test_count; i++)
            MDP_TRY(add_profile(report, report->spec->test[i], is_online, tables[0]));
    MDP_TRY(
        mdp_table_add_note(tables[0], "Share of runs, of all tasks, whose mean final return is strictly above tau."));
out:
    return err;
}

const struct mdp_report_kind mdp_report_profiles = {.tables = {{": performance profiles", "", &profile_columns}},
                                                    .make = make_profiles};
