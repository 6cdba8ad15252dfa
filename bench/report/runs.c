#include "bench/report/runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report/report.h"
#include "bench/report/row_names.h"
#include "bench/run/curve_data.h"
#include "results/curve_place.h"
#include "stats/bootstrap.h"

/* a row; what is missing is NaN, NULL or -1 */
struct row {
    const char *run;
    struct mdp_curve_point point;
};
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, run, TEXT, "run", "run"),
    MDP_COLUMN(struct row, point.step, WHOLE, "step", "step"),
    MDP_COLUMN(struct row, point.actor, LETTERS, "actor", "actor"),
    MDP_COUNT_COLUMN(struct row, point.normalized.n, point.normalized.has_few, "episodes", "n"),
    MDP_COLUMN(struct row, point.normalized.mean, REAL, "mean", "mean", 3),
    MDP_COLUMN(struct row, point.normalized.sd, REAL, "sd", "sd", 3),
    MDP_INTERVAL_COLUMN(struct row, point.normalized.iqm, point.normalized.iqm_low, point.normalized.iqm_high, "iqm",
                        "IQM [95 % CI]", 3),
    MDP_COLUMN(struct row, point.normalized.median, REAL, "median", "median", 3),
    MDP_COLUMN(struct row, point.normalized.q1, REAL, "q1", "Q1", 3),
    MDP_COLUMN(struct row, point.normalized.q3, REAL, "q3", "Q3", 3),
    MDP_COLUMN(struct row, point.mean_return, REAL, "return_mean", "return", 1),
    MDP_COLUMN(struct row, point.mean_length, REAL, "length_mean", "length"),
    MDP_COLUMN(struct row, point.n_terminated, WHOLE, "terminated", "fell"),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

const struct mdp_columns *mdp_runs_columns(void) { return &columns; }

/* a table in the making */
struct rows {
    struct mdp_table *table;
    struct mdp_alike_group group;
    int by_objective;
    int has_few; /* some row has few episodes */
};

/* evaluations of unlike worlds stand in no table together */
static mdp_err add_row(struct rows *rows, const struct row *row) {
    const struct mdp_curve_point *point = &row->point;
    mdp_err err;
    MDP_TRY(mdp_alike_group_join(&point->file, &rows->group));
    MDP_TRY(mdp_table_fill(rows->table, row, 1));
    rows->has_few |= point->normalized.has_few;
    if (point->n_non_finite > 0)
        MDP_TRY(mdp_table_add_note(rows->table,
                                   "Stopped at a value that is not finite: %ld of %ld episodes of %s; their returns "
                                   "count up to there.",
                                   point->n_non_finite, point->normalized.n, point->file.path));
out:
    return err;
}

static mdp_err add_run(struct rows *rows, const char *folder, const char *name, const char *mark) {
    struct mdp_curve_data data;
    mdp_err err = mdp_curve_data_read(folder, mark, rows->by_objective, MDP_CURVE_INTERVALS, &data);
    if (err != MDP_OK) return err;
    for (int i = 0; i < data.n && err == MDP_OK; i++) {
        const struct row row = {name, data.points[i]};
        err = add_row(rows, &row);
    }
    mdp_curve_data_free(&data);
    return err;
}

static mdp_err add_file(struct rows *rows, const char *path, const char *name) {
    struct row row = {.run = name};
    mdp_err err = mdp_curve_point_read(path, rows->by_objective, &row.point);
    return err == MDP_OK ? add_row(rows, &row) : err;
}

static int is_evaluation(const char *path) {
    struct mdp_curve_place place;
    return mdp_file_is(MDP_FILE_EPISODES, path) || mdp_curve_place_parse(path, &place);
}

/* where nobody has named them, runs go by the path that other verbs take, files by what tells them apart */
static mdp_err name_files(int n, char **paths, const char **names, struct mdp_row_names *of_files) {
    int n_files = 0;
    mdp_err err;
    for (int i = 0; i < n; i++)
        if (is_evaluation(paths[i])) names[n_files++] = paths[i];
    MDP_TRY(mdp_row_names_make(n_files, names, of_files));
    n_files = 0;
    for (int i = 0; i < n; i++) names[i] = is_evaluation(paths[i]) ? of_files->list[n_files++] : paths[i];
out:
    return err;
}

mdp_err mdp_runs_table(int n, char **paths, const char *const *names, const char *mark, int by_objective,
                       struct mdp_table **out) {
    struct rows rows = {.by_objective = by_objective};
    struct mdp_row_names of_files = {.n = 0};
    const char **own = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&own, (unsigned long)n + 1, sizeof *own, "names of rows"));
    if (names == NULL) MDP_TRY(name_files(n, paths, own, &of_files));
    if (names == NULL) names = own;
    MDP_TRY(
        mdp_table_new("Normalized return (0: random, 1: expert of D4RL's bullet references)", &columns, &rows.table));
    for (int i = 0; i < n; i++)
        MDP_TRY(is_evaluation(paths[i]) ? add_file(&rows, paths[i], names[i])
                                        : add_run(&rows, paths[i], names[i], mark));
    if (rows.has_few)
        MDP_TRY(mdp_table_add_note(rows.table,
                                   "few: below %d episodes the interval is Student's t on the bootstrap's error, and "
                                   "what is rare may be unseen in them.",
                                   MDP_BOOTSTRAP_FEW_RUNS));
    if (by_objective)
        MDP_TRY(mdp_table_set_title(rows.table, "Return by the objective"));
    else if (!mdp_report_is_bullet(&rows.group))
        MDP_TRY(mdp_table_set_title(rows.table, "Normalized return (0: random, 1: expert of D4RL's references)"));
    MDP_TRY(mdp_report_note_scale(&rows.group, rows.table));
    MDP_TRY(mdp_report_note_told(&rows.group, rows.table));
    *out = rows.table;
    rows.table = NULL;
out:
    free(own);
    mdp_row_names_free(&of_files);
    mdp_table_free(rows.table);
    mdp_alike_group_free(&rows.group);
    return err;
}
