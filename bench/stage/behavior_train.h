/* a training run of a behaviour policy on disk: checkpoints, log and a state from which it goes on. */
#ifndef MDP_BENCH_STAGE_BEHAVIOR_TRAIN_H
#define MDP_BENCH_STAGE_BEHAVIOR_TRAIN_H

#include "bench/stage/behavior.h"

/* what is trained, and where to; borrowed */
struct mdp_behavior_plan {
    const struct mdp_behavior_settings *settings;
    long n_steps, every; /* environment steps in all, and between two checkpoints */
    const char *folder;
    int other_instructions; /* whether a run goes on that was computed by other instructions so far */
    int is_every_said;      /* whether a run that is over is refused where it has not these checkpoints */
};

/** Starts a run or goes on with it. Errors: IO; USAGE where the folder holds a run of other settings, before any
 * training, or one that is over and certainly lacks a checkpoint; INTERRUPTED, with what was done so far kept. */
mdp_err mdp_behavior_train(const struct mdp_behavior_plan *plan);

#endif
