/* what is there of an experiment, for programs that watch (results/show/live.h). */
#ifndef MDP_BENCH_REPORT_WATCH_H
#define MDP_BENCH_REPORT_WATCH_H

#include "bench/experiment/experiment.h"

/** Writes every evaluation that is there: a line of JSON each; events in a folder a run, EVENTS/PART/ARM/TASK/seedN.
 * Nullable: lines, events. Errors: IO, DATA. */
mdp_err mdp_watch_experiments(const struct mdp_experiments *experiments, const char *lines, const char *events);

#endif
