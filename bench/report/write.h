/* what `table` and `figure` do with an experiment instead of run folders. */
#ifndef MDP_BENCH_REPORT_WRITE_H
#define MDP_BENCH_REPORT_WRITE_H

#include <stdio.h>

#include "bench/experiment/choices.h"
#include "results/show/table.h"

/* the options of `table FILE.yaml` */
struct mdp_paper_request {
    enum mdp_report_mode mode;
    enum mdp_table_format format; /* format of tables that go to the stream, if `out` is NULL */
    const char *out;              /* folder for every table in every format; nullable */
    FILE *stream;                 /* gets the tables, or the names of files */
    const char *only;             /* name of the one table to make; nullable */
    int is_partial, by_objective;
    struct mdp_choice_texts choices;
    const char *columns; /* those to show, by their names for programs; nullable */
    struct mdp_table_tex tex;
};

/** Returns 1 if the argument names an experiment. */
int mdp_is_experiment(const char *path);

/** Makes the tables of an experiment. Errors: IO, DATA, USAGE. */
mdp_err mdp_paper_tables_run(const char *path, const struct mdp_paper_request *request);

/** Draws the figures of an experiment into a folder and names them on the stream. Nullable: only (all of them), actor
 * (ema where the experiment has it, else online). Errors: IO, DATA, USAGE, also for an actor that the experiment does
 * not have. */
mdp_err mdp_paper_figures_run(const char *path, const char *folder, const char *only, const char *actor, int is_partial,
                              int by_objective, FILE *stream);

#endif
