/* self-contained pages: one HTML file that needs no network, reads without scripts, and takes texts of others as texts.
 *
 * whoever makes a page writes its parts, in their order, to a stream in memory, and the file when all of it is there.
 * tables and pictures are static; a script within the page (page.js, on top of D3) then sorts tables and lets curves
 * be zoomed. */
#ifndef MDP_RESULTS_SHOW_HTML_H
#define MDP_RESULTS_SHOW_HTML_H

#include <stdio.h>

#include "base/memstream.h"
#include "results/alike.h"
#include "results/show/figure_data.h"
#include "results/show/figure_rows.h"
#include "results/show/table.h"

/** Begins a page with its title as the first heading. */
void mdp_html_begin(FILE *page, const char *title);

/** Ends a page with its script; one that has figures also with what draws their curves, and the licence of that. */
void mdp_html_end(FILE *page, int has_figures);

/** Closes the stream of a page, `err` being how the writing went, and puts the file in its place, whole or not at all.
 * Owns: the stream's text, freed. Errors: `err`; IO, NOMEM. */
mdp_err mdp_html_save(struct mdp_memstream *page, mdp_err err, const char *path);

/** Writes an element that holds a text, such as ("h2", NULL, text). Nullable: class. */
void mdp_html_text(FILE *page, const char *element, const char *class, const char *text);

/** Writes the caption of a table, which stays in sight where the table scrolls. */
void mdp_html_caption(FILE *page, const char *text);

/** Begins a section with a heading, which links reach by "#id". */
void mdp_html_section(FILE *page, const char *id, const char *heading);

/** Ends the section. */
void mdp_html_section_end(FILE *page);

/** Writes a table with its notes. Shapes: links [rows], numbers of the elements that a row's numbers open, as
 * mdp_html_anchor writes their ids, -1 for none. Nullable: title (the table's own), links. */
void mdp_html_table(FILE *page, const struct mdp_table *table, const char *title, const int *links);

/** Writes the id of an element that rows link to: ` id="e12"`. */
void mdp_html_anchor(FILE *page, int number);

/** Writes an SVG as an image, whose words are for who does not see it. */
void mdp_html_image(FILE *page, const char *class, const char *svg, size_t size, const char *words);

/** Writes a figure: a picture, what it shows in words, and its numbers for the script. Errors: as mdp_figure_svg. */
mdp_err mdp_html_figure(FILE *page, const struct mdp_figure *figure, const char *words);

/** Writes a page of panels in the same way. Errors: as mdp_page_svg. */
mdp_err mdp_html_panels(FILE *page, const struct mdp_page *panels, const char *words);

/** Writes rows as a picture, and what it shows in words. Errors: as mdp_row_page_svg. */
mdp_err mdp_html_rows(FILE *page, const struct mdp_row_page *rows, const char *words);

/** Writes what is known of an evaluation as a table without a head. Nullable: facts, info; not both. */
void mdp_html_facts(FILE *page, const struct mdp_facts *facts, const struct mdp_episodes_info *info);

/** Writes values as dots on a line from low to high, with their number and range in words. Range: n >= 1. */
void mdp_html_dots(FILE *page, const double *values, long n, double low, double high);

#endif
