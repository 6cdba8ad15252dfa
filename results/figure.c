#include "results/figure.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsx.h"
#include "results/text.h"

extern char **environ;

/* Okabe and Ito 2008: told apart by people with every kind of colour vision; dashes help in print */
static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#444444"};

enum { N_COLOURS = sizeof colours / sizeof colours[0] };

/* the x axis in units that keep its numbers short */
struct axis {
    double low, high, scale;
    const char *suffix;
};

/* --- checks ------------------------------------------------------------------------------------------------------ */

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

static mdp_err check_figure(const struct mdp_figure *figure) {
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

/* --- ranges ------------------------------------------------------------------------------------------------------ */

static void widen(struct axis *axis, double value) {
    if (value < axis->low) axis->low = value;
    if (value > axis->high) axis->high = value;
}

static struct axis x_axis(const struct mdp_figure *figure) {
    struct axis axis = {INFINITY, -INFINITY, 1, ""};
    for (int i = 0; i < figure->n_series; i++) {
        widen(&axis, figure->series[i].x[0]);
        widen(&axis, figure->series[i].x[figure->series[i].n - 1]);
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

static struct axis y_axis(const struct mdp_figure *figure) {
    struct axis axis = {INFINITY, -INFINITY, 1, ""};
    for (int i = 0; i < figure->n_series; i++) {
        const struct mdp_series *s = &figure->series[i];
        for (long j = 0; j < s->n; j++) {
            widen(&axis, s->lo != NULL ? s->lo[j] : s->y[j]);
            widen(&axis, s->hi != NULL ? s->hi[j] : s->y[j]);
        }
    }
    for (int i = 0; i < figure->n_levels; i++) widen(&axis, figure->levels[i].y);
    double pad = axis.high > axis.low ? 0.08 * (axis.high - axis.low) : 1;
    axis.low -= pad;
    axis.high += pad;
    return axis;
}

/* --- the script -------------------------------------------------------------------------------------------------- */

/* a single-quoted gnuplot string, in which only the quote itself is special */
static void put_quoted(FILE *script, const char *text, const char *suffix) {
    fputc('\'', script);
    for (; *text != 0; text++) {
        if (*text == '\'') fputc('\'', script);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, script);
    }
    fprintf(script, "%s'", suffix);
}

static void put_number(FILE *script, double value) {
    char text[MDP_NUMBER_MAX];
    mdp_text_shortest(value, text);
    fprintf(script, " %s", text);
}

static void put_range(FILE *script, const char *name, const struct axis *axis) {
    char low[MDP_NUMBER_MAX], high[MDP_NUMBER_MAX];
    mdp_text_shortest(axis->low / axis->scale, low);
    mdp_text_shortest(axis->high / axis->scale, high);
    fprintf(script, "set %srange [%s:%s]\n", name, low, high);
}

static void put_data(FILE *script, int i_series, const struct mdp_series *s, double scale) {
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
static void place_labels(const struct mdp_figure *figure, const struct axis *y, double *at) {
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
static void put_levels(FILE *script, const struct mdp_figure *figure, const struct axis *axis) {
    double at[MDP_FIGURE_SERIES_MAX];
    size_t longest = 0;
    place_labels(figure, axis, at);
    for (int i = 0; i < figure->n_levels; i++) {
        char y[MDP_NUMBER_MAX], label_y[MDP_NUMBER_MAX];
        size_t length = strlen(figure->levels[i].label);
        if (length > longest) longest = length;
        mdp_text_shortest(figure->levels[i].y, y);
        mdp_text_shortest(at[i], label_y);
        fprintf(script, "set arrow from graph 0, first %s to graph 1, first %s nohead dt 2 lw 1.2 lc rgb '#666666'\n",
                y, y);
        fputs("set label ", script);
        put_quoted(script, figure->levels[i].label, "");
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
        put_quoted(script, figure->series[i].label, "");
        comma = ", \\\n     ";
    }
    fputc('\n', script);
}

static void put_script(FILE *script, const struct mdp_figure *figure, int is_svg, const char *output) {
    struct axis x = x_axis(figure), y = y_axis(figure);
    if (is_svg)
        fputs(
            "set terminal svg size 840,520 noenhanced font 'DejaVu Sans,Verdana,sans-serif,13' background '#ffffff'\n",
            script);
    else
        fputs("set terminal pngcairo size 1680,1040 noenhanced font 'DejaVu Sans,13' fontscale 2 linewidth 2"
              " pointscale 2 background '#ffffff'\n",
              script);
    fputs("set output ", script);
    put_quoted(script, output, "");
    fputs("\nset encoding utf8\nset border 3 lw 1 lc rgb '#444444'\nset tics nomirror out scale 0.6\n"
          "set grid y lt 1 lw 0.7 lc rgb '#dddddd'\nset key outside bottom center vertical maxrows 4 reverse Left "
          "samplen "
          "2 width "
          "2\n"
          "set format y '%g'\nset format x '%g'\n",
          script);
    /* the legend has a line of its own below the axis title for each row of it */
    fprintf(script, "set bmargin %d\n", 5 + (figure->n_series < 4 ? figure->n_series : 4));
    if (figure->title != NULL) {
        fputs("set title ", script);
        put_quoted(script, figure->title, "");
        fputc('\n', script);
    }
    fputs("set xlabel ", script);
    put_quoted(script, figure->x_title, x.suffix);
    fputs("\nset ylabel ", script);
    put_quoted(script, figure->y_title, "");
    fputc('\n', script);
    put_range(script, "x", &x);
    put_range(script, "y", &y);
    for (int i = 0; i < figure->n_series; i++) put_data(script, i, &figure->series[i], x.scale);
    put_levels(script, figure, &y);
    put_plot(script, figure);
}

/* --- the child process ------------------------------------------------------------------------------------------- */

/* the first line of gnuplot's complaint that is not its drawing of the place */
static void first_complaint(const char *path, char line[256]) {
    char *text = NULL;
    size_t size;
    strcpy(line, "no message");
    if (mdp_fsx_read(path, 1 << 20, &text, &size) != MDP_OK) return;
    for (char *at = strtok(text, "\n"); at != NULL; at = strtok(NULL, "\n")) {
        size_t blank = strspn(at, " \t^");
        if (at[blank] == 0) continue;
        const char *message = strstr(at, "line ");
        snprintf(line, 256, "%s", message != NULL ? message : at + blank);
        if (message != NULL) break;
    }
    free(text);
}

static mdp_err run_gnuplot(const char *path, const char *script, const char *complaint) {
    /* -d leaves the user's own settings out */
    char *const argv[] = {"gnuplot", "-d", (char *)script, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = 0;
    char line[256];
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, complaint, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int failed = posix_spawnp(&child, "gnuplot", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        return mdp_fail(MDP_E_IO, "%s: cannot run gnuplot (Debian package gnuplot-nox): %s", path, strerror(failed));
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return mdp_fail(MDP_E_IO, "%s: lost gnuplot: %s", path, strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return MDP_OK;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return mdp_fail(MDP_E_IO, "%s: cannot run gnuplot (Debian package gnuplot-nox)", path);
    first_complaint(complaint, line);
    return mdp_fail(MDP_E_IO, "%s: gnuplot failed: %s", path, line);
}

static mdp_err write_script(const struct mdp_figure *figure, const char *path, const char *script, const char *output) {
    FILE *file = fopen(script, "w");
    if (file == NULL) return mdp_fail(MDP_E_IO, "%s: cannot create: %s", path, strerror(errno));
    size_t length = strlen(path);
    put_script(file, figure, length > 4 && strcmp(path + length - 4, ".svg") == 0, output);
    int failed = ferror(file);
    if (fclose(file) != 0 || failed) return mdp_fail(MDP_E_IO, "%s: cannot write the plot script", path);
    return MDP_OK;
}

/* gnuplot does not always notice a full disk: a picture ends with the mark of its format */
static mdp_err check_picture(const char *path, const char *temp, int is_svg) {
    char tail[16] = "";
    FILE *file = fopen(temp, "rb");
    size_t got = 0;
    if (file != NULL) {
        if (fseek(file, -8L, SEEK_END) == 0) got = fread(tail, 1, 8, file);
        fclose(file);
    }
    int whole = got == 8 && (is_svg ? strstr(tail, "</svg>") != NULL : memcmp(tail, "IEND\xae\x42\x60\x82", 8) == 0);
    return whole ? MDP_OK : mdp_fail(MDP_E_IO, "%s: gnuplot wrote an incomplete picture: disk full?", path);
}

mdp_err mdp_figure_write(const struct mdp_figure *figure, const char *path) {
    char temp[MDP_PATH_MAX] = "", script[MDP_PATH_MAX] = "", complaint[MDP_PATH_MAX] = "";
    size_t length = strlen(path);
    const char *ending = length > 4 ? path + length - 4 : "";
    int is_svg = strcmp(ending, ".svg") == 0;
    mdp_err err;
    if (!is_svg && strcmp(ending, ".png") != 0)
        return mdp_fail(MDP_E_USAGE, "%s: expected a path that ends in .svg or .png", path);
    MDP_TRY(check_figure(figure));
    MDP_TRY(mdp_fsx_temp_name(path, temp));
    MDP_TRY(mdp_fsx_path(script, "%s.gp", temp));
    MDP_TRY(mdp_fsx_path(complaint, "%s.err", temp));
    MDP_TRY(write_script(figure, path, script, temp));
    MDP_TRY(run_gnuplot(path, script, complaint));
    MDP_TRY(check_picture(path, temp, is_svg));
    MDP_TRY(mdp_fsx_publish(temp, path));
out:
    if (script[0] != 0) mdp_fsx_discard(script);
    if (complaint[0] != 0) mdp_fsx_discard(complaint);
    if (err != MDP_OK && temp[0] != 0) mdp_fsx_discard(temp);
    return err;
}
