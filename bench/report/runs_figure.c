/* learning curves of runs as a picture. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bench/report/aggregates.h"
#include "bench/report/report.h"
#include "bench/report/rows.h"
#include "bench/report/runs_internal.h"
#include "bench/report/seeds.h"
#include "bench/run/look.h"
#include "results/show/figure.h"
#include "results/show/gnuplot.h"

/* the arrays behind one curve, and its name in the legend */
struct curve {
    struct mdp_curve_data data; /* of a run; empty for seeds */
    double *x, *y, *lo, *hi;    /* [n] */
    long n, n_values;           /* n_values: episodes or runs behind a point */
    char algo[MDP_FACT_MAX];
    char label[MDP_PATH_MAX + 160];
};

static void curve_free(struct curve *curve) {
    mdp_curve_data_free(&curve->data);
    free(curve->x);
    free(curve->y);
    free(curve->lo);
    free(curve->hi);
}

static mdp_err curve_alloc(struct curve *curve, unsigned long n) {
    mdp_err err;
    MDP_TRY(mdp_calloc(&curve->x, n, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&curve->y, n, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&curve->lo, n, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&curve->hi, n, sizeof(double), "curve"));
out:
    return err;
}

/* the legend says what the curve itself does not show: few episodes, and episodes that broke off */
static mdp_err curve_read(const char *folder, const char *mark, struct curve *curve) {
    mdp_err err;
    int has_few = 0;
    long n_episodes = 0, n_broken = 0;
    char broken[96] = "";
    MDP_TRY(mdp_curve_data_read(folder, mark, 0, MDP_CURVE_INTERVALS, &curve->data));
    MDP_TRY(mdp_curve_data_check(&curve->data));
    unsigned long n = (unsigned long)curve->data.n;
    MDP_TRY(curve_alloc(curve, n));
    curve->n = curve->data.n;
    curve->n_values = curve->data.points[0].normalized.n;
    strcpy(curve->algo, curve->data.points[0].file.facts.values[MDP_FACT_ALGO]);
    for (unsigned long i = 0; i < n; i++) {
        const struct mdp_curve_point *point = &curve->data.points[i];
        curve->x[i] = (double)point->step;
        curve->y[i] = point->normalized.iqm;
        /* a single episode has no interval: no band there */
        curve->lo[i] = fmin(curve->y[i], point->normalized.iqm_low);
        curve->hi[i] = fmax(curve->y[i], point->normalized.iqm_high);
        has_few |= point->normalized.has_few;
        n_episodes += point->normalized.n;
        n_broken += point->n_non_finite;
    }
    if (n_broken > 0)
        snprintf(broken, sizeof broken, " (%ld of %ld episodes stopped at a value that is not finite)", n_broken,
                 n_episodes);
    snprintf(curve->label, sizeof curve->label, "%s%s%s", curve->data.label, has_few ? " (few episodes)" : "", broken);
out:
    return err;
}

/* the mean of runs with its interval; one run has none */
static mdp_err curve_of_seeds(const struct mdp_seeds *seeds, struct curve *curve) {
    const unsigned long n = (unsigned long)seeds->n_steps;
    mdp_err err;
    MDP_TRY(curve_alloc(curve, n));
    for (unsigned long i = 0; i < n; i++) {
        const struct mdp_scores scores = {seeds->scores + i * (unsigned long)seeds->n_runs, seeds->n_runs, 1};
        struct mdp_aggregates numbers = {.mean = {scores.values[0], scores.values[0], scores.values[0]}};
        if (seeds->n_runs > 1) MDP_TRY(mdp_aggregates_compute(&scores, &numbers));
        curve->x[i] = seeds->steps[i];
        curve->y[i] = numbers.mean.estimate;
        curve->lo[i] = fmin(numbers.mean.estimate, numbers.mean.low);
        curve->hi[i] = fmax(numbers.mean.estimate, numbers.mean.high);
    }
    curve->n = seeds->n_steps;
    curve->n_values = seeds->n_runs;
    strcpy(curve->algo, seeds->runs[0].points[0].file.facts.values[MDP_FACT_ALGO]);
    snprintf(curve->label, sizeof curve->label, "%s (%d seed%s)", seeds->name, seeds->n_runs,
             seeds->n_runs == 1 ? "" : "s");
out:
    return err;
}

/* without an ending it becomes two pictures */
mdp_err mdp_runs_picture_write(const void *picture, mdp_runs_picture_writer write, const char *out, FILE *stream) {
    static const char *const endings[] = {"svg", "png"};
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_fsx_make_parents(out));
    if (mdp_names_ending(mdp_picture_endings(), out) >= 0) {
        MDP_TRY(write(picture, out));
        mdp_text_print_line(stream, "%s", out);
        return MDP_OK;
    }
    for (int i = 0; i < 2; i++) {
        MDP_TRY(mdp_fsx_path(path, "%s.%s", out, endings[i]));
        MDP_TRY(write(picture, path));
        mdp_text_print_line(stream, "%s", path);
    }
out:
    return err;
}

static mdp_err write_figure(const void *figure, const char *path) { return mdp_figure_write(figure, path); }

/* ---- what is drawn ---- */

