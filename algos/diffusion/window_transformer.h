/* the transformer that predicts the noise on a window of observations from a denoising time and, if it counts in a row,
 * a return that is wanted.
 *
 * Source: SPEC-trajectory sections 4.1 and 4.2. */
#ifndef MDP_ALGOS_DIFFUSION_WINDOW_TRANSFORMER_H
#define MDP_ALGOS_DIFFUSION_WINDOW_TRANSFORMER_H

#include "algos/nn/graph.h"

struct mdp_transformer_sizes {
    int horizon, n_obs, width, n_heads, n_blocks, n_emb;
};

struct mdp_window_transformer {
    struct mdp_transformer_sizes sizes;
    struct mdp_graph graph;
    /* values: inputs [horizon, n_obs], [1, n_emb / 4], [1, 1] twice; then [1, n_emb] twice, and as x */
    int x, waves, wanted, counts, time, condition, out;
};

/** Describes a network. Owns: caller, mdp_graph_free of its graph. Errors: USAGE, NOMEM. */
mdp_err mdp_window_transformer_build(struct mdp_window_transformer *net, const struct mdp_transformer_sizes *sizes);

/** Writes what the network reads of a time in [0, 1]: cos and sin of 2 pi time frequency, for the frequencies in front
 * of its parameters. Shapes: out [n_emb / 4]. */
void mdp_window_transformer_waves(const struct mdp_window_transformer *net, const float *params, double time,
                                  float *out);

/** Writes the embedding of place p of a window: sin p, zeros, cos p, ones. Shapes: out [width]. */
void mdp_window_transformer_place(const struct mdp_window_transformer *net, int p, float *out);

#endif
