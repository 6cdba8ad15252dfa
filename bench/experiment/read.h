/* experiments from their files: the parts that a file lists, what it replaces of theirs, and defaults. */
#ifndef MDP_BENCH_EXPERIMENT_READ_H
#define MDP_BENCH_EXPERIMENT_READ_H

#include "bench/experiment/experiment.h"

/** Reads an experiment and its parts, and checks every name and number. Owns: caller, mdp_experiments_free. Errors: IO;
 * DATA with file, line and key. */
mdp_err mdp_experiments_read(const char *path, struct mdp_experiments *out);

/** Frees an experiment and clears the struct. */
void mdp_experiments_free(struct mdp_experiments *experiments);

#endif
