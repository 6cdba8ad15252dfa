/* completion of commands in shells, made of the tables that --help is made of. */
#include <string.h>

#include "bench/cmd/help.h"
#include "bench/run/task.h"

/* the words that an option takes, "" where they are in no list */
static const char *words_of(const struct mdp_setting *row, char text[MDP_NAMES_MAX]) {
    text[0] = 0;
    return row->names != NULL ? mdp_names_join(row->names(), " ", text) : text;
}

/* the word of the i-th argument of an option or a verb, NULL at the end */
typedef const char *(*nth_word)(int i, char text[MDP_NAMES_MAX]);

static void put_words(FILE *stream, nth_word nth) {
    char text[MDP_NAMES_MAX];
    for (int i = 0; nth(i, text) != NULL; i++) fprintf(stream, "%s%s", i > 0 ? " " : "", text);
}

/* tasks have no list of names, as there are several forms of each */
static int takes_tasks(const struct mdp_setting *row) { return strcmp(row->name, "task") == 0; }

/* ---- bash ---- */

static void bash_values(const struct mdp_verb *verb, const struct mdp_setting_list *options, FILE *stream) {
    char text[MDP_NAMES_MAX];
    for (int i = 0; i < options->n; i++) {
        const struct mdp_setting *row = options->rows[i].row;
        if (mdp_help_argument(row) == NULL) continue;
        fprintf(stream, "        \"%s:--%s\") words=\"", verb->name, row->name);
        if (takes_tasks(row))
            put_words(stream, mdp_task_at);
        else
            fputs(words_of(row, text), stream);
        fputs("\" ;;\n", stream);
    }
}

static void bash_arguments(const struct mdp_verb *verb, const struct mdp_setting_list *options, FILE *stream) {
    fprintf(stream, "        \"%s:-\"*) words=\"", verb->name);
    for (int i = 0; i < options->n; i++) fprintf(stream, "--%s ", options->rows[i].row->name);
#define OPTION(name, letter, help) "--" name " "
    fputs(MDP_COMMON_OPTION_LIST(OPTION) "\" ;;\n", stream);
#undef OPTION
    if (verb->argument_at == NULL) return;
    fprintf(stream, "        \"%s:\"*) words=\"", verb->name);
    put_words(stream, verb->argument_at);
    fputs("\" ;;\n", stream);
}

/* what no words are known for is left to the shell, which offers files */
static void print_bash(FILE *stream) {
    struct mdp_setting_list options;
    char names[MDP_NAMES_MAX];
    fprintf(
        stream,
        "# bash completion of mdpbench " MDP_VERSION ", made by 'mdpbench help --completion bash'\n"
        "_mdpbench() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]} words=\n"
        "    # --option=value: the shell takes the sign for a word of its own\n"
        "    if [[ $cur == '=' ]]; then cur=; elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
        "    if [[ $verb == gate && ${COMP_WORDS[2]} == selftest && COMP_CWORD -gt 2 ]]; then verb='gate selftest'; "
        "fi\n"
        "    if [[ COMP_CWORD -eq 1 ]]; then\n"
        "        words=\"%s --help --version\"\n"
        "    else\n"
        "        case \"$verb:$prev\" in\n",
        mdp_names_join(mdp_verb_names(), " ", names));
    for (int i = 0; mdp_verb_at(i) != NULL; i++) {
        mdp_settings_list(mdp_verb_at(i)->options, 0, NULL, &options);
        bash_values(mdp_verb_at(i), &options, stream);
    }
    fputs("        *) case \"$verb:$cur\" in\n", stream);
    for (int i = 0; mdp_verb_at(i) != NULL; i++) {
        mdp_settings_list(mdp_verb_at(i)->options, 0, NULL, &options);
        bash_arguments(mdp_verb_at(i), &options, stream);
    }
    fputs("        esac ;;\n        esac\n    fi\n"
          "    COMPREPLY=()\n"
          "    if [[ $words ]]; then mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\"); fi\n"
          "}\n"
          "complete -o default -F _mdpbench mdpbench\n",
          stream);
}

