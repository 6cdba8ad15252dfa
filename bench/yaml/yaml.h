/* YAML files that people write: gate policies and experiments, from text to structs.
 *
 * a schema of libcyaml says which keys there are and where their values go. libcyaml alone would read `n: 1.5` as 1 and
 * name no line for an unknown key, so the text is checked against the same schema first, strictly, and every refusal is
 * "file:line: key: expected .., found ..". one document, no aliases, numbers in decimal, booleans true or false.
 * keys in messages read like paths: rows[1].margin.absolute, entries counted from 0. */
#ifndef MDP_BENCH_YAML_YAML_H
#define MDP_BENCH_YAML_YAML_H

#include <stddef.h>

#include <cyaml/cyaml.h>

#include "base/err.h"

enum { MDP_YAML_MOST_BYTES = 1 << 20, MDP_YAML_KEY_MAX = 256 };

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

/* a file that fits its schema: the struct it became, and where in the text its keys are */
struct mdp_yaml;

/** Reads and checks a text; `name` stands for it in messages. Owns: caller, mdp_yaml_free. Errors: DATA with line and
 * key, NOMEM. */
mdp_err mdp_yaml_parse(const char *name, const char *text, size_t size, const struct mdp_yaml_schema *schema,
                       struct mdp_yaml **out);

/** Reads and checks a file of at most MDP_YAML_MOST_BYTES. Owns: caller, mdp_yaml_free. Errors: IO, DATA, NOMEM. */
mdp_err mdp_yaml_read(const char *path, const struct mdp_yaml_schema *schema, struct mdp_yaml **out);

/** Returns the struct that the schema describes; fields of absent optional keys are zero. Owns: the file. */
const void *mdp_yaml_data(const struct mdp_yaml *yaml);

/** Returns the line of a key, from 1; 0 if it is absent. */
int mdp_yaml_line(const struct mdp_yaml *yaml, const char *key);

/** Records "file:line: key: message" and returns MDP_E_DATA: for what a schema cannot say. An absent key has the line
 * of the nearest part of its path that is there. */
mdp_err mdp_yaml_refuse(const struct mdp_yaml *yaml, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Frees a file and its struct. Nullable: yaml. */
void mdp_yaml_free(struct mdp_yaml *yaml);

#endif
