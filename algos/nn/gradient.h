/* the gradient of a network's parameters from the rows of all its passes, and the optimiser's step on it.
 *
 * backward passes leave the gradients at every layer's outputs in their caches; only then are the parameters' gradients
 * computed, block by block of a weight, each summed over all passes while it is in the cache and taken by the optimiser
 * at once. blocks and the order of passes are fixed when the object is made, so that any number of threads gives the
 * same bits. */
#ifndef MDP_ALGOS_NN_GRADIENT_H
#define MDP_ALGOS_NN_GRADIENT_H

#include "algos/nn/optimizer.h"

enum { MDP_GRADIENT_TERMS_MAX = 40 };

/* a layer's part in one pass: where its parameters lie in the module's block, and what their gradient is made of */
struct mdp_gradient_term {
    long weight, bias; /* offsets */
    int n_in, n_out;   /* of a linear layer: weight [n_out, n_in], bias [n_out]; n_in is 0 for a norm */
    const float *x;    /* [n_rows, n_in]; of a norm: xhat [n_rows, n_out] */
    const float *d_y;  /* [n_rows, n_out] */
};

struct mdp_gradient_pass;
struct mdp_gradient_block;

/* the passes of a training step through one network */
struct mdp_gradient {
    int n_terms, n_passes, n_blocks;
    struct mdp_gradient_pass *passes;
    struct mdp_gradient_block *blocks;
};

/** Adds a pass over the rows of one panel. All passes of a gradient have the same layers; the arrays that the terms
 * point to are borrowed. Range: n_terms <= MDP_GRADIENT_TERMS_MAX. Owns: caller, mdp_gradient_free. Errors: NOMEM. */
mdp_err mdp_gradient_add(struct mdp_gradient *gradient, int i_panel, const struct mdp_gradient_term *terms,
                         int n_terms);

/** Frees a gradient's lists. */
void mdp_gradient_free(struct mdp_gradient *gradient);

/** Returns the offset of the first layer's weight. Range: a gradient with passes. */
long mdp_gradient_first(const struct mdp_gradient *gradient);

/** Takes one step of the optimiser on params with the gradient of a batch of n_rows, which is also left in grads.
 * parameters before the first layer's come with their gradients in grads; there are none behind the last layer's. */
void mdp_gradient_step(const struct mdp_gradient *gradient, int n_rows, struct mdp_adam *adam, double lr, float *params,
                       float *grads, int n_threads);

/** Adds the gradients of one pass of n_rows to grads. */
void mdp_gradient_accumulate(const struct mdp_gradient_term *terms, int n_terms, int n_rows, float *grads);

#endif
