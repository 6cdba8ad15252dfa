/* which files physics comes from: Bullet's libraries around a function, with a hash over all of them. */
#ifndef MDP_ENVS_PHYSICS_ORIGIN_H
#define MDP_ENVS_PHYSICS_ORIGIN_H

#include <stdint.h>

#include "base/err.h"

enum { MDP_LIBRARY_NAMES_MAX = 512 };

/* file names without folders, separated by a blank, and one FNV-1a hash over the hashes of their bytes in that order */
struct mdp_library_files {
    char names[MDP_LIBRARY_NAMES_MAX];
    uint64_t hash;
};

/** Finds the loaded file that holds `address` and all of Bullet that it needs, itself included unless it is this
 * program. Errors: IO if a file cannot be read, INTERNAL if the address is in none. */
mdp_err mdp_library_files_of(const void *address, struct mdp_library_files *files);

#endif
