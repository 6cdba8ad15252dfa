/* HDF5 files: the one door between this program and libhdf5.
 *
 * reading trusts nothing: ranks, extents, types and sizes are checked before memory is taken, checksums are verified,
 * links to other files are refused. writing is all or nothing: a new file lives under a temporary name until
 * mdp_h5_commit. the same calls with the same data give the same bytes (no time stamps, one pinned format version).
 * every failure names file, object, expected and found. libhdf5 is not thread-safe: one thread at a time.
 * codes: missing file or a failing disk IO, content DATA.
 * Source: HDF5 file format specification 3.0 (superblock 3, version 2 object headers). */
#ifndef MDP_RESULTS_H5_FILE_H
#define MDP_RESULTS_H5_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "results/h5/types.h"

/** Opens a file for reading. Owns: caller, mdp_h5_close. Errors: IO if missing or a folder, DATA if not HDF5 or cut
 * short. */
mdp_err mdp_h5_open(const char *path, struct mdp_h5 **out);

/** Starts a new file under a temporary name beside `path`. Owns: caller, mdp_h5_commit or mdp_h5_close. Errors: IO. */
mdp_err mdp_h5_create(const char *path, struct mdp_h5 **out);

/** Makes a new file appear under its name, replacing an older one; sets *file to NULL and frees it in every case.
 * Errors: IO, nothing is left. */
mdp_err mdp_h5_commit(struct mdp_h5 **file);

/** Closes a file that was opened, or drops a new one without a trace. Nullable: file. */
void mdp_h5_close(struct mdp_h5 *file);

/** Returns the path that was given at opening; borrowed. */
const char *mdp_h5_path(const struct mdp_h5 *file);

/** Writes the version of libhdf5, e.g. "1.10.8". */
void mdp_h5_library_version(char text[32]);

/** Returns the number of elements of a shape: 1 for a scalar. */
long mdp_h5_count(const struct mdp_h5_shape *shape);

/** Returns the size of an element in memory. Units: bytes. */
size_t mdp_h5_type_size(enum mdp_h5_type type);

/** Returns 1 if a group or dataset of this path is in the file, or may be: what is damaged counts as there, so that
 * reading it says so. */
int mdp_h5_exists(struct mdp_h5 *file, const char *name);

/** Lists a group's entries by ascending name; "/" is the root. Owns: caller, free(). Errors: DATA if absent or no
 * group. */
mdp_err mdp_h5_list(struct mdp_h5 *file, const char *group, struct mdp_h5_child **children, int *n_children);

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

/** Reads a text dataset of one element, fixed or variable length. Owns: caller, free(). Errors: DATA. */
mdp_err mdp_h5_read_text(struct mdp_h5 *file, const char *name, char **text);

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

/** Returns 1 if an object ("/" is the root) has this attribute, or may have: as mdp_h5_exists. */
int mdp_h5_attr_exists(struct mdp_h5 *file, const char *object, const char *name);

/** Reads a numeric attribute of one element as a double. Errors: DATA. */
mdp_err mdp_h5_attr_real(struct mdp_h5 *file, const char *object, const char *name, double *value);

/** Reads an integer attribute of one element. Errors: DATA. */
mdp_err mdp_h5_attr_int(struct mdp_h5 *file, const char *object, const char *name, int64_t *value);

/** Reads an unsigned integer attribute of one element. Errors: DATA. */
mdp_err mdp_h5_attr_u64(struct mdp_h5 *file, const char *object, const char *name, uint64_t *value);

/** Reads a numeric attribute array of at most `limit` elements. Errors: DATA. */
mdp_err mdp_h5_attr_array(struct mdp_h5 *file, const char *object, const char *name, enum mdp_h5_type type, long limit,
                          void *buffer, long *n);

/** Reads a text attribute, fixed or variable length, into a buffer. Errors: DATA if it does not fit. */
mdp_err mdp_h5_attr_text(struct mdp_h5 *file, const char *object, const char *name, char *text, size_t size);

/** Reads a text attribute of any length. Owns: caller, free(). Errors: DATA. */
mdp_err mdp_h5_attr_text_new(struct mdp_h5 *file, const char *object, const char *name, char **text);

/** Writes a float64 attribute. Errors: IO. */
mdp_err mdp_h5_put_real(struct mdp_h5 *file, const char *object, const char *name, double value);

/** Writes an int64 attribute. Errors: IO. */
mdp_err mdp_h5_put_int(struct mdp_h5 *file, const char *object, const char *name, int64_t value);

/** Writes a uint64 attribute. Errors: IO. */
mdp_err mdp_h5_put_u64(struct mdp_h5 *file, const char *object, const char *name, uint64_t value);

/** Writes a text attribute of fixed length. Errors: IO. */
mdp_err mdp_h5_put_text(struct mdp_h5 *file, const char *object, const char *name, const char *text);

#endif
