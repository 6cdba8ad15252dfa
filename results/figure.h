/* learning-curve figures: lines with shaded intervals and labelled reference levels, as SVG or PNG by gnuplot.
 *
 * gnuplot runs as a child process on a script of ours; the picture appears whole or not at all. the same figure gives
 * the same bytes of SVG with the same gnuplot. */
#ifndef MDP_RESULTS_FIGURE_H
#define MDP_RESULTS_FIGURE_H

#include "base/err.h"

enum { MDP_FIGURE_SERIES_MAX = 16, MDP_FIGURE_POINTS_MAX = 1000000 };

/* a curve; lo and hi are both NULL or both given, lo <= hi. all arrays are [n], finite, x ascending */
struct mdp_series {
    const char *label;
    long n; /* >= 1 */
    const double *x, *y, *lo, *hi;
};

/* a level to compare with, e.g. the behaviour policy's return */
struct mdp_level {
    double y;
    const char *label;
};

struct mdp_figure {
    const char *title; /* nullable */
    const char *x_title, *y_title;
    int n_series;
    const struct mdp_series *series;
    int n_levels;
    const struct mdp_level *levels;
};

/** Draws a figure to a path that ends in .svg or .png. Errors: USAGE for another ending, DATA for values out of range,
 * IO if gnuplot is missing or fails or the file cannot be written. */
mdp_err mdp_figure_write(const struct mdp_figure *figure, const char *path);

#endif
