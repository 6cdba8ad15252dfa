/* task names: a robot and the quality of its data, e.g. "halfcheetah-medium". */
#ifndef MDP_BENCH_RUN_TASK_H
#define MDP_BENCH_RUN_TASK_H

#include "base/names.h"
#include "envs/env.h"
#include "results/head.h"

enum mdp_quality {
    MDP_QUALITY_RANDOM,
    MDP_QUALITY_MEDIUM,
    MDP_QUALITY_MEDIUM_REPLAY,
    MDP_QUALITY_MEDIUM_EXPERT,
    MDP_QUALITY_EXPERT,
    MDP_QUALITY_FULL_REPLAY,
    MDP_QUALITY_SIMPLE /* Minari's; not collected here */
};

/* a task as parsed. data of a world that is not here has a label in place of a name: spec is NULL, and training needs
 * none */
struct mdp_task {
    const struct mdp_env_spec *spec;
    enum mdp_quality quality;
    char name[MDP_TASK_MAX]; /* "halfcheetah-medium" */
    int n_obs, n_act;        /* of the world; of a label those of its modules or data, 0 as long as none is known */
};

/** Writes what a task name may be, "{ROBOT,ROBOT}-{QUALITY,QUALITY}", and returns it. */
const char *mdp_task_forms(char text[MDP_NAMES_MAX]);

/** Writes the i-th of our task names and returns it, NULL at the end. */
const char *mdp_task_at(int i, char text[MDP_NAMES_MAX]);

/** Parses a task name: ours, D4RL's (bullet-..-v0; mujoco-.., ..-v1, ..-v2) or Minari's (mujoco/ROBOT/QUALITY-v0), in
 * docs/environments.md. Errors: USAGE, listing what is known, or both worlds of a name that has two. */
mdp_err mdp_task_parse(const char *text, struct mdp_task *task);

/** Takes a task's name, or any other text that a folder can have as a label. Errors: USAGE. */
mdp_err mdp_task_label(const char *text, struct mdp_task *task);

/** Tells people of a label that it is one, as it may be a misspelt task. */
void mdp_task_note(const struct mdp_task *task);

/** Writes which worlds have these sizes, "A, B have them" or "no world here has them", and returns how many. */
int mdp_task_worlds(int n_obs, int n_act, char text[MDP_NAMES_MAX]);

/** Checks the sizes of what is named against those of a task, if they are known. Errors: DATA. */
mdp_err mdp_task_check_sizes(const struct mdp_task *task, const char *path, int n_obs, int n_act);

#endif
