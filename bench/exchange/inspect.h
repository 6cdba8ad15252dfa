/* what is in a file of ours, a dataset in D4RL's layout or Minari's, or a file of tensors: first a JSON object, whose
 * fields are in docs/formats.md; the text is a walk over it, so that both always agree. */
#ifndef MDP_BENCH_EXCHANGE_INSPECT_H
#define MDP_BENCH_EXCHANGE_INSPECT_H

#include <jansson.h>
#include <stdio.h>

#include "base/err.h"

/** Reads a file whole, checks all of it, and adds to `root` what it holds. Errors: IO; DATA for what does not pass. */
mdp_err mdp_inspect_file(const char *path, json_t *root);

/** Adds the environments that a dataset, as mdp_inspect_file read it, could have been made in, and which it fits.
 * Errors: USAGE for a file of another kind; IO, DATA. */
mdp_err mdp_inspect_world(const char *path, json_t *root);

/** Prints what mdp_inspect_file found, for people. */
void mdp_inspect_print(const char *path, json_t *root, FILE *stream);

#endif
