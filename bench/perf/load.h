/* perf load, perf start: what happens before any work, reading files and starting the program. */
#ifndef MDP_BENCH_PERF_LOAD_H
#define MDP_BENCH_PERF_LOAD_H

#include "bench/perf/perf.h"

/** Measures reading a D4RL file as training does, checks and normalisation included: load/dataset (MB/s of the file),
 * and what that adds to resident memory (load/dataset/memory). The file is options->data, or one that is made up for it
 * in the folder for temporary files. Measures reading an episodes file of 50 episodes, too: load/episodes (files/s).
 * Errors: IO, DATA, NOMEM, INTERRUPTED. */
mdp_err mdp_perf_load(const struct mdp_perf_options *options, struct mdp_perf_results *results);

/** Measures this program from start to end where it does nothing but print its version: start/time (ms), start/memory
 * (bytes, at its peak). Does nothing where work is counted. Errors: IO, NOMEM, INTERRUPTED. */
mdp_err mdp_perf_start(const struct mdp_perf_options *options, struct mdp_perf_results *results);

#endif
