/* a text that grows while it is written: a stream into memory, for what must be whole before anyone sees it.
 *
 * as open_memstream, whose version in glibc 2.36 drops what finds no memory and says nothing: here the close fails. */
#ifndef MDP_BASE_MEMSTREAM_H
#define MDP_BASE_MEMSTREAM_H

#include <stdio.h>

#include "base/err.h"

struct mdp_memstream {
    FILE *stream;
    const char *what; /* what the text is, for messages; borrowed */
    char *text;       /* whole once it is closed, with a zero behind it */
    size_t size, room;
};

/** Opens a stream into memory for a text of `what`; the struct stays where it is until the close. Owns: caller,
 * mdp_memstream_close. Errors: NOMEM. */
mdp_err mdp_memstream_open(struct mdp_memstream *memory, const char *what);

/** Closes a stream, if it is open, and returns `err`, how the writing went. On MDP_OK, `text` is there; else it is
 * NULL. Owns: caller, free(text). Errors: `err`; NOMEM if not everything found room. */
mdp_err mdp_memstream_close(struct mdp_memstream *memory, mdp_err err);

#endif
