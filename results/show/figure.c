#include "results/show/figure.h"

#include <math.h>
#include <string.h>

#include "results/show/figure_parts.h"
#include "results/show/gnuplot.h"
#include "base/number.h"

/* Okabe and Ito 2008: told apart by people with every kind of colour vision; dashes help in print */
static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#444444"};

enum { N_COLOURS = sizeof colours / sizeof colours[0] };

const char *mdp_figure_colour(int i) { return colours[i % N_COLOURS]; }

/* ---- checks ---- */

static mdp_err check_point(const struct mdp_series *s, long i) {
    double lo = s->lo != NULL ? s->lo[i] : s->y[i], hi = s->hi != NULL ? s->hi[i] : s->y[i];
    if (!isfinite(s->x[i]) || !isfinite(s->y[i]) || !isfinite(lo) || !isfinite(hi))
        return mdp_fail(MDP_E_DATA, "figure: series '%s': expected finite values, found %g, %g [%g, %g] at point %ld",
                        s->label, s->x[i], s->y[i], lo, hi, i);
    if (lo > hi)
        return mdp_fail(MDP_E_DATA, "figure: series '%s': expected lo <= hi, found %g and %g at point %ld", s->label,
                        lo, hi, i);
    if (i > 0 && s->x[i] < s->x[i - 1])
        return mdp_fail(MDP_E_DATA, "figure: series '%s': expected ascending x, found %g after %g", s->label, s->x[i],
                        s->x[i - 1]);
    return MDP_OK;
}

