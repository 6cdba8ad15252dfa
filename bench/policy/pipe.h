/* bytes to and from another process: whole messages, up to a moment, while a stop is possible.
 *
 * whoever waits to write also reads, so that two sides that both write never wait for each other. */
#ifndef MDP_BENCH_POLICY_PIPE_H
#define MDP_BENCH_POLICY_PIPE_H

#include <stddef.h>

#include "base/err.h"

/* how waiting came to its end */
enum mdp_pipe_end {
    MDP_PIPE_DONE,
    MDP_PIPE_CLOSED,   /* the other side has closed its end, or is no longer there */
    MDP_PIPE_LATE,     /* the time was over */
    MDP_PIPE_TOO_LONG, /* a line was longer than expected */
    MDP_PIPE_FAILED,   /* the system refused, or has no memory */
    MDP_PIPE_STOPPED,  /* somebody wants this process to stop (base/stop.h) */
};

/* both directions; the descriptors are borrowed. start from {.in = .., .out = ..} */
struct mdp_pipe {
    int in, out;
    char *bytes; /* what has been read and not been taken, on a 64-byte boundary */
    size_t n, n_room;
    mdp_err stop; /* of MDP_PIPE_STOPPED: what the stop's message belongs to */
};

/** Sends bytes, and reads meanwhile what the other side says, `most` bytes of it at most. Units: seconds, 0 for no
 * limit; SIGPIPE has to be ignored or blocked by the caller. */
enum mdp_pipe_end mdp_pipe_send(struct mdp_pipe *pipe, const void *bytes, size_t size, size_t most, double seconds);

/** Reads until at least so many bytes are there, from pipe->bytes on. Units: seconds, 0 for no limit. */
enum mdp_pipe_end mdp_pipe_fill(struct mdp_pipe *pipe, size_t size, double seconds);

/** Reads until a line is there, and writes its length with its newline. Units: seconds, 0 for no limit. */
enum mdp_pipe_end mdp_pipe_line(struct mdp_pipe *pipe, size_t most, double seconds, size_t *length);

/** Takes the first bytes away. */
void mdp_pipe_take(struct mdp_pipe *pipe, size_t size);

/** Frees what was read; the descriptors stay open. */
void mdp_pipe_free(struct mdp_pipe *pipe);

#endif
