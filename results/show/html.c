#include "results/show/html.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/claim.h"
#include "base/fsx.h"
#include "base/number.h"
#include "results/show/assets.h"
#include "results/show/figure.h"
#include "results/show/figure_parts.h"
#include "results/show/json.h"
#include "results/show/markup.h"

/* ---- the page ---- */

/* a text of several lines */
static void put_lines(FILE *page, const char *text) {
    char line[512];
    for (size_t n; *text != 0; text += n + (text[n] != 0)) {
        n = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)n, text);
        mdp_put_xml(page, line);
        fputc('\n', page);
    }
}

/* the policy lets the page's own style, script and pictures in, and nothing from anywhere else */
void mdp_html_begin(FILE *page, const char *title) {
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
          "'unsafe-inline'; script-src 'unsafe-inline'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
          page);
    mdp_put_xml(page, title);
    fputs("</title>\n<style>\n", page);
    fputs(mdp_asset_css, page);
    fputs("</style>\n</head>\n<body>\n<main>\n", page);
    mdp_html_text(page, "h1", NULL, title);
}

/* the licence of D3 asks to stand wherever its code does */
void mdp_html_end(FILE *page, int has_figures) {
    fputs("</main>\n<footer><p>Made by mdpbench " MDP_VERSION ".</p>\n", page);
    if (has_figures) {
        fputs("<details><summary>The licence of D3, which draws the curves</summary>\n<pre>", page);
        put_lines(page, mdp_asset_d3_licence);
        fputs("</pre>\n</details>\n", page);
    }
    fputs("</footer>\n", page);
    if (has_figures) fprintf(page, "<script>\n%s\n</script>\n", mdp_asset_d3);
    fprintf(page, "<script>\n%s</script>\n</body>\n</html>\n", mdp_asset_js);
}

mdp_err mdp_html_save(struct mdp_memstream *page, mdp_err err, const char *path) {
    struct mdp_claim *claim = NULL;
    err = mdp_memstream_close(page, err);
    if (err == MDP_OK) err = mdp_fsx_make_parents(path);
    if (err == MDP_OK) err = mdp_claim_take(path, &claim);
    if (err == MDP_OK) err = mdp_fsx_write(path, page->text, page->size);
    mdp_claim_free(claim);
    free(page->text);
    page->text = NULL;
    return err;
}

void mdp_html_text(FILE *page, const char *element, const char *class, const char *text) {
    fprintf(page, "<%s", element);
    if (class != NULL) fprintf(page, " class=\"%s\"", class);
    fputc('>', page);
    mdp_put_xml(page, text);
    fprintf(page, "</%s>\n", element);
}

void mdp_html_caption(FILE *page, const char *text) {
    fputs("<caption><span>", page);
    mdp_put_xml(page, text);
    fputs("</span></caption>\n", page);
}

void mdp_html_section(FILE *page, const char *id, const char *heading) {
    fputs("<section id=\"", page);
    mdp_put_xml(page, id);
    fputs("\">\n", page);
    mdp_html_text(page, "h2", NULL, heading);
}

void mdp_html_section_end(FILE *page) { fputs("</section>\n", page); }

void mdp_html_anchor(FILE *page, int number) { fprintf(page, " id=\"e%d\"", number); }

/* ---- tables ---- */

static int is_text(const struct mdp_column *column) {
    return column->kind == MDP_CELL_TEXT || column->kind == MDP_CELL_LETTERS;
}

/* the first cell names the row and carries the link, so that a row is one stop of the keyboard; a click on any of its
 * numbers follows it */
static void put_cell(FILE *page, const struct mdp_table *table, int i, int j, int link) {
    char buffer[MDP_CELL_MAX], number[MDP_NUMBER_MAX];
    double value;
    const char *text = mdp_table_cell(table, i, j, buffer, &value);
    fputs(j == 0 ? "<th scope=\"row\"" : "<td", page);
    if (!is_text(mdp_table_column(table, j))) fputs(" class=\"n\"", page);
    if (isfinite(value)) {
        mdp_number_shortest(value, number);
        fprintf(page, " data-v=\"%s\"", number);
    }
    fputc('>', page);
    if (j == 0 && link >= 0) fprintf(page, "<a href=\"#e%d\">", link);
    mdp_put_xml(page, text);
    if (j == 0 && link >= 0) fputs("</a>", page);
    fputs(j == 0 ? "</th>" : "</td>", page);
}

