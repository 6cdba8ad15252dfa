/* mdpbench figure: learning curves of runs as pictures; or the figures of an experiment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cmd/verb.h"
#include "bench/report/write.h"
#include "bench/run/curve_data.h"
#include "results/show/figure.h"

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
    unsigned long n = (unsigned long)curve->data.n;
    MDP_TRY(mdp_calloc(&curve->x, n, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&curve->y, n, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&curve->lo, n, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&curve->hi, n, sizeof(double), "curve"));
    for (unsigned long i = 0; i < n; i++) {
        const struct mdp_curve_point *point = &curve->data.points[i];
        curve->x[i] = (double)point->step;
        curve->y[i] = point->normalized.iqm;
        curve->lo[i] = point->normalized.iqm_low;
        curve->hi[i] = point->normalized.iqm_high;
        has_few |= point->normalized.has_few;
    }
    snprintf(curve->label, sizeof curve->label, "%s%s", curve->data.label,
             has_few ? " (few episodes: CI too narrow)" : "");
out:
    return err;
}

static mdp_err draw(const struct mdp_figure *figure, const char *out) {
    static const char *const endings[] = {".svg", ".png", ".pdf"};
    char path[MDP_PATH_MAX];
    size_t n = strlen(out);
    mdp_err err;
    MDP_TRY(mdp_fsx_make_parents(out));
    for (int i = 0; i < 3; i++) {
        if (n <= 4 || strcmp(out + n - 4, endings[i]) != 0) continue;
        return mdp_figure_write(figure, out);
    }
    for (int i = 0; i < 2; i++) {
        MDP_TRY(mdp_fsx_path(path, "%s%s", out, endings[i]));
        MDP_TRY(mdp_figure_write(figure, path));
        printf("%s\n", path);
    }
out:
    return err;
}

/* what is asked of run folders */
struct request {
    const char *out, *actor, *behavior, *title;
};

static mdp_err draw_runs(const struct request *request, int n, char **folders) {
    struct curve curves[MDP_FIGURE_SERIES_MAX];
    struct mdp_series series[MDP_FIGURE_SERIES_MAX];
    struct mdp_curve_point level_point;
    struct mdp_level level = {0, "behaviour policy"};
    const char *mark;
    mdp_err err;
    if (n < 1 || n > MDP_FIGURE_SERIES_MAX)
        return mdp_fail(MDP_E_USAGE, "figure: expected 1 to %d run folders, found %d", MDP_FIGURE_SERIES_MAX, n);
    memset(curves, 0, sizeof curves);
    MDP_TRY(mdp_actor_mark("figure", request->actor != NULL ? request->actor : "ema", &mark));
    for (int i = 0; i < n; i++) {
        MDP_TRY(curve_read(folders[i], mark, &curves[i]));
        struct curve *c = &curves[i];
        series[i] = (struct mdp_series){c->label, c->data.n, c->x, c->y, c->lo, c->hi};
    }
    if (request->behavior != NULL) MDP_TRY(mdp_curve_point_read(request->behavior, &level_point));
    if (request->behavior != NULL) level.y = level_point.normalized.iqm;
    struct mdp_figure figure = {
        request->title, "gradient steps", "normalized return (IQM, 95 % CI)", n, series, request->behavior != NULL,
        &level};
    MDP_TRY(draw(&figure, request->out));
out:
    for (int i = 0; i < n; i++) curve_free(&curves[i]);
    return err;
}

/* options of the one use would be ignored in the other */
static mdp_err check(const struct request *request, const char *only, int is_partial, int is_experiment, int n) {
    if (is_experiment && n != 1)
        return mdp_fail(MDP_E_USAGE, "figure: expected one experiment alone, found %d arguments", n);
    if (is_experiment && (request->behavior != NULL || request->title != NULL))
        return mdp_fail(MDP_E_USAGE, "figure: option --%s: expected none beside an experiment, found '%s'",
                        request->title != NULL ? "title" : "behavior",
                        request->title != NULL ? request->title : request->behavior);
    if (!is_experiment && (only != NULL || is_partial))
        return mdp_fail(MDP_E_USAGE, "figure: option --%s: expected an experiment beside it, found runs",
                        only != NULL ? "only" : "partial");
    return MDP_OK;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request request = {"figure", NULL, NULL, NULL};
    const char *only = NULL;
    int is_partial = 0, is_experiment = 0, first, done;
    const struct mdp_option options[] = {
        {"out", MDP_OPT_STRING, &request.out, "PATH",
         "picture to write; without .svg, .pdf or .png an SVG and a PNG; of an experiment, a folder", 0, 0},
        {"actor", MDP_OPT_STRING, &request.actor, "NAME",
         "evaluations of the ema or the online parameters (ema; of an experiment without any, online)", 0, 0},
        {"behavior", MDP_OPT_STRING, &request.behavior, "FILE",
         "episodes file of the behaviour policy, drawn as a level", 0, 0},
        {"title", MDP_OPT_STRING, &request.title, "TEXT", "title of the figure", 0, 0},
        {"only", MDP_OPT_STRING, &only, "NAME", "experiment: this figure alone", 0, 0},
        {"partial", MDP_OPT_FLAG, &is_partial, NULL, "experiment: leave out runs that are not whole", 0, 0},
    };
    mdp_err err = mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    for (int i = first; i < argc; i++) is_experiment |= mdp_is_experiment(argv[i]);
    MDP_TRY(check(&request, only, is_partial, is_experiment, argc - first));
    if (!is_experiment) return draw_runs(&request, argc - first, argv + first);
    MDP_TRY(mdp_paper_figures_run(argv[first], request.out, only, request.actor, is_partial, stdout));
out:
    return err;
}

const struct mdp_verb mdp_verb_figure = {
    .name = "figure",
    .summary = "draw the learning curves of runs, or the figures of an experiment (SVG, PDF, PNG)",
    .usage = "RUN_FOLDER[:LABEL]... [options]  or  EXPERIMENT.yaml [options]",
    .details = "Interquartile mean of the normalized return over gradient steps, with its 95 % bootstrap interval;\n"
               "the legend says where it is too narrow, for few episodes.\n"
               "Of an experiment: the figures that its file lists, a picture for every task, as wide as a column of a\n"
               "paper; means over seeds with their 95 % bootstrap interval (of episodes where there is one seed).",
    .example = "mdpbench figure runs/halfcheetah-medium/dql/joint/seed0 --out curve --title halfcheetah-medium",
    .run = run_verb,
};
