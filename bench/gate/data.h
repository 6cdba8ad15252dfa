/* what a gate compares: the evaluations and speeds of one side, by task and arm.
 *
 * a side is episodes files, perf --json files and folders that hold them, at any depth. a folder's arm is its path
 * below the one that was named, without the task and without seedN, which tells runs of one arm apart:
 * runs/walker2d-medium/dql/joint/seed0/step000400.episodes.h5 under runs is the arm "dql/joint" of walker2d-medium.
 * files that were named themselves are of the arm "". */
#ifndef MDP_BENCH_GATE_DATA_H
#define MDP_BENCH_GATE_DATA_H

#include "base/fsx.h"
#include "base/text_index.h"
#include "results/alike.h"
#include "results/episodes.h"

enum { MDP_GATE_ARM_MAX = 256, MDP_GATE_SPEED_MAX = 96 };

/* one episodes file */
struct mdp_gate_eval {
    char path[MDP_PATH_MAX];
    struct mdp_episodes_info info;
    struct mdp_episodes episodes;
};

/* one training run: its evaluated checkpoints by ascending step */
struct mdp_gate_run {
    char key[MDP_PATH_MAX]; /* folder and label, or the file itself */
    int n;
    struct mdp_gate_eval *evals; /* [n] */
};

/* the runs of one task and arm */
struct mdp_gate_group {
    char task[MDP_TASK_MAX], arm[MDP_GATE_ARM_MAX];
    int n;
    struct mdp_gate_run *runs; /* [n] */
};

/* one measured quantity: the repetitions of one file, or one median per file where there are several */
struct mdp_gate_speed {
    char name[MDP_GATE_SPEED_MAX]; /* perf's name, "@threads" appended for more than one */
    char unit[32];
    int n_files;
    long n;
    double *values; /* [n] >= 0 */
};

struct mdp_gate_side {
    const char *name; /* "baseline" or "candidate" */
    int n_groups;
    struct mdp_gate_group *groups; /* sorted by task, then by arm, once all are read */
    int n_speeds;
    struct mdp_gate_speed *speeds;
    int n_speed_files;
    char (*speed_files)[MDP_PATH_MAX]; /* [n_speed_files] that the speeds are from */
    char machine[256]; /* machine of the speeds: processor, instruction set, count; "" if there are no speeds */
    struct mdp_text_index names; /* finds groups and runs by name while evaluations are added */
};

/** Frees what an evaluation owns. */
void mdp_gate_eval_free(struct mdp_gate_eval *eval);

/** Reads a side: paths separated by commas. Owns: caller, mdp_gate_side_free. Errors: IO, DATA, NOMEM. */
mdp_err mdp_gate_side_read(const char *name, const char *paths, struct mdp_gate_side *out);

/** Adds an evaluation to a side, which then owns it; on failure the caller does. `key` tells runs apart.
 * Errors: NOMEM. */
mdp_err mdp_gate_side_add(struct mdp_gate_side *side, const char *arm, const char *key, struct mdp_gate_eval *eval);

/** Puts groups and evaluations in order, after the last one is added. */
void mdp_gate_side_order(struct mdp_gate_side *side);

/** Reads one perf --json file into a side. Errors: IO, DATA. */
mdp_err mdp_gate_side_add_speeds(struct mdp_gate_side *side, const char *path);

/** Finds a task and arm of a side in order, NULL if there is none; borrowed. */
const struct mdp_gate_group *mdp_gate_group_find(const struct mdp_gate_side *side, const char *task, const char *arm);

/* an episode of an evaluation, by its place in there */
struct mdp_gate_episode {
    const struct mdp_gate_eval *eval; /* NULL: none */
    long i;
};

/** Finds the lowest normalized return of a group below `bound`, of any checkpoint; borrowed. */
struct mdp_gate_episode mdp_gate_group_lowest(const struct mdp_gate_group *group, double bound);

/** Finds a measured quantity, NULL if there is none; borrowed. */
const struct mdp_gate_speed *mdp_gate_speed_find(const struct mdp_gate_side *side, const char *name);

/** Checks that all evaluations of two groups are alike; of what comparisons merely say, `may_differ` need not agree
 * (MDP_FACT_BIT). Errors: DATA with the difference and both files. */
mdp_err mdp_gate_check_alike(const struct mdp_gate_group *baseline, const struct mdp_gate_group *candidate,
                             uint32_t may_differ);

/** Frees a side. */
void mdp_gate_side_free(struct mdp_gate_side *side);

#endif