/* a wide table scrolls by itself, also by keyboard */
void mdp_html_table(FILE *page, const struct mdp_table *table, const char *title, const int *links) {
    if (title == NULL) title = mdp_table_title(table);
    const struct mdp_column *column;
    fputs("<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"", page);
    mdp_put_xml(page, title);
    fputs("\">\n<table>\n", page);
    mdp_html_caption(page, title);
    fputs("<thead><tr>", page);
    for (int j = 0; (column = mdp_table_column(table, j)) != NULL; j++) {
        fputs(is_text(column) ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"n\">", page);
        mdp_put_xml(page, column->title);
        fputs("</th>", page);
    }
    fputs("</tr></thead>\n<tbody>\n", page);
    for (int i = 0; i < mdp_table_n_rows(table); i++) {
        fputs("<tr>", page);
        for (int j = 0; mdp_table_column(table, j) != NULL; j++)
            put_cell(page, table, i, j, links != NULL ? links[i] : -1);
        fputs("</tr>\n", page);
    }
    fputs("</tbody>\n</table>\n</div>\n", page);
    if (mdp_table_note(table, 0) != NULL) fputs("<ul class=\"notes\">\n", page);
    for (int i = 0; mdp_table_note(table, i) != NULL; i++) mdp_html_text(page, "li", NULL, mdp_table_note(table, i));
    if (mdp_table_note(table, 0) != NULL) fputs("</ul>\n", page);
}

/* ---- pictures ---- */

static void put_base64(FILE *page, const char *data, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        unsigned bits = 0;
        for (size_t k = 0; k < 3; k++) bits = bits << 8 | (i + k < size ? (unsigned char)data[i + k] : 0);
        for (size_t k = 0; k < 4; k++) fputc(i + k <= size ? digits[bits >> (18 - 6 * k) & 63] : '=', page);
    }
}

/* an image has a document of its own: what its texts say is no markup of the page */
void mdp_html_image(FILE *page, const char *class, const char *svg, size_t size, const char *words) {
    fprintf(page, "<img class=\"%s\" alt=\"", class);
    mdp_put_xml(page, words);
    fputs("\" src=\"data:image/svg+xml;base64,", page);
    put_base64(page, svg, size);
    fputs("\">\n", page);
}

static json_t *reals(const double *values, long n) {
    json_t *list = json_array();
    for (long i = 0; values != NULL && i < n; i++) json_array_append_new(list, mdp_json_real(values[i]));
    return list;
}

/* labels: on a page of panels, where a series has its colour from; NULL: from the figure itself */
static json_t *figure_data(const struct mdp_figure *figure, const struct mdp_page *panels) {
    json_t *all = json_array(), *levels = json_array();
    for (int i = 0; i < figure->n_series; i++) {
        const struct mdp_series *s = &figure->series[i];
        int place = figure->places != NULL ? figure->places[i] : i;
        for (int k = 0; panels != NULL && k < panels->n_labels; k++)
            if (strcmp(panels->labels[k], s->label) == 0) place = k;
        json_array_append_new(all, json_pack("{s:o, s:s, s:i, s:o, s:o, s:o, s:o}", "label", mdp_json_of_text(s->label),
                                             "colour", mdp_figure_colour(place), "place", place, "x", reals(s->x, s->n),
                                             "y", reals(s->y, s->n), "lo", reals(s->lo, s->lo != NULL ? s->n : 0), "hi",
                                             reals(s->hi, s->hi != NULL ? s->n : 0)));
    }
    for (int i = 0; i < figure->n_levels; i++)
        json_array_append_new(levels, json_pack("{s:o, s:o}", "label", mdp_json_of_text(figure->levels[i].label), "y",
                                                mdp_json_real(figure->levels[i].y)));
    return json_pack("{s:o, s:s, s:s, s:o, s:o}", "title",
                     figure->title != NULL ? mdp_json_of_text(figure->title) : json_null(), "x", figure->x_title, "y",
                     figure->y_title, "series", all, "levels", levels);
}

