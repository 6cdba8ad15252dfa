/* which modules a run has: the kind of its guidance, and how many parameters it and the diffusion module have. */
#ifndef MDP_BENCH_EXPERIMENT_MODULES_H
#define MDP_BENCH_EXPERIMENT_MODULES_H

#include "bench/experiment/experiment.h"

struct mdp_guidance_kind;

/* counted once each: targets, averaged copies and moments of optimisers are further arrays of the same size */
struct mdp_run_parameters {
    long diffusion, guidance; /* 0: the run has none */
};

/** Returns the algorithm of a run that has a diffusion module. Range: a run that was checked. */
const struct mdp_algorithm *mdp_run_algorithm(const struct mdp_run_spec *run);

/** Returns the kind of guidance that a run begins with, and with it every kind that it can have. */
const struct mdp_guidance_kind *mdp_run_guidance_kind(const struct mdp_experiment_file *file, int i_run);

/** Returns the kind of guidance that an arm is evaluated with; borrowed. NULL: none. */
const struct mdp_guidance_kind *mdp_arm_guidance_kind(const struct mdp_experiment_file *file,
                                                      const struct mdp_arm_spec *arm);

/** Counts a run's parameters on one of the experiment's tasks. Errors: NOMEM. */
mdp_err mdp_run_count_parameters(const struct mdp_experiment_file *file, int i_run, int i_task,
                                 struct mdp_run_parameters *out);

#endif
