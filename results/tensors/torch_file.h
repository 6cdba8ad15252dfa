/* state dictionaries as torch.save writes them: a zip archive (PyTorch 1.6 and later) or a sequence of pickles (before,
 * and with _use_new_zipfile_serialization=False).
 *
 * nothing of a pickle runs (results/tensors/pickle.h). dictionaries and lists are walked to the tensors in them; plain
 * values beside tensors are passed over. Source: PyTorch's serialization as of 1.13, facts in
 * reference/algos/checkpoints. */
#ifndef MDP_RESULTS_TENSORS_TORCH_FILE_H
#define MDP_RESULTS_TENSORS_TORCH_FILE_H

#include "results/tensors/tensor_file.h"

/** Returns 1 if a file begins with the legacy format's magic number. */
int mdp_torch_is_legacy(struct mdp_bytes start);

/** Fills file->tensors from file->bytes, and names the format. Errors: DATA, NOMEM. */
mdp_err mdp_torch_read(struct mdp_tensor_file *file);

#endif
