/* a stack of linear layers, each with an optional layer norm and an activation, forward and backward on a row panel.
 *
 * struct mdp_mlp is the description (offsets into a module's parameter block); struct mdp_mlp_cache is the working
 * memory of one panel: the input rows, what backward needs, and scratch. Source: SPEC section 1. */
#ifndef MDP_ALGOS_NN_MLP_H
#define MDP_ALGOS_NN_MLP_H

#include "algos/nn/activation.h"
#include "algos/nn/gradient.h"
#include "algos/nn/layout.h"
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

/* working memory for one panel of at most max_rows rows */
struct mdp_mlp_cache {
    int max_rows;
    float *x;                    /* [max_rows, n_in]: the caller writes the input here */
    float *xhat[MDP_MLP_MAX];    /* [max_rows, n_out], layers with a norm: what the norm's backward needs */
    float *inverse[MDP_MLP_MAX]; /* [max_rows], layers with a norm */
    float *slope[MDP_MLP_MAX];   /* [max_rows, n_out]: of the activation */
    float *y[MDP_MLP_MAX];       /* [max_rows, n_out]: after it */
    float *grad[2];              /* [max_rows, width]: gradients on their way back */
};

/** Describes a stack and adds its parameters to a layout; `prefix` goes before every name. */
void mdp_mlp_build(struct mdp_mlp *mlp, struct mdp_layout *layout, const char *prefix, int n_in,
                   const struct mdp_layer_spec *layers, int n_layers);

/** Allocates working memory for panels of at most max_rows rows. Owns: caller, mdp_mlp_cache_free. */
mdp_err mdp_mlp_cache_alloc(struct mdp_mlp_cache *cache, const struct mdp_mlp *mlp, int max_rows);

/** Frees the working memory. */
void mdp_mlp_cache_free(struct mdp_mlp_cache *cache);

/** Runs cache->x [n_rows, n_in] through the stack; returns the output [n_rows, n_out], borrowed from the cache. */
const float *mdp_mlp_forward(const struct mdp_mlp *mlp, const float *params, int n_rows, struct mdp_mlp_cache *cache);

/** Propagates d_out [n_rows, n_out] back through the newest forward of this cache.
 * grads (nullable, the module's block) accumulates; d_in (nullable) [n_rows, n_in] is written. */
void mdp_mlp_backward(const struct mdp_mlp *mlp, const float *params, int n_rows, struct mdp_mlp_cache *cache,
                      const float *d_out, float *grads, float *d_in);

#endif
