/* a file of tensors in a format that its first bytes tell: chooses the reader and checks what it found as a whole. */
#ifndef MDP_RESULTS_TENSORS_OPEN_H
#define MDP_RESULTS_TENSORS_OPEN_H

#include "results/tensors/tensor_file.h"

enum mdp_tensor_format { MDP_FORMAT_UNKNOWN, MDP_FORMAT_HDF5, MDP_FORMAT_TORCH, MDP_FORMAT_SAFETENSORS };

/** Tells a format by the first bytes of a file, else by its name. Errors: IO. */
mdp_err mdp_tensor_format_find(const char *path, enum mdp_tensor_format *format);

/** Reads a file of a foreign format and checks all but the values. Owns: caller, mdp_tensor_file_free. Errors: IO,
 * NOMEM, DATA naming file, object, expected and found. */
mdp_err mdp_tensor_file_open(const char *path, struct mdp_tensor_file **out);

#endif
