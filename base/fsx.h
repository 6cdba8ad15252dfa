/* files that appear whole or not at all: written under a temporary name, synced, renamed, folder synced. */
#ifndef MDP_BASE_FSX_H
#define MDP_BASE_FSX_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/path.h"
#include "base/temp.h"

/** Returns 1 if something exists at `path`. */
int mdp_fsx_exists(const char *path);

/** Creates a folder and its parents; an existing folder is fine. Errors: IO, naming the part that failed. */
mdp_err mdp_fsx_make_dirs(const char *path);

/** Writes the deepest folder above a path that is there: "." or "/" at last. */
void mdp_fsx_deepest(const char *path, char folder[MDP_PATH_MAX]);

/** Removes the folders above a path that are empty, up to one above it that stays. */
void mdp_fsx_remove_empty(const char *path, const char *kept);

/** Creates the parents of a file's path. Errors: as mdp_fsx_make_dirs. */
mdp_err mdp_fsx_make_parents(const char *path);

/** Makes a finished temporary file appear as `path`: fsync, rename, fsync of the folder. It is gone then, also after a
 * failure. Errors: IO, for NEW also where something is there. */
mdp_err mdp_fsx_publish(struct mdp_temp *temp, const char *path, enum mdp_publish how);

/** Gives a whole file another name in the same way; it stays where it is after a failure. Errors: as above. */
mdp_err mdp_fsx_move(const char *from, const char *path, enum mdp_publish how);

/** Removes a file; it is no error if there is none. Errors: IO. */
mdp_err mdp_fsx_remove(const char *path);

/** Writes a whole small file by temp, fsync and rename. Errors: IO. */
mdp_err mdp_fsx_write(const char *path, const void *data, size_t size);

/** Does so if nothing is at `path`, also against other processes: *is_taken is 1 and nothing is written where something
 * is. Errors: IO. */
mdp_err mdp_fsx_write_new(const char *path, const void *data, size_t size, int *is_taken);

/** Appends to a file and syncs it, all of it or nothing, and makes it where there is none; *is_full is 1 and nothing is
 * written where it would have more than `limit` bytes then. Errors: IO. */
mdp_err mdp_fsx_append(const char *path, const void *data, size_t size, size_t limit, int *is_full);

/** Opens a regular file for reading. Owns: caller, fclose(). Errors: IO, also for a folder, a device or a pipe. */
mdp_err mdp_fsx_open(const char *path, FILE **file);

/** Reads a whole file of at most `limit` bytes, with a terminating zero. Owns: caller, free(). Errors: IO, DATA if
 * larger. */
mdp_err mdp_fsx_read(const char *path, size_t limit, char **data, size_t *size);

/** Returns the 64-bit FNV-1a hash of a file's bytes. Errors: IO. */
mdp_err mdp_fsx_hash(const char *path, uint64_t *hash);

/** Formats a path and fails with USAGE if it does not fit. */
mdp_err mdp_fsx_path(char path[MDP_PATH_MAX], const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
