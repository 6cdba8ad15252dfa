/* fills a struct from a mapping, by the table that describes it (base/setting.h). the first mistake is refused, with
 * its line and key. */
#ifndef MDP_BENCH_YAML_FILL_H
#define MDP_BENCH_YAML_FILL_H

#include "base/setting.h"
#include "bench/yaml/place.h"

/** Fills a struct of the table's size from the whole document. Texts and lists are the file's. Errors: DATA, NOMEM. */
mdp_err mdp_yaml_fill(struct mdp_yaml *yaml, const struct mdp_settings *table, void *base);

#endif
