/* mdpbench figure: learning curves of runs as pictures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/curve_data.h"
#include "bench/verb.h"
#include "results/figure.h"

/* the arrays behind one curve */
struct curve {
    struct mdp_curve_data data;
    double *x, *y, *lo, *hi;
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
    }
out:
    return err;
}

static mdp_err draw(const struct mdp_figure *figure, const char *out) {
    static const char *const endings[] = {".svg", ".png"};
    char path[MDP_PATH_MAX];
    size_t n = strlen(out);
    mdp_err err;
    MDP_TRY(mdp_fsx_make_parents(out));
    for (int i = 0; i < 2; i++) {
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

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    const char *out = "figure", *actor = "ema", *mark, *behavior = NULL, *title = NULL;
    struct curve curves[MDP_FIGURE_SERIES_MAX];
    struct mdp_series series[MDP_FIGURE_SERIES_MAX];
    struct mdp_curve_point level_point;
    struct mdp_level level = {0, "behaviour policy"};
    const struct mdp_option options[] = {
        {"out", MDP_OPT_STRING, &out, "PATH", "picture to write; without .svg or .png both are", 0, 0},
        {"actor", MDP_OPT_STRING, &actor, "NAME", "evaluations of the ema or the online parameters", 0, 0},
        {"behavior", MDP_OPT_STRING, &behavior, "FILE", "episodes file of the behaviour policy, drawn as a level", 0,
         0},
        {"title", MDP_OPT_STRING, &title, "TEXT", "title of the figure", 0, 0},
    };
    int first, done;
    mdp_err err = mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    int n = argc - first;
    if (n < 1 || n > MDP_FIGURE_SERIES_MAX)
        return mdp_fail(MDP_E_USAGE, "figure: expected 1 to %d run folders, found %d", MDP_FIGURE_SERIES_MAX, n);
    memset(curves, 0, sizeof curves);
    MDP_TRY(mdp_actor_mark("figure", actor, &mark));
    for (int i = 0; i < n; i++) {
        MDP_TRY(curve_read(argv[first + i], mark, &curves[i]));
        struct curve *c = &curves[i];
        series[i] = (struct mdp_series){c->data.label, c->data.n, c->x, c->y, c->lo, c->hi};
    }
    if (behavior != NULL) MDP_TRY(mdp_curve_point_read(behavior, &level_point));
    if (behavior != NULL) level.y = level_point.normalized.iqm;
    struct mdp_figure figure = {
        title, "gradient steps", "normalized return (IQM, 95 % CI)", n, series, behavior != NULL, &level};
    MDP_TRY(draw(&figure, out));
out:
    for (int i = 0; i < n; i++) curve_free(&curves[i]);
    return err;
}

const struct mdp_verb mdp_verb_figure = {
    .name = "figure",
    .summary = "draw the learning curves of runs (SVG, PNG)",
    .usage = "RUN_FOLDER... [options]",
    .details = "Interquartile mean of the normalized return over gradient steps, with its 95 % bootstrap interval.",
    .example = "mdpbench figure runs/halfcheetah-medium/dql/joint/seed0 --out curve --title halfcheetah-medium",
    .run = run_verb,
};
