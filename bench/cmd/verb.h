/* the verbs of the command: a descriptor each, and one way to read options.
 *
 * adding a verb is one file <verb>.c that defines mdp_verb_<verb>, and one line in MDP_VERB_LIST. */
#ifndef MDP_BENCH_CMD_VERB_H
#define MDP_BENCH_CMD_VERB_H

#include "base/names.h"

/* what an option's argument is stored as */
enum mdp_option_kind { MDP_OPT_FLAG, MDP_OPT_STRING, MDP_OPT_NAME, MDP_OPT_INT, MDP_OPT_U64, MDP_OPT_REAL };

/* what an option of a list is stored as; the list ends its line of help */
struct mdp_option_name {
    const char *text; /* NULL: not given */
    const struct mdp_names *known;
};

/* one long option: its target holds the default before parsing; a number outside the range means none */
struct mdp_option {
    const char *name; /* without the dashes */
    enum mdp_option_kind kind;
    void *target;         /* int* (FLAG), const char**, struct mdp_option_name*, long*, uint64_t*, double* */
    const char *argument; /* name of the argument in the help, NULL for a flag */
    const char *help;
    double low, high; /* allowed range of INT and REAL; no check when both are 0 */
};

/* a verb: what `mdpbench <name> --help` shows, and what runs */
struct mdp_verb {
    const char *name, *summary;
    const char *usage;                                /* after "mdpbench <name> " */
    const char *(*choices)(char text[MDP_NAMES_MAX]); /* what the usage ends with, if a list knows it; nullable */
    const char *details;                              /* paragraphs, nullable */
    const char *example;                              /* a command that works */
    mdp_err (*run)(const struct mdp_verb *verb, int argc, char **argv);
};

#define MDP_VERB_LIST(X)                                                                                               \
    X(behave)                                                                                                          \
    X(collect)                                                                                                         \
    X(train)                                                                                                           \
    X(eval)                                                                                                            \
    X(diagnose)                                                                                                        \
    X(compare)                                                                                                         \
    X(gate)                                                                                                            \
    X(table)                                                                                                           \
    X(figure)                                                                                                          \
    X(plan)                                                                                                            \
    X(inspect)                                                                                                         \
    X(import)                                                                                                          \
    X(export)                                                                                                          \
    X(perf)                                                                                                            \
    X(verify)

#define MDP_VERB_DECLARE(name) extern const struct mdp_verb mdp_verb_##name;
MDP_VERB_LIST(MDP_VERB_DECLARE)
#undef MDP_VERB_DECLARE

extern const struct mdp_verb mdp_verb_gate_selftest; /* `gate selftest`, started by gate */

/** Parses argv[1..] by the table; prints help and sets *done for --help; returns positionals in argv[*first..].
 * Errors: USAGE, naming the option and what was expected. */
mdp_err mdp_options_parse(const struct mdp_verb *verb, const struct mdp_option *options, int n_options, int argc,
                          char **argv, int *first, int *done);

#endif
