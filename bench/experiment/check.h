/* what a schema cannot say of one experiment file: names that must be there, be new, or fit together. */
#ifndef MDP_BENCH_EXPERIMENT_CHECK_H
#define MDP_BENCH_EXPERIMENT_CHECK_H

#include "bench/yaml/place.h"

/** Checks one file alone, apart from what a part may leave to the file that lists it. Errors: DATA. */
mdp_err mdp_experiment_check(const struct mdp_yaml *yaml);

#endif
