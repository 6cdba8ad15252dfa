/* elements of a file as the types of this program, exactly. */
#ifndef MDP_RESULTS_H5_CONVERT_INTERNAL_H
#define MDP_RESULTS_H5_CONVERT_INTERNAL_H

#include "results/h5/types_internal.h"

/* numbers of more bytes are refused, so that a piece of them has a known size */
enum { MDP_H5_ELEMENT_BYTES_MAX = 16 };

/* elements as they are stored, and where they stand */
struct mdp_h5i_stored {
    const struct mdp_h5 *file;
    const char *name;
    hid_t type;
    const unsigned char *bytes; /* [n] elements */
    long n, first_row, row_width;
};

/** Converts elements. An integer type takes what it holds exactly, BOOL 0 and 1. Shapes: out [n]. Errors: DATA, with
 * the first value that does not fit and its row. */
mdp_err mdp_h5i_convert(const struct mdp_h5i_stored *stored, enum mdp_h5_type type, void *out);

#endif
