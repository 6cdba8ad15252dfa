/* what `train --reward` means: terms of the world's reward with other weights, or a column with a reward for every row
 * of the dataset, of its own file (":NAME") or another ("FILE:NAME").
 *
 * terms are an objective of the world (envs/objective.h), by which evaluations can count as well; a column is what a
 * dataset alone knows. */
#ifndef MDP_BENCH_RUN_REWARD_H
#define MDP_BENCH_RUN_REWARD_H

#include <jansson.h>

#include "base/fsx.h"
#include "envs/objective.h"
#include "results/dataset.h"

struct mdp_reward {
    int is_column;
    struct mdp_objective objective;  /* of terms */
    char file[MDP_PATH_MAX];         /* of a column; "": the dataset's own */
    char name[MDP_PATH_MAX];         /* of a column */
    char text[MDP_PATH_MAX];         /* as settings record it: the terms' shortest form, or ":NAME" */
    const struct mdp_env_spec *spec; /* whose terms; NULL for a column */
    char dataset[MDP_PATH_MAX];      /* once rows are paid */
    float *values;                   /* [n_rows] of a column, owned */
};

/** Reads what --reward says. Nullable: spec, of data without a world, which has no terms. Owns: caller,
 * mdp_reward_free, also after a failure. Errors: USAGE, "expected .., found ..". */
mdp_err mdp_reward_parse(const char *text, const struct mdp_env_spec *spec, struct mdp_reward *out);

/** Returns what pays the rows of a dataset by it; borrows the reward. */
struct mdp_dataset_reward mdp_reward_payer(struct mdp_reward *reward);

/** Returns the recorded reward of a training's settings, JSON text, if it is an objective of a world; "" if there is
 * none, or it is a column. Shapes: text [MDP_OBJECTIVE_MAX]. */
void mdp_reward_recorded(const char *settings, char text[MDP_OBJECTIVE_MAX]);

/** Frees what a reward holds. */
void mdp_reward_free(struct mdp_reward *reward);

#endif