/* ---- zsh ---- */

/* a text within '..[here]..' of an option's specification */
static void put_zsh(FILE *stream, const char *text) {
    for (; *text != 0; text++) {
        if (*text == '\'')
            fputs("'\\''", stream);
        else
            fprintf(stream, "%s%c", strchr("[]:\\", *text) != NULL ? "\\" : "", *text);
    }
}

static void zsh_value(const struct mdp_setting *row, FILE *stream) {
    char text[MDP_NAMES_MAX];
    const char *argument = mdp_help_argument(row);
    static const char *const paths[] = {"FILE", "FILES", "DIR", "FOLDER", "PATH", "PATHS", "LIST", "WHICH"};
    const struct mdp_names of_paths = MDP_NAMES_OF_TEXTS(paths);
    fprintf(stream, ":%s:", argument);
    if (takes_tasks(row)) {
        fputc('(', stream);
        put_words(stream, mdp_task_at);
        fputc(')', stream);
    } else if (row->names != NULL) {
        fprintf(stream, "(%s)", words_of(row, text));
    } else {
        fputs(mdp_names_index(&of_paths, argument) >= 0 ? "_files" : " ", stream);
    }
}

static void zsh_verb(const struct mdp_verb *verb, FILE *stream) {
    struct mdp_setting_list options;
    mdp_settings_list(verb->options, 0, NULL, &options);
    fprintf(stream, "    '%s') _arguments", verb->name);
    for (int i = 0; i < options.n; i++) {
        const struct mdp_setting *row = options.rows[i].row;
        fprintf(stream, " \\\n        '--%s%s[", row->name, mdp_help_argument(row) != NULL ? "=" : "");
        put_zsh(stream, row->help);
        fputc(']', stream);
        if (mdp_help_argument(row) != NULL) zsh_value(row, stream);
        fputc('\'', stream);
    }
#define OPTION(name, letter, help) " \\\n        '(--" name " -" letter ")'{--" name ",-" letter "}'[" help "]'"
    fputs(MDP_COMMON_OPTION_LIST(OPTION), stream);
#undef OPTION
    fputs(" \\\n        '*:argument:", stream);
    if (verb->argument_at != NULL) {
        fputc('(', stream);
        put_words(stream, verb->argument_at);
        fputs(")' ;;\n", stream);
    } else {
        fputs("_files' ;;\n", stream);
    }
}

static void print_zsh(FILE *stream) {
    fputs("#compdef mdpbench\n# zsh completion of mdpbench " MDP_VERSION ", made by 'mdpbench help --completion zsh'\n"
          "_mdpbench() {\n    local -a verbs=(",
          stream);
    for (int i = 0; i < mdp_verb_names()->n; i++) {
        fprintf(stream, "\n        '%s:", mdp_verb_at(i)->name);
        put_zsh(stream, mdp_verb_at(i)->summary);
        fputc('\'', stream);
    }
    fputs(")\n    if (( CURRENT == 2 )); then\n        _describe verb verbs\n        return\n    fi\n"
          "    local verb=$words[2]\n    shift words\n    (( CURRENT-- ))\n"
          "    if [[ $verb == gate && $words[2] == selftest && CURRENT -gt 2 ]]; then\n"
          "        verb='gate selftest'\n        shift words\n        (( CURRENT-- ))\n    fi\n"
          "    case $verb in\n",
          stream);
    for (int i = 0; mdp_verb_at(i) != NULL; i++) zsh_verb(mdp_verb_at(i), stream);
    fputs("    esac\n}\n"
          "# found by its name, this file is the function's body; read by hand, it says whose the function is\n"
          "if [[ $funcstack[1] == _mdpbench ]]; then _mdpbench \"$@\"; else compdef _mdpbench mdpbench; fi\n",
          stream);
}

void mdp_help_completion(const char *shell, FILE *stream) {
    if (strcmp(shell, "bash") == 0)
        print_bash(stream);
    else
        print_zsh(stream);
}
