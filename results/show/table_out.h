/* a table to standard output or, whole or not at all, to a file. */
#ifndef MDP_RESULTS_SHOW_TABLE_OUT_H
#define MDP_RESULTS_SHOW_TABLE_OUT_H

#include "results/show/table.h"

/** Writes a table in a format. Nullable: path (standard output). Errors: IO, NOMEM. */
mdp_err mdp_table_output(const struct mdp_table *table, enum mdp_table_format format, const char *path);

#endif
