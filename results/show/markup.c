#include "results/show/markup.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { N_ASCII = 128 };
typedef const char *const escapes[N_ASCII];

/* ends of lines are blanks; other bytes that do not print are '?', and bytes without an escape stand for themselves */
static void put(FILE *stream, const char *text, escapes by) {
    for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
        const unsigned char c = (unsigned char)*text;
        n = mdp_text_character(text, left);
        if (c < N_ASCII && by[c] != NULL)
            fputs(by[c], stream);
        else if (c == '\n' || c == '\r' || c == '\t')
            fputc(' ', stream);
        else
            fwrite(n > 0 ? text : "?", 1, n > 0 ? n : 1, stream);
        if (n == 0) n = 1;
    }
}

/* ---- Markdown ---- */

void mdp_put_md(FILE *stream, const char *text) {
    static escapes md = {['\\'] = "\\\\", ['|'] = "\\|", ['*'] = "\\*", ['_'] = "\\_", ['~'] = "\\~",
                         ['['] = "\\[",   ['<'] = "\\<", ['&'] = "\\&", ['`'] = "\\`"};
    put(stream, text, md);
}

void mdp_put_md_code(FILE *stream, const char *text) {
    static escapes none = {NULL};
    int longest = 0, run = 0;
    for (const char *c = text; *c != 0; c++) {
        run = *c == '`' ? run + 1 : 0;
        if (run > longest) longest = run;
    }
    for (int i = 0; i <= longest; i++) fputc('`', stream);
    /* a blank at both ends is not shown */
    if (longest > 0) fputc(' ', stream);
    put(stream, text, none);
    if (longest > 0) fputc(' ', stream);
    for (int i = 0; i <= longest; i++) fputc('`', stream);
}

/* ---- LaTeX ---- */

void mdp_put_tex(FILE *stream, const char *text) {
    static escapes tex = {['\\'] = "\\textbackslash{}",
                          ['~'] = "\\textasciitilde{}",
                          ['^'] = "\\textasciicircum{}",
                          ['<'] = "\\textless{}",
                          ['>'] = "\\textgreater{}",
                          ['|'] = "\\textbar{}",
                          ['`'] = "\\textasciigrave{}",
                          ['&'] = "\\&",
                          ['%'] = "\\%",
                          ['$'] = "\\$",
                          ['#'] = "\\#",
                          ['_'] = "\\_",
                          ['{'] = "\\{",
                          ['}'] = "\\}"};
    text += strspn(text, " \t\r\n");
    /* at the start of a row, a bracket or star is read as part of the end of the row before it; two colons begin a
     * command of a CI service */
    if (*text != 0 && strchr("[*:", *text) != NULL) fprintf(stream, "{%c}", *text++);
    put(stream, text, tex);
}

/* ---- XML ---- */

void mdp_put_xml(FILE *stream, const char *text) {
    static escapes xml = {['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;"};
    put(stream, text, xml);
}

/* ---- TAP ---- */

void mdp_put_tap(FILE *stream, const char *text) {
    static escapes tap = {['#'] = "\\#", ['\\'] = "\\\\"};
    put(stream, text, tap);
}

/* ---- CSV ---- */

static int is_number(const char *text) {
    char *end;
    if (isalpha((unsigned char)text[strspn(text, "+-")])) return 0;
    strtod(text, &end);
    return end != text && *end == 0;
}

/* a cell that begins so is a formula to a spreadsheet; a lone sign is none */
static int is_computed(const char *text) {
    text += strspn(text, " ");
    return *text != 0 && strchr("=+-@\t\r\n", *text) != NULL && text[1] != 0 && !is_number(text);
}

void mdp_put_csv(FILE *stream, const char *text) {
    static escapes plain = {NULL}, quoted = {['"'] = "\"\""};
    const int has_quotes = strpbrk(text, ",\"\r\n") != NULL || text[strspn(text, " ")] == ':';
    if (has_quotes) fputc('"', stream);
    if (is_computed(text)) fputc('\'', stream);
    put(stream, text, has_quotes ? quoted : plain);
    if (has_quotes) fputc('"', stream);
}
