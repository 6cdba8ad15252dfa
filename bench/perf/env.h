/* perf env: environment steps per second of one environment and of many, and the memory of a world. */
#ifndef MDP_BENCH_PERF_ENV_H
#define MDP_BENCH_PERF_ENV_H

#include "bench/perf/perf.h"

/** Measures every environment of the list under uniform random actions, resets included: env/<id> (one, one thread),
 * vec/<id> (many lanes, one thread and options->threads), memory/<id> (bytes a world). With options->against only
 * env/<id>, against/<id> (the same there) and ratio/<id> (time of a step there over time here), measured in turn by
 * processor time, and likewise vec/<id>, against/vec/<id> and ratio/vec/<id> of many lanes on one thread.
 * Errors: NOMEM, INTERRUPTED; IO, DATA as of the physics. */
mdp_err mdp_perf_env(const struct mdp_perf_options *options, struct mdp_perf_results *results);

#endif
