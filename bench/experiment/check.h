/* what a schema cannot say of one experiment file: names that must be there, be new, or fit together. */
#ifndef MDP_BENCH_EXPERIMENT_CHECK_H
#define MDP_BENCH_EXPERIMENT_CHECK_H

#include "bench/experiment/experiment.h"
#include "bench/yaml/place.h"

/** Checks one file alone, apart from what a part may leave to the file that lists it. Errors: DATA. */
mdp_err mdp_experiment_check(const struct mdp_yaml *yaml);

/** Checks what runs and arms of a part make of the settings that hold for all, which the part `own` or the file `top`
 * that lists it gives: what their training or evaluation would refuse. Errors: DATA. */
mdp_err mdp_experiment_check_whole(const struct mdp_experiment *experiment, const struct mdp_yaml *own,
                                   const struct mdp_yaml *top);

#endif
