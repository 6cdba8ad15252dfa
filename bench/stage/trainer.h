/* a training run on disk: dataset in, one file a module and checkpoint out, resumable at any kill. */
#ifndef MDP_BENCH_STAGE_TRAINER_H
#define MDP_BENCH_STAGE_TRAINER_H

#include "algos/learner.h"
#include "base/fsx.h"
#include "bench/run/task.h"

#define MDP_MB 1048576.0

/* one run; everything but n_steps, every, n_threads, memory_bytes and scratch decides its bits */
struct mdp_training {
    struct mdp_task task;
    enum mdp_mode mode;
    const char *algo;          /* an algorithm; of mode guidance "iql" or "sarsa", what its critic learns from */
    const char *guidance_file; /* that frozen and continued start from; NULL in other modes */
    int is_noise_gradient;     /* mode noise: noise takes the place of the gradient of the policy loss */
    const char *precision;     /* see algos/precision.h */
    const char *solver;        /* NULL: the algorithm's */
    int n_sampling_steps;      /* 0: the algorithm's */
    const char *data;          /* dataset file */
    uint64_t seed;
    double eta, learning_rate; /* eta: NaN for the algorithm's */
    long lr_steps;             /* the cosine schedule ends here */
    long batch;
    long n_steps, every;
    int n_threads;
    double memory_bytes; /* transitions that take more go to a nameless file .. */
    const char *scratch; /* .. on the disk of this folder */
    const char *folder;
};

/** Writes the defaults of SPEC 5.4: joint DQL, rate 3e-4 falling to 0 at 2,000,000 steps, batch 256; 1 GB of
 * transitions in memory. */
void mdp_training_defaults(struct mdp_training *training);

/** Runs, or goes on with, a training run up to n_steps; a run that is there already is left alone. Errors: IO; DATA,
 * also for a guidance file that does not fit the data; USAGE for settings that contradict each other, or if the folder
 * holds a run with other settings or lacks a file that the run has made; INTERRUPTED. */
mdp_err mdp_train(const struct mdp_training *training);

#endif
