/* the filters of a chunk, undone here and not by libhdf5: release 1.10.8 reads past the end of a chunk that unpacks to
 * fewer bytes than its shape needs. */
#ifndef MDP_RESULTS_H5_FILTERS_INTERNAL_H
#define MDP_RESULTS_H5_FILTERS_INTERNAL_H

#include <stdint.h>

#include "results/h5/types_internal.h"

enum { MDP_H5_FILTERS_MAX = 8 };

/* the filters of a dataset, in the order in which they were applied */
struct mdp_h5i_filters {
    int n;
    int ids[MDP_H5_FILTERS_MAX];
    unsigned element_size[MDP_H5_FILTERS_MAX]; /* of shuffle. Units: bytes */
    int by_library;                            /* one of them is undone by libhdf5 alone */
};

/* a chunk's bytes, as stored and then as unpacked; each takes turns with the other */
struct mdp_h5i_packed {
    unsigned char *bytes, *other; /* [room] each */
    size_t n, room;
    unsigned mask; /* filters that were left out, by bits */
};

/** Reads the filters from how a dataset was created. Errors: DATA for one that cannot be undone, naming it and what
 * helps. */
mdp_err mdp_h5i_filters_read(const struct mdp_h5 *file, const char *name, hid_t creation,
                             struct mdp_h5i_filters *filters);

/** Undoes them: afterwards packed->bytes holds exactly n_wanted bytes. Range: room >= n_wanted + 4 for each Fletcher32.
 * Errors: DATA if the bytes do not unpack, to fewer or more, or do not have the checksum; IO if a library cannot be
 * loaded. */
mdp_err mdp_h5i_filters_undo(const struct mdp_h5 *file, const char *name, const struct mdp_h5i_filters *filters,
                             size_t n_wanted, struct mdp_h5i_packed *packed);

/** Returns the checksum of Fletcher32: sums of words of 16 bits, the first byte the higher one, carried round. */
uint32_t mdp_h5i_fletcher32(const unsigned char *bytes, size_t n);

#endif
