/* tables: rows of texts, numbers and gaps, shown as plain text, Markdown, LaTeX, CSV or JSON.
 *
 * the first three are for people and round to each column's precision; CSV and JSON are for programs and keep every
 * digit. the same table gives the same bytes in every locale. */
#ifndef MDP_RESULTS_SHOW_TABLE_H
#define MDP_RESULTS_SHOW_TABLE_H

#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "base/names.h"

enum mdp_table_format { MDP_TABLE_TEXT, MDP_TABLE_MD, MDP_TABLE_TEX, MDP_TABLE_CSV, MDP_TABLE_JSON };

/* what a member of a row holds, and its type. texts stand left, all else right */
#define MDP_CELL_TYPE_TEXT const char *      /* NULL: missing */
#define MDP_CELL_TYPE_LETTERS char *         /* an array */
#define MDP_CELL_TYPE_WHOLE long             /* below 0: missing */
#define MDP_CELL_TYPE_COUNT long             /* of values; a second member says whether they are few: "3, few" */
#define MDP_CELL_TYPE_REAL double            /* not finite: missing */
#define MDP_CELL_TYPE_P double               /* a p value: people see "<1e-4" or four digits; NaN: missing */
#define MDP_CELL_TYPE_INTERVAL double        /* "0.50 [0.41, 0.58]"; NaN: missing, and an end NaN: the number alone */
#define MDP_CELL_TYPE_SHOWN struct mdp_shown /* neither number nor text: missing */
enum mdp_cell_kind {
    MDP_CELL_TEXT,
    MDP_CELL_LETTERS,
    MDP_CELL_WHOLE,
    MDP_CELL_COUNT,
    MDP_CELL_REAL,
    MDP_CELL_P,
    MDP_CELL_INTERVAL,
    MDP_CELL_SHOWN
};

/* a number with a text of its own. people see the text, or the number if the text is empty; programs get the number, or
 * the text if the number is NaN */
struct mdp_shown {
    double value;
    char text[64];
};
#define MDP_SHOWN_NOTHING ((struct mdp_shown){NAN, ""})

/* a column: what it is called, and which member of a row is in it; texts are borrowed for the life of the table */
struct mdp_column {
    const char *key;   /* name for programs: CSV header and JSON member */
    const char *title; /* heading for people */
    int digits;        /* after the point, 0 to 17 */
    enum mdp_cell_kind kind;
    size_t offset;    /* of the member */
    int is_count;     /* whether a number that is no long all the same counts something: programs get an integer */
    size_t beside[2]; /* of a count: that of the int "few"; of an interval: those of its ends */
};

/* a column that shows one member of a struct: MDP_COLUMN(type, member, kind, key, title[, digits]). a count has an int
 * beside it that says whether it is few, an interval its two ends. the compiler refuses members of another type */
