/* panels on top of each other at the width of a paper's column, with one legend below. */
#include <stdio.h>
#include <string.h>

#include "results/show/figure.h"
#include "results/show/figure_parts.h"
#include "results/show/gnuplot.h"

/* pixels of a column page: 326 are 3.4 inches */
enum {
    COLUMN = 326,
    Y_TITLE = 8,       /* the middle of it */
    LEFT = 24,         /* beside the labels of the tics */
    TIC_CHARACTER = 6, /* of numbers with a point */
    TIC_DIGIT = 8,     /* of whole ones, where the axis is this long */
    WHOLE_TICS = 20,
    RIGHT = 16, /* half of a label such as 20000 stands beyond the plot */
    PAGE_TITLE = 16,
    PANEL_GAP = 6,
    PLOT = 146,
    TICS = 18,
    X_TITLE = 18,
    LEGEND_LINE = 13,
    WIDE_TITLE = 19, /* characters of a series' label that need a line of the legend for themselves */
    FONT = 9,
    NOTE = 12, /* a line below the legend */
    NOTE_FONT = 7,
    NOTE_LABEL = 4,
    NOTE_LINE_MAX = 160,
    FULL_TITLE = 50, /* characters that fill a line of that size */
    N_X_TICS = 6,
    N_Y_TICS = 6
};

struct layout {
    int height, n_columns, n_lines, note; /* note: the height of its lines */
};

/* the place of a label, on which its colour, dash and mark depend; -1 if the page has no such label */
static int find_place(const struct mdp_page *page, const char *label) {
    for (int i = 0; i < page->n_labels; i++)
        if (strcmp(page->labels[i], label) == 0) return i;
    return -1;
}

static int dash_at(int place) { return 1 + place % 5; }

static int mark_at(int place) { return (const int[]){7, 5, 9, 11, 13, 6, 4, 8}[place % 8]; }

static int shows(const struct mdp_page *page, const char *label) {
    for (int k = 0; k < page->n_panels; k++)
        for (int i = 0; i < page->panels[k].n_series; i++)
            if (strcmp(page->panels[k].series[i].label, label) == 0) return 1;
    return 0;
}

static int lines_of(const char *note) {
    int n = note != NULL && note[0] != 0;
    for (const char *c = n > 0 ? note : ""; *c != 0; c++) n += *c == '\n';
    return n;
}

static struct layout lay_out(const struct mdp_page *page) {
    struct layout layout = {.n_columns = 2};
    int n_shown = 0;
    for (int i = 0; i < page->n_labels; i++) {
        if (!shows(page, page->labels[i])) continue;
        n_shown++;
        if (strlen(page->labels[i]) > WIDE_TITLE) layout.n_columns = 1;
    }
    layout.n_lines = (n_shown + layout.n_columns - 1) / layout.n_columns;
    layout.note = NOTE * lines_of(page->note);
    layout.height = layout.note + (page->title != NULL ? PAGE_TITLE : 0) + page->n_panels * (PANEL_GAP + PLOT + TICS) +
                    X_TITLE + layout.n_lines * LEGEND_LINE + 10;
    return layout;
}

/* marks on about ten points of a curve, at other points for every curve, so that close ones do not hide each other */
static void put_panel_plot(FILE *script, const struct mdp_page *page, const struct mdp_figure *figure) {
    const char *comma = "plot ";
    for (int i = 0; i < figure->n_series; i++) {
        if (figure->series[i].lo == NULL || mdp_series_has_bar(&figure->series[i])) continue;
        fprintf(script, "%s$s%d using 1:3:4 with filledcurves fc rgb '%s' fs transparent solid 0.14 noborder notitle",
                comma, i, mdp_figure_colour(find_place(page, figure->series[i].label)));
        comma = ", \\\n     ";
    }
    for (int i = 0; i < figure->n_series; i++) {
        int place = find_place(page, figure->series[i].label);
        long gap = (figure->series[i].n + 9) / 10, first = place % gap;
        const char *colour = mdp_figure_colour(place);
        fprintf(script, "%s$s%d using 1:2 with lines lw 1.6 dt %d lc rgb '%s' notitle", comma, i, dash_at(place),
                colour);
        fprintf(script, ", \\\n     $s%d using 1:2 every %ld::%ld with points pt %d ps 0.45 lc rgb '%s' notitle", i,
                gap, first, mark_at(place), colour);
        comma = ", \\\n     ";
        if (mdp_series_has_bar(&figure->series[i]))
            fprintf(script, "%s$s%d using 1:2:3:4 with yerrorbars lw 1.6 pt %d ps 0.45 lc rgb '%s' notitle", comma, i,
                    mark_at(place), colour);
    }
}

