/* whole arrays and rows of HDF5 files; ranks, extents, types and sizes are checked before memory is taken. */
#ifndef MDP_RESULTS_H5_READ_H
#define MDP_RESULTS_H5_READ_H

#include "base/err.h"
#include "results/h5/types.h"

/** Reads a numeric dataset's shape. Errors: DATA if absent, not numeric, of rank above 4 or larger than
 * MDP_H5_BYTES_MAX. */
mdp_err mdp_h5_shape(struct mdp_h5 *file, const char *name, struct mdp_h5_shape *shape);

/** Writes the type in the file as text, e.g. "float32", "bool", "text". Errors: DATA if absent. */
mdp_err mdp_h5_type_text(struct mdp_h5 *file, const char *name, char text[16]);

/** Checks a dataset against an expected shape. Errors: DATA, naming both. */
mdp_err mdp_h5_expect(struct mdp_h5 *file, const char *name, const struct mdp_h5_shape *expected);

/** Reads a whole dataset into the caller's buffer, which holds exactly `expected` (no -1). Errors: DATA; values that
 * an integer type cannot hold are refused. */
mdp_err mdp_h5_read(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, const struct mdp_h5_shape *expected,
                    void *buffer);

/** Reads a whole dataset into new memory, *(type **)out. Nullable: expected (any shape), found. Owns: caller,
 * free(). Errors: as mdp_h5_read. */
mdp_err mdp_h5_read_new(struct mdp_h5 *file, const char *name, enum mdp_h5_type type,
                        const struct mdp_h5_shape *expected, struct mdp_h5_shape *found, void *out);

/** Reads rows first .. first+n-1 of the first axis. Shapes: buffer [n, rest]. Errors: DATA, also if the rows are not
 * there. */
mdp_err mdp_h5_read_rows(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, long first, long n,
                         void *buffer);

/** Opens a dataset for many reads of rows: it is checked once, and what two reads share is unpacked once. Owns: caller,
 * mdp_h5_rows_close, before the file. Errors: DATA, as mdp_h5_shape. */
mdp_err mdp_h5_rows_open(struct mdp_h5 *file, const char *name, enum mdp_h5_type type, struct mdp_h5_rows **out);

/** Closes it. Nullable: rows. */
void mdp_h5_rows_close(struct mdp_h5_rows *rows);

/** Returns how many rows are best read at a time: whole chunks, at most `wish` rows or one chunk. Range: wish >= 1. */
long mdp_h5_rows_block(const struct mdp_h5_rows *rows, long wish);

/** Reads like mdp_h5_read_rows. Errors: DATA. */
mdp_err mdp_h5_rows_read(struct mdp_h5_rows *rows, long first, long n, void *buffer);

/** Reads a scalar (rank 0, or one element) dataset as a double. Errors: DATA. */
mdp_err mdp_h5_read_real(struct mdp_h5 *file, const char *name, double *value);

#endif
