/* groups and arrays of new HDF5 files; the same calls with the same data give the same bytes. */
#ifndef MDP_RESULTS_H5_WRITE_H
#define MDP_RESULTS_H5_WRITE_H

#include "base/err.h"
#include "results/h5/types.h"

/** Writes a whole array as a new dataset; missing parent groups are made. Errors: IO. */
mdp_err mdp_h5_write(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, const struct mdp_h5_shape *shape,
                     enum mdp_h5_storage storage, const void *data);

/** Writes a text as a scalar dataset of fixed length. Range: below 60,000 bytes. Errors: IO. */
mdp_err mdp_h5_write_text(struct mdp_h5 *file, const char *name, const char *text);

/** Makes a group and its parents; an existing one is fine. Errors: IO. */
mdp_err mdp_h5_make_group(struct mdp_h5 *file, const char *name);

/** Makes an empty dataset that grows by rows: [0, width], or [0] for width 0. Errors: IO. */
mdp_err mdp_h5_grow_new(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, long width, long chunk_rows,
                        enum mdp_h5_storage storage);

/** Appends n rows to a dataset of mdp_h5_grow_new; multiples of its chunk_rows are cheapest. Errors: IO. */
mdp_err mdp_h5_grow(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, long n, const void *rows);

#endif
