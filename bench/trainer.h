/* a training run on disk: dataset in, one diffusion and one guidance file per checkpoint out, resumable at any kill. */
#ifndef MDP_BENCH_TRAINER_H
#define MDP_BENCH_TRAINER_H

#include "base/fsx.h"
#include "bench/task.h"

/* one run; everything but n_steps, every and n_threads decides its bits */
struct mdp_training {
    struct mdp_task task;
    const char *algo; /* "dql", "edp" or "idql" */
    const char *data; /* dataset file */
    uint64_t seed;
    double eta, learning_rate; /* eta: of algorithms that have a policy loss */
    long lr_steps;             /* the cosine schedule ends here */
    long batch;
    long n_steps, every;
    int n_threads;
    const char *folder;
};

/** Writes the defaults of SPEC 5.4: eta 1, rate 3e-4 falling to 0 at 2,000,000 steps, batch 256. */
void mdp_training_defaults(struct mdp_training *training);

/** Runs, or goes on with, a training run up to n_steps; a run that is there already is left alone. Errors: IO, DATA,
 * USAGE if the folder holds a run with other settings, INTERRUPTED. */
mdp_err mdp_train(const struct mdp_training *training);

#endif
