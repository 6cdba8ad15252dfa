/* the evaluated checkpoints of runs, without an experiment: what `table` and `figure` show of folders and files. */
#ifndef MDP_BENCH_REPORT_RUNS_H
#define MDP_BENCH_REPORT_RUNS_H

#include "results/show/table.h"

/** Makes a table with a row for each evaluated checkpoint. Shapes: paths [n], folders of runs, which may have :LABEL
 * behind them, or episodes files; `mark` is the label of a folder without one. Owns: caller, mdp_table_free. Errors:
 * IO, DATA, USAGE. */
mdp_err mdp_runs_table(int n, char **paths, const char *mark, struct mdp_table **out);

#endif
