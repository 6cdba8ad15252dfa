/* estimates with intervals, and the values behind them, in rows: a row for each thing that is compared, a panel for
 * each number, side by side. as wide as a column of a paper (3.4 inches), more than one panel as a page (7 inches). */
#ifndef MDP_RESULTS_SHOW_FIGURE_ROWS_H
#define MDP_RESULTS_SHOW_FIGURE_ROWS_H

#include <stddef.h>

#include "base/err.h"

enum { MDP_ROWS_MAX = 16, MDP_ROWS_PANELS_MAX = 4, MDP_ROWS_DOTS_MAX = 100000 };

/* what a panel shows of a row; NaN: missing */
struct mdp_row_mark {
    double value, lo, hi;
    long n_dots;
    const double *dots; /* [n_dots], finite: single values, drawn small; nullable */
};

struct mdp_row_panel {
    const char *title, *x_title;
    const struct mdp_row_mark *marks; /* [n_rows] */
    double line;                      /* a value that is marked across all rows, as no difference; NaN: none */
    int is_share;                     /* from 0 to 1 */
};

struct mdp_row_page {
    const char *title; /* nullable */
    int n_rows, n_panels;
    const char *const *labels;          /* [n_rows] */
    const struct mdp_row_panel *panels; /* [n_panels] */
    const char *note;                   /* small, below, a line each; nullable */
    const int *places;                  /* [n_rows] of their colours, as series of a page have */
};

/** Draws rows to a path that ends in .svg, .pdf or .png. Errors: as mdp_figure_write. */
mdp_err mdp_row_page_write(const struct mdp_row_page *rows, const char *path);

/** Draws rows as SVG into memory. Owns: caller, free(*svg). Errors: as mdp_row_page_write. */
mdp_err mdp_row_page_svg(const struct mdp_row_page *rows, char **svg, size_t *size);

#endif
