#include "results/show/figure_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "results/show/figure_parts.h"

/* pixels, 96 to the inch */
enum {
    COLUMN = 326,
    WIDE = 672,
    LABEL_CHARACTER = 7,
    LABEL_GAP = 8,
    LABEL_MOST = 40, /* percent of the width */
    RIGHT = 14,
    GAP = 16,
    TITLE = 20,
    PANEL_TITLE = 16,
    ROW = 22,
    ROW_WITH_DOTS = 40,
    TICS = 18,
    X_TITLE = 18,
    NOTE = 12,
    FONT = 9,
    NOTE_FONT = 7,
    N_TICS = 5
};

/* rows and where they go, in pixels */
struct task {
    const struct mdp_row_page *rows;
    int width, height, left, panel, row, top, plot;
    char about[MDP_CANVAS_TEXT_MAX];
};

/* ---- checks ---- */

static int is_missing(const struct mdp_row_mark *mark) { return isnan(mark->value); }

static int has_interval(const struct mdp_row_mark *mark) { return !isnan(mark->lo) && !isnan(mark->hi); }

static mdp_err check_mark(const char *label, const struct mdp_row_mark *mark) {
    if (isinf(mark->value) || isinf(mark->lo) || isinf(mark->hi) || mark->lo > mark->hi)
        return mdp_fail(MDP_E_DATA, "figure: row '%s': expected a finite value with ends in order, found %g [%g, %g]",
                        label, mark->value, mark->lo, mark->hi);
    if (mark->n_dots < 0 || mark->n_dots > MDP_ROWS_DOTS_MAX)
        return mdp_fail(MDP_E_DATA, "figure: row '%s': expected at most %d values, found %ld", label, MDP_ROWS_DOTS_MAX,
                        mark->n_dots);
    for (long i = 0; i < mark->n_dots; i++)
        if (!isfinite(mark->dots[i]))
            return mdp_fail(MDP_E_DATA, "figure: row '%s': expected finite values, found %g", label, mark->dots[i]);
    return MDP_OK;
}

static mdp_err check(const struct mdp_row_page *rows) {
    mdp_err err = MDP_OK;
    if (rows->n_rows < 1 || rows->n_rows > MDP_ROWS_MAX || rows->n_panels < 1 || rows->n_panels > MDP_ROWS_PANELS_MAX)
        return mdp_fail(MDP_E_DATA, "figure: expected 1 to %d rows and 1 to %d panels, found %d and %d", MDP_ROWS_MAX,
                        MDP_ROWS_PANELS_MAX, rows->n_rows, rows->n_panels);
    for (int k = 0; k < rows->n_panels; k++)
        for (int i = 0; i < rows->n_rows; i++) MDP_TRY(check_mark(rows->labels[i], &rows->panels[k].marks[i]));
out:
    return err;
}

/* ---- layout ---- */

static int lines_of(const char *note) {
    int n = note != NULL && note[0] != 0;
    for (const char *c = n > 0 ? note : ""; *c != 0; c++) n += *c == '\n';
    return n;
}

static int has_dots(const struct mdp_row_page *rows) {
    for (int k = 0; k < rows->n_panels; k++)
        for (int i = 0; i < rows->n_rows; i++)
            if (rows->panels[k].marks[i].n_dots > 0) return 1;
    return 0;
}

static void lay_out(struct task *task) {
    const struct mdp_row_page *rows = task->rows;
    int longest = 0;
    for (int i = 0; i < rows->n_rows; i++)
        if (mdp_text_width(rows->labels[i]) > longest) longest = mdp_text_width(rows->labels[i]);
    task->width = rows->n_panels > 1 ? WIDE : COLUMN;
    task->left = LABEL_CHARACTER * longest + LABEL_GAP;
    if (task->left > LABEL_MOST * task->width / 100) task->left = LABEL_MOST * task->width / 100;
    task->panel = (task->width - task->left - RIGHT - (rows->n_panels - 1) * GAP) / rows->n_panels;
    task->row = has_dots(rows) ? ROW_WITH_DOTS : ROW;
    task->top = (rows->title != NULL ? TITLE : 4) + PANEL_TITLE;
    task->plot = task->row * rows->n_rows;
    task->height = task->top + task->plot + TICS + X_TITLE + NOTE * lines_of(rows->note) + 4;
}

/* the end of a label that has no room says more than its beginning */
static void put_label(FILE *script, const struct task *task, int i_row) {
    const char *label = task->rows->labels[i_row], *dots = "";
    const int room = (task->left - LABEL_GAP) / LABEL_CHARACTER;
    for (size_t n; mdp_text_width(label) + (int)strlen(dots) > room && *label != 0; label += n > 0 ? n : 1) {
        n = mdp_text_character(label, strlen(label));
        dots = "..";
    }
    char text[512];
    snprintf(text, sizeof text, "%s%s", dots, label);
    fprintf(script, "set label %d ", 10 + i_row);
    mdp_gnuplot_put_text(script, text, "");
    fprintf(script, " at screen %.6f, first %d right\n", (task->left - LABEL_GAP) / (double)task->width, i_row + 1);
}

