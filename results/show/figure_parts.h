/* what single figures and pages of panels share: checks, ranges, and pieces of a script. */
#ifndef MDP_RESULTS_SHOW_FIGURE_PARTS_H
#define MDP_RESULTS_SHOW_FIGURE_PARTS_H

#include <stdio.h>

#include "base/err.h"
#include "results/show/figure_data.h"
#include "results/show/gnuplot.h"

/* the range of an axis; large numbers are divided by `scale`, and the title says so */
struct mdp_axis {
    double low, high, scale;
    const char *suffix; /* behind the title: "", " (thousands)", .. */
    double last;        /* has a tic whatever the others are, as a run's last step; NaN: none has */
    int is_single;      /* there is nothing but this value: no other tics */
};

/** Describes a figure in words, for those who do not see it. */
void mdp_figure_describe(const struct mdp_figure *figure, char text[MDP_CANVAS_TEXT_MAX]);

/** Checks a figure's values and counts. Errors: DATA. */
mdp_err mdp_figure_check(const struct mdp_figure *figure);

/** Computes the range of x over n figures, with a margin. */
struct mdp_axis mdp_figures_x(const struct mdp_figure *figures, int n);

/** Computes the range of y over n figures, intervals and levels included, with a margin. */
struct mdp_axis mdp_figures_y(const struct mdp_figure *figures, int n);

/** Returns the colour of series i, or of a place on a page, as "#rrggbb"; they repeat after MDP_FIGURE_N_COLOURS.
 * Borrowed. */
const char *mdp_figure_colour(int i);

/** Writes the settings that all our pictures have. */
void mdp_figure_put_frame(FILE *script);

/** Writes the range of axis "x" or "y" and its tics: at most n_max of them, round steps apart, with equal decimals; and
 * one at the axis' last value, in place of another that is too near. */
void mdp_figure_put_range(FILE *script, const char *name, const struct mdp_axis *axis, int n_max);

/** Returns the number of characters of the longest label of those tics. */
int mdp_figure_tic_length(const struct mdp_axis *axis, int n_max);

/** Writes a series as the data block $s<i>; where all series of a figure are single points, beside those before. */
void mdp_figure_put_data(FILE *script, int i_series, const struct mdp_figure *figure, const struct mdp_axis *x);

/** Returns 1 for a single point with an interval, which is a bar and no band. */
int mdp_series_has_bar(const struct mdp_series *series);

#endif
