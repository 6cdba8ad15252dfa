/* YAML files that people write: gate policies and experiments, from text to structs.
 *
 * a schema of libcyaml says which keys there are and where their values go. libcyaml alone would read `n: 1.5` as 1 and
 * name no line for an unknown key, so the text is checked against the same schema first, strictly, and every refusal is
 * "file:line: key: expected .., found ..". one document, no aliases, numbers in decimal, booleans true or false.
 * keys in messages read like paths: rows[1].margin.absolute, entries counted from 0. */
#ifndef MDP_BENCH_YAML_YAML_H
#define MDP_BENCH_YAML_YAML_H

#include <stddef.h>

#include "bench/yaml/place.h"
#include "bench/yaml/schema.h"

enum { MDP_YAML_MOST_BYTES = 1 << 20 };

/** Reads and checks a text; `name` stands for it in messages. Owns: caller, mdp_yaml_free. Errors: DATA with line and
 * key, NOMEM. */
mdp_err mdp_yaml_parse(const char *name, const char *text, size_t size, const struct mdp_yaml_schema *schema,
                       struct mdp_yaml **out);

/** Reads and checks a file of at most MDP_YAML_MOST_BYTES. Owns: caller, mdp_yaml_free. Errors: IO, DATA, NOMEM. */
mdp_err mdp_yaml_read(const char *path, const struct mdp_yaml_schema *schema, struct mdp_yaml **out);

/** Returns the struct that the schema describes; fields of absent optional keys are zero. Owns: the file. */
const void *mdp_yaml_data(const struct mdp_yaml *yaml);

/** Frees a file and its struct. Nullable: yaml. */
void mdp_yaml_free(struct mdp_yaml *yaml);

#endif
