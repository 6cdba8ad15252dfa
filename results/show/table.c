#include "results/show/table.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memstream.h"
#include "base/number.h"
#include "base/terminal.h"
#include "results/show/json.h"
#include "results/show/markup.h"
#include "results/show/table_internal.h"

_Static_assert(3 * (int)MDP_NUMBER_MAX == (int)MDP_CELL_MAX, "room for what a cell shows");

/* ---- making ---- */

mdp_err mdp_table_new(const char *title, const struct mdp_columns *columns, struct mdp_table **out) {
    struct mdp_table *table = NULL;
    unsigned long n = (unsigned long)columns->n;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&table, 1, sizeof *table, "table"));
    if (title != NULL) MDP_TRY(mdp_table_set_title(table, title));
    table->n_columns = table->n_headings = columns->n;
    table->row_size = columns->size;
    MDP_TRY(mdp_calloc(&table->columns, n, sizeof *table->columns, "table columns"));
    MDP_TRY(mdp_calloc(&table->has_interval, n, sizeof(int), "table columns"));
    MDP_TRY(mdp_calloc(&table->headings, n, sizeof *table->headings, "table columns"));
    memcpy(table->columns, columns->list, n * sizeof *table->columns);
    *out = table;
    return MDP_OK;
out:
    mdp_table_free(table);
    return err;
}

void mdp_table_free(struct mdp_table *table) {
    if (table == NULL) return;
    for (long i = 0; i < (long)table->n_rows * table->n_columns; i++) free(table->cells[i].text);
    for (int i = 0; i < table->n_notes; i++) free(table->notes[i]);
    for (int j = 0; table->headings != NULL && j < table->n_headings; j++) free(table->headings[j]);
    free(table->headings);
    free(table->notes);
    free(table->title);
    free(table->cells);
    free(table->columns);
    free(table->has_interval);
    free(table);
}

/* ---- rows ---- */

static mdp_err grow(struct mdp_table *table, size_t n) {
    size_t room = 2 * (size_t)table->room > n ? 2 * (size_t)table->room : n;
    if (n <= (size_t)table->room) return MDP_OK;
    struct mdp_cell *grown = realloc(table->cells, room * (size_t)table->n_columns * sizeof *table->cells);
    if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "table: no memory for %zu rows", room);
    table->cells = grown;
    table->room = (int)room;
    return MDP_OK;
}

static const void *member_of(const void *row, size_t offset) { return (const char *)row + offset; }

static double real_at(const void *row, size_t offset) { return *(const double *)member_of(row, offset); }

static mdp_err set_text(struct mdp_cell *cell, const char *text) {
    if (text == NULL) return MDP_OK;
    cell->content = MDP_CELL_IS_TEXT;
    cell->text = strdup(text);
    return cell->text != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "table: no memory for a cell");
}

/* people may see another text than programs */
static mdp_err set_number(struct mdp_cell *cell, double value, const char *text) {
    mdp_err err = set_text(cell, text);
    cell->content = MDP_CELL_NUMBER;
    cell->value = value;
    return err;
}

static mdp_err set_whole(struct mdp_cell *cell, const struct mdp_column *column, const void *row) {
    long n = *(const long *)member_of(row, column->offset);
    char text[32] = "";
    if (n < 0) return MDP_OK;
    if (column->kind == MDP_CELL_COUNT)
        snprintf(text, sizeof text, "%ld%s", n, *(const int *)member_of(row, column->beside[0]) ? ", few" : "");
    return set_number(cell, (double)n, text[0] != 0 ? text : NULL);
}

static mdp_err set_p(struct mdp_cell *cell, double p) {
    char text[16];
    if (isnan(p)) return MDP_OK;
    snprintf(text, sizeof text, p < 1e-4 ? "<1e-4" : "%.4f", p);
    return set_number(cell, p, text);
}

static mdp_err set_finite(struct mdp_cell *cell, double value) {
    return isfinite(value) ? set_number(cell, value, NULL) : MDP_OK;
}

static mdp_err set_interval(struct mdp_cell *cell, double value, double low, double high) {
    if (isnan(value) || isnan(low) || isnan(high)) return set_finite(cell, value);
    *cell = (struct mdp_cell){MDP_CELL_WITH_ENDS, NULL, value, low, high};
    return MDP_OK;
}

static mdp_err set_shown(struct mdp_cell *cell, const struct mdp_shown *shown) {
    if (shown->text[0] == 0) return set_finite(cell, shown->value);
    return isnan(shown->value) ? set_text(cell, shown->text) : set_number(cell, shown->value, shown->text);
}

