/* the data that come with the program: behaviour policies, experiments and policies of gates.
 *
 * they keep the paths that they have in the checkout below a root: the checkout of a program in its build folder, what
 * an installed one has beside its bin, or $MDPBENCH_DATA. packaging/install.cmake lists their folders. */
#ifndef MDP_BENCH_RUN_DATA_H
#define MDP_BENCH_RUN_DATA_H

#include "base/fsx.h"

/** Writes the root, "" where there is none. Errors: USAGE if $MDPBENCH_DATA is no folder. */
mdp_err mdp_data_root(char root[MDP_PATH_MAX]);

/** Writes where a file or folder is that a command names: as it stands where it is there or is no name of these data,
 * else below the root, else as it stands for whoever reads it to refuse. Errors: USAGE. */
mdp_err mdp_data_find(const char *name, char path[MDP_PATH_MAX]);

/** Does so for the arguments of a command, but for that of --out, which is no input. Owns: the process, what it puts
 * into argv. Errors: USAGE, NOMEM. */
mdp_err mdp_data_arguments(int argc, char **argv);

/** Returns 1 for a file of these data below the root: what is made of it belongs into the working folder, not beside
 * it. */
int mdp_data_is_ours(const char *path);

#endif
