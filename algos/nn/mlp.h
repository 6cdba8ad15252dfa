/* a stack of linear layers, each with an optional layer norm and an activation, forward and backward on a row panel.
 *
 * struct mdp_mlp is the description (offsets into a module's parameter block); struct mdp_mlp_cache is the working
 * memory of one panel: the input rows, what backward needs, and scratch. Source: SPEC section 1. */
#ifndef MDP_ALGOS_NN_MLP_H
#define MDP_ALGOS_NN_MLP_H

#include "algos/nn/activation.h"
#include "algos/nn/layout.h"
#include "algos/nn/products.h"
#include "base/err.h"

enum { MDP_MLP_MAX = 8 };

/* how a layer is asked for: names are those of the reference's state dict */
struct mdp_layer_spec {
    const char *name; /* linear layer, e.g. "mid_layer.0" */
    const char *norm; /* layer norm behind it, NULL for none */
    int n_out;
    enum mdp_activation act;
};

/* a layer as built */
struct mdp_layer {
    int n_in, n_out;
    enum mdp_activation act;
    int has_norm;
    long weight, bias;           /* offsets */
    long norm_weight, norm_bias; /* offsets, if has_norm */
};

/* the description of a stack */
struct mdp_mlp {
    int n_layers, n_in, n_out, width; /* width: the widest input or output of a layer */
    struct mdp_layer layers[MDP_MLP_MAX];
};

/* working memory for one panel of at most max_rows rows; operands are what products read. the last layer, which has
 * neither norm nor activation, gives floats */
struct mdp_mlp_cache {
    int max_rows;
    struct mdp_products *products; /* borrowed; NULL: nn/gemm.h */
    const struct mdp_rows *rows;
    float *x;                    /* [max_rows, n_in]: the caller writes the input here */
    void *operands[MDP_MLP_MAX]; /* [max_rows, n_in] of each layer: its input; the first may be x itself */
    float *xhat[MDP_MLP_MAX];    /* [max_rows, n_out], layers with a norm: what the norm's backward needs */
    float *inverse[MDP_MLP_MAX]; /* [max_rows], layers with a norm */
    void *slope[MDP_MLP_MAX];    /* [max_rows, n_out] of operands, layers with an activation: its slope */
    float *out;                  /* [max_rows, n_out] of the last layer */
    float *z;                    /* [max_rows, width]: linear outputs, or the gradient of a norm's output */
    float *d_x;                  /* [max_rows, width]: gradient of a layer's input on its way back */
    void *d_z;                   /* [max_rows, width] of operands: gradient of the linear outputs */
};

/** Describes a stack and adds its parameters to a layout; `prefix` goes before every name. Range: the last layer has
 * neither norm nor activation. */
void mdp_mlp_build(struct mdp_mlp *mlp, struct mdp_layout *layout, const char *prefix, int n_in,
                   const struct mdp_layer_spec *layers, int n_layers);

/** Allocates working memory for panels of at most max_rows rows. Nullable: products. Owns: caller, mdp_mlp_cache_free.
 */
mdp_err mdp_mlp_cache_alloc(struct mdp_mlp_cache *cache, const struct mdp_mlp *mlp, int max_rows,
                            struct mdp_products *products);

/** Frees the working memory. */
void mdp_mlp_cache_free(struct mdp_mlp_cache *cache);

/** Prepares products for passes of n_rows through the stack. Nullable: products. Errors: NOMEM, INTERNAL. */
mdp_err mdp_mlp_plan(const struct mdp_mlp *mlp, int n_rows, struct mdp_products *products);

/** Runs cache->x [n_rows, n_in] through the stack; returns the output [n_rows, n_out], borrowed from the cache. */
const float *mdp_mlp_forward(const struct mdp_mlp *mlp, const float *params, int n_rows, struct mdp_mlp_cache *cache);

/** Propagates d_out [n_rows, n_out] back through the newest forward of this cache.
 * grads (nullable, the module's block) accumulates; d_in (nullable) [n_rows, n_in] is written. */
void mdp_mlp_backward(const struct mdp_mlp *mlp, const float *params, int n_rows, struct mdp_mlp_cache *cache,
                      const float *d_out, float *grads, float *d_in);

#endif
