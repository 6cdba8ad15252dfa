/* safetensors: a length, a header of JSON, and the tensors' bytes one after the other.
 *
 * the reader holds the header to the format: known types, shapes that fit their bytes, bytes that cover the file
 * without gap or overlap. the writer's files read back bit-equal, and the same content gives the same bytes. Source:
 * the format's description, facts in reference/algos/checkpoints. */
#ifndef MDP_RESULTS_TENSORS_SAFETENSORS_H
#define MDP_RESULTS_TENSORS_SAFETENSORS_H

#include "results/tensors/tensor_file.h"

#define MDP_SAFETENSORS_HEADER_MAX (16L << 20)

/* one float32 tensor to write */
struct mdp_safetensors_item {
    const char *name;
    int rank;
    const long *extent;
    const float *values;
};

/** Returns 1 if a file begins with a plausible length and a JSON object. */
int mdp_safetensors_is(struct mdp_bytes start);

/** Fills file->tensors and file->metadata from file->bytes, and names the format. Errors: DATA, NOMEM. */
mdp_err mdp_safetensors_read(struct mdp_tensor_file *file);

/** Encodes tensors and metadata (an object of texts) as the bytes of a file. Nullable: metadata. Owns: caller, free().
 * Errors: NOMEM, INTERNAL if a text is no UTF-8. */
mdp_err mdp_safetensors_encode(int n, const struct mdp_safetensors_item *items, const json_t *metadata, char **bytes,
                               size_t *size);

#endif