/* within a script element a text could end it: no '<' stands there */
static mdp_err put_data(FILE *page, json_t *data) {
    char *text = data != NULL ? json_dumps(data, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    json_decref(data);
    if (text == NULL) return mdp_fail(MDP_E_NOMEM, "page: no memory for the numbers of a figure");
    fputs("<script type=\"application/json\">", page);
    for (const char *c = text; *c != 0; c++) *c == '<' ? (void)fputs("\\u003c", page) : (void)fputc(*c, page);
    fputs("</script>\n", page);
    free(text);
    return MDP_OK;
}

static mdp_err put_figure(FILE *page, const char *class, const char *svg, size_t size, json_t *data,
                          const char *words) {
    fputs("<figure>\n", page);
    mdp_html_image(page, class, svg, size, words);
    mdp_err err = put_data(page, data);
    mdp_html_text(page, "figcaption", NULL, words);
    fputs("</figure>\n", page);
    return err;
}

mdp_err mdp_html_figure(FILE *page, const struct mdp_figure *figure, const char *words) {
    char *svg;
    size_t size;
    mdp_err err = mdp_figure_svg(figure, &svg, &size);
    if (err != MDP_OK) return err;
    err = put_figure(page, "chart", svg, size, json_pack("[o]", figure_data(figure, NULL)), words);
    free(svg);
    return err;
}

mdp_err mdp_html_panels(FILE *page, const struct mdp_page *panels, const char *words) {
    char *svg;
    size_t size;
    json_t *data = json_array();
    mdp_err err = mdp_page_svg(panels, &svg, &size);
    if (err != MDP_OK) goto out;
    for (int i = 0; i < panels->n_panels; i++) json_array_append_new(data, figure_data(&panels->panels[i], panels));
    err = put_figure(page, "panels", svg, size, data, words);
    data = NULL;
    free(svg);
out:
    json_decref(data);
    return err;
}

mdp_err mdp_html_rows(FILE *page, const struct mdp_row_page *rows, const char *words) {
    char *svg;
    size_t size;
    mdp_err err = mdp_row_page_svg(rows, &svg, &size);
    if (err != MDP_OK) return err;
    fputs("<figure>\n", page);
    mdp_html_image(page, "rows", svg, size, words);
    mdp_html_text(page, "figcaption", NULL, words);
    fputs("</figure>\n", page);
    free(svg);
    return MDP_OK;
}

/* dots in their order, at four heights so that close ones are seen beside each other */
void mdp_html_dots(FILE *page, const double *values, long n, double low, double high) {
    const double width = 196, span = high > low ? high - low : 1;
    double least = values[0], most = values[0];
    for (long i = 1; i < n; i++) {
        least = fmin(least, values[i]);
        most = fmax(most, values[i]);
    }
    fprintf(page,
            "<svg class=\"dots\" viewBox=\"0 0 200 16\" role=\"img\" aria-label=\"%ld returns from %.3f to "
            "%.3f\"><path d=\"",
            n, least, most);
    for (long i = 0; i < n; i++) fprintf(page, "M%.1f %ldh0", 2 + width * (values[i] - low) / span, 2 + 4 * (i % 4));
    fputs("\"/></svg>", page);
}

/* ---- facts ---- */

static void put_fact(FILE *page, const char *name, const char *value) {
    if (value == NULL || value[0] == 0) return;
    fputs("<tr><th scope=\"row\">", page);
    mdp_put_xml(page, name);
    fputs("</th><td>", page);
    mdp_put_xml(page, value);
    fputs("</td></tr>\n", page);
}

void mdp_html_facts(FILE *page, const struct mdp_facts *facts, const struct mdp_episodes_info *info) {
    struct mdp_facts found;
    if (info != NULL) {
        mdp_facts_read(info, &found);
        facts = &found;
    }
    fputs("<table class=\"facts\"><tbody>\n", page);
    for (int i = 0; i < MDP_N_FACTS; i++)
        if ((facts->known & MDP_FACT_BIT(i)) != 0)
            put_fact(page, mdp_fact_row((enum mdp_fact)i)->text, facts->values[i]);
    if (info != NULL) {
        put_fact(page, "machine", info->head.machine);
        put_fact(page, "program", info->head.version);
        put_fact(page, "inputs", info->head.inputs);
        put_fact(page, "settings", info->head.settings);
    }
    fputs("</tbody></table>\n", page);
}