static void put_legend(FILE *script, const struct mdp_page *page) {
    for (int i = 0; i < page->n_labels; i++) {
        if (!shows(page, page->labels[i])) continue;
        fprintf(script, ", \\\n     keyentry with linespoints lw 1.6 dt %d pt %d ps 0.45 lc rgb '%s' title ",
                dash_at(i), mark_at(i), mdp_figure_colour(i));
        mdp_gnuplot_put_text(script, page->labels[i], "");
    }
}

/* only the lowest panel shows the x title and the legend, which are the same for all */
static void put_panel(FILE *script, const struct mdp_page *page, int i_panel, const struct layout *layout,
                      const struct mdp_axis *x, const struct mdp_axis *y) {
    const struct mdp_figure *panel = &page->panels[i_panel];
    int is_last = i_panel + 1 == page->n_panels;
    int top = (page->title != NULL ? PAGE_TITLE : 0) + i_panel * (PANEL_GAP + PLOT + TICS) + PANEL_GAP;
    double height = layout->height;
    fprintf(script, "set tmargin at screen %.6f\nset bmargin at screen %.6f\n", 1 - top / height,
            1 - (top + PLOT) / height);
    /* at the left, where learning curves are low */
    fputs("set label 2 ", script);
    mdp_gnuplot_put_text(script, panel->title != NULL ? panel->title : "", "");
    fputs(" at graph 0.02, 0.93 left\nset label 3 ", script);
    mdp_gnuplot_put_text(script, page->panels[0].y_title, "");
    fprintf(script, " at screen %.6f, graph 0.5 center rotate by 90\nset xtics offset 0,0.3\n",
            (double)Y_TITLE / COLUMN);
    if (is_last) {
        fputs("set xlabel ", script);
        mdp_gnuplot_put_text(script, page->panels[0].x_title, x->suffix);
        fputs(" offset 0,0.6\n", script);
        fprintf(script,
                "set key at screen 0.5, screen %.6f center top vertical maxrows %d reverse Left samplen 3 "
                "spacing 1 width -1\n",
                (layout->note + layout->n_lines * LEGEND_LINE + 6) / height, layout->n_lines);
    } else {
        fputs("unset xlabel\nunset key\n", script);
    }
    for (int i = 0; i < panel->n_series; i++) mdp_figure_put_data(script, i, panel, x);
    mdp_figure_put_range(script, "x", x, N_X_TICS);
    mdp_figure_put_range(script, "y", y, N_Y_TICS);
    put_panel_plot(script, page, panel);
    if (is_last) put_legend(script, page);
    fputc('\n', script);
}

/* a page and where its parts go */
struct task {
    const struct mdp_page *page;
    struct layout layout;
    char about[MDP_CANVAS_TEXT_MAX];
};

/* title and note stand on a page once, and not above each panel */
static void put_no_labels(FILE *script, const struct mdp_page *page) {
    fputs("unset label 1\n", script);
    for (int i = 0; i < lines_of(page->note); i++) fprintf(script, "unset label %d\n", NOTE_LABEL + i);
}

