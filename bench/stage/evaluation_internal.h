/* a policy that is known in all its parts, and what is done with it: what evaluations and replays share. */
#ifndef MDP_BENCH_STAGE_EVALUATION_INTERNAL_H
#define MDP_BENCH_STAGE_EVALUATION_INTERNAL_H

#include <jansson.h>

#include "bench/stage/evaluation.h"

/* one evaluation on its way to a file: what acts, and the file's header */
struct mdp_eval_job {
    const struct mdp_acting *acting;
    struct mdp_episodes_info info;
    char *settings_json, *inputs_json;
};

/* what is done with a policy once all of it is known */
struct mdp_eval_use {
    mdp_err (*act)(const struct mdp_eval_job *job, void *context);
    void *context;
};

/** Reads a policy's files, settles what follows from them, and uses it. Errors: as mdp_eval_policy; those of the use.
 */
mdp_err mdp_eval_use_policy(const struct mdp_eval_settings *settings, const struct mdp_policy_files *files,
                            const struct mdp_eval_use *use);

/** Uses what acts, in the same way. Errors: NOMEM; those of the use. */
mdp_err mdp_eval_use_acting(const struct mdp_acting *acting, const struct mdp_eval_use *use);

/** Sets a row to how an episode went. */
void mdp_eval_fill_row(struct mdp_episodes *episodes, long i, const struct mdp_rollout *rollout,
                       const struct mdp_eval_settings *settings);

#endif
