/* the network that predicts the return of a noisy window of steps at a denoising time.
 *
 * it knows nothing of diffusion: a time is a number that it was trained with. Source: SPEC-trajectory section 1.2. */
#ifndef MDP_ALGOS_GUIDANCE_WINDOW_VALUE_H
#define MDP_ALGOS_GUIDANCE_WINDOW_VALUE_H

#include "algos/nn/window_block.h"

struct mdp_window_value {
    struct mdp_window_sizes sizes;
    struct mdp_graph graph;
    int x, embedding, time, out; /* values: [horizon, n_obs + n_act], [1, width] twice, [1, 1] */
};

/** Describes a network. Owns: caller, mdp_graph_free of its graph. Errors: USAGE, NOMEM. */
mdp_err mdp_window_value_build(struct mdp_window_value *net, const struct mdp_window_sizes *sizes);

#endif
