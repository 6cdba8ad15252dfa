/* the evaluated checkpoints of runs, without an experiment: what `table` and `figure` show of folders and files. */
#ifndef MDP_BENCH_REPORT_RUNS_H
#define MDP_BENCH_REPORT_RUNS_H

#include <stdio.h>

#include "results/show/table.h"

/** Makes a table with a row for each evaluated checkpoint. Shapes: paths [n], folders of runs, which may have :LABEL
 * behind them, or episodes files; `mark` is the label of a folder without one. Owns: caller, mdp_table_free. Errors:
 * IO, DATA, USAGE. */
mdp_err mdp_runs_table(int n, char **paths, const char *mark, struct mdp_table **out);

/* what to draw of runs */
struct mdp_runs_figure {
    const char *mark;     /* the label of a folder without one */
    const char *behavior; /* episodes file of a policy that is drawn as a level; nullable */
    const char *title;    /* nullable */
    const char *out;      /* picture to write; without a picture's ending two of them */
};

/** Draws the learning curves of runs, and names on the stream the pictures whose name it chose. Shapes: folders [n].
 * Errors: IO; DATA, also for runs that do not compare; USAGE. */
mdp_err mdp_runs_draw(int n, char **folders, const struct mdp_runs_figure *wanted, FILE *stream);

#endif
