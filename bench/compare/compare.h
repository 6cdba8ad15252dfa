/* two sides against each other: is A better than B, worse, or can it not be told?
 *
 * a side is episodes files or run folders. the tests follow from the data: episodes with the same seeds are pairs,
 * several files or runs of a side are the units themselves. Source: docs/statistics.md. */
#ifndef MDP_BENCH_COMPARE_COMPARE_H
#define MDP_BENCH_COMPARE_COMPARE_H

#include <stdint.h>

#include "base/err.h"
#include "results/show/table.h"

/* the values of one side for one task, with what makes them comparable */
struct mdp_compare_sample {
    char task[64], reference[64], physics[64], return_rule[64];
    const char *unit; /* "episode", "checkpoint", "run" or "file" */
    char steps[64];   /* of a curve: "400, 800, 1200", cut where it is longer */
    uint64_t steps_hash;
    long n;
    double *values;          /* [n] normalized returns */
    double rounding;         /* of their differences: mdp_score_rounding */
    uint64_t *major, *minor; /* [n] what pairs a value with one of the other side: (seed, episode) or (step, 0) */
};

enum { MDP_COMPARE_PATHS_MAX = 1024 };

/* what a path leads to: two paths with equal members are one */
struct mdp_compare_path {
    uint64_t device, inode, mark;
};

/* all tasks of a side, and which files they came from */
struct mdp_compare_side {
    int n;
    struct mdp_compare_sample *samples;
    int n_paths;
    struct mdp_compare_path paths[MDP_COMPARE_PATHS_MAX];
};

/* how to compare */
struct mdp_compare_plan {
    double alpha, power; /* 0.05, 0.8 */
    double margin;       /* difference of normalized returns within which sides count as equal; 0: not asked */
    const char *mark;    /* which evaluations of a folder: "" (EMA actor) or ".online" */
};

/** Reads a side: paths separated by commas, all episodes files or all run folders. Owns: caller, mdp_compare_side_free.
 * Errors: IO, DATA, USAGE for a mixture, nothing, or a path given twice. */
mdp_err mdp_compare_side_read(const char *paths, const char *mark, struct mdp_compare_side *out);

/** Frees a side. */
void mdp_compare_side_free(struct mdp_compare_side *side);

/** Compares the tasks that both sides have and makes the report's table; the verdict is its title. Owns: caller,
 * mdp_table_free and free(*verdict). Errors: DATA if the sides are not comparable, with the difference named. */
mdp_err mdp_compare(const struct mdp_compare_plan *plan, const struct mdp_compare_side *a,
                    const struct mdp_compare_side *b, char **verdict, struct mdp_table **table);

#endif
