/* mdpbench figure: learning curves of runs as pictures; or the figures of an experiment. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cmd/verb.h"
#include "bench/report/write.h"
#include "bench/run/curve_data.h"
#include "bench/run/settings.h"
#include "results/show/figure.h"
#include "results/show/gnuplot.h"

/* the arrays behind one curve, and its name in the legend */
struct curve {
    struct mdp_curve_data data;
    double *x, *y, *lo, *hi;
    char label[MDP_PATH_MAX + 64];
};

static void curve_free(struct curve *curve) {
    mdp_curve_data_free(&curve->data);
    free(curve->x);
    free(curve->y);
    free(curve->lo);
    free(curve->hi);
}

static mdp_err curve_read(const char *folder, const char *mark, struct curve *curve) {
    mdp_err err;
    int has_few = 0;
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
    }
    snprintf(curve->label, sizeof curve->label, "%s%s", curve->data.label, has_few ? " (few episodes)" : "");
out:
    return err;
}

/* without an ending it becomes two pictures */
static mdp_err draw(const struct mdp_figure *figure, const char *out) {
    static const char *const endings[] = {"svg", "png"};
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_fsx_make_parents(out));
    if (mdp_names_ending(mdp_picture_endings(), out) >= 0) return mdp_figure_write(figure, out);
    for (int i = 0; i < 2; i++) {
        MDP_TRY(mdp_fsx_path(path, "%s.%s", out, endings[i]));
        MDP_TRY(mdp_figure_write(figure, path));
        printf("%s\n", path);
    }
out:
    return err;
}

/* the command's options */
struct request {
    const char *out, *actor, *behavior, *title, *only;
    int is_partial;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, out, TEXT, .name = "out", .argument = "PATH", .fallback = "figure",
            .help = "picture to write; without .svg, .pdf or .png an SVG and a PNG; of an experiment, a folder"),
    MDP_ROW(struct request, actor, TEXT, MDP_ACTOR(NULL),
            .help = "evaluations of which parameters (ema; of an experiment without any, online)"),
    MDP_ROW(struct request, behavior, TEXT, .name = "behavior", .argument = "FILE", .takers = MDP_OPTION_OF_RUNS,
            .help = "episodes file of the behaviour policy, drawn as a level"),
    MDP_ROW(struct request, title, TEXT, .name = "title", .argument = "TEXT", .takers = MDP_OPTION_OF_RUNS,
            .help = "title of the figure"),
    MDP_ROW(struct request, only, TEXT, .name = "only", .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: this figure alone"),
    MDP_ROW(struct request, is_partial, FLAG, .name = "partial", .takers = MDP_OPTION_OF_EXPERIMENT,
            .help = "experiment: leave out runs that are not whole"),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

/* draws one curve for each run folder; all of them, and the level beside them, must be comparable */
static mdp_err draw_runs(const struct request *request, int n, char **folders) {
    struct curve curves[MDP_FIGURE_SERIES_MAX];
    struct mdp_series series[MDP_FIGURE_SERIES_MAX];
    struct mdp_curve_point level_point;
    struct mdp_level level = {0, "behaviour policy"};
    struct mdp_alike_group group = {.n = 0};
    const char *mark = mdp_actor_mark(request->actor != NULL ? request->actor : "ema");
    mdp_err err;
    if (n < 1 || n > MDP_FIGURE_SERIES_MAX)
        return mdp_fail(MDP_E_USAGE, "figure: expected 1 to %d run folders, found %d", MDP_FIGURE_SERIES_MAX, n);
    memset(curves, 0, sizeof curves);
    for (int i = 0; i < n; i++) {
        MDP_TRY(curve_read(folders[i], mark, &curves[i]));
        struct curve *c = &curves[i];
        MDP_TRY(mdp_alike_group_join(&c->data.points[0].file, &group));
        series[i] = (struct mdp_series){c->label, c->data.n, c->x, c->y, c->lo, c->hi};
    }
    if (request->behavior != NULL) {
        MDP_TRY(mdp_curve_point_read(request->behavior, &level_point));
        MDP_TRY(mdp_alike_group_join(&level_point.file, &group));
        level.y = level_point.normalized.iqm;
    }
    struct mdp_figure figure = {
        request->title, "gradient steps", "normalized return (IQM, 95 % CI)", n, series, request->behavior != NULL,
        &level};
    MDP_TRY(draw(&figure, request->out));
out:
    for (int i = 0; i < n; i++) curve_free(&curves[i]);
    mdp_alike_group_free(&group);
    return err;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    int is_experiment = 0, first, done;
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    for (int i = first; i < argc; i++) is_experiment |= mdp_is_experiment(argv[i]);
    MDP_TRY(mdp_options_check_use(verb, &r, is_experiment, argc - first));
    if (!is_experiment) return draw_runs(&r, argc - first, argv + first);
    MDP_TRY(mdp_paper_figures_run(argv[first], r.out, r.only, r.actor, r.is_partial, stdout));
out:
    return err;
}

const struct mdp_verb mdp_verb_figure = {
    .name = "figure",
    .summary = "draw the learning curves of runs, or the figures of an experiment (SVG, PDF, PNG)",
    .usage = "RUN_FOLDER[:LABEL]... [options]  or  EXPERIMENT.yaml [options]",
    .details = "Interquartile mean of the normalized return over gradient steps, with its 95 % bootstrap interval;\n"
               "the legend says where episodes are few (below 50).\n"
               "Of an experiment: the figures that its file lists, a picture for every task, as wide as a column of a\n"
               "paper; means over seeds with their 95 % bootstrap interval (of episodes where there is one seed).",
    .example = "mdpbench figure runs/halfcheetah-medium/dql/joint/seed0 --out curve --title halfcheetah-medium",
    .options = &options,
    .run = run_verb,
};
