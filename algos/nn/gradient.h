/* the gradient of a network's parameters from the rows of all its passes, and the optimiser's step on it.
 *
 * backward passes leave the gradients at every layer's outputs in their caches; only then are the parameters' gradients
 * computed, block by block of a weight, each summed over all passes while it is in the cache and taken by the optimiser
 * at once. blocks and the order of passes are fixed when the object is made, so that any number of threads gives the
 * same bits. */
#ifndef MDP_ALGOS_NN_GRADIENT_H
#define MDP_ALGOS_NN_GRADIENT_H

#include "algos/nn/optimizer.h"
#include "algos/nn/products.h"

enum { MDP_GRADIENT_TERMS_MAX = 40 };

/* a layer's part in one pass: where its parameters lie in the module's block, and what their gradient is made of */
struct mdp_gradient_term {
    long weight, bias; /* offsets */
    int n_in, n_out;   /* of a linear layer: weight [n_out, n_in], bias [n_out]; n_in is 0 for a norm */
    const void *x;     /* [n_rows, n_in] of operands; of a norm: xhat [n_rows, n_out], floats */
    const void *d_y;   /* [n_rows, n_out] of operands; of a norm: floats */
};

struct mdp_gradient_pass;
struct mdp_gradient_block;

/* the passes of a training step through one network */
struct mdp_gradient {
    struct mdp_products *products; /* shared by all passes; borrowed; NULL: float32 */
    int n_threads;
    int n_terms, n_passes, n_blocks;
    struct mdp_gradient_pass *passes;
    struct mdp_gradient_block *blocks;
    float **memory; /* [n_threads]: the gradient of one block */
};

/* what a step changes. parameters outside the layers all lie before the first of them */
struct mdp_gradient_update {
    struct mdp_adam *adam;
    float *params;
    float *average;      /* a running average of the parameters that moves along; NULL for none */
    double average_keep; /* what it keeps of itself */
    float *grads;        /* the step's gradient, to look at; NULL: it is nowhere kept */
};

/** Adds a pass over the rows of one panel. All passes of a gradient have the same layers; the arrays that the terms
 * point to are borrowed. Range: n_terms <= MDP_GRADIENT_TERMS_MAX; gradient empty but for products and n_threads before
 * the first. Owns: caller, mdp_gradient_free. Errors: NOMEM. */
mdp_err mdp_gradient_add(struct mdp_gradient *gradient, int i_panel, const struct mdp_gradient_term *terms,
                         int n_terms);

/** Returns how many rows of a weight [n_out, n_in] make a block. */
int mdp_gradient_block_rows(int n_out, int n_in);

/** Frees a gradient's lists. */
void mdp_gradient_free(struct mdp_gradient *gradient);

/** Returns the offset of the first layer's weight. Range: a gradient with passes. */
long mdp_gradient_first(const struct mdp_gradient *gradient);

/** Takes one step of the optimiser with the gradient of a batch of n_rows, and refreshes what products read of the
 * parameters. Shapes: before [mdp_gradient_first], the gradient of the parameters that lie before the first layer's. */
void mdp_gradient_step(const struct mdp_gradient *gradient, int n_rows, const struct mdp_gradient_update *update,
                       double lr, const float *before);

/** Adds the gradients of one pass of n_rows to grads. Nullable: products. */
void mdp_gradient_accumulate(struct mdp_products *products, const struct mdp_gradient_term *terms, int n_terms,
                             int n_rows, float *grads);

#endif
