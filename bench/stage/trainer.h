/* a training run on disk: dataset in, one file a module and checkpoint out, resumable at any kill. */
#ifndef MDP_BENCH_STAGE_TRAINER_H
#define MDP_BENCH_STAGE_TRAINER_H

#include "algos/learner.h"
#include "base/fsx.h"
#include "bench/run/settings.h"

/** Runs, or goes on with, a training run up to n_steps, with paths and what its mode and algorithm are settled; a run
 * that is there already is left alone. Errors: IO; DATA, also for a guidance file that does not fit the data; USAGE for
 * settings that contradict each other, or if the folder holds a run with other settings or lacks a file that the run
 * has made; INTERRUPTED. */
mdp_err mdp_train(const struct mdp_training *training);

#endif