static mdp_err join_run(const struct mdp_curve_data *data, struct mdp_alike_group *group) {
    mdp_err err = MDP_OK;
    for (int k = 0; k < data->n && err == MDP_OK; k++) err = mdp_alike_group_join(&data->points[k].file, group);
    return err;
}

/* a curve for each run */
static mdp_err read_runs(int n, char **folders, const char *mark, struct mdp_alike_group *group, struct curve *curves) {
    mdp_err err = MDP_OK;
    for (int i = 0; i < n; i++) {
        MDP_TRY(curve_read(folders[i], mark, &curves[i]));
        MDP_TRY(join_run(&curves[i].data, group));
    }
out:
    return err;
}

/* or for each group of seeds */
static mdp_err read_seeds(int n, char **folders, const char *mark, struct mdp_alike_group *group, struct curve *curves,
                          int *n_curves) {
    struct mdp_seed_groups groups;
    mdp_err err;
    MDP_TRY(mdp_seed_groups_read(n, folders, mark, &groups));
    if (groups.n > MDP_FIGURE_SERIES_MAX)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "figure: expected 1 to %d curves, found %d", MDP_FIGURE_SERIES_MAX, groups.n));
    *n_curves = groups.n;
    for (int i = 0; i < groups.n; i++) {
        for (int k = 0; k < groups.list[i].n_runs; k++) MDP_TRY(join_run(&groups.list[i].runs[k], group));
        MDP_TRY(curve_of_seeds(&groups.list[i], &curves[i]));
    }
out:
    mdp_seed_groups_free(&groups);
    return err;
}

static mdp_err read_level(const struct mdp_runs_figure *wanted, struct mdp_alike_group *group,
                          struct mdp_level *level) {
    struct mdp_curve_point point;
    mdp_err err;
    MDP_TRY(mdp_curve_point_read(wanted->behavior, 0, &point));
    MDP_TRY(mdp_alike_group_join(&point.file, group));
    level->y = wanted->by_seeds ? point.normalized.mean : point.normalized.iqm;
out:
    return err;
}

/* the fewest values behind a point, which the note is about */
static long fewest(const struct curve *curves, int n) {
    long least = curves[0].n_values;
    for (int i = 1; i < n; i++)
        if (curves[i].n_values < least) least = curves[i].n_values;
    return least;
}

/* curves of runs or of seeds, and the level of a policy beside them */
static mdp_err draw_curves(int n, char **folders, const struct mdp_runs_figure *wanted, FILE *stream) {
    struct curve curves[MDP_FIGURE_SERIES_MAX];
    struct mdp_series series[MDP_FIGURE_SERIES_MAX];
    const char *algos[MDP_FIGURE_SERIES_MAX];
    int places[MDP_FIGURE_SERIES_MAX];
    struct mdp_level level = {0, "behaviour policy"};
    struct mdp_alike_group group = {.n = 0};
    char note[256];
    mdp_err err;
    memset(curves, 0, sizeof curves);
    if (wanted->by_seeds)
        MDP_TRY(read_seeds(n, folders, wanted->mark, &group, curves, &n));
    else
        MDP_TRY(read_runs(n, folders, wanted->mark, &group, curves));
    for (int i = 0; i < n; i++)
        series[i] =
            (struct mdp_series){curves[i].label, curves[i].n, curves[i].x, curves[i].y, curves[i].lo, curves[i].hi};
    for (int i = 0; i < n; i++) algos[i] = curves[i].algo;
    mdp_look_places(n, algos, places);
    if (wanted->behavior != NULL) MDP_TRY(read_level(wanted, &group, &level));
    mdp_note_few(fewest(curves, n), wanted->by_seeds ? "seed" : "episode", "Student's", note);
    const struct mdp_figure figure = {wanted->title,
                                      "gradient steps",
                                      wanted->by_seeds ? "normalized return (mean, 95 % CI)"
                                                       : "normalized return (IQM, 95 % CI)",
                                      n,
                                      series,
                                      wanted->behavior != NULL,
                                      &level,
                                      note[0] != 0 ? note : NULL,
                                      places};
    mdp_report_log_told(&group);
    MDP_TRY(mdp_runs_picture_write(&figure, write_figure, wanted->out, stream));
out:
    for (int i = 0; i < MDP_FIGURE_SERIES_MAX; i++) curve_free(&curves[i]);
    mdp_alike_group_free(&group);
    return err;
}

const struct mdp_names *mdp_runs_figure_names(void) {
    static const char *const kinds[] = {
#define NAME(NAME, name, help) #name,
        MDP_RUNS_FIGURE_LIST(NAME)
#undef NAME
    };
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(kinds);
    return &names;
}

mdp_err mdp_runs_draw(int n, char **folders, const struct mdp_runs_figure *wanted, FILE *stream) {
    int most = wanted->by_seeds ? MDP_SEED_RUNS_MAX : MDP_FIGURE_SERIES_MAX;
    if (n < 1 || n > most) return mdp_fail(MDP_E_USAGE, "figure: expected 1 to %d run folders, found %d", most, n);
    if (wanted->kind != MDP_RUNS_FIGURE_CURVES) return mdp_runs_draw_rows(n, folders, wanted, stream);
    return draw_curves(n, folders, wanted, stream);
}
