/* learning curves of runs as a picture. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bench/report/report.h"
#include "bench/report/runs.h"
#include "bench/run/curve_data.h"
#include "results/show/figure.h"
#include "results/show/gnuplot.h"

/* the arrays behind one curve, and its name in the legend */
struct curve {
    struct mdp_curve_data data;
    double *x, *y, *lo, *hi;
    char label[MDP_PATH_MAX + 160];
};

static void curve_free(struct curve *curve) {
    mdp_curve_data_free(&curve->data);
    free(curve->x);
    free(curve->y);
    free(curve->lo);
    free(curve->hi);
}

/* the legend says what the curve itself does not show: few episodes, and episodes that broke off */
static mdp_err curve_read(const char *folder, const char *mark, struct curve *curve) {
    mdp_err err;
    int has_few = 0;
    long n_episodes = 0, n_broken = 0;
    char broken[96] = "";
    MDP_TRY(mdp_curve_data_read(folder, mark, &curve->data));
    MDP_TRY(mdp_curve_data_check(&curve->data));
    unsigned long n = (unsigned long)curve->data.n;
    MDP_TRY(mdp_calloc(&curve->x, n, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&curve->y, n, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&curve->lo, n, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&curve->hi, n, sizeof(double), "curve"));
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

/* without an ending it becomes two pictures */
static mdp_err draw(const struct mdp_figure *figure, const char *out, FILE *stream) {
    static const char *const endings[] = {"svg", "png"};
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_fsx_make_parents(out));
    if (mdp_names_ending(mdp_picture_endings(), out) >= 0) return mdp_figure_write(figure, out);
    for (int i = 0; i < 2; i++) {
        MDP_TRY(mdp_fsx_path(path, "%s.%s", out, endings[i]));
        MDP_TRY(mdp_figure_write(figure, path));
        mdp_text_print_line(stream, "%s", path);
    }
out:
    return err;
}

mdp_err mdp_runs_draw(int n, char **folders, const struct mdp_runs_figure *wanted, FILE *stream) {
    struct curve curves[MDP_FIGURE_SERIES_MAX];
    struct mdp_series series[MDP_FIGURE_SERIES_MAX];
    struct mdp_curve_point level_point;
    struct mdp_level level = {0, "behaviour policy"};
    struct mdp_alike_group group = {.n = 0};
    mdp_err err;
    if (n < 1 || n > MDP_FIGURE_SERIES_MAX)
        return mdp_fail(MDP_E_USAGE, "figure: expected 1 to %d run folders, found %d", MDP_FIGURE_SERIES_MAX, n);
    memset(curves, 0, sizeof curves);
    for (int i = 0; i < n; i++) {
        MDP_TRY(curve_read(folders[i], wanted->mark, &curves[i]));
        struct curve *c = &curves[i];
        for (int k = 0; k < c->data.n; k++) MDP_TRY(mdp_alike_group_join(&c->data.points[k].file, &group));
        series[i] = (struct mdp_series){c->label, c->data.n, c->x, c->y, c->lo, c->hi};
    }
    if (wanted->behavior != NULL) {
        MDP_TRY(mdp_curve_point_read(wanted->behavior, &level_point));
        MDP_TRY(mdp_alike_group_join(&level_point.file, &group));
        level.y = level_point.normalized.iqm;
    }
    struct mdp_figure figure = {
        wanted->title, "gradient steps", "normalized return (IQM, 95 % CI)", n, series, wanted->behavior != NULL,
        &level};
    mdp_report_log_told(&group);
    MDP_TRY(draw(&figure, wanted->out, stream));
out:
    for (int i = 0; i < n; i++) curve_free(&curves[i]);
    mdp_alike_group_free(&group);
    return err;
}
