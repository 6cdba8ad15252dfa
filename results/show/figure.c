#include "results/show/figure.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "results/show/figure_parts.h"
#include "results/show/gnuplot.h"

enum { N_X_TICS = 9, N_Y_TICS = 8 };

/* heights of the labels: those of close levels are pushed apart, lowest first. 0.055 of the height is one line */
static void place_labels(const struct mdp_figure *figure, const struct mdp_axis *y, double *heights) {
    double line = 0.055 * (y->high - y->low);
    for (int i = 0; i < figure->n_levels; i++) {
        int n_below = 0;
        double place = figure->levels[i].y;
        for (int j = 0; j < figure->n_levels; j++) {
            double other = figure->levels[j].y, gap = figure->levels[i].y - other;
            n_below += gap >= 0 && gap < line && (gap > 0 || j < i);
        }
        for (int j = 0; n_below > 0 && j < figure->n_levels; j++)
            if (figure->levels[j].y <= figure->levels[i].y && figure->levels[i].y - figure->levels[j].y < line)
                place = fmin(place, figure->levels[j].y);
        heights[i] = place + n_below * line;
    }
}

/* levels are named in the right margin, where no curve can cross the words */
static void put_levels(FILE *script, const struct mdp_figure *figure, const struct mdp_axis *axis) {
    double heights[MDP_FIGURE_SERIES_MAX];
    size_t longest = 0;
    place_labels(figure, axis, heights);
    for (int i = 0; i < figure->n_levels; i++) {
        char y[MDP_NUMBER_MAX], label_y[MDP_NUMBER_MAX];
        size_t length = strlen(figure->levels[i].label);
        if (length > longest) longest = length;
        mdp_number_shortest(figure->levels[i].y, y);
        mdp_number_shortest(heights[i], label_y);
        fprintf(script, "set arrow from graph 0, first %s to graph 1, first %s nohead dt 2 lw 1.2 lc rgb '#666666'\n",
                y, y);
        fputs("set label ", script);
        mdp_gnuplot_put_text(script, figure->levels[i].label, "");
        fprintf(script, " at graph 1.012, first %s left font ',11' tc rgb '#444444'\n", label_y);
    }
    fprintf(script, "set rmargin %zu\n", longest > 0 ? longest * 17 / 20 + 2 : 3);
}

static int place_of(const struct mdp_figure *figure, int i) { return figure->places != NULL ? figure->places[i] : i; }

static int mark_of(int place) { return (const int[]){7, 5, 9, 13}[place % 4]; }

/* bands first, so that no curve disappears under another's band; few points are marked, many would blur */
static void put_plot(FILE *script, const struct mdp_figure *figure) {
    const char *comma = "plot ";
    for (int i = 0; i < figure->n_series; i++) {
        if (figure->series[i].lo == NULL || mdp_series_has_bar(&figure->series[i])) continue;
        fprintf(script, "%s$s%d using 1:3:4 with filledcurves fc rgb '%s' fs transparent solid 0.18 noborder notitle",
                comma, i, mdp_figure_colour(place_of(figure, i)));
        comma = ", \\\n     ";
    }
    for (int i = 0; i < figure->n_series; i++) {
        const int place = place_of(figure, i);
        const char *style = figure->series[i].n <= 60 ? "linespoints" : "lines";
        fprintf(script, "%s$s%d using 1:2 with %s lw 2.5 dt %d lc rgb '%s'", comma, i, style,
                1 + place / MDP_FIGURE_N_COLOURS, mdp_figure_colour(place));
        if (figure->series[i].n <= 60) fprintf(script, " pt %d ps 0.7", mark_of(place));
        fputs(" title ", script);
        mdp_gnuplot_put_text(script, figure->series[i].label, "");
        comma = ", \\\n     ";
        if (mdp_series_has_bar(&figure->series[i]))
            fprintf(script, "%s$s%d using 1:2:3:4 with yerrorbars lw 2.5 pt %d ps 0.7 lc rgb '%s' notitle", comma, i,
                    mark_of(place), mdp_figure_colour(place));
    }
    fputc('\n', script);
}

static void put_axis_titles(FILE *script, const struct mdp_figure *figure, const struct mdp_axis *x) {
    fputs("set xlabel ", script);
    mdp_gnuplot_put_text(script, figure->x_title, x->suffix);
    fputs("\nset ylabel ", script);
    mdp_gnuplot_put_text(script, figure->y_title, "");
    fputc('\n', script);
}

/* legend and note have their lines below the axis, whatever the plot */
static void put_figure(FILE *script, const void *context) {
    const struct mdp_figure *figure = context;
    struct mdp_axis x = mdp_figures_x(figure, 1), y = mdp_figures_y(figure, 1);
    mdp_figure_put_frame(script);
    fputs("set key outside bottom center vertical maxrows 4 reverse Left samplen 2 width 2\n", script);
    /* the legend has a line of its own below the axis title for each row of it */
    fprintf(script, "set bmargin %d\n", 5 + (figure->n_series < 4 ? figure->n_series : 4) + 2 * (figure->note != NULL));
    if (figure->note != NULL) {
        fputs("set label ", script);
        mdp_gnuplot_put_text(script, figure->note, "");
        /* between the axis' title and the legend */
        fprintf(script, " at screen 0.5, character %.1f center font ',10' tc rgb '#444444'\n",
                1.4 + (figure->n_series < 4 ? figure->n_series : 4));
    }
    if (figure->title != NULL) {
        fputs("set title ", script);
        mdp_gnuplot_put_text(script, figure->title, "");
        fputc('\n', script);
    }
    put_axis_titles(script, figure, &x);
    mdp_figure_put_range(script, "x", &x, N_X_TICS);
    mdp_figure_put_range(script, "y", &y, N_Y_TICS);
    for (int i = 0; i < figure->n_series; i++) mdp_figure_put_data(script, i, figure, &x);
    put_levels(script, figure, &y);
    put_plot(script, figure);
}

static struct mdp_canvas canvas_of(const struct mdp_figure *figure, char about[MDP_CANVAS_TEXT_MAX]) {
    mdp_figure_describe(figure, about);
    return (struct mdp_canvas){840, 520, 13, 2, figure->title, about};
}

mdp_err mdp_figure_write(const struct mdp_figure *figure, const char *path) {
    mdp_err err = mdp_gnuplot_check_path(path);
    char about[MDP_CANVAS_TEXT_MAX];
    if (err == MDP_OK) err = mdp_figure_check(figure);
    if (err != MDP_OK) return err;
    const struct mdp_canvas canvas = canvas_of(figure, about);
    return mdp_gnuplot_draw(path, &canvas, put_figure, figure);
}

mdp_err mdp_figure_svg(const struct mdp_figure *figure, char **svg, size_t *size) {
    mdp_err err = mdp_figure_check(figure);
    char about[MDP_CANVAS_TEXT_MAX];
    if (err != MDP_OK) return err;
    const struct mdp_canvas canvas = canvas_of(figure, about);
    return mdp_gnuplot_svg(&canvas, put_figure, figure, svg, size);
}
