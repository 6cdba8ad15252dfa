/* what a YAML file may hold: keys and types by libcyaml's tables, ranges besides. */
#ifndef MDP_BENCH_YAML_SCHEMA_H
#define MDP_BENCH_YAML_SCHEMA_H

#include <cyaml/cyaml.h>

/* what a number may be, where its type allows more */
struct mdp_yaml_range {
    const char *key;  /* path with [] for any entry, e.g. "rows[].alpha" */
    double low, high; /* inclusive */
    const char *unit; /* of messages, e.g. "episodes"; nullable */
};

/* what a file may hold; the top is a mapping with CYAML_FLAG_POINTER. lives as long as what was read by it */
struct mdp_yaml_schema {
    const cyaml_schema_value_t *value;
    const struct mdp_yaml_range *ranges; /* [n_ranges] */
    int n_ranges;
};

#endif
