/* what kind of file this is, by its first bytes: a message that refuses a file helps most if it says what people really
 * have. */
#ifndef MDP_BASE_FILE_KIND_H
#define MDP_BASE_FILE_KIND_H

#include <stddef.h>

/* said of bytes of no known kind */
#define MDP_FILE_KIND_UNKNOWN "something else"

/** Names what these first bytes of a file begin, with what helps, e.g. "a Git LFS pointer (fetch the file itself: git
 * lfs pull)"; MDP_FILE_KIND_UNKNOWN if they are of no known kind. Range: 512 bytes show all kinds. */
const char *mdp_file_kind(const void *bytes, size_t n);

/** Names what these bytes begin, in the same way, where that cannot be a text that people write, as YAML or JSON; else
 * NULL. */
const char *mdp_file_kind_no_text(const void *bytes, size_t n);

/** Names what the file begins with, in the same way; MDP_FILE_KIND_UNKNOWN for one that cannot be read as well. */
const char *mdp_file_kind_of(const char *path);

#endif
