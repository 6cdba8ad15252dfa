/* named tensors in files of other programs: PyTorch's zip and legacy formats, and safetensors.
 *
 * a file is read whole (at most MDP_TENSOR_FILE_BYTES_MAX) before it is looked at, so that nothing can change under the
 * reader. names of nested dictionaries are joined by dots, so that "model" -> "diffusion.x" is "model.diffusion.x" in
 * every format. import and inspect read such files; export writes safetensors. docs/formats.md. */
#ifndef MDP_RESULTS_TENSORS_TENSOR_FILE_H
#define MDP_RESULTS_TENSORS_TENSOR_FILE_H

#include <jansson.h>

#include "base/fsx.h"
#include "results/tensors/dtype.h"

#define MDP_TENSOR_FILE_BYTES_MAX (1L << 30)

enum {
    MDP_STORED_RANK_MAX = 8,
    MDP_STORED_NAME_MAX = 256,
    MDP_STORED_TENSORS_MAX = 16384,
    MDP_STORED_SHARE_MAX = 16 /* elements of all tensors together, for each byte of the file */
};

/* one tensor; element (i, j, ..) is at first + (i stride[0] + j stride[1] + ..) * size of an element */
struct mdp_stored_tensor {
    char name[MDP_STORED_NAME_MAX];
    enum mdp_dtype dtype;
    int rank;
    long extent[MDP_STORED_RANK_MAX], stride[MDP_STORED_RANK_MAX]; /* in elements, >= 0 */
    long n;                                                        /* elements; 0 for an empty tensor */
    const unsigned char *first;                                    /* borrowed from the file */
};

/* an open file */
struct mdp_tensor_file {
    char path[MDP_PATH_MAX];
    const char *format; /* "torch zip", "torch legacy", "safetensors" */
    struct mdp_bytes bytes;
    int n, room;
    struct mdp_stored_tensor *tensors; /* [n] in the order of the file */
    json_t *metadata;                  /* texts by name; NULL if the format or the file has none */
};

/** Frees a file. Nullable: file. */
void mdp_tensor_file_free(struct mdp_tensor_file *file);

/** Finds a tensor by name; NULL if there is none. */
const struct mdp_stored_tensor *mdp_tensor_file_find(const struct mdp_tensor_file *file, const char *name);

/** Reads a tensor's values in row-major order. Shapes: values [tensor->n]. Errors: DATA if one is not finite. */
mdp_err mdp_tensor_file_read(const struct mdp_tensor_file *file, const struct mdp_stored_tensor *tensor,
                             double *values);

/** Writes a shape as text, e.g. "[256, 87]". */
const char *mdp_stored_shape_text(int rank, const long *extent, char text[MDP_BYTES_SHOWN]);

/** Adds a tensor that a reader has found: name, type, rank, extents and strides are set, and its first element is
 * number `offset` of `storage`; n and first are filled in. For the readers. Errors: DATA if any of it is not sound,
 * NOMEM. */
mdp_err mdp_tensor_file_add(struct mdp_tensor_file *file, const struct mdp_stored_tensor *tensor,
                            struct mdp_bytes storage, int64_t offset);

#endif
