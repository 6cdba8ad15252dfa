#define _GNU_SOURCE
#include "bench/cmd/verb.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/show/json.h"

/* ---- help ---- */

static const char *argument_of(const struct mdp_setting *row) {
    static const char *const usual[] = {[MDP_TEXT] = "NAME", [MDP_CHOICE] = "NAME", [MDP_WHOLE] = "N",
                                        [MDP_SEED] = "S",    [MDP_REAL] = "X",      [MDP_SIZE] = "SIZE"};
    return row->argument != NULL || row->kind > MDP_SIZE ? row->argument : usual[row->kind];
}

/* "a, b (what b is), c" */
static void print_names(const struct mdp_names *names) {
    for (int i = 0; i < names->n; i++) {
        const char *note = mdp_names_note(names, i);
        printf("%s%s", i > 0 ? ", " : "", mdp_names_at(names, i));
        if (note != NULL) printf(" (%s)", note);
    }
}

static void print_option(const struct mdp_setting_at *setting) {
    char left[64];
    const struct mdp_setting *row = setting->row;
    const char *argument = argument_of(row);
    snprintf(left, sizeof left, "--%s%s%s", row->name, argument != NULL ? " " : "", argument != NULL ? argument : "");
    printf("  %-28s %s%s", left, setting->words != NULL ? setting->words : "", row->help);
    if (row->names != NULL) {
        printf(": ");
        print_names(row->names());
    }
    if (row->fallback != NULL) printf(" (default %s)", row->fallback);
    printf("\n");
}

static void print_help(const struct mdp_verb *verb, const struct mdp_setting_list *options) {
    char names[MDP_NAMES_MAX];
    printf("usage: mdpbench %s %s%s\n\n%s\n", verb->name, verb->usage,
           verb->choices != NULL ? verb->choices(names) : "", verb->summary);
    if (verb->details != NULL) printf("\n%s\n", verb->details);
    printf("\noptions:\n");
    for (int i = 0; i < options->n; i++) print_option(&options->rows[i]);
    printf("  %-28s show this text\n\nexample:\n  %s\n", "--help", verb->example);
}

/* ---- parsing ---- */

mdp_err mdp_option_refuse(mdp_err err, const struct mdp_verb *verb, const char *name) {
    return mdp_fail_context(err, "%s: option --%s", verb->name, name);
}

static mdp_err store(const struct mdp_verb *verb, const struct mdp_setting_at *setting, const char *text) {
    mdp_err err = mdp_setting_set(setting, setting->row->kind == MDP_FLAG ? "true" : text);
    return err == MDP_OK ? MDP_OK : mdp_option_refuse(err, verb, setting->row->name);
}

static void describe(const struct mdp_setting_list *options, struct option table[MDP_SETTINGS_MOST + 2]) {
    memset(table, 0, (MDP_SETTINGS_MOST + 2) * sizeof *table);
    for (int i = 0; i < options->n; i++) {
        const struct mdp_setting *row = options->rows[i].row;
        table[i] = (struct option){row->name, row->kind == MDP_FLAG ? no_argument : required_argument, NULL, 1000 + i};
    }
    table[options->n] = (struct option){"help", no_argument, NULL, 'h'};
}

mdp_err mdp_options_parse(const struct mdp_verb *verb, void *request, int argc, char **argv, int *first, int *done) {
    struct mdp_setting_list options;
    struct option table[MDP_SETTINGS_MOST + 2];
    mdp_settings_defaults(verb->options, request);
    mdp_settings_list(verb->options, 0, request, &options);
    describe(&options, table);
    *done = 0;
    *first = argc;
    opterr = 0;
    optind = 0;
    int code;
    while ((code = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
        if (code == 'h') {
            print_help(verb, &options);
            *done = 1;
            return MDP_OK;
        }
        if (code == ':')
            return mdp_fail(MDP_E_USAGE, "%s: option %s: expected an argument, found none", verb->name,
                            argv[optind - 1]);
        if (code == '?')
            return mdp_fail(MDP_E_USAGE, "%s: unknown or ambiguous option '%s'; 'mdpbench %s --help' lists them",
                            verb->name, argv[optind - 1], verb->name);
        mdp_err err = store(verb, &options.rows[code - 1000], optarg);
        if (err != MDP_OK) return err;
    }
    *first = optind;
    return MDP_OK;
}

/* ---- errors ---- */

static int wants_json(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        int is_format = strcmp(argv[i], "--format") == 0 && i + 1 < argc && strcmp(argv[i + 1], "json") == 0;
        if (is_format || strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "--format=json") == 0) return 1;
    }
    return 0;
}

void mdp_verb_say_error(const struct mdp_verb *verb, mdp_err err, int argc, char **argv) {
    int is_verdict = err == MDP_OK || err == MDP_E_FAILED || err == MDP_E_UNDECIDED;
    int is_selftest = argc > 1 && strcmp(argv[1], "selftest") == 0;
    if (is_verdict || (verb->says_errors && !is_selftest) || !wants_json(argc, argv)) return;
    char *message = strdup(mdp_err_message());
    if (message == NULL) return;
    (void)mdp_json_write(mdp_json_of_error(err, message), 0, verb->name, stdout);
    mdp_fail(err, "%s", message);
    free(message);
}

mdp_err mdp_options_check_use(const struct mdp_verb *verb, const void *request, int is_experiment, int n_arguments) {
    struct mdp_setting_list others;
    if (is_experiment && n_arguments != 1)
        return mdp_fail(MDP_E_USAGE, "%s: expected one experiment alone, found %d arguments", verb->name, n_arguments);
    mdp_settings_list(verb->options, is_experiment ? MDP_OPTION_OF_RUNS : MDP_OPTION_OF_EXPERIMENT, request, &others);
    for (int i = 0; i < others.n; i++) {
        if (!mdp_setting_is_given(&others.rows[i])) continue;
        mdp_err err = is_experiment ? mdp_fail(MDP_E_USAGE, "expected none beside an experiment, found it")
                                    : mdp_fail(MDP_E_USAGE, "expected an experiment beside it, found runs");
        return mdp_option_refuse(err, verb, others.rows[i].row->name);
    }
    return MDP_OK;
}
