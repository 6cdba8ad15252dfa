/* what is said of the verbs, all from their descriptors: help, manual pages, completion of shells. */
#ifndef MDP_BENCH_CMD_HELP_H
#define MDP_BENCH_CMD_HELP_H

#include <stdio.h>

#include "bench/cmd/verb.h"

/** Prints what `mdpbench --help` shows: the verbs. */
void mdp_help_overview(FILE *stream);

/** Prints a manual page in man(7)'s language, of the program where verb is NULL. */
void mdp_help_man(const struct mdp_verb *verb, FILE *stream);

/** Lists the shells that mdp_help_completion knows. */
const struct mdp_names *mdp_help_shells(void);

/** Prints a shell's completion of all verbs, options and words. */
void mdp_help_completion(const char *shell, FILE *stream);

/** Returns the placeholder of an option's value, NULL for a flag; borrowed. */
const char *mdp_help_argument(const struct mdp_setting *row);

/** Writes what an option's help says behind its name, with the words it takes and its default, and returns it. */
const char *mdp_help_meaning(const struct mdp_setting_at *setting, char text[MDP_HELP_MAX]);

#endif