static mdp_err set_cell(struct mdp_cell *cell, const struct mdp_column *column, const void *row) {
    const void *member = member_of(row, column->offset);
    switch (column->kind) {
    case MDP_CELL_TEXT: return set_text(cell, *(const char *const *)member);
    case MDP_CELL_LETTERS: return set_text(cell, member);
    case MDP_CELL_WHOLE:
    case MDP_CELL_COUNT: return set_whole(cell, column, row);
    case MDP_CELL_REAL: return set_finite(cell, *(const double *)member);
    case MDP_CELL_P: return set_p(cell, *(const double *)member);
    case MDP_CELL_INTERVAL:
        return set_interval(cell, *(const double *)member, real_at(row, column->beside[0]),
                            real_at(row, column->beside[1]));
    case MDP_CELL_SHOWN: return set_shown(cell, member);
    default: return mdp_fail(MDP_E_INTERNAL, "table: column %s: no such kind", column->key);
    }
}

mdp_err mdp_table_fill(struct mdp_table *table, const void *rows, long n) {
    mdp_err err;
    MDP_TRY(grow(table, (size_t)table->n_rows + (size_t)n));
    for (long i = 0; i < n; i++) {
        struct mdp_cell *cells = &table->cells[(size_t)table->n_rows * (size_t)table->n_columns];
        memset(cells, 0, (size_t)table->n_columns * sizeof *cells);
        table->n_rows++;
        for (int j = 0; j < table->n_columns; j++) {
            MDP_TRY(set_cell(&cells[j], &table->columns[j], member_of(rows, (size_t)i * table->row_size)));
            table->has_interval[j] |= cells[j].content == MDP_CELL_WITH_ENDS;
        }
    }
out:
    return err;
}

void mdp_row_clear(const struct mdp_columns *columns, void *row) {
    for (int j = 0; j < columns->n; j++) {
        void *member = (char *)row + columns->list[j].offset;
        switch (columns->list[j].kind) {
        case MDP_CELL_TEXT: *(const char **)member = NULL; break;
        case MDP_CELL_LETTERS: *(char *)member = 0; break;
        case MDP_CELL_WHOLE:
        case MDP_CELL_COUNT: *(long *)member = -1; break;
        case MDP_CELL_SHOWN: *(struct mdp_shown *)member = MDP_SHOWN_NOTHING; break;
        case MDP_CELL_INTERVAL:
            *(double *)member = NAN;
            for (int k = 0; k < 2; k++) *(double *)((char *)row + columns->list[j].beside[k]) = NAN;
            break;
        default: *(double *)member = NAN;
        }
    }
}

mdp_err mdp_table_set_title(struct mdp_table *table, const char *title) {
    char *copy = strdup(title);
    if (copy == NULL) return mdp_fail(MDP_E_NOMEM, "table: no memory for its title");
    free(table->title);
    table->title = copy;
    return MDP_OK;
}

void mdp_table_set_tex(struct mdp_table *table, const struct mdp_table_tex *tex) { table->tex = *tex; }

mdp_err mdp_table_set_heading(struct mdp_table *table, const char *key, const char *title) {
    int j = 0;
    while (j < table->n_columns && strcmp(table->columns[j].key, key) != 0) j++;
    if (j == table->n_columns) return mdp_fail(MDP_E_INTERNAL, "table: expected a column %s, found none", key);
    free(table->headings[j]);
    table->headings[j] = strdup(title);
    if (table->headings[j] == NULL) return mdp_fail(MDP_E_NOMEM, "table: no memory for a heading");
    table->columns[j].title = table->headings[j];
    return MDP_OK;
}

mdp_err mdp_table_add_note(struct mdp_table *table, const char *format, ...) {
    struct mdp_memstream note;
    va_list args;
    char **grown = realloc(table->notes, (size_t)(table->n_notes + 1) * sizeof *grown);
    if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "table: no memory for a note");
    table->notes = grown;
    mdp_err err = mdp_memstream_open(&note, "note of a table");
    if (err != MDP_OK) return err;
    va_start(args, format);
    vfprintf(note.stream, format, args);
    va_end(args);
    err = mdp_memstream_close(&note, MDP_OK);
    if (err == MDP_OK) table->notes[table->n_notes++] = note.text;
    return err;
}

