/* small files in the layout that this program writes, read without libhdf5: many files are read more than ten times as
 * fast.
 *
 * nothing is believed: the file is read once, every structure that is used has its checksum verified, and whatever is
 * not exactly as libhdf5 lays out our calls, or is damaged, makes the whole file one of libhdf5's. so an answer from
 * here is an answer that libhdf5 would give, and a refusal says nothing. Source: HDF5 file format specification 3.0:
 * superblock 3, object headers 2, compact links, attributes compact or in a fractal heap with a B-tree 2, datasets of
 * one chunk with Fletcher32. */
#ifndef MDP_RESULTS_H5_OWN_INTERNAL_H
#define MDP_RESULTS_H5_OWN_INTERNAL_H

#include <stdint.h>

#include "base/err.h"
#include "results/h5/types.h"

struct mdp_h5i_own;

/** Reads a file; *out is NULL for one that is libhdf5's, also where it cannot be read. Owns: caller, mdp_h5i_own_free.
 */
void mdp_h5i_own_open(const char *path, struct mdp_h5i_own **out);

/** Frees it. Nullable: own. */
void mdp_h5i_own_free(struct mdp_h5i_own *own);

/** Returns 1 if the root has this attribute. */
int mdp_h5i_own_has_attr(const struct mdp_h5i_own *own, const char *name);

/** Copies a number of the root that is stored in this type; returns 0 if there is none. */
int mdp_h5i_own_attr(const struct mdp_h5i_own *own, const char *name, enum mdp_h5_type type, void *value);

/** Returns a text of the root, NULL if there is none or no memory. Owns: caller, free(). */
char *mdp_h5i_own_text(const struct mdp_h5i_own *own, const char *name);

/** Returns the number of elements of an array, -1 if there is none. */
long mdp_h5i_own_length(const struct mdp_h5i_own *own, const char *name);

/** Copies an array of n elements that are stored in this type; returns 0 if there is none, or it is damaged. */
int mdp_h5i_own_read(const struct mdp_h5i_own *own, const char *name, enum mdp_h5_type type, long n, void *buffer);

/** Returns the checksum of metadata: Jenkins' lookup3 of bytes that are read as little-endian words. */
uint32_t mdp_h5i_lookup3(const unsigned char *bytes, size_t n);

#endif
