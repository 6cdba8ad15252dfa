/* what passes through the door to libhdf5: shapes, element types, storage, and the handles. */
#ifndef MDP_RESULTS_H5_TYPES_H
#define MDP_RESULTS_H5_TYPES_H

#include <stddef.h>

enum { MDP_H5_RANK_MAX = 4, MDP_H5_NAME_MAX = 256, MDP_H5_CHILDREN_MAX = 100000, MDP_H5_LINK_TEXT = 240 };

/* the largest dataset that is read or written whole. Units: bytes in memory */
#define MDP_H5_BYTES_MAX (8LL << 30)

/* element types in memory; values are converted from whatever numeric type a file holds.
 * BOOL is the enumeration FALSE = 0, TRUE = 1 over int8 that h5py writes for numpy.bool_; int8_t in memory */
enum mdp_h5_type { MDP_H5_F32, MDP_H5_F64, MDP_H5_I8, MDP_H5_U8, MDP_H5_I32, MDP_H5_I64, MDP_H5_U64, MDP_H5_BOOL };

/* extents of an array; rank 0 is a scalar. as an expectation, -1 stands for any extent */
struct mdp_h5_shape {
    int rank;
    long extent[MDP_H5_RANK_MAX];
};

/* expectations in one word: mdp_h5_read(file, "x", MDP_H5_F64, MDP_H5_1D(n), x) */
#define MDP_H5_SCALAR (&(const struct mdp_h5_shape){0, {0}})
#define MDP_H5_1D(n) (&(const struct mdp_h5_shape){1, {n}})
#define MDP_H5_2D(n, m) (&(const struct mdp_h5_shape){2, {n, m}})
#define MDP_H5_3D(n, m, k) (&(const struct mdp_h5_shape){3, {n, m, k}})
#define MDP_H5_4D(n, m, k, l) (&(const struct mdp_h5_shape){4, {n, m, k, l}})

/* how a dataset is stored; every array of rank 1 or more is chunked with a Fletcher32 checksum */
enum mdp_h5_storage { MDP_H5_PLAIN, MDP_H5_COMPRESS /* shuffle and deflate(1) besides */ };

/* an open file, and an open dataset of one */
struct mdp_h5;
struct mdp_h5_rows;

/** Returns the number of elements of a shape: 1 for a scalar. */
long mdp_h5_count(const struct mdp_h5_shape *shape);

/** Returns the size of an element in memory. Units: bytes. */
size_t mdp_h5_type_size(enum mdp_h5_type type);

#endif
