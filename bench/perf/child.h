/* processes that perf starts: other programs, timed and with their memory, and copies of itself that measure memory. */
#ifndef MDP_BENCH_PERF_CHILD_H
#define MDP_BENCH_PERF_CHILD_H

#include "base/err.h"

/* a program to start; texts are borrowed */
struct mdp_perf_program {
    const char *file;       /* what is executed; searched in PATH if it holds no / */
    char *const *arguments; /* its arguments, the program's name first, ended by NULL */
    const char *out;        /* file for its standard output, NULL: dropped */
    int is_silent;          /* its standard error is dropped too */
};

/* what a program that has ended was like */
struct mdp_perf_ended {
    int status;     /* its exit status, 128 + signal, or 127 if it could not be started */
    double seconds; /* from start to end */
    double bytes;   /* peak resident memory */
};

/** Starts a program and waits for its end. Errors: IO if no process can be made, INTERRUPTED. */
mdp_err mdp_perf_program_run(const struct mdp_perf_program *program, struct mdp_perf_ended *out);

/* something that takes memory */
typedef mdp_err (*mdp_perf_hungry)(void *context);

/** Measures what work adds to the peak resident memory of a process in which nothing else happens, a copy of this one,
 * which must not have started threads. Errors: IO naming what was measured. */
mdp_err mdp_perf_memory(const char *name, mdp_perf_hungry work, void *context, double *bytes);

#endif
