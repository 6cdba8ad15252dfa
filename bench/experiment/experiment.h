/* experiments: one YAML file says what is trained, evaluated, compared, tabulated and drawn.
 *
 * runs are trainings, arms are evaluations of runs; both are repeated for every task and seed. two arms of one run, or
 * two files that name the same run, share its work, because folders and file names follow from the settings alone.
 * a file lists either runs, arms, tables and figures, or parts: other files, whose settings it replaces by its own.
 * docs/paper.md has every key. */
#ifndef MDP_BENCH_EXPERIMENT_EXPERIMENT_H
#define MDP_BENCH_EXPERIMENT_EXPERIMENT_H

#include <stdint.h>

#include "algos/learner.h"
#include "base/fsx.h"
#include "bench/experiment/choices.h"
#include "bench/run/settings.h"

/* X(name, text): which step of another run's guidance is taken, besides a given one: that of the actor, the last, or
 * the one whose own evaluations, of another seed than the arms', are the best */
#define MDP_AT_LIST(X) X(SAME, "same") X(LAST, "last") X(BEST, "best")

/* X(NAME, name, needs, help): what a table shows, and of which arms; bench/report/ has one file for each kind */
#define MDP_TABLE_KIND_LIST(X)                                                                                         \
    X(GAINS, gains, PAIRS, "peak, area, early gain and tests of test arms against base arms")                          \
    X(VARIANCE, variance, PAIRS, "spread of the return over training")                                                 \
    X(COMPOSITION, composition, BASE, "final return and convergence of recombined modules")                            \
    X(ARMS, arms, TEST, "every arm with its aggregates")                                                               \
    X(PROFILES, profiles, TEST, "share of runs above a return")                                                        \
    X(COST, cost, NOTHING, "time and memory of training")                                                              \
    X(BEHAVIOR, behavior, TEST, "final return beside that of the data")                                                \
    X(BUDGET, budget, TEST, "expected best return of k policy evaluations")

/* what a kind of table needs of its lists of arms: nothing, some to show, those they stand against, too, or one of the
 * other list for each */
enum mdp_table_needs { MDP_NEEDS_NOTHING, MDP_NEEDS_TEST, MDP_NEEDS_BASE, MDP_NEEDS_PAIRS };

/* a kind of table as files name it */
struct mdp_table_kind_spec {
    const char *name;
    enum mdp_table_needs needs;
};

/* X(name, text): what a figure draws */
#define MDP_FIGURE_KIND_LIST(X)                                                                                        \
    X(CURVES, "curves")                                                                                                \
    X(VARIANCE, "variance")                                                                                            \
    X(PROFILES, "profiles")                                                                                            \
    X(AGGREGATES, "aggregates") /* from here on rows of one panel, for the last checkpoint */                          \
    X(IMPROVEMENT, "improvement")                                                                                      \
    X(EPISODES, "episodes")

#define MDP_NAME_ENUM(name, ...) MDP_NAMED_PREFIX(name)
#define MDP_NAMED_PREFIX(name) MDP_AT_##name,
enum mdp_at { MDP_AT_LIST(MDP_NAME_ENUM) MDP_AT_STEP, MDP_N_ATS = MDP_AT_STEP };
#undef MDP_NAMED_PREFIX
#define MDP_NAMED_PREFIX(name) MDP_TABLE_KIND_##name,
enum mdp_table_kind { MDP_TABLE_KIND_LIST(MDP_NAME_ENUM) MDP_N_TABLE_KINDS };
#undef MDP_NAMED_PREFIX
#define MDP_NAMED_PREFIX(name) MDP_FIGURE_KIND_##name,
enum mdp_figure_kind { MDP_FIGURE_KIND_LIST(MDP_NAME_ENUM) MDP_N_FIGURE_KINDS };
#undef MDP_NAMED_PREFIX
#undef MDP_NAME_ENUM

/* which seed and checkpoint of another run gives its guidance. the seed is `seed` if that is given; else the one that
 * stands seed-shift places further in the list of seeds, plus seed-offset */
struct mdp_source_spec {
    const char *which;            /* NULL, a text of MDP_AT_LIST or a step; mdp_source_at reads it */
    long seed;                    /* -1: none */
    long seed_offset, seed_shift; /* 0: none */
};

/* a training, for every task and seed */
struct mdp_run_spec {
    const char *name;
    struct mdp_training train; /* rows of MDP_FOR_RUN; `alone` is given for guidance alone, else `algo` */
    const char *from; /* run whose guidance is frozen or continued, or whose actions guidance alone learns from; by
                         default its last */
    struct mdp_source_spec source;
};

