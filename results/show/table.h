/* tables: rows of texts, numbers and gaps, shown as plain text, Markdown, LaTeX, CSV or JSON.
 *
 * the first three are for people and round to each column's precision; CSV and JSON are for programs and keep every
 * digit. the same table gives the same bytes in every locale. */
#ifndef MDP_RESULTS_SHOW_TABLE_H
#define MDP_RESULTS_SHOW_TABLE_H

#include <stdio.h>

#include "base/names.h"

enum mdp_align { MDP_LEFT, MDP_RIGHT, MDP_CENTER };

enum mdp_table_format { MDP_TABLE_TEXT, MDP_TABLE_MD, MDP_TABLE_TEX, MDP_TABLE_CSV, MDP_TABLE_JSON };

/* a column; texts are borrowed for the life of the table */
struct mdp_column {
    const char *key;   /* name for programs: CSV header and JSON member */
    const char *title; /* heading for people */
    enum mdp_align align;
    int precision; /* digits after the point, 0 to 17 */
};

struct mdp_table;

/** Makes an empty table with a copy of the title. Nullable: title. Owns: caller, mdp_table_free. Errors: NOMEM. */
mdp_err mdp_table_new(const char *title, int n_columns, const struct mdp_column *columns, struct mdp_table **out);

/** Frees a table. Nullable: table. */
void mdp_table_free(struct mdp_table *table);

/** Starts a row in which every cell is missing. Errors: NOMEM. */
mdp_err mdp_table_add_row(struct mdp_table *table);

/** Sets a cell of the newest row to a copy of a text. Errors: NOMEM. */
mdp_err mdp_table_set_text(struct mdp_table *table, int i_column, const char *text);

/** Sets a cell of the newest row to a number; a NaN or infinity is shown as such, and null in JSON. */
void mdp_table_set_number(struct mdp_table *table, int i_column, double value);

/** Sets a cell of the newest row to a number with an interval, "0.50 [0.41, 0.58]"; in CSV and JSON key, key_lo, key_hi
 * have columns of their own. */
void mdp_table_set_interval(struct mdp_table *table, int i_column, double value, double lo, double hi);

/** Sets a cell of the newest row to a number that people see as `shown`, e.g. "<1e-4" or "1.26e-05"; programs get the
 * number. Errors: NOMEM. */
mdp_err mdp_table_set_shown(struct mdp_table *table, int i_column, double value, const char *shown);

/** Sets a cell of the newest row to a count of values, marked where they are few: "3, few"; programs get the number.
 * Errors: NOMEM. */
mdp_err mdp_table_set_count(struct mdp_table *table, int i_column, long n, int is_few);

/** Adds a line below the table: what a number means, how it was found. Not in CSV. Errors: NOMEM. */
mdp_err mdp_table_add_note(struct mdp_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Lists the formats, in the order of their enum; all but the first are endings of files, too. */
const struct mdp_names *mdp_table_format_names(void);

/** Writes a table. Errors: IO, NOMEM. */
mdp_err mdp_table_write(const struct mdp_table *table, enum mdp_table_format format, FILE *stream);

#endif
