#include "bench/report/runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "bench/report/report.h"
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

static mdp_err add_run(struct rows *rows, const char *folder, const char *mark) {
    struct mdp_curve_data data;
    mdp_err err = mdp_curve_data_read(folder, mark, &data);
    if (err != MDP_OK) return err;
    for (int i = 0; i < data.n && err == MDP_OK; i++) {
        const struct row row = {folder, data.points[i]};
        err = add_row(rows, &row);
    }
    mdp_curve_data_free(&data);
    return err;
}

static mdp_err add_file(struct rows *rows, const char *path, const char *name) {
    const char *leaf = mdp_path_name(path);
    char label[MDP_PATH_MAX];
    struct row row = {.run = label};
    mdp_err err = mdp_curve_point_read(path, &row.point);
    if (err != MDP_OK) return err;
    snprintf(label, sizeof label, "%.*s", (int)(leaf - name + (long)mdp_stem_length(leaf)), name);
    return add_row(rows, &row);
}

/* ---- names of files ---- */

/* a path, where its name in the table begins, and its place on the command line */
struct named {
    const char *path, *name;
    int index;
};

/* by the last letters first, so that those with most of their ends in common are neighbours */
static int compare_ends(const void *a, const void *b) {
    const struct named *x = a, *y = b;
    size_t n = strlen(x->path), m = strlen(y->path);
    while (n > 0 && m > 0 && x->path[n - 1] == y->path[m - 1]) n--, m--;
    int of_x = n > 0 ? (unsigned char)x->path[n - 1] : 0, of_y = m > 0 ? (unsigned char)y->path[m - 1] : 0;
    return of_x - of_y;
}

static int compare_places(const void *a, const void *b) {
    const struct named *x = a, *y = b;
    return x->index - y->index;
}

/* moves a name towards its path's beginning until it differs from the other's */
static void tell_apart(struct named *this, const struct named *other) {
    size_t n = strlen(this->path), m = strlen(other->path);
    if (strcmp(this->path, other->path) == 0) return;
    while (n > 0 && m > 0 && this->path[n - 1] == other->path[m - 1]) n--, m--;
    if (m == 0 && n > 0) n--; /* the other is the end of this one */
    while (n > 0 && this->path[n - 1] != '/') n--;
    if (this->path + n < this->name) this->name = this->path + n;
}

/* equal paths have equal names */
static void share_name(const struct named *from, struct named *to) {
    if (strcmp(from->path, to->path) != 0 || from->name - from->path >= to->name - to->path) return;
    to->name = to->path + (from->name - from->path);
}

/* each file's name: as much of the end of its path as no other one has */
static mdp_err name_all(int n, char **paths, struct named **out) {
    mdp_err err = mdp_calloc(out, (unsigned long)n + 1, sizeof **out, "names of files");
    if (err != MDP_OK) return err;
    struct named *all = *out;
    for (int i = 0; i < n; i++) all[i] = (struct named){paths[i], mdp_path_name(paths[i]), i};
    qsort(all, (size_t)n, sizeof *all, compare_ends);
    for (int i = 1; i < n; i++) tell_apart(&all[i], &all[i - 1]);
    for (int i = n - 1; i-- > 0;) tell_apart(&all[i], &all[i + 1]);
    for (int i = 1; i < n; i++) share_name(&all[i - 1], &all[i]);
    for (int i = n - 1; i-- > 0;) share_name(&all[i + 1], &all[i]);
    qsort(all, (size_t)n, sizeof *all, compare_places);
    return MDP_OK;
}

static int is_evaluation(const char *path) {
    struct mdp_curve_place place;
    return mdp_file_is(MDP_FILE_EPISODES, path) || mdp_curve_place_parse(path, &place);
}

mdp_err mdp_runs_table(int n, char **paths, const char *mark, struct mdp_table **out) {
    struct rows rows = {.table = NULL};
    struct named *named = NULL;
    mdp_err err;
    MDP_TRY(name_all(n, paths, &named));
    MDP_TRY(
        mdp_table_new("Normalized return (0: random, 1: expert of D4RL's bullet references)", &columns, &rows.table));
    for (int i = 0; i < n; i++)
        MDP_TRY(is_evaluation(paths[i]) ? add_file(&rows, paths[i], named[i].name) : add_run(&rows, paths[i], mark));
    if (rows.has_few)
        MDP_TRY(mdp_table_add_note(rows.table,
                                   "few: below %d episodes the interval is Student's t on the bootstrap's error, and "
                                   "what is rare may be unseen in them.",
                                   MDP_BOOTSTRAP_FEW_RUNS));
    if (!mdp_report_is_bullet(&rows.group))
        MDP_TRY(mdp_table_set_title(rows.table, "Normalized return (0: random, 1: expert of D4RL's references)"));
    MDP_TRY(mdp_report_note_scale(&rows.group, rows.table));
    MDP_TRY(mdp_report_note_told(&rows.group, rows.table));
    *out = rows.table;
    rows.table = NULL;
out:
    free(named);
    mdp_table_free(rows.table);
    mdp_alike_group_free(&rows.group);
    return err;
}
