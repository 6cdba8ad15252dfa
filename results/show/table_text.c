/* tables for people, in lines of equal columns. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/show/table_internal.h"

static const char gap[] = "  ";
enum { GAP = sizeof gap - 1 };

/* columns side by side: first those that name a row, then from `first` to before `end` */
struct block {
    int n_lead, first, end;
};

static int column_at(const struct block *block, int k) {
    return k < block->n_lead ? k : block->first + k - block->n_lead;
}

static int columns_in(const struct block *block) { return block->n_lead + block->end - block->first; }

static void put_padded(FILE *stream, const char *text, int width, const struct mdp_column *column, int is_last) {
    int room = width - mdp_text_width(text);
    int left = mdp_column_is_left(column) ? 0 : room;
    int right = is_last ? 0 : room - left;
    fprintf(stream, "%*s", left, "");
    mdp_text_put(stream, text);
    fprintf(stream, "%*s%s", right, "", is_last ? "\n" : gap);
}

/* a line for each row, columns under each other */
static void put_block(const struct mdp_table *table, const int *widths, const struct block *block, FILE *stream) {
    char buffer[MDP_CELL_MAX];
    const int n = columns_in(block);
    for (int k = 0; k < n; k++) {
        int j = column_at(block, k);
        put_padded(stream, table->columns[j].title, widths[j], &table->columns[j], k + 1 == n);
    }
    for (int k = 0; k < n; k++) {
        for (int i = 0; i < widths[column_at(block, k)]; i++) fputc('-', stream);
        fputs(k + 1 == n ? "\n" : gap, stream);
    }
    for (int i = 0; i < table->n_rows; i++)
        for (int k = 0; k < n; k++) {
            int j = column_at(block, k);
            const char *text = mdp_cell_shown(mdp_cell_at(table, i, j), table->columns[j].digits, buffer);
            put_padded(stream, text, widths[j], &table->columns[j], k + 1 == n);
        }
}

/* ---- what fits a terminal ---- */

/* a text in lines of at most `width` characters, broken at blanks; 0: in one */
static void put_lines(FILE *stream, const char *text, int width) {
    int used = 0;
    while (width > 0 && *text != 0) {
        char word[512];
        size_t n = strcspn(text, " ");
        snprintf(word, sizeof word, "%.*s", (int)n, text);
        int n_word = mdp_text_width(word);
        if (used > 0 && used + 1 + n_word > width) {
            fputc('\n', stream);
            used = 0;
        } else if (used > 0) {
            fputc(' ', stream);
            used++;
        }
        mdp_text_put(stream, word);
        used += n_word;
        text += n < sizeof word ? n : sizeof word - 1;
        text += n < sizeof word && *text == ' ';
    }
    if (width == 0) mdp_text_put(stream, text);
    fputc('\n', stream);
}

/* what names a row: its leading texts and steps, unless they leave no room for the widest of the others */
static int count_lead(const struct mdp_table *table, const int *widths, int width) {
    int n = 0, used = 0, widest = 0;
    while (n < table->n_columns && (mdp_column_is_left(&table->columns[n]) || table->columns[n].kind == MDP_CELL_WHOLE))
        used += widths[n++] + GAP;
    for (int j = n; j < table->n_columns; j++) widest = widths[j] > widest ? widths[j] : widest;
    return n == 0 || n == table->n_columns || used + widest > width ? 1 : n;
}

/* as many columns as fit, one at least */
static struct block next_block(const struct mdp_table *table, const int *widths, int width, int n_lead, int first) {
    int used = 0, end = first;
    for (int j = 0; j < n_lead; j++) used += widths[j] + GAP;
    do used += widths[end++] + GAP;
    while (end < table->n_columns && used + widths[end] <= width);
    return (struct block){n_lead, first, end};
}

static void put_blocks(const struct mdp_table *table, const int *widths, int width, FILE *stream) {
    const struct block all = {0, 0, table->n_columns};
    int total = -GAP;
    for (int j = 0; j < table->n_columns; j++) total += widths[j] + GAP;
    if (width == 0 || total <= width || table->n_columns == 1) {
        put_block(table, widths, &all, stream);
        return;
    }
    int n_lead = count_lead(table, widths, width);
    for (int first = n_lead; first < table->n_columns;) {
        const struct block block = next_block(table, widths, width, n_lead, first);
        if (first > n_lead) fputc('\n', stream);
        put_block(table, widths, &block, stream);
        first = block.end;
    }
}

mdp_err mdp_table_write_text(const struct mdp_table *table, int width, FILE *stream) {
    char buffer[MDP_CELL_MAX];
    int *widths = NULL;
    mdp_err err = mdp_calloc(&widths, (unsigned long)table->n_columns, sizeof *widths, "table widths");
    if (err != MDP_OK) return err;
    for (int j = 0; j < table->n_columns; j++) {
        widths[j] = mdp_text_width(table->columns[j].title);
        for (int i = 0; i < table->n_rows; i++) {
            int n = mdp_text_width(mdp_cell_shown(mdp_cell_at(table, i, j), table->columns[j].digits, buffer));
            if (n > widths[j]) widths[j] = n;
        }
    }
    if (table->title != NULL) {
        put_lines(stream, table->title, width);
        fputc('\n', stream);
    }
    put_blocks(table, widths, width, stream);
    for (int i = 0; i < table->n_notes; i++) {
        if (i == 0) fputc('\n', stream);
        put_lines(stream, table->notes[i], width);
    }
    free(widths);
    return MDP_OK;
}
