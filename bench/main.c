/* the mdpbench command: finds the verb, runs it, turns its error into one line and an exit status. */
#include <stdio.h>
#include <string.h>

#include "base/claim.h"
#include "base/log.h"
#include "base/text.h"
#include "bench/cmd/help.h"
#include "bench/cmd/verb.h"
#include "bench/run/data.h"
#include "bench/run/version.h"
#include "bench/run/work.h"

/* one line on standard error if something failed, a full standard output included; messages that begin with the verb
 * do not get it twice */
static int finish(const char *verb, mdp_err err) {
    if ((fflush(stdout) != 0 || ferror(stdout)) && err == MDP_OK)
        err = mdp_fail(MDP_E_IO, "standard output: cannot write");
    mdp_work_end();
    size_t n = strlen(verb);
    int repeats = strncmp(mdp_err_message(), verb, n) == 0 && mdp_err_message()[n] == ':';
    if (err != MDP_OK) fprintf(stderr, "mdpbench %s: %s\n", verb, mdp_err_message() + (repeats ? n + 2 : 0));
    return mdp_err_exit_status(err);
}

/* the words that stand for options before any verb */
static const char *word_of(const char *argument) {
    if (strcmp(argument, "-V") == 0) return "--version";
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0 ? "help" : argument;
}

/* what an error says begins a line of its own, also below progress that it has stopped */
int main(int argc, char **argv) {
    char meant[MDP_NAMES_MAX];
    mdp_work_command(argv);
    if (argc < 2) {
        mdp_help_overview(stderr);
        return mdp_err_exit_status(MDP_E_USAGE);
    }
    const char *word = word_of(argv[1]);
    if (strcmp(word, "--version") == 0) {
        mdp_version_print(stdout);
        return finish(argv[1], MDP_OK);
    }
    int i = mdp_names_index(mdp_verb_names(), word);
    if (i < 0) {
        mdp_text_print_line(stderr, "mdpbench: unknown verb '%s'%s; 'mdpbench --help' lists them", argv[1],
                            mdp_names_suggest(mdp_verb_names(), argv[1], meant));
        return mdp_err_exit_status(MDP_E_USAGE);
    }
    mdp_claim_as(mdp_verb_at(i)->name);
    mdp_err err = mdp_data_arguments(argc - 1, argv + 1);
    if (err == MDP_OK) err = mdp_verb_at(i)->run(mdp_verb_at(i), argc - 1, argv + 1);
    mdp_log_end_line();
    mdp_verb_say_error(mdp_verb_at(i), err, argc - 1, argv + 1);
    return finish(word, err);
}
