/* a residual network with layer norm: a linear layer in, blocks x + down(mish(up(norm(dropout(x))))), a linear layer
 * out; forward and backward on a row panel.
 *
 * as in nn/mlp.h, struct mdp_resnet is the description and struct mdp_resnet_cache the working memory of one panel.
 * dropout acts on the input of a block's branch only, and only if masks are given. Source: SPEC section 1.2. */
#ifndef MDP_ALGOS_NN_RESNET_H
#define MDP_ALGOS_NN_RESNET_H

#include <stdint.h>

#include "algos/nn/gradient.h"
#include "algos/nn/layout.h"
#include "base/err.h"

enum { MDP_RESNET_MAX = 8, MDP_RESNET_WIDER = 4 };

/* one block: offsets of its norm and of its two linear layers */
struct mdp_resnet_block {
    long norm_weight, norm_bias, up_weight, up_bias, down_weight, down_bias;
};

/* the description of a network */
struct mdp_resnet {
    int n_in, n_out, width, n_blocks; /* a block's branch is MDP_RESNET_WIDER * width wide */
    long in_weight, in_bias, out_weight, out_bias;
    struct mdp_resnet_block blocks[MDP_RESNET_MAX];
};

/* which inputs of the branches are kept: element j of row r of block b is start[b * stride + r * width + j], 0 or 1 */
struct mdp_dropout {
    const uint8_t *start; /* NULL: nothing is dropped */
    long stride;
    double rate; /* share that is dropped; what is kept is scaled by 1 / (1 - rate) */
};

/* working memory for one panel of at most max_rows rows. x_operand is x as products read it: in float32 x itself, in
 * other precisions an array of its own; likewise h_operand and d_h_operand */
struct mdp_resnet_cache {
    int max_rows;
    struct mdp_products *products; /* borrowed; NULL: nn/gemm.h */
    const struct mdp_rows *rows;
    struct mdp_dropout dropout; /* of the newest forward */
    float *x;                   /* [max_rows, n_in]: the caller writes the input here */
    float *h, *out;             /* [max_rows, width], [max_rows, n_out] */
    void *x_operand, *h_operand;
    float *xhat[MDP_RESNET_MAX];    /* [max_rows, width]: what the norm's backward needs */
    float *inverse[MDP_RESNET_MAX]; /* [max_rows] */
    void *normed[MDP_RESNET_MAX];   /* [max_rows, width] of operands */
    void *slope[MDP_RESNET_MAX]; /* [max_rows, 4 width] of operands: the activation's derivative; backward replaces it
                                    by the gradient of the activation's input */
    void *y[MDP_RESNET_MAX];     /* [max_rows, 4 width] of operands: the activation's output */
    float *branch, *wide;        /* [max_rows, width], [max_rows, 4 width]: what products give */
    float *d_h[MDP_RESNET_MAX + 1]; /* [max_rows, width]: gradient of a block's input; behind the last, of its output */
    void *d_h_operand[MDP_RESNET_MAX + 1];
    float *d_normed[MDP_RESNET_MAX]; /* [max_rows, width]: of the norm's output */
    void *d_out;                     /* [max_rows, n_out] of operands */
};

/** Describes a network and adds its parameters to a layout, named affine_in, ln_resnet.<k>.net.{1,2,4}, affine_out.
 * Range: n_blocks 1 to MDP_RESNET_MAX. */
void mdp_resnet_build(struct mdp_resnet *net, struct mdp_layout *layout, int n_in, int width, int n_blocks, int n_out);

/** Allocates working memory for panels of at most max_rows rows. Nullable: products. Owns: caller,
 * mdp_resnet_cache_free. */
mdp_err mdp_resnet_cache_alloc(struct mdp_resnet_cache *cache, const struct mdp_resnet *net, int max_rows,
                               struct mdp_products *products);

/** Frees the working memory. */
void mdp_resnet_cache_free(struct mdp_resnet_cache *cache);

/** Prepares products for passes of n_rows through the network. Nullable: products. Errors: NOMEM, INTERNAL. */
mdp_err mdp_resnet_plan(const struct mdp_resnet *net, int n_rows, struct mdp_products *products);

/** Runs cache->x [n_rows, n_in] through the network; returns the output [n_rows, n_out], borrowed from the cache. */
const float *mdp_resnet_forward(const struct mdp_resnet *net, const float *params, int n_rows,
                                struct mdp_dropout dropout, struct mdp_resnet_cache *cache);

/** Propagates d_out [n_rows, n_out] back through the newest forward of this cache, with its masks.
 * grads (nullable, the module's block) accumulates; d_in (nullable) [n_rows, n_in] is written. What the gradients of
 * the parameters are made of stays in the cache. */
void mdp_resnet_backward(const struct mdp_resnet *net, const float *params, int n_rows, struct mdp_resnet_cache *cache,
                         const float *d_out, float *grads, float *d_in);

/** Lists a pass through the network for mdp_gradient_add; returns how many terms it has. */
int mdp_resnet_terms(const struct mdp_resnet *net, const struct mdp_resnet_cache *cache,
                     struct mdp_gradient_term *terms);

#endif
