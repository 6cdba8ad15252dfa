#include "results/show/figure_parts.h"

#include <math.h>
#include <stdio.h>

#include "base/number.h"

/* Okabe and Ito 2008, then a brown and a violet that are farther from these than some of them from each other: told
 * apart by people with every kind of colour vision; dashes help in print. their number is no multiple of a page's five
 * dashes: a colour comes again with another one */
static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
                                      "#56B4E9", "#444444", "#663300", "#9933EE"};

_Static_assert(sizeof colours / sizeof colours[0] == MDP_FIGURE_N_COLOURS, "as many as the header says");

const char *mdp_figure_colour(int i) { return colours[i % MDP_FIGURE_N_COLOURS]; }

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

/* what is on the axes, and each series with its last value; as many as there is room for */
void mdp_figure_describe(const struct mdp_figure *figure, char text[MDP_CANVAS_TEXT_MAX]) {
    size_t n = (size_t)snprintf(text, MDP_CANVAS_TEXT_MAX, "%.200s over %.200s", figure->y_title, figure->x_title);
    for (int i = 0; i < figure->n_series && n < MDP_CANVAS_TEXT_MAX - 400; i++) {
        const struct mdp_series *s = &figure->series[i];
        n += (size_t)snprintf(text + n, MDP_CANVAS_TEXT_MAX - n, "; %.200s: %.4g at %.9g", s->label, s->y[s->n - 1],
                              s->x[s->n - 1]);
    }
}

/* ---- ranges ---- */

static void widen(struct mdp_axis *axis, double value) {
    if (value < axis->low) axis->low = value;
    if (value > axis->high) axis->high = value;
}

struct mdp_axis mdp_figures_x(const struct mdp_figure *figures, int n) {
    struct mdp_axis axis = {.low = INFINITY, .high = -INFINITY, .scale = 1, .suffix = ""};
    for (int k = 0; k < n; k++)
        for (int i = 0; i < figures[k].n_series; i++) {
            const struct mdp_series *s = &figures[k].series[i];
            widen(&axis, s->x[0]);
            widen(&axis, s->x[s->n - 1]);
        }
    double pad = axis.high > axis.low ? 0.01 * (axis.high - axis.low) : 1;
    axis.is_single = axis.high <= axis.low;
    axis.last = axis.high;
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
    struct mdp_axis axis = {.low = INFINITY, .high = -INFINITY, .scale = 1, .suffix = "", .last = NAN};
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

/* round steps as long as the last value's own words have room behind them, which is not so within 0.6 of a step */
static void put_tics_to_last(FILE *script, const char *name, const struct mdp_axis *axis, double step) {
    const double last = axis->last / axis->scale, first = ceil(axis->low / axis->scale / step) * step + 0.0;
    const double end = floor(last / step + 1e-9) * step;
    const int is_round = fabs(end - last) <= 1e-9 * step && !axis->is_single;
    const double until = is_round || last - end > 0.6 * step ? end : end - step;
    const int has_steps = !axis->is_single && until >= first;
    char text[3][MDP_NUMBER_MAX];
    mdp_number_shortest(first, text[0]);
    mdp_number_shortest(step, text[1]);
    mdp_number_shortest(until, text[2]);
    if (has_steps) fprintf(script, "set %stics %s,%s,%s\n", name, text[0], text[1], text[2]);
    if (is_round) return;
    mdp_number_shortest(last, text[0]);
    fprintf(script, "set %stics %s('%.6g' %s)\n", name, has_steps ? "add " : "", last, text[0]);
}

void mdp_figure_put_range(FILE *script, const char *name, const struct mdp_axis *axis, int n_max) {
    char low[MDP_NUMBER_MAX], high[MDP_NUMBER_MAX], step[MDP_NUMBER_MAX];
    struct tics tics = tics_of(axis, n_max);
    mdp_number_shortest(axis->low / axis->scale, low);
    mdp_number_shortest(axis->high / axis->scale, high);
    mdp_number_shortest(tics.step, step);
    fprintf(script, "set %srange [%s:%s]\n", name, low, high);
    if (isnan(axis->last))
        fprintf(script, "set %stics %s\n", name, step);
    else
        put_tics_to_last(script, name, axis, tics.step);
    fprintf(script, "set format %s '%s'\n", name, tics.format);
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

int mdp_series_has_bar(const struct mdp_series *series) { return series->n == 1 && series->lo != NULL; }

/* points of one x beside each other, as parts of the axis */
static double shift_of(int i_series, const struct mdp_figure *figure, const struct mdp_axis *x) {
    for (int i = 0; i < figure->n_series; i++)
        if (figure->series[i].n > 1) return 0;
    return 0.04 * (x->high - x->low) * (i_series - 0.5 * (figure->n_series - 1));
}

void mdp_figure_put_data(FILE *script, int i_series, const struct mdp_figure *figure, const struct mdp_axis *x) {
    const struct mdp_series *s = &figure->series[i_series];
    const double shift = shift_of(i_series, figure, x);
    fprintf(script, "$s%d << END_OF_SERIES\n", i_series);
    for (long i = 0; i < s->n; i++) {
        put_number(script, (s->x[i] + shift) / x->scale);
        put_number(script, s->y[i]);
        put_number(script, s->lo != NULL ? s->lo[i] : s->y[i]);
        put_number(script, s->hi != NULL ? s->hi[i] : s->y[i]);
        fputc('\n', script);
    }
    fputs("END_OF_SERIES\n", script);
}

void mdp_figure_put_frame(FILE *script) {
    static const char frame[] =
        "set encoding utf8\nset border 3 lw 1 lc rgb '#444444'\nset tics nomirror out scale 0.6\n"
        "set grid y lt 1 lw 0.7 lc rgb '#dddddd'\n";
    fputs(frame, script);
}
