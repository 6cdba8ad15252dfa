/* what counts as an episode's return. Source: SPEC section 7, golden/eval_return.h5. */
#ifndef MDP_ENVS_EPISODE_H
#define MDP_ENVS_EPISODE_H

#include <stdint.h>

/* the standard return takes the terminal step's reward and nothing after it; the other one is the reference loop's
 * quirk */
enum mdp_return_rule { MDP_RETURN_STANDARD, MDP_RETURN_CLEANDIFFUSER };

/** Returns the return of one environment over n_steps recorded steps; element t of both arrays is at t * stride.
 * The cleandiffuser rule drops a terminating step's reward and adds whatever step 1000 yields. */
double mdp_episode_return(enum mdp_return_rule rule, int n_steps, long stride, const double *rewards,
                          const uint8_t *dones);

#endif
