/* learning-curve figures: lines with shaded intervals and labelled reference levels, as SVG, PDF or PNG by gnuplot.
 *
 * gnuplot runs as a child process on a script of ours; the picture appears whole or not at all. the same figure gives
 * the same bytes with the same gnuplot. */
#ifndef MDP_RESULTS_SHOW_FIGURE_H
#define MDP_RESULTS_SHOW_FIGURE_H

#include <stddef.h>

#include "base/err.h"
#include "results/show/figure_data.h"

/** Draws a figure to a path that ends in .svg, .pdf or .png. Errors: USAGE for another ending, DATA for values out of
 * range, IO if gnuplot is missing or fails or the file cannot be written. */
mdp_err mdp_figure_write(const struct mdp_figure *figure, const char *path);

/** Draws a figure as SVG into memory. Owns: caller, free(*svg). Errors: DATA, IO as mdp_figure_write. */
mdp_err mdp_figure_svg(const struct mdp_figure *figure, char **svg, size_t *size);

/** Draws a page as SVG into memory. Owns, errors: as mdp_figure_svg. */
mdp_err mdp_page_svg(const struct mdp_page *page, char **svg, size_t *size);

/** Draws a page. Errors: as mdp_figure_write. */
mdp_err mdp_page_write(const struct mdp_page *page, const char *path);

#endif
