#include "bench/cmd/paragraphs.h"

#include <ctype.h>
#include <string.h>

/* the length of "--word:" at the start of a line, 0 if it begins otherwise */
static int tag_length(const char *line) {
    int n = (int)strspn(line, "-abcdefghijklmnopqrstuvwxyz");
    return n > 0 && line[n] == ':' && line[n + 1] == ' ' ? n : 0;
}

/* whether a paragraph ends with the line that ends before `line` */
static int is_end(const struct mdp_paragraph *p, const char *line) {
    const char *first = line + strspn(line, " ");
    if (*first == 0 || *first == '\n' || tag_length(first) > 0) return 1;
    return p->n_tag > 0 && line[-2] == '.' && isupper((unsigned char)*first);
}

int mdp_paragraph_next(const char **rest, struct mdp_paragraph *out) {
    const char *text = *rest + strspn(*rest, " \n"), *end;
    if (*text == 0) return 0;
    out->tag = text;
    out->n_tag = tag_length(text);
    out->text = out->n_tag > 0 ? text + out->n_tag + 2 : text;
    for (end = strchr(text, '\n'); end != NULL && !is_end(out, end + 1);) end = strchr(end + 1, '\n');
    if (end == NULL) end = text + strlen(text);
    out->n = (int)(end - out->text);
    *rest = end;
    return 1;
}

/* how much of a word is put into a line that has so much room: all, or up to a comma, or 0 */
static int fitting(const char *word, int n, int room) {
    if (n <= room) return n;
    for (int k = room; k > 0 && n > MDP_HELP_WIDTH; k--)
        if (word[k - 1] == ',') return k;
    return 0;
}

void mdp_paragraph_print(FILE *stream, const char *text, int n, int column, int indent) {
    int i = 0, is_glued = 1; /* no blank before the first word of a line, nor between two parts of a word */
    while (i < n) {
        int blanks = (int)strspn(text + i, " \n");
        if (blanks > n - i) blanks = n - i;
        i += blanks;
        int word = (int)strcspn(text + i, " \n");
        if (word > n - i) word = n - i;
        if (word == 0) break;
        int gap = is_glued ? 0 : 1, part = fitting(text + i, word, MDP_HELP_WIDTH - column - gap);
        if (part == 0 && column > indent) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
            is_glued = 1;
            continue;
        }
        if (part == 0) part = word;
        fprintf(stream, "%s%.*s", gap ? " " : "", part, text + i);
        column += gap + part;
        i += part;
        is_glued = part < word;
    }
    fputc('\n', stream);
}
