/* a file without a name, for what does not fit in memory: no kill leaves it behind, and a disk that fails is an error
 * here, where a mapped file would end the process. */
#ifndef MDP_BASE_SCRATCH_H
#define MDP_BASE_SCRATCH_H

#include <stddef.h>

#include "base/err.h"

struct mdp_scratch;

/** Opens an empty one on the disk of a folder, which is made if it is not there. Owns: caller, mdp_scratch_free.
 * Errors: IO; USAGE if the path is too long. */
mdp_err mdp_scratch_new(const char *folder, struct mdp_scratch **out);

/** Gives the disk space back. Nullable: scratch. */
void mdp_scratch_free(struct mdp_scratch *scratch);

/** Writes bytes at a place. Errors: IO, also for a full disk. */
mdp_err mdp_scratch_write(struct mdp_scratch *scratch, size_t offset, const void *data, size_t size);

/** Says which bytes will be read soon, so that the disk fetches many places at once. */
void mdp_scratch_expect(const struct mdp_scratch *scratch, size_t offset, size_t size);

/** Reads bytes that were written. Errors: IO. */
mdp_err mdp_scratch_read(const struct mdp_scratch *scratch, size_t offset, void *data, size_t size);

#endif
