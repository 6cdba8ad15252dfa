/* what inspect says of PyTorch and safetensors files. */
#ifndef MDP_BENCH_EXCHANGE_INSPECT_TENSORS_H
#define MDP_BENCH_EXCHANGE_INSPECT_TENSORS_H

#include <jansson.h>

#include "base/err.h"

/** Reads every value of a file and adds its contents to `root`: docs/formats.md, "inspect --json". Errors:
 * IO; DATA, also for a value that is not finite. */
mdp_err mdp_inspect_tensors(const char *path, json_t *root);

#endif
