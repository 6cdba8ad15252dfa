/* a table to a stream or, whole or not at all, to a file. */
#ifndef MDP_RESULTS_SHOW_TABLE_OUT_H
#define MDP_RESULTS_SHOW_TABLE_OUT_H

#include "results/show/table.h"

/** Writes a table in a format to a path. Nullable: path (to the stream). Errors: IO, NOMEM. */
mdp_err mdp_table_output(const struct mdp_table *table, enum mdp_table_format format, const char *path, FILE *stream);

#endif
