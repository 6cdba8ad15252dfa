#define _GNU_SOURCE
#include "bench/cmd/verb.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "results/show/json.h"

static const struct mdp_verb *const verbs[] = {
#define VERB(name) &mdp_verb_##name,
    MDP_VERB_LIST(VERB)
#undef VERB
    & mdp_verb_gate_selftest};
static const char *const verb_names[] = {
#define NAME(name) #name,
    MDP_VERB_LIST(NAME)
#undef NAME
};

const struct mdp_verb *mdp_verb_at(int i) { return i < (int)(sizeof verbs / sizeof *verbs) ? verbs[i] : NULL; }

const struct mdp_names *mdp_verb_names(void) {
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(verb_names);
    return &names;
}

/* ---- parsing ---- */

mdp_err mdp_option_refuse(mdp_err err, const struct mdp_verb *verb, const char *name) {
    return mdp_fail_context(err, "%s: option --%s", verb->name, name);
}

static mdp_err store(const struct mdp_verb *verb, const struct mdp_setting_at *setting, const char *text) {
    mdp_err err = mdp_setting_set(setting, setting->row->kind == MDP_FLAG ? "true" : text);
    return err == MDP_OK ? MDP_OK : mdp_option_refuse(err, verb, setting->row->name);
}

static const struct option common[] = {
#define OPTION(name, letter, help) {name, no_argument, NULL, letter[0]},
    MDP_COMMON_OPTION_LIST(OPTION)
#undef OPTION
};
enum { N_COMMON = sizeof common / sizeof *common, OPTIONS_MOST = MDP_SETTINGS_MOST + N_COMMON + 1, FIRST_CODE = 1000 };

static void describe(const struct mdp_setting_list *options, struct option table[OPTIONS_MOST]) {
    memset(table, 0, OPTIONS_MOST * sizeof *table);
    for (int i = 0; i < options->n; i++) {
        const struct mdp_setting *row = options->rows[i].row;
        table[i] =
            (struct option){row->name, row->kind == MDP_FLAG ? no_argument : required_argument, NULL, FIRST_CODE + i};
    }
    memcpy(table + options->n, common, sizeof common);
}

/* what may be meant by an option is the nearest of those that there are */
static mdp_err refuse_unknown(const struct mdp_verb *verb, const struct option *table, const char *text) {
    const char *names[OPTIONS_MOST], *word = text + strspn(text, "-");
    char meant[MDP_NAMES_MAX] = "", name[64];
    int n = 0;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    while (table[n].name != NULL) names[n] = table[n].name, n++;
    const struct mdp_names list = MDP_NAMES_OF_FIRST(names, n);
    int i = mdp_names_near(&list, name);
    if (i >= 0) snprintf(meant, sizeof meant, "; did you mean '--%s'?", names[i]);
    return mdp_fail(MDP_E_USAGE, "%s: unknown or ambiguous option '%s'%s; 'mdpbench %s --help' lists them", verb->name,
                    text, meant, verb->name);
}

mdp_err mdp_options_parse(const struct mdp_verb *verb, void *request, int argc, char **argv, int *first, int *done) {
    struct mdp_setting_list options;
    struct option table[OPTIONS_MOST];
    mdp_settings_defaults(verb->options, request);
    mdp_settings_list(verb->options, 0, request, &options);
    describe(&options, table);
    *done = 0;
    *first = argc;
    opterr = 0;
    optind = 0;
    int code;
    while ((code = getopt_long(argc, argv, ":hq", table, NULL)) != -1) {
        if (code == 'h') {
            mdp_help_verb(verb, stdout);
            *done = 1;
            return MDP_OK;
        }
        if (code == ':')
            return mdp_fail(MDP_E_USAGE, "%s: option %s: expected an argument, found none", verb->name,
                            argv[optind - 1]);
        if (code == '?') return refuse_unknown(verb, table, argv[optind - 1]);
        if (code == 'q') {
            mdp_log_quiet();
            continue;
        }
        mdp_err err = store(verb, &options.rows[code - FIRST_CODE], optarg);
        if (err != MDP_OK) return err;
    }
    *first = optind;
    return MDP_OK;
}

/* ---- errors ---- */

int mdp_verb_wants_json(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        int is_format = strcmp(argv[i], "--format") == 0 && i + 1 < argc && strcmp(argv[i + 1], "json") == 0;
        if (is_format || strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "--format=json") == 0) return 1;
    }
    return 0;
}

void mdp_verb_say_error(const struct mdp_verb *verb, mdp_err err, int argc, char **argv) {
    int is_verdict = err == MDP_OK || err == MDP_E_FAILED || err == MDP_E_UNDECIDED;
    int is_selftest = argc > 1 && strcmp(argv[1], "selftest") == 0;
    if (is_verdict || (verb->says_errors && !is_selftest) || !mdp_verb_wants_json(argc, argv)) return;
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