/* ---- the script ---- */

static void widen(struct mdp_axis *axis, double value) {
    if (value < axis->low) axis->low = value;
    if (value > axis->high) axis->high = value;
}

static struct mdp_axis axis_of(const struct mdp_row_page *rows, const struct mdp_row_panel *panel) {
    struct mdp_axis axis = {.low = INFINITY, .high = -INFINITY, .scale = 1, .suffix = "", .last = NAN};
    if (panel->is_share) return (struct mdp_axis){.low = 0, .high = 1, .scale = 1, .suffix = "", .last = NAN};
    if (!isnan(panel->line)) widen(&axis, panel->line);
    for (int i = 0; i < rows->n_rows; i++) {
        const struct mdp_row_mark *mark = &panel->marks[i];
        for (long k = 0; k < mark->n_dots; k++) widen(&axis, mark->dots[k]);
        if (is_missing(mark)) continue;
        widen(&axis, has_interval(mark) ? fmin(mark->value, mark->lo) : mark->value);
        widen(&axis, has_interval(mark) ? fmax(mark->value, mark->hi) : mark->value);
    }
    if (axis.high < axis.low) axis.low = axis.high = 0;
    double pad = axis.high > axis.low ? 0.06 * (axis.high - axis.low) : fmax(0.5, 0.1 * fabs(axis.high));
    axis.low -= pad;
    axis.high += pad;
    return axis;
}

static void put_number(FILE *script, double value) {
    char digits[MDP_NUMBER_MAX];
    mdp_number_shortest(value, digits);
    fprintf(script, " %s", digits);
}

/* dots lie above the estimate, spread evenly in five heights by their place, so that equal ones are seen */
static void put_data(FILE *script, const struct mdp_row_mark *mark, int i_row) {
    if (!is_missing(mark)) {
        fprintf(script, "$r%d << END_OF_ROW\n", i_row);
        put_number(script, mark->value);
        put_number(script, mark->n_dots > 0 ? i_row + 1.28 : i_row + 1);
        put_number(script, has_interval(mark) ? fmin(mark->value, mark->lo) : mark->value);
        put_number(script, has_interval(mark) ? fmax(mark->value, mark->hi) : mark->value);
        fputs("\nEND_OF_ROW\n", script);
    }
    if (mark->n_dots == 0) return;
    fprintf(script, "$d%d << END_OF_ROW\n", i_row);
    for (long k = 0; k < mark->n_dots; k++) {
        put_number(script, mark->dots[k]);
        fprintf(script, " %.2f\n", i_row + 1 - 0.3 + 0.1 * (double)(k * 3 % 5));
    }
    fputs("END_OF_ROW\n", script);
}

static void put_marks(FILE *script, const struct mdp_row_page *rows, const struct mdp_row_panel *panel) {
    fputs("plot NaN notitle", script);
    for (int i = 0; i < rows->n_rows; i++) {
        const struct mdp_row_mark *mark = &panel->marks[i];
        const char *colour = mdp_figure_colour(rows->places[i]);
        if (mark->n_dots > 0)
            fprintf(script, ", \\\n     $d%d using 1:2 with points pt 7 ps 0.22 lc rgb '#90%s' notitle", i, colour + 1);
        if (is_missing(mark)) continue;
        fprintf(script, ", \\\n     $r%d using 1:2:3:4 with xerrorbars lw 1.8 pt 7 ps 0.5 lc rgb '%s' notitle", i,
                colour);
    }
    fputc('\n', script);
}

static void put_panel(FILE *script, const struct task *task, int i_panel) {
    const struct mdp_row_page *rows = task->rows;
    const struct mdp_row_panel *panel = &rows->panels[i_panel];
    const struct mdp_axis axis = axis_of(rows, panel);
    const double width = task->width, left = task->left + i_panel * (task->panel + GAP);
    fprintf(script, "set lmargin at screen %.6f\nset rmargin at screen %.6f\n", left / width,
            (left + task->panel) / width);
    fputs("set label 2 ", script);
    mdp_gnuplot_put_text(script, panel->title != NULL ? panel->title : "", "");
    fprintf(script, " at graph 0.5, screen %.6f center\nset xlabel ", 1 - (task->top - 8) / (double)task->height);
    mdp_gnuplot_put_text(script, panel->x_title, "");
    fputs(" offset 0,0.6\nset xtics offset 0,0.3\n", script);
    for (int i = 0; i < rows->n_rows && i_panel == 0; i++) put_label(script, task, i);
    for (int i = 0; i < rows->n_rows && i_panel > 0; i++) fprintf(script, "unset label %d\n", 10 + i);
    mdp_figure_put_range(script, "x", &axis, rows->n_panels > 2 ? 4 : N_TICS);
    fputs("unset arrow\n", script);
    if (!isnan(panel->line)) {
        char place[MDP_NUMBER_MAX];
        mdp_number_shortest(panel->line, place);
        fprintf(script, "set arrow from first %s, graph 0 to first %s, graph 1 nohead dt 2 lw 1 lc rgb '#666666'\n",
                place, place);
    }
    for (int i = 0; i < rows->n_rows; i++) put_data(script, &panel->marks[i], i);
    put_marks(script, rows, panel);
}

