/* the expected best return after k policy evaluations: what tuning on the test hides. */
#include "bench/report/budget.h"

#include <stdlib.h>
#include <string.h>

#include "bench/report/report.h"

struct row {
    const char *task, *sweep, *actor;
    long n_policies, n_runs, n_episodes, k;
    int has_few;
    struct mdp_interval reported, held_out, hidden;
};

#define VALUE(member, key, title)                                                                                      \
    MDP_INTERVAL_COLUMN(struct row, member.estimate, member.low, member.high, key, title, 3)
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, task, TEXT, "task", "task"),
    MDP_COLUMN(struct row, sweep, TEXT, "sweep", "sweep"),
    MDP_COLUMN(struct row, actor, TEXT, "actor", "actor"),
    MDP_COLUMN(struct row, n_policies, WHOLE, "policies", "policies"),
    MDP_COUNT_COLUMN(struct row, n_runs, has_few, "runs", "runs"),
    MDP_COLUMN(struct row, n_episodes, WHOLE, "episodes", "episodes"),
    MDP_COLUMN(struct row, k, WHOLE, "k", "k"),
    VALUE(reported, "reported", "best of k [95 % CI]"),
    VALUE(held_out, "held_out", "on held-out episodes [95 % CI]"),
    VALUE(hidden, "hidden", "hidden [95 % CI]"),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

const struct mdp_columns *mdp_budget_columns(void) { return &columns; }

/* ---- sweeps ---- */

mdp_err mdp_sweep_add(struct mdp_sweep *s, long run, const double *returns, long n_episodes) {
    const long n = s->sweep.n;
    if (n == s->room) {
        const size_t room = n == 0 ? 64 : 2 * (size_t)n;
        double *values = realloc(s->values, room * (size_t)n_episodes * sizeof *values);
        if (values != NULL) s->values = values;
        long *runs = values != NULL ? realloc(s->runs, room * sizeof *runs) : NULL;
        if (runs == NULL) return mdp_fail(MDP_E_NOMEM, "sweep: no memory for %zu policies", room);
        s->runs = runs;
        s->room = (long)room;
    }
    memcpy(s->values + n * n_episodes, returns, (size_t)n_episodes * sizeof *returns);
    s->runs[n] = run;
    s->sweep = (struct mdp_budget_sweep){s->values, s->runs, n + 1, run < s->sweep.n_runs ? s->sweep.n_runs : run + 1,
                                         n_episodes};
    return MDP_OK;
}

void mdp_sweep_free(struct mdp_sweep *sweep) {
    free(sweep->values);
    free(sweep->runs);
    *sweep = (struct mdp_sweep){.room = 0};
}

/* ---- rows ---- */

enum { KS_MAX = 64 };

/* 1, 2, 5, 10, 20, .., and all */
static int list_ks(long n, long ks[KS_MAX]) {
    static const long steps[] = {1, 2, 5};
    int n_ks = 0;
    for (long ten = 1; ten < n && n_ks < KS_MAX - 4; ten *= 10)
        for (int i = 0; i < 3; i++)
            if (ten * steps[i] < n) ks[n_ks++] = ten * steps[i];
    ks[n_ks++] = n;
    return n_ks;
}

mdp_err mdp_sweep_rows(const struct mdp_sweep *s, struct mdp_table *table) {
    const struct mdp_bootstrap_plan plan = {.seed = 0};
    struct mdp_budget found[KS_MAX];
    struct row row;
    long ks[KS_MAX];
    mdp_err err = MDP_OK;
    if (s->sweep.n == 0) return MDP_OK;
    const int n = list_ks(s->sweep.n, ks);
    MDP_TRY(mdp_budget_compute(&s->sweep, ks, n, &plan, found));
    for (int i = 0; i < n; i++) {
        mdp_row_clear(&columns, &row);
        row.task = s->task;
        row.sweep = s->name;
        row.actor = s->actor;
        row.n_policies = s->sweep.n;
        row.n_runs = s->sweep.n_runs;
        row.has_few = s->sweep.n_runs > 1 && s->sweep.n_runs < MDP_BOOTSTRAP_FEW_RUNS;
        row.n_episodes = s->sweep.n_episodes;
        row.k = ks[i];
        row.reported = found[i].value[MDP_BUDGET_REPORTED];
        row.held_out = found[i].value[MDP_BUDGET_HELD_OUT];
        row.hidden = found[i].value[MDP_BUDGET_HIDDEN];
        MDP_TRY(mdp_table_fill(table, &row, 1));
    }
out:
    return err;
}

