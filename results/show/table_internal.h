/* what is in a table, for the files that lay it out. */
#ifndef MDP_RESULTS_SHOW_TABLE_INTERNAL_H
#define MDP_RESULTS_SHOW_TABLE_INTERNAL_H

#include "base/number.h"
#include "results/show/table.h"

enum mdp_cell_content { MDP_CELL_MISSING, MDP_CELL_IS_TEXT, MDP_CELL_NUMBER, MDP_CELL_WITH_ENDS };

struct mdp_cell {
    enum mdp_cell_content content;
    char *text; /* what people see in place of the number, or NULL */
    double value, lo, hi;
};

struct mdp_table {
    char *title;
    char **notes;
    int n_notes;
    int n_columns, n_rows, room;
    size_t row_size; /* of the struct that columns describe */
    struct mdp_column *columns;
    int *has_interval;      /* [n_columns] */
    int n_headings;         /* columns that there were at first */
    char **headings;        /* [n_headings], NULL where the column's own title stands */
    struct mdp_cell *cells; /* [n_rows, n_columns] */
    struct mdp_table_tex tex;
};

/** Returns a cell. Owns: table. */
static inline const struct mdp_cell *mdp_cell_at(const struct mdp_table *table, int i_row, int i_column) {
    return &table->cells[(size_t)i_row * (size_t)table->n_columns + (size_t)i_column];
}

/** Returns 1 if a column stands left. */
static inline int mdp_column_is_left(const struct mdp_column *column) {
    return column->kind == MDP_CELL_TEXT || column->kind == MDP_CELL_LETTERS;
}

/** Returns what people see of a cell: its text, borrowed, or the number written into `buffer`. */
const char *mdp_cell_shown(const struct mdp_cell *cell, int digits, char buffer[MDP_CELL_MAX]);

/** Writes a table for people: columns under each other, in a terminal's width below each other where they do not fit.
 * Errors: NOMEM. */
mdp_err mdp_table_write_text(const struct mdp_table *table, int width, FILE *stream);

/** Writes a table in LaTeX. Errors: none. */
mdp_err mdp_table_write_tex(const struct mdp_table *table, FILE *stream);

#endif
