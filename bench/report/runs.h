/* the evaluated checkpoints of runs, without an experiment: what `table` and `figure` show of folders and files. */
#ifndef MDP_BENCH_REPORT_RUNS_H
#define MDP_BENCH_REPORT_RUNS_H

#include <stdio.h>

#include "results/show/table.h"

/** Makes a table with a row for each evaluated checkpoint. Shapes: paths [n], folders of runs, which may have :LABEL
 * behind them, or episodes files; names [n], what rows call them; `mark` is the label of a folder without one;
 * by_objective: as mdp_episodes_by_objective.
 * Nullable: names (folders by their paths, files as row_names.h names them). Owns: caller, mdp_table_free. Errors: IO,
 * DATA, USAGE. */
mdp_err mdp_runs_table(int n, char **paths, const char *const *names, const char *mark, int by_objective,
                       struct mdp_table **out);

/** Makes a table of what the evaluations of each task, taken as a sweep of policies, are expected to show after k of
 * them (budget.h); paths, mark and by_objective as above, twice the same counts twice. Owns: caller, mdp_table_free.
 * Errors: IO, USAGE; DATA, also for evaluations that do not compare or have other episodes. */
mdp_err mdp_runs_budget(int n, char **paths, const char *mark, int by_objective, struct mdp_table **out);

/** Makes a table with a row for each checkpoint of each group of runs that differ in their seed alone (seeds.h). Owns:
 * caller, mdp_table_free. Errors: those of mdp_seed_groups_read; DATA for groups that do not compare. */
mdp_err mdp_seeds_table(int n, char **paths, const char *mark, struct mdp_table **out);

/** Returns the columns of the table of runs. Owns: library. */
const struct mdp_columns *mdp_runs_columns(void);

/** Returns the columns of the table of seeds. Owns: library. */
const struct mdp_columns *mdp_seeds_columns(void);

/* X(NAME, name, help): what `figure` draws of runs */
#define MDP_RUNS_FIGURE_LIST(X)                                                                                        \
    X(CURVES, curves, "the return over gradient steps, with its interval")                                             \
    X(AGGREGATES, aggregates, "mean, median, IQM and optimality gap of the last checkpoint, each with its interval")   \
    X(IMPROVEMENT, improvement, "how likely each is better than the first, with its interval")                         \
    X(EPISODES, episodes,                                                                                              \
      "every episode of the last checkpoint (with --seeds every run), above IQM (mean) and interval")
#define MDP_RUNS_FIGURE_ENUM(NAME, name, help) MDP_RUNS_FIGURE_##NAME,
enum mdp_runs_figure_kind { MDP_RUNS_FIGURE_LIST(MDP_RUNS_FIGURE_ENUM) MDP_N_RUNS_FIGURES };
#undef MDP_RUNS_FIGURE_ENUM

/* what to draw of runs */
struct mdp_runs_figure {
    const char *mark;     /* the label of a folder without one */
    const char *behavior; /* episodes file of a policy that is drawn as a level in curves; nullable */
    const char *title;    /* nullable */
    const char *out;      /* picture to write; without a picture's ending two of them */
    enum mdp_runs_figure_kind kind;
    int by_seeds; /* the runs FOLDER/seed* are one (seeds.h), scored by their means */
    long step;    /* of all kinds but curves: this checkpoint; -1: the last one */
};

/** Lists the kinds, in the order of their enum. */
const struct mdp_names *mdp_runs_figure_names(void);

/** Draws runs, and names on the stream the pictures whose name it chose. Shapes: folders [n]. Errors: IO; DATA, also
 * for runs that do not compare; USAGE. */
mdp_err mdp_runs_draw(int n, char **folders, const struct mdp_runs_figure *wanted, FILE *stream);

#endif
