/* the text of a verb's help, laid out for a terminal or a manual page: where a paragraph ends, and lines of one width.
 *
 * sources break their lines anywhere. a paragraph ends before a line that begins with a word and a colon, which is then
 * the tag of the next one, "env: ..", and behind such a one where a line ends with a sentence. */
#ifndef MDP_BENCH_CMD_PARAGRAPHS_H
#define MDP_BENCH_CMD_PARAGRAPHS_H

#include <stdio.h>

/* parts of a text, borrowed from it */
struct mdp_paragraph {
    const char *tag, *text;
    int n_tag, n; /* n_tag 0: none */
};

/** Takes the next paragraph off a text. Returns 0 at its end. */
int mdp_paragraph_next(const char **rest, struct mdp_paragraph *out);

enum { MDP_HELP_WIDTH = 80 };

/** Prints n bytes of text with its breaks as blanks, in lines of at most MDP_HELP_WIDTH, and a newline. The first line
 * goes on in a column, the others begin with `indent` blanks; a list in one word, a,b,c, is broken behind commas. */
void mdp_paragraph_print(FILE *stream, const char *text, int n, int column, int indent);

#endif
