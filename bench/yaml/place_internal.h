/* an open file as those see it who load and check it. */
#ifndef MDP_BENCH_YAML_PLACE_INTERNAL_H
#define MDP_BENCH_YAML_PLACE_INTERNAL_H

#include <yaml.h>

#include "bench/yaml/place.h"

/* memory of a list */
struct mdp_yaml_block {
    void *entries;
    struct mdp_yaml_block *next;
};

struct mdp_yaml {
    char *name;
    yaml_document_t document;
    int has_document;
    void *data; /* the struct, nullable */
    struct mdp_yaml_block *blocks;
};

/** Records "file:line: key: message" for a line that is known and returns MDP_E_DATA. Nullable: key. */
mdp_err mdp_yaml_refuse_at(const struct mdp_yaml *yaml, size_t line, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Returns a scalar's text, NULL for another node; borrowed. */
const char *mdp_yaml_scalar(const yaml_node_t *node);

#endif
