/* the keys of experiment files: where their values go, and their ranges. */
#ifndef MDP_BENCH_EXPERIMENT_SCHEMA_H
#define MDP_BENCH_EXPERIMENT_SCHEMA_H

#include "bench/yaml/schema.h"

/* what struct mdp_experiment_file is read by */
extern const struct mdp_yaml_schema mdp_experiment_schema;

#endif
