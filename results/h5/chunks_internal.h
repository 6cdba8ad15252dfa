/* rows of a chunked dataset: chunks are fetched as stored and unpacked here, each checked against its shape. */
#ifndef MDP_RESULTS_H5_CHUNKS_INTERNAL_H
#define MDP_RESULTS_H5_CHUNKS_INTERNAL_H

#include "results/h5/filters_internal.h"

/* a chunk unpacks to at most so many times its stored bytes: deflate cannot reach more than 1,032. a file that claims
 * more would only fill the memory */
enum { MDP_H5_RATIO_MAX = 1100 };

/* a chunk that unpacks to more than this is taken to be numbers of some use, which do not shrink so far. an array of
 * many chunks may: it is believed once each of them has been unpacked. Units: bytes; times */
enum { MDP_H5_SMALL_BYTES = 64 << 20, MDP_H5_RATIO_OF_LARGE = 64 };

/** Returns how many bytes at most these stored bytes are believed to unpack to. */
static inline double mdp_h5i_unpacked_max(double n_stored) {
    double n = n_stored * MDP_H5_RATIO_MAX, n_large = n_stored * MDP_H5_RATIO_OF_LARGE;
    if (n <= MDP_H5_SMALL_BYTES) return n;
    return n_large > MDP_H5_SMALL_BYTES ? n_large : MDP_H5_SMALL_BYTES;
}

/* a dataset of rank 1 or more, and the last chunk of it that was unpacked */
struct mdp_h5i_chunks {
    const struct mdp_h5 *file;
    const char *name;
    hid_t id;
    struct mdp_h5_shape shape;
    long extent[MDP_H5_RANK_MAX]; /* of a chunk */
    size_t element_bytes, chunk_bytes;
    struct mdp_h5i_filters filters;
    int edges_are_plain; /* chunks that the end of an axis cuts have no filters */
    struct mdp_h5i_packed packed;
    hsize_t at_hand[MDP_H5_RANK_MAX]; /* where the unpacked chunk begins */
    int has_chunk, is_empty;          /* is_empty: no chunk was ever written */
    unsigned char *fill;              /* [element_bytes], NULL where what was never written has no value */
};

/** Prepares reading. creation: the dataset's list of creation properties. type: of its elements in the file. Keeps:
 * file, name and id, which outlive it. Owns: caller, mdp_h5i_chunks_free. Errors: DATA for
 * filters that cannot be undone and for chunks that are too large; RESOURCE. */
mdp_err mdp_h5i_chunks_new(const struct mdp_h5 *file, const char *name, hid_t id, hid_t creation, hid_t type,
                           const struct mdp_h5_shape *shape, struct mdp_h5i_chunks **out);

/** Frees it. Nullable: chunks. */
void mdp_h5i_chunks_free(struct mdp_h5i_chunks *chunks);

/** Unpacks all chunks, one after the other, for what they say of themselves. Errors: as mdp_h5i_chunks_read. */
mdp_err mdp_h5i_chunks_check(struct mdp_h5i_chunks *chunks);

/** Reads rows as they are stored; what was never written has the fill value. Shapes: buffer [n, rest] elements of the
 * file's type. Errors: DATA; IO where the disk cannot be read; RESOURCE. */
mdp_err mdp_h5i_chunks_read(struct mdp_h5i_chunks *chunks, long first, long n, unsigned char *buffer);

#endif
