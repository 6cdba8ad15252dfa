/* what a checkpoint says about itself as an object of texts, the only thing that a safetensors file can carry beside
 * tensors. numbers are written so that they read back bit by bit. docs/formats.md. */
#ifndef MDP_RESULTS_CHECKPOINT_METADATA_H
#define MDP_RESULTS_CHECKPOINT_METADATA_H

#include <jansson.h>

#include "results/checkpoint.h"

/** Writes all that a checkpoint's info holds; it has passed mdp_checkpoint_check_info. Owns: caller, json_decref.
 * Errors: NOMEM, INTERNAL if a text is no UTF-8. */
mdp_err mdp_checkpoint_to_metadata(const struct mdp_checkpoint_info *info, json_t **metadata);

/** Returns 1 if metadata are of mdp_checkpoint_to_metadata. Nullable: metadata. */
int mdp_checkpoint_is_metadata(const json_t *metadata);

/** Reads what mdp_checkpoint_to_metadata wrote, and checks it; `path` is for messages. Owns: caller,
 * mdp_checkpoint_info_free. Errors: DATA, NOMEM. */
mdp_err mdp_checkpoint_from_metadata(const char *path, const json_t *metadata, struct mdp_checkpoint_info *info);

#endif
