/* attributes of HDF5 files, and texts, which attributes and datasets keep alike. */
#ifndef MDP_RESULTS_H5_ATTR_H
#define MDP_RESULTS_H5_ATTR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "results/h5/types.h"

/** Reads a text dataset of one element, fixed or variable length. Owns: caller, free(). Errors: DATA. */
mdp_err mdp_h5_read_text(struct mdp_h5 *file, const char *name, char **text);

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

/** Reads a name or another short text without control characters (mdp_text_is_name) from an attribute, fixed or
 * variable length, into a buffer. Errors: DATA if it does not fit or is no such text. */
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