static mdp_err check_series(const struct mdp_series *s) {
    if (s->n < 1 || s->n > MDP_FIGURE_POINTS_MAX || (s->lo == NULL) != (s->hi == NULL))
        return mdp_fail(MDP_E_DATA, "figure: series '%s': expected 1 to %d points with both bounds or none, found %ld",
                        s->label, MDP_FIGURE_POINTS_MAX, s->n);
    for (long i = 0; i < s->n; i++) {
        mdp_err err = check_point(s, i);
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

mdp_err mdp_figure_check(const struct mdp_figure *figure) {
    if (figure->n_series < 1 || figure->n_series > MDP_FIGURE_SERIES_MAX)
        return mdp_fail(MDP_E_DATA, "figure: expected 1 to %d series, found %d", MDP_FIGURE_SERIES_MAX,
                        figure->n_series);
    for (int i = 0; i < figure->n_series; i++) {
        mdp_err err = check_series(&figure->series[i]);
        if (err != MDP_OK) return err;
    }
    if (figure->n_levels < 0 || figure->n_levels > MDP_FIGURE_SERIES_MAX)
        return mdp_fail(MDP_E_DATA, "figure: expected 0 to %d levels, found %d", MDP_FIGURE_SERIES_MAX,
                        figure->n_levels);
    for (int i = 0; i < figure->n_levels; i++)
        if (!isfinite(figure->levels[i].y))
            return mdp_fail(MDP_E_DATA, "figure: level '%s': expected a finite value, found %g",
                            figure->levels[i].label, figure->levels[i].y);
    return MDP_OK;
}

enum { N_X_TICS = 9, N_Y_TICS = 8 };

/* ---- ranges ---- */

static void widen(struct mdp_axis *axis, double value) {
    if (value < axis->low) axis->low = value;
    if (value > axis->high) axis->high = value;
}

struct mdp_axis mdp_figures_x(const struct mdp_figure *figures, int n) {
    struct mdp_axis axis = {INFINITY, -INFINITY, 1, ""};
    for (int k = 0; k < n; k++)
        for (int i = 0; i < figures[k].n_series; i++) {
            const struct mdp_series *s = &figures[k].series[i];
            widen(&axis, s->x[0]);
            widen(&axis, s->x[s->n - 1]);
        }
    double pad = axis.high > axis.low ? 0.01 * (axis.high - axis.low) : 1;
    double largest = fmax(fabs(axis.low), fabs(axis.high));
    axis.low -= pad;
    axis.high += pad;
    if (largest >= 2e6)
        axis.scale = 1e6, axis.suffix = " (millions)";
    else if (largest >= 2e4)
        axis.scale = 1e3, axis.suffix = " (thousands)";
    return axis;
}

static void widen_by(struct mdp_axis *axis, const struct mdp_figure *figure) {
    for (int i = 0; i < figure->n_series; i++) {
        const struct mdp_series *s = &figure->series[i];
        for (long j = 0; j < s->n; j++) {
            widen(axis, s->lo != NULL ? s->lo[j] : s->y[j]);
            widen(axis, s->hi != NULL ? s->hi[j] : s->y[j]);
        }
    }
    for (int i = 0; i < figure->n_levels; i++) widen(axis, figure->levels[i].y);
}

struct mdp_axis mdp_figures_y(const struct mdp_figure *figures, int n) {
    struct mdp_axis axis = {INFINITY, -INFINITY, 1, ""};
    for (int k = 0; k < n; k++) widen_by(&axis, &figures[k]);
    double pad = axis.high > axis.low ? 0.08 * (axis.high - axis.low) : 1;
    axis.low -= pad;
    axis.high += pad;
    return axis;
}

/* ---- the script ---- */

static void put_number(FILE *script, double value) {
    char text[MDP_NUMBER_MAX];
    mdp_number_shortest(value, text);
    fprintf(script, " %s", text);
}

/* 1, 2 or 5 times a power of ten, and how its multiples are written */
struct tics {
    double step;
    char format[8];
};

static struct tics tics_of(const struct mdp_axis *axis, int n_max) {
    static const double round[] = {1, 2, 5, 10};
    double least = (axis->high - axis->low) / axis->scale / n_max, power = pow(10, floor(log10(least)));
    struct tics tics = {.format = "%g"};
    int i = 0;
    while (i < 3 && round[i] * power < least) i++;
    tics.step = round[i] * power;
    double digits = floor(log10(tics.step) + 1e-9);
    if (digits >= -6 && digits <= 6)
        snprintf(tics.format, sizeof tics.format, "%%.%df", digits < 0 ? (int)fmin(-digits, 6) : 0);
    return tics;
}

void mdp_figure_put_range(FILE *script, const char *name, const struct mdp_axis *axis, int n_max) {
    char low[MDP_NUMBER_MAX], high[MDP_NUMBER_MAX], step[MDP_NUMBER_MAX];
    struct tics tics = tics_of(axis, n_max);
    mdp_number_shortest(axis->low / axis->scale, low);
    mdp_number_shortest(axis->high / axis->scale, high);
    mdp_number_shortest(tics.step, step);
    fprintf(script, "set %srange [%s:%s]\nset %stics %s\nset format %s '%s'\n", name, low, high, name, step, name,
            tics.format);
}

int mdp_figure_tic_length(const struct mdp_axis *axis, int n_max) {
    struct tics tics = tics_of(axis, n_max);
    double first = ceil(axis->low / axis->scale / tics.step), last = floor(axis->high / axis->scale / tics.step);
    int longest = 0;
    for (double k = first; k <= last; k++) {
        int n = snprintf(NULL, 0, tics.format, k * tics.step);
        longest = n > longest ? n : longest;
    }
    return longest;
}

void mdp_figure_put_data(FILE *script, int i_series, const struct mdp_series *s, double scale) {
    fprintf(script, "$s%d << END_OF_SERIES\n", i_series);
    for (long i = 0; i < s->n; i++) {
        put_number(script, s->x[i] / scale);
        put_number(script, s->y[i]);
        put_number(script, s->lo != NULL ? s->lo[i] : s->y[i]);
        put_number(script, s->hi != NULL ? s->hi[i] : s->y[i]);
        fputc('\n', script);
    }
    fputs("END_OF_SERIES\n", script);
}

/* heights of the labels: those of close levels are pushed apart, lowest first. 0.055 of the height is one line */
static void place_labels(const struct mdp_figure *figure, const struct mdp_axis *y, double *at) {
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
        at[i] = place + n_below * line;
    }
}

/* levels are named in the right margin, where no curve can cross the words */
static void put_levels(FILE *script, const struct mdp_figure *figure, const struct mdp_axis *axis) {
    double at[MDP_FIGURE_SERIES_MAX];
    size_t longest = 0;
    place_labels(figure, axis, at);
    for (int i = 0; i < figure->n_levels; i++) {
        char y[MDP_NUMBER_MAX], label_y[MDP_NUMBER_MAX];
        size_t length = strlen(figure->levels[i].label);
        if (length > longest) longest = length;
        mdp_number_shortest(figure->levels[i].y, y);
        mdp_number_shortest(at[i], label_y);
        fprintf(script, "set arrow from graph 0, first %s to graph 1, first %s nohead dt 2 lw 1.2 lc rgb '#666666'\n",
                y, y);
        fputs("set label ", script);
        mdp_gnuplot_put_text(script, figure->levels[i].label, "");
        fprintf(script, " at graph 1.012, first %s left font ',11' tc rgb '#444444'\n", label_y);
    }
    fprintf(script, "set rmargin %zu\n", longest > 0 ? longest * 17 / 20 + 2 : 3);
}

/* bands first, so that no curve disappears under another's band; few points are marked, many would blur */
static void put_plot(FILE *script, const struct mdp_figure *figure) {
    const char *comma = "plot ";
    for (int i = 0; i < figure->n_series; i++) {
        if (figure->series[i].lo == NULL) continue;
        fprintf(script, "%s$s%d using 1:3:4 with filledcurves fc rgb '%s' fs transparent solid 0.18 noborder notitle",
                comma, i, colours[i % N_COLOURS]);
        comma = ", \\\n     ";
    }
    for (int i = 0; i < figure->n_series; i++) {
        const char *style = figure->series[i].n <= 60 ? "linespoints" : "lines";
        fprintf(script, "%s$s%d using 1:2 with %s lw 2.5 dt %d lc rgb '%s'", comma, i, style, 1 + i / N_COLOURS,
                colours[i % N_COLOURS]);
        if (figure->series[i].n <= 60) fprintf(script, " pt %d ps 0.7", (const int[]){7, 5, 9, 13}[i % 4]);
        fputs(" title ", script);
        mdp_gnuplot_put_text(script, figure->series[i].label, "");
        comma = ", \\\n     ";
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

void mdp_figure_put_frame(FILE *script) {
    static const char frame[] =
        "set encoding utf8\nset border 3 lw 1 lc rgb '#444444'\nset tics nomirror out scale 0.6\n"
        "set grid y lt 1 lw 0.7 lc rgb '#dddddd'\n";
    fputs(frame, script);
}

static void put_figure(FILE *script, const void *context) {
    const struct mdp_figure *figure = context;
    struct mdp_axis x = mdp_figures_x(figure, 1), y = mdp_figures_y(figure, 1);
    mdp_figure_put_frame(script);
    fputs("set key outside bottom center vertical maxrows 4 reverse Left samplen 2 width 2\n", script);
    /* the legend has a line of its own below the axis title for each row of it */
    fprintf(script, "set bmargin %d\n", 5 + (figure->n_series < 4 ? figure->n_series : 4));
    if (figure->title != NULL) {
        fputs("set title ", script);
        mdp_gnuplot_put_text(script, figure->title, "");
        fputc('\n', script);
    }
    put_axis_titles(script, figure, &x);
    mdp_figure_put_range(script, "x", &x, N_X_TICS);
    mdp_figure_put_range(script, "y", &y, N_Y_TICS);
    for (int i = 0; i < figure->n_series; i++) mdp_figure_put_data(script, i, &figure->series[i], x.scale);
    put_levels(script, figure, &y);
    put_plot(script, figure);
}

mdp_err mdp_figure_write(const struct mdp_figure *figure, const char *path) {
    static const struct mdp_canvas canvas = {840, 520, 13, 2};
    mdp_err err = mdp_gnuplot_check_path(path);
    if (err == MDP_OK) err = mdp_figure_check(figure);
    return err == MDP_OK ? mdp_gnuplot_draw(path, &canvas, put_figure, figure) : err;
}
