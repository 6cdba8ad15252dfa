/* the mdpbench command: finds the verb, runs it, turns its error into one line and an exit status. */
#include <stdio.h>
#include <string.h>

#include "base/claim.h"
#include "base/log.h"
#include "base/text.h"
#include "bench/cmd/verb.h"
#include "bench/run/data.h"
#include "bench/run/version.h"
#include "bench/run/work.h"

static const struct mdp_verb *const verbs[] = {
#define VERB(name) &mdp_verb_##name,
    MDP_VERB_LIST(VERB)
#undef VERB
};
enum { N_VERBS = sizeof verbs / sizeof verbs[0] };

static void print_usage(FILE *stream) {
    fprintf(stream, "mdpbench trains, recombines and evaluates diffusion policies on native Bullet environments.\n\n"
                    "usage: mdpbench VERB [options]\n\nverbs:\n");
    for (int i = 0; i < N_VERBS; i++) fprintf(stream, "  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
    fprintf(stream, "\n  mdpbench VERB --help   options and an example\n"
                    "  mdpbench --version     this program and its libraries\n\nexit status: ");
#define STATUS(name, status, text) fprintf(stream, "%d %s%s", status, text, status == 70 ? "\n" : "; ");
    MDP_ERR_LIST(STATUS)
#undef STATUS
}

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

/* what an error says begins a line of its own, also below progress that it has stopped */
int main(int argc, char **argv) {
    mdp_work_command(argv);
    if (argc < 2) {
        print_usage(stderr);
        return mdp_err_exit_status(MDP_E_USAGE);
    }
    if (strcmp(argv[1], "--version") == 0) {
        mdp_version_print(stdout);
        return finish(argv[1], MDP_OK);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return finish(argv[1], MDP_OK);
    }
    for (int i = 0; i < N_VERBS; i++) {
        if (strcmp(argv[1], verbs[i]->name) != 0) continue;
        mdp_claim_as(verbs[i]->name);
        mdp_err err = mdp_data_arguments(argc - 1, argv + 1);
        if (err == MDP_OK) err = verbs[i]->run(verbs[i], argc - 1, argv + 1);
        mdp_log_end_line();
        mdp_verb_say_error(verbs[i], err, argc - 1, argv + 1);
        return finish(argv[1], err);
    }
    mdp_text_print_line(stderr, "mdpbench: unknown verb '%s'; 'mdpbench --help' lists them", argv[1]);
    return mdp_err_exit_status(MDP_E_USAGE);
}
