/* what the files of inspect share: JSON of small things. used by inspect*.c alone. */
#ifndef MDP_BENCH_EXCHANGE_INSPECT_INTERNAL_H
#define MDP_BENCH_EXCHANGE_INSPECT_INTERNAL_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "results/h5/types.h"

/** Describes finite values by mean, sd, min, median and max. Shapes: values [n]. Range: n >= 1. Nullable: result, where
 * a value is not finite. Owns: caller. */
json_t *mdp_inspect_spread(const double *values, long n);

/** Writes a hash as a text of 16 digits. Owns: caller. */
json_t *mdp_inspect_hex(uint64_t value);

/** Lists the extents of a shape. Owns: caller. */
json_t *mdp_inspect_shape(const struct mdp_h5_shape *shape);

/** Adds what a D4RL dataset holds. Errors: IO; DATA for what does not pass. */
mdp_err mdp_inspect_dataset(struct mdp_h5 *file, json_t *root);

#endif
