/* every arm: final return with its aggregates over runs and tasks, and how likely it beats the base arm; performance
 * profiles. Source: Agarwal et al. 2021; docs/statistics.md. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report/profile.h"
#include "bench/report/report.h"
#include "stats/bootstrap.h"
#include "stats/moments.h"

enum { TASK, ARM, ACTOR, RUNS, EPISODES, MEAN, SD, IQM, MEDIAN, GAP, POI, N_COLUMNS };
static const struct mdp_column columns[N_COLUMNS] = {
    [TASK] = {"task", "task", MDP_LEFT, 0},
    [ARM] = {"arm", "arm", MDP_LEFT, 0},
    [ACTOR] = {"actor", "actor", MDP_LEFT, 0},
    [RUNS] = {"runs", "runs", MDP_RIGHT, 0},
    [EPISODES] = {"episodes", "episodes", MDP_RIGHT, 0},
    [MEAN] = {"mean", "mean [95 % CI]", MDP_RIGHT, 3},
    [SD] = {"sd_runs", "sd of runs", MDP_RIGHT, 3},
    [IQM] = {"iqm", "IQM [95 % CI]", MDP_RIGHT, 3},
    [MEDIAN] = {"median", "median [95 % CI]", MDP_RIGHT, 3},
    [GAP] = {"optimality_gap", "optimality gap [95 % CI]", MDP_RIGHT, 3},
    [POI] = {"probability_of_improvement", "P(better than base) [95 % CI]", MDP_RIGHT, 3},
};

/* final returns of an arm as a matrix of runs x tasks */
struct matrix {
    double *values;
    struct mdp_scores scores;
};

/* ---- scores ---- */

/* the seeds of `contest` that are whole, a column for each task from `first` to before `end` */
static mdp_err take(struct mdp_report *report, const char *arm, int is_online, const int *tasks, int n_tasks,
                    struct matrix *out) {
    struct mdp_contest contest;
    double finals[MDP_SEEDS_MAX];
    int n_runs = (int)report->arms->experiment->is.seeds_count;
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
    for (int t = 0; t < (int)report->arms->experiment->is.tasks_count; t++) {
        MDP_TRY(mdp_contest_get(report, arm, NULL, is_online, t, &contest));
        if (contest.n_seeds > 0) tasks[(*n)++] = t;
    }
out:
    return err;
}

/* ---- rows ---- */

static void set_interval(struct mdp_table *table, int i_column, const struct mdp_interval *interval) {
    if (isfinite(interval->low) && isfinite(interval->high))
        mdp_table_set_interval(table, i_column, interval->estimate, interval->low, interval->high);
}

static mdp_err add_row(const struct mdp_report *report, const char *task, const char *arm, int is_online,
                       const struct mdp_scores *x, const struct mdp_scores *base, struct mdp_table *table) {
    const struct mdp_experiment *e = report->arms->experiment;
    const struct mdp_bootstrap_plan plan = {.method = mdp_bootstrap_method(x->n_runs, MDP_INTERVAL_BCA_MID),
                                            .n_threads = 1};
    struct mdp_bootstrap_plan plan_two = {.n_threads = 1};
    struct mdp_bootstrap all;
    struct mdp_bootstrap_two two;
    struct mdp_moments moments;
    mdp_err err;
    MDP_TRY(mdp_table_add_row(table));
    MDP_TRY(mdp_table_set_text(table, TASK, task));
    MDP_TRY(mdp_table_set_text(table, ARM, mdp_arm_title(e, mdp_experiment_arm(&e->is, arm))));
    MDP_TRY(mdp_table_set_text(table, ACTOR, mdp_actor_name(is_online)));
    MDP_TRY(mdp_table_set_count(table, RUNS, x->n_runs * x->n_tasks, x->n_runs < MDP_BOOTSTRAP_FEW_RUNS));
    mdp_table_set_number(table, EPISODES, (double)(x->n_runs * x->n_tasks * e->is.eval.n_episodes));
    if (x->n_runs == 0) return MDP_OK;
    MDP_TRY(mdp_bootstrap_compute(x, &plan, &all));
    set_interval(table, MEAN, &all.of[MDP_AGGREGATE_MEAN]);
    set_interval(table, IQM, &all.of[MDP_AGGREGATE_IQM]);
    set_interval(table, MEDIAN, &all.of[MDP_AGGREGATE_MEDIAN]);
    set_interval(table, GAP, &all.of[MDP_AGGREGATE_OPTIMALITY_GAP]);
    MDP_TRY(mdp_moments_compute(x->values, x->n_runs * x->n_tasks, &moments));
    if (x->n_tasks == 1) mdp_table_set_finite(table, SD, moments.sd_ddof1);
    if (base == NULL || base->n_runs == 0 || base->n_tasks != x->n_tasks) return MDP_OK;
    plan_two.method =
        mdp_bootstrap_method(x->n_runs < base->n_runs ? x->n_runs : base->n_runs, MDP_INTERVAL_PERCENTILE);
    MDP_TRY(mdp_bootstrap_two_compute(x, base, &plan_two, &two));
    set_interval(table, POI, &two.of[MDP_CONTRAST_POI]);
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
    for (unsigned i = 0; i < report->spec->test_count && e->is.tasks_count > 1; i++) {
        MDP_TRY(whole_tasks(report, report->spec->test[i], is_online, tasks, &n));
        if (n > 1) MDP_TRY(add_arm(report, report->spec->test[i], is_online, "all tasks", tasks, n, table));
    }
    for (int t = 0; t < (int)e->is.tasks_count; t++)
        for (unsigned i = 0; i < report->spec->test_count; i++)
            MDP_TRY(add_arm(report, report->spec->test[i], is_online, e->is.tasks[t], &t, 1, table));
out:
    return err;
}

