/* help on the terminal, and the verb that gives it out in every form. */
#include "bench/cmd/help.h"

#include <string.h>

#include "bench/cmd/paragraphs.h"

enum { OPTION_COLUMN = 31, VERB_COLUMN = 13 };

const char *mdp_help_argument(const struct mdp_setting *row) {
    static const char *const usual[] = {[MDP_TEXT] = "NAME", [MDP_CHOICE] = "NAME", [MDP_WHOLE] = "N",
                                        [MDP_SEED] = "S",    [MDP_REAL] = "X",      [MDP_SIZE] = "SIZE"};
    return row->argument != NULL || row->kind > MDP_SIZE ? row->argument : usual[row->kind];
}

/* "what it is: a, b (what b is), c (default a)" */
const char *mdp_help_meaning(const struct mdp_setting_at *setting, char text[MDP_HELP_MAX]) {
    const struct mdp_setting *row = setting->row;
    const struct mdp_names *names = row->names != NULL ? row->names() : NULL;
    int n = snprintf(text, MDP_HELP_MAX, "%s%s%s", setting->words != NULL ? setting->words : "", row->help,
                     names != NULL ? ": " : "");
    for (int i = 0; names != NULL && i < names->n && n < MDP_HELP_MAX; i++) {
        const char *note = mdp_names_note(names, i);
        n += snprintf(text + n, (size_t)(MDP_HELP_MAX - n), "%s%s%s%s%s", i > 0 ? ", " : "", mdp_names_at(names, i),
                      note != NULL ? " (" : "", note != NULL ? note : "", note != NULL ? ")" : "");
    }
    if (row->fallback != NULL && n < MDP_HELP_MAX)
        snprintf(text + n, (size_t)(MDP_HELP_MAX - n), " (default %s)", row->fallback);
    return text;
}

/* ---- on the terminal ---- */

static void print_row(FILE *stream, const char *left, int column, const char *text) {
    int n = fprintf(stream, "  %-*s ", column - 3, left);
    mdp_paragraph_print(stream, text, (int)strlen(text), n, column);
}

static void print_option(const struct mdp_setting_at *setting, FILE *stream) {
    char left[64], text[MDP_HELP_MAX];
    const char *argument = mdp_help_argument(setting->row);
    snprintf(left, sizeof left, "--%s%s%s", setting->row->name, argument != NULL ? " " : "",
             argument != NULL ? argument : "");
    print_row(stream, left, OPTION_COLUMN, mdp_help_meaning(setting, text));
}

/* paragraphs with a tag are a list without blank lines */
static void print_details(const char *details, FILE *stream) {
    struct mdp_paragraph p;
    for (int was_tagged = 0; mdp_paragraph_next(&details, &p); was_tagged = p.n_tag > 0) {
        if (p.n_tag == 0 || !was_tagged) fputc('\n', stream);
        int column = p.n_tag > 0 ? fprintf(stream, "  %.*s: ", p.n_tag, p.tag) : 0;
        mdp_paragraph_print(stream, p.text, p.n, column, p.n_tag > 0 ? 4 : 0);
    }
}

void mdp_help_verb(const struct mdp_verb *verb, FILE *stream) {
    char names[MDP_NAMES_MAX], usage[2 * MDP_NAMES_MAX];
    struct mdp_setting_list options;
    mdp_settings_list(verb->options, 0, NULL, &options);
    int column = fprintf(stream, "usage: mdpbench %s ", verb->name);
    snprintf(usage, sizeof usage, "%s%s", verb->usage, verb->choices != NULL ? verb->choices(names) : "");
    mdp_paragraph_print(stream, usage, (int)strlen(usage), column, 7);
    fputc('\n', stream);
    mdp_paragraph_print(stream, verb->summary, (int)strlen(verb->summary), 0, 0);
    if (verb->details != NULL) print_details(verb->details, stream);
    fputs("\noptions:\n", stream);
    for (int i = 0; i < options.n; i++) print_option(&options.rows[i], stream);
#define OPTION(name, letter, help) print_row(stream, "--" name ", -" letter, OPTION_COLUMN, help);
    MDP_COMMON_OPTION_LIST(OPTION)
#undef OPTION
    fprintf(stream, "\nexample:\n  %s\n", verb->example);
}

