/* the rows of seeds: one for each checkpoint of a group of runs. */
#include "bench/report/aggregates.h"
#include "bench/report/report.h"
#include "bench/report/runs.h"
#include "bench/report/seeds.h"

struct row {
    const char *run;
    char actor[64];
    long step, n_runs, n_episodes;
    int has_few;
    struct mdp_aggregates numbers;
};
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, run, TEXT, "run", "runs of"),
    MDP_COLUMN(struct row, step, WHOLE, "step", "step"),
    MDP_COLUMN(struct row, actor, LETTERS, "actor", "actor"),
    MDP_COUNT_COLUMN(struct row, n_runs, has_few, "runs", "seeds"),
    MDP_COLUMN(struct row, n_episodes, WHOLE, "episodes", "episodes"),
    MDP_AGGREGATE_COLUMNS(struct row, numbers),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

const struct mdp_columns *mdp_seeds_columns(void) { return &columns; }

/* of runs; that of an experiment is one of tasks, of which there is one here */
static mdp_err take_median(const struct mdp_scores *x, struct mdp_interval *median) {
    const struct mdp_bootstrap_plan plan = {.method = mdp_bootstrap_method(x->n_runs, MDP_INTERVAL_BCA_MID),
                                            .n_threads = 1};
    struct mdp_bootstrap_sample sample;
    if (x->n_runs < 2) return MDP_OK;
    mdp_err err = mdp_bootstrap_sample_compute(x->values, x->n_runs, &plan, &sample);
    if (err == MDP_OK) mdp_interval_take(&sample.interval[MDP_SAMPLE_MEDIAN], median);
    return err;
}

static mdp_err add_row(const struct mdp_seeds *seeds, int i_step, struct mdp_table *table) {
    const struct mdp_scores scores = {seeds->scores + (long)i_step * seeds->n_runs, seeds->n_runs, 1};
    struct row row;
    mdp_err err;
    mdp_row_clear(&columns, &row);
    row.run = seeds->name;
    snprintf(row.actor, sizeof row.actor, "%s", mdp_seeds_point(seeds, 0, i_step)->actor);
    row.step = (long)seeds->steps[i_step];
    row.n_runs = seeds->n_runs;
    row.has_few = seeds->n_runs < MDP_BOOTSTRAP_FEW_RUNS;
    row.n_episodes = seeds->n_runs * seeds->n_episodes;
    MDP_TRY(mdp_aggregates_compute(&scores, &row.numbers));
    if (seeds->n_runs == 1) row.numbers.mean.estimate = scores.values[0];
    MDP_TRY(take_median(&scores, &row.numbers.median));
    MDP_TRY(mdp_table_fill(table, &row, 1));
out:
    return err;
}

static mdp_err add_seeds(const struct mdp_seeds *seeds, struct mdp_table *table) {
    mdp_err err = MDP_OK;
    for (int i = 0; i < seeds->n_steps; i++) MDP_TRY(add_row(seeds, i, table));
    if (seeds->n_left_out > 0)
        MDP_TRY(mdp_table_add_note(table, "Left out: %ld evaluations of %s at steps that not all of its runs have.",
                                   seeds->n_left_out, seeds->name));
    if (seeds->n_non_finite > 0)
        MDP_TRY(mdp_table_add_note(table,
                                   "Stopped at a value that is not finite: %ld of %ld episodes of %s; their returns "
                                   "count up to there.",
                                   seeds->n_non_finite, seeds->n_episodes * seeds->n_runs * seeds->n_steps,
                                   seeds->name));
out:
    return err;
}

mdp_err mdp_seeds_table(int n, char **paths, const char *mark, struct mdp_table **out) {
    struct mdp_table *table = NULL;
    struct mdp_alike_group alike = {.n = 0};
    struct mdp_seed_groups groups;
    int has_few = 0;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_seed_groups_read(n, paths, mark, &groups));
    MDP_TRY(mdp_table_new("Normalized return of runs (0: random, 1: expert of D4RL's references)", &columns, &table));
    for (int i = 0; i < groups.n; i++) {
        MDP_TRY(mdp_alike_group_join(&groups.list[i].runs[0].points[0].file, &alike));
        MDP_TRY(add_seeds(&groups.list[i], table));
        has_few |= groups.list[i].n_runs < MDP_BOOTSTRAP_FEW_RUNS;
    }
    MDP_TRY(mdp_table_add_note(table,
                               "A run's score is its mean normalized return over episodes. Intervals: bootstrap of "
                               "runs, 2,000 replicates, BCa; below %d runs (few) Student's t on its error.",
                               MDP_BOOTSTRAP_FEW_RUNS));
    if (has_few) MDP_TRY(mdp_aggregates_note_few(table));
    MDP_TRY(mdp_report_note_scale(&alike, table));
    MDP_TRY(mdp_report_note_told(&alike, table));
    *out = table;
    table = NULL;
out:
    mdp_table_free(table);
    mdp_alike_group_free(&alike);
    mdp_seed_groups_free(&groups);
    return err;
}