static void put_note(FILE *script, const struct task *task) {
    const char *rest = task->rows->note;
    const int n = lines_of(rest);
    for (int i = 0; i < n; i++) {
        size_t length = strcspn(rest, "\n");
        char line[256];
        snprintf(line, sizeof line, "%.*s", (int)length, rest);
        fprintf(script, "set label %d ", 40 + i);
        mdp_gnuplot_put_text(script, line, "");
        fprintf(script, " at screen 0.5, screen %.6f center font ',%d'\n", (NOTE * (n - i - 0.4)) / task->height,
                NOTE_FONT);
        rest += length + (rest[length] != 0);
    }
}

static void put_rows(FILE *script, const void *context) {
    const struct task *task = context;
    const double height = task->height;
    mdp_figure_put_frame(script);
    fputs("unset grid\nset grid x lt 1 lw 0.7 lc rgb '#dddddd'\nunset ytics\nunset key\n", script);
    fprintf(script, "set yrange [%d.5:0.5]\nset tmargin at screen %.6f\nset bmargin at screen %.6f\n",
            task->rows->n_rows, 1 - task->top / height, 1 - (task->top + task->plot) / height);
    if (task->rows->title != NULL) {
        fputs("set label 1 ", script);
        mdp_gnuplot_put_text(script, task->rows->title, "");
        fprintf(script, " at screen 0.5, screen %.6f center\n", 1 - 0.5 * TITLE / height);
    }
    put_note(script, task);
    fputs("set multiplot\n", script);
    for (int k = 0; k < task->rows->n_panels; k++) {
        put_panel(script, task, k);
        /* title and note stand once */
        fputs("unset label 1\n", script);
        for (int i = 0; i < lines_of(task->rows->note); i++) fprintf(script, "unset label %d\n", 40 + i);
    }
    fputs("unset multiplot\n", script);
}

/* every number that is drawn, as far as there is room */
static void describe(const struct mdp_row_page *rows, char text[MDP_CANVAS_TEXT_MAX]) {
    size_t n = 0;
    text[0] = 0;
    for (int k = 0; k < rows->n_panels; k++)
        for (int i = 0; i < rows->n_rows && n < MDP_CANVAS_TEXT_MAX - 500; i++) {
            const struct mdp_row_mark *mark = &rows->panels[k].marks[i];
            if (is_missing(mark)) continue;
            n += (size_t)snprintf(text + n, MDP_CANVAS_TEXT_MAX - n, "%s%.100s of %.200s: %.4g", n > 0 ? "; " : "",
                                  rows->panels[k].title, rows->labels[i], mark->value);
            if (has_interval(mark))
                n += (size_t)snprintf(text + n, MDP_CANVAS_TEXT_MAX - n, " [%.4g, %.4g]", mark->lo, mark->hi);
        }
}

static mdp_err prepare(const struct mdp_row_page *rows, struct task *task, struct mdp_canvas *canvas) {
    mdp_err err = check(rows);
    if (err != MDP_OK) return err;
    *task = (struct task){.rows = rows};
    lay_out(task);
    describe(rows, task->about);
    *canvas = (struct mdp_canvas){task->width, task->height, FONT, 4, rows->title, task->about};
    return MDP_OK;
}

mdp_err mdp_row_page_write(const struct mdp_row_page *rows, const char *path) {
    struct task task;
    struct mdp_canvas canvas;
    mdp_err err;
    MDP_TRY(mdp_gnuplot_check_path(path));
    MDP_TRY(prepare(rows, &task, &canvas));
    MDP_TRY(mdp_gnuplot_draw(path, &canvas, put_rows, &task));
out:
    return err;
}

mdp_err mdp_row_page_svg(const struct mdp_row_page *rows, char **svg, size_t *size) {
    struct task task;
    struct mdp_canvas canvas;
    mdp_err err = prepare(rows, &task, &canvas);
    return err == MDP_OK ? mdp_gnuplot_svg(&canvas, put_rows, &task, svg, size) : err;
}
