/* one side of a comparison: the values of each task, and which files they came from.
 *
 * episodes files or run folders; which of both says what the units are. Source: docs/statistics.md, compare. */
#ifndef MDP_BENCH_COMPARE_DATA_H
#define MDP_BENCH_COMPARE_DATA_H

#include <stdint.h>

#include "base/err.h"
#include "results/alike.h"

/* the values of one side for one task, with what makes them comparable */
struct mdp_compare_sample {
    char task[64];
    int n_files; /* files of the sample; a curve counts as one, described by its first checkpoint */
    struct mdp_alike_file *files;
    const char *unit; /* "episode", "checkpoint", "run" or "file" */
    char steps[64];   /* for a curve: its steps as text, "400, 800, 1200", cut if too long */
    uint64_t steps_hash;
    long n;
    double *values;          /* [n] normalized returns */
    double rounding;         /* rounding of differences between values: mdp_score_rounding */
    uint64_t *major, *minor; /* [n] what pairs a value with one of the other side: (seed, episode) or (step, 0); for
                                files and runs the hash of the (first) file, which pairs none */
    long n_episodes, n_fell, n_non_finite; /* counts over all files; for a curve, over its last checkpoint */
    uint64_t hash;                         /* hash of the file's bytes; 0 if there are several files */
    struct mdp_compare_sample *last;       /* for a curve: the episodes of its last checkpoint; else NULL */
};

enum { MDP_COMPARE_PATHS_MAX = 2048 }; /* a file of a run has two: its own and the run's */

/* what a path leads to, and as what: two with equal members are one */
struct mdp_compare_path {
    uint64_t device, inode, what;
};

/* all tasks of a side, and which files they came from */
struct mdp_compare_side {
    int n;
    struct mdp_compare_sample *samples;
    int n_paths;
    struct mdp_compare_path paths[MDP_COMPARE_PATHS_MAX];
};

/** Reads a side: paths separated by commas, all episodes files or all run folders, or their returns by_objective
 * (mdp_episodes_by_objective). Owns: caller, mdp_compare_side_free.
 * Errors: IO, DATA, USAGE for a mixture, nothing, or a path or run given twice. */
mdp_err mdp_compare_side_read(const char *paths, const char *mark, int by_objective, struct mdp_compare_side *out);

/** Makes a side of one evaluation in memory, which is called `name`. Owns: caller, mdp_compare_side_free, also after a
 * failure. Errors: NOMEM; USAGE for a name that does not fit. */
mdp_err mdp_compare_side_take(const char *name, const struct mdp_episodes_info *info,
                              const struct mdp_episodes *episodes, struct mdp_compare_side *out);

/** Frees a side. */
void mdp_compare_side_free(struct mdp_compare_side *side);

#endif