mdp_err mdp_report_arms(struct mdp_report *report, struct mdp_report_tables *out) {
    static const int keys[] = {MDP_CHOICE_final, MDP_CHOICE_horizon};
    const struct mdp_experiment *e = report->arms->experiment;
    mdp_err err;
    if (report->spec->test_count == 0) return mdp_fail(MDP_E_USAGE, "%s: expected arms in test, found none", e->path);
    MDP_TRY(mdp_report_start(report, ": final returns", N_COLUMNS, columns, out));
    snprintf(out->of[0].name, sizeof out->of[0].name, "%s", report->spec->name);
    for (int is_online = 0; is_online < 2; is_online++)
        if (mdp_report_shows(report, is_online)) MDP_TRY(add_actor(report, is_online, out->of[0].table));
    MDP_TRY(mdp_table_add_note(out->of[0].table,
                               "A run's score is its mean normalized return over episodes. Intervals: bootstrap of "
                               "runs within tasks, 2,000 replicates, BCa (probability: percentile); below %d runs a "
                               "task (few) Student's t on its error (probability: Newcombe's).",
                               MDP_BOOTSTRAP_FEW_RUNS));
    if (e->is.seeds_count < MDP_BOOTSTRAP_FEW_RUNS)
        MDP_TRY(mdp_table_add_note(out->of[0].table, "What is rare is unseen in few runs: if one in ten fails, 3 runs "
                                                     "show none in 73 percent of cases, 5 in 59, 10 in 35, 20 in 12, "
                                                     "and the interval of the mean misses it then."));
    if (report->spec->base_count > 0)
        MDP_TRY(mdp_table_add_note(out->of[0].table, "Base: %s.",
                                   mdp_arm_title(e, mdp_experiment_arm(&e->is, report->spec->base[0]))));
    MDP_TRY(mdp_report_note_choices(report, keys, sizeof keys / sizeof keys[0], out->of[0].table));
out:
    return err;
}

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

mdp_err mdp_report_profiles(struct mdp_report *report, struct mdp_report_tables *out) {
    enum { TAU, PROFILE_ARM, PROFILE_ACTOR, PROFILE_RUNS, SHARE, N_PROFILE_COLUMNS };
    static const struct mdp_column profile_columns[N_PROFILE_COLUMNS] = {
        [TAU] = {"tau", "tau", MDP_RIGHT, 2},
        [PROFILE_ARM] = {"arm", "arm", MDP_LEFT, 0},
        [PROFILE_ACTOR] = {"actor", "actor", MDP_LEFT, 0},
        [PROFILE_RUNS] = {"runs", "runs", MDP_RIGHT, 0},
        [SHARE] = {"share", "share above tau", MDP_RIGHT, 3},
    };
    const struct mdp_experiment *e = report->arms->experiment;
    double taus[MDP_PROFILE_TAUS], shares[MDP_PROFILE_TAUS];
    long n_runs;
    mdp_err err;
    mdp_profile_taus(taus);
    MDP_TRY(mdp_report_start(report, ": performance profiles", N_PROFILE_COLUMNS, profile_columns, out));
    snprintf(out->of[0].name, sizeof out->of[0].name, "%s", report->spec->name);
    struct mdp_table *table = out->of[0].table;
    for (int is_online = 0; is_online < 2; is_online++)
        for (unsigned i = 0; mdp_report_shows(report, is_online) && i < report->spec->test_count; i++) {
            MDP_TRY(
                mdp_profile_compute(report, report->spec->test[i], is_online, taus, MDP_PROFILE_TAUS, shares, &n_runs));
            for (int k = 0; n_runs > 0 && k < MDP_PROFILE_TAUS; k++) {
                MDP_TRY(mdp_table_add_row(table));
                mdp_table_set_number(table, TAU, taus[k]);
                MDP_TRY(mdp_table_set_text(table, PROFILE_ARM,
                                           mdp_arm_title(e, mdp_experiment_arm(&e->is, report->spec->test[i]))));
                MDP_TRY(mdp_table_set_text(table, PROFILE_ACTOR, mdp_actor_name(is_online)));
                mdp_table_set_number(table, PROFILE_RUNS, (double)n_runs);
                mdp_table_set_number(table, SHARE, shares[k]);
            }
        }
    MDP_TRY(mdp_table_add_note(table, "Share of runs, of all tasks, whose mean final return is strictly above tau."));
out:
    return err;
}