void mdp_help_overview(FILE *stream) {
    fputs("mdpbench trains, recombines and evaluates diffusion policies in native Bullet\nand MuJoCo worlds.\n\n"
          "usage: mdpbench VERB [options]\n\nverbs:\n",
          stream);
    for (int i = 0; i < mdp_verb_names()->n; i++)
        print_row(stream, mdp_verb_at(i)->name, VERB_COLUMN, mdp_verb_at(i)->summary);
    fputs("\n  mdpbench help VERB, VERB -h   options and an example\n"
          "  mdpbench --version, -V        this program and its libraries\n\nexit status:\n",
          stream);
#define STATUS(name, status, text) fprintf(stream, "  %-2d %s\n", status, text);
    MDP_ERR_LIST(STATUS)
#undef STATUS
}

/* ---- the verb ---- */

struct request {
    int as_man;
    const char *shell;
    uint64_t given;
};

MDP_NAMES_FUNCTION(mdp_help_shells, "bash", "zsh")

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, as_man, FLAG, .name = "man", .help = "print a manual page, of a verb or of the program"),
    MDP_ROW(struct request, shell, TEXT, .name = "completion", .argument = "SHELL", .names = mdp_help_shells,
            .help = "print what completes commands in a shell"),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

/* the words of an argument are one name: gate selftest */
static mdp_err find_verb(int n, char **words, const struct mdp_verb **found) {
    char name[MDP_NAMES_MAX] = "";
    for (int i = 0; i < n && i < 2; i++)
        snprintf(name + strlen(name), sizeof name - strlen(name), "%s%.200s", i > 0 ? " " : "", words[i]);
    *found = NULL;
    for (int i = 0; mdp_verb_at(i) != NULL && n > 0; i++)
        if (strcmp(mdp_verb_at(i)->name, name) == 0) *found = mdp_verb_at(i);
    return n == 0 || (*found != NULL && n <= 2) ? MDP_OK : mdp_names_refuse(mdp_verb_names(), "help: verb", name);
}

static mdp_err run_verb(const struct mdp_verb *self, int argc, char **argv) {
    struct request r;
    const struct mdp_verb *verb;
    int first, done;
    mdp_err err = mdp_options_parse(self, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (r.shell != NULL && (r.as_man || first < argc))
        return mdp_fail(MDP_E_USAGE, "help: option --completion: expected nothing beside it, found more");
    if (r.shell != NULL) {
        mdp_help_completion(r.shell, stdout);
        return MDP_OK;
    }
    MDP_TRY(find_verb(argc - first, argv + first, &verb));
    if (r.as_man)
        mdp_help_man(verb, stdout);
    else if (verb != NULL)
        mdp_help_verb(verb, stdout);
    else
        mdp_help_overview(stdout);
out:
    return err;
}

static const char *verb_at(int i, char text[MDP_NAMES_MAX]) {
    const struct mdp_verb *verb = mdp_verb_at(i);
    if (verb == NULL) return NULL;
    snprintf(text, MDP_NAMES_MAX, "%s", verb->name);
    return text;
}

const struct mdp_verb mdp_verb_help = {
    .name = "help",
    .summary = "show the options of a verb, a manual page, or the completion of a shell",
    .usage = "[VERB] [--man] | --completion SHELL",
    .argument_at = verb_at,
    .details = "An installation has the manual pages and completions in their places. For a program in its build\n"
               "folder: 'eval \"$(mdpbench help --completion bash)\"' in ~/.bashrc, 'mdpbench help eval --man | man -l "
               "-'.",
    .example = "mdpbench help eval",
    .options = &options,
    .run = run_verb,
};
