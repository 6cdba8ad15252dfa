/* perf policy: what it costs that a policy acts in a process of its own (docs/policy-protocol.md). */
#ifndef MDP_BENCH_PERF_POLICY_H
#define MDP_BENCH_PERF_POLICY_H

#include "bench/perf/perf.h"

/** Measures 50 lanes of the first environment that the physics is for under a policy that does nothing, by processor
 * time of all that takes part, on one thread: policy/<id>/inside (steps/s) where it is a function, policy/<id>/process
 * (steps/s) where it is this program's act --null, in turn, and policy/<id>/process/vs_inside, the time of a step there
 * over that inside. The start of the process is no part of it. Errors: NOMEM, INTERRUPTED; IO, DATA as of the process;
 * those of the physics. */
mdp_err mdp_perf_policy(const struct mdp_perf_options *options, struct mdp_perf_results *results);

#endif