/* an evaluation of a run */
struct mdp_arm_spec {
    const char *name;
    const char *title; /* in tables and legends; NULL: name */
    const char *run;
    const char *guidance; /* NULL or own; none; or the name of a run, by default its guidance of the same step */
    struct mdp_source_spec source;
    int is_choice;                 /* none of the file: the evaluations that choose a run's best guidance */
    struct mdp_eval_settings eval; /* rows of MDP_FOR_ARM; what is not given is the experiment's */
};

/* a table; arms by name. every kind reads `test` against `base`, or `test` alone */
struct mdp_table_spec {
    const char *name, *title;
    enum mdp_table_kind kind;
    const char **test, **base;
    unsigned test_count, base_count;
    const char *printed; /* the paper's table to show beside ours, e.g. table1; nullable */
    struct mdp_choice_texts choices;
};

/* a picture beside others of a figure */
struct mdp_panel_spec {
    const char *title;
    const char **arms;
    unsigned arms_count;
};

/* a figure for every task */
struct mdp_figure_spec {
    const char *name, *title;
    enum mdp_figure_kind kind;
    struct mdp_panel_spec *panels;
    unsigned panels_count;
};

/* w_T of an algorithm's guidance on a task, in place of the one in algos/algorithm.c */
struct mdp_weight_spec {
    const char *algo, *task;
    double w_t;
};

/* a file as it stands, with defaults where it says nothing */
struct mdp_experiment_file {
    const char *name, *title, *folder, *data;
    const char **parts, **tasks, **actors;
    unsigned parts_count, tasks_count, actors_count, seeds_count;
    uint64_t *seeds;
    /* rows of MDP_FOR_EXPERIMENT, of all datasets, runs and arms */
    struct mdp_collection collect;
    struct mdp_training train;
    struct mdp_eval_settings eval;
    long evaluate_every;
    uint64_t best_seed; /* of the evaluations by which the best guidance is chosen */
    struct mdp_weight_spec *weights;
    unsigned weights_count;
    struct mdp_run_spec *runs;
    struct mdp_arm_spec *arms;
    struct mdp_table_spec *tables;
    struct mdp_figure_spec *figures;
    unsigned runs_count, arms_count, tables_count, figures_count;
    uint64_t given;
};

/* a part with everything that is known about it: its own settings, those of the file that lists it, defaults */
struct mdp_experiment {
    const char *path; /* of its file */
    struct mdp_experiment_file file;
    struct mdp_arm_spec *arms; /* file.arms, and behind them one of is_choice for each run */
};

struct mdp_yaml;

/* what one file means; a file without parts is its own only part */
struct mdp_experiments {
    const char *name, *title;
    int n;
    struct mdp_experiment *list; /* [n] */
    int n_files;
    struct mdp_yaml **yaml; /* [n_files], the top one first */
    char **paths;           /* [n_files] */
};

/** Returns the position in file.arms of the arm whose evaluations choose a run's best guidance. */
int mdp_choice_arm(const struct mdp_experiment_file *file, int i_run);

/** Returns the position of a run or an arm by its name, -1 if there is none. */
int mdp_experiment_run(const struct mdp_experiment_file *file, const char *name);

/** As mdp_experiment_run for arms. */
int mdp_experiment_arm(const struct mdp_experiment_file *file, const char *name);

/** Returns 1 if guidance selects among candidates in an arm. */
int mdp_arm_is_guided(const struct mdp_experiment_file *file, const struct mdp_arm_spec *arm);

/** Returns 1 if a run learns guidance from the actions of another run's diffusion module. */
int mdp_run_needs_support(const struct mdp_run_spec *run);

/** Returns 1 if the run trains a guidance module that others can use. */
int mdp_run_trains_guidance(const struct mdp_run_spec *run);

/** Reads which step of a source is taken; `usual` where nothing is said. Errors: USAGE, "expected .., found ..". */
mdp_err mdp_source_at(const struct mdp_source_spec *source, enum mdp_at usual, enum mdp_at *which, long *step);

/** Returns 1 if the guidance is taken that is best by its run's own evaluations. */
int mdp_source_is_best(const struct mdp_source_spec *source);

/** Lists the kinds of tables, in the order of their enum. */
const struct mdp_names *mdp_table_kind_names(void);

/** Lists the kinds of figures, in the order of their enum. */
const struct mdp_names *mdp_figure_kind_names(void);

/** Describes a kind of table. */
const struct mdp_table_kind_spec *mdp_table_kind_describe(enum mdp_table_kind kind);

#endif
