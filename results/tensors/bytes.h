/* a stretch of bytes from a file that nobody vouches for, and the numbers in it.
 *
 * readers of foreign formats ask mdp_bytes_has before they look; the numbers themselves are not checked again. */
#ifndef MDP_RESULTS_TENSORS_BYTES_H
#define MDP_RESULTS_TENSORS_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* borrowed memory */
struct mdp_bytes {
    const unsigned char *data;
    size_t size;
};

enum { MDP_BYTES_SHOWN = 64 };

/** Returns 1 if n bytes from `offset` on lie within; no sum can overflow. */
static inline int mdp_bytes_has(struct mdp_bytes bytes, uint64_t offset, uint64_t n) {
    return offset <= bytes.size && n <= bytes.size - offset;
}

/** Returns the part of n bytes from `offset` on, which must lie within. */
static inline struct mdp_bytes mdp_bytes_part(struct mdp_bytes bytes, size_t offset, size_t n) {
    return (struct mdp_bytes){bytes.data + offset, n};
}

/** Returns a little-endian number of n bytes. Range: n 1 to 8. */
static inline uint64_t mdp_bytes_le(const unsigned char *bytes, int n) {
    uint64_t value = 0;
    for (int i = n - 1; i >= 0; i--) value = value << 8 | bytes[i];
    return value;
}

/** Returns 1 if the bytes are exactly this text. */
int mdp_bytes_are(struct mdp_bytes bytes, const char *text);

/** Writes bytes for a message: what does not print becomes '?', what does not fit is left out. */
const char *mdp_bytes_show(struct mdp_bytes bytes, char text[MDP_BYTES_SHOWN]);

/** Returns 1 if the bytes are UTF-8 without control characters, fit for a name that people see. */
int mdp_bytes_is_name(struct mdp_bytes bytes);

#endif
