/* manual pages in man(7)'s language, made of what --help shows. */
#include <string.h>

#include "bench/cmd/help.h"
#include "bench/cmd/paragraphs.h"

/* ---- texts as the formatter takes them ---- */

enum { LINE_MOST = 76, COMMA_MOST = 60 };

/* a hyphen is one that people can search for and paste */
static void put_letter(FILE *stream, char c) {
    switch (c) {
    case '-': fputs("\\-", stream); break;
    case '\\': fputs("\\e", stream); break;
    case '^': fputs("\\(ha", stream); break;
    case '~': fputs("\\(ti", stream); break;
    default: fputc(c, stream);
    }
}

/* in lines that are not too long; behind a comma also within a word, where it becomes two. what begins a line with a
 * dot or an apostrophe is no request */
static void put(FILE *stream, const char *text, int n) {
    int column = 0;
    for (int i = 0; i < n; i++) {
        int is_blank = text[i] == ' ' || text[i] == '\n', word = is_blank ? (int)strcspn(text + i + 1, " \n") : 0;
        if (is_blank && column > 0 && column + word > LINE_MOST) {
            fputc('\n', stream);
            column = 0;
            continue;
        }
        if (column == 0 && (text[i] == '.' || text[i] == '\'')) fputs("\\&", stream);
        put_letter(stream, is_blank ? ' ' : text[i]);
        column++;
        if (text[i] == ',' && column > COMMA_MOST && i + 1 < n && text[i + 1] != ' ' && text[i + 1] != '\n') {
            fputc('\n', stream);
            column = 0;
        }
    }
}

static void put_text(FILE *stream, const char *text) { put(stream, text, (int)strlen(text)); }

static void put_line(FILE *stream, const char *text) {
    put_text(stream, text);
    fputc('\n', stream);
}

static void start_page(FILE *stream, const char *page, const char *summary) {
    fputs(".TH ", stream);
    for (const char *c = page; *c != 0; c++) {
        char upper = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
        put(stream, &upper, 1);
    }
    fputs(" 1 \"" MDP_DATE "\" \"mdpbench " MDP_VERSION "\" \"mdpbench\"\n.SH NAME\n", stream);
    put_text(stream, page);
    fputs(" \\- ", stream);
    put_line(stream, summary);
}

/* "gate selftest" has the page mdpbench-gate-selftest */
static const char *page_of(const struct mdp_verb *verb, char page[64]) {
    snprintf(page, 64, "mdpbench-%s", verb->name);
    for (char *c = page; *c != 0; c++)
        if (*c == ' ') *c = '-';
    return page;
}

/* ---- sections ---- */

static void put_item(FILE *stream, const char *name, const char *argument, const char *text) {
    fputs(".TP\n\\fB", stream);
    put_text(stream, name);
    fputs("\\fR", stream);
    if (argument != NULL) {
        fputs(" \\fI", stream);
        put_text(stream, argument);
        fputs("\\fR", stream);
    }
    fputc('\n', stream);
    put_line(stream, text);
}

static void put_details(FILE *stream, const char *details) {
    struct mdp_paragraph p;
    int is_first = 1;
    while (mdp_paragraph_next(&details, &p)) {
        if (p.n_tag > 0) {
            fputs(".TP\n\\fB", stream);
            put(stream, p.tag, p.n_tag);
            fputs("\\fR\n", stream);
        } else if (!is_first) {
            fputs(".PP\n", stream);
        }
        put(stream, p.text, p.n);
        fputc('\n', stream);
        is_first = 0;
    }
}

static void put_common_options(FILE *stream) {
#define OPTION(name, letter, help) put_item(stream, "--" name ", -" letter, NULL, help);
    MDP_COMMON_OPTION_LIST(OPTION)
#undef OPTION
}

static void put_options(FILE *stream, const struct mdp_verb *verb) {
    struct mdp_setting_list options;
    char name[64], text[MDP_HELP_MAX];
    mdp_settings_list(verb->options, 0, NULL, &options);
    fputs(".SH OPTIONS\n", stream);
    for (int i = 0; i < options.n; i++) {
        snprintf(name, sizeof name, "--%s", options.rows[i].row->name);
        put_item(stream, name, mdp_help_argument(options.rows[i].row), mdp_help_meaning(&options.rows[i], text));
    }
    put_common_options(stream);
}

static void put_exit_status(FILE *stream) {
    fputs(".SH EXIT STATUS\n", stream);
#define STATUS(name, status, text) put_item(stream, #status, NULL, text);
    MDP_ERR_LIST(STATUS)
#undef STATUS
}

/* ---- pages ---- */

static void print_verb(const struct mdp_verb *verb, FILE *stream) {
    char page[64], names[MDP_NAMES_MAX];
    start_page(stream, page_of(verb, page), verb->summary);
    fputs(".SH SYNOPSIS\n.B mdpbench ", stream);
    put_line(stream, verb->name);
    put_text(stream, verb->usage);
    put_line(stream, verb->choices != NULL ? verb->choices(names) : "");
    fputs(".SH DESCRIPTION\n", stream);
    if (verb->details != NULL)
        put_details(stream, verb->details);
    else
        put_line(stream, verb->summary);
    put_options(stream, verb);
    put_exit_status(stream);
    fputs(".SH EXAMPLES\n.EX\n", stream);
    put_line(stream, verb->example);
    fputs(".EE\n.SH SEE ALSO\n.BR mdpbench (1)\n", stream);
}

static void print_program(FILE *stream) {
    char page[64];
    start_page(stream, "mdpbench", "benchmark of modular diffusion policies in offline reinforcement learning");
    fputs(".SH SYNOPSIS\n.B mdpbench\n.I VERB\n[options]\n.SH DESCRIPTION\n"
          "Trains, recombines and evaluates diffusion policies in simulated environments, and decides with\n"
          "statistics whether anything has changed. Stages are connected by files alone; each can be killed at any\n"
          "moment and is resumed by the same command.\n.SH VERBS\n",
          stream);
    for (int i = 0; mdp_verb_at(i) != NULL; i++) {
        fputs(".TP\n.BR ", stream);
        put_text(stream, page_of(mdp_verb_at(i), page));
        fputs(" (1)\n", stream);
        put_line(stream, mdp_verb_at(i)->summary);
    }
    fputs(".SH OPTIONS\n", stream);
    put_item(stream, "--version, -V", NULL, "this program and its libraries");
    put_common_options(stream);
    fputs(".SH ENVIRONMENT\n", stream);
    put_item(stream, "MDPBENCH_DATA", NULL,
             "where the data are that come with the program, in place of its own: results/reference/behavior, "
             "bench/experiments, bench/gates. A command may name them so from any folder.");
    put_item(stream, "MDPBENCH_PHYSICS", NULL, "the physics where --physics names none");
    put_exit_status(stream);
}

void mdp_help_man(const struct mdp_verb *verb, FILE *stream) {
    if (verb != NULL)
        print_verb(verb, stream);
    else
        print_program(stream);
}
