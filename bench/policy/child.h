/* a command of the user's as a process: run by the shell in a process group of its own, with pipes for standard input
 * and output. standard error is that of this process. nothing of the group outlives the talk. */
#ifndef MDP_BENCH_POLICY_CHILD_H
#define MDP_BENCH_POLICY_CHILD_H

#include <signal.h>
#include <sys/types.h>

#include "base/err.h"

/* start from MDP_CHILD_NONE */
struct mdp_child {
    pid_t pid;                      /* and of its group; 0: none */
    int in, out;                    /* its output, which is read here, and its input, which is written; -1: closed */
    sigset_t mask;                  /* what the calling thread had blocked */
    int is_over, is_killed, status; /* of one that has ended: its exit status, or the signal that killed it */
};
#define MDP_CHILD_NONE ((struct mdp_child){.in = -1, .out = -1})

/** Starts a command by "sh -c". Until mdp_child_end this thread gets no SIGPIPE. Owns: caller, mdp_child_end. Errors:
 * IO. */
mdp_err mdp_child_start(const char *command, struct mdp_child *out);

/** Waits for the end of a child that has closed a pipe, up to so many seconds. Returns 1 if it has ended. */
int mdp_child_wait(struct mdp_child *child, double seconds);

/** Writes how a child that is over has ended, e.g. "status 1" or "signal 9 (Killed)". */
void mdp_child_how(const struct mdp_child *child, char text[64]);

/** Closes both pipes, gives the child so many seconds to end, and kills all that is left of its group. */
void mdp_child_end(struct mdp_child *child, double seconds);

#endif
