/* pictures by gnuplot as a child process: a script of ours in, a picture that is whole or not there out. */
#ifndef MDP_RESULTS_SHOW_GNUPLOT_H
#define MDP_RESULTS_SHOW_GNUPLOT_H

#include <stdio.h>

#include "base/names.h"

enum { MDP_CANVAS_TEXT_MAX = 2048 };

/* a picture's size. SVG takes the pixels as they are, PNG has `zoom` for each, PDF 96 to the inch. what an SVG says of
 * itself: its title (NULL: the file's name) and a description */
struct mdp_canvas {
    int width, height, font_size, zoom;
    const char *title, *about;
};

/* writes all of a script but terminal and output */
typedef void (*mdp_gnuplot_script)(FILE *script, const void *context);

/** Lists what a picture's path may end in, after its point. */
const struct mdp_names *mdp_picture_endings(void);

/** Checks that a path ends in one of these. Errors: USAGE. */
mdp_err mdp_gnuplot_check_path(const char *path);

/** Draws a picture; its format follows from the path. The same script gives the same bytes with the same gnuplot.
 * Errors: USAGE for another ending, IO if gnuplot is missing or fails or the file cannot be written. */
mdp_err mdp_gnuplot_draw(const char *path, const struct mdp_canvas *canvas, mdp_gnuplot_script put,
                         const void *context);

/** Draws an SVG into memory. Owns: caller, free(*svg). Errors: IO if gnuplot is missing or fails. */
mdp_err mdp_gnuplot_svg(const struct mdp_canvas *canvas, mdp_gnuplot_script put, const void *context, char **svg,
                        size_t *size);

/** Writes a single-quoted string of gnuplot, in which only the quote itself is special, and a suffix to it. */
void mdp_gnuplot_put_text(FILE *script, const char *text, const char *suffix);

#endif
