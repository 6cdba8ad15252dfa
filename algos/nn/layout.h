/* where each named parameter of a network lies in one flat block of floats.
 *
 * a module's parameters, their gradients, optimiser moments and averaged copies all share one layout, so that
 * optimisers and files are loops over floats and names. order = registration order of the reference (SPEC section 1).
 */
#ifndef MDP_ALGOS_NN_LAYOUT_H
#define MDP_ALGOS_NN_LAYOUT_H

#include <stdint.h>

#include "base/tensor.h"

enum { MDP_LAYOUT_MAX = 64 };

enum mdp_param_kind {
    MDP_PARAM_WEIGHT,
    MDP_PARAM_BIAS,
    MDP_PARAM_NORM_WEIGHT,
    MDP_PARAM_NORM_BIAS,
    MDP_PARAM_FREQUENCIES /* of a Fourier embedding: drawn once, then neither trained nor averaged */
};

/* one parameter array */
struct mdp_param {
    char name[MDP_TENSOR_NAME_MAX];
    enum mdp_param_kind kind;
    int rows, cols; /* cols = 1 for vectors */
    int fan_in;     /* inputs of the linear layer that this parameter belongs to */
    long offset;    /* first float in the block */
};

/* all parameters of a module */
struct mdp_layout {
    int n;
    struct mdp_param params[MDP_LAYOUT_MAX];
    long n_floats, n_fixed; /* the first n_fixed are not trained */
};

/** Appends a linear layer's weight [n_out, n_in] and bias [n_out]; returns the weight's offset (the bias follows it).
 */
long mdp_layout_add_linear(struct mdp_layout *layout, const char *prefix, const char *name, int n_out, int n_in);

/** Appends a layer norm's weight [n] and bias [n]; returns the weight's offset (the bias follows it). */
long mdp_layout_add_norm(struct mdp_layout *layout, const char *prefix, const char *name, int n);

/** Appends n fixed frequencies of a Fourier embedding, before all that is trained; returns their offset. Range: an
 * empty layout. */
long mdp_layout_add_frequencies(struct mdp_layout *layout, const char *name, int n);

/** Fills a block with initial values: linear layers U(-1/sqrt(fan_in), 1/sqrt(fan_in)), norms 1 and 0,
 * frequencies N(0, 16^2).
 * Source: SPEC section 1; stream (seed, MDP_RNG_INIT, module, 0). */
void mdp_layout_init(const struct mdp_layout *layout, uint64_t seed, uint32_t module, float *block);

/** Writes one tensor view per parameter of `block` to out [layout->n]; the views borrow the block. */
void mdp_layout_tensors(const struct mdp_layout *layout, float *block, struct mdp_tensor *out);

#endif