const struct mdp_names *mdp_table_format_names(void) {
    static const char *const formats[] = {[MDP_TABLE_TEXT] = "text",
                                          [MDP_TABLE_MD] = "md",
                                          [MDP_TABLE_TEX] = "tex",
                                          [MDP_TABLE_CSV] = "csv",
                                          [MDP_TABLE_JSON] = "json"};
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(formats);
    return &names;
}

/* ---- cells for people ---- */

/* a cell's text is borrowed, a number is written into `buffer` */
const char *mdp_cell_shown(const struct mdp_cell *cell, int digits, char buffer[MDP_CELL_MAX]) {
    char lo[MDP_NUMBER_MAX], hi[MDP_NUMBER_MAX], value[MDP_NUMBER_MAX];
    switch (cell->content) {
    case MDP_CELL_MISSING: return "-";
    case MDP_CELL_IS_TEXT: return cell->text;
    case MDP_CELL_NUMBER:
        if (cell->text != NULL) return cell->text;
        mdp_number_fixed(cell->value, digits, buffer);
        return buffer;
    case MDP_CELL_WITH_ENDS:
        mdp_number_fixed(cell->value, digits, value);
        mdp_number_fixed(cell->lo, digits, lo);
        mdp_number_fixed(cell->hi, digits, hi);
        snprintf(buffer, MDP_CELL_MAX, "%.390s [%.390s, %.390s]", value, lo, hi);
        return buffer;
    }
    return "";
}

const char *mdp_table_title(const struct mdp_table *table) { return table->title; }

const char *mdp_table_note(const struct mdp_table *table, int i) { return i < table->n_notes ? table->notes[i] : NULL; }

const struct mdp_column *mdp_table_column(const struct mdp_table *table, int j) {
    return j < table->n_columns ? &table->columns[j] : NULL;
}

int mdp_table_n_rows(const struct mdp_table *table) { return table->n_rows; }

const char *mdp_table_cell(const struct mdp_table *table, int i_row, int i_column, char buffer[MDP_CELL_MAX],
                           double *value) {
    const struct mdp_cell *cell = mdp_cell_at(table, i_row, i_column);
    *value = cell->content == MDP_CELL_NUMBER || cell->content == MDP_CELL_WITH_ENDS ? cell->value : NAN;
    return mdp_cell_shown(cell, table->columns[i_column].digits, buffer);
}

/* ---- Markdown ---- */

/* numbers are ours, and an interval's bracket needs no escape */
static void put_md_cell(FILE *stream, const struct mdp_cell *cell, int digits) {
    char buffer[MDP_CELL_MAX];
    const char *text = mdp_cell_shown(cell, digits, buffer);
    cell->content == MDP_CELL_IS_TEXT ? mdp_put_md(stream, text) : (void)fputs(text, stream);
}

/* notes become a list below the table, since Markdown has no place for them in it */
static mdp_err write_md(const struct mdp_table *table, FILE *stream) {
    if (table->title != NULL) {
        fputs("**", stream);
        mdp_put_md(stream, table->title);
        fputs("**\n\n", stream);
    }
    for (int j = 0; j < table->n_columns; j++) {
        fputs("| ", stream);
        fputs(table->columns[j].title, stream);
        fputc(' ', stream);
    }
    fputs("|\n", stream);
    for (int j = 0; j < table->n_columns; j++)
        fputs(mdp_column_is_left(&table->columns[j]) ? "|:---" : "|---:", stream);
    fputs("|\n", stream);
    for (int i = 0; i < table->n_rows; i++) {
        for (int j = 0; j < table->n_columns; j++) {
            fputs("| ", stream);
            put_md_cell(stream, mdp_cell_at(table, i, j), table->columns[j].digits);
            fputc(' ', stream);
        }
        fputs("|\n", stream);
    }
    for (int i = 0; i < table->n_notes; i++) {
        fputs(i == 0 ? "\n- " : "- ", stream);
        /* at the start of an item these begin a heading, a quotation or another list */
        if (table->notes[i][0] != 0 && strchr("#>+-", table->notes[i][0]) != NULL) fputc('\\', stream);
        mdp_put_md(stream, table->notes[i]);
        fputc('\n', stream);
    }
    return MDP_OK;
}

/* ---- CSV (lines end in a bare newline) ---- */

static void put_csv_number(FILE *stream, double value) {
    char text[MDP_NUMBER_MAX];
    mdp_number_shortest(value, text);
    fputs(text, stream);
}

