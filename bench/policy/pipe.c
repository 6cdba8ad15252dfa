#include "bench/policy/pipe.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"

/* a stop that arrives between a look at it and the wait is seen after this. Units: milliseconds */
enum { SLICE = 200, READ_AT_ONCE = 1 << 16 };

/* the moment when patience ends; 0: never */
static double end_of(double seconds) { return seconds > 0 ? mdp_clock_seconds() + seconds : 0; }

/* room for more bytes, at least doubled, so that growing costs little */
static int make_room(struct mdp_pipe *pipe, size_t size) {
    char *grown;
    if (pipe->n_room >= size) return 1;
    if (size < 2 * pipe->n_room) size = 2 * pipe->n_room;
    if (mdp_calloc(&grown, size, 1, "messages of a policy") != MDP_OK) return 0;
    if (pipe->n > 0) memcpy(grown, pipe->bytes, pipe->n);
    free(pipe->bytes);
    pipe->bytes = grown;
    pipe->n_room = size;
    return 1;
}

/* waits for what can be done, writing if wanted or reading */
static enum mdp_pipe_end wait_for(struct mdp_pipe *pipe, int writes, double end, short *can_read, short *can_write) {
    struct pollfd fds[2] = {{pipe->in, POLLIN, 0}, {pipe->out, POLLOUT, 0}};
    *can_read = *can_write = 0;
    for (;;) {
        int wait = SLICE;
        pipe->stop = mdp_stop_requested();
        if (pipe->stop != MDP_OK) return MDP_PIPE_STOPPED;
        if (end > 0) {
            const double left = fmax(0, end - mdp_clock_seconds());
            if (left * 1000 < wait) wait = (int)ceil(left * 1000);
        }
        int n = poll(fds, writes ? 2 : 1, wait);
        if (n < 0 && errno != EINTR) return MDP_PIPE_FAILED;
        /* what is there already is no late answer: this process may have been stopped for as long */
        if (n == 0 && wait == 0) return MDP_PIPE_LATE;
        if (n <= 0) continue;
        *can_read = fds[0].revents;
        *can_write = writes ? fds[1].revents : 0;
        return MDP_PIPE_DONE;
    }
}

/* reads what is there */
static enum mdp_pipe_end read_some(struct mdp_pipe *pipe) {
    if (!make_room(pipe, pipe->n + READ_AT_ONCE)) return MDP_PIPE_FAILED;
    ssize_t n = read(pipe->in, pipe->bytes + pipe->n, pipe->n_room - pipe->n);
    if (n == 0) return MDP_PIPE_CLOSED;
    if (n < 0) return errno == EINTR || errno == EAGAIN ? MDP_PIPE_DONE : MDP_PIPE_FAILED;
    pipe->n += (size_t)n;
    return MDP_PIPE_DONE;
}

/* reads once more, after waiting */
static enum mdp_pipe_end read_more(struct mdp_pipe *pipe, double end) {
    short can_read, can_write;
    enum mdp_pipe_end how = wait_for(pipe, 0, end, &can_read, &can_write);
    return how == MDP_PIPE_DONE ? read_some(pipe) : how;
}

/* 1 if all is written; a full pipe is no failure */
static int write_some(struct mdp_pipe *pipe, const char **bytes, size_t *size, enum mdp_pipe_end *how) {
    ssize_t n = write(pipe->out, *bytes, *size);
    *how = MDP_PIPE_DONE;
    if (n < 0 && errno != EINTR && errno != EAGAIN) *how = errno == EPIPE ? MDP_PIPE_CLOSED : MDP_PIPE_FAILED;
    if (n > 0) {
        *bytes += n;
        *size -= (size_t)n;
    }
    return *size == 0;
}

enum mdp_pipe_end mdp_pipe_send(struct mdp_pipe *pipe, const void *bytes, size_t size, size_t most, double seconds) {
    const double end = end_of(seconds);
    const char *rest = bytes;
    enum mdp_pipe_end how;
    short can_read, can_write;
    int hears = 1;
    while (!write_some(pipe, &rest, &size, &how) && how == MDP_PIPE_DONE) {
        how = wait_for(pipe, 1, end, &can_read, &can_write);
        if (how != MDP_PIPE_DONE) return how;
        /* what has been said before the other side went is still there to be read */
        if (hears && can_read != 0) hears = read_some(pipe) == MDP_PIPE_DONE;
        if (pipe->n > most) return MDP_PIPE_TOO_LONG;
        if (!hears && (can_write & POLLOUT) == 0) return MDP_PIPE_CLOSED;
    }
    return how;
}

enum mdp_pipe_end mdp_pipe_fill(struct mdp_pipe *pipe, size_t size, double seconds) {
    const double end = end_of(seconds);
    enum mdp_pipe_end how = MDP_PIPE_DONE;
    while (pipe->n < size && how == MDP_PIPE_DONE) how = read_more(pipe, end);
    return how;
}

enum mdp_pipe_end mdp_pipe_line(struct mdp_pipe *pipe, size_t most, double seconds, size_t *length) {
    const double end = end_of(seconds);
    enum mdp_pipe_end how = MDP_PIPE_DONE;
    size_t seen = 0;
    *length = 0;
    while (how == MDP_PIPE_DONE) {
        const char *newline = pipe->n > seen ? memchr(pipe->bytes + seen, '\n', pipe->n - seen) : NULL;
        if (newline != NULL) *length = (size_t)(newline - pipe->bytes) + 1;
        if (newline != NULL && *length <= most) return MDP_PIPE_DONE;
        if (newline != NULL || pipe->n >= most) return MDP_PIPE_TOO_LONG;
        seen = pipe->n;
        how = read_more(pipe, end);
    }
    return how;
}

void mdp_pipe_take(struct mdp_pipe *pipe, size_t size) {
    pipe->n -= size;
    memmove(pipe->bytes, pipe->bytes + size, pipe->n);
}

void mdp_pipe_free(struct mdp_pipe *pipe) {
    free(pipe->bytes);
    pipe->bytes = NULL;
    pipe->n = pipe->n_room = 0;
}
