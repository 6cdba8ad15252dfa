/* what is drawn: curves with intervals, levels, figures and pages of them. */
#ifndef MDP_RESULTS_SHOW_FIGURE_DATA_H
#define MDP_RESULTS_SHOW_FIGURE_DATA_H

enum { MDP_FIGURE_N_COLOURS = 9, MDP_FIGURE_SERIES_MAX = 16, MDP_FIGURE_POINTS_MAX = 1000000, MDP_PAGE_PANELS_MAX = 8 };

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
    const char *note;  /* small, below the legend; nullable; on a page, the page's note stands */
    const int *places; /* [n_series] of colours, dashes and marks; NULL: in their order; on a page, its labels say it */
};

/* figures on top of each other, as wide as a column of a paper (3.4 inches), with one legend of all series that a panel
 * shows. a series looks like the place of its label in `labels`, whatever else its panel or page shows; dashes and
 * marks tell places apart without colour. levels are not drawn */
struct mdp_page {
    const char *title; /* nullable */
    int n_panels;
    const struct mdp_figure *panels; /* their titles stand above each; x and y titles are those of the first */
    const char *note;                /* small, below the legend, a line each, at most four; NULL or "": none */
    int n_labels;
    const char *const *labels; /* each once, in the order of the legend; those of all series, and maybe others */
};

#endif