static void put_csv_cell(FILE *stream, const struct mdp_cell *cell, int has_interval) {
    if (cell->content == MDP_CELL_NUMBER || cell->content == MDP_CELL_WITH_ENDS)
        put_csv_number(stream, cell->value);
    else if (cell->content == MDP_CELL_IS_TEXT)
        mdp_put_csv(stream, cell->text);
    if (!has_interval) return;
    fputc(',', stream);
    if (cell->content == MDP_CELL_WITH_ENDS) put_csv_number(stream, cell->lo);
    fputc(',', stream);
    if (cell->content == MDP_CELL_WITH_ENDS) put_csv_number(stream, cell->hi);
}

static mdp_err write_csv(const struct mdp_table *table, FILE *stream) {
    for (int j = 0; j < table->n_columns; j++) {
        const char *key = table->columns[j].key;
        fprintf(stream, "%s%s", j > 0 ? "," : "", key);
        if (table->has_interval[j]) fprintf(stream, ",%s_lo,%s_hi", key, key);
    }
    fputc('\n', stream);
    for (int i = 0; i < table->n_rows; i++) {
        for (int j = 0; j < table->n_columns; j++) {
            if (j > 0) fputc(',', stream);
            put_csv_cell(stream, mdp_cell_at(table, i, j), table->has_interval[j]);
        }
        fputc('\n', stream);
    }
    return MDP_OK;
}

/* ---- JSON ---- */

static json_t *json_cell(const struct mdp_column *column, const struct mdp_cell *cell) {
    if (cell->content == MDP_CELL_MISSING) return json_null();
    if (cell->content == MDP_CELL_IS_TEXT) return mdp_json_of_text(cell->text);
    int is_count = column->kind == MDP_CELL_WHOLE || column->kind == MDP_CELL_COUNT || column->is_count;
    return is_count ? mdp_json_count(cell->value) : mdp_json_real(cell->value);
}

static void json_row(const struct mdp_table *table, int i_row, json_t *row) {
    for (int j = 0; j < table->n_columns; j++) {
        const struct mdp_cell *cell = mdp_cell_at(table, i_row, j);
        const char *key = table->columns[j].key;
        char name[256];
        json_object_set_new(row, key, json_cell(&table->columns[j], cell));
        if (!table->has_interval[j]) continue;
        snprintf(name, sizeof name, "%.240s_lo", key);
        json_object_set_new(row, name, cell->content == MDP_CELL_WITH_ENDS ? mdp_json_real(cell->lo) : json_null());
        snprintf(name, sizeof name, "%.240s_hi", key);
        json_object_set_new(row, name, cell->content == MDP_CELL_WITH_ENDS ? mdp_json_real(cell->hi) : json_null());
    }
}

static mdp_err write_json(const struct mdp_table *table, FILE *stream) {
    json_t *root = json_object(), *columns = json_array(), *rows = json_array(), *notes = json_array();
    json_object_set_new(root, "title", table->title != NULL ? mdp_json_of_text(table->title) : json_null());
    for (int j = 0; j < table->n_columns; j++)
        json_array_append_new(columns,
                              json_pack("{ss,ss}", "key", table->columns[j].key, "title", table->columns[j].title));
    for (int i = 0; i < table->n_rows; i++) {
        json_t *row = json_object();
        json_row(table, i, row);
        json_array_append_new(rows, row);
    }
    for (int i = 0; i < table->n_notes; i++) json_array_append_new(notes, mdp_json_of_text(table->notes[i]));
    json_object_set_new(root, "notes", notes);
    json_object_set_new(root, "columns", columns);
    json_object_set_new(root, "rows", rows);
    return mdp_json_write(root, 2, "table", stream);
}

mdp_err mdp_table_write(const struct mdp_table *table, enum mdp_table_format format, FILE *stream) {
    mdp_err err = MDP_OK;
    switch (format) {
    case MDP_TABLE_TEXT: err = mdp_table_write_text(table, mdp_terminal_width(stream), stream); break;
    case MDP_TABLE_MD: err = write_md(table, stream); break;
    case MDP_TABLE_TEX: err = mdp_table_write_tex(table, stream); break;
    case MDP_TABLE_CSV: err = write_csv(table, stream); break;
    case MDP_TABLE_JSON: err = write_json(table, stream); break;
    }
    if (err == MDP_OK && (fflush(stream) != 0 || ferror(stream))) err = mdp_fail(MDP_E_IO, "table: cannot write");
    return err;
}