mdp_err mdp_sweep_notes(struct mdp_table *table) {
    mdp_err err;
    MDP_TRY(mdp_table_add_note(
        table, "best of k: the expected highest mean return of k of the sweep's policies, drawn without "
               "replacement. held-out: half of the episodes choose, the others are counted, both ways. "
               "hidden: by how much the half that chooses is above the other."));
    MDP_TRY(mdp_table_add_note(table,
                               "Intervals: Student's t on the error by a bootstrap of runs with all their policies and "
                               "of episodes, 2,000 replicates; of one run only episodes are drawn, which says nothing "
                               "about other trainings. Few: below %d runs.",
                               MDP_BOOTSTRAP_FEW_RUNS));
out:
    return err;
}

/* ---- of an experiment ---- */

/* policies of one training are of one run, whichever arm evaluates them; runs without policies get no number */
struct numbering {
    const char *run;
    int seed;
};

static long number_of(struct numbering *known, long *n, const char *run, int seed) {
    long i = 0;
    while (i < *n && (strcmp(known[i].run, run) != 0 || known[i].seed != seed)) i++;
    if (i == *n) known[(*n)++] = (struct numbering){run, seed};
    return i;
}

static mdp_err add_arm(struct mdp_report *report, const char *arm, int is_online, int i_task, struct numbering *known,
                       long *n_known, struct mdp_sweep *sweep) {
    const struct mdp_experiment_file *file = &report->arms->experiment->file;
    const char *run = file->arms[mdp_experiment_arm(file, arm)].run;
    struct mdp_contest contest;
    mdp_err err = mdp_contest_get(report, arm, NULL, is_online, i_task, &contest);
    for (int k = 0; err == MDP_OK && k < contest.n_seeds; k++) {
        const long number = number_of(known, n_known, run, contest.seeds[k]);
        for (long c = 0; err == MDP_OK && c < contest.n_steps; c++)
            err = mdp_sweep_add(sweep, number, mdp_arm_episodes(contest.test, i_task, contest.seeds[k], c),
                                contest.test->n_episodes);
    }
    return err;
}

static mdp_err add_sweep(struct mdp_report *report, const char *name, const char **arms, unsigned n, int is_online,
                         int i_task, struct mdp_table *table) {
    const struct mdp_experiment_file *file = &report->arms->experiment->file;
    struct mdp_sweep sweep = {.task = file->tasks[i_task], .actor = mdp_actor_name(is_online), .name = name};
    struct numbering *known = NULL;
    long n_known = 0;
    mdp_err err;
    MDP_TRY(mdp_calloc(&known, (unsigned long)n * file->seeds_count + 1, sizeof *known, "runs"));
    for (unsigned i = 0; i < n; i++) MDP_TRY(add_arm(report, arms[i], is_online, i_task, known, &n_known, &sweep));
    MDP_TRY(mdp_sweep_rows(&sweep, table));
out:
    free(known);
    mdp_sweep_free(&sweep);
    return err;
}

static mdp_err make(struct mdp_report *report, struct mdp_table *const tables[]) {
    static const int keys[] = {MDP_CHOICE_horizon};
    const struct mdp_experiment_file *file = &report->arms->experiment->file;
    const struct mdp_table_spec *spec = report->spec;
    mdp_err err = MDP_OK;
    for (int is_online = 0; is_online < 2; is_online++)
        for (int t = 0; mdp_report_shows(report, is_online) && t < (int)file->tasks_count; t++) {
            MDP_TRY(add_sweep(report, "test", spec->test, spec->test_count, is_online, t, tables[0]));
            if (spec->base_count > 0)
                MDP_TRY(add_sweep(report, "base", spec->base, spec->base_count, is_online, t, tables[0]));
        }
    MDP_TRY(mdp_sweep_notes(tables[0]));
    MDP_TRY(mdp_report_note_choices(report, keys, 1, tables[0]));
out:
    return err;
}

const struct mdp_report_kind mdp_report_budget = {.tables = {{": best of k evaluations", "", &columns}}, .make = make};
