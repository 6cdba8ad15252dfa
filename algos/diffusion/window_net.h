/* the U-Net that predicts a window of steps, observations and actions, from a noisy one and a denoising time.
 *
 * Source: SPEC-trajectory section 1.1. */
#ifndef MDP_ALGOS_DIFFUSION_WINDOW_NET_H
#define MDP_ALGOS_DIFFUSION_WINDOW_NET_H

#include "algos/nn/window_block.h"

struct mdp_window_net {
    struct mdp_window_sizes sizes;
    struct mdp_graph graph;
    int x, embedding, time, out; /* values: [horizon, n_obs + n_act], [1, width] twice, and as x */
};

/** Describes a network. Owns: caller, mdp_graph_free of its graph. Errors: USAGE, NOMEM. */
mdp_err mdp_window_net_build(struct mdp_window_net *net, const struct mdp_window_sizes *sizes);

#endif
