/* YAML files that people write: gate policies and experiments, from text to structs.
 *
 * a table of rows (base/setting.h) says which keys there are, what they may be and where their values go; options have
 * the same rows. every refusal is "file:line: key: expected .., found ..". one document, no aliases, numbers as options
 * take them, booleans true or false.
 * keys in messages read like paths: rows[1].margin.absolute, entries counted from 0. */
#ifndef MDP_BENCH_YAML_YAML_H
#define MDP_BENCH_YAML_YAML_H

#include <stddef.h>

#include "base/setting.h"
#include "bench/yaml/place.h"

enum { MDP_YAML_MOST_BYTES = 1 << 20 };

/** Reads and checks a text; `name` stands for it in messages. Owns: caller, mdp_yaml_free. Errors: DATA with line and
 * key, NOMEM. */
mdp_err mdp_yaml_parse(const char *name, const char *text, size_t size, const struct mdp_settings *table,
                       struct mdp_yaml **out);

/** Reads and checks a file of at most MDP_YAML_MOST_BYTES. Owns: caller, mdp_yaml_free. Errors: IO, DATA, NOMEM. */
mdp_err mdp_yaml_read(const char *path, const struct mdp_settings *table, struct mdp_yaml **out);

/** Returns the struct that the table describes, with defaults where nothing is said. Owns: the file. */
void *mdp_yaml_data(const struct mdp_yaml *yaml);

/** Frees a file and its struct. Nullable: yaml. */
void mdp_yaml_free(struct mdp_yaml *yaml);

#endif
