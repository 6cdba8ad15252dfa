/* where the elements of a dataset lie: in this file, as many as its shape claims, and who unpacks them. */
#ifndef MDP_RESULTS_H5_STORAGE_INTERNAL_H
#define MDP_RESULTS_H5_STORAGE_INTERNAL_H

#include "results/h5/types_internal.h"

/** Checks that all elements are in this file, or were never written and have a fill value. creation: the dataset's
 * list of creation properties, which libhdf5 takes long to copy, so that who opens a dataset asks for it once.
 * *n_never_written: elements that are not stored. Errors: DATA, naming the other file, the filter or both sizes. */
mdp_err mdp_h5i_storage_check(struct mdp_h5 *file, const char *name, hid_t id, hid_t creation,
                              const struct mdp_h5_shape *shape, double *n_never_written);

/** Returns 1 if the elements are chunks that are unpacked here (chunks_internal.h). */
int mdp_h5i_is_unpacked_here(hid_t creation);

/** Returns 1 if libhdf5 has to follow or unpack what the file holds: virtual datasets, and filters that are not undone
 * here. What a damaged one of these does to this process shows only when all of it is read. */
int mdp_h5i_is_read_by_library(hid_t creation);

#endif
