/* the verbs of the command: a descriptor each, and one way to read options.
 *
 * adding a verb is one file <verb>.c that defines mdp_verb_<verb>, and one line in MDP_VERB_LIST. */
#ifndef MDP_BENCH_CMD_VERB_H
#define MDP_BENCH_CMD_VERB_H

#include <stdio.h>

#include "base/setting.h"

/* a verb: what `mdpbench <name> --help` shows, and what runs */
struct mdp_verb {
    const char *name, *summary;
    const char *usage;                                /* after "mdpbench <name> " */
    const char *(*choices)(char text[MDP_NAMES_MAX]); /* what the usage ends with, if a list knows it; nullable */
    const char *(*argument_at)(int i, char text[MDP_NAMES_MAX]); /* the i-th word that may be an argument; NULL at the
                                                                     end. nullable: any */
    const char *details;                                         /* paragraphs, nullable */
    const char *example;                                         /* a command that works */
    const struct mdp_settings *options;                          /* rows of the struct that mdp_options_parse fills */
    int says_errors; /* whether it says them itself where JSON is asked for */
    mdp_err (*run)(const struct mdp_verb *verb, int argc, char **argv);
};

#define MDP_VERB_LIST(X)                                                                                               \
    X(behave)                                                                                                          \
    X(collect)                                                                                                         \
    X(train)                                                                                                           \
    X(eval)                                                                                                            \
    X(act)                                                                                                             \
    X(diagnose)                                                                                                        \
    X(compare)                                                                                                         \
    X(gate)                                                                                                            \
    X(runs)                                                                                                            \
    X(table)                                                                                                           \
    X(figure)                                                                                                          \
    X(render)                                                                                                          \
    X(report)                                                                                                          \
    X(plan)                                                                                                            \
    X(inspect)                                                                                                         \
    X(import)                                                                                                          \
    X(export)                                                                                                          \
    X(perf)                                                                                                            \
    X(verify)                                                                                                          \
    X(help)

#define MDP_VERB_DECLARE(name) extern const struct mdp_verb mdp_verb_##name;
MDP_VERB_LIST(MDP_VERB_DECLARE)
#undef MDP_VERB_DECLARE

extern const struct mdp_verb mdp_verb_gate_selftest; /* `gate selftest`, started by gate */

/** Returns the i-th verb of the list, then those that others start, NULL at the end. */
const struct mdp_verb *mdp_verb_at(int i);

/** Lists the names of the verbs of the list. */
const struct mdp_names *mdp_verb_names(void);

/* options that every verb has, behind its own: X(name, letter, help) */
#define MDP_COMMON_OPTION_LIST(X)                                                                                      \
    X("quiet", "q", "say no notes and no progress, errors alone")                                                      \
    X("help", "h", "show this text")

enum { MDP_HELP_MAX = 2 * MDP_NAMES_MAX };

/** Sets a verb's struct to its defaults, then to the options in argv[1..]; prints help and sets *done for --help, and
 * obeys --quiet. The arguments that are no options are in argv[*first..] afterwards. Errors: USAGE, naming the option
 * and what was expected. */
mdp_err mdp_options_parse(const struct mdp_verb *verb, void *request, int argc, char **argv, int *first, int *done);

/* takers of options of a verb that shows run folders or an experiment: those that mean something for one of them alone
 */
enum { MDP_OPTION_OF_RUNS = 1, MDP_OPTION_OF_EXPERIMENT = 2 };

/** Prints a failure as JSON in the place of the result, where the command asks for JSON, however wrong the rest of it
 * is. A verdict, good or bad, is a result. */
void mdp_verb_say_error(const struct mdp_verb *verb, mdp_err err, int argc, char **argv);

/** Returns 1 if a command asks for JSON, however wrong the rest of it is. */
int mdp_verb_wants_json(int argc, char **argv);

/** Refuses several arguments beside an experiment, and options that would be ignored. Errors: USAGE. */
mdp_err mdp_options_check_use(const struct mdp_verb *verb, const void *request, int is_experiment, int n_arguments);

/** Prints what `mdpbench VERB --help` shows. */
void mdp_help_verb(const struct mdp_verb *verb, FILE *stream);

/** Refuses an option by the newest message: "VERB: option --NAME: expected ..". Returns `err`. */
mdp_err mdp_option_refuse(mdp_err err, const struct mdp_verb *verb, const char *name);

#endif
