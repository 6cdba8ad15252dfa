/* what the U-Net of windows and the network of their returns are made of: levels of residual blocks that see the
 * denoising time.
 *
 * Source: SPEC-trajectory section 1. */
#ifndef MDP_ALGOS_NN_WINDOW_BLOCK_H
#define MDP_ALGOS_NN_WINDOW_BLOCK_H

#include "algos/nn/graph.h"

enum { MDP_WINDOW_LEVELS_MAX = 6 };

/* what a module of windows is told of them: steps, and the levels of its U-Net */
struct mdp_window_make {
    int horizon, n_levels, factors[MDP_WINDOW_LEVELS_MAX];
};

/* sizes of either network; a level's width is the first one's times all factors up to it */
struct mdp_window_sizes {
    int horizon, n_obs, n_act; /* a step of a window is its observation, then its action */
    int width;                 /* that factors multiply; the time embedding has it, too */
    int n_levels, factors[MDP_WINDOW_LEVELS_MAX];
};

/** Writes the levels that the reference has for windows of so many steps: widths times 1, 4, 2 below 8 steps, times 1,
 * 2, 2, 2 from there on. Source: SPEC-trajectory section 1. */
void mdp_window_make_usual(int horizon, struct mdp_window_make *out);

/** Checks sizes. Errors: USAGE, e.g. unless the horizon is a power of two that every level but the last can halve. */
mdp_err mdp_window_sizes_check(const struct mdp_window_sizes *sizes);

/** Returns the width of a level, 0 being the window's own. */
int mdp_window_width(const struct mdp_window_sizes *sizes, int level);

/** Writes the embedding of an integer time: cos t, ones, sin t, zeros. Shapes: out [width]. Range: width even. */
void mdp_window_embed(int width, int time, float *out);

/** Adds the network of time embeddings [1, width], map_emb.*; returns its value. */
int mdp_window_time(struct mdp_graph *graph, int embedding, int width);

/** Says that a residual block's parameters come next in files; mdp_window_block does so, too. */
void mdp_window_rank(struct mdp_graph *graph, const char *prefix);

/** Adds a residual block, whose names follow `prefix`, of convolutions of n_taps taps to n_out channels; returns its
 * value. */
int mdp_window_block(struct mdp_graph *graph, const char *prefix, int x, int time, int n_out, int n_taps);

/** Adds the two blocks of a level, counted from 0, and calls their names downs.LEVEL. */
int mdp_window_level(struct mdp_graph *graph, const struct mdp_window_sizes *sizes, int level, int x, int time,
                     int n_taps);

#endif
