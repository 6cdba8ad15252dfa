/* the readers of files that others hand us, by name, each as one function over bytes: for libFuzzer, and for the corpus
 * that every change is tried on. */
#ifndef MDP_TESTS_FUZZ_READERS_H
#define MDP_TESTS_FUZZ_READERS_H

#include <stddef.h>

#include "base/err.h"

/** Returns how many readers there are. */
int readers_count(void);

/** Returns the name of a reader. */
const char *readers_name(int i_reader);

/** Reads a file of these bytes, which is written to `path` first. Errors: as the reader's; USAGE for an unknown name.
 */
mdp_err readers_read(const char *name, const char *path, const void *bytes, size_t size);

#endif
