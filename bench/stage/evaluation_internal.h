/* a policy that is known in all its parts, and what is done with it: what evaluations and replays share. */
#ifndef MDP_BENCH_STAGE_EVALUATION_INTERNAL_H
#define MDP_BENCH_STAGE_EVALUATION_INTERNAL_H

#include <jansson.h>

#include "bench/stage/evaluation.h"

/* one evaluation on its way from modules to a file */
struct mdp_eval_job {
    const struct mdp_env_spec *spec;
    struct mdp_episodes_info info;
    struct mdp_actor actor;
    struct mdp_eval_settings used; /* settings with nothing left open: the rest follows from modules and task */
    unsigned holds;                /* MDP_WITH_ bits */
    json_t *extras;                /* what results record besides; NULL for behaviour policies */
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

/** Sets a row to how an episode went. */
void mdp_eval_fill_row(struct mdp_episodes *episodes, long i, const struct mdp_rollout *rollout,
                       const struct mdp_eval_settings *settings);

#endif
