/* something that acts in environments: a policy of this program, or one behind a process. */
#ifndef MDP_ENVS_ACTOR_H
#define MDP_ENVS_ACTOR_H

#include <stdint.h>

#include "base/err.h"

/* acts on many states at once; rows may come from any episodes */
struct mdp_actor {
    void *context;
    /* shapes: observations [n_states, n_obs] as the environment gave them, episodes and steps [n_states], actions
     * [n_states, n_act]. what computes here cannot fail; what asks another process can */
    mdp_err (*act)(void *context, int n_states, const float *observations, const uint32_t *episodes,
                   const uint32_t *steps, float *actions);
    int may_remember; /* actions may depend on earlier states of the episode, which must then be shown from its start */
};

#endif
