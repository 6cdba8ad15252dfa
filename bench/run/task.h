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
    MDP_QUALITY_EXPERT
};

/* a task as parsed */
struct mdp_task {
    const struct mdp_env_spec *spec;
    enum mdp_quality quality;
    char name[MDP_TASK_MAX]; /* "halfcheetah-medium" */
};

/** Writes what a task name may be, "{ROBOT,ROBOT}-{QUALITY,QUALITY}", and returns it. */
const char *mdp_task_forms(char text[MDP_NAMES_MAX]);

/** Parses a task name; D4RL's "bullet-" prefix and "-v0" suffix are accepted. Errors: USAGE, listing what is known. */
mdp_err mdp_task_parse(const char *text, struct mdp_task *task);

#endif
