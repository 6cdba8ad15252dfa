/* tables in LaTeX: a tabular, or a float with caption and label around it. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "results/show/markup.h"
#include "results/show/table_internal.h"

/* ---- what users write in it themselves ---- */

/* an argument of a command has as many braces open as close, and no comment in it that would hide its end */
static int is_argument(const char *text) {
    int depth = 0;
    for (; *text != 0 && depth >= 0; text++) {
        if (*text == '\\' && *++text == 0) return 0;
        if (text[-1] == '\\') continue;
        if (*text == '%') return 0;
        depth += (*text == '{') - (*text == '}');
    }
    return depth == 0;
}

static int is_label(const char *text) {
    for (const char *c = text; *c != 0; c++)
        if (!isalnum((unsigned char)*c) && strchr(":._+-/", *c) == NULL) return 0;
    return text[0] != 0;
}

mdp_err mdp_table_tex_check(const struct mdp_table_tex *tex) {
    if (tex->caption != NULL && !is_argument(tex->caption))
        return mdp_fail(MDP_E_USAGE,
                        "option --caption: expected LaTeX with as many braces open as close and \\%% for a percent "
                        "sign, found '%.200s'",
                        tex->caption);
    if (tex->label != NULL && !is_label(tex->label))
        return mdp_fail(MDP_E_USAGE, "option --tex-label: expected letters, digits and : . _ + - /, found '%.200s'",
                        tex->label);
    return MDP_OK;
}

/* ---- the table ---- */

static void put_cell(FILE *stream, const struct mdp_cell *cell, int digits) {
    char buffer[MDP_CELL_MAX];
    const char *text = mdp_cell_shown(cell, digits, buffer);
    if (cell->content == MDP_CELL_MISSING) {
        fputs("--", stream);
    } else if (cell->text != NULL) {
        mdp_put_tex(stream, text);
    } else {
        for (; *text != 0; text++) *text == '-' ? fputs("$-$", stream) : fputc(*text, stream);
    }
}

static void put_comment(FILE *stream, const char *text) {
    fputs("% ", stream);
    mdp_put_tex(stream, text);
    fputc('\n', stream);
}

/* Nullable: argument, which is LaTeX itself */
static void put_command(FILE *stream, const char *command, const char *argument) {
    if (argument == NULL) return;
    fprintf(stream, "\\%s{", command);
    mdp_text_put(stream, argument);
    fputs("}\n", stream);
}

/* what stands before the tabular, and the end of it behind */
static void open_float(FILE *stream, const struct mdp_table_tex *tex) {
    int is_float = tex->caption != NULL || tex->label != NULL;
    if (is_float && !tex->is_plain) fputs("% needs \\usepackage{booktabs}\n", stream);
    if (is_float) fputs("\\begin{table}\n\\centering\n", stream);
    put_command(stream, "caption", tex->caption);
    put_command(stream, "label", tex->label);
    if (tex->is_small) fprintf(stream, "%s\\small\\setlength{\\tabcolsep}{3pt}\n", is_float ? "" : "{");
}

static void close_float(FILE *stream, const struct mdp_table_tex *tex) {
    if (tex->caption != NULL || tex->label != NULL)
        fputs("\\end{table}\n", stream);
    else if (tex->is_small)
        fputs("}\n", stream);
}

static void put_rule(FILE *stream, const struct mdp_table_tex *tex, const char *rule) {
    fprintf(stream, "\\%s\n", tex->is_plain ? "hline" : rule);
}

static void put_rows(const struct mdp_table *table, FILE *stream) {
    const int n = table->n_columns;
    put_rule(stream, &table->tex, "toprule");
    for (int j = 0; j < n; j++) {
        mdp_put_tex(stream, table->columns[j].title);
        fputs(j + 1 == n ? " \\\\\n" : " & ", stream);
    }
    put_rule(stream, &table->tex, "midrule");
    for (int i = 0; i < table->n_rows; i++)
        for (int j = 0; j < n; j++) {
            put_cell(stream, mdp_cell_at(table, i, j), table->columns[j].digits);
            fputs(j + 1 == n ? " \\\\\n" : " & ", stream);
        }
    put_rule(stream, &table->tex, "bottomrule");
}

/* without a caption, title and notes are comments, since it belongs to the page that includes the table; notes are so
 * in any case */
mdp_err mdp_table_write_tex(const struct mdp_table *table, FILE *stream) {
    if (table->title != NULL) put_comment(stream, table->title);
    open_float(stream, &table->tex);
    fputs("\\begin{tabular}{", stream);
    if (table->tex.is_small) fputs("@{}", stream);
    for (int j = 0; j < table->n_columns; j++) fputc(mdp_column_is_left(&table->columns[j]) ? 'l' : 'r', stream);
    fputs(table->tex.is_small ? "@{}}\n" : "}\n", stream);
    put_rows(table, stream);
    fputs("\\end{tabular}\n", stream);
    close_float(stream, &table->tex);
    for (int i = 0; i < table->n_notes; i++) put_comment(stream, table->notes[i]);
    return MDP_OK;
}
