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

#include "base/temp.h"
#include "results/h5/types.h"

/** Opens a file for reading. Owns: caller, mdp_h5_close. Errors: IO if missing or a folder, DATA if not HDF5 or cut
 * short. */
mdp_err mdp_h5_open(const char *path, struct mdp_h5 **out);

/** Opens a small file in the layout that this program writes, without libhdf5. Attributes of the root and arrays of one
 * axis can be read, in the types that they are stored in. Every failure of this handle, and of reading from it, only
 * says that mdp_h5_open has to be asked. Owns: caller, mdp_h5_close. Errors: DATA, NOMEM. */
mdp_err mdp_h5_open_own(const char *path, struct mdp_h5 **out);

/** Starts a new file under a temporary name beside `path`; how: what becomes of a file that is there. Owns: caller,
 * mdp_h5_commit or mdp_h5_close. Errors: IO. */
mdp_err mdp_h5_create_as(const char *path, enum mdp_publish how, struct mdp_h5 **out);

/** Does so for one that replaces what is there. */
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

#endif