#define MDP_COLUMN(type, member, kind_, ...)                                                                           \
    { __VA_ARGS__, .kind = MDP_CELL_##kind_, .offset = MDP_CELL_OFFSET(type, member, MDP_CELL_TYPE_##kind_) }
#define MDP_COUNT_COLUMN(type, n, is_few, ...)                                                                         \
    {                                                                                                                  \
        __VA_ARGS__, .kind = MDP_CELL_COUNT, .offset = MDP_CELL_OFFSET(type, n, long), .beside = {                     \
            MDP_CELL_OFFSET(type, is_few, int),                                                                        \
            0                                                                                                          \
        }                                                                                                              \
    }
#define MDP_INTERVAL_COLUMN(type, value, low, high, ...)                                                               \
    {                                                                                                                  \
        __VA_ARGS__, .kind = MDP_CELL_INTERVAL, .offset = MDP_CELL_OFFSET(type, value, double), .beside = {            \
            MDP_CELL_OFFSET(type, low, double),                                                                        \
            MDP_CELL_OFFSET(type, high, double)                                                                        \
        }                                                                                                              \
    }
#define MDP_CELL_OFFSET(type, member, wanted) _Generic(((type *)0)->member, wanted : offsetof(type, member))

/* the columns of a struct; `columns` is an array */
struct mdp_columns {
    const struct mdp_column *list;
    int n;
    size_t size; /* of the struct */
};
#define MDP_COLUMNS(type, columns)                                                                                     \
    { (columns), (int)(sizeof(columns) / sizeof *(columns)), sizeof(type) }

struct mdp_table;

/* how a table looks in LaTeX. with a caption or a label it is a float, the environment table; texts are LaTeX and
 * borrowed for the life of the table */
struct mdp_table_tex {
    const char *caption, *label; /* nullable */
    int is_small;                /* in \small letters with narrow gaps, for a column of a paper */
    int is_plain;                /* lines by \hline, without the package booktabs */
};

/** Makes an empty table with copies of the title and the columns. Nullable: title. Owns: caller, mdp_table_free.
 * Errors: NOMEM. */
mdp_err mdp_table_new(const char *title, const struct mdp_columns *columns, struct mdp_table **out);

/** Frees a table. Nullable: table. */
void mdp_table_free(struct mdp_table *table);

/** Makes every cell of a row missing, of letters empty; members without a column stay. */
void mdp_row_clear(const struct mdp_columns *columns, void *row);

/** Adds rows, copying what their members hold. Shapes: rows [n] of the struct that the columns describe. Errors:
 * NOMEM. */
mdp_err mdp_table_fill(struct mdp_table *table, const void *rows, long n);

/** Replaces the title by a copy. Errors: NOMEM. */
mdp_err mdp_table_set_title(struct mdp_table *table, const char *title);

/** Replaces a column's heading for people by a copy. Errors: NOMEM, INTERNAL if no column has that key. */
mdp_err mdp_table_set_heading(struct mdp_table *table, const char *key, const char *title);

/** Adds a line below the table: what a number means, how it was found. Not in CSV. Errors: NOMEM. */
mdp_err mdp_table_add_note(struct mdp_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Refuses a list of columns, names for programs parted by commas, with one that no table has, or with one twice.
 * Shapes: columns [n], of the tables that the list is for. Errors: USAGE, naming the columns that there are. */
mdp_err mdp_columns_check(const char *names, const struct mdp_columns *const *columns, int n);

/** Keeps the columns of such a list alone, in its order; those of other tables are passed over. *n: how many are left;
 * at 0 the table stays as it is. No rows can be added then. Errors: NOMEM. */
mdp_err mdp_table_choose(struct mdp_table *table, const char *names, int *n);

/** Checks what users say of LaTeX. Errors: USAGE, naming the option. */
mdp_err mdp_table_tex_check(const struct mdp_table_tex *tex);

/** Sets how a table looks in LaTeX. */
void mdp_table_set_tex(struct mdp_table *table, const struct mdp_table_tex *tex);

/* what a table holds, for pages (results/show/html.h) */
enum { MDP_CELL_MAX = 1200 };

/** Returns the title; NULL where there is none. Borrowed, as the texts below. */
const char *mdp_table_title(const struct mdp_table *table);

/** Returns note i, NULL past the last one. */
const char *mdp_table_note(const struct mdp_table *table, int i);

/** Returns column j, NULL past the last one. */
const struct mdp_column *mdp_table_column(const struct mdp_table *table, int j);

/** Returns how many rows there are. */
int mdp_table_n_rows(const struct mdp_table *table);

/** Returns what people see in a cell, "-" where it is missing, and its number, NaN where it has none. Borrowed, or in
 * the buffer. */
const char *mdp_table_cell(const struct mdp_table *table, int i_row, int i_column, char buffer[MDP_CELL_MAX],
                           double *value);

/** Lists the formats, in the order of their enum; all but the first are endings of files, too. */
const struct mdp_names *mdp_table_format_names(void);

/** Writes a table. Errors: IO, NOMEM. */
mdp_err mdp_table_write(const struct mdp_table *table, enum mdp_table_format format, FILE *stream);

#endif
