/* several trainings that differ in their seed alone as one: a row of a table, a curve of a figure, without an
 * experiment. */
#ifndef MDP_BENCH_REPORT_SEEDS_H
#define MDP_BENCH_REPORT_SEEDS_H

#include "bench/run/curve_data.h"

enum { MDP_SEED_RUNS_MAX = 256 };

/* the runs FOLDER/seed*, on the checkpoints that all of them have; a run's score is its mean normalized return */
struct mdp_seeds {
    char name[MDP_PATH_MAX]; /* FOLDER, or FOLDER:LABEL */
    int n_runs, n_steps;
    struct mdp_curve_data *runs; /* [n_runs] */
    double *steps;               /* [n_steps] */
    double *scores;              /* [n_steps, n_runs] */
    long n_episodes;             /* of a run at a step */
    long n_left_out;             /* checkpoints that only some runs have */
    long n_non_finite;           /* episodes of the checkpoints in `steps` that stopped at such a value */
};

/* groups of runs, in the order in which users name them */
struct mdp_seed_groups {
    int n;
    struct mdp_seeds *list;
};

/** Reads runs and sorts them by what they are seeds of. Shapes: paths [n], run folders called seedN, which may have
 * :LABEL behind them; `mark` is the label of those without one. Owns: caller, mdp_seed_groups_free. Errors: IO; DATA
 * for runs of one group that are not alike; USAGE for other paths, one that is named twice, and runs without a common
 * checkpoint. */
mdp_err mdp_seed_groups_read(int n, char **paths, const char *mark, struct mdp_seed_groups *out);

/** Returns what a run evaluated at a step of its group. Owns: group. */
const struct mdp_curve_point *mdp_seeds_point(const struct mdp_seeds *seeds, int i_run, int i_step);

/** Frees what was read and clears the struct. */
void mdp_seed_groups_free(struct mdp_seed_groups *groups);

#endif
