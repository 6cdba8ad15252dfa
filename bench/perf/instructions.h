/* perf --instructions: how many instructions the work of each result takes, counted by valgrind's cachegrind.
 *
 * a count has next to no noise, whatever else the machine does. valgrind's processor has no AVX-512, so that this
 * program, the matrix library and the C library all take their paths for AVX2. a count is the difference between two
 * runs that do unlike numbers of calls, divided by the work in it: what happens before work starts is not part of it.
 */
#ifndef MDP_BENCH_PERF_INSTRUCTIONS_H
#define MDP_BENCH_PERF_INSTRUCTIONS_H

#include "bench/perf/perf.h"

/* what is counted; texts are borrowed */
struct mdp_perf_counting {
    const char *subject;                    /* of perf */
    const struct mdp_perf_options *options; /* guidance, candidates, data, handicap count */
    long n_rounds;                          /* times that each is counted */
};

/** Refuses where there is no valgrind. Errors: IO, saying so. */
mdp_err mdp_perf_check_valgrind(void);

/** Counts the work of each name: instructions/<name> (instructions per unit of what its rate counts). Names that have
 * results already are left out. Errors: IO naming the command that failed; DATA if valgrind's processor has more than
 * AVX2; NOMEM, INTERRUPTED. */
mdp_err mdp_perf_count(const struct mdp_perf_counting *counting, const struct mdp_perf_names *names,
                       struct mdp_perf_results *results);

/** Prints what mdp_perf_count reads from a run with --calls. */
void mdp_perf_print_calls(const struct mdp_perf_options *options, FILE *stream);

#endif
