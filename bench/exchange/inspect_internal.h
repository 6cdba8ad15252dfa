/* what the files of inspect share: JSON of small things. used by inspect*.c alone. */
#ifndef MDP_BENCH_EXCHANGE_INSPECT_INTERNAL_H
#define MDP_BENCH_EXCHANGE_INSPECT_INTERNAL_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "results/head.h"

/** Describes finite values by mean, sd, min, median and max, under a name; does nothing where one is not finite.
 * Shapes: values [n]. Range: n >= 1. Errors: NOMEM. */
mdp_err mdp_inspect_add_spread(json_t *root, const char *name, const double *values, long n);

/** Writes a hash as a text of 16 digits. Owns: caller. */
json_t *mdp_inspect_hex(uint64_t value);

/** Adds what every file of ours says about itself. */
void mdp_inspect_add_head(json_t *root, const struct mdp_head *head);

/** Lists the extents of a shape. Owns: caller. */
json_t *mdp_inspect_shape(const struct mdp_h5_shape *shape);

/** Adds what a dataset holds, in D4RL's layout or Minari's. Errors: IO; DATA for what does not pass. */
mdp_err mdp_inspect_dataset(struct mdp_h5 *file, json_t *root);

/** Adds what an evaluation found, of an episodes file or of a place in a curve. Errors: IO, DATA. */
mdp_err mdp_inspect_episodes(const char *path, json_t *root);

/** Adds what all evaluations of a curve found. Errors: IO, DATA. */
mdp_err mdp_inspect_curve(const char *path, json_t *root);

#endif
