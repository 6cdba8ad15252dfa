/* where the normaliser of an imported policy comes from if not from its dataset: a file of statistics. */
#ifndef MDP_BENCH_RUN_NORMALIZER_FILE_H
#define MDP_BENCH_RUN_NORMALIZER_FILE_H

#include "base/err.h"
#include "results/normalizer.h"

/** Reads a normaliser from JSON ({"mean": [..], "std": [..]}), from a module file of ours, or from an exported one.
 * Errors: IO, DATA. */
mdp_err mdp_normalizer_of_file(const char *path, struct mdp_normalizer *normalizer);

#endif
