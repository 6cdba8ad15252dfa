/* perf --against BINARY: this program and another one, run in turn, and a gate on the ratio of their speeds. */
#ifndef MDP_BENCH_PERF_AGAINST_H
#define MDP_BENCH_PERF_AGAINST_H

#include "bench/perf/perf.h"

/* what is compared; texts are borrowed */
struct mdp_perf_against {
    const char *other;                      /* path of the baseline's program */
    int n_subjects;                         /* of perf */
    char *const *subjects;                  /* [n_subjects] */
    const struct mdp_perf_options *options; /* options of both programs; the handicap slows down this one only */
    long n_rounds;                          /* each program is started n_rounds times */
    double margin;                          /* a tenth slower is 0.1 */
    int is_counted;                         /* instructions rather than speeds */
    int as_json;
};

/** Runs both, prints the gate's report on the stream and decides: OK, FAILED if this program is surely slower by more
 * than the margin, UNDECIDED. Errors: also IO if a program cannot be started or fails, DATA for output that is none,
 * INTERRUPTED. */
mdp_err mdp_perf_against_run(const struct mdp_perf_against *plan, FILE *stream);

#endif