/* the lines of the note, each a label: 4 and up */
static void put_note(FILE *script, const struct mdp_page *page, const struct layout *layout) {
    const char *rest = page->note;
    char line[NOTE_LINE_MAX];
    for (int i = 0; i < lines_of(page->note); i++) {
        size_t n = strcspn(rest, "\n");
        snprintf(line, sizeof line, "%.*s", (int)n, rest);
        fprintf(script, "set label %d ", NOTE_LABEL + i);
        mdp_gnuplot_put_text(script, line, "");
        fprintf(script, " at screen 0.5, screen %.6f center font ',%d'\n",
                (layout->note - NOTE * (i + 0.4)) / layout->height, NOTE_FONT);
        rest += n + (rest[n] != 0);
    }
}

/* all panels share their axes, so that heights can be compared down the page */
static void put_page(FILE *script, const void *context) {
    const struct task *task = context;
    const struct mdp_page *page = task->page;
    const struct layout *layout = &task->layout;
    struct mdp_axis x = mdp_figures_x(page->panels, page->n_panels), y = mdp_figures_y(page->panels, page->n_panels);
    const int is_whole = (y.high - y.low) / y.scale >= WHOLE_TICS;
    int left = LEFT + (is_whole ? TIC_DIGIT : TIC_CHARACTER) * mdp_figure_tic_length(&y, N_Y_TICS);
    mdp_figure_put_frame(script);
    fprintf(script, "set multiplot\nset lmargin at screen %.6f\nset rmargin at screen %.6f\n", (double)left / COLUMN,
            1 - (double)RIGHT / COLUMN);
    if (page->title != NULL) {
        fputs("set label 1 ", script);
        mdp_gnuplot_put_text(script, page->title, "");
        size_t length = strlen(page->title);
        fprintf(script, " at screen 0.5, screen %.6f center font ',%.1f'\n", 1 - PAGE_TITLE * 0.6 / layout->height,
                length > FULL_TITLE ? (double)FONT * FULL_TITLE / (double)length : FONT);
    }
    put_note(script, page, layout);
    for (int i = 0; i < page->n_panels; i++) {
        put_panel(script, page, i, layout, &x, &y);
        if (i == 0) put_no_labels(script, page);
    }
    fputs("unset multiplot\n", script);
}

static mdp_err check_labels(const struct mdp_page *page) {
    for (int k = 0; k < page->n_panels; k++)
        for (int i = 0; i < page->panels[k].n_series; i++)
            if (find_place(page, page->panels[k].series[i].label) < 0)
                return mdp_fail(MDP_E_DATA, "figure: series '%s': expected a label of the page",
                                page->panels[k].series[i].label);
    return MDP_OK;
}

/* what a page needs before it can be drawn, and how large it is then */
static mdp_err prepare(const struct mdp_page *page, struct task *task, struct mdp_canvas *canvas) {
    mdp_err err = MDP_OK;
    if (page->n_panels < 1 || page->n_panels > MDP_PAGE_PANELS_MAX)
        MDP_TRY(mdp_fail(MDP_E_DATA, "figure: expected 1 to %d panels, found %d", MDP_PAGE_PANELS_MAX, page->n_panels));
    for (int i = 0; i < page->n_panels; i++) MDP_TRY(mdp_figure_check(&page->panels[i]));
    MDP_TRY(check_labels(page));
    task->page = page;
    task->layout = lay_out(page);
    mdp_figure_describe(&page->panels[0], task->about);
    *canvas = (struct mdp_canvas){COLUMN, task->layout.height, FONT, 4, page->title, task->about};
out:
    return err;
}

mdp_err mdp_page_write(const struct mdp_page *page, const char *path) {
    struct task task;
    struct mdp_canvas canvas;
    mdp_err err = mdp_gnuplot_check_path(path);
    if (err == MDP_OK) err = prepare(page, &task, &canvas);
    return err == MDP_OK ? mdp_gnuplot_draw(path, &canvas, put_page, &task) : err;
}

mdp_err mdp_page_svg(const struct mdp_page *page, char **svg, size_t *size) {
    struct task task;
    struct mdp_canvas canvas;
    mdp_err err = prepare(page, &task, &canvas);
    return err == MDP_OK ? mdp_gnuplot_svg(&canvas, put_page, &task, svg, size) : err;
}
