/* a document against its schema: the first thing wrong, with its line and key. */
#ifndef MDP_BENCH_YAML_CHECK_H
#define MDP_BENCH_YAML_CHECK_H

#include "bench/yaml/place.h"

/** Checks the whole document against the schema. Errors: DATA. */
mdp_err mdp_yaml_check(const struct mdp_yaml *yaml);

#endif
